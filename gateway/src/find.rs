//! Finds an instance of a service, and opens a session with it.
//!
//! One of the instances answers each question, at random. The gateway asks three times at once and takes the less
//! loaded of two that answer: "The Power of Two Choices in Randomized Load Balancing", Michael
//! Mitzenmacher, IEEE Transactions on Parallel and Distributed Systems 12 (2001), shows how much better that is
//! than one choice, and how little more others add. The third question is for an instance that hangs, or that
//! answers twice.

use std::fmt;
use std::time::{Duration, Instant};

use async_nats::client::RequestErrorKind;
use bytes::Bytes;
use futures_util::stream::FuturesUnordered;
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::carrier::{Carrier, Inbox};
use crate::control::{find_subject, open_subject, Answer, Found, Side, Text};
use crate::nats::{random, Nats};
use crate::session::{Tag, Terms};

const QUESTIONS: usize = 3;
const CHOICES: usize = 2;

/// How long an instance may take to answer.
const FIND: Duration = Duration::from_secs(1);

/// How long the last answer may take once the others are there.
const LAST: Duration = Duration::from_millis(50);

/// How long an instance may take to open a session; it connects to its host meanwhile.
const OPEN: Duration = Duration::from_secs(4);

/// How long finding and opening may take in all: a client gives up after ten seconds.
const ALL: Duration = Duration::from_secs(8);

/// How often it asks anew, for instances that it has not tried.
const ROUNDS: usize = 4;

/// Why there is no session.
pub enum Failure {
    /// There is no connection to NATS.
    NotConnected,
    /// NATS says that there is no instance.
    NoInstance,
    /// No instance has answered in time.
    NoAnswer,
    /// The last instance that was tried gave this reason.
    Refused(String),
    /// NATS has failed.
    Nats(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::NotConnected => f.write_str("there is no connection to NATS"),
            Failure::NoInstance => f.write_str("there is no instance of it"),
            Failure::NoAnswer => f.write_str("no instance has answered in time"),
            Failure::Refused(why) => write!(f, "no instance takes the connection: {why}"),
            Failure::Nats(error) => f.write_str(error),
        }
    }
}

/// Opens a session with one of the less loaded instances, or another one if that one refuses.
pub async fn open(nats: &Nats, heartbeat: Duration) -> Result<(Carrier, Terms), Failure> {
    if !nats.is_connected() {
        return Err(Failure::NotConnected);
    }
    let begin = Instant::now();
    let mut tried: Vec<String> = Vec::new();
    let mut failure = Failure::NoAnswer;
    for _ in 0..ROUNDS {
        let instances = match find(nats).await {
            Ok(instances) => instances,
            Err(why) if tried.is_empty() => return Err(why),
            Err(_) => return Err(failure),
        };
        for found in instances {
            if tried.contains(&found.instance) {
                continue;
            }
            if begin.elapsed() + OPEN > ALL {
                return Err(failure);
            }
            match open_at(nats, &found.instance, heartbeat).await {
                Ok(opened) => return Ok(opened),
                Err(why) => failure = why,
            }
            tried.push(found.instance);
        }
    }
    Err(failure)
}

/// Some instances, the best one first.
async fn find(nats: &Nats) -> Result<Vec<Found>, Failure> {
    let subject = find_subject(nats.address.service());
    let ask = |_| nats.request(subject.clone(), Bytes::new(), FIND);
    let mut answers: FuturesUnordered<_> = (0..QUESTIONS).map(ask).collect();
    let mut found: Vec<Found> = Vec::new();
    loop {
        let patience = if found.len() < CHOICES { FIND } else { LAST };
        let Ok(Some(answer)) = timeout(patience, answers.next()).await else { break };
        match answer {
            Ok(message) => found.extend(Found::read(&message.payload)),
            Err(error) if error.kind() == RequestErrorKind::NoResponders => {
                return Err(Failure::NoInstance);
            }
            Err(_) => {}
        }
        if found.iter().any(|other| other.instance != found[0].instance) {
            break;
        }
    }
    // Among equals chance decides: of many clients that come at once, not all must go where answers are quickest.
    found.sort_by_cached_key(|instance| (!instance.reachable, instance.sessions, random()));
    Ok(found)
}

async fn open_at(
    nats: &Nats,
    instance: &str,
    heartbeat: Duration,
) -> Result<(Carrier, Terms), Failure> {
    // Of this attempt alone: an answer that comes too late must not meet the session of another instance.
    let inbox = Inbox::open(nats).await.map_err(Failure::Nats)?;
    let received = Tag::new(random());
    let request = Side::new(inbox.subject(), &received, heartbeat).write();
    let subject = open_subject(nats.address.service(), instance);
    let answer =
        nats.request(subject, request, OPEN).await.map_err(|error| match error.kind() {
            RequestErrorKind::NoResponders => Failure::Refused("it is gone".into()),
            RequestErrorKind::TimedOut => Failure::NoAnswer,
            _ => Failure::Nats(format!("NATS: {error}")),
        })?;
    let side = match Answer::read(&answer.payload) {
        Some(Answer::Accepted(side)) => side,
        Some(Answer::Refused(why)) => return Err(Failure::Refused(why)),
        None => return Err(Failure::Refused("its answer is malformed".into())),
    };
    let sent = side.tag().expect("a valid answer has one");
    let terms = Terms { sent, received, heartbeat, peer_heartbeat: side.heartbeat() };
    Ok((inbox.into_carrier(nats, &side.subject), terms))
}
