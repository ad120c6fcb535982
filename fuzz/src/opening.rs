//! How a peer opens a conversation, well or badly.

use arbitrary::Arbitrary;
use callgate::unstable::wire::{
    encode_hello, encode_refuse, encode_welcome, Hello, PeerLimits, Welcome, Who, PARTS, VERSION,
};

/// The frame limit that the peer states.
const FRAME: u64 = 1 << 20;

/// How a peer opens the conversation.
#[derive(Arbitrary, Debug)]
pub enum Opening<'a> {
    /// As Callgate does.
    Usual,
    /// With a well-formed message, whatever it says.
    Other {
        versions: (u8, u8),
        feature: &'a str,
        required: bool,
        frame: u32,
        calls: u8,
        bytes: u16,
    },
    /// With one byte changed.
    Changed { at: u8, bits: u8 },
    /// By refusing the other side.
    Refuse { status: i8, message: &'a str },
    /// With something else.
    Bytes(&'a [u8]),
}

impl Opening<'_> {
    /// The bytes of a client, which introduces itself.
    pub fn of_client(&self) -> Vec<u8> {
        self.write(|out, (min_version, max_version), features, required, limits| {
            let required = if required { features.clone() } else { Vec::new() };
            let who = Who::default();
            let hello =
                Hello { min_version, max_version, offered: features, required, limits, who };
            encode_hello(out, &hello);
        })
    }

    /// The bytes of a host, which welcomes a client.
    pub fn of_host(&self) -> Vec<u8> {
        self.write(|out, (version, _), features, _, limits| {
            let welcome =
                Welcome { version, features, limits, connection_id: 1, who: Who::default() };
            encode_welcome(out, &welcome);
        })
    }

    fn write(
        &self,
        write: impl Fn(&mut Vec<u8>, (u32, u32), Vec<String>, bool, PeerLimits),
    ) -> Vec<u8> {
        let mut out = Vec::new();
        match *self {
            Opening::Usual | Opening::Changed { .. } => {
                let limits = PeerLimits { frame: FRAME, ..PeerLimits::default() };
                write(&mut out, (VERSION, VERSION), vec![PARTS.into()], false, limits);
            }
            Opening::Other { versions: (min, max), feature, required, frame, calls, bytes } => {
                let limits = PeerLimits {
                    frame: frame.into(),
                    calls: calls.into(),
                    bytes: bytes.into(),
                    ..PeerLimits::default()
                };
                write(&mut out, (min.into(), max.into()), vec![feature.into()], required, limits);
            }
            Opening::Refuse { status, message } => {
                let _length = encode_refuse(&mut out, status.into(), message);
            }
            Opening::Bytes(bytes) => out.extend_from_slice(bytes),
        }
        if let Opening::Changed { at, bits } = *self {
            let at = usize::from(at) % out.len();
            out[at] ^= bits;
        }
        out
    }
}
