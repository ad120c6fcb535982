//! Durations on the command line and in what is printed.

use std::time::Duration;

/// Reads `2`, `1.5s`, `200ms` or `5m`; a number alone means seconds.
pub fn parse(text: &str) -> Result<Duration, String> {
    let invalid = || format!("'{text}' is not a duration: write 2s, 1.5s, 200ms or 5m");
    let digits = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(invalid()),
    };
    let number: f64 = number.parse().map_err(|_| invalid())?;
    Duration::try_from_secs_f64(number * seconds).map_err(|_| invalid())
}

/// A short time with three digits: `4.61 µs`, `120 ms`.
pub fn short(duration: Duration) -> String {
    let ns = duration.as_nanos() as f64;
    let (value, unit) = match ns {
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "µs"),
        ns if ns < 1e9 => (ns / 1e6, "ms"),
        ns => (ns / 1e9, "s"),
    };
    let digits = match value {
        value if unit == "ns" || value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.digits$} {unit}")
}

/// A long time in its two largest units: `3d 4h`, `12s`.
pub fn long(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{minutes}m {}s", seconds % 60),
        3600..86_400 => format!("{hours}h {}m", minutes % 60),
        _ => format!("{days}d {}h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(parse("2").unwrap(), Duration::from_secs(2));
        assert_eq!(parse("1.5s").unwrap(), Duration::from_millis(1500));
        assert_eq!(parse("200ms").unwrap(), Duration::from_millis(200));
        assert_eq!(parse("5m").unwrap(), Duration::from_secs(300));
        for bad in ["", "s", "-1", "1d", "1e99h", "NaN"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn durations_are_shown_with_three_digits_or_two_units() {
        assert_eq!(short(Duration::from_nanos(4612)), "4.61 µs");
        assert_eq!(short(Duration::from_millis(120)), "120 ms");
        assert_eq!(short(Duration::from_secs(12)), "12.0 s");
        assert_eq!(long(Duration::from_secs(59)), "59s");
        assert_eq!(long(Duration::from_secs(3_725)), "1h 2m");
        assert_eq!(long(Duration::from_secs(90_000)), "1d 1h");
    }
}
