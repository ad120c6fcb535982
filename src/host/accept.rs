//! Turns accepted streams into a host's connections.

use std::io;
use std::time::Duration;

use crate::connection::handshake::{self, Negotiated};
use crate::connection::Connection;
use crate::error::Result;
use crate::host::quota::QuotaShare;
use crate::host::Shared;
use crate::log::{LogEvent, LogLevel, LogTarget};
use crate::sync::Arc;
use crate::time;
use crate::transport::{Endpoint, Guard, Listen, Peer, Stream};

/// The pause after a failed accept, e.g. when descriptors run out: long enough to cost nothing, short
/// enough for a waiting client.
const PAUSE: Duration = Duration::from_millis(50);

/// Where streams come from.
struct Entrance {
    endpoint: Endpoint,
    guard: Guard,
}

/// Accepts streams until the host is closed.
pub(super) fn run(shared: &Arc<Shared>, mut listener: Box<dyn Listen>, guard: Guard) {
    let entrance = Arc::new(Entrance { endpoint: listener.endpoint().clone(), guard });
    while shared.is_open() {
        match listener.accept() {
            Ok(Some(stream)) => begin(shared, &entrance, stream),
            Ok(None) => return,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                let endpoint = listener.endpoint();
                shared.log_refusal(|| {
                    let message = format!("a connection to {endpoint} was refused: {error}");
                    LogEvent::new(LogLevel::Warning, LogTarget::Host, message).endpoint(endpoint)
                });
            }
            Err(error) => {
                let endpoint = listener.endpoint();
                shared.runtime.log(|| {
                    let message = format!(
                        "the host cannot accept connections on {endpoint} now, and will try again: {error}"
                    );
                    LogEvent::new(LogLevel::Error, LogTarget::Transport, message).endpoint(endpoint)
                });
                shared.pause(PAUSE);
            }
        }
    }
}

/// Gives a stream its own thread.
fn begin(shared: &Arc<Shared>, entrance: &Arc<Entrance>, stream: Stream) {
    let Some(id) = shared.connections.handshake_began(&stream, &shared.runtime) else {
        return;
    };
    let (theirs, entrance) = (shared.clone(), entrance.clone());
    let started = shared.runtime.workers.execute(move || serve(&theirs, &entrance, stream, id));
    if let Err(error) = started {
        shared.connections.handshake_failed(id);
        shared.log_refusal(|| {
            let message = format!("connection {id} was refused: {error}");
            LogEvent::new(LogLevel::Error, LogTarget::Transport, message)
                .connection(id)
                .error(&error)
        });
    }
}

/// Serves one connection from handshake to end, on its own thread.
fn serve(shared: &Shared, entrance: &Entrance, stream: Stream, id: u64) {
    let peer = stream.peer.clone();
    let (negotiated, place) = match establish(shared, entrance, stream, id) {
        Ok(established) => established,
        Err(error) => {
            shared.connections.handshake_failed(id);
            return shared.log_refusal(|| {
                let message = format!("connection {id} was not established: {error}");
                let event = LogEvent::new(LogLevel::Warning, LogTarget::Host, message);
                event.connection(id).peer(peer.user.as_ref(), peer.pid).error(&error)
            });
        }
    };
    let connection = Connection::new(negotiated, shared.runtime.clone(), 1, Box::new(place));
    if shared.runtime.inside(|| shared.connections.register(&connection)) {
        connection.lead();
    } else {
        connection.close();
    }
}

/// Secures a stream, and greets its client.
fn establish(
    shared: &Shared,
    entrance: &Entrance,
    stream: Stream,
    id: u64,
) -> Result<(Negotiated, QuotaShare)> {
    let limits = &shared.runtime.limits;
    let deadline = time::after(limits.handshake_timeout);
    if let Some(problem) = entrance.guard.renew() {
        shared.runtime.log(|| {
            let message = format!("the files before stay in use: {problem}");
            LogEvent::new(LogLevel::Warning, LogTarget::Host, message)
                .endpoint(&entrance.endpoint)
                .error(&problem)
        });
    }
    let stream = entrance.guard.secure(stream, deadline)?;
    let admit = |peer: &Peer| shared.connections.admit(id, peer);
    handshake::as_host(shared.tapped(stream, &entrance.endpoint), limits, id, admit, deadline)
}
