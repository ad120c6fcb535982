//! Traces that something has spoilt.

use callgate::{Client, Connection, Host, InboundCall, Trace};

use super::{Event, Recording};

/// A trace of a few calls.
fn trace() -> Vec<u8> {
    let name = format!("test-recording-{}", std::process::id());
    let file = std::env::temp_dir().join(&name);
    let endpoint = format!("pipe://{name}");
    let host = Host::builder()
        .endpoint(&endpoint)
        .delegate("IEcho", |_: &Connection| {
            |call: InboundCall| drop(call.reply_from_arguments(|arguments| &arguments[1..]))
        })
        .trace(Trace::to_file(&file).payloads(true))
        .start()
        .expect("it listens");
    let client = Client::connect(&endpoint).expect("a client");
    let echo = client.proxy("IEcho").expect("a proxy");
    for text in ["", "text", &"long".repeat(100)] {
        assert_eq!(echo.call::<String>("Echo", &(text,)).expect("a reply"), text);
    }
    client.close().expect("it closes");
    host.close().expect("it closes");
    let bytes = std::fs::read(&file).expect("it is there");
    std::fs::remove_file(&file).expect("it is there");
    bytes
}

/// Reads all events, and returns how many there are before the end or an error.
fn read(bytes: &[u8]) -> usize {
    let mut recording = Recording::new(bytes);
    let mut count = 0;
    while let Ok(Some(event)) = recording.next() {
        match event {
            Event::Frame(frame) => drop(frame.message()),
            Event::Began { connection } | Event::Ended { connection, .. } => {
                recording.connection(connection);
            }
            Event::Stopped { .. } => {}
        }
        count += 1;
    }
    count
}

#[test]
fn whatever_is_cut_off_or_changed_is_read_or_refused() {
    let bytes = trace();
    let all = read(&bytes);
    assert!(all > 8, "{all}");
    let counts: Vec<usize> = (0..bytes.len()).map(|length| read(&bytes[..length])).collect();
    assert!(counts.is_sorted());
    assert_eq!(counts.last(), Some(&(all - 1)));
    for place in 0..bytes.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff, bytes[place] ^ 1, bytes[place] ^ 0x40] {
            let mut changed = bytes.clone();
            changed[place] = value;
            read(&changed);
        }
    }
}
