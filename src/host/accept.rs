//! Turns accepted streams into a host's connections.

use std::io;
use std::time::Duration;

use crate::connection::{handshake, Connection};
use crate::host::Shared;
use crate::log::{LogEvent, LogLevel, LogTarget};
use crate::sync::Arc;
use crate::time;
use crate::transport::{Listen, Peer, Stream};

/// The pause after a failed accept, e.g. when descriptors run out: long enough to cost nothing, short
/// enough for a waiting client.
const PAUSE: Duration = Duration::from_millis(50);

/// Accepts streams until the host is closed.
pub(super) fn run(shared: &Arc<Shared>, mut listener: Box<dyn Listen>) {
    while shared.is_open() {
        match listener.accept() {
            Ok(Some(stream)) => begin(shared, shared.tapped(stream, listener.endpoint())),
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
fn begin(shared: &Arc<Shared>, stream: Stream) {
    let Some(id) = shared.connections.handshake_began(&stream, &shared.runtime) else {
        return;
    };
    let theirs = shared.clone();
    let started = shared.runtime.workers.execute(move || serve(&theirs, stream, id));
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
fn serve(shared: &Shared, stream: Stream, id: u64) {
    let limits = &shared.runtime.limits;
    let deadline = time::after(limits.handshake_timeout);
    let peer = stream.peer.clone();
    let admit = |peer: &Peer| shared.connections.admit(id, peer);
    let established = handshake::as_host(stream, limits, id, admit, deadline);
    let (negotiated, place) = match established {
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
