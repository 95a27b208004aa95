//! What this process takes of the machine.

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
