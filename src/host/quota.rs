//! Limits how many connections a host has: in total, of each user or address, and of strangers.
//!
//! No crowd takes every place. If the host listens locally, an eighth of the places is left to its own user,
//! and if it listens on TCP too, neither TCP nor other users get more than three quarters.

use std::collections::HashMap;

use crate::error::{Error, Result, Status};
use crate::limits::Limits;
use crate::sync::{Arc, Mutex};
use crate::transport::{Endpoint, Party};

/// The places that a host's connections have taken.
pub(super) struct Quota {
    /// How many places each of these may take: everyone, one user or address, other users together, TCP
    /// together, and both of them.
    all: usize,
    party: usize,
    crowd: usize,
    strangers: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    parties: HashMap<Party, usize>,
}

impl Taken {
    /// The places of all parties for which this holds.
    fn of(&self, counts: impl Fn(&Party) -> bool) -> usize {
        self.parties.iter().filter(|(party, _)| counts(party)).map(|(_, places)| places).sum()
    }
}

impl Quota {
    /// For a host that listens on these endpoints.
    pub fn new(limits: &Limits, endpoints: &[Endpoint]) -> Arc<Quota> {
        let all = limits.connections;
        let locally = !endpoints.iter().all(Endpoint::is_on_network);
        let both = locally && endpoints.iter().any(Endpoint::is_on_network);
        Arc::new(Quota {
            all,
            party: limits.connections_per_user,
            crowd: if both { all - all / 4 } else { all },
            strangers: if locally { all - all / 8 } else { all },
            taken: Mutex::default(),
        })
    }

    /// Takes a place for a connection of this party. Dropping the place frees it.
    ///
    /// # Errors
    /// Limit exceeded, with a message for the client.
    pub fn take(self: &Arc<Self>, party: Party) -> Result<QuotaShare> {
        let mut taken = self.taken.lock();
        self.check(&taken, &party).map_err(|message| Error::new(Status::LimitExceeded, message))?;
        *taken.parties.entry(party.clone()).or_default() += 1;
        taken.all += 1;
        Ok(QuotaShare { quota: self.clone(), party })
    }

    /// Says why there is no place, if so.
    fn check(&self, taken: &Taken, party: &Party) -> Result<(), String> {
        if taken.all >= self.all {
            return Err(format!("the host already has {} connections", self.all));
        }
        let who = match party {
            Party::Unknown => return Ok(()),
            Party::OwnUser | Party::User(_) => "the user",
            Party::Address(_) => "the address",
        };
        if taken.parties.get(party).is_some_and(|places| *places >= self.party) {
            return Err(format!("{who} already has {} connections to the host", self.party));
        }
        let crowd = match party {
            Party::User(_) => taken.of(|other| matches!(other, Party::User(_))),
            Party::Address(_) => taken.of(|other| matches!(other, Party::Address(_))),
            Party::OwnUser | Party::Unknown => return Ok(()),
        };
        let strangers = || taken.of(|other| matches!(other, Party::User(_) | Party::Address(_)));
        if crowd >= self.crowd || strangers() >= self.strangers {
            return Err("the host keeps its last places for other users".into());
        }
        Ok(())
    }
}

/// The place of one connection among those that a host may have.
pub(super) struct QuotaShare {
    quota: Arc<Quota>,
    party: Party,
}

impl Drop for QuotaShare {
    fn drop(&mut self) {
        let mut taken = self.quota.taken.lock();
        taken.all -= 1;
        if let Some(places) = taken.parties.get_mut(&self.party) {
            *places -= 1;
            if *places == 0 {
                taken.parties.remove(&self.party);
            }
        }
    }
}
