//! Builds one MessagePack value piece by piece, and detects pieces that do not form one. Pure: the exports
//! of the writer wrap it.

use std::io::Write;

use rmp::encode as mp;

use crate::chunk::Chunk;
use crate::ffi::arguments::invalid;
use crate::limits::NESTING;
use crate::{Error, Result, Status};

/// The most memory that is kept for the next value.
const KEPT: usize = 64 * 1024;

/// The first byte of an array of up to 15 elements, minus their number.
const FIXARRAY: u8 = 0x90;

/// The first byte of an array of up to 65,535 elements, before their number.
const ARRAY16: u8 = 0xdc;

/// How many values an argument list lacks at first: more than it can ever have.
const UNCOUNTED: u64 = u64::MAX;

/// A value under construction. It remembers the first mistake, which `finish` returns.
#[derive(Default)]
pub(in crate::ffi) struct Encoder {
    bytes: Chunk,
    /// How many values each open array or map still lacks, innermost last.
    open: Vec<u64>,
    /// Whether the outermost array is an argument list, whose length `finish` fills in.
    is_arguments: bool,
    begun: bool,
    mistake: Option<Error>,
}

impl Encoder {
    /// Adds a value that contains no others. Writing to reserved memory cannot fail.
    pub(in crate::ffi) fn scalar<E>(
        &mut self,
        room: usize,
        write: impl FnOnce(&mut Chunk) -> std::result::Result<(), E>,
    ) {
        self.piece(|this| {
            this.begin_value(room)?;
            let written = write(&mut this.bytes);
            debug_assert!(written.is_ok());
            this.close_full();
            Ok(())
        });
    }

    /// Begins an array of all values that follow.
    pub(in crate::ffi) fn arguments(&mut self) {
        self.piece(|this| {
            if this.begun {
                return Err(invalid("an argument list must be written first"));
            }
            this.reserve_level()?;
            this.begin_value(1)?;
            this.put(&[FIXARRAY])?;
            this.open.push(UNCOUNTED);
            this.is_arguments = true;
            Ok(())
        });
    }

    /// Begins an array of `count` values.
    pub(in crate::ffi) fn array(&mut self, count: usize) {
        self.container(count, 1, |bytes, count| mp::write_array_len(bytes, count).map(drop));
    }

    /// Begins a map of `count` keys and values, each key before its value.
    pub(in crate::ffi) fn map(&mut self, count: usize) {
        self.container(count, 2, |bytes, count| mp::write_map_len(bytes, count).map(drop));
    }

    /// Adds a piece that may be refused. Pieces inside a refused piece keep their own mistakes.
    pub(in crate::ffi) fn piece(&mut self, add: impl FnOnce(&mut Encoder) -> Result<()>) {
        if self.mistake.is_some() {
            return;
        }
        if let Err(mistake) = add(self) {
            self.mistake = Some(mistake);
        }
    }

    /// The finished value.
    pub(in crate::ffi) fn finish(&mut self) -> Result<&[u8]> {
        if self.is_arguments && self.open.len() == 1 && self.mistake.is_none() {
            self.count_arguments()?;
        }
        if let Some(mistake) = &self.mistake {
            return Err(mistake.clone());
        }
        match self.open.last() {
            _ if !self.begun => Err(invalid("no value was written")),
            Some(missing) => {
                Err(invalid(format!("the innermost open array or map lacks {missing} values")))
            }
            None => Ok(&self.bytes),
        }
    }

    /// Starts again and keeps the memory.
    pub(in crate::ffi) fn reset(&mut self) {
        self.bytes.clear();
        self.open.clear();
        self.is_arguments = false;
        self.begun = false;
        self.mistake = None;
    }

    /// Starts again for another user, who may need much less memory.
    pub(in crate::ffi) fn renew(&mut self) {
        if self.bytes.capacity() > KEPT {
            self.bytes = Chunk::new();
        }
        self.reset();
    }

