//! A parent with every kind of activity.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{mpsc, Arc, Mutex};
use std::{mem, thread};

use callgate::{CallOptions, CancelToken, Client, Connection, Host, InboundCall};
use callgate::{Proxy, Status, Timeout};

use crate::support::{calculator_host, system, unique};
use crate::LONG;

/// A host and a client in this process, with traffic on several threads, and calls on others that wait for
/// ever.
pub struct Scene {
    pub pipe: String,
    pub host: Host,
    pub client: Client,
    pub proxy: Proxy,
    pub token: CancelToken,
    pub kept: Arc<Mutex<Vec<InboundCall>>>,
    /// Signals each call to the keeper.
    pub arrivals: mpsc::Receiver<()>,
    stop: Arc<AtomicBool>,
    calls: Arc<AtomicU64>,
    callers: Vec<thread::JoinHandle<()>>,
}

impl Scene {
    pub fn new(name: &str) -> Scene {
        let pipe = format!("pipe://{}", unique(name));
        let kept = Arc::new(Mutex::new(Vec::new()));
        let (arrived, arrivals) = mpsc::channel();
        let keeping = kept.clone();
        let keeper = move |_: &Connection| {
            let (keeping, arrived) = (keeping.clone(), arrived.clone());
            move |call: InboundCall| {
                keeping.lock().unwrap().push(call);
                arrived.send(()).unwrap();
            }
        };
        let host = calculator_host(&pipe).delegate("IKeeper", keeper).start().unwrap();
        let client = Client::connect(&pipe).unwrap();
        client.wait_connected(Some(LONG)).unwrap();
        let proxy = client.proxy("ICalculator").unwrap();
        let mut scene = Scene {
            pipe,
            host,
            client,
            proxy,
            token: CancelToken::new(),
            kept,
            arrivals,
            stop: Arc::default(),
            calls: Arc::default(),
            callers: Vec::new(),
        };
        for _ in 0..8 {
            scene.wait_for_ever();
            scene.arrivals.recv_timeout(LONG).unwrap();
        }
        for _ in 0..3 {
            scene.call_on();
        }
        scene
    }

    /// A thread whose call gets no reply before the end.
    fn wait_for_ever(&mut self) {
        let keeper = self.client.proxy("IKeeper").unwrap();
        self.callers.push(thread::spawn(move || {
            let mut options = CallOptions::default();
            options.timeout = Timeout::Never;
            let answer: i32 = keeper.call_with("Keep", &(), &options).unwrap();
            assert_eq!(answer, 7);
        }));
    }

    /// A thread that makes one call after the other.
    fn call_on(&mut self) {
        let proxy = self.client.proxy("ICalculator").unwrap();
        let (stop, calls) = (self.stop.clone(), self.calls.clone());
        self.callers.push(thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                assert_eq!(proxy.call::<i64>("Add", &(20, 22)).unwrap(), 42);
                calls.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }

    /// Drops everything except the threads, which the child does not have.
    pub fn drop_in_child(mut self) {
        mem::forget(mem::take(&mut self.callers));
    }

    /// Checks that nothing is lost in the parent.
    pub fn check_unharmed(mut self) {
        assert_eq!(self.proxy.call::<i64>("Add", &(1, 2)).unwrap(), 3);
        assert_eq!(
            self.client.connection().unwrap().generation(),
            1,
            "the client had to reconnect"
        );
        let name = self.pipe.strip_prefix("pipe://").unwrap();
        assert!(system::pipe_socket(name).is_some(), "the socket's file is gone");
        let second = calculator_host(&self.pipe).start().err().map(|error| error.status());
        assert_eq!(second, Some(Status::AddressInUse), "the lock is gone");
        for call in self.kept.lock().unwrap().drain(..) {
            call.reply(&7).unwrap();
        }
        self.stop.store(true, Ordering::Relaxed);
        for caller in self.callers.drain(..) {
            caller.join().unwrap();
        }
        assert!(self.calls.load(Ordering::Relaxed) > 0);
        self.client.close().unwrap();
        self.host.close().unwrap();
        assert!(system::pipe_socket(name).is_none());
    }
}
