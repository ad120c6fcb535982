//! Reads a frame's header. Skips elements that a newer peer adds to it. The payload is the rest of the
//! frame, whatever it holds.

use super::check::skip_values;
use super::handshake::{read_hello, read_welcome};
use super::reader::{not_utf8, Reader};
use super::{
    kind, metadata, CallHeader, ErrorHeader, Malformed, Message, Name, OneWayHeader, LAST_PART,
    MUST_UNDERSTAND, RESERVED_KINDS,
};
use crate::limits::NAME;

impl<'a> Message<'a> {
    /// Decodes a frame, given without its length.
    #[inline]
    pub fn decode(frame: &'a [u8]) -> Result<Message<'a>, Malformed> {
        let mut reader = Reader::new(frame);
        let elements = reader.array("frame")?;
        if elements == 0 {
            return Err(Malformed::new("frame: the array is empty"));
        }
        let kind = reader.uint("kind")?;
        let mut fields = Fields { reader, elements };
        match kind {
            kind::REPLY => fields.reply(),
            kind::CALL => fields.call(),
            kind::ONE_WAY => fields.one_way(),
            _ => fields.other(kind),
        }
    }
}

/// The elements of a frame after its kind.
struct Fields<'a> {
    reader: Reader<'a>,
    /// The number of elements in the frame, the kind included.
    elements: usize,
}

impl<'a> Fields<'a> {
    /// Reads the header with `read`, which must read all `known` elements before the payload, except the
    /// kind; then the payload.
    #[inline]
    fn with_payload<T>(
        &mut self,
        name: &str,
        known: usize,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Malformed>,
    ) -> Result<(T, &'a [u8]), Malformed> {
        let header = self.header(name, known, 1, read)?;
        match self.reader.rest {
            [] => Err(Malformed::new(format!("{name}: the payload is missing"))),
            payload => Ok((header, payload)),
        }
    }

    /// The same for a message without payload.
    fn without_payload<T>(
        &mut self,
        name: &str,
        known: usize,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        let header = self.header(name, known, 0, read)?;
        self.reader.end(name)?;
        Ok(header)
    }

    #[inline]
    fn header<T>(
        &mut self,
        name: &str,
        known: usize,
        payloads: usize,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        let Some(unknown) = self.elements.checked_sub(known + payloads) else {
            return Err(too_few(name, known + payloads, self.elements));
        };
        let header = read(&mut self.reader)?;
        if unknown > 0 {
            skip_values(&mut self.reader, unknown, name)?;
        }
        Ok(header)
    }

