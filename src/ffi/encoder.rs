//! Composes one MessagePack value piece by piece, and notices pieces that do not make one. Pure: the
//! writer's exports are the skin.

use rmp::encode as mp;

use super::input::invalid;
use crate::limits::NESTING;
use crate::{Error, Result, Status};

/// More memory than that is not kept for another use.
const KEPT: usize = 64 * 1024;

/// One value in the making. The first mistake is kept, and told in the end.
#[derive(Default)]
pub(super) struct Encoder {
    bytes: Vec<u8>,
    /// How many values each open array or map still lacks, the innermost last.
    open: Vec<u64>,
    begun: bool,
    mistake: Option<Error>,
}

impl Encoder {
    /// A value that holds no others. Writing to memory that is reserved cannot fail.
    pub(super) fn scalar<E>(
        &mut self,
        room: usize,
        write: impl FnOnce(&mut Vec<u8>) -> std::result::Result<(), E>,
    ) {
        self.piece(|this| {
            this.begin_value(room)?;
            let written = write(&mut this.bytes);
            debug_assert!(written.is_ok());
            this.close_full();
            Ok(())
        });
    }

    /// An array of so many values, which follow.
    pub(super) fn array(&mut self, count: usize) {
        self.container(count, 1, |bytes, count| mp::write_array_len(bytes, count).map(drop));
    }

    /// A map of so many keys and values, which follow, each key before its value.
    pub(super) fn map(&mut self, count: usize) {
        self.container(count, 2, |bytes, count| mp::write_map_len(bytes, count).map(drop));
    }

    /// A piece that may be refused.
    pub(super) fn piece(&mut self, add: impl FnOnce(&mut Encoder) -> Result<()>) {
        if self.mistake.is_none() {
            self.mistake = add(self).err();
        }
    }

    /// The finished value.
    pub(super) fn finish(&self) -> Result<&[u8]> {
        if let Some(mistake) = &self.mistake {
            return Err(mistake.clone());
        }
        match self.open.last() {
            _ if !self.begun => Err(invalid("nothing was written")),
            Some(missing) => {
                Err(invalid(format!("the innermost open array or map lacks {missing} more values")))
            }
            None => Ok(&self.bytes),
        }
    }

    /// Begins anew, and keeps the memory.
    pub(super) fn reset(&mut self) {
        self.bytes.clear();
        self.open.clear();
        self.begun = false;
        self.mistake = None;
    }

    /// Begins anew for another use, which may need much less memory.
    pub(super) fn renew(&mut self) {
        if self.bytes.capacity() > KEPT {
            self.bytes = Vec::new();
        }
        self.reset();
    }

    fn container<E>(
        &mut self,
        count: usize,
        values_each: u64,
        write: impl FnOnce(&mut Vec<u8>, u32) -> std::result::Result<(), E>,
    ) {
        self.piece(|this| {
            let count = u32::try_from(count)
                .map_err(|_| invalid("arrays and maps hold up to 4,294,967,295 elements"))?;
            if this.open.len() == NESTING {
                let message = format!("values nest up to {NESTING} arrays and maps");
                return Err(Error::new(Status::LimitExceeded, message));
            }
            this.begin_value(5)?;
            let written = write(&mut this.bytes, count);
            debug_assert!(written.is_ok());
            this.open.push(u64::from(count) * values_each);
            this.close_full();
            Ok(())
        });
    }

    fn begin_value(&mut self, room: usize) -> Result<()> {
        // First, since a finished value may be in use: its memory must stay.
        if self.begun && self.open.is_empty() {
            let message = "a second value was written: several make an array or a map";
            return Err(invalid(message));
        }
        self.bytes.try_reserve(room).map_err(|_| {
            let message = format!("there is no memory for {room} more bytes");
            Error::new(Status::LimitExceeded, message)
        })?;
        self.begun = true;
        if let Some(missing) = self.open.last_mut() {
            *missing -= 1;
        }
        Ok(())
    }

    fn close_full(&mut self) {
        while self.open.last() == Some(&0) {
            self.open.pop();
        }
    }
}

/// A timestamp in the shortest of MessagePack's three forms.
pub(super) fn write_timestamp(
    bytes: &mut Vec<u8>,
    seconds: i64,
    nanoseconds: u32,
) -> std::result::Result<(), mp::ValueWriteError> {
    const TIMESTAMP: i8 = -1;
    match (u64::try_from(seconds), nanoseconds) {
        (Ok(short), 0) if short < 1 << 32 => {
            mp::write_ext_meta(bytes, 4, TIMESTAMP)?;
            bytes.extend_from_slice(&(short as u32).to_be_bytes());
        }
        (Ok(middle), _) if middle < 1 << 34 => {
            mp::write_ext_meta(bytes, 8, TIMESTAMP)?;
            let packed = u64::from(nanoseconds) << 34 | middle;
            bytes.extend_from_slice(&packed.to_be_bytes());
        }
        _ => {
            mp::write_ext_meta(bytes, 12, TIMESTAMP)?;
            bytes.extend_from_slice(&nanoseconds.to_be_bytes());
            bytes.extend_from_slice(&seconds.to_be_bytes());
        }
    }
    Ok(())
}
