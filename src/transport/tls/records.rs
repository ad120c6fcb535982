//! Bytes of records that have arrived and are not decrypted yet.

use crate::chunk::{Chunk, OutOfMemory};
use rustls::{Connection, Error, IoState};

/// How many bytes are received at once, at most. Several of the largest records, which have 16 KiB.
const CAPACITY: usize = 64 * 1024;

/// What the peer has sent, in order; the first bytes may have been taken already.
#[derive(Default)]
pub(super) struct Records {
    bytes: Chunk,
    taken: usize,
}

impl Records {
    /// Room to receive more into.
    pub fn room(&mut self) -> Result<&mut Chunk, OutOfMemory> {
        self.bytes.remove_front(std::mem::take(&mut self.taken));
        if self.bytes.capacity() == 0 {
            self.bytes.reserve_exact(CAPACITY)?;
        }
        Ok(&mut self.bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.taken == self.bytes.len()
    }

    /// Gives the connection more of the bytes, about one record's, and decrypts what is complete. There must
    /// be some, and the connection must have no plaintext.
    pub fn decrypt_some(&mut self, tls: &mut Connection) -> Result<IoState, Error> {
        let mut rest = &self.bytes[self.taken..];
        let before = rest.len();
        let read = tls.read_tls(&mut rest);
        self.taken += before - rest.len();
        match read {
            Ok(_) => tls.process_new_packets(),
            // It takes no more because a message is larger than any of TLS may be.
            Err(error) => Err(Error::General(error.to_string())),
        }
    }
}
