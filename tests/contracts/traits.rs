//! Typed interfaces describe themselves.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{mpsc, Arc, Mutex};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

use callgate::{
    CallError, CallOptions, Client, Connection, Contract, Error, Host, InboundCall,
    InterfaceDelegate, InterfaceProxy, Status, Verify,
};

use crate::described;
use crate::support::{unique, watched};

const LIMIT: Duration = Duration::from_secs(60);

/// A type without a schema.
#[derive(Serialize, Deserialize)]
pub struct Opaque(i32);

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Tree {
    leaf: i32,
    children: Vec<Tree>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Page<T> {
    items: Vec<T>,
    next: Option<u64>,
}

#[derive(Debug, CallError)]
pub enum Failure {
    #[call_error(alias = "Store.Full")]
    Full(String),
    #[call_error(name = "Store.Gone")]
    Gone(String),
    #[call_error(other)]
    Other(Error),
}

#[callgate::interface(name = "INamed")]
pub trait Named {
    fn name(&self) -> String;
    /// Hidden by the store's own.
    fn count(&self) -> String;
}

/// A store,
/// of anything.
#[callgate::interface(name = "IStore")]
pub trait Store: Named {
    /// Puts it away.
    fn put(&self, key: &str, data: &[u8], call: &InboundCall) -> Result<Vec<u8>, Failure>;
    fn opaque(&self, opaque: &Opaque, several: Vec<Opaque>) -> Opaque;
    fn trees(&self, r#type: &[Tree], page: Page<Tree>) -> Page<u8>;
    fn borrowed(
        &self,
        text: Cow<'_, str>,
        map: &BTreeMap<u8, f32>,
        last: Option<&str>,
    ) -> (i8, bool);
    #[deprecated]
    fn count(&self) -> usize;
    #[one_way]
    fn log(&self, line: String);
    #[method(name = "Find", signature = "Find_Int32")]
    fn find_number(&self, n: i32) -> char;
    #[method(name = "Find", signature = "Find_String")]
    fn find_text(&self, text: &str) -> callgate::Result<()>;
}

fn document(contract: &Contract) -> Value {
    serde_json::from_str(contract.document()).unwrap()
}

fn method<'a>(document: &'a Value, name: &str) -> &'a Value {
    let mut all = document["methods"].as_array().unwrap().iter();
    all.find(|method| method["name"] == name).unwrap_or_else(|| panic!("{name}: {document:#}"))
}

#[test]
fn a_document_has_names_comments_and_errors() {
    let contract = StoreProxy::contract().unwrap();
    assert_eq!(contract.interface(), "IStore");
    let document = document(&contract);
    assert_eq!(document["info"]["description"], "A store,\nof anything.");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let names = document["methods"].as_array().unwrap().iter();
    let names: Vec<&str> = names.map(|method| method["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "Put",
            "Opaque",
            "Trees",
            "Borrowed",
            "Count",
            "Log",
            "Find(Find_Int32)",
            "Find(Find_String)",
            "Name"
        ]
    );
    let put = method(&document, "Put");
    assert_eq!(put["description"], "Puts it away.");
    let parameters = put["params"].as_array().unwrap().iter();
    let parameters: Vec<&str> = parameters.map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(parameters, ["key", "data"]);
    assert_eq!(put["x-callgate-errors"], json!(["Full", "Store.Gone"]));
    assert_eq!(put["x-callgate-error-aliases"], json!({ "Store.Full": "Full" }));
    assert_eq!(method(&document, "Count")["deprecated"], true);
    assert_eq!(method(&document, "Log").get("result"), None);
    let overload = method(&document, "Find(Find_Int32)");
    assert_eq!(overload["x-callgate-method"], "Find");
    assert_eq!(overload["x-callgate-signature"], "Find_Int32");
    assert_eq!(method(&document, "Find(Find_String)").get("x-callgate-errors"), None);
    let last = &method(&document, "Borrowed")["params"][2];
    assert_eq!((&last["name"], &last["required"]), (&json!("last"), &json!(false)));
    assert_eq!(method(&document, "Trees")["params"][0]["name"], "type");
}

