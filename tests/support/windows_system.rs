//! What Windows reports about a process.

use std::mem::{size_of, size_of_val};
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::ptr;

const SNAPSHOT_OF_THREADS: u32 = 4;
const PROCESS_QUERY_LIMITED_INFORMATION: u32 = 0x1000;

/// What a thread takes under wine, where all of its stack is resident: measured with 550 to 830 threads.
const STACK: usize = 1040 << 10;

#[repr(C)]
#[derive(Default)]
struct ThreadEntry {
    size: u32,
    usage: u32,
    thread: u32,
    process: u32,
    priorities: [i32; 2],
    flags: u32,
}

#[repr(C)]
#[derive(Default)]
struct MemoryCounters {
    size: u32,
    page_faults: u32,
    peak_working_set: usize,
    working_set: usize,
    others: [usize; 6],
}

#[link(name = "kernel32")]
extern "system" {
    fn CreateToolhelp32Snapshot(flags: u32, process: u32) -> RawHandle;
    fn Thread32First(snapshot: RawHandle, entry: *mut ThreadEntry) -> i32;
    fn Thread32Next(snapshot: RawHandle, entry: *mut ThreadEntry) -> i32;
    fn OpenProcess(access: u32, inherit: i32, process: u32) -> RawHandle;
    fn K32GetProcessMemoryInfo(process: RawHandle, counters: *mut MemoryCounters, size: u32)
        -> i32;
}

#[link(name = "ntdll")]
extern "system" {
    fn NtQuerySystemInformation(class: u32, found: *mut usize, size: u32, needed: *mut u32) -> u32;
}

/// The number of threads of a process.
pub fn threads(process: u32) -> usize {
    // SAFETY: takes numbers; the result is owned by nothing else.
    let snapshot =
        unsafe { OwnedHandle::from_raw_handle(CreateToolhelp32Snapshot(SNAPSHOT_OF_THREADS, 0)) };
    let mut entry = ThreadEntry { size: size_of::<ThreadEntry>() as u32, ..Default::default() };
    let mut count = 0;
    // SAFETY: the handle is open, and the entry is writable and says its size.
    let mut found = unsafe { Thread32First(snapshot.as_raw_handle(), &mut entry) } != 0;
    while found {
        count += usize::from(entry.process == process);
        // SAFETY: as above.
        found = unsafe { Thread32Next(snapshot.as_raw_handle(), &mut entry) } != 0;
    }
    count
}

/// The peak resident memory of a process, in bytes.
pub fn peak_memory(process: u32) -> u64 {
    memory_counters(process).peak_working_set as u64
}

/// The present resident memory of a process, in bytes, without the stacks of its threads.
pub fn memory(process: u32) -> u64 {
    let stacks = STACK * threads(process);
    memory_counters(process).working_set.saturating_sub(stacks) as u64
}

fn memory_counters(process: u32) -> MemoryCounters {
    let process = open(process);
    let size = size_of::<MemoryCounters>() as u32;
    let mut counters = MemoryCounters { size, ..Default::default() };
    // SAFETY: the handle is open, and the counters are writable for their size.
    let got = unsafe { K32GetProcessMemoryInfo(process.as_raw_handle(), &mut counters, size) };
    assert_ne!(got, 0, "{}", std::io::Error::last_os_error());
    counters
}

/// By how many [`sockets`] may differ without a leak: handles of the pool's threads, for example.
pub const SOCKET_NOISE: usize = 20;

/// The number of handles that a process has open, among which sockets cannot be told apart.
pub fn sockets(process: u32) -> usize {
    handles(process)
}

/// The number of handles that this process has open.
pub fn own_descriptor_count() -> usize {
    handles(std::process::id())
}

/// The number of handles that a process has open. The system lists those of all processes;
/// `GetProcessHandleCount` says 0 under wine.
pub fn handles(process: u32) -> usize {
    const SYSTEM_EXTENDED_HANDLE_INFORMATION: u32 = 64;
    const STATUS_INFO_LENGTH_MISMATCH: u32 = 0xc000_0004;
    // The number of handles, a word without a meaning, and five words for each handle; the second is its process.
    let mut words = vec![0_usize; 1 << 12];
    loop {
        let size = size_of_val(&words[..]) as u32;
        // SAFETY: the words are writable for their size, and the last one may be null.
        let status = unsafe {
            NtQuerySystemInformation(
                SYSTEM_EXTENDED_HANDLE_INFORMATION,
                words.as_mut_ptr(),
                size,
                ptr::null_mut(),
            )
        };
        match status {
            0 => break,
            STATUS_INFO_LENGTH_MISMATCH => words.resize(2 * words.len(), 0),
            status => panic!("the system lists no handles: {status:#x}"),
        }
    }
    let all = words[2..].chunks(5).take(words[0]);
    all.filter(|handle| handle[1] == process as usize).count()
}

fn open(process: u32) -> OwnedHandle {
    // SAFETY: takes numbers; the result is owned by nothing else.
    unsafe {
        let handle = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, process);
        assert!(!handle.is_null(), "{}", std::io::Error::last_os_error());
        OwnedHandle::from_raw_handle(handle)
    }
}
