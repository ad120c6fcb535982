//! Long and strange texts from a peer: in goodbyes, refusals, errors, and the magic of a hello.

use std::io::Write;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use callgate::unstable::wire::{encode_goodbye, encode_refuse, ErrorHeader, Message};
use callgate::{Client, Connection, Error, Host, InboundCall, Status};

use crate::support::process::{self, Process};
use crate::support::raw::{self, call_frame, RawClient, RawHost};
use crate::support::system::peak_memory;
use crate::support::{sanitizer, watched};

const LIMIT: Duration = Duration::from_secs(60);
const MIB: usize = 1 << 20;

/// More than any text takes that is cut for people to read.
const SHORT: usize = 10_000;

const CALLBACKS: usize = 16;

const GOODBYE: &str = "texts::a_long_goodbye_is_not_copied_for_each_call";

/// Replies, and then calls back many times at once; reports what became of each.
fn call_back(call: InboundCall) {
    let connection = call.connection().clone();
    call.reply(&()).unwrap();
    for _ in 0..CALLBACKS {
        let callback = connection.proxy("ICallback").unwrap();
        thread::spawn(move || {
            let error = callback.call::<()>("Wait", &()).unwrap_err();
            process::tell(error.message().len());
        });
    }
}

#[test]
fn a_long_goodbye_is_not_copied_for_each_call() {
    if let Some(endpoint) = process::role() {
        let _host = Host::builder()
            .endpoint(&endpoint)
            .delegate("IService", |_: &Connection| call_back)
            .log(|event| {
                assert!(event.message.len() < SHORT, "a line of {} bytes", event.message.len())
            })
            .start()
            .unwrap();
        process::tell("ready");
        return process::orders().for_each(drop);
    }
    watched(LIMIT, || {
        let endpoint = raw::endpoint("goodbye");
        let mut host = Process::start(GOODBYE, &endpoint);
        assert_eq!(host.hear(), "ready");
        let mut client = RawClient::connect(&endpoint);
        client.stream.write_all(&call_frame(1, "IService", "CallBack", b"\x90")).unwrap();
        let mut callbacks = 0;
        while callbacks < CALLBACKS {
            let frame = client.next().expect("a callback");
            callbacks += usize::from(matches!(Message::decode(&frame), Ok(Message::Call(..))));
        }
        let before = peak_memory(host.id());
        let mut goodbye = Vec::new();
        encode_goodbye(&mut goodbye, 6, &"long\n".repeat(30 * MIB / 5));
        client.stream.write_all(&goodbye).unwrap();
        drop(client);
        for _ in 0..CALLBACKS {
            let length: usize = host.hear().parse().unwrap();
            assert!(length < SHORT, "a message of {length} bytes");
        }
        // The goodbye itself takes 30 MiB, and up to twice that while it arrives.
        let grown = (peak_memory(host.id()) - before) / MIB as u64;
        assert!(grown < sanitizer::bound(150), "{grown} MiB");
    });
}

/// A hello with this magic, and nothing behind it.
fn hello_with_magic(magic: &str) -> Vec<u8> {
    let mut body = vec![0x99, 0x00];
    rmp::encode::write_str(&mut body, magic).unwrap();
    [&(body.len() as u32).to_le_bytes(), &body[..]].concat()
}

#[test]
fn a_long_magic_is_refused_in_a_short_message() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("magic");
        let (log, lines) = std::sync::mpsc::channel();
        let _host = Host::builder()
            .endpoint(&endpoint)
            .log(move |event| log.send(event.message.to_string()).unwrap())
            .start()
            .unwrap();
        let mut stream = raw::dial(&endpoint);
        stream.write_all(&hello_with_magic(&"\u{1}".repeat(65_000))).unwrap();
        let mut refusal = Vec::new();
        std::io::Read::read_to_end(&mut stream, &mut refusal).ok();
        assert!((1..SHORT).contains(&refusal.len()), "{} bytes", refusal.len());
        let line = lines.recv().unwrap();
        assert!(line.contains("magic") && line.len() < SHORT, "{} bytes: {line}", line.len());
    });
}

