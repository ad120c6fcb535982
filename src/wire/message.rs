//! The messages, as borrowed views of a frame. PROTOCOL.md tells what each is for.

use std::fmt;

use super::{Hello, Name, Welcome, MUST_UNDERSTAND};
use crate::error::Status;
use crate::name::is_plain;
use crate::text::quoted;

/// One message. The payloads are bytes of the frame that nobody has looked at yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A client introduces itself.
    Hello(Hello),
    /// The host accepts it.
    Welcome(Welcome),
    /// One round of authentication; reserved.
    Auth {
        /// What the way of authentication defines.
        payload: &'a [u8],
    },
    /// The handshake has failed.
    Refuse {
        /// A status number.
        status: i64,
        /// Why, and how to mend it.
        message: &'a str,
    },
    /// A call, and its arguments.
    Call(CallHeader<'a>, &'a [u8]),
    /// A one-way call, and its arguments.
    OneWay(OneWayHeader<'a>, &'a [u8]),
    /// A call's result.
    Reply {
        /// The call's.
        id: u64,
        /// None are defined yet; with one of [`MUST_UNDERSTAND`] the result is not understood.
        flags: u64,
        /// One value.
        result: &'a [u8],
    },
    /// A call's failure, and the data that the delegate attached (or nil).
    Error(ErrorHeader<'a>, &'a [u8]),
    /// The caller no longer wants the answer.
    Cancel {
        /// The call's.
        id: u64,
    },
    /// Credit of finished one-way calls is given back.
    Credit {
        /// How many they were.
        calls: u64,
        /// The sum of their frames' lengths.
        bytes: u64,
    },
    /// A slice of a larger frame.
    Part {
        /// Which of the frames that are under way.
        transfer: u64,
        /// Whether the frame is complete with it.
        last: bool,
        /// The slice.
        bytes: &'a [u8],
    },
    /// Asks for a pong.
    Ping {
        /// To be sent back.
        token: u64,
    },
    /// Answers a ping.
    Pong {
        /// The ping's.
        token: u64,
    },
    /// No new calls will be started; what runs will be answered.
    Goodbye {
        /// A status number.
        status: i64,
        /// Why.
        message: &'a str,
    },
}

/// Why a call cannot be served although its header is well-formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit<'a> {
    /// Flags that must be understood, and are not.
    Flags(u64),
    /// A name with control characters, which must reach no log and no language that ends texts at one.
    Name(&'a str),
}

impl Misfit<'_> {
    /// The status of the error that answers the call.
    pub fn status(&self) -> Status {
        match self {
            Misfit::Flags(_) => Status::Unsupported,
            Misfit::Name(_) => Status::ContractMismatch,
        }
    }
}

impl fmt::Display for Misfit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Misfit::Flags(flags) => {
                write!(f, "the call has a flag that must be understood but is unknown: {flags:#x}")
            }
            Misfit::Name(name) => {
                write!(f, "names must not contain control characters, but '{}' does", quoted(name))
            }
        }
    }
}

/// What a call says apart from its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallHeader<'a> {
    /// Never used before on this connection in this direction.
    pub id: u64,
    /// None are defined yet; those of [`MUST_UNDERSTAND`] keep the call from being served.
    pub flags: u64,
    /// The interface's name.
    pub interface: Name<'a>,
    /// The method's name.
    pub method: Name<'a>,
    /// Which overload, where a method has several.
    pub signature: Option<&'a str>,
    /// The time left until the caller's deadline, if it has one.
    pub timeout_ms: Option<u64>,
    /// Calls of one lane start in the order sent.
    pub lane: u64,
    /// The call, of the other direction, within which this one was made.
    pub parent: Option<u64>,
    /// A checked map of strings to strings, for [`metadata_pairs`](super::metadata_pairs).
    pub metadata: Option<&'a [u8]>,
}

/// What a one-way call says apart from its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneWayHeader<'a> {
    /// None are defined yet; those of [`MUST_UNDERSTAND`] keep the call from being served.
    pub flags: u64,
    /// The interface's name.
    pub interface: Name<'a>,
    /// The method's name.
    pub method: Name<'a>,
    /// Which overload, where a method has several.
    pub signature: Option<&'a str>,
    /// Calls of one lane start in the order sent.
    pub lane: u64,
    /// The call, of the other direction, within which this one was made.
    pub parent: Option<u64>,
    /// A checked map of strings to strings, for [`metadata_pairs`](super::metadata_pairs).
    pub metadata: Option<&'a [u8]>,
}

impl<'a> CallHeader<'a> {
    /// What keeps the call from being served, if anything does.
    #[inline]
    pub fn misfit(&self) -> Option<Misfit<'a>> {
        misfit(self.flags, self.interface, self.method, self.signature)
    }
}

impl<'a> OneWayHeader<'a> {
    /// What keeps the call from being served, if anything does.
    #[inline]
    pub fn misfit(&self) -> Option<Misfit<'a>> {
        misfit(self.flags, self.interface, self.method, self.signature)
    }
}

#[inline]
fn misfit<'a>(
    flags: u64,
    interface: Name<'a>,
    method: Name<'a>,
    signature: Option<&'a str>,
) -> Option<Misfit<'a>> {
    if flags & MUST_UNDERSTAND != 0 {
        return Some(Misfit::Flags(flags & MUST_UNDERSTAND));
    }
    if let Some(name) = [interface, method].into_iter().find(|name| !name.is_plain()) {
        return Some(Misfit::Name(name.as_str()));
    }
    signature.filter(|signature| !is_plain(signature)).map(Misfit::Name)
}

/// What an error says apart from its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorHeader<'a> {
    /// The call's.
    pub id: u64,
    /// A status number; a newer peer may send unknown ones.
    pub status: i64,
    /// An execution number; a newer peer may send unknown ones.
    pub execution: i64,
    /// What went wrong.
    pub message: &'a str,
    /// The name of the error's type in the delegate's language.
    pub type_name: Option<&'a str>,
    /// A stack trace as text.
    pub trace: Option<&'a str>,
}
