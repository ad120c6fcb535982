//! Payloads of no bytes at all, which no frame can carry, from a program that encodes its own.

use std::sync::mpsc;
use std::time::Duration;

use crate::support::{unique, watched};
use callgate::{CallOptions, Client, Connection, Host, InboundCall};

const LIMIT: Duration = Duration::from_secs(60);

/// Replies with the argument's bytes, or with none if there is no argument.
fn echo(call: InboundCall) {
    let replied = match call.method() {
        "Copy" => {
            let argument = call.arguments()[1..].to_vec();
            call.reply_bytes(&argument)
        }
        _ => call.reply_from_arguments(|arguments| &arguments[1..]),
    };
    replied.unwrap();
}

fn with_client(test: impl Fn(&Client) + Send + 'static) {
    watched(LIMIT, move || {
        let endpoint = format!("pipe://{}", unique("empty-bytes"));
        let host = Host::builder().endpoint(&endpoint).delegate("IEcho", |_: &Connection| echo);
        let host = host.start().unwrap();
        let client = Client::connect(&endpoint).unwrap();
        test(&client);
        assert_eq!(client.connection().unwrap().generation(), 1, "the connection has not ended");
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn no_bytes_as_a_result_are_nil() {
    with_client(|client| {
        let proxy = client.proxy("IEcho").unwrap();
        for method in ["Copy", "Find"] {
            assert_eq!(proxy.call::<Option<i64>>(method, &()).unwrap(), None);
            assert_eq!(proxy.call::<Option<i64>>(method, &(5,)).unwrap(), Some(5));
        }
    });
}

#[test]
fn no_bytes_as_arguments_are_no_arguments() {
    with_client(|client| {
        let (proxy, options) = (client.proxy("IEcho").unwrap(), CallOptions::default());
        let reply = proxy.call_bytes("Copy", &[], &options).unwrap();
        assert_eq!(reply.decode::<Option<i64>>().unwrap(), None);
        proxy.one_way_bytes("Copy", &[], &options).unwrap();
        let (done, outcome) = mpsc::channel();
        let done = move |reply| done.send(reply).unwrap();
        proxy.start_bytes("Copy", Vec::new(), &options, done).unwrap();
        let reply = outcome.recv().unwrap().unwrap();
        assert_eq!(reply.decode::<Option<i64>>().unwrap(), None);
    });
}
