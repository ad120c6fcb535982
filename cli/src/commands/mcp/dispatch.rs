//! What each message of a client means.

use std::collections::HashMap;
use std::io::{self, BufRead};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use callgate::{Contract, Error};
use serde_json::{json, Map, Value};

use crate::commands::mcp::messages::{self, reply, Message, Refusal};
use crate::commands::mcp::requests::Requests;
use crate::commands::mcp::toolbox::Toolbox;
use crate::commands::mcp::versions::{self, Era};
use crate::target::Host;

/// How long requests may take to end after the input has ended.
const ENDING: Duration = Duration::from_secs(2);

/// The descriptions of callbacks, by interface. Clones share them.
#[derive(Clone, Default)]
pub struct Callbacks(Arc<Mutex<HashMap<String, Contract>>>);

impl Callbacks {
    pub fn find(&self, interface: &str) -> Option<Contract> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(interface).cloned()
    }

    fn set(&self, contracts: &[Contract]) {
        let callbacks = contracts.iter().filter_map(Contract::callback);
        let named = callbacks.map(|contract| (contract.interface().to_owned(), contract.clone()));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = named.collect();
    }
}

/// What is offered to a client. Clones share it.
#[derive(Clone)]
pub struct Offer(Arc<Offered>);

struct Offered {
    host: Host,
    interfaces: Vec<String>,
    callbacks: Callbacks,
    timeout: Duration,
    toolbox: Mutex<Arc<Toolbox>>,
}

impl Offer {
    /// Offers the methods of these interfaces.
    ///
    /// # Errors
    /// As [`Toolbox::load`].
    pub fn new(
        host: Host,
        interfaces: Vec<String>,
        callbacks: Callbacks,
        timeout: Duration,
    ) -> Result<Offer, Error> {
        let toolbox = Toolbox::load(&host, &interfaces)?;
        callbacks.set(&toolbox.contracts);
        let toolbox = Mutex::new(Arc::new(toolbox));
        Ok(Offer(Arc::new(Offered { host, interfaces, callbacks, timeout, toolbox })))
    }

    /// Serves a client until the input ends.
    ///
    /// # Errors
    /// If the input cannot be read, or the output not be written.
    pub fn serve(&self, mut input: impl BufRead) -> io::Result<()> {
        let requests = Requests::default();
        let mut initialized = false;
        let outcome = loop {
            let sent = match messages::next(&mut input) {
                Ok(Some(Ok(message))) => self.take(message, &requests, &mut initialized),
                Ok(Some(Err(refusal))) => reply(&Value::Null, Err(refusal)),
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            };
            if let Err(error) = sent {
                break Err(error);
            }
        };
        requests.end(ENDING);
        outcome
    }

    fn take(
        &self,
        message: Message,
        requests: &Requests,
        initialized: &mut bool,
    ) -> io::Result<()> {
        let Message { id, method, params } = message;
        let Some(id) = id else {
            if let ("notifications/cancelled", Some(id)) = (&*method, params.get("requestId")) {
                requests.cancel(id);
            }
            return Ok(());
        };
        let started = match &*method {
            "initialize" => {
                *initialized = true;
                return reply(&id, Ok(self.initialize(&params)));
            }
            "ping" if *initialized => return reply(&id, Ok(json!({}))),
            _ => versions::era(&params, *initialized)
                .and_then(|era| self.start(era, &id, &method, params, requests)),
        };
        match started {
            Ok(()) => Ok(()),
            Err(refusal) => reply(&id, Err(refusal)),
        }
    }

    /// Starts to serve a request.
    fn start(
        &self,
        era: Era,
        id: &Value,
        method: &str,
        params: Map<String, Value>,
        requests: &Requests,
    ) -> Result<(), Refusal> {
        let offer = self.clone();
        match method {
            "server/discover" => {
                requests.start(id, move |_| Ok(era.complete_list(offer.discover())))
            }
            "tools/list" => requests.start(id, move |_| Ok(era.complete_list(offer.list()?))),
            "tools/call" => {
                let name = params.get("name").and_then(Value::as_str).unwrap_or_default();
                let tool = self.toolbox().find(name).ok_or_else(|| {
                    let message = format!("no tool is called {}", Value::from(name));
                    Refusal::new(Refusal::INVALID_PARAMS, message)
                })?;
                let arguments = match params.get("arguments") {
                    None => Map::new(),
                    Some(Value::Object(arguments)) => arguments.clone(),
                    Some(_) => {
                        let message = "arguments must be an object";
                        return Err(Refusal::new(Refusal::INVALID_PARAMS, message));
                    }
                };
                requests.start(id, move |cancel| {
                    let Offered { host, timeout, .. } = &*offer.0;
                    Ok(era.complete(tool.call(&host.client, &arguments, *timeout, cancel)))
                })
            }
            _ => {
                let message = format!("there is no method {}", Value::from(method));
                Err(Refusal::new(Refusal::NO_METHOD, message))
            }
        }
    }

    fn toolbox(&self) -> Arc<Toolbox> {
        self.0.toolbox.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn initialize(&self, params: &Map<String, Value>) -> Value {
        json!({
            "protocolVersion": versions::agreed(params),
            "capabilities": { "tools": {} },
            "serverInfo": versions::this_program(),
            "instructions": self.instructions(),
        })
    }

    fn discover(&self) -> Value {
        json!({
            "supportedVersions": versions::supported(),
            "capabilities": { "tools": {} },
            "instructions": self.instructions(),
        })
    }

    /// The tools, as the host that is there now describes them.
    fn list(&self) -> Result<Value, Refusal> {
        let Offered { host, interfaces, callbacks, toolbox, .. } = &*self.0;
        let loaded = Toolbox::load(host, interfaces).map_err(|error| {
            Refusal::new(
                Refusal::INTERNAL,
                format!("the host does not describe its tools: {error}"),
            )
        })?;
        callbacks.set(&loaded.contracts);
        let definitions = loaded.definitions();
        *toolbox.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(loaded);
        Ok(json!({ "tools": definitions }))
    }

    /// Advice that holds for all tools. It contains no text of the host, which models might take for an order.
    fn instructions(&self) -> String {
        format!(
            "The tools call the methods of {} in a running program. Binary values are base64, and moments are text \
             such as 2026-01-31T12:00:00Z. An error says whether the call ran. Do not repeat a call that ran, or of \
             which that is unknown, unless repeating it does no harm.",
            self.0.interfaces.join(", ")
        )
    }
}
