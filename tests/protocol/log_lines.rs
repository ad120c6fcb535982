//! Nothing that a peer sends forges a log line, and names with control characters reach no delegate.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::time::Duration;

use callgate::unstable::wire::{encode_goodbye, encode_hello, Hello, Message, PeerLimits, Who};
use callgate::{Client, Error, Execution, Host, InboundCall, Remote, Status};

use crate::script::SocketPath;
use crate::service::Service;
use crate::support::raw::{call_frame, one_way_frame, RawClient};
use crate::support::{calculator, unique, watched};

const LIMIT: Duration = Duration::from_secs(60);

/// A line end, a terminal's escape sequence, a C1 control, DEL, Unicode separators, and a character that
/// reverses the direction of text.
const FORGED: &str =
    "x\r\n2026-01-01 INFO all is well\u{1b}[2J\u{9b}1m\u{7f}\u{2028}\u{2029}\u{202e}\u{2066}\0";

/// The longest log line, in bytes.
const LONGEST: usize = 10_000;

fn is_one_plain_line(line: &str) -> bool {
    let strange = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    !line.contains(strange) && line.len() <= LONGEST
}

fn text_argument(text: &str) -> Vec<u8> {
    let mut arguments = vec![0x91];
    rmp::encode::write_str(&mut arguments, text).unwrap();
    arguments
}

#[test]
fn what_a_client_says_takes_one_line_of_the_hosts_log() {
    watched(LIMIT, || {
        let socket = SocketPath::new();
        let service = Service::default();
        let _host = service.host(&socket.endpoint()).start().unwrap();
        let told = |words: &str| {
            let line = service.logged(words);
            assert!(is_one_plain_line(&line), "{} bytes: {line:?}", line.len());
            line
        };

        let mut stream = UnixStream::connect(&socket.0).unwrap();
        let mut frame = Vec::new();
        let hello = Hello {
            min_version: 2,
            max_version: 2,
            offered: Vec::new(),
            required: Vec::new(),
            limits: PeerLimits::default(),
            who: Who { library: FORGED.into(), ..Who::default() },
        };
        encode_hello(&mut frame, &hello);
        stream.write_all(&frame).unwrap();
        assert!(told("versions 2 to 2").contains(r"x\r\n2026"));

        let mut client = RawClient::connect(&socket.endpoint());
        let failing = [FORGED, &"long ".repeat(100_000)];
        for text in failing {
            let frame = one_way_frame("IPeer", "Fail", &text_argument(text));
            client.stream.write_all(&frame).unwrap();
            told("one-way call IPeer.Fail failed");
        }
        client.stream.write_all(&one_way_frame("IPeer", "Note\nforged", &[0x90])).unwrap();
        assert!(told("Note").contains(r"Note\nforged"));
        frame.clear();
        encode_goodbye(&mut frame, 6, FORGED);
        client.stream.write_all(&frame).unwrap();
        drop(client);
        told("ended");
    });
}

#[test]
fn what_a_delegate_says_takes_one_line_of_a_description() {
    watched(LIMIT, || {
        let host = Host::builder()
            .endpoint(&format!("pipe://{}", unique("description")))
            .delegate("IFail", |_| {
                |call: InboundCall| {
                    let (text,) = call.args::<(String,)>().unwrap();
                    let remote = Remote { type_name: text.clone(), ..Remote::default() };
                    call.fail(Error::remote_error("", text).with_remote(remote)).unwrap();
                }
            })
            .start()
            .unwrap();
        let client = Client::connect(&host.endpoints()[0].to_string()).unwrap();
        let proxy = client.proxy("IFail").unwrap();
        for text in [FORGED.to_owned(), "long ".repeat(100_000)] {
            let error = proxy.call::<()>("Fail", &(&text,)).unwrap_err();
            assert_eq!(error.message(), text, "the message itself is as the delegate gave it");
            for line in [error.to_string(), format!("{error:?}")] {
                assert!(is_one_plain_line(&line), "{} bytes: {line:?}", line.len());
            }
            let caused = Error::new(Status::InitialisationFailed, "it failed").with_cause(error);
            assert!(is_one_plain_line(&caused.to_string()), "{caused}");
        }
    });
}

