//! Who runs first when the I/O thread and the thread of user code share a core.
//!
//! The I/O thread must stamp and send on time; user code may wait (DESIGN, "Stamps": with
//! nice 10 and a slice of 0.1 ms, p99 at a saturated core was off by 1.0–2.9 % instead of
//! 19–21 %). Every call here is a wish: where the system says no, all works but less exactly.

/// Make the calling thread the one that is scheduled promptly: short slices, exact timers.
pub fn prompt() {
    #[cfg(target_os = "linux")]
    linux::prompt();
}

/// Make the calling thread give way to the I/O thread. It cannot be undone without privileges.
pub fn polite() {
    #[cfg(target_os = "linux")]
    linux::polite();
}

#[cfg(target_os = "linux")]
mod linux {
    /// `struct sched_attr` of sched_setattr(2), version 0.
    #[repr(C)]
    struct SchedAttr {
        size: u32,
        policy: u32,
        flags: u64,
        nice: i32,
        priority: u32,
        runtime: u64,
        deadline: u64,
        period: u64,
    }

    const SLICE_NS: u64 = 100_000;
    const NICE: i32 = 10;

    pub fn prompt() {
        let attr = SchedAttr {
            size: std::mem::size_of::<SchedAttr>() as u32,
            policy: libc::SCHED_OTHER as u32,
            flags: 0,
            nice: 0,
            priority: 0,
            // Since Linux 6.12 the slice of an ordinary thread; ignored before.
            runtime: SLICE_NS,
            deadline: 0,
            period: 0,
        };
        // SAFETY: both calls concern the calling thread only, and `attr` lives through the call.
        unsafe {
            libc::syscall(libc::SYS_sched_setattr, 0, &attr, 0);
            libc::prctl(libc::PR_SET_TIMERSLACK, 1, 0, 0, 0);
        }
    }

    pub fn polite() {
        // On Linux a nice value belongs to the thread, and 0 names the calling one.
        // SAFETY: a plain system call without memory.
        unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) };
    }
}
