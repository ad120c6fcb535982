//! A bad line: clients connect to it instead of the host, and it forwards their bytes until ordered to
//! misbehave.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::raw;
use super::stream::{dial, Listener, Stream};

/// The direction of bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    ToHost,
    ToClient,
}

/// A fault of a connection.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// After this many bytes in this direction, it is cut.
    Cut(Way, u64),
    /// After this many bytes in this direction, none are accepted, and none are forwarded.
    Stall(Way, u64),
    /// Each byte is forwarded alone.
    Crumbs,
    /// After this many bytes in this direction, one is forwarded each second.
    Drip(Way, u64),
}

/// Forwards bytes between clients and a host.
pub struct Relay {
    endpoint: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// For the next connection; later ones have no fault.
    fault: Mutex<Option<Fault>>,
    /// How many bytes were forwarded in each direction since the fault was set.
    passed: [AtomicU64; 2],
    open: Mutex<Vec<Stream>>,
}

impl Relay {
    /// A relay to the host at this endpoint. It lasts as long as the process.
    pub fn start(host: &str) -> Relay {
        let listener = Listener::bind(&raw::endpoint("relay")).unwrap();
        let endpoint = listener.endpoint();
        let shared = Arc::new(Shared::default());
        let (serving, host) = (shared.clone(), host.to_owned());
        thread::spawn(move || loop {
            let client = listener.accept().unwrap();
            serving.connect(client, dial(&host).unwrap());
        });
        Relay { endpoint, shared }
    }

    /// The endpoint for clients.
    pub fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    /// Sets the fault of the next connection.
    pub fn prepare(&self, fault: Option<Fault>) {
        *self.shared.fault.lock().unwrap() = fault;
        self.shared.passed.iter().for_each(|passed| passed.store(0, Ordering::Relaxed));
    }

    /// The number of bytes forwarded in this direction since.
    pub fn passed(&self, way: Way) -> u64 {
        self.shared.passed[way as usize].load(Ordering::Relaxed)
    }

    /// Cuts all connections.
    pub fn cut(&self) {
        self.shared.open.lock().unwrap().drain(..).for_each(|stream| end(&stream));
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(path) = self.endpoint.strip_prefix("unix://") {
            std::fs::remove_file(path).ok();
        }
    }
}

fn end(stream: &Stream) {
    // The connection may have ended by itself.
    stream.shutdown(Shutdown::Both).ok();
}

/// Forwards a byte each second until the connection ends.
fn drip(mut from: &Stream, mut to: &Stream) {
    let mut byte = [0];
    while from.read(&mut byte).unwrap_or(0) > 0 && to.write_all(&byte).is_ok() {
        thread::sleep(Duration::from_secs(1));
    }
    [from, to].into_iter().for_each(end);
}

impl Shared {
    fn connect(self: &Arc<Self>, client: Stream, host: Stream) {
        let fault = self.fault.lock().unwrap().take();
        let ways = [(Way::ToHost, &client, &host), (Way::ToClient, &host, &client)];
        for (way, from, to) in ways {
            let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
            let shared = self.clone();
            thread::spawn(move || shared.pass(way, fault, &from, &to));
        }
        *self.open.lock().unwrap() = vec![client, host];
    }

    /// Forwards bytes in one direction until the connection ends or the fault occurs.
    fn pass(&self, way: Way, fault: Option<Fault>, mut from: &Stream, mut to: &Stream) {
        let mut left =
            match fault {
                Some(
                    Fault::Cut(bad, after) | Fault::Stall(bad, after) | Fault::Drip(bad, after),
                ) if bad == way => after,
                _ => u64::MAX,
            };
        let most = if matches!(fault, Some(Fault::Crumbs)) { 1 } else { 1 << 16 };
        let mut bytes = vec![0; most];
        while left > 0 {
            let room = most.min(usize::try_from(left).unwrap_or(most));
            let count = from.read(&mut bytes[..room]).unwrap_or(0);
            if count == 0 || to.write_all(&bytes[..count]).is_err() {
                return [from, to].into_iter().for_each(end);
            }
            left -= count as u64;
            self.passed[way as usize].fetch_add(count as u64, Ordering::Relaxed);
        }
        match fault {
            Some(Fault::Cut(..)) => [from, to].into_iter().for_each(end),
            Some(Fault::Drip(..)) => drip(from, to),
            _ => {}
        }
    }
}
