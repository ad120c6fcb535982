//! System calls that the standard library lacks: the suite's only `unsafe` code.

use std::io::{Error, Result};
use std::mem;
use std::os::fd::AsRawFd;
use std::time::Duration;

/// The processors that this process may run on.
pub fn processors() -> Vec<usize> {
    // SAFETY: the set is a plain bit set, for which all zeros are valid; its size is passed.
    let set = unsafe {
        let mut set: libc::cpu_set_t = mem::zeroed();
        let asked = libc::sched_getaffinity(0, mem::size_of_val(&set), &mut set);
        assert_eq!(asked, 0, "the system reports our processors: {}", Error::last_os_error());
        set
    };
    let all = 0..libc::CPU_SETSIZE as usize;
    // SAFETY: the processor's number is within the set.
    all.filter(|&processor| unsafe { libc::CPU_ISSET(processor, &set) }).collect()
}

/// Pins this process, which has only one thread so far, to a processor.
pub fn pin(processor: usize) {
    // SAFETY: the set is a plain bit set, and the processor's number is within it.
    let pinned = unsafe {
        let mut set: libc::cpu_set_t = mem::zeroed();
        libc::CPU_SET(processor, &mut set);
        libc::sched_setaffinity(0, mem::size_of_val(&set), &set)
    };
    assert_eq!(pinned, 0, "processor {processor} is not ours: {}", Error::last_os_error());
}

/// The CPU time that a process of this user has used, on all its threads.
pub fn processor_time(process: u32) -> Duration {
    let mut clock: libc::clockid_t = 0;
    // SAFETY: the clock's number is written to a variable of its type.
    let found = unsafe { libc::clock_getcpuclockid(process as libc::pid_t, &mut clock) };
    assert_eq!(found, 0, "process {process} is there: {}", Error::from_raw_os_error(found));
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the time is written to a variable of its type.
    let told = unsafe { libc::clock_gettime(clock, &mut time) };
    assert_eq!(told, 0, "process {process} has a clock: {}", Error::last_os_error());
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Reads what has arrived, without waiting for more.
pub fn receive_now(stream: &impl AsRawFd, bytes: &mut [u8]) -> Result<usize> {
    let (place, room) = (bytes.as_mut_ptr().cast(), bytes.len());
    // SAFETY: the bytes are writable for their length.
    let count = unsafe { libc::recv(stream.as_raw_fd(), place, room, libc::MSG_DONTWAIT) };
    usize::try_from(count).map_err(|_| Error::last_os_error())
}

/// Raises this process's limit of descriptors to what the system allows.
pub fn allow_many_descriptors() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the limit is read from, and written to, a variable of its type.
    let raised = unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &limit)
    };
    assert_eq!(raised, 0, "the limit can be raised: {}", Error::last_os_error());
}
