//! The Rust client of the conformance matrix: reads scenarios and plays them.

use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::io::BufRead;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::Mutex;

use callgate::{Client, InboundCall, Proxy};

use crate::host::{delegate, fail, nest};
use crate::serve::reply;
use crate::steps;

/// The result of a scenario: why it failed, if it did.
pub type Outcome = Result<(), String>;

/// Shared by the steps of a scenario.
pub struct Scenario {
    pub client: Client,
    /// The numbers that the host's callbacks have passed.
    pub arrived: Receiver<i64>,
    fields: HashMap<String, String>,
}

impl Scenario {
    fn connect(endpoint: &str, fields: HashMap<String, String>) -> Result<Scenario, String> {
        let (tell, arrived) = mpsc::channel();
        let tell = Mutex::new(tell);
        let client = Client::builder(endpoint)
            .callback_handler("ICallback", delegate(move |call| serve(call, &tell)))
            .interface_alias("Old.", "ICallback")
            .connect()
            .map_err(words)?;
        Ok(Scenario { client, arrived, fields })
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    pub fn text(&self, name: &str) -> Result<&str, String> {
        self.field(name).ok_or_else(|| format!("the scenario has no field {name}"))
    }

    pub fn number(&self, name: &str) -> Result<usize, String> {
        self.text(name)?.parse().map_err(words)
    }

    pub fn proxy(&self, interface: &str) -> Result<Proxy, String> {
        self.client.proxy(interface).map_err(words)
    }
}

/// Serves `ICallback` to the host.
fn serve(call: InboundCall, arrived: &Mutex<Sender<i64>>) -> callgate::Result<()> {
    match call.method() {
        "Double" => reply(call, |(n,): (i64,)| Ok(2 * n)),
        "Nest" => {
            let duplex = call.connection().proxy("IDuplex");
            reply(call, |(depth,): (i64,)| nest(&duplex?, depth))
        }
        "Fail" => reply(call, fail),
        "Arrived" => reply(call, |(n,): (i64,)| {
            arrived.lock().unwrap().send(n).ok();
            Ok(())
        }),
        _ => call.fail_no_method(),
    }
}

/// Any error as text.
pub fn words(error: impl Display) -> String {
    error.to_string()
}

/// Fails unless both are equal.
pub fn equal<T: PartialEq + Debug>(expected: T, actual: T) -> Outcome {
    if expected == actual {
        return Ok(());
    }
    Err(format!("{actual:?} instead of {expected:?}"))
}

fn play_one(endpoint: &str, fields: HashMap<String, String>) -> Outcome {
    let scenario = Scenario::connect(endpoint, fields)?;
    let played = steps::play(&scenario);
    played.and(scenario.client.close().map_err(words))
}

/// Plays the scenarios that arrive on standard input.
pub fn play(endpoint: &str) {
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("standard input");
        let fields: HashMap<_, _> = line
            .split('\t')
            .filter_map(|field| field.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let name = fields.get("name").cloned().unwrap_or_default();
        let played = catch_unwind(AssertUnwindSafe(|| play_one(endpoint, fields)))
            .unwrap_or_else(|_| Err("the program panicked".into()));
        match played {
            Ok(()) => println!("ok {name}"),
            Err(why) => println!("failed {name}: {}", why.replace('\n', " ")),
        }
    }
}
