//! Moments as text (RFC 3339, in UTC) and as MessagePack has them.

/// MessagePack's type of timestamps, an extension.
pub const EXTENSION: i8 = -1;

const SECONDS_OF_DAY: i64 = 86_400;

/// A moment: seconds and nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp {
    pub seconds: i64,
    pub nanoseconds: u32,
}

impl Timestamp {
    /// Reads the bytes of the extension, in each of its three lengths.
    pub fn from_bytes(bytes: &[u8]) -> Option<Timestamp> {
        let timestamp = match bytes.len() {
            4 => Timestamp {
                seconds: u32::from_be_bytes(bytes.try_into().ok()?).into(),
                nanoseconds: 0,
            },
            8 => {
                let both = u64::from_be_bytes(bytes.try_into().ok()?);
                let seconds = (both & ((1 << 34) - 1)) as i64;
                Timestamp { seconds, nanoseconds: (both >> 34) as u32 }
            }
            12 => Timestamp {
                nanoseconds: u32::from_be_bytes(bytes[..4].try_into().ok()?),
                seconds: i64::from_be_bytes(bytes[4..].try_into().ok()?),
            },
            _ => return None,
        };
        (timestamp.nanoseconds < 1_000_000_000).then_some(timestamp)
    }

    /// The shortest bytes of the extension.
    pub fn to_bytes(self) -> Vec<u8> {
        match u64::try_from(self.seconds) {
            Ok(seconds) if seconds >> 32 == 0 && self.nanoseconds == 0 => {
                (seconds as u32).to_be_bytes().into()
            }
            Ok(seconds) if seconds >> 34 == 0 => {
                (u64::from(self.nanoseconds) << 34 | seconds).to_be_bytes().into()
            }
            _ => {
                let mut bytes = self.nanoseconds.to_be_bytes().to_vec();
                bytes.extend(self.seconds.to_be_bytes());
                bytes
            }
        }
    }

    /// Reads e.g. `2026-01-31T12:00:00.5Z` or `2026-01-31T12:00:00+01:00`.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let (date, rest) = text.split_once(['T', 't', ' '])?;
        let zone = rest.find(['Z', 'z', '+', '-'])?;
        let (time, zone) = rest.split_at(zone);
        let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let [year, month, day] = numbers(date, '-')?;
        let [hour, minute, second] = numbers(time, ':')?;
        let days = days_since_1970(year, month, day)?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds = days * SECONDS_OF_DAY + hour * 3600 + minute * 60 + second;
        let is_fraction = (1..=9).contains(&fraction.len()) && digits(fraction);
        let nanoseconds = is_fraction.then(|| format!("{fraction:0<9}").parse().ok())??;
        Some(Timestamp { seconds: seconds - offset(zone)?, nanoseconds })
    }

    /// The moment as text, if its year has four digits.
    pub fn to_text(self) -> Option<String> {
        let (days, second) =
            (self.seconds.div_euclid(SECONDS_OF_DAY), self.seconds.rem_euclid(SECONDS_OF_DAY));
        let (year, month, day) = date(days)?;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let fraction = match self.nanoseconds {
            0 => String::new(),
            ns => format!(".{ns:09}").trim_end_matches('0').to_owned(),
        };
        Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z"))
    }
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut next = || parts.next().filter(|part| digits(part))?.parse().ok();
    let found = [next()?, next()?, next()?];
    parts.next().is_none().then_some(found)
}

/// The seconds that a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let [hours, minutes, _] = numbers(&format!("{}:0", &zone[1..]), ':')?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Counts in years that begin in March, so that a leap day is the last of its year.
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(0..=9999).contains(&year) || !(1..=12).contains(&month) {
        return None;
    }
    let (march_year, march_month) =
        if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = march_year.div_euclid(400);
    let year_of_era = march_year.rem_euclid(400);
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    let days =
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = days - 719_468;
    // Refuses days that the month does not have.
    (date(days) == Some((year, month, day))).then_some(days)
}

fn date(days: i64) -> Option<(i64, i64, i64)> {
    let days = days.checked_add(719_468)?;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (0..=9999).contains(&year).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_survive_text_and_bytes() {
        let of = |seconds, nanoseconds| Timestamp { seconds, nanoseconds };
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", of(0, 0)),
            ("2000-02-29T23:59:59.5Z", of(951_868_799, 500_000_000)),
            ("1969-12-31T23:59:59.999999999Z", of(-1, 999_999_999)),
            ("2106-02-07T06:28:16Z", of(1 << 32, 0)),
            ("9999-12-31T23:59:59Z", of(253_402_300_799, 0)),
        ] {
            assert_eq!(Timestamp::parse(text), Some(expected), "{text}");
            assert_eq!(expected.to_text().as_deref(), Some(text));
            assert_eq!(Timestamp::from_bytes(&expected.to_bytes()), Some(expected), "{text}");
        }
        assert_eq!(
            Timestamp::parse("2026-01-01T01:30:00+01:30"),
            Timestamp::parse("2026-01-01T00:00:00Z")
        );
        assert_eq!(of(i64::MAX, 0).to_text(), None);
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "2026-01-01",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+1",
            "+026-01-01T00:00:00Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
