//! The streams of models, in place of the system's: hosts listen and clients connect within the model.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use super::{
    inproc, Control, Dialler, Endpoint, Handle, Listen, Peer, Scope, Sent, Stop, Stream, Transmit,
    User,
};
use crate::error::{Error, Result, Status};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{random_number, shared_static, thread, Arc, Condvar, Mutex, Weak};
use crate::time;

/// The bytes that each direction of a stream holds: less than two frames, or several. The checker chooses.
const CAPACITIES: [usize; 3] = [48, 200, LARGEST];
const LARGEST: usize = 4096;

/// The network: where hosts listen, and all streams so far.
#[derive(Default)]
struct Network {
    ports: Mutex<Vec<Arc<Port>>>,
    streams: Mutex<Vec<Weak<dyn Control>>>,
    /// Whether the host of each stream hangs.
    senders: Mutex<Vec<Arc<AtomicBool>>>,
}

shared_static! { static NETWORK: Network = Network::default(); }

/// Makes others of the two ends of a new stream, the client's and the host's.
type Wrap = dyn Fn(Stream, Stream) -> (Stream, Stream);

std::thread_local! {
    static WRAP: RefCell<Option<Rc<Wrap>>> = const { RefCell::new(None) };
    static ROOMY: Cell<bool> = const { Cell::new(false) };
}

/// Whether new streams from now on have room for all that a small model sends.
#[cfg(test)]
pub(crate) fn make_roomy(roomy: bool) {
    ROOMY.set(roomy);
}

/// How many bytes a new stream takes before its sender must wait.
fn capacity() -> usize {
    let chosen = CAPACITIES[random_number() as usize % CAPACITIES.len()];
    if ROOMY.get() {
        LARGEST
    } else {
        chosen
    }
}

/// From now on wraps the ends of each new stream, the client's and the host's.
pub fn wrap_streams(wrap: impl Fn(Stream, Stream) -> (Stream, Stream) + 'static) {
    WRAP.set(Some(Rc::new(wrap)));
}

/// An address on which a host listens.
struct Port {
    endpoint: Endpoint,
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    streams: VecDeque<Stream>,
    stopped: bool,
}

impl Stop for Port {
    fn stop(&self) {
        let mut queue = self.queue.lock();
        queue.stopped = true;
        // Their clients would have found nobody listening.
        let left = std::mem::take(&mut queue.streams);
        drop(queue);
        self.changed.notify_all();
        drop(left);
    }
}

struct Listener(Arc<Port>);

impl Listen for Listener {
    fn accept(&mut self) -> io::Result<Option<Stream>> {
        let mut queue = self.0.queue.lock();
        loop {
            if queue.stopped {
                return Ok(None);
            }
            if let Some(stream) = queue.streams.pop_front() {
                return Ok(Some(stream));
            }
            self.0.changed.wait(&mut queue);
        }
    }

    fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    fn stopper(&self) -> Arc<dyn Stop> {
        self.0.clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.stop();
        NETWORK.ports.lock().retain(|port| !Arc::ptr_eq(port, &self.0));
    }
}

pub(super) fn listen(endpoint: &Endpoint) -> Result<Box<dyn Listen>> {
    let (queue, changed) = (Mutex::default(), Condvar::new());
    let port = Arc::new(Port { endpoint: endpoint.clone(), queue, changed });
    NETWORK.ports.lock().push(port.clone());
    Ok(Box::new(Listener(port)))
}

/// A sending half like the system's: other threads may get far before the thread that sends returns from the
/// call, and what a process sends is lost once it hangs.
struct SystemSender {
    half: Box<dyn Transmit>,
    hung: Arc<AtomicBool>,
}

/// How many steps a call takes at most, and how rarely it takes any.
const STEPS: u64 = 100;
const RARELY: u64 = 8;

impl Transmit for SystemSender {
    fn send(&mut self, slices: &[IoSlice<'_>], handles: &[Handle]) -> io::Result<Sent> {
        if self.hung.load(Ordering::SeqCst) {
            return Ok(Sent::Bytes(slices.iter().map(|slice| slice.len()).sum()));
        }
        let sent = self.half.send(slices, handles);
        if random_number() % RARELY == 0 {
            for _ in 0..random_number() % STEPS {
                time::model::note_progress();
                thread::yield_now();
            }
        }
        sent
    }

    fn wait_writable(&mut self, deadline: Instant) -> io::Result<bool> {
        self.half.wait_writable(deadline)
    }
}

pub(super) fn dial(dialler: &Dialler<'_>) -> Result<Stream> {
    if *dialler.stopper.0.lock() {
        return Err(Error::new(Status::Closed, "connecting was stopped"));
    }
    let port = NETWORK.ports.lock().iter().find(|port| port.endpoint == *dialler.endpoint).cloned();
    let nobody = || Error::new(Status::ChannelFaulted, "no host listens there");
    let port = port.ok_or_else(nobody)?;
    let (mut near, mut far) = inproc::pair(capacity());
    let is_tcp = dialler.endpoint.is_on_network();
    let address = is_tcp.then(|| SocketAddr::from(([127, 0, 0, 1], 1)));
    let here = Peer { pid: Some(std::process::id()), address, ..Peer::default() };
    (near.peer, far.peer) = (here.clone(), here);
    let hung = Arc::new(AtomicBool::new(false));
    near.transmit = Box::new(SystemSender { half: near.transmit, hung: Arc::default() });
    far.transmit = Box::new(SystemSender { half: far.transmit, hung: hung.clone() });
    if let Some(wrap) = WRAP.with_borrow(Clone::clone) {
        (near, far) = wrap(near, far);
    }
    let mut queue = port.queue.lock();
    if queue.stopped {
        return Err(nobody());
    }
    NETWORK.streams.lock().push(Arc::downgrade(&near.control));
    NETWORK.senders.lock().push(hung);
    queue.streams.push_back(far);
    drop(queue);
    port.changed.notify_one();
    Ok(near)
}

/// Ends all streams of the model at once, like a network failure.
pub fn cut() {
    let streams = std::mem::take(&mut *NETWORK.streams.lock());
    for stream in streams.iter().filter_map(Weak::upgrade) {
        stream.shutdown();
    }
}

/// From now on nothing that hosts send over the present streams arrives, as if they hung.
pub fn hang() {
    for hung in NETWORK.senders.lock().drain(..) {
        hung.store(true, Ordering::SeqCst);
    }
}

/// Users do not differ in a model.
pub(super) fn live_pipes(_: Scope) -> Result<BTreeSet<String>> {
    Ok(BTreeSet::new())
}

pub(super) fn own_user() -> Option<User> {
    None
}

pub(super) fn user_name(_: &User) -> Option<String> {
    None
}

pub(super) fn find_user(_: &str) -> io::Result<Option<User>> {
    Ok(None)
}

/// A model's clock has no finer mode.
pub(super) fn exact_timers() -> Option<()> {
    None
}

/// Threads do not spin in a model: nothing would happen meanwhile.
pub(super) fn processors(_: Option<u32>) -> usize {
    1
}

/// Stops an attempt to connect.
pub(super) struct Stopper(Mutex<bool>);

impl Stopper {
    pub(super) fn for_dialling(_: &Endpoint) -> Result<Stopper> {
        Ok(Stopper(Mutex::new(false)))
    }
}

impl Stop for Stopper {
    fn stop(&self) {
        *self.0.lock() = true;
    }
}
