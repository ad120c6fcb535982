//! The requests that are being served.

use std::collections::HashMap;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use callgate::CancelToken;
use serde_json::Value;

use crate::commands::mcp::messages::{reply, Refusal};

/// How many requests are served at once.
const MOST: usize = 32;

/// The requests without a reply, by their ids. Clones share them.
#[derive(Clone, Default)]
pub struct Requests(Arc<Shared>);

#[derive(Default)]
struct Shared {
    running: Mutex<HashMap<String, CancelToken>>,
    ended: Condvar,
}

impl Requests {
    /// Serves a request in a thread, so that the client can cancel it meanwhile. A cancelled request gets no reply.
    ///
    /// # Errors
    /// If a request with this id is being served, or too many are, or there is no thread for it.
    pub fn start(
        &self,
        id: &Value,
        serve: impl FnOnce(&CancelToken) -> Result<Value, Refusal> + Send + 'static,
    ) -> Result<(), Refusal> {
        let key = id.to_string();
        let token = CancelToken::new();
        let mut running = self.running();
        if running.len() >= MOST {
            let message = format!("{MOST} requests are being served; wait for one of them");
            return Err(Refusal::new(Refusal::INTERNAL, message));
        }
        if running.contains_key(&key) {
            let message = format!("the request {key} has no reply yet");
            return Err(Refusal::new(Refusal::INVALID_REQUEST, message));
        }
        let (requests, id, own_key, own_token) =
            (self.clone(), id.clone(), key.clone(), token.clone());
        let work = move || {
            // A request without a reply would keep the client waiting.
            let outcome =
                catch_unwind(AssertUnwindSafe(|| serve(&own_token))).unwrap_or_else(|_| {
                    Err(Refusal::new(
                        Refusal::INTERNAL,
                        "callgate has failed; standard error says where",
                    ))
                });
            if !own_token.is_cancelled() {
                // If the output is closed, so is the input soon, which ends the program.
                reply(&id, outcome).ok();
            }
            requests.running().remove(&own_key);
            requests.0.ended.notify_all();
        };
        let started = thread::Builder::new().name("request".into()).spawn(work);
        started.map_err(|error| {
            Refusal::new(Refusal::INTERNAL, format!("no thread for the request: {error}"))
        })?;
        running.insert(key, token);
        Ok(())
    }

    /// Cancels a request, if it is being served.
    pub fn cancel(&self, id: &Value) {
        let token = self.running().get(&id.to_string()).cloned();
        if let Some(token) = token {
            token.cancel();
        }
    }

    /// Cancels all requests, and waits until they have ended, or for `timeout`.
    pub fn end(&self, timeout: Duration) {
        let tokens: Vec<CancelToken> = self.running().values().cloned().collect();
        tokens.iter().for_each(CancelToken::cancel);
        let all_ended =
            self.0.ended.wait_timeout_while(self.running(), timeout, |it| !it.is_empty());
        drop(all_ended);
    }

    fn running(&self) -> MutexGuard<'_, HashMap<String, CancelToken>> {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
