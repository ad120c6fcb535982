//! Buffers of bytes whose growth may fail, and whose memory goes back to the system when it is large.

#[cfg(target_os = "linux")]
mod mapping;
mod memory;

use std::fmt;
use std::io;
#[cfg(unix)]
use std::mem::MaybeUninit;
use std::ops::{Deref, DerefMut};
use std::slice;

use memory::Memory;

/// Bytes that are received or written one after the other, like a `Vec`; but when there is no memory for
/// more, growing it returns an error, and what it holds stays as it was.
#[derive(Default)]
pub struct Chunk {
    memory: Memory,
    /// The bytes that have been written, from the first on.
    len: usize,
}

/// There is no memory for a number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfMemory(pub usize);

impl fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no memory for {} bytes", self.0)
    }
}

impl std::error::Error for OutOfMemory {}

impl From<OutOfMemory> for io::Error {
    fn from(reason: OutOfMemory) -> io::Error {
        io::Error::new(io::ErrorKind::OutOfMemory, reason)
    }
}

impl Chunk {
    /// An empty one, which takes no memory yet.
    pub const fn new() -> Chunk {
        Chunk { memory: Memory::NONE, len: 0 }
    }

    /// An empty one with room for that many bytes.
    pub fn with_capacity(capacity: usize) -> Result<Chunk, OutOfMemory> {
        let mut chunk = Chunk::new();
        chunk.reserve_exact(capacity)?;
        Ok(chunk)
    }

    /// A copy of the pieces, one after the other.
    pub fn copy_of(pieces: &[&[u8]]) -> Result<Chunk, OutOfMemory> {
        let mut chunk = Chunk::with_capacity(pieces.iter().map(|piece| piece.len()).sum())?;
        pieces.iter().try_for_each(|piece| chunk.append(piece))?;
        Ok(chunk)
    }

    /// How many bytes it has room for, those that it holds included.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.memory.capacity()
    }

    /// Makes room for `additional` bytes more. It grows to twice its size at least, so that appending many
    /// times costs no more than a few copies of the whole.
    #[inline]
    pub fn reserve(&mut self, additional: usize) -> Result<(), OutOfMemory> {
        if additional <= self.spare() {
            return Ok(());
        }
        let twice = self.capacity().saturating_mul(2);
        self.grow(self.len.saturating_add(additional).max(twice))
    }

    /// Makes room for `additional` bytes more, and no more than that.
    pub fn reserve_exact(&mut self, additional: usize) -> Result<(), OutOfMemory> {
        if additional <= self.spare() {
            return Ok(());
        }
        self.grow(self.len.saturating_add(additional))
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, capacity: usize) -> Result<(), OutOfMemory> {
        self.memory.grow(capacity, self.len)
    }

    /// How many bytes there is room for behind those that it holds.
    #[inline]
    fn spare(&self) -> usize {
        self.capacity() - self.len
    }

    /// Appends bytes, and makes room for them first.
    #[inline]
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), OutOfMemory> {
        self.reserve(bytes.len())?;
        let end = self.len + bytes.len();
        // SAFETY: there is room for them, which is this chunk's alone.
        unsafe {
            let to = self.memory.start().add(self.len);
            to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        }
        self.len = end;
        Ok(())
    }

    /// Forgets its bytes, and keeps the memory.
    #[inline]
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Removes bytes from the front; those behind them move there.
    #[inline]
    pub fn remove_front(&mut self, count: usize) {
        if count == self.len {
            return self.clear();
        }
        if count > 0 {
            self.copy_within(count.., 0);
            self.len -= count;
        }
    }

    /// The room behind its bytes, as [`written`](Chunk::written) takes it over.
    #[cfg(unix)]
    pub(crate) fn spare_mut(&mut self) -> &mut [MaybeUninit<u8>] {
        let spare = self.spare();
        // SAFETY: the room lies within the memory, which is this chunk's alone.
        unsafe { slice::from_raw_parts_mut(self.memory.start().add(self.len).cast(), spare) }
    }

    /// Takes over bytes that were written to the front of [`spare_mut`](Chunk::spare_mut).
    ///
    /// # Safety
    /// That many bytes must have been written there.
    #[cfg(unix)]
    pub(crate) unsafe fn written(&mut self, count: usize) {
        debug_assert!(count <= self.spare());
        self.len += count;
    }
}

impl Deref for Chunk {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        // SAFETY: the first `len` bytes of the memory have been written.
        unsafe { slice::from_raw_parts(self.memory.start(), self.len) }
    }
}

impl DerefMut for Chunk {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: the first `len` bytes of the memory have been written, and are this chunk's alone.
        unsafe { slice::from_raw_parts_mut(self.memory.start(), self.len) }
    }
}

impl From<Vec<u8>> for Chunk {
    /// Takes the vector's memory over.
    fn from(bytes: Vec<u8>) -> Chunk {
        let len = bytes.len();
        Chunk { memory: Memory::from(bytes), len }
    }
}

impl io::Write for Chunk {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes)?;
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        Ok(self.append(bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chunk({} of {} bytes)", self.len, self.capacity())
    }
}

#[cfg(test)]
mod tests;
