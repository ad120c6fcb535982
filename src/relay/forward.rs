//! Forwards the bytes of a connection as its plan says.

use std::io::{self, IoSlice};
use std::time::Duration;

use crate::chunk::Chunk;
use crate::relay::plan::{Plan, Step};
use crate::relay::start_thread;
use crate::sync::{Arc, Condvar, Mutex};
use crate::time;
use crate::transport::{self, Arrival, Control, Endpoint, Receive, Sent, Stream, Transmit, Wait};

/// How many bytes are received at a time.
const BUFFER: usize = 64 * 1024;

/// How long connecting to the host may take.
const DIAL: Duration = Duration::from_secs(10);

/// A connection of a client, and the one to the host that belongs to it.
pub(super) struct Connection {
    ends: Mutex<Ends>,
    was_cut: Condvar,
}

struct Ends {
    client: Arc<dyn Control>,
    /// Present once connected.
    host: Option<Arc<dyn Control>>,
    cut: bool,
}

impl Connection {
    pub fn new(client: Arc<dyn Control>) -> Connection {
        Connection {
            ends: Mutex::new(Ends { client, host: None, cut: false }),
            was_cut: Condvar::new(),
        }
    }

    /// Ends both streams.
    pub fn cut(&self) {
        let mut ends = self.ends.lock();
        ends.cut = true;
        ends.client.shutdown();
        if let Some(host) = &ends.host {
            host.shutdown();
        }
        self.was_cut.notify_all();
    }

    /// Notes the host's stream, which ends at once if the connection was cut meanwhile.
    fn connected(&self, host: &Arc<dyn Control>) {
        let mut ends = self.ends.lock();
        ends.host = Some(host.clone());
        if ends.cut {
            host.shutdown();
        }
    }

    /// Waits, unless the connection is cut.
    fn pause(&self, pause: Duration) {
        let until = time::after(pause);
        let mut ends = self.ends.lock();
        while !ends.cut && !self.was_cut.wait_until(&mut ends, until).timed_out() {}
    }
}

/// Connects a client to the host, and forwards bytes both ways until the connection has ended.
pub(super) fn connect(
    client: Stream,
    host: &Endpoint,
    connection: &Arc<Connection>,
    plans: [Plan; 2],
) {
    let Ok(host) = transport::dial(host, time::after(DIAL)) else {
        return connection.cut();
    };
    connection.connected(&host.control);
    let [to_host, to_client] = plans;
    let back = Forward {
        from: host.receive,
        to: client.transmit,
        end: client.control,
        plan: to_client,
        connection: connection.clone(),
    };
    let forth = Forward {
        from: client.receive,
        to: host.transmit,
        end: host.control,
        plan: to_host,
        connection: connection.clone(),
    };
    match start_thread(move || back.run()) {
        Ok(_) => forth.run(),
        Err(_) => connection.cut(),
    }
}

/// One direction of a connection.
struct Forward {
    from: Box<dyn Receive>,
    to: Box<dyn Transmit>,
    /// Of the stream that bytes are forwarded to.
    end: Arc<dyn Control>,
    plan: Plan,
    connection: Arc<Connection>,
}

/// Why no more is forwarded.
enum Over {
    Cut,
    Silent,
}

impl Forward {
    fn run(mut self) {
        match self.forward() {
            Ok(()) => self.end.finish(),
            Err(Over::Silent) => self.discard(),
            Err(Over::Cut) => self.connection.cut(),
        }
    }

    /// Forwards bytes until the sender has finished.
    fn forward(&mut self) -> Result<(), Over> {
        let mut buffer = Chunk::with_capacity(BUFFER).map_err(|_| Over::Cut)?;
        while self.receive(&mut buffer)? {
            let mut at = 0;
            while at < buffer.len() {
                match self.plan.next(buffer.len() - at) {
                    Step::Forward(count) => {
                        self.send(&buffer[at..at + count])?;
                        at += count;
                    }
                    Step::Pause(pause) => self.connection.pause(pause),
                    Step::Corrupt(bits) => {
                        self.send(&[buffer[at] ^ bits])?;
                        at += 1;
                    }
                    Step::Lose => at += 1,
                    Step::Cut => return Err(Over::Cut),
                    Step::Silence => return Err(Over::Silent),
                }
            }
        }
        Ok(())
    }

    /// Receives bytes in place of those in `buffer`; `false` when the sender has finished.
    fn receive(&mut self, buffer: &mut Chunk) -> Result<bool, Over> {
        buffer.clear();
        loop {
            match self.from.recv(buffer, &Wait::default()) {
                Ok(Arrival::Bytes(_)) => return Ok(true),
                Ok(Arrival::End) => return Ok(false),
                Ok(Arrival::TimedOut | Arrival::Interrupted) => {}
                Err(_) => return Err(Over::Cut),
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), Over> {
        self.send_all(bytes).map_err(|_| Over::Cut)
    }

    fn send_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.to.send(&[IoSlice::new(bytes)], &[])? {
                Sent::Bytes(count) => bytes = &bytes[count..],
                Sent::Full => drop(self.to.wait_writable(time::after(time::LONG))?),
            }
        }
        Ok(())
    }

    /// Receives and forwards nothing, not even the end, until the connection is cut.
    fn discard(mut self) {
        if let Ok(mut buffer) = Chunk::with_capacity(BUFFER) {
            while let Ok(true) = self.receive(&mut buffer) {}
        }
        self.connection.pause(time::LONG);
    }
}
