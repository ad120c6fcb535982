//! Safe wrappers of system calls that the standard library lacks.

use crate::time;
use std::io::{self, IoSlice};
use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;
use std::time::{Duration, Instant};

use crate::chunk::Chunk;

/// The most slices that one `sendmsg` accepts.
const MOST_SLICES: usize = libc::UIO_MAXIOV as usize;

/// Up to this many bytes are copied together here: for so few, the system needs longer to read a message's
/// header and slices.
const GATHERED: usize = 256;

const SEND_FLAGS: libc::c_int = libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT;

/// The result of a system call, where -1 means an error in `errno`.
pub(super) fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result),
    }
}

fn check_size(result: libc::ssize_t) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}

/// The effective user of this process.
pub(super) fn user() -> u32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { libc::geteuid() }
}

/// A new event counter: reads and writes take 8 bytes, and it can be polled.
pub(super) fn eventfd() -> io::Result<OwnedFd> {
    // SAFETY: takes no pointers.
    let fd = check(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
    // SAFETY: it was just opened, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// A request to [`poll`] for events of a descriptor.
pub(super) fn interest(fd: BorrowedFd<'_>, events: libc::c_short) -> libc::pollfd {
    libc::pollfd { fd: fd.as_raw_fd(), events, revents: 0 }
}

/// Waits until a requested event happens (`true`) or the deadline has passed (`false`).
pub(super) fn poll(fds: &mut [libc::pollfd], deadline: Option<Instant>) -> io::Result<bool> {
    loop {
        let left = deadline.map(time::left);
        let timeout = left.map(|left| libc::timespec {
            tv_sec: seconds(left),
            tv_nsec: left.subsec_nanos() as libc::c_long,
        });
        let timeout = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: the slice is valid for its length, the timeout is null or valid, no mask is set.
        let polled = check(unsafe {
            libc::ppoll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, timeout, ptr::null())
        });
        match polled {
            Ok(0) if left.is_some_and(|left| left.is_zero()) => return Ok(false),
            Ok(0) => {}
            Ok(_) => return Ok(true),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whole seconds, at most about 136 years, which every system accepts.
fn seconds(duration: Duration) -> libc::time_t {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX).into()
}

/// Receives into the buffer's spare capacity, at most `most` bytes; 0 bytes mean the end of the stream.
pub(super) fn recv(
    fd: BorrowedFd<'_>,
    buffer: &mut Chunk,
    most: Option<usize>,
    flags: libc::c_int,
) -> io::Result<usize> {
    let spare = buffer.spare_mut();
    let room = most.map_or(spare.len(), |most| most.min(spare.len()));
    // SAFETY: the spare capacity is writable for its length, and `room` is no more.
    let received = unsafe { libc::recv(fd.as_raw_fd(), spare.as_mut_ptr().cast(), room, flags) };
    let count = check_size(received)?;
    // SAFETY: the system has just initialised `count` bytes of the spare capacity.
    unsafe { buffer.written(count) };
    Ok(count)
}

/// Sends the beginning of the slices, without waiting and without SIGPIPE.
pub(super) fn send(fd: BorrowedFd<'_>, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    let length: usize = slices.iter().map(|slice| slice.len()).sum();
    if length > GATHERED {
        return send_gathered(fd, slices);
    }
    let mut bytes = [0; GATHERED];
    let mut end = 0;
    for slice in slices {
        bytes[end..end + slice.len()].copy_from_slice(slice);
        end += slice.len();
    }
    // SAFETY: `end` bytes of the array are readable.
    check_size(unsafe { libc::send(fd.as_raw_fd(), bytes.as_ptr().cast(), end, SEND_FLAGS) })
}

fn send_gathered(fd: BorrowedFd<'_>, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    // SAFETY: all its fields may be zero or null.
    let mut message: libc::msghdr = unsafe { mem::zeroed() };
    // An IoSlice has the layout of an iovec, and the system only reads it.
    message.msg_iov = slices.as_ptr().cast_mut().cast();
    message.msg_iovlen = slices.len().min(MOST_SLICES) as _;
    // SAFETY: the message points to slices that outlive the call.
    check_size(unsafe { libc::sendmsg(fd.as_raw_fd(), &message, SEND_FLAGS) })
}

/// Ends a socket, in one direction or both.
pub(super) fn shutdown(fd: BorrowedFd<'_>, how: libc::c_int) -> io::Result<()> {
    // SAFETY: takes no pointers.
    check(unsafe { libc::shutdown(fd.as_raw_fd(), how) }).map(drop)
}

/// Starts to listen, or changes how many connections the system queues until they are accepted.
pub(super) fn listen(fd: BorrowedFd<'_>, backlog: i32) -> io::Result<()> {
    // SAFETY: takes no pointers.
    check(unsafe { libc::listen(fd.as_raw_fd(), backlog) }).map(drop)
}

/// Sets a numeric socket option.
pub(super) fn set_number(
    fd: BorrowedFd<'_>,
    level: libc::c_int,
    option: libc::c_int,
    value: libc::c_int,
) -> io::Result<()> {
    set_option(fd, level, option, &value)
}

/// Sets how long a blocking call on the socket waits (`SO_RCVTIMEO`, `SO_SNDTIMEO`); `None` means no limit.
pub(super) fn set_timeout(
    fd: BorrowedFd<'_>,
    option: libc::c_int,
    timeout: Option<Duration>,
) -> io::Result<()> {
    // Zero would mean no limit.
    let timeout = timeout.map_or(Duration::ZERO, |timeout| timeout.max(Duration::from_micros(1)));
    let value = libc::timeval {
        tv_sec: seconds(timeout),
        tv_usec: timeout.subsec_micros() as libc::suseconds_t,
    };
    set_option(fd, libc::SOL_SOCKET, option, &value)
}

fn set_option<T>(
    fd: BorrowedFd<'_>,
    level: libc::c_int,
    option: libc::c_int,
    value: &T,
) -> io::Result<()> {
    let size = mem::size_of::<T>() as libc::socklen_t;
    // SAFETY: the value is readable for its size.
    let set = unsafe {
        libc::setsockopt(fd.as_raw_fd(), level, option, ptr::from_ref(value).cast(), size)
    };
    check(set).map(drop)
}

/// The process at the other end of a Unix socket when it connected or started to listen.
pub(super) fn credentials(fd: BorrowedFd<'_>) -> io::Result<libc::ucred> {
    let mut found = libc::ucred { pid: 0, uid: u32::MAX, gid: u32::MAX };
    let mut size = mem::size_of::<libc::ucred>() as libc::socklen_t;
    // SAFETY: the value is writable for the size given, and any bytes make valid credentials.
    let got = unsafe {
        libc::getsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            ptr::from_mut(&mut found).cast(),
            &mut size,
        )
    };
    check(got).map(|_| found)
}

/// Takes the lock of an open file, unless somebody holds it.
pub(super) fn try_lock(fd: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: takes no pointers.
    check(unsafe { libc::flock(fd.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) }).map(drop)
}

/// The processors that a process may use; 0 means this process.
pub(super) fn affinity(process: u32) -> io::Result<Vec<usize>> {
    let process = libc::pid_t::try_from(process).unwrap_or(libc::pid_t::MAX);
    // SAFETY: a set of processors is a plain bit set; this one is empty.
    let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
    // SAFETY: the set is writable for the size given.
    check(unsafe { libc::sched_getaffinity(process, mem::size_of_val(&set), &mut set) })?;
    let most = libc::CPU_SETSIZE as usize;
    // SAFETY: every processor tested is within the set.
    Ok((0..most).filter(|&processor| unsafe { libc::CPU_ISSET(processor, &set) }).collect())
}

/// Makes the timers of the creating thread exact until it is dropped on that thread. By default they may be
/// 50 µs late, so that the system can serve several at once.
pub(in crate::transport) struct ExactTimers(libc::c_int);

impl ExactTimers {
    /// `None` if the system has no such setting.
    #[cfg(target_os = "linux")]
    pub fn new() -> Option<ExactTimers> {
        // SAFETY: takes no pointers.
        let slack = check(unsafe { libc::prctl(libc::PR_GET_TIMERSLACK) }).ok()?;
        set_timer_slack(1)?;
        Some(ExactTimers(slack))
    }

    #[cfg(not(target_os = "linux"))]
    pub fn new() -> Option<ExactTimers> {
        None
    }
}

#[cfg(target_os = "linux")]
fn set_timer_slack(nanos: libc::c_int) -> Option<()> {
    let nanos = libc::c_ulong::try_from(nanos).ok()?;
    // SAFETY: takes no pointers.
    check(unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, nanos) }).ok().map(drop)
}

#[cfg(target_os = "linux")]
impl Drop for ExactTimers {
    fn drop(&mut self) {
        // It was valid before, so it still is.
        let _ = set_timer_slack(self.0);
    }
}