#[test]
#[cfg(feature = "schemars")]
fn a_document_has_the_schemas_of_types() {
    let document = document(&StoreProxy::contract().unwrap());
    let binary = json!({ "type": "string", "x-callgate-type": "binary" });
    let put = method(&document, "Put");
    assert_eq!(put["params"][0]["schema"], json!({ "type": "string" }));
    assert_eq!(put["params"][1]["schema"], binary);
    assert_eq!(put["result"]["schema"], binary);
    let opaque = method(&document, "Opaque");
    assert_eq!(opaque["params"][0]["schema"], json!({}));
    assert_eq!(opaque["params"][1]["schema"], json!({}));
    assert_eq!(opaque["result"]["schema"], json!({}));
    let tree = json!({ "$ref": "#/components/schemas/Tree" });
    let trees = method(&document, "Trees");
    assert_eq!(trees["params"][0]["schema"], json!({ "type": "array", "items": tree }));
    let types = &document["components"]["schemas"];
    assert_eq!(types["Tree"]["properties"]["children"]["items"], tree);
    let borrowed = method(&document, "Borrowed");
    assert_eq!(borrowed["params"][0]["schema"], json!({ "type": "string" }));
    assert_eq!(borrowed["result"]["schema"]["prefixItems"][1], json!({ "type": "boolean" }));
    let nothing = &method(&document, "Find(Find_String)")["result"]["schema"];
    assert_eq!(nothing, &json!({ "type": "null" }));
}

