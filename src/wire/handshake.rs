//! The messages that open a connection. Unlike others they are copied out of their frame.

use super::check::skip_values;
use super::encode::framed;
use super::reader::Reader;
use super::writer::Writer;
use super::{kind, Malformed, MAGIC};
use crate::text::quoted;

/// The most features in a list: with [`FEATURE_NAME`] this keeps a stranger's frame from costing much more
/// memory than its own bytes.
const FEATURES: usize = 256;
const FEATURE_NAME: usize = 255;

/// A client's introduction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The lowest version of the protocol that the client speaks.
    pub min_version: u32,
    /// The highest version.
    pub max_version: u32,
    /// Features that the client can use.
    pub offered: Vec<String>,
    /// The offered features that the client requires.
    pub required: Vec<String>,
    /// What the host may send to the client.
    pub limits: PeerLimits,
    /// Information about the sender.
    pub who: Who,
}

impl Hello {
    /// Whether the client can use this feature; a required one counts as offered.
    pub fn offers(&self, feature: &str) -> bool {
        self.offered.iter().chain(&self.required).any(|offered| offered == feature)
    }
}

/// A host's acceptance of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// The version of the protocol that both sides will speak.
    pub version: u32,
    /// The features that both sides will use.
    pub features: Vec<String>,
    /// What the client may send to the host.
    pub limits: PeerLimits,
    /// The host's number for this connection.
    pub connection_id: u64,
    /// Information about the sender.
    pub who: Who,
}

/// What a peer accepts. The defaults apply to limits that a peer does not state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerLimits {
    /// The largest frame, in bytes after its length; at most `u32::MAX`.
    pub frame: u64,
    /// The most unfinished calls, one-way calls included.
    pub calls: u64,
    /// The most bytes in their frames together.
    pub bytes: u64,
    /// The same for nested calls.
    pub nested_calls: u64,
    /// The most bytes in their frames together.
    pub nested_bytes: u64,
}

impl Default for PeerLimits {
    fn default() -> PeerLimits {
        PeerLimits {
            frame: 1 << 20,
            calls: 64,
            bytes: 2 << 20,
            nested_calls: 64,
            nested_bytes: 2 << 20,
        }
    }
}

/// Information about a peer, never proof.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// The implementation of the protocol, with a version, e.g. `callgate 0.1.0`.
    pub library: String,
    /// The programming language.
    pub language: String,
    /// The process id, or 0.
    pub pid: u32,
}

/// Appends a complete hello frame.
pub fn encode_hello(out: &mut Vec<u8>, hello: &Hello) -> usize {
    framed(out, 0, |write| {
        write.array(9).uint(kind::HELLO).str(MAGIC);
        write.uint(hello.min_version).uint(hello.max_version);
        write_features(write, &hello.offered);
        write_features(write, &hello.required);
        write_limits(write, &hello.limits);
        write_who(write, &hello.who);
        write.nil();
    })
}

/// Appends a complete welcome frame.
pub fn encode_welcome(out: &mut Vec<u8>, welcome: &Welcome) -> usize {
    framed(out, 0, |write| {
        write.array(7).uint(kind::WELCOME).uint(welcome.version);
        write_features(write, &welcome.features);
        write_limits(write, &welcome.limits);
        write.uint(welcome.connection_id);
        write_who(write, &welcome.who);
        write.nil();
    })
}

fn write_features(write: &mut Writer<'_>, features: &[String]) {
    write.array(features.len());
    for feature in features {
        write.str(feature);
    }
}

fn write_limits(write: &mut Writer<'_>, limits: &PeerLimits) {
    let pairs = [
        ("frame", limits.frame),
        ("calls", limits.calls),
        ("bytes", limits.bytes),
        ("nested_calls", limits.nested_calls),
        ("nested_bytes", limits.nested_bytes),
    ];
    write.map(pairs.len());
    for (key, value) in pairs {
        write.str(key).uint(value);
    }
}

fn write_who(write: &mut Writer<'_>, who: &Who) {
    write.map(3).str("library").str(&who.library);
    write.str("language").str(&who.language);
    write.str("pid").uint(who.pid);
}

/// Reads the fields of a hello that follow its kind.
pub(super) fn read_hello(reader: &mut Reader<'_>) -> Result<Hello, Malformed> {
    let magic = reader.str("magic")?;
    if magic != MAGIC {
        return Err(Malformed::new(format!(
            "magic: expected {MAGIC:?}, found '{}'",
            quoted(magic)
        )));
    }
    let hello = Hello {
        min_version: reader.uint32("lowest version")?,
        max_version: reader.uint32("highest version")?,
        offered: read_features(reader, "offered features")?,
        required: read_features(reader, "required features")?,
        limits: read_limits(reader)?,
        who: read_who(reader)?,
    };
    if hello.min_version > hello.max_version {
        return Err(Malformed::new(format!(
            "lowest version: {} is above the highest, {}",
            hello.min_version, hello.max_version
        )));
    }
    Ok(hello)
}

/// Reads the fields of a welcome that follow its kind.
pub(super) fn read_welcome(reader: &mut Reader<'_>) -> Result<Welcome, Malformed> {
    Ok(Welcome {
        version: reader.uint32("version")?,
        features: read_features(reader, "features")?,
        limits: read_limits(reader)?,
        connection_id: reader.uint("connection id")?,
        who: read_who(reader)?,
    })
}

fn read_features(reader: &mut Reader<'_>, field: &str) -> Result<Vec<String>, Malformed> {
    let count = reader.array(field)?;
    if count > FEATURES {
        return Err(Malformed::new(format!(
            "{field}: {count} entries, at most {FEATURES} are allowed"
        )));
    }
    (0..count).map(|_| read_feature(reader, field)).collect()
}

fn read_feature(reader: &mut Reader<'_>, field: &str) -> Result<String, Malformed> {
    let name = reader.str(field)?;
    if name.is_empty() || name.len() > FEATURE_NAME {
        return Err(Malformed::new(format!(
            "{field}: a name of {} bytes, 1 to {FEATURE_NAME} are allowed",
            name.len()
        )));
    }
    Ok(name.to_owned())
}

fn read_limits(reader: &mut Reader<'_>) -> Result<PeerLimits, Malformed> {
    let mut limits = PeerLimits::default();
    for _ in 0..reader.map("limits")? {
        let limit = match reader.str("limits key")? {
            "frame" => &mut limits.frame,
            "calls" => &mut limits.calls,
            "bytes" => &mut limits.bytes,
            "nested_calls" => &mut limits.nested_calls,
            "nested_bytes" => &mut limits.nested_bytes,
            _ => {
                skip_values(reader, 1, "unknown limit")?;
                continue;
            }
        };
        *limit = reader.uint("limit")?;
    }
    limits.frame = limits.frame.min(u32::MAX.into());
    Ok(limits)
}

fn read_who(reader: &mut Reader<'_>) -> Result<Who, Malformed> {
    let mut who = Who::default();
    for _ in 0..reader.map("who")? {
        match reader.str("who key")? {
            "library" => who.library = reader.str("library")?.to_owned(),
            "language" => who.language = reader.str("language")?.to_owned(),
            "pid" => who.pid = reader.uint32("pid")?,
            _ => skip_values(reader, 1, "unknown who entry")?,
        }
    }
    Ok(who)
}