#[test]
fn a_long_refusal_is_cut() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("refusal");
        let listener = RawHost::listen(&endpoint);
        let client = Client::connect(&endpoint).unwrap();
        let mut stream = listener.accept_stream();
        let mut refusal = Vec::new();
        encode_refuse(&mut refusal, Status::AccessDenied.code().into(), &"no\n".repeat(20_000));
        stream.write_all(&refusal).unwrap();
        let error = client.wait_connected(None).unwrap_err();
        assert_eq!(error.status(), Status::AccessDenied);
        assert!(error.message().len() < SHORT, "{} bytes", error.message().len());
        assert!(!error.message().contains('\n'), "{error}");
    });
}

/// The frame of an error with this type name.
fn error_frame(id: u64, type_name: &str) -> Vec<u8> {
    let header = ErrorHeader {
        id,
        status: Status::RemoteError.code().into(),
        execution: 1,
        message: "any\ntext",
        type_name: Some(type_name),
        trace: Some("at any\nline"),
    };
    let mut frame = Vec::new();
    header.encode(&mut frame, 1);
    frame.push(0xc0);
    frame
}

const STRANGE_TYPE: &str = "System.IO.IOException\0x\n\u{202e}";

fn is_plain(type_name: &str) -> bool {
    !type_name.contains(|c: char| c.is_control() || c == '\u{202e}') && type_name.len() < 2_000
}

#[test]
fn the_type_name_of_a_received_error_is_plain_and_short() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("type");
        let (tell, told) = std::sync::mpsc::channel();
        let _host = Host::builder()
            .endpoint(&endpoint)
            .delegate("IService", move |_| {
                let tell = tell.clone();
                move |call: InboundCall| {
                    let callback = call.connection().proxy("ICallback").unwrap();
                    tell.send(callback.call::<()>("Fail", &()).unwrap_err()).unwrap();
                    call.reply(&()).unwrap();
                }
            })
            .start()
            .unwrap();
        let mut client = RawClient::connect(&endpoint);
        for (id, strange) in (1..).zip([STRANGE_TYPE, &"T".repeat(MIB)]) {
            client.stream.write_all(&call_frame(id, "IService", "Call", b"\x90")).unwrap();
            let frame = client.next().expect("a callback");
            let Ok(Message::Call(header, _)) = Message::decode(&frame) else { panic!("no call") };
            client.stream.write_all(&error_frame(header.id, strange)).unwrap();
            let error: Error = told.recv().unwrap();
            let remote = error.remote().unwrap();
            assert!(is_plain(&remote.type_name), "{}", remote.type_name.len());
            assert!(remote.type_name.starts_with(&strange[..10]));
            assert_eq!((error.message(), &*remote.trace), ("any\ntext", "at any\nline"));
            client.next().expect("the delegate's reply");
        }
    });
}

#[test]
fn the_type_name_of_a_sent_error_is_plain_and_short() {
    watched(LIMIT, || {
        let endpoint = raw::endpoint("type");
        let names = Arc::new([STRANGE_TYPE.to_owned(), "T".repeat(MIB)]);
        let _host = Host::builder()
            .endpoint(&endpoint)
            .delegate("IFail", move |_| {
                let names = names.clone();
                move |call: InboundCall| {
                    let (index,) = call.args::<(usize,)>().unwrap();
                    call.fail(Error::remote_error(names[index].clone(), "failed")).unwrap();
                }
            })
            .start()
            .unwrap();
        let mut client = RawClient::connect(&endpoint);
        for index in 0..2_u8 {
            let call = call_frame(u64::from(index) + 1, "IFail", "Fail", &[0x91, index]);
            client.stream.write_all(&call).unwrap();
            let frame = client.next().expect("an error");
            let Ok(Message::Error(header, _)) = Message::decode(&frame) else { panic!("a reply") };
            let sent = header.type_name.unwrap_or_default();
            assert!(is_plain(sent) && !sent.is_empty(), "{} bytes", sent.len());
        }
    });
}
