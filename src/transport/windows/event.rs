//! Events, and waits for several things at once.

use crate::time;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::time::{Duration, Instant};
use windows_sys::Win32::Foundation::{HANDLE, WAIT_FAILED, WAIT_OBJECT_0, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{
    CreateEventW, ResetEvent, SetEvent, WaitForMultipleObjects, INFINITE,
};

/// Any thread can raise it.
pub(super) struct Event(OwnedHandle);

impl Event {
    /// An event that stays raised until it is lowered, or an operation that uses it begins again.
    pub(super) fn lasting() -> io::Result<Event> {
        Event::new(true)
    }

    /// An event that wakes one wait.
    pub(super) fn passing() -> io::Result<Event> {
        Event::new(false)
    }

    fn new(is_lasting: bool) -> io::Result<Event> {
        // SAFETY: the attributes and the name may be null.
        let event = unsafe { CreateEventW(ptr::null(), is_lasting.into(), 0, ptr::null()) };
        if event.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was just created, and nothing else owns it.
        Ok(Event(unsafe { OwnedHandle::from_raw_handle(event) }))
    }

    /// Raises the event; raising it again has no effect.
    pub(super) fn raise(&self) {
        // SAFETY: the handle is open. Fails only for handles that are not events.
        unsafe { SetEvent(self.0.as_raw_handle()) };
    }

    /// Ends the effect of raising a lasting event.
    pub(super) fn lower(&self) {
        // SAFETY: as above.
        unsafe { ResetEvent(self.0.as_raw_handle()) };
    }
}

impl AsHandle for Event {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

/// Waits until one of several handles is raised, and returns its index, the lowest if there are several;
/// `None` if the deadline has passed. Resets a passing event whose index it returns.
pub(super) fn wait(
    handles: &[BorrowedHandle<'_>],
    deadline: Option<Instant>,
) -> io::Result<Option<usize>> {
    let raw: Vec<HANDLE> = handles.iter().map(|handle| handle.as_raw_handle()).collect();
    loop {
        let millis = deadline.map_or(INFINITE, |deadline| millis(time::left(deadline)));
        // SAFETY: the handles are open, and there are as many as stated.
        let waited = unsafe { WaitForMultipleObjects(raw.len() as u32, raw.as_ptr(), 0, millis) };
        match waited {
            WAIT_FAILED => return Err(io::Error::last_os_error()),
            WAIT_TIMEOUT if time::has_passed(deadline) => return Ok(None),
            WAIT_TIMEOUT => {}
            raised => return Ok(Some((raised - WAIT_OBJECT_0) as usize)),
        }
    }
}

/// Milliseconds, rounded up, at most about 49 days.
pub(super) fn millis(duration: Duration) -> u32 {
    let millis = duration.as_nanos().div_ceil(1_000_000);
    u32::try_from(millis).unwrap_or(INFINITE).min(INFINITE - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_rounded_up() {
        assert_eq!(millis(Duration::ZERO), 0);
        assert_eq!(millis(Duration::from_nanos(1)), 1);
        assert_eq!(millis(Duration::from_millis(7)), 7);
        assert_eq!(millis(Duration::MAX), INFINITE - 1);
    }

    #[test]
    fn a_passing_event_wakes_one_wait() {
        let (passing, lasting) = (Event::passing().unwrap(), Event::lasting().unwrap());
        let both = [passing.as_handle(), lasting.as_handle()];
        let now = Some(time::now());
        assert_eq!(wait(&both, now).unwrap(), None);
        passing.raise();
        lasting.raise();
        assert_eq!(wait(&both, now).unwrap(), Some(0));
        assert_eq!(wait(&both, None).unwrap(), Some(1));
        assert_eq!(wait(&both, None).unwrap(), Some(1));
        lasting.lower();
        assert_eq!(wait(&both, now).unwrap(), None);
    }
}