    #[inline]
    fn reply(&mut self) -> Result<Message<'a>, Malformed> {
        let ((id, flags), result) = self.with_payload("reply", 3, |reader| {
            Ok((reader.uint("reply id")?, reader.uint("reply flags")?))
        })?;
        Ok(Message::Reply { id, flags, result })
    }

    #[inline]
    fn call(&mut self) -> Result<Message<'a>, Malformed> {
        let (header, arguments) = self.with_payload("call", 10, |reader| {
            Ok(CallHeader {
                id: reader.uint("call id")?,
                flags: reader.uint("call flags")?,
                interface: name(reader, "interface")?,
                method: name(reader, "method")?,
                signature: reader.optional(|reader| reader.str("signature"))?,
                timeout_ms: reader.optional(|reader| reader.uint("timeout"))?,
                lane: reader.uint("lane")?,
                parent: reader.optional(|reader| reader.uint("parent"))?,
                metadata: reader.optional(metadata::read)?,
            })
        })?;
        Ok(Message::Call(header, arguments))
    }

    fn one_way(&mut self) -> Result<Message<'a>, Malformed> {
        let (header, arguments) = self.with_payload("one-way call", 8, |reader| {
            Ok(OneWayHeader {
                flags: reader.uint("one-way flags")?,
                interface: name(reader, "interface")?,
                method: name(reader, "method")?,
                signature: reader.optional(|reader| reader.str("signature"))?,
                lane: reader.uint("lane")?,
                parent: reader.optional(|reader| reader.uint("parent"))?,
                metadata: reader.optional(metadata::read)?,
            })
        })?;
        Ok(Message::OneWay(header, arguments))
    }

    fn other(&mut self, kind: u64) -> Result<Message<'a>, Malformed> {
        match kind {
            kind::HELLO => {
                let (hello, _) = self.with_payload("hello", 8, read_hello)?;
                Ok(Message::Hello(hello))
            }
            kind::WELCOME => {
                let (welcome, _) = self.with_payload("welcome", 6, read_welcome)?;
                Ok(Message::Welcome(welcome))
            }
            kind::AUTH => {
                let ((), payload) = self.with_payload("auth", 1, |_| Ok(()))?;
                Ok(Message::Auth { payload })
            }
            kind::REFUSE => {
                let (status, message) = self.without_payload("refuse", 3, status_and_message)?;
                Ok(Message::Refuse { status, message })
            }
            kind::ERROR => {
                let (header, data) = self.with_payload("error", 7, error)?;
                Ok(Message::Error(header, data))
            }
            kind::CANCEL => {
                let id = self.without_payload("cancel", 2, |reader| reader.uint("cancel id"))?;
                Ok(Message::Cancel { id })
            }
            kind::CREDIT => {
                let (calls, bytes) = self.without_payload("credit", 3, |reader| {
                    Ok((reader.uint("credit calls")?, reader.uint("credit bytes")?))
                })?;
                Ok(Message::Credit { calls, bytes })
            }
            kind::PART => self.part(),
            kind::PING => {
                let token = self.without_payload("ping", 2, |reader| reader.uint("ping token"))?;
                Ok(Message::Ping { token })
            }
            kind::PONG => {
                let token = self.without_payload("pong", 2, |reader| reader.uint("pong token"))?;
                Ok(Message::Pong { token })
            }
            kind::GOODBYE => {
                let (status, message) = self.without_payload("goodbye", 3, status_and_message)?;
                Ok(Message::Goodbye { status, message })
            }
            reserved if RESERVED_KINDS.contains(&reserved) => {
                Err(Malformed::new(format!("kind: {reserved} is reserved")))
            }
            unknown => Err(Malformed::new(format!("kind: {unknown} is unknown"))),
        }
    }

    fn part(&mut self) -> Result<Message<'a>, Malformed> {
        let ((transfer, flags), payload) = self.with_payload("part", 3, |reader| {
            Ok((reader.uint("part transfer")?, reader.uint("part flags")?))
        })?;
        if flags & MUST_UNDERSTAND & !LAST_PART != 0 {
            return Err(Malformed::new(format!("part flags: {flags} must be understood")));
        }
        let mut payload = Reader::new(payload);
        let length = payload.bin("part bytes")?;
        let bytes = payload.take(length, "part bytes")?;
        payload.end("part bytes")?;
        Ok(Message::Part { transfer, last: flags & LAST_PART != 0, bytes })
    }
}

/// The name of an interface or method.
#[inline]
fn name<'a>(reader: &mut Reader<'a>, field: &str) -> Result<Name<'a>, Malformed> {
    let bytes = reader.str_bytes(field)?;
    if !NAME.contains(&bytes.len()) {
        return Err(Malformed::new(format!(
            "{field}: a name of {} bytes, {} to {} are allowed",
            bytes.len(),
            NAME.start(),
            NAME.end()
        )));
    }
    Name::read(bytes).ok_or_else(|| not_utf8(field))
}

/// A status and a message, as in refuse and goodbye.
fn status_and_message<'a>(reader: &mut Reader<'a>) -> Result<(i64, &'a str), Malformed> {
    Ok((reader.int("status")?, reader.str("message")?))
}

fn error<'a>(reader: &mut Reader<'a>) -> Result<ErrorHeader<'a>, Malformed> {
    Ok(ErrorHeader {
        id: reader.uint("error id")?,
        status: reader.int("status")?,
        execution: reader.int("execution")?,
        message: reader.str("message")?,
        type_name: reader.optional(|reader| reader.str("type name"))?,
        trace: reader.optional(|reader| reader.str("trace"))?,
    })
}

#[cold]
fn too_few(name: &str, needed: usize, found: usize) -> Malformed {
    Malformed::new(format!("{name}: {found} elements, at least {needed} expected"))
}