    fn container<E>(
        &mut self,
        count: usize,
        values_each: u64,
        write: impl FnOnce(&mut Chunk, u32) -> std::result::Result<(), E>,
    ) {
        self.piece(|this| {
            let count = u32::try_from(count)
                .map_err(|_| invalid("arrays and maps hold up to 4,294,967,295 elements"))?;
            if this.open.len() == NESTING {
                let message = format!("values nest up to {NESTING} arrays and maps");
                return Err(Error::new(Status::LimitExceeded, message));
            }
            this.reserve_level()?;
            this.begin_value(5)?;
            let written = write(&mut this.bytes, count);
            debug_assert!(written.is_ok());
            this.open.push(u64::from(count) * values_each);
            this.close_full();
            Ok(())
        });
    }

    /// Fills in the number of arguments, now that it is known.
    fn count_arguments(&mut self) -> Result<()> {
        let count = UNCOUNTED - self.open[0];
        match u16::try_from(count) {
            Ok(few) if few < 16 => self.bytes[0] = FIXARRAY | few as u8,
            Ok(more) => {
                let end = self.bytes.len();
                self.put(&[0; 2])?;
                self.bytes.copy_within(1..end, 3);
                let [high, low] = more.to_be_bytes();
                self.bytes[..3].copy_from_slice(&[ARRAY16, high, low]);
            }
            Err(_) => return Err(invalid("a call has up to 65,535 arguments")),
        }
        self.open.clear();
        Ok(())
    }

    fn begin_value(&mut self, room: usize) -> Result<()> {
        // Checked first, since a finished value may be in use: its memory must not move.
        if self.begun && self.open.is_empty() {
            let message = "a second value was written; to write several, use an array or a map";
            return Err(invalid(message));
        }
        self.reserve(room)?;
        self.begun = true;
        if let Some(missing) = self.open.last_mut() {
            *missing -= 1;
        }
        Ok(())
    }

    fn reserve(&mut self, room: usize) -> Result<()> {
        self.bytes.reserve(room).map_err(|_| no_memory(format_args!("{room} more bytes")))
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes.append(bytes).map_err(|_| no_memory(format_args!("{} more bytes", bytes.len())))
    }

    fn reserve_level(&mut self) -> Result<()> {
        self.open.try_reserve(1).map_err(|_| no_memory(format_args!("one more array or map")))
    }

    fn close_full(&mut self) {
        while self.open.last() == Some(&0) {
            self.open.pop();
        }
    }
}

fn no_memory(what: std::fmt::Arguments<'_>) -> Error {
    Error::new(Status::LimitExceeded, format!("there is no memory for {what}"))
}

/// A timestamp in the shortest of MessagePack's three forms.
pub(in crate::ffi) fn write_timestamp(
    bytes: &mut Chunk,
    seconds: i64,
    nanoseconds: u32,
) -> std::result::Result<(), mp::ValueWriteError> {
    const TIMESTAMP: i8 = -1;
    match (u64::try_from(seconds), nanoseconds) {
        (Ok(short), 0) if short < 1 << 32 => {
            mp::write_ext_meta(bytes, 4, TIMESTAMP)?;
            put(bytes, &(short as u32).to_be_bytes())?;
        }
        (Ok(middle), _) if middle < 1 << 34 => {
            mp::write_ext_meta(bytes, 8, TIMESTAMP)?;
            let packed = u64::from(nanoseconds) << 34 | middle;
            put(bytes, &packed.to_be_bytes())?;
        }
        _ => {
            mp::write_ext_meta(bytes, 12, TIMESTAMP)?;
            put(bytes, &nanoseconds.to_be_bytes())?;
            put(bytes, &seconds.to_be_bytes())?;
        }
    }
    Ok(())
}

fn put(bytes: &mut Chunk, more: &[u8]) -> std::result::Result<(), mp::ValueWriteError> {
    bytes.write_all(more).map_err(mp::ValueWriteError::InvalidDataWrite)
}
