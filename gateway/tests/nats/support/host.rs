//! Hosts and clients in this process.

use std::sync::Arc;
use std::time::Duration;

use callgate::{Client, ClientBuilder, Connection, Host, InboundCall, Limits};

use super::{unique, LIMIT};

/// A host of `ITest`, on an endpoint of its own; `Name` returns the name.
pub fn host(name: &'static str) -> (Host, String) {
    let endpoint = format!("pipe://{}", unique("host"));
    (host_at(name, &endpoint), endpoint)
}

/// The same on this endpoint.
pub fn host_at(name: &'static str, endpoint: &str) -> Host {
    host_with(name, endpoint, |_| None)
}

/// The same; `Note` passes its argument to `note`, which must keep it.
pub fn host_with(
    name: &'static str,
    endpoint: &str,
    note: impl Fn(u64) -> Option<()> + Send + Sync + 'static,
) -> Host {
    let note = Arc::new(note);
    let delegate = move |_: &Connection| {
        let note = note.clone();
        move |call: InboundCall| match call.method() {
            "Note" => {
                let number = call.args::<(u64,)>().map(|(number,)| number);
                let noted = number.inspect(|&number| note(number).expect("it is kept"));
                call.reply_with(noted).ok();
            }
            _ => serve(call, name),
        }
    };
    Host::builder().endpoint(endpoint).delegate("ITest", delegate).start().expect("it listens")
}

fn serve(call: InboundCall, name: &str) {
    let outcome = match call.method() {
        "Name" => call.reply(name),
        "Nest" => nest(call, "IBack"),
        "Wait" => {
            call.wait_cancelled(Some(LIMIT));
            call.reply(&())
        }
        // The element of an array of one follows its first byte.
        "Echo" => call.reply_from_arguments(|arguments| &arguments[1..]),
        _ => call.fail_no_method(),
    };
    outcome.ok();
}

/// Calls back and forth `n` times.
fn nest(call: InboundCall, other: &str) -> callgate::Result<()> {
    let result = call.args::<(u32,)>().and_then(|(n,)| match n {
        0 => Ok(0),
        _ => call.within(|| {
            let below: u32 = call.connection().proxy(other)?.call("Nest", &(n - 1,))?;
            Ok(below + 1)
        }),
    });
    call.reply_with(result)
}

/// A client that serves `IBack`, and waits for a connection for this long.
pub fn client_with(endpoint: &str, connection_timeout: Duration) -> Client {
    let mut limits = Limits::default();
    limits.connection_timeout = connection_timeout;
    builder(endpoint).limits(limits).connect().expect("a client")
}

/// A client that serves `IBack`.
pub fn client(endpoint: &str) -> Client {
    client_with(endpoint, LIMIT / 3)
}

fn builder(endpoint: &str) -> ClientBuilder {
    let back = |call: InboundCall| drop(nest(call, "ITest"));
    Client::builder(endpoint).callback_handler("IBack", back)
}

/// The name of the host that a client reaches.
pub fn name(client: &Client) -> callgate::Result<String> {
    client.proxy("ITest")?.call("Name", &())
}
