//! Catches panics of user code where it is called.

use std::any::Any;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// Runs a function; returns the text of its panic if it panics.
#[inline]
pub(crate) fn caught<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(text_of)
}

#[cold]
fn text_of(payload: Box<dyn Any + Send>) -> String {
    let text = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "no message",
    };
    let text = text.to_owned();
    // Dropping what a program panics with may panic too. What that panic carries is kept, which ends it.
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::caught;

    static DROPPED: AtomicBool = AtomicBool::new(false);

    struct Noted;

    impl Drop for Noted {
        fn drop(&mut self) {
            DROPPED.store(true, Ordering::SeqCst);
        }
    }

    struct Rude;

    impl Drop for Rude {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    #[test]
    fn what_a_panic_carries_is_dropped() {
        assert_eq!(caught(|| panic_any(Noted)), Err::<(), _>("no message".to_owned()));
        assert!(DROPPED.load(Ordering::SeqCst));
    }

    #[test]
    fn a_second_panic_is_caught_too() {
        assert_eq!(caught(|| panic_any(Rude)), Err::<(), _>("no message".to_owned()));
    }

    #[test]
    fn texts_of_both_kinds_are_returned() {
        assert_eq!(caught(|| panic!("plain")), Err::<(), _>("plain".to_owned()));
        let number = 1;
        assert_eq!(caught(|| panic!("formatted {number}")), Err::<(), _>("formatted 1".to_owned()));
    }
}
