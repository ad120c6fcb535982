//! Raw ping-pongs.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::bytes::{check, pattern, stamp};
use crate::stats::timed;
use crate::system;
use crate::work::work_for;

/// How long a spinning read spins before it blocks.
const SPIN: Duration = Duration::from_micros(20);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Blocking,
    Spinning,
}

impl Reading {
    /// If it spins, polls for bytes until some arrive or `SPIN` has passed; `None` if none came.
    pub(super) fn spin(self, stream: &impl AsRawFd, bytes: &mut [u8]) -> Option<usize> {
        if self == Reading::Blocking {
            return None;
        }
        let begun = Instant::now();
        while begun.elapsed() < SPIN {
            match system::receive_now(stream, bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                outcome => return Some(outcome.unwrap_or(0)),
            }
        }
        None
    }
}

/// Ping-pongs over a Unix socket.
#[derive(Clone)]
pub struct Floor {
    reading: Reading,
    /// The sizes of a request and of its reply, which is the end of the request, in bytes. Several
    /// exchanges, one after the other, count as one call.
    exchanges: Vec<(usize, usize)>,
    /// How many connections are served at once.
    connections: usize,
    /// How long each side works between two reads.
    work: Duration,
}

impl Floor {
    /// Both floors of a call with one request and one reply.
    pub fn both(question: usize, answer: usize) -> [Floor; 2] {
        Self::both_of(&[(question, answer)])
    }

    /// Both floors of a call with several requests and replies.
    pub fn both_of(exchanges: &[(usize, usize)]) -> [Floor; 2] {
        [Reading::Blocking, Reading::Spinning].map(|reading| {
            assert!(exchanges.iter().all(|(question, answer)| answer <= question));
            Floor { reading, exchanges: exchanges.to_vec(), connections: 1, work: Duration::ZERO }
        })
    }

    /// The same floor with this number of connections at once.
    pub fn connections(self, connections: usize) -> Floor {
        Floor { connections, ..self }
    }

    /// The same floor, with both sides working this long between two reads.
    pub fn working(self, work: Duration) -> Floor {
        Floor { work, ..self }
    }

    /// Its name in the table, and the name of its socket.
    pub fn name(&self) -> &'static str {
        match self.reading {
            Reading::Blocking => "blocking floor",
            Reading::Spinning => "spinning floor",
        }
    }

    fn path(&self, folder: &Path) -> PathBuf {
        folder.join(self.name())
    }

    /// Replies in the background, with a thread for each connection.
    pub fn serve(&self, folder: &Path) {
        let listener = UnixListener::bind(self.path(folder)).expect("the path is free");
        for _ in 0..self.connections {
            let listener = listener.try_clone().expect("a descriptor is free");
            let floor = self.clone();
            thread::spawn(move || {
                for stream in listener.incoming() {
                    floor.answer(&stream.expect("a client connects"));
                }
            });
        }
    }

    /// Replies to one client until it disconnects.
    fn answer(&self, mut stream: &UnixStream) {
        let questions = self.exchanges.iter().map(|(question, _)| vec![0; *question]);
        let mut questions: Vec<Vec<u8>> = questions.collect();
        loop {
            for (question, (_, answer)) in questions.iter_mut().zip(&self.exchanges) {
                if !read(stream, question, self.reading) {
                    return;
                }
                work_for(self.work);
                let end = question.len() - answer;
                if stream.write_all(&question[end..]).is_err() {
                    return;
                }
            }
        }
    }

    /// Connects the requesting end.
    pub fn connect(&self, folder: &Path) -> Asker {
        let stream = UnixStream::connect(self.path(folder)).expect("the floor is served");
        let buffers = self.exchanges.iter().map(|&(question, answer)| {
            let question: Vec<u8> = pattern(question).collect();
            (question, vec![0; answer])
        });
        let (reading, work) = (self.reading, self.work);
        Asker { stream, reading, work, buffers: buffers.collect(), asked: 0 }
    }
}

/// The requesting end of a floor.
pub struct Asker {
    stream: UnixStream,
    reading: Reading,
    work: Duration,
    buffers: Vec<(Vec<u8>, Vec<u8>)>,
    asked: usize,
}

impl Asker {
    /// Sends one request, different from the previous one; returns how long the reply took.
    pub fn ask(&mut self) -> Duration {
        self.asked += 1;
        work_for(self.work);
        for (question, _) in &mut self.buffers {
            stamp(question, self.asked);
        }
        let (_, took) = timed(|| {
            for (question, answer) in &mut self.buffers {
                self.stream.write_all(question).expect("the floor listens");
                assert!(read(&self.stream, answer, self.reading), "the floor replies");
            }
        });
        for (question, answer) in &self.buffers {
            let end = question.len() - answer.len();
            check(answer, &question[end..], self.asked);
        }
        took
    }
}

/// Reads until `bytes` is full; false at the end of the stream.
fn read(mut stream: &UnixStream, bytes: &mut [u8], reading: Reading) -> bool {
    let mut filled = 0;
    while filled < bytes.len() {
        let rest = &mut bytes[filled..];
        match reading.spin(stream, rest).unwrap_or_else(|| stream.read(rest).unwrap_or(0)) {
            0 => return false,
            count => filled += count,
        }
    }
    true
}
