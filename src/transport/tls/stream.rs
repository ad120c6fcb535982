//! A secured stream: what its halves and its control share.

use super::receiver::Receiver;
use super::records::Records;
use super::sender::{Outgoing, Sender};
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Arc, Mutex, Weak};
use crate::transport::{Control, Stream};
use rustls::Connection;

/// Shared by both halves; each of them owns the same half of the raw stream. A thread that needs both locks
/// takes `outgoing` first.
pub(super) struct Shared {
    pub outgoing: Mutex<Outgoing>,
    /// Held while records are made or read, never while a thread waits.
    pub tls: Mutex<Connection>,
    raw: Arc<dyn Control>,
    ended: AtomicBool,
}

/// Makes a stream from a raw one after the handshake; records that came behind it are given.
pub(super) fn open(tls: Connection, raw: Stream, records: Records) -> Stream {
    let Stream { receive, transmit, control, peer } = raw;
    let shared = Arc::new(Shared {
        outgoing: Mutex::new(Outgoing::new(transmit)),
        tls: Mutex::new(tls),
        raw: control,
        ended: AtomicBool::new(false),
    });
    Stream {
        receive: Box::new(Receiver::new(receive, shared.clone(), records)),
        control: Arc::new(TlsControl(Arc::downgrade(&shared))),
        transmit: Box::new(Sender(shared)),
        peer,
    }
}

impl Shared {
    /// Whether this side has ended the stream in both directions.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }
}

/// The peer sees an end, and no break, if both halves are dropped.
impl Drop for Shared {
    fn drop(&mut self) {
        self.outgoing.get_mut().finish(self.tls.get_mut());
    }
}

/// Does not keep the stream open: a program may keep a connection that has ended.
struct TlsControl(Weak<Shared>);

impl Control for TlsControl {
    fn interrupt(&self) {
        if let Some(shared) = self.0.upgrade() {
            shared.raw.interrupt();
        }
    }

    fn finish(&self) {
        if let Some(shared) = self.0.upgrade() {
            shared.outgoing.lock().finish(&mut shared.tls.lock());
            shared.raw.finish();
        }
    }

    fn shutdown(&self) {
        if let Some(shared) = self.0.upgrade() {
            shared.ended.store(true, Ordering::SeqCst);
            shared.outgoing.lock().finish(&mut shared.tls.lock());
            shared.raw.shutdown();
        }
    }
}
