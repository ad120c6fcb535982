//! Listens for clients, and opens a session with an instance of a service for each.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use callgate::unstable::transport::{self, Guard, Listen, Stream};
use callgate::{Endpoint, Status};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::find;
use crate::local::{refuse, Local};
use crate::log::{self, Frequent};
use crate::nats::Nats;
use crate::relay::Relay;
use crate::sessions::Sessions;
use crate::signals::Signals;

/// The pause after a failed accept, e.g. when descriptors run out.
const PAUSE: Duration = Duration::from_millis(50);

/// How long TLS may take with a client.
const SECURE: Duration = Duration::from_secs(10);

/// How long sessions that are cut have to notify their peers.
const CUT: Duration = Duration::from_secs(2);

/// Clients that got no session, and sessions that have failed.
static FAILED: Frequent = Frequent::new();

/// Where clients connect, and what they get.
pub struct Connect {
    /// Where clients connect.
    pub endpoint: Endpoint,
    /// The most sessions at a time.
    pub most: usize,
    /// The longest time in which a session sends nothing.
    pub heartbeat: Duration,
}

/// What all sessions share.
struct Entrance {
    guard: Guard,
    nats: Nats,
    sessions: Arc<Sessions>,
    heartbeat: Duration,
}

impl Connect {
    /// Listens until a signal comes, and then ends all sessions.
    ///
    /// # Errors
    /// The endpoint cannot be listened on.
    pub async fn run(self, nats: Nats, mut signals: Signals) -> Result<(), String> {
        let guard = Guard::of_host(&self.endpoint).map_err(|error| error.to_string())?;
        let listener = transport::listen(&self.endpoint).map_err(|error| error.to_string())?;
        let stopper = listener.stopper();
        log::note(&format!("listening on {}", listener.endpoint()));
        let (accepted, mut streams) = mpsc::channel(1);
        let accepting = spawn_blocking(move || accept(listener, &accepted));
        let sessions = Sessions::new(self.most);
        let entrance = Arc::new(Entrance {
            guard,
            nats,
            sessions: sessions.clone(),
            heartbeat: self.heartbeat,
        });
        loop {
            tokio::select! {
                Some(stream) = streams.recv() => {
                    tokio::spawn(entrance.clone().serve(stream));
                }
                () = signals.next() => break,
            }
        }
        stopper.stop();
        drop(streams);
        // The endpoint is free then.
        accepting.await.map_err(|error| error.to_string())?;
        sessions.cut();
        if timeout(CUT, sessions.all_ended()).await.is_err() {
            log::note("some sessions were ended without notice to their peers");
        }
        entrance.nats.flush().await;
        Ok(())
    }
}

/// Passes on clients until the listener is stopped.
fn accept(mut listener: Box<dyn Listen>, streams: &mpsc::Sender<Stream>) {
    loop {
        match listener.accept() {
            Ok(Some(stream)) => {
                if streams.blocking_send(stream).is_err() {
                    return;
                }
            }
            Ok(None) => return,
            Err(error) => {
                FAILED.note(&format!("a client was not accepted: {error}"));
                if error.kind() != io::ErrorKind::PermissionDenied {
                    thread::sleep(PAUSE);
                }
            }
        }
    }
}

impl Entrance {
    async fn serve(self: Arc<Self>, stream: Stream) {
        if let Err(why) = self.carry(stream).await {
            FAILED.note(&why);
        }
    }

    /// Carries a client's connection until it ends.
    async fn carry(self: Arc<Self>, stream: Stream) -> Result<(), String> {
        let stream = self.clone().secure(stream).await?;
        let Some(mut place) = self.sessions.enter() else {
            let why =
                format!("all of the gateway's sessions are in use ({})", self.sessions.most());
            return self.refuse(stream, Status::LimitExceeded, why).await;
        };
        let (carrier, terms) = match find::open(&self.nats, self.heartbeat).await {
            Ok(opened) => opened,
            Err(failure) => {
                let why = format!("{} is not available: {failure}", self.nats.address);
                return self.refuse(stream, Status::ChannelFaulted, why).await;
            }
        };
        let local = Local::new(stream, self.nats.largest_piece());
        let ended = Relay::new(terms, carrier, local).run(&mut place).await;
        ended.map_err(|end| format!("a session ended: {end}"))
    }

    async fn secure(self: Arc<Self>, stream: Stream) -> Result<Stream, String> {
        let secure = move || {
            if let Some(problem) = self.guard.renew() {
                log::note(&format!("the files before stay in use: {problem}"));
            }
            self.guard.secure(stream, Instant::now() + SECURE)
        };
        let secured = spawn_blocking(secure).await.map_err(|error| error.to_string())?;
        secured.map_err(|error| format!("a client was not accepted: {error}"))
    }

    async fn refuse(&self, stream: Stream, status: Status, why: String) -> Result<(), String> {
        let message = why.clone();
        let refused = spawn_blocking(move || refuse(stream, status, &message)).await;
        refused.map_err(|error| error.to_string())?;
        Err(why)
    }
}
