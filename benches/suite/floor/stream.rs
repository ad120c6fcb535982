//! A raw stream of messages of one size, without a reply to each.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread;

use crate::stats::{timed, Slice};

/// How many bytes the reader takes at a time.
const CHUNK: usize = 64 * 1024;

/// Messages of one size, a fixed number per write.
pub struct StreamFloor {
    pub name: &'static str,
    /// The size of a message in bytes.
    message: usize,
    batch: usize,
}

impl StreamFloor {
    /// Each message in a write of its own, which is the simplest way.
    pub fn one_by_one(message: usize) -> StreamFloor {
        StreamFloor { name: "a write each", message, batch: 1 }
    }

    /// As many messages per write as the reader takes at a time, like a sender that batches them.
    pub fn gathered(message: usize) -> StreamFloor {
        StreamFloor { name: "64 KiB a write", message, batch: CHUNK / message }
    }

    fn path(&self, folder: &Path) -> PathBuf {
        folder.join(self.name)
    }

    /// Reads in the background.
    pub fn serve(&self, folder: &Path) {
        let listener = UnixListener::bind(self.path(folder)).expect("the path is free");
        thread::spawn(move || {
            let (stream, _) = listener.accept().expect("the client connects");
            while take(&stream).is_ok() {}
        });
    }

    /// Connects the sending end.
    pub fn connect(&self, folder: &Path) -> Stream {
        let stream = UnixStream::connect(self.path(folder)).expect("the floor is served");
        Stream { stream, message: self.message, messages: vec![1; self.batch * self.message] }
    }
}

/// Reads the announced number of bytes, and replies with how many it has read.
fn take(mut stream: &UnixStream) -> std::io::Result<()> {
    let mut number = [0; 8];
    stream.read_exact(&mut number)?;
    let announced = u64::from_ne_bytes(number);
    let mut chunk = vec![0; CHUNK];
    let mut taken = 0;
    while taken < announced {
        match stream.read(&mut chunk)? {
            0 => break,
            count => taken += count as u64,
        }
    }
    stream.write_all(&taken.to_ne_bytes())
}

/// The sending end of a stream.
pub struct Stream {
    stream: UnixStream,
    message: usize,
    messages: Vec<u8>,
}

impl Stream {
    /// Sends `count` messages, and waits until they have arrived.
    pub fn send(&mut self, count: usize) -> Slice {
        let total = count * self.message;
        let (taken, elapsed) = timed(|| {
            self.stream.write_all(&(total as u64).to_ne_bytes()).expect("the floor listens");
            let mut left = total;
            while left > 0 {
                let now = left.min(self.messages.len());
                self.stream.write_all(&self.messages[..now]).expect("the floor reads");
                left -= now;
            }
            let mut taken = [0; 8];
            self.stream.read_exact(&mut taken).expect("the floor replies");
            u64::from_ne_bytes(taken)
        });
        assert_eq!(taken, total as u64, "all have arrived");
        Slice::of(count as f64, elapsed)
    }
}
