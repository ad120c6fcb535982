//! The messages, as borrowed views of a frame. PROTOCOL.md says what each is for.

use super::misfit::misfit;
#[cfg(doc)]
use super::MUST_UNDERSTAND;
use super::{Hello, Misfit, Name, Welcome};

/// One message. Payloads are unchecked bytes of the frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A client introduces itself.
    Hello(Hello),
    /// The host accepts it.
    Welcome(Welcome),
    /// One round of authentication; reserved.
    Auth {
        /// Defined by the authentication method.
        payload: &'a [u8],
    },
    /// The handshake failed.
    Refuse {
        /// A status number.
        status: i64,
        /// Why, and how to fix it.
        message: &'a str,
    },
    /// A call, and its arguments.
    Call(CallHeader<'a>, &'a [u8]),
    /// A one-way call, and its arguments.
    OneWay(OneWayHeader<'a>, &'a [u8]),
    /// A call's result.
    Reply {
        /// The id of the call.
        id: u64,
        /// No flags are defined yet. A result with a flag of [`MUST_UNDERSTAND`] must not be used.
        flags: u64,
        /// One value.
        result: &'a [u8],
    },
    /// A call's failure, and the data that the delegate attached (or nil).
    Error(ErrorHeader<'a>, &'a [u8]),
    /// The caller no longer waits for the reply.
    Cancel {
        /// The id of the call.
        id: u64,
    },
    /// Returns the credit of finished one-way calls.
    Credit {
        /// The number of calls.
        calls: u64,
        /// The sum of their frames' lengths.
        bytes: u64,
    },
    /// A part of a large frame.
    Part {
        /// The transfer that the part belongs to.
        transfer: u64,
        /// Whether this part completes the frame.
        last: bool,
        /// The bytes of this part.
        bytes: &'a [u8],
    },
    /// Asks for a pong.
    Ping {
        /// Returned in the pong.
        token: u64,
    },
    /// The reply to a ping.
    Pong {
        /// The token of the ping.
        token: u64,
    },
    /// The sender starts no new calls; running calls still get their replies.
    Goodbye {
        /// A status number.
        status: i64,
        /// Why.
        message: &'a str,
    },
}

/// The header of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallHeader<'a> {
    /// Never used before on this connection in this direction.
    pub id: u64,
    /// No flags are defined yet. A call with a flag of [`MUST_UNDERSTAND`] must not be served.
    pub flags: u64,
    /// The interface's name.
    pub interface: Name<'a>,
    /// The method's name.
    pub method: Name<'a>,
    /// The signature that selects an overload, for methods that have several.
    pub signature: Option<&'a str>,
    /// How much time the caller's deadline leaves, if it has one.
    pub timeout_ms: Option<u64>,
    /// Calls of one lane start in the order sent.
    pub lane: u64,
    /// The call in the other direction that this one is nested in.
    pub parent: Option<u64>,
    /// A checked map of strings to strings, for [`metadata_pairs`](super::metadata_pairs).
    pub metadata: Option<&'a [u8]>,
}

/// The header of a one-way call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OneWayHeader<'a> {
    /// No flags are defined yet. A call with a flag of [`MUST_UNDERSTAND`] must not be served.
    pub flags: u64,
    /// The interface's name.
    pub interface: Name<'a>,
    /// The method's name.
    pub method: Name<'a>,
    /// The signature that selects an overload, for methods that have several.
    pub signature: Option<&'a str>,
    /// Calls of one lane start in the order sent.
    pub lane: u64,
    /// The call in the other direction that this one is nested in.
    pub parent: Option<u64>,
    /// A checked map of strings to strings, for [`metadata_pairs`](super::metadata_pairs).
    pub metadata: Option<&'a [u8]>,
}

impl<'a> CallHeader<'a> {
    /// Why the call cannot be served, if so.
    #[inline]
    pub fn misfit(&self) -> Option<Misfit<'a>> {
        misfit(self.flags, [self.interface, self.method], self.signature, self.metadata)
    }
}

impl<'a> OneWayHeader<'a> {
    /// Why the call cannot be served, if so.
    #[inline]
    pub fn misfit(&self) -> Option<Misfit<'a>> {
        misfit(self.flags, [self.interface, self.method], self.signature, self.metadata)
    }
}

/// The header of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorHeader<'a> {
    /// The id of the call.
    pub id: u64,
    /// A status number; a newer peer may send unknown ones.
    pub status: i64,
    /// An execution number; a newer peer may send unknown ones.
    pub execution: i64,
    /// What went wrong.
    pub message: &'a str,
    /// The error's type name in the delegate's language.
    pub type_name: Option<&'a str>,
    /// A stack trace as text.
    pub trace: Option<&'a str>,
}