#[test]
fn names_with_control_characters_are_a_contract_mismatch_and_reach_no_delegate() {
    watched(LIMIT, || {
        let (asked, names) = mpsc::channel();
        let path = SocketPath::new();
        let _host = Host::builder()
            .endpoint(&path.endpoint())
            .delegate_factory(move |name, _| {
                let asked = asked.clone();
                asked.send(name.to_owned()).unwrap();
                Ok(Some(std::sync::Arc::new(move |call: InboundCall| {
                    asked.send(call.method().to_owned()).unwrap();
                    calculator(call);
                })))
            })
            .start()
            .unwrap();
        let mut client = RawClient::connect(&path.endpoint());
        let arguments = b"\x92\x01\x01";
        let mut id = 0;
        let mut outcome = |interface: &str, method: &str| {
            id += 1;
            client.stream.write_all(&call_frame(id, interface, method, arguments)).unwrap();
            let frame = client.next().expect("the connection goes on");
            match Message::decode(&frame).unwrap() {
                Message::Error(error, _) => Some((error.status, error.execution)),
                _ => None,
            }
        };
        let mismatch =
            Some((Status::ContractMismatch.code().into(), Execution::NotRun.code().into()));
        for strange in ["\0", "\n", "\u{1b}[0m", "\u{7f}", "\u{85}", "\u{2028}", "\u{202e}"] {
            assert_eq!(outcome(&format!("ICalculator{strange}"), "Add"), mismatch, "{strange:?}");
            assert_eq!(outcome("ICalculator", &format!("Add{strange}s")), mismatch, "{strange:?}");
            // Long enough to be checked in pieces.
            let long = format!("{}{strange}", "I".repeat(100));
            assert_eq!(outcome(&long, "Add"), mismatch, "{strange:?}");
        }
        assert_eq!(outcome("ICalculator", "Add"), None);
        assert_eq!(outcome("Größe.ИмяПоRу", "Add"), None, "other characters are fine");
        let names: Vec<String> = names.try_iter().collect();
        assert_eq!(names, ["ICalculator", "Add", "Größe.ИмяПоRу", "Add"]);
    });
}

#[test]
fn names_with_control_characters_are_refused_where_they_are_given() {
    watched(LIMIT, || {
        let endpoint = format!("pipe://{}", unique("control"));
        let host = || Host::builder().endpoint(&endpoint);
        let refused = |what: &str, outcome: callgate::Result<()>| {
            let error = outcome.expect_err(what);
            assert_eq!(error.status(), Status::InvalidArgument, "{what}: {error}");
            assert!(is_one_plain_line(error.message()), "{what}: {error}");
        };
        let started = |host: callgate::HostBuilder| host.start().map(drop);
        refused("delegate", started(host().delegate("I\n", |_| calculator)));
        let duplex = |interface: &str, callback: &str| {
            started(host().duplex_delegate_factory(interface, callback, |_, _| Ok(None)))
        };
        refused("duplex", duplex("I\0", "ICallback"));
        refused("duplex callback", duplex("I", "I\u{9b}"));
        refused("ordered", started(host().ordered("\u{7f}I")));
        refused("alias", started(host().interface_alias("Old\r.", "I")));
        refused("aliased", started(host().interface_alias("Old.", "I\u{2029}")));
        refused("no name", started(host().delegate("", |_| calculator)));

        let client = || Client::builder(&endpoint);
        let connected = |client: callgate::ClientBuilder| client.connect().map(drop);
        refused("callback", connected(client().callback_handler("I\t", calculator)));
        refused("alias", connected(client().interface_alias("\u{1b}", "I")));
        refused("aliased", connected(client().interface_alias("Old.", "I\u{2066}")));

        let client = client().connect().unwrap();
        refused("proxy", client.proxy("I\0I").map(drop));
        let proxy = client.proxy("I").unwrap();
        refused("method", proxy.call("M\n", &()));
        refused("one-way", proxy.one_way("M\u{85}", &()));
    });
}

#[test]
fn names_of_the_implementation_itself_are_served_by_no_program() {
    watched(LIMIT, || {
        let path = SocketPath::new();
        let endpoint = path.endpoint();
        let host = || Host::builder().endpoint(&endpoint);
        let refused = |what: &str, outcome: callgate::Result<()>| {
            let error = outcome.expect_err(what);
            assert_eq!(error.status(), Status::InvalidArgument, "{what}: {error}");
            assert!(error.message().contains("callgate."), "{what}: {error}");
        };
        let name = "callgate.health";
        refused("delegate", host().delegate(name, |_| calculator).start().map(drop));
        refused("ordered", host().ordered(name).start().map(drop));
        refused("alias", host().interface_alias("Old.", name).start().map(drop));
        let duplex = host().duplex_delegate_factory(name, "I", |_, _| Ok(None));
        refused("duplex", duplex.start().map(drop));
        let client = Client::builder(&endpoint).callback_handler(name, calculator);
        refused("callback", client.connect().map(drop));

        let everything = |asked: &str, _: &callgate::Connection| -> callgate::Result<_> {
            assert!(!asked.starts_with("callgate."), "the factory was asked for {asked}");
            Ok(Some(std::sync::Arc::new(calculator) as std::sync::Arc<dyn callgate::Delegate>))
        };
        let _host = host().delegate_factory(everything).start().unwrap();
        let client = Client::connect(&endpoint).unwrap();
        let outcome = |interface: &str| {
            let proxy = client.proxy(interface).unwrap();
            proxy.call::<i64>("Add", &(1, 2)).map_err(|error| error.status())
        };
        assert_eq!(outcome(name), Err(Status::ContractMismatch));
        assert_eq!(outcome("Callgate.Health"), Ok(3), "names differ by case");
    });
}
