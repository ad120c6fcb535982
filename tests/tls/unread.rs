//! A client that reads nothing: what is kept for it is bounded over TLS as over TCP.

use crate::raw;
use crate::scene::{add, Scene, LIMIT};
use crate::support::process::{self, Process};
use crate::support::raw::{call_frame, hello};
use crate::support::{binary, calculator_host, sanitizer, system, watched};
use callgate::unstable::wire::PeerLimits;
use callgate::Limits;
use std::io::{Read, Write};

/// How many bytes a call has, and its reply.
const SIZE: usize = 16 << 10;

/// A number of calls whose replies would take 312 MiB.
const FLOOD: u64 = 20_000;

/// What such a client may cost by default: its calls, and their replies.
const BOUND: u64 = 80 << 20;

/// Waits to be welcomed, and then only makes calls, until the host ends the stream; returns how many.
fn flood(mut stream: impl Read + Write) -> u64 {
    let arguments = binary(SIZE);
    stream.write_all(&hello(&[], PeerLimits::default())).unwrap();
    assert!(stream.read(&mut [0; 4096]).unwrap() > 0, "the host welcomes it");
    let call = |id| call_frame(id, "ICalculator", "Echo", &arguments);
    (1..=FLOOD).take_while(|&id| stream.write_all(&call(id)).is_ok()).count() as u64
}

/// A host in a process of its own, which prints its ports and why connections end.
fn serve(endpoint: &str) {
    let mut limits = Limits::default();
    // On a busy machine the default would be over before too much waits.
    limits.write_timeout = 10 * LIMIT;
    let host = calculator_host(endpoint)
        .endpoint("tcp://127.0.0.1:0")
        .limits(limits)
        .client_disconnected(|_, reason| process::tell(format!("left: {reason}")))
        .start()
        .unwrap();
    for endpoint in host.endpoints() {
        let (callgate::Endpoint::Tls { port, .. } | callgate::Endpoint::Tcp { port, .. }) =
            endpoint
        else {
            panic!("{endpoint} has no port");
        };
        process::tell(port);
    }
    process::orders().for_each(drop);
    host.close().unwrap();
}

/// Floods a host over a stream, and asserts that it ends the connection before it has grown much.
fn assert_kept_little(host: &mut Process, what: &str, stream: impl Read + Write) {
    let before = system::peak_memory(host.id());
    let sent = flood(stream);
    let reason = host.hear();
    let grown = system::peak_memory(host.id()).saturating_sub(before);
    println!("{what}: {sent} calls, grew by {} KiB, {reason}", grown >> 10);
    assert!(grown < sanitizer::bound(BOUND), "{what}: grew by {} MiB", grown >> 20);
    assert!(sent < FLOOD, "the host took all calls over {what}");
}

#[test]
fn a_host_keeps_little_for_a_client_that_reads_nothing() {
    if let Some(endpoint) = process::role() {
        return serve(&endpoint);
    }
    watched(LIMIT, || {
        let scene = Scene::new();
        let test = "unread::a_host_keeps_little_for_a_client_that_reads_nothing";
        let mut host = Process::start(test, &scene.host_endpoint());
        let [tls, tcp]: [u16; 2] = [(); 2].map(|()| host.hear().parse().unwrap());
        let config = raw::client_config(&scene, &[&rustls::version::TLS13], &["callgate/1"]);
        assert_kept_little(&mut host, "TLS", raw::client(config, tls));
        assert_kept_little(&mut host, "TCP", raw::connect_to(tcp));
        let (client, trust) = (scene.client.options(), scene.trust());
        let honest = add(&format!("tls://localhost:{tls}?{client}&{trust}"));
        assert_eq!(honest.unwrap(), 3, "others are served");
    });
}
