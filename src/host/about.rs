//! The interface `callgate.Host`, by which every host tells its clients what it serves.

use std::time::Instant;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::connection::{Delegate, InboundCall};
use crate::contract::Contract;
use crate::error::Result;
use crate::time;

/// What a host serves, as far as it was declared when it was set up.
#[derive(Default)]
pub(super) struct Declared {
    /// Names without descriptions, sorted, and not among those described.
    names: Vec<String>,
    contracts: Vec<Contract>,
}

impl Declared {
    pub fn add_name(&mut self, interface: &str) {
        if self.contract(interface).is_some() {
            return;
        }
        if let Err(place) = self.names.binary_search_by(|other| other.as_str().cmp(interface)) {
            self.names.insert(place, interface.into());
        }
    }

    /// Adds a description; the latest of an interface counts.
    pub fn add_contract(&mut self, contract: &Contract) {
        self.names.retain(|name| name != contract.interface());
        self.contracts.retain(|other| other.interface() != contract.interface());
        self.contracts.push(contract.clone());
    }

    /// Adds a description, unless there is one of the interface.
    pub fn add_if_missing(&mut self, contract: &Contract) {
        if self.contract(contract.interface()).is_none() {
            self.add_contract(contract);
        }
    }

    fn contract(&self, interface: &str) -> Option<&Contract> {
        self.contracts.iter().find(|contract| contract.interface() == interface)
    }

    fn interfaces(&self) -> Vec<&str> {
        let described = self.contracts.iter().map(Contract::interface);
        let mut all: Vec<&str> = described.chain(self.names.iter().map(|name| &**name)).collect();
        all.sort_unstable();
        all
    }
}

/// The delegate of `callgate.Host`. PROTOCOL.md specifies its methods.
pub(super) struct About {
    declared: Declared,
    started: Instant,
}

/// The result of `Status`.
struct HostStatus {
    uptime_ms: u64,
}

impl Serialize for HostStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("version", env!("CARGO_PKG_VERSION"))?;
        map.serialize_entry("uptime_ms", &self.uptime_ms)?;
        map.end()
    }
}

impl About {
    pub fn new(declared: Declared) -> About {
        About { declared, started: time::now() }
    }

    pub fn interfaces(&self) -> Vec<&str> {
        self.declared.interfaces()
    }

    /// The description of the interface that a name stands for.
    fn describe(&self, call: &InboundCall) -> Result<Option<&str>> {
        let (name,) = call.args::<(&str,)>()?;
        let interface = call.connection().runtime().owner.resolve(name);
        Ok(self.declared.contract(&interface).map(Contract::document))
    }

    fn status(&self) -> HostStatus {
        let uptime = time::now().saturating_duration_since(self.started);
        let uptime_ms = uptime.as_millis().try_into().unwrap_or(u64::MAX);
        HostStatus { uptime_ms }
    }
}

impl Delegate for About {
    fn invoke(&self, call: InboundCall) {
        let sent = match call.method() {
            "Interfaces" => {
                let outcome = call.args::<()>().map(|()| self.interfaces());
                call.reply_with(outcome)
            }
            "Describe" => {
                let outcome = self.describe(&call);
                call.reply_with(outcome)
            }
            "Counters" => {
                let outcome = call.args::<()>().map(|()| call.connection().counters());
                call.reply_with(outcome)
            }
            "Status" => {
                let outcome = call.args::<()>().map(|()| self.status());
                call.reply_with(outcome)
            }
            _ => call.fail_no_method(),
        };
        // The connection is gone, and the caller with it.
        sent.ok();
    }
}
