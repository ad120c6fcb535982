//! Peers that begin large frames and do not end them, or make large calls that nobody replies to, to use up
//! the memory of a host and of its other peers.

use std::io::{Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use callgate::unstable::wire::{
    encode_part, encode_ping, encode_welcome, PeerLimits, Welcome, Who, PARTS, VERSION,
};
use callgate::{Client, Connection, Host, InboundCall, Limits};

use crate::honest;
use crate::support::process::{self, Process};
use crate::support::raw::{self, call_frame, one_way_frame, RawHost, Stream};
use crate::support::{binary, calculator, sanitizer, system, watched};

const LIMIT: Duration = Duration::from_secs(120);
const MIB: usize = 1 << 20;

/// What the host under attack allows all its connections together.
const HOST_BYTES: usize = 64 * MIB;

/// A begun frame must make progress within this time.
const PATIENCE: Duration = Duration::from_secs(2);

/// Longer than a connection keeps memory for the next large frame, which is two seconds.
const GIVEN_BACK: Duration = Duration::from_secs(20);

/// What a peer announces to accept.
fn takes() -> PeerLimits {
    PeerLimits {
        frame: 1 << 20,
        calls: 64,
        bytes: 1 << 21,
        nested_calls: 64,
        nested_bytes: 1 << 21,
    }
}

fn read_frame(stream: &mut Stream) -> Vec<u8> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut frame = vec![0; u32::from_le_bytes(length) as usize];
    stream.read_exact(&mut frame).unwrap();
    frame
}

/// A client without the library, which can send frames in parts.
fn attach(endpoint: &str) -> Stream {
    let mut stream = raw::dial(endpoint);
    stream.write_all(&raw::hello(&[PARTS], takes())).unwrap();
    read_frame(&mut stream);
    stream
}

/// A host without the library: accepts one client.
fn accept(host: &RawHost) -> Stream {
    let mut stream = host.accept_stream();
    read_frame(&mut stream);
    let welcome = Welcome {
        version: VERSION,
        features: vec![PARTS.into()],
        limits: takes(),
        connection_id: 1,
        who: Who::default(),
    };
    let mut bytes = Vec::new();
    encode_welcome(&mut bytes, &welcome);
    stream.write_all(&bytes).unwrap();
    stream
}

/// Sends until the peer takes nothing for a second.
fn push(stream: &mut Stream, bytes: &[u8]) {
    stream.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    // In pieces, since the timeout is that of a whole call on Windows, however much of it goes on.
    bytes.chunks(64 << 10).try_for_each(|piece| stream.write_all(piece)).ok();
}

/// The beginning of a frame that claims `claim` bytes.
fn unfinished(claim: usize, arrived: usize) -> Vec<u8> {
    let mut frame = call_frame(1, "ICalculator", "Echo", &binary(claim));
    frame.truncate(arrived);
    frame
}

/// The beginning of a part of a frame.
fn unfinished_part(transfer: u64, claim: usize, arrived: usize) -> Vec<u8> {
    let mut frame = Vec::new();
    encode_part(&mut frame, transfer, false, claim);
    frame.resize(arrived, 0x5a);
    frame
}

/// Serves `ICalculator`, and `IKeeper`, which keeps every call without a reply, until the test that started
/// this process ends.
fn host_process(role: &str) {
    let (endpoint, bytes) = role.split_once(' ').unwrap();
    let mut limits = Limits::default();
    limits.host_inbound_bytes = bytes.parse().unwrap();
    limits.connections = 64;
    limits.write_timeout = PATIENCE;
    let host = Host::builder()
        .endpoint(endpoint)
        .limits(limits)
        .delegate("ICalculator", |_: &Connection| calculator)
        .delegate("IKeeper", |_: &Connection| {
            let kept = std::sync::Mutex::new(Vec::new());
            move |call: InboundCall| kept.lock().unwrap().push(call)
        })
        .start()
        .unwrap();
    process::tell(&host.endpoints()[0]);
    process::orders().for_each(drop);
}

/// Runs an attack on a host in a process of its own, with its endpoint and process id, beside an honest
/// client: once over a Unix socket, and once over TCP.
fn attack(test: &str, act: impl Fn(&str, u32) + Send + 'static) {
    attack_with(test, HOST_BYTES, act);
}

/// The same with a host that allows all its connections together this many bytes.
fn attack_with(test: &str, bytes: usize, act: impl Fn(&str, u32) + Send + 'static) {
    if let Some(role) = process::role() {
        return host_process(&role);
    }
    let test = format!("partial_frames::{test}");
    watched(LIMIT, move || {
        for endpoint in raw::endpoints("partial") {
            let mut host = Process::start(&test, &format!("{endpoint} {bytes}"));
            let endpoint = host.hear();
            println!("at {endpoint}");
            let (report, ()) = honest::beside(&endpoint, || act(&endpoint, host.id()));
            report.require_unharmed();
        }
    });
}

/// How much more memory a process has than before.
fn growth(process: u32, before: u64) -> u64 {
    system::memory(process).saturating_sub(before)
}

