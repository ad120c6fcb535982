//! The NATS side of a session.

use std::time::Duration;

use async_nats::{Client, StatusCode, Subject, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt;

use crate::control::hexadecimal;
use crate::nats::{random, Nats};

/// The last token of the subject on which the peer's messages come.
const MESSAGES: &str = "in";

/// Where the messages of one session arrive: on a subject with a random name, which the peer gets to know.
///
/// Everything that this side sends names another subject below it for replies, with a secret last token. The
/// only reply there ever is comes from NATS: that nobody receives such a message (status 503).
pub struct Inbox {
    subscriber: Subscriber,
    name: String,
    secret: String,
}

/// What has arrived.
pub enum Arrived {
    /// A message, perhaps the peer's.
    Message(Bytes),
    /// Nobody has received a message of this side.
    Unreceived,
    /// Something that neither the peer nor NATS has sent.
    Forged,
}

impl Inbox {
    pub async fn open(nats: &Nats) -> Result<Inbox, String> {
        let name = nats.new_subject();
        let subscribed = nats.client.subscribe(format!("{name}.*")).await;
        let subscriber = subscribed.map_err(|error| format!("NATS: {error}"))?;
        Ok(Inbox { subscriber, name, secret: hexadecimal(&random()) })
    }

    /// Where the peer must send its messages.
    pub fn subject(&self) -> String {
        format!("{}.{MESSAGES}", self.name)
    }

    /// The session whose peer receives on this subject.
    pub fn into_carrier(self, nats: &Nats, peer: &str) -> Carrier {
        let reply = format!("{}.{}", self.name, self.secret).into();
        Carrier { inbox: self, client: nats.client.clone(), peer: peer.into(), reply }
    }

    async fn next(&mut self) -> Option<Arrived> {
        let message = self.subscriber.next().await?;
        let token = message.subject.rsplit('.').next();
        Some(match (token, message.status) {
            (Some(MESSAGES), None) => Arrived::Message(message.payload),
            (Some(token), Some(StatusCode::NO_RESPONDERS)) if token == self.secret => {
                Arrived::Unreceived
            }
            _ => Arrived::Forged,
        })
    }
}

/// Where the messages of a session come from and go to.
pub struct Carrier {
    inbox: Inbox,
    client: Client,
    peer: Subject,
    reply: Subject,
}

impl Carrier {
    /// Waits for what arrives next; `None` once there will be no connection to NATS any more.
    pub async fn next(&mut self) -> Option<Arrived> {
        self.inbox.next().await
    }

    /// Sends a message to the peer, waiting at most `patience` until NATS takes it.
    pub async fn publish(&self, message: Vec<u8>, patience: Duration) -> Result<(), String> {
        let publish =
            self.client.publish_with_reply(self.peer.clone(), self.reply.clone(), message.into());
        match tokio::time::timeout(patience, publish).await {
            Ok(published) => published.map_err(|error| format!("NATS: {error}")),
            Err(_) => Err("NATS takes no messages".into()),
        }
    }
}
