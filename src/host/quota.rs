//! Limits how many connections a host has, in total and per user.

use std::collections::HashMap;

use crate::error::{Error, Result, Status};
use crate::limits::Limits;
use crate::sync::{Arc, Mutex};

#[derive(Default)]
struct Taken {
    all: usize,
    users: HashMap<u32, usize>,
}

/// The places that a host's connections have taken.
#[derive(Default)]
pub(super) struct Quota(Mutex<Taken>);

impl Quota {
    /// Takes a place for a connection of `user`, if the system knows the user. Dropping the place frees it.
    ///
    /// # Errors
    /// Limit exceeded, with a message for the client.
    pub fn take(self: &Arc<Self>, user: Option<u32>, limits: &Limits) -> Result<QuotaShare> {
        let mut taken = self.0.lock();
        if taken.all >= limits.connections {
            let message = format!("the host already has {} connections", limits.connections);
            return Err(Error::new(Status::LimitExceeded, message));
        }
        if let Some(user) = user {
            let most = limits.connections_per_user;
            let theirs = taken.users.get(&user).copied().unwrap_or_default();
            if theirs >= most {
                let message = format!("the user already has {most} connections to the host");
                return Err(Error::new(Status::LimitExceeded, message));
            }
            taken.users.insert(user, theirs + 1);
        }
        taken.all += 1;
        Ok(QuotaShare { quota: self.clone(), user })
    }
}

/// The place of one connection among those that a host may have.
pub(super) struct QuotaShare {
    quota: Arc<Quota>,
    user: Option<u32>,
}

impl Drop for QuotaShare {
    fn drop(&mut self) {
        let mut taken = self.quota.0.lock();
        taken.all -= 1;
        let Some(user) = self.user else { return };
        if let Some(theirs) = taken.users.get_mut(&user) {
            *theirs -= 1;
            if *theirs == 0 {
                taken.users.remove(&user);
            }
        }
    }
}
