//! Pairs of streams of every kind, and what most tests do with them.

#[cfg(unix)]
use callgate::unstable::transport::Access;
use callgate::unstable::transport::{
    self, inproc, Arrival, Chunk, Endpoint, Listen, Receive, Stream, Transmit, Wait,
};
use std::io::{self, IoSlice};
#[cfg(unix)]
use std::path::PathBuf;
use std::sync::mpsc;
#[cfg(unix)]
use std::sync::RwLock;
use std::thread;
use std::time::{Duration, Instant};

pub use crate::names::unique;

/// Far longer than anything here takes: a thread that waits this long hangs.
const WATCHDOG: Duration = Duration::from_secs(60);

/// Runs a test that may hang, and fails it then.
pub fn watched<T: Send + 'static>(test: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, finished) = mpsc::channel();
    let runner = thread::spawn(move || {
        let result = test();
        let _ = done.send(());
        result
    });
    let waited = finished.recv_timeout(WATCHDOG);
    assert_ne!(waited, Err(mpsc::RecvTimeoutError::Timeout), "the test hangs");
    match runner.join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// A process that is being started holds copies of all sockets for a moment, so a socket that a test closes
/// lives on. Starting one locks this for writing; relying on a closed socket locks it for reading.
#[cfg(unix)]
pub static STARTING: RwLock<()> = RwLock::new(());

pub fn soon(millis: u64) -> Instant {
    Instant::now() + Duration::from_millis(millis)
}

/// A deadline that is never reached.
pub fn far() -> Instant {
    Instant::now() + WATCHDOG * 10
}

/// A folder for a test, removed with its content at the end.
#[cfg(unix)]
pub struct Folder(pub PathBuf);

#[cfg(unix)]
impl Folder {
    pub fn new() -> Folder {
        let path = std::env::temp_dir().join(unique("callgate"));
        std::fs::create_dir(&path).unwrap();
        Folder(path)
    }

    pub fn endpoint(&self, name: &str) -> Endpoint {
        Endpoint::Unix { path: self.0.join(name), access: Access::Owner }
    }
}

#[cfg(unix)]
impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Connects to a listener: the client's stream and the host's.
pub fn connect(listener: &mut dyn Listen) -> (Stream, Stream) {
    let client = transport::dial(listener.endpoint(), far()).unwrap();
    let host = listener.accept().unwrap().expect("nobody stopped it");
    (client, host)
}

pub fn endpoint(text: &str) -> Endpoint {
    text.parse().unwrap()
}

pub fn listen(text: &str) -> Box<dyn Listen> {
    transport::listen(&endpoint(text)).unwrap()
}

type MakePair = Box<dyn FnMut() -> (Stream, Stream) + Send>;

/// Functions that make pairs of streams, for each kind that this machine has.
fn kinds() -> Vec<(&'static str, MakePair)> {
    let mut kinds: Vec<(&str, MakePair)> = vec![("inproc", Box::new(|| inproc::pair(40_000)))];
    #[cfg(feature = "tls")]
    kinds.push(("tls", tls()));
    let mut add = |kind, mut listener: Box<dyn Listen>| {
        kinds.push((kind, Box::new(move || connect(&mut *listener))));
    };
    add("pipe", listen(&format!("pipe://{}", unique("pair"))));
    add("tcp", listen("tcp://127.0.0.1:0"));
    match transport::listen(&endpoint("tcp://[::1]:0")) {
        Ok(listener) => add("tcp over IPv6", listener),
        Err(error) => eprintln!("IPv6 is not tested: {error}"),
    }
    kinds
}

/// Makes pairs of streams whose sides both show certificates.
#[cfg(feature = "tls")]
fn tls() -> MakePair {
    let authority = crate::certificates::Authority::new();
    let (host, client) = (authority.pair("localhost"), authority.pair("a client"));
    let options = |pair: &crate::certificates::Pair| {
        format!("{}&trust={}", pair.options(), authority.file().display())
    };
    let listening = endpoint(&format!("tls://127.0.0.1:0?{}", options(&host)));
    let guard = transport::Guard::of_host(&listening).unwrap();
    let mut listener = transport::listen(&listening).unwrap();
    let Endpoint::Tls { port, .. } = *listener.endpoint() else { unreachable!() };
    let host = endpoint(&format!("tls://127.0.0.1:{port}?{}&name=localhost", options(&client)));
    Box::new(move || {
        // The files are read for each stream.
        let _files = &authority;
        thread::scope(|scope| {
            let client = scope.spawn(|| transport::dial(&host, far()).unwrap());
            let raw = listener.accept().unwrap().expect("nobody stopped it");
            let host = guard.secure(raw, far()).unwrap();
            (client.join().unwrap(), host)
        })
    })
}

/// Runs a test over every kind of stream, in parallel, since some wait for a deadline.
pub fn over_all(test: fn(&mut dyn FnMut() -> (Stream, Stream))) {
    let runners: Vec<_> = kinds()
        .into_iter()
        .map(|(kind, mut make)| (kind, thread::spawn(move || watched(move || test(&mut make)))))
        .collect();
    let failed: Vec<_> = runners
        .into_iter()
        .filter_map(|(kind, runner)| runner.join().is_err().then_some(kind))
        .collect();
    assert!(failed.is_empty(), "failed over {failed:?}, see above");
}

/// Sends everything.
pub fn send_all(transmit: &mut dyn Transmit, bytes: &[u8]) {
    send_slices(transmit, &mut [IoSlice::new(bytes)]).unwrap();
}

/// Sends all the slices, waiting for room.
pub fn send_slices(transmit: &mut dyn Transmit, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
    while slices.iter().any(|slice| !slice.is_empty()) {
        match transmit.send(slices, &[])? {
            transport::Sent::Bytes(count) => {
                assert!(count > 0);
                IoSlice::advance_slices(&mut slices, count);
            }
            transport::Sent::Full => assert!(transmit.wait_writable(far())?),
        }
    }
    Ok(())
}

/// Receives exactly `count` bytes.
pub fn receive_exactly(receive: &mut dyn Receive, count: usize, wait: &Wait) -> Vec<u8> {
    let mut buffer = room(count);
    while buffer.len() < count {
        let before = buffer.len();
        match receive.recv(&mut buffer, wait).unwrap() {
            Arrival::Bytes(count) => assert_eq!(buffer.len(), before + count),
            other => panic!("{other:?} after {before} bytes"),
        }
    }
    buffer.to_vec()
}

/// Room for that many bytes.
pub fn room(capacity: usize) -> Chunk {
    Chunk::with_capacity(capacity).unwrap()
}

/// One wait of each kind that an implementation may treat differently.
pub fn waits() -> [Wait; 5] {
    let plain = Wait::default();
    [
        plain,
        Wait { deadline: Some(far()), ..plain },
        Wait { deadline: Some(soon(900)), ..plain },
        Wait { interruptible: true, ..plain },
        Wait { interruptible: true, deadline: Some(far()), most: None },
    ]
}
