//! The I/O thread's life: started, turned, ended.

use super::flight::Completion;
use super::frames;
use super::io::Io;
use super::shared::Shared;
use crate::sched;
use std::cell::RefCell;
use std::io;
use std::os::fd::RawFd;
use std::rc::Rc;
use std::sync::{mpsc, Arc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::{Builder, LocalOptions, LocalRuntime};

/// The message that ends a worker at once.
const KILL: u8 = b'K';
/// Exit code of a worker that was killed by, or outlived, its coordinator.
const ORPHANED: i32 = 3;

thread_local! {
    /// For the hook that tokio calls before it parks the thread.
    static HERE: RefCell<Option<Rc<Io>>> = const { RefCell::new(None) };
}

/// Start the I/O thread. It owns `channel` and ends with it, or when ordered to stop. With
/// `own_process`, the end of the channel ends the process: no load without an owner.
pub fn spawn(shared: Arc<Shared>, worker: u32, channel: RawFd, own_process: bool) -> io::Result<JoinHandle<()>> {
    let (started, waiting) = mpsc::channel();
    let thread = std::thread::Builder::new().name("sonagi-io".to_owned()).spawn(move || {
        sched::prompt();
        match runtime() {
            Ok(runtime) => runtime.block_on(run(shared, worker, channel, own_process, &started)),
            Err(error) => drop(started.send(Err(error))),
        }
    })?;
    match waiting.recv() {
        Ok(started) => started.map(|()| thread),
        Err(_) => Err(io::Error::other("the I/O thread ended before it began")),
    }
}

fn runtime() -> io::Result<LocalRuntime> {
    let before_it_sleeps = || {
        // Not while a turn is under way: it ends by itself.
        let io = HERE.with(|here| here.try_borrow().ok().and_then(|io| io.clone()));
        if let Some(io) = io {
            io.turn();
        }
    };
    Builder::new_current_thread().enable_all().on_thread_park(before_it_sleeps).build_local(LocalOptions::default())
}

async fn run(
    shared: Arc<Shared>,
    worker: u32,
    channel: RawFd,
    own_process: bool,
    started: &mpsc::Sender<io::Result<()>>,
) {
    let io = match Io::new(shared, worker, channel) {
        Ok(io) => Rc::new(io),
        Err(error) => return drop(started.send(Err(error))),
    };
    HERE.with(|here| *here.borrow_mut() = Some(io.clone()));
    frames::begin(&io);
    for task in [Task::Turn, Task::Time, Task::Listen { own_process }] {
        tokio::task::spawn_local(task.run(io.clone()));
    }
    let _ = started.send(Ok(()));
    io.stopping().notified().await;
    io.channel().push_out(Duration::from_secs(1));
    HERE.with(|here| *here.borrow_mut() = None);
    io.shared().stop();
    // Connections belong to the reactor: they go before it does.
    io.users().clear();
}

/// What the I/O thread does all its life.
enum Task {
    /// Take orders when user code wakes us.
    Turn,
    /// Wake when something is due; the turn before the thread sleeps again does it.
    Time,
    /// Hear the coordinator.
    Listen { own_process: bool },
}

impl Task {
    async fn run(self, io: Rc<Io>) {
        loop {
            match self {
                Task::Turn => {
                    io.shared().woken().await;
                    io.turn();
                }
                Task::Time => io.alarm().ring().await,
                Task::Listen { own_process } => {
                    listen(&io, own_process).await;
                    return io.stopping().notify_one();
                }
            }
        }
    }
}

/// Hear the coordinator until it is gone. With `own_process` that ends the process.
async fn listen(io: &Io, own_process: bool) {
    while let Some((kind, payload)) = io.channel().receive().await {
        if kind == KILL {
            frames::send(io, true);
            break;
        }
        io.complete(Completion::Message { kind, payload });
    }
    if own_process {
        io.channel().push_out(Duration::from_millis(200));
        // Python may be stuck: no load without an owner.
        // SAFETY: ends the process; nothing of ours is left to tidy.
        unsafe { libc::_exit(ORPHANED) };
    }
}
