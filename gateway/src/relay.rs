//! Joins the two sides of a session until it ends.

use std::fmt;
use std::io;
use std::time::Instant;

use tokio::time::interval;

use crate::carrier::{Arrived, Carrier};
use crate::local::Local;
use crate::log::Frequent;
use crate::session::{Lost, Received, Session, Terms, HEADER, MISSED_HEARTBEATS};
use crate::sessions::Place;

/// How often a session looks at the clock in each heartbeat.
const LOOKS: u32 = 4;

/// Why a session has ended before both streams had.
pub enum End {
    /// What was to be carried is lost.
    Lost(Lost),
    /// The local stream has broken.
    Local(io::Error),
    /// There is no connection to NATS.
    Nats(String),
    /// The gateway ends it.
    Cut,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Lost(lost) => lost.fmt(f),
            End::Local(error) => write!(f, "the local connection is lost: {error}"),
            End::Nats(error) => f.write_str(error),
            End::Cut => f.write_str("the gateway is stopped"),
        }
    }
}

impl From<Lost> for End {
    fn from(lost: Lost) -> End {
        End::Lost(lost)
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> End {
        End::Local(error)
    }
}

/// A session, and what it lies between.
pub struct Relay {
    session: Session,
    terms: Terms,
    carrier: Carrier,
    local: Local,
}

/// Forged messages, in all sessions.
static FORGED: Frequent = Frequent::new();

impl Relay {
    pub fn new(terms: Terms, carrier: Carrier, local: Local) -> Relay {
        Relay { session: Session::new(terms, Instant::now()), terms, carrier, local }
    }

    /// Carries bytes both ways until both streams have ended. If it fails, the local stream ends as a lost
    /// connection does, and the peer's too.
    pub async fn run(mut self, place: &mut Place) -> Result<(), End> {
        let ended = self.carry(place).await;
        if let Err(end) = &ended {
            self.tell_peer(end).await;
        }
        ended
    }

    async fn carry(&mut self, place: &mut Place) -> Result<(), End> {
        let mut clock = interval(self.terms.heartbeat.min(self.terms.peer_heartbeat) / LOOKS);
        // A piece that waits for credit.
        let mut held = None;
        let (mut is_reading, mut has_peer_ended, mut is_finished) = (true, false, false);
        loop {
            if let Some(piece) = held.take_if(|piece| self.session.may_send(piece)) {
                let message = self.session.send(piece, Instant::now());
                self.publish(message).await?;
            }
            if has_peer_ended && !is_finished && self.local.outlet.is_empty() {
                self.local.finish();
                is_finished = true;
            }
            if is_finished && self.session.has_ended() {
                self.local.ended();
                return Ok(());
            }
            tokio::select! {
                arrived = self.carrier.next() => has_peer_ended |= self.take(arrived).await?,
                piece = self.local.pieces.recv(), if is_reading && held.is_none() => match piece {
                    Some(piece) => held = Some(piece?),
                    None => {
                        is_reading = false;
                        let message = self.session.finish(Instant::now());
                        self.publish(message).await?;
                    }
                },
                written = self.local.outlet.written() => self.handed_on(written?).await?,
                _ = clock.tick() => {
                    if let Some(message) = self.session.tick(Instant::now())? {
                        self.publish(message).await?;
                    }
                }
                () = place.cut() => return Err(End::Cut),
            }
        }
    }

    /// Takes in what has arrived. True if the peer's stream has ended.
    async fn take(&mut self, arrived: Option<Arrived>) -> Result<bool, End> {
        let message = match arrived {
            Some(Arrived::Message(message)) => message,
            Some(Arrived::Unreceived) => {
                self.session.unreceived()?;
                return Ok(false);
            }
            Some(Arrived::Forged) => {
                note_forged();
                return Ok(false);
            }
            None => return Err(End::Nats("the connection to NATS is lost for good".into())),
        };
        match self.session.receive(&message, Instant::now())? {
            Received::Data => {
                let piece = &message[HEADER..];
                if self.local.outlet.write(piece)? {
                    self.handed_on(piece.len()).await?;
                }
            }
            Received::End => return Ok(true),
            Received::Forged => note_forged(),
            Received::Credit | Received::Nothing => {}
        }
        Ok(false)
    }

    async fn handed_on(&mut self, length: usize) -> Result<(), End> {
        match self.session.handed_on(length, Instant::now()) {
            Some(message) => self.publish(message).await,
            None => Ok(()),
        }
    }

    /// A peer that hears nothing for this time has given up.
    async fn publish(&mut self, message: Vec<u8>) -> Result<(), End> {
        let patience = self.terms.heartbeat * MISSED_HEARTBEATS;
        self.carrier.publish(message, patience).await.map_err(End::Nats)
    }

    /// Ends the peer's side too, unless that is where the end comes from.
    async fn tell_peer(&mut self, end: &End) {
        if matches!(end, End::Nats(_) | End::Lost(Lost::Gone | Lost::Reset(_))) {
            return;
        }
        let reason = match end {
            End::Local(_) => "the connection behind it is lost".to_owned(),
            _ => end.to_string(),
        };
        let message = self.session.reset(&reason, Instant::now());
        // If it does not get there, the peer notices the silence.
        self.publish(message).await.ok();
    }
}

fn note_forged() {
    FORGED.note("a message on a session's subject is not the other gateway's, and was dropped");
}
