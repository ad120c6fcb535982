//! What the system reports about a process.

use std::fs;

/// The peak resident memory of a process, in bytes.
pub fn peak_memory(process: u32) -> u64 {
    status_bytes(process, "VmHWM:")
}

/// The present resident memory of a process, in bytes.
pub fn memory(process: u32) -> u64 {
    status_bytes(process, "VmRSS:")
}

fn status_bytes(process: u32, what: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(what)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// The size of this process's address space, in bytes.
pub fn address_space() -> u64 {
    status_bytes(std::process::id(), "VmSize:")
}

/// Sets the size that this process's address space may have.
pub fn limit_address_space(bytes: u64) {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the limit is writable.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_AS, &mut limit) }, 0);
    limit.rlim_cur = bytes.min(limit.rlim_max);
    // SAFETY: the limit is readable.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limit) }, 0);
}

/// The number of threads of a process.
pub fn threads(process: u32) -> usize {
    fs::read_dir(format!("/proc/{process}/task")).unwrap().count()
}

/// The names of this process's threads that belong to the library.
pub fn own_library_threads() -> Vec<String> {
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.starts_with("callgate")).collect()
}

/// What this process's descriptors refer to.
pub fn own_descriptors() -> Vec<String> {
    let descriptors = fs::read_dir("/proc/self/fd").unwrap();
    let targets = descriptors.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    let listed = |target: &String| !target.starts_with("/proc/");
    targets.map(|target| target.display().to_string()).filter(listed).collect()
}

/// By how many [`sockets`] may differ without a leak.
pub const SOCKET_NOISE: usize = 0;

/// The number of sockets that a process has open.
pub fn sockets(process: u32) -> usize {
    let descriptors = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let targets = descriptors.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
}

/// The number of descriptors that this process has open.
pub fn own_descriptor_count() -> usize {
    own_descriptors().len()
}

/// The socket file of a pipe that a host is listening on, or left behind.
pub fn pipe_socket(name: &str) -> Option<std::path::PathBuf> {
    use std::os::unix::fs::MetadataExt;
    let user = fs::metadata("/proc/self").unwrap().uid();
    let folders = [format!("/run/user/{user}/callgate"), format!("/tmp/callgate-{user}")];
    let sockets = folders.map(|folder| format!("{folder}/{name}.sock").into());
    sockets.into_iter().find(|socket: &std::path::PathBuf| socket.exists())
}
