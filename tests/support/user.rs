//! Acting as other users, which only root can: for others such tests are skipped, with a notice.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::thread;

/// A user, and a group, that do not exist.
pub const STRANGER: u32 = 65_534;

/// Whether this process can act as another user.
pub fn is_root() -> bool {
    let root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if !root {
        writeln!(std::io::stderr(), "SKIPPED: only root can act as another user").ok();
    }
    root
}

/// Runs something as a stranger in these groups, the first being the primary one. Linux keeps the user per
/// thread, so it runs on a thread of its own; threads that it starts have that user too.
pub fn as_stranger_in<T: Send>(groups: &[u32], act: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let acting = scope.spawn(|| {
            become_stranger(groups);
            act()
        });
        acting.join().unwrap()
    })
}

/// Runs something as a stranger who is in no existing group.
pub fn as_stranger<T: Send>(act: impl FnOnce() -> T + Send) -> T {
    as_stranger_in(&[STRANGER], act)
}

fn become_stranger(groups: &[u32]) {
    let same: libc::uid_t = libc::uid_t::MAX;
    let (primary, others) = groups.split_first().unwrap();
    // SAFETY: the groups are readable for their number; the raw system calls change this thread only.
    let set = unsafe {
        [
            libc::syscall(libc::SYS_setgroups, others.len(), others.as_ptr()),
            libc::syscall(libc::SYS_setresgid, same, *primary, same),
            libc::syscall(libc::SYS_setresuid, same, STRANGER, same),
        ]
    };
    assert_eq!(set, [0; 3]);
}
