//! What the operating system knows of this process.

/// Whether the process runs with more rights than the user who started it, as setuid programs do.
pub(crate) fn has_more_rights_than_its_user() -> bool {
    // SAFETY: these functions only return numbers.
    unsafe {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if libc::getauxval(libc::AT_SECURE) != 0 {
            return true;
        }
        libc::getuid() != libc::geteuid() || libc::getgid() != libc::getegid()
    }
}

/// Blocks all signals in this thread, so that handlers of the program run on its own threads, and a file that
/// reaches the user's limit of size is an error rather than the end of the process.
pub(crate) fn block_signals() {
    let mut all = std::mem::MaybeUninit::uninit();
    // SAFETY: `sigfillset` initialises the set, which both functions only read afterwards.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_BLOCK, all.as_ptr(), std::ptr::null_mut());
    }
}