/// Parameters are given by the caller and taken by the host, results the other way round: serde's attributes
/// make a difference.
#[test]
#[cfg(feature = "schemars")]
fn each_side_describes_what_it_gives_and_takes() {
    #[derive(Serialize, Deserialize, JsonSchema)]
    pub struct Note {
        text: String,
        #[serde(default)]
        rank: u8,
    }

    #[callgate::interface(name = "INotes")]
    trait Notes {
        fn exchange(&self, note: Note) -> Note;
    }

    let both = ["text", "rank"];
    let sides = [
        (NotesProxy::contract().unwrap(), &both[..], &both[..1]),
        (NotesDelegate::<dyn Notes + Send + Sync>::contract().unwrap(), &both[..1], &both[..]),
    ];
    for (contract, parameter, result) in &sides {
        let document = document(contract);
        let exchange = method(&document, "Exchange");
        for (place, required) in
            [(&exchange["params"][0], parameter), (&exchange["result"], result)]
        {
            let name = place["schema"]["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
            let note = &document["components"]["schemas"][name];
            assert_eq!(note["required"], json!(required), "{document:#}");
        }
    }
    assert_eq!(sides[0].0.differences(&sides[1].0), []);
}

#[callgate::interface(name = "IEcho")]
trait Echo {
    fn echo(&self, n: i64) -> i64;
    fn find(&self, key: &str, limit: Option<u32>, from: Option<&str>) -> String;
}

struct Cave;

impl Echo for Cave {
    fn echo(&self, n: i64) -> i64 {
        n
    }

    fn find(&self, key: &str, limit: Option<u32>, from: Option<&str>) -> String {
        format!("{key} {limit:?} {from:?}")
    }
}

/// The same interface, not as the host has it.
mod other {
    #[callgate::interface(name = "IEcho")]
    pub trait Echo {
        fn echo(&self, n: i64) -> i64;
        fn shout(&self);
    }
}

fn host(endpoint: &str) -> Host {
    Host::builder().endpoint(endpoint).serve(|_| EchoDelegate::new(Cave)).start().unwrap()
}

fn pipe() -> String {
    format!("pipe://{}", unique("described"))
}

#[test]
fn a_host_tells_the_description_of_what_it_serves() {
    watched(LIMIT, || {
        let endpoint = pipe();
        let host = host(&endpoint);
        let client = Client::connect(&endpoint).unwrap();
        let about = client.proxy("callgate.Host").unwrap();
        assert_eq!(about.call::<Vec<String>>("Interfaces", &()).unwrap(), ["IEcho"]);
        let described: Option<String> = about.call("Describe", &("IEcho",)).unwrap();
        let contract = EchoDelegate::<Cave>::contract().unwrap();
        assert_eq!(described.as_deref(), Some(contract.document()));
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_description_of_the_program_takes_precedence() {
    watched(LIMIT, || {
        let own = described("IEcho", json!([]));
        let builders = [
            Host::builder().describe(&own).serve(|_| EchoDelegate::new(Cave)),
            Host::builder().serve(|_| EchoDelegate::new(Cave)).describe(&own),
        ];
        for builder in builders {
            let endpoint = pipe();
            let host = builder.endpoint(&endpoint).start().unwrap();
            let client = Client::connect(&endpoint).unwrap();
            let error = EchoProxy::new(&client).unwrap().echo(1).unwrap_err();
            assert_eq!(error.status(), Status::ContractMismatch, "{error}");
            // One that has the host's description fits.
            let proxy = client.proxy("IEcho").unwrap();
            proxy.describe(&own).unwrap();
            assert_eq!(EchoProxy::from(proxy).echo(1).unwrap(), 1);
            client.close().unwrap();
            host.close().unwrap();
        }
    });
}

#[test]
fn optional_last_parameters_may_be_left_out() {
    watched(LIMIT, || {
        let endpoint = pipe();
        let host = host(&endpoint);
        let client = Client::connect(&endpoint).unwrap();
        let echo = client.proxy("IEcho").unwrap();
        let find = |found: callgate::Result<String>| found.unwrap();
        assert_eq!(find(echo.call("Find", &("a",))), "a None None");
        assert_eq!(find(echo.call("Find", &("a", 1))), "a Some(1) None");
        assert_eq!(find(echo.call("Find", &("a", (), "b"))), "a None Some(\"b\")");
        for (outcome, given) in
            [(echo.call::<String>("Find", &()), 0), (echo.call("Find", &(1, 2, 3, 4)), 4)]
        {
            let error = outcome.unwrap_err();
            assert_eq!(error.message(), format!("IEcho.Find: takes 1 to 3 arguments, not {given}"));
        }
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_client_that_never_verifies_calls_what_fits() {
    watched(LIMIT, || {
        let endpoint = pipe();
        let host = host(&endpoint);
        let client = Client::builder(&endpoint).verify(Verify::Never).connect().unwrap();
        let echo = other::EchoProxy::new(&client).unwrap();
        for n in 0..3 {
            assert_eq!(echo.echo(n).unwrap(), n);
        }
        let error = echo.shout().unwrap_err();
        assert_eq!(error.message(), "interface 'IEcho' has no method 'Shout'");
        let error = echo.verify().unwrap_err();
        assert!(error.message().contains("no such method at the host"), "{error}");
        assert_eq!(echo.echo(1).unwrap(), 1);
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_client_that_verifies_when_connecting_logs_differences() {
    watched(LIMIT, || {
        let endpoint = pipe();
        let (lines, logged) = mpsc::channel();
        let client = Client::builder(&endpoint)
            .verify(Verify::WhenConnecting)
            .log(move |event| drop(lines.send(event.message.to_string())))
            .connect()
            .unwrap();
        let difference = || {
            let expected = "IEcho.Shout: Shout() here, no such method at the host";
            logged.iter().find(|line| line.contains(expected)).unwrap();
        };
        // Made before there is a connection, with a routine or without one.
        let early = other::EchoProxy::new(&client).unwrap();
        let first = host(&endpoint);
        difference();
        first.close().unwrap();
        let second = host(&endpoint);
        difference();
        assert_eq!(early.echo(1).unwrap_err().status(), Status::ContractMismatch);
        // One that fits.
        let fitting = EchoProxy::new(&client).unwrap();
        assert_eq!(fitting.echo(1).unwrap(), 1);
        client.close().unwrap();
        second.close().unwrap();
    });
}

#[test]
fn one_made_while_connected_is_verified_at_once() {
    watched(LIMIT, || {
        let endpoint = pipe();
        let host = host(&endpoint);
        let (lines, logged) = mpsc::channel();
        let client = Client::builder(&endpoint)
            .verify(Verify::WhenConnecting)
            .log(move |event| drop(lines.send(event.message.to_string())))
            .connect()
            .unwrap();
        client.wait_connected(Some(LIMIT)).unwrap();
        let initialised = client.proxy_with_initialisation("IEcho", |_| Ok(())).unwrap();
        let _late = other::EchoProxy::from(initialised);
        assert!(logged.iter().any(|line| line.contains("no such method at the host")));
        client.close().unwrap();
        host.close().unwrap();
    });
}

#[test]
fn a_description_is_made_once() {
    let contracts = [EchoProxy::contract().unwrap(), EchoProxy::contract().unwrap()];
    assert_eq!(contracts[0].document().as_ptr(), contracts[1].document().as_ptr());
}

/// A host that has no description, of typed or untyped interfaces, and a connection's proxy, which has none.
#[test]
fn what_is_not_described_is_called() {
    watched(LIMIT, || {
        let endpoint = pipe();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let calls = seen.clone();
        let host = Host::builder()
            .endpoint(&endpoint)
            .delegate(EchoDelegate::<Cave>::INTERFACE, move |_: &Connection| {
                let calls = calls.clone();
                move |call: InboundCall| {
                    calls.lock().unwrap().push(call.method().to_owned());
                    call.reply(&7).ok();
                }
            })
            .start()
            .unwrap();
        let client = Client::connect(&endpoint).unwrap();
        assert_eq!(EchoProxy::new(&client).unwrap().echo(1).unwrap(), 7);
        client.wait_connected(Some(LIMIT)).unwrap();
        let scoped = other::EchoProxy::new(&client.connection().unwrap()).unwrap();
        scoped.verify().unwrap();
        scoped.as_ref().call_with::<i64>("Echo", &(1,), &CallOptions::default()).unwrap();
        assert_eq!(*seen.lock().unwrap(), ["Echo", "Echo"]);
        client.close().unwrap();
        host.close().unwrap();
    });
}
