//! Timeouts
//!
//! A timeout is an int64_t: a positive number of milliseconds, or one of the constants below. Each function
//! or field documents its default.

use std::time::Duration;

use crate::ffi::arguments::invalid;
use crate::{Result, Timeout};

/// The default, which is unlimited only where documented.
pub const CALLGATE_TIMEOUT_DEFAULT: i64 = 0;
/// No limit.
pub const CALLGATE_TIMEOUT_NONE: i64 = -1;
/// Do not wait.
pub const CALLGATE_TIMEOUT_NOW: i64 = -2;

/// Converts a timeout from C.
pub(super) fn timeout(milliseconds: i64, what: &str) -> Result<Timeout> {
    match milliseconds {
        CALLGATE_TIMEOUT_DEFAULT => Ok(Timeout::Default),
        CALLGATE_TIMEOUT_NONE => Ok(Timeout::Never),
        CALLGATE_TIMEOUT_NOW => Ok(Timeout::After(Duration::ZERO)),
        ..0 => Err(invalid(format!(
            "{what} must be positive or one of CALLGATE_TIMEOUT_..., not {milliseconds}"
        ))),
        _ => Ok(Timeout::After(Duration::from_millis(milliseconds.unsigned_abs()))),
    }
}

/// How long to wait; `default` replaces CALLGATE_TIMEOUT_DEFAULT, and `None` means no limit.
pub(super) fn wait(
    milliseconds: i64,
    what: &str,
    default: Option<Duration>,
) -> Result<Option<Duration>> {
    Ok(match timeout(milliseconds, what)? {
        Timeout::Default => default,
        Timeout::Never => None,
        Timeout::After(time) => Some(time),
    })
}

/// Like [`wait`], but "no limit" becomes a very long time, for callers that need a duration.
pub(super) fn long_wait(milliseconds: i64, what: &str, default: Duration) -> Result<Duration> {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    let time = wait(milliseconds, what, Some(default))?;
    Ok(time.unwrap_or(CENTURY).min(CENTURY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_special_value_has_its_meaning_and_others_are_refused() {
        let default = Some(Duration::from_secs(3));
        assert_eq!(wait(CALLGATE_TIMEOUT_DEFAULT, "it", default).unwrap(), default);
        assert_eq!(wait(CALLGATE_TIMEOUT_NONE, "it", default).unwrap(), None);
        assert_eq!(wait(CALLGATE_TIMEOUT_NOW, "it", default).unwrap(), Some(Duration::ZERO));
        assert_eq!(wait(7, "it", default).unwrap(), Some(Duration::from_millis(7)));
        assert!(wait(-3, "it", default).is_err());
        assert!(wait(i64::MIN, "it", default).is_err());
        assert!(long_wait(i64::MAX, "it", Duration::ZERO).is_ok());
    }
}