#[test]
fn unfinished_frames_stay_within_the_hosts_memory() {
    attack("unfinished_frames_stay_within_the_hosts_memory", |endpoint, host| {
        const EACH: usize = 12 * MIB;
        let before = system::memory(host);
        let mut attackers: Vec<_> = (0..24).map(|_| attach(endpoint)).collect();
        let (whole, part) = (unfinished(20 * MIB, EACH), unfinished_part(1, 20 * MIB, EACH));
        for (index, attacker) in attackers.iter_mut().enumerate() {
            push(attacker, if index % 2 == 0 { &whole } else { &part });
        }
        let grown = growth(host, before);
        println!("{} MiB more in the host", grown >> 20);
        let most = sanitizer::bound(HOST_BYTES as u64 + 16 * MIB as u64);
        assert!(grown < most, "{grown} bytes more in the host");
    });
}

#[test]
fn calls_without_a_reply_leave_room_for_those_of_others() {
    attack("calls_without_a_reply_leave_room_for_those_of_others", |endpoint, _| {
        let mut attackers: Vec<_> = (0..5).map(|_| attach(endpoint)).collect();
        // The last calls find room that is too small for the others.
        for (round, size) in [8 * MIB, 400_000, 40_000].into_iter().enumerate() {
            for attacker in &mut attackers {
                for id in 1..=20 {
                    let id = 20 * round as u64 + id;
                    push(attacker, &call_frame(id, "IKeeper", "Keep", &binary(size)));
                }
            }
        }
        let client = Client::connect(endpoint).unwrap();
        let calculator = client.proxy("ICalculator").unwrap();
        for size in [50_000, 500_000] {
            let text = "x".repeat(size);
            let begun = Instant::now();
            let echo: String = calculator.call("Echo", &(&text,)).expect("there is room for it");
            println!("an echo of {size} bytes took {:?}", begun.elapsed());
            assert_eq!(echo.len(), size);
        }
        drop(attackers);
    });
}

/// Sends a byte of a frame at a time until the peer ends the connection; returns how long that took.
fn drip(stream: &mut Stream, frame: &[u8], ping: bool) -> Duration {
    let begun = Instant::now();
    let mut ping_frame = Vec::new();
    encode_ping(&mut ping_frame, 1);
    for byte in frame {
        let alive =
            stream.write_all(&[*byte]).is_ok() && (!ping || stream.write_all(&ping_frame).is_ok());
        if !alive || begun.elapsed() > 10 * PATIENCE {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    begun.elapsed()
}

#[test]
fn a_frame_that_drips_ends_its_connection() {
    attack("a_frame_that_drips_ends_its_connection", |endpoint, _| {
        let frame = unfinished(MIB, 4000);
        let mut attacker = attach(endpoint);
        let lasted = drip(&mut attacker, &frame, false);
        println!("a dripping frame lasted {lasted:?}");
        assert!(lasted < 8 * PATIENCE, "it lasted {lasted:?}");
    });
}

#[test]
fn a_transfer_that_stalls_ends_its_connection_even_if_it_pings() {
    attack("a_transfer_that_stalls_ends_its_connection_even_if_it_pings", |endpoint, _| {
        let mut attacker = attach(endpoint);
        let mut part = Vec::new();
        encode_part(&mut part, 1, false, 1000);
        part.resize(part.len() + 1000, 0x5a);
        attacker.write_all(&part).unwrap();
        let mut ping = Vec::new();
        encode_ping(&mut ping, 1);
        let begun = Instant::now();
        while begun.elapsed() < 10 * PATIENCE && attacker.write_all(&ping).is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
        let lasted = begun.elapsed();
        println!("a stalled transfer lasted {lasted:?}");
        assert!(lasted < 8 * PATIENCE, "it lasted {lasted:?}");
    });
}

#[test]
fn a_client_gives_up_a_host_whose_frame_stalls() {
    watched(LIMIT, || {
        let mut limits = Limits::default();
        limits.write_timeout = PATIENCE;
        for host in RawHost::on_each_transport("dripping") {
            let client =
                Client::builder(&host.endpoint()).limits(limits.clone()).connect().unwrap();
            let mut dripping = accept(&host);
            client.wait_connected(Some(LIMIT)).unwrap();
            let lasted = drip(&mut dripping, &unfinished(MIB, 4000), false);
            println!("a dripping frame lasted {lasted:?}");
            assert!(lasted < 8 * PATIENCE, "it lasted {lasted:?}");
            client.close().ok();
        }
    });
}

#[test]
fn memory_for_large_frames_goes_back_while_the_peer_pings() {
    const TEST: &str = "memory_for_large_frames_goes_back_while_the_peer_pings";
    // So much that the host keeps the memory of all.
    attack_with(TEST, 8 * HOST_BYTES, |endpoint, host| {
        let before = system::memory(host);
        let mut attackers: Vec<_> = (0..4).map(|_| attach(endpoint)).collect();
        // Nobody serves it, so nothing of it stays but the memory in which it arrived.
        let large = one_way_frame("INobody", "Note", &binary(12 * MIB));
        for attacker in &mut attackers {
            push(attacker, &large);
        }
        let mut ping = Vec::new();
        encode_ping(&mut ping, 1);
        let (begun, most) = (Instant::now(), sanitizer::bound(8 * MIB as u64));
        while growth(host, before) > most {
            assert!(
                begun.elapsed() < GIVEN_BACK,
                "{} bytes more in the host",
                growth(host, before)
            );
            attackers.iter_mut().for_each(|attacker| attacker.write_all(&ping).unwrap());
            thread::sleep(Duration::from_millis(200));
        }
    });
}
