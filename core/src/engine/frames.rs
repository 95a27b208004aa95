//! What one worker measured in one second, sent to the coordinator.

use super::io::Io;
use super::shared::lock;
use crate::clock::{self, Nanos, SECOND};
use crate::stats::{frame, samples};
use crate::timer::Due;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::sync::atomic::Ordering;

/// The kind of message that carries a frame.
const FRAME: u8 = b'F';
/// That of samples one by one.
const SAMPLES: u8 = b'L';

#[derive(Default)]
pub struct Frames {
    sequence: Cell<u64>,
    due: Cell<Nanos>,
    /// Connections and reuses at the last frame.
    connections: Cell<(u64, u64)>,
    refused: RefCell<Refused>,
}

/// Exchanges of this second, and how many found nobody listening.
#[derive(Default)]
pub struct Refused {
    pub count: u64,
    pub of: u64,
    pub sample: String,
}

impl Frames {
    pub fn note_exchange(&self, refused: Option<&str>) {
        let mut noted = self.refused.borrow_mut();
        noted.of += 1;
        if let Some(text) = refused {
            noted.count += 1;
            if noted.sample.is_empty() {
                noted.sample = text.to_owned();
            }
        }
    }
}

/// Begin: the first frame is due in a second.
pub fn begin(io: &Io) {
    let frames = io.frames();
    io.generator().begin(io);
    frames.due.set(clock::now() + SECOND);
    io.at(frames.due.get(), Due::Frame);
    let now = clock::now();
    watch(io, now, now);
}

/// Look for a blocked loop, and send the samples that were kept: four times a second.
pub fn watch(io: &Io, due: Nanos, now: Nanos) {
    io.shared().look_for_blocked_loop(due, now);
    send_samples(io);
    io.at(now + SECOND / 4, Due::Watch);
}

/// Load begins at `at`: from there on a second of it is a frame, and what was before has one of its own.
pub fn restart(io: &Io, at: Nanos) {
    send(io, true);
    let due = at + SECOND;
    io.frames().due.set(due);
    io.at(due, Due::Frame);
}

/// A frame is due: send it, and say when the next one is.
pub fn tick(io: &Io, now: Nanos) {
    if now < io.frames().due.get() {
        return; // one that was due before load began
    }
    io.users().close_ended_connections();
    send(io, false);
    let frames = io.frames();
    // From the due time, not from now: frames do not drift.
    let mut next = frames.due.get() + SECOND;
    if next <= now {
        next = now + SECOND;
    }
    frames.due.set(next);
    io.at(next, Due::Frame);
}

fn send_samples(io: &Io) {
    let mut bytes = Vec::new();
    let shared = io.shared();
    let any = {
        let interner = lock(&shared.interner);
        let mut users = lock(&shared.recorder);
        let mut ours = io.http_recorder();
        samples::write(&mut bytes, &mut [ours.recorder(), &mut users], &interner)
    };
    if any {
        io.channel().send(SAMPLES, &bytes);
    }
}

/// Send a frame, and before it the samples that it sums up. `last`: nothing may wait for the next one.
pub fn send(io: &Io, last: bool) {
    send_samples(io);
    let frames = io.frames();
    let shared = io.shared();
    let mut notes = shared.take_notes();
    notes.extend(own_notes(io));
    notes.extend(io.http_recorder().take_notes(last));
    let head = frame::Head {
        worker: io.worker(),
        sequence: frames.sequence.replace(frames.sequence.get() + 1),
        monotonic_ns: clock::now(),
        wall_ns: clock::wall(),
        notes,
    };
    let mut bytes = Vec::new();
    {
        let interner = lock(&shared.interner);
        let mut users = lock(&shared.recorder);
        let mut ours = io.http_recorder();
        frame::write(&mut bytes, &head, &mut [ours.settled(), &mut users], &interner);
    }
    io.channel().send(FRAME, &bytes);
}

fn own_notes(io: &Io) -> Vec<(String, String)> {
    let (frames, shared) = (io.frames(), io.shared());
    let vus = json!({
        "active": shared.active_users.load(Ordering::Relaxed),
        "initialized": shared.users.load(Ordering::Relaxed),
    });
    let refused = frames.refused.take();
    let mut notes = vec![("generator".to_owned(), io.generator().note(io)), ("vus".to_owned(), vus.to_string())];
    if refused.of > 0 {
        let refused = json!({"count": refused.count, "of": refused.of, "sample": refused.sample});
        notes.push(("refused".to_owned(), refused.to_string()));
    }
    let connections = io.connections();
    let before = frames.connections.replace(connections);
    if connections != before {
        let told = json!({"opened": connections.0 - before.0, "reused": connections.1 - before.1});
        notes.push(("connections".to_owned(), told.to_string()));
    }
    if lock(&shared.interner).overflowed() && !io.overflow_was_told() {
        notes.push(("warning".to_owned(), json!({"key": "warning.series_cap", "values": {}}).to_string()));
    }
    notes
}
