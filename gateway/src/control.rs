//! What gateways say to one another before a session begins: JSON, so that it can be read and tried with the
//! tool `nats`. Fields that are unknown are ignored.

use std::time::Duration;

use serde::{de::DeserializeOwned, Deserialize, Serialize};

use crate::session::Tag;

/// The version of these texts and of the session's messages. Gateways of different versions refuse each other.
const VERSION: u32 = 1;

/// The longest text, in bytes.
const LONGEST: usize = 4096;

/// The longest subject, in bytes.
const LONGEST_SUBJECT: usize = 255;

/// The shortest and the longest time between heartbeats.
pub const HEARTBEATS: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_secs(60);

/// The subject on which the instances of a service answer [`Found`], one of them each time.
pub fn find_subject(service: &str) -> String {
    format!("callgate.{service}.find")
}

/// The subject on which an instance opens sessions.
pub fn open_subject(service: &str, instance: &str) -> String {
    format!("callgate.{service}.open.{instance}")
}

/// How an instance answers to who looks for one.
#[derive(Serialize, Deserialize)]
pub struct Found {
    version: u32,
    /// Its id, as NATS lists it.
    pub instance: String,
    /// How many sessions it has.
    pub sessions: usize,
    /// Whether its host could be reached when it was last tried.
    pub reachable: bool,
}

impl Found {
    pub fn new(instance: &str, sessions: usize, reachable: bool) -> Found {
        Found { version: VERSION, instance: instance.to_owned(), sessions, reachable }
    }
}

impl Text for Found {
    fn is_valid(&self) -> bool {
        let id = &self.instance;
        self.version == VERSION
            && (1..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }
}

/// One side's part of a new session: the request to open it, and what accepts it.
#[derive(Serialize, Deserialize)]
pub struct Side {
    version: u32,
    /// Where it receives the messages of the session.
    pub subject: String,
    /// The tag that they must have, in hexadecimal.
    tag: String,
    /// The longest time in which it sends nothing, in milliseconds.
    heartbeat_ms: u64,
}

impl Side {
    pub fn new(subject: String, tag: &Tag, heartbeat: Duration) -> Side {
        let heartbeat_ms = u64::try_from(heartbeat.as_millis()).unwrap_or(u64::MAX);
        Side { version: VERSION, subject, tag: hexadecimal(tag.bytes()), heartbeat_ms }
    }

    pub fn tag(&self) -> Option<Tag> {
        let digits = self.tag.as_bytes();
        if digits.len() != 32 {
            return None;
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16);
            *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
        }
        Some(Tag::new(bytes))
    }

    pub fn heartbeat(&self) -> Duration {
        Duration::from_millis(self.heartbeat_ms)
    }
}

/// The answer to the request to open a session.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The session has begun.
    Accepted(Side),
    /// There is no session, for this reason. It may contain any characters.
    Refused(String),
}

impl Text for Answer {
    fn is_valid(&self) -> bool {
        match self {
            Answer::Accepted(side) => side.is_valid(),
            Answer::Refused(_) => true,
        }
    }
}

impl Text for Side {
    fn is_valid(&self) -> bool {
        self.version == VERSION
            && is_subject(&self.subject)
            && self.tag().is_some()
            && HEARTBEATS.contains(&self.heartbeat())
    }
}

/// A text of this module.
pub trait Text: Serialize + DeserializeOwned {
    fn is_valid(&self) -> bool;

    /// Reads it; `None` if it is none, or of another version.
    fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > LONGEST {
            return None;
        }
        serde_json::from_slice(bytes).ok().filter(Self::is_valid)
    }

    fn write(&self) -> bytes::Bytes {
        serde_json::to_vec(self).expect("texts and numbers become JSON").into()
    }
}

/// Whether messages may be published there: a peer must not make this gateway write anywhere else than to one
/// plain subject, and never to NATS's own.
pub fn is_subject(text: &str) -> bool {
    let is_token = |token: &str| {
        !token.is_empty()
            && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    text.len() <= LONGEST_SUBJECT && text.split('.').all(is_token)
}

/// A number in hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(subject: &str, tag: &str, heartbeat_ms: u64) -> Vec<u8> {
        let text = serde_json::json!({
            "version": 1, "subject": subject, "tag": tag, "heartbeat_ms": heartbeat_ms, "later": [],
        });
        text.to_string().into_bytes()
    }

    #[test]
    fn a_side_reads_what_a_side_has_written() {
        let tag = Tag::new(*b"0123456789abcdef");
        let written = Side::new("_INBOX.a-b.c".into(), &tag, Duration::from_secs(5)).write();
        let side = Side::read(&written).unwrap();
        assert_eq!(side.subject, "_INBOX.a-b.c");
        assert_eq!(side.tag().unwrap().bytes(), tag.bytes());
        assert_eq!(side.heartbeat(), Duration::from_secs(5));
        assert!(Side::read(&self::side("a", &"0F".repeat(16), 5000)).is_some());
    }

    #[test]
    fn a_side_that_could_do_harm_is_refused() {
        let tag = "0f".repeat(16);
        for subject in
            ["", "a..b", ".a", "a.*", "a.>", "$SYS.x", "a b", "a\r\nPUB x", &"a".repeat(256)]
        {
            assert!(Side::read(&side(subject, &tag, 5000)).is_none(), "{subject:?}");
        }
        for tag in ["", "0f", &"0g".repeat(16), &"0f".repeat(17), &"+f".repeat(16)] {
            assert!(Side::read(&side("a", tag, 5000)).is_none(), "{tag}");
        }
        for heartbeat in [0, 99, 60_001, u64::MAX] {
            assert!(Side::read(&side("a", &tag, heartbeat)).is_none(), "{heartbeat}");
        }
        assert!(Side::read(&side("a", &tag, 5000)).is_some());
        assert!(Side::read(&[b' '; LONGEST + 1]).is_none());
    }

    #[test]
    fn an_instance_has_a_plain_id_and_this_version() {
        assert!(Found::read(&Found::new("VRaJ9", 3, true).write()).is_some());
        for id in ["", "a.b", "*", "a b"] {
            assert!(Found::read(&Found::new(id, 3, true).write()).is_none(), "{id:?}");
        }
        let other = Found { version: 2, ..Found::new("a", 3, true) };
        assert!(Found::read(&other.write()).is_none());
    }
}
