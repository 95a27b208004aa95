//! The generator's own state, each second: whether what was measured could be measured.

use super::io::Io;
use crate::clock::{self, Nanos, MILLISECOND};
use crate::usage::{self, Descriptors};
use serde_json::{json, Map, Value};
use std::cell::{Cell, OnceCell};

#[derive(Default)]
pub struct Generator {
    /// As they were at the last frame.
    cpu: Cell<Cpu>,
    descriptors: Descriptors,
    /// Ports to one peer from one address.
    ports: OnceCell<Option<u64>>,
}

#[derive(Clone, Copy, Default)]
struct Cpu {
    process: Nanos,
    io: Nanos,
    user: Option<Nanos>,
}

impl Cpu {
    fn now(io: &Io) -> Self {
        let user = io.shared().user_clock.and_then(|clock| clock.read());
        Self { process: clock::process_cpu(), io: clock::thread_cpu(), user }
    }
}

impl Generator {
    /// Count CPU from here on.
    pub fn begin(&self, io: &Io) {
        self.cpu.set(Cpu::now(io));
    }

    /// JSON of the second that ends now. What this platform cannot tell is missing.
    pub fn note(&self, io: &Io) -> String {
        let cpu = Cpu::now(io);
        let before = self.cpu.replace(cpu);
        let mut note = Map::new();
        let mut put = |key: &str, value: Option<u64>| {
            if let Some(value) = value {
                note.insert(key.to_owned(), value.into());
            }
        };
        put("cpu_ns", Some(cpu.process - before.process));
        put("thread_io_ns", Some(cpu.io - before.io));
        put("user_cpu_ns", cpu.user.zip(before.user).map(|(now, then)| now.saturating_sub(then)));
        put("rss", Some(usage::resident_bytes()));
        if let Some(descriptors) = self.descriptors.count(io.ports().open()) {
            put("fds", Some(descriptors));
            put("fd_limit", usage::descriptor_limit());
        }
        if let Some(limit) = self.ports.get_or_init(usage::port_limit) {
            put("ports", Some(u64::from(io.ports().busiest())));
            put("port_limit", Some(*limit));
        }
        note.insert("loop_lag_ms".to_owned(), json!(io.shared().take_loop_lag() as f64 / MILLISECOND as f64));
        Value::Object(note).to_string()
    }
}
