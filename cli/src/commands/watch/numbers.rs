//! Numbers as people read them.

use std::time::Duration;

use crate::duration;

/// A number with its thousands apart, and a fraction if it is small: `12,345`, `0.4`.
pub fn number(value: f64) -> String {
    if value > 0.0 && value < 9.95 && value.fract() > 0.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{:.0}", value.min(u64::MAX as f64));
    let mut apart = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

/// A number of bytes with three digits: `512 B`, `1.21 MB`.
pub fn bytes(value: f64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let (mut value, mut unit) = (value, 0);
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let digits = match value {
        value if unit == 0 || value >= 99.95 => 0,
        value if value >= 9.995 => 1,
        _ => 2,
    };
    format!("{value:.digits$} {}", units[unit])
}

/// A latency, if there is one.
pub fn latency(latency: Option<Duration>) -> String {
    match latency {
        None => "-".into(),
        Some(Duration::MAX) => "> 1 min".into(),
        Some(latency) => duration::short(latency),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let cases = [(0.0, "0"), (0.44, "0.4"), (9.94, "9.9"), (9.96, "10"), (3.0, "3")];
        for (value, expected) in cases.into_iter().chain([(1234.4, "1,234"), (1e6, "1,000,000")]) {
            assert_eq!(number(value), expected);
        }
        assert_eq!(number(f64::MAX), number(u64::MAX as f64));
    }

    #[test]
    fn bytes_have_three_digits() {
        for (value, expected) in [
            (0.0, "0 B"),
            (999.0, "999 B"),
            (1000.0, "1.00 kB"),
            (12_345.0, "12.3 kB"),
            (999_600.0, "1.00 MB"),
            (u64::MAX as f64, "18.4 EB"),
        ] {
            assert_eq!(bytes(value), expected);
        }
    }
}
