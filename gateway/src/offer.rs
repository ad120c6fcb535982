//! Offers a local host as an instance of a service.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::service::endpoint::Endpoint as Questions;
use async_nats::service::{Service, ServiceExt};
use async_nats::{Message, Subscriber};
use callgate::unstable::transport::{self, Stream};
use callgate::Endpoint;
use futures_util::StreamExt;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::carrier::Inbox;
use crate::control::{find_subject, open_subject, Answer, Found, Side, Text};
use crate::local::Local;
use crate::log::{self, Frequent};
use crate::nats::{random, Nats};
use crate::relay::Relay;
use crate::session::{Tag, Terms};
use crate::sessions::{Place, Sessions};
use crate::signals::Signals;

/// How long connecting to the host may take.
const DIAL: Duration = Duration::from_secs(3);

/// How long sessions that are cut have to notify their peers.
const CUT: Duration = Duration::from_secs(2);

/// Requests that are malformed, and sessions that have failed.
static FAILED: Frequent = Frequent::new();

/// What is offered, and how.
pub struct Offer {
    /// Where the host listens.
    pub endpoint: Endpoint,
    /// The most sessions at a time.
    pub most: usize,
    /// The longest time in which a session sends nothing.
    pub heartbeat: Duration,
    /// How long sessions may go on when the gateway is stopped.
    pub drain: Duration,
}

/// What all sessions share.
struct Instance {
    offer: Offer,
    nats: Nats,
    sessions: Arc<Sessions>,
    is_reachable: AtomicBool,
}

impl Offer {
    /// Offers the host until a signal comes, and then ends its sessions.
    ///
    /// # Errors
    /// There is no connection to NATS any more.
    pub async fn run(self, nats: Nats, mut signals: Signals) -> Result<(), String> {
        let sessions = Sessions::new(self.most);
        let is_reachable = AtomicBool::new(true);
        let instance = Arc::new(Instance { offer: self, nats, sessions, is_reachable });
        let (service, mut questions, mut requests) = instance.begin().await.map_err(failed)?;
        log::note(&format!("offering {}", instance.nats.address.service()));
        let id = service.info().await.id;
        loop {
            tokio::select! {
                question = questions.next() => {
                    let question = question.ok_or_else(closed)?;
                    question.respond(Ok(instance.found(&id).write())).await.map_err(failed)?;
                }
                request = requests.next() => {
                    tokio::spawn(instance.clone().serve(request.ok_or_else(closed)?));
                }
                () = signals.next() => break,
            }
        }
        service.stop().await.map_err(failed)?;
        drop(questions);
        instance.drain(requests, signals).await;
        Ok(())
    }
}

fn failed(error: impl std::fmt::Display) -> String {
    format!("NATS: {error}")
}

fn closed() -> String {
    "the connection to NATS is lost for good".into()
}

impl Instance {
    /// Makes the service known, with the questions of gateways that look for an instance, and their requests to open
    /// a session with this one.
    async fn begin(&self) -> Result<(Service, Questions, Subscriber), async_nats::Error> {
        let (nats, sessions) = (&self.nats, self.sessions.clone());
        let builder = nats.client.service_builder();
        let service = builder
            .description("a host of Callgate, through a gateway")
            .metadata(HashMap::from([("most_sessions".into(), self.offer.most.to_string())]))
            .stats_handler(move |_, _| serde_json::json!({ "sessions": sessions.count() }))
            .start(nats.address.service(), env!("CARGO_PKG_VERSION"))
            .await?;
        let id = service.info().await.id;
        let subject = open_subject(nats.address.service(), &id);
        let requests = nats.client.subscribe(subject).await?;
        let subject = find_subject(nats.address.service());
        let questions = service.endpoint_builder().name("find").add(subject).await?;
        nats.client.flush().await?;
        Ok((service, questions, requests))
    }

    fn found(&self, id: &str) -> Found {
        Found::new(id, self.sessions.count(), self.is_reachable.load(Ordering::Relaxed))
    }

    /// Answers a request to open a session, and carries it until it ends.
    async fn serve(self: Arc<Self>, request: Message) {
        let Some(reply) = request.reply else { return };
        let opened = self.open(&request.payload).await;
        let (answer, session) = match opened {
            Ok((side, relay, place)) => (Answer::Accepted(side), Some((relay, place))),
            Err(why) => (Answer::Refused(why), None),
        };
        if self.nats.client.publish(reply, answer.write()).await.is_err() {
            return;
        }
        if let Some((relay, mut place)) = session {
            if let Err(end) = relay.run(&mut place).await {
                FAILED.note(&format!("a session ended: {end}"));
            }
        }
    }

    /// Connects to the host. An error is the answer to the gateway that asks.
    async fn open(&self, request: &[u8]) -> Result<(Side, Relay, Place), String> {
        let Some(side) = Side::read(request) else {
            FAILED.note("a request to open a session is malformed, and was refused");
            return Err("the request is malformed, or of another version".into());
        };
        let place = self
            .sessions
            .enter()
            .ok_or_else(|| format!("all of its sessions are in use ({})", self.sessions.most()))?;
        let inbox = Inbox::open(&self.nats).await?;
        let stream = self.dial().await?;
        let received = Tag::new(random());
        let heartbeat = self.offer.heartbeat;
        let own = Side::new(inbox.subject(), &received, heartbeat);
        let sent = side.tag().expect("a valid request has one");
        let terms = Terms { sent, received, heartbeat, peer_heartbeat: side.heartbeat() };
        let local = Local::new(stream, self.nats.largest_piece());
        Ok((own, Relay::new(terms, inbox.into_carrier(&self.nats, &side.subject), local), place))
    }

    async fn dial(&self) -> Result<Stream, String> {
        let endpoint = self.offer.endpoint.clone();
        let dialled =
            spawn_blocking(move || transport::dial(&endpoint, Instant::now() + DIAL)).await;
        let dialled = dialled.map_err(|error| error.to_string())?;
        self.is_reachable.store(dialled.is_ok(), Ordering::Relaxed);
        dialled.map_err(|error| {
            FAILED.note(&format!("the host cannot be reached: {error}"));
            "its host cannot be reached".into()
        })
    }

    /// Lets sessions end, refuses new ones, and ends what is left in the end, or when another signal comes.
    async fn drain(&self, mut requests: Subscriber, mut signals: Signals) {
        let refuse = async {
            while let Some(request) = requests.next().await {
                if let Some(reply) = request.reply {
                    let answer = Answer::Refused("it is being stopped".into());
                    self.nats.client.publish(reply, answer.write()).await.ok();
                }
            }
            std::future::pending().await
        };
        let service = self.nats.address.service();
        log::note(&format!(
            "no longer offering {service}; sessions left: {}",
            self.sessions.count()
        ));
        tokio::select! {
            () = self.sessions.all_ended() => {}
            () = tokio::time::sleep(self.offer.drain) => {}
            () = signals.next() => {}
            () = refuse => {}
        }
        self.sessions.cut();
        if timeout(CUT, self.sessions.all_ended()).await.is_err() {
            log::note("some sessions were ended without notice to their peers");
        }
        self.nats.flush().await;
    }
}
