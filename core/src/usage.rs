//! What this process takes of the machine, and how much of it there is. What a platform cannot tell is `None`.

use crate::clock::Nanos;
use std::cell::Cell;

/// Memory in use: now on Linux, the most so far elsewhere.
pub fn resident_bytes() -> u64 {
    #[cfg(target_os = "linux")]
    if let Ok(pages) = std::fs::read_to_string("/proc/self/statm") {
        let resident: u64 = pages.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
        // SAFETY: a plain query.
        return resident * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64;
    }
    // SAFETY: a zeroed rusage is valid, and the call fills it in.
    let usage = unsafe {
        let mut usage = std::mem::zeroed::<libc::rusage>();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    usage.ru_maxrss as u64
}

/// The CPU time of one thread, to be read by any other.
#[derive(Clone, Copy, Debug)]
pub struct ThreadClock(#[cfg_attr(not(target_os = "linux"), allow(dead_code))] libc::clockid_t);

impl ThreadClock {
    pub fn of_caller() -> Option<Self> {
        #[cfg(target_os = "linux")]
        {
            let mut id = 0;
            // SAFETY: the calling thread lives, and `id` is a valid place for the answer.
            let failed = unsafe { libc::pthread_getcpuclockid(libc::pthread_self(), &mut id) };
            (failed == 0).then_some(Self(id))
        }
        #[cfg(not(target_os = "linux"))]
        None
    }

    /// `None` once the thread has ended.
    pub fn read(self) -> Option<Nanos> {
        let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `ts` is a valid timespec; a clock that is gone is an error, not more.
        let failed = unsafe { libc::clock_gettime(self.0, &mut ts) };
        (failed == 0).then(|| ts.tv_sec as u64 * crate::clock::SECOND + ts.tv_nsec as u64)
    }
}

/// With more connections than this, counting descriptors one by one takes over half a millisecond.
const MANY: u64 = 500;

/// Open files and sockets of this process.
#[derive(Default)]
pub struct Descriptors {
    /// Those that are no connections of ours, when they were counted last.
    others: Cell<u64>,
}

impl Descriptors {
    /// How many are open, `ours` of them connections.
    pub fn count(&self, ours: u64) -> Option<u64> {
        let folder = "/proc/self/fd";
        // Since Linux 6.2 the folder's size is their number.
        let size = std::fs::metadata(folder).ok()?.len();
        if size > 0 {
            return Some(size);
        }
        if ours <= MANY {
            // One of them is the folder itself, while it is read.
            let counted = (std::fs::read_dir(folder).ok()?.count() as u64).saturating_sub(1);
            self.others.set(counted.saturating_sub(ours));
        }
        Some(self.others.get() + ours)
    }
}

/// How many descriptors this process may have.
pub fn descriptor_limit() -> Option<u64> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid place for the answer.
    let failed = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    (failed == 0 && limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur)
}

/// How many ports connections to one peer can come from.
pub fn port_limit() -> Option<u64> {
    port_range(&std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?)
}

/// "32768  60999"
fn port_range(text: &str) -> Option<u64> {
    let mut ends = text.split_whitespace().map(str::parse::<u64>);
    let (first, last) = (ends.next()?.ok()?, ends.next()?.ok()?);
    last.checked_sub(first).map(|span| span + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_ports_has_both_its_ends() {
        assert_eq!(port_range("32768\t60999\n"), Some(28_232));
        for broken in ["", "1024", "9 1", "a b"] {
            assert_eq!(port_range(broken), None, "{broken}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn open_files_are_counted_and_with_many_connections_added_up() {
        let descriptors = Descriptors::default();
        let before = descriptors.count(0).unwrap();
        let files: Vec<_> = (0..200).map(|_| std::fs::File::open("/dev/null").unwrap()).collect();
        let after = descriptors.count(0).unwrap();
        // Tests that run beside this one open and close some, too.
        assert!((before + 100..before + 300).contains(&after), "{before} {after}");
        drop(files);
        assert!(descriptor_limit().is_none_or(|limit| limit >= after));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_threads_clock_is_read_by_others_while_it_lives() {
        let (tell, hear) = std::sync::mpsc::channel();
        let (release, held) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            let began = crate::clock::thread_cpu();
            while crate::clock::thread_cpu() < began + 2_000_000 {}
            tell.send(ThreadClock::of_caller().unwrap()).unwrap();
            let _ = held.recv();
        });
        let clock = hear.recv().unwrap();
        assert!(clock.read().unwrap() >= 2_000_000);
        drop(release);
        thread.join().unwrap();
        assert_eq!(clock.read(), None);
    }
}
