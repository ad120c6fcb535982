//! Whether a client's descriptions of interfaces fit those of its present host.

use crate::connection::Connection;
use crate::contract::Contract;
use crate::error::Result;
use crate::sync::Mutex;

/// The descriptions that have been compared over the present connection, and what was found. Proxies that are
/// created for one call each thus ask the host but once.
#[derive(Default)]
pub(crate) struct Verdicts(Mutex<State>);

#[derive(Default)]
struct State {
    generation: u64,
    found: Vec<(Contract, Result<()>)>,
}

impl Verdicts {
    /// What a comparison over this connection has found, if there was one.
    pub fn of(&self, contract: &Contract, connection: &Connection) -> Option<Result<()>> {
        let state = self.0.lock();
        if state.generation != connection.generation() {
            return None;
        }
        let found = state.found.iter().find(|(other, _)| other.is_same(contract));
        found.map(|(_, verdict)| verdict.clone())
    }

    /// The description that was read from a text, if it was compared over the latest connection.
    #[cfg(feature = "c-abi")]
    pub fn description(&self, document: &str) -> Option<Contract> {
        let state = self.0.lock();
        let mut compared = state.found.iter().map(|(contract, _)| contract);
        compared.find(|contract| contract.document() == document).cloned()
    }

    /// Keeps what a comparison over this connection has found. False if it was known.
    pub fn note(&self, contract: &Contract, connection: &Connection, verdict: &Result<()>) -> bool {
        let mut state = self.0.lock();
        if state.generation != connection.generation() {
            *state = State { generation: connection.generation(), found: Vec::new() };
        }
        let is_new = !state.found.iter().any(|(other, _)| other.is_same(contract));
        if is_new {
            state.found.push((contract.clone(), verdict.clone()));
        }
        is_new
    }
}
