//! The Python peer as a client of a Callgate host.

use std::path::Path;
use std::time::Duration;

use callgate::Endpoint;
use callgate::{Host, Limits};

use crate::script::{Script, SocketPath};
use crate::service::Service;
use crate::support::watched;

const LIMIT: Duration = Duration::from_secs(300);

/// Runs the test over a Unix socket and over TCP, with the address as the peer writes it.
fn with_hosts(limits: Limits, test: impl Fn(&mut Script, &str, &Service, &Host) + Send + 'static) {
    watched(LIMIT, move || {
        let socket = SocketPath::new();
        let endpoints = [socket.endpoint(), "tcp://127.0.0.1:0".into()];
        for endpoint in endpoints {
            let service = Service::default();
            let host = service.host(&endpoint).limits(limits.clone()).start().unwrap();
            test(&mut Script::start("client"), &address(&host.endpoints()[0]), &service, &host);
            host.close().unwrap();
        }
    });
}

fn address(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Unix { path, .. } => path.display().to_string(),
        Endpoint::Tcp { port, .. } => port.to_string(),
        other => panic!("the peer knows no {other}"),
    }
}

fn run(scenario: &'static str) {
    with_hosts(Limits::default(), move |script, address, _, _| script.run(scenario, address));
}

#[test]
fn the_handshake_succeeds_or_says_why_not() {
    with_hosts(Limits::default(), |script, address, service, _| {
        script.run("handshake", address);
        for words in
            ["versions 2 to 3", "com.example.x", "1023", "magic", "lowest version", "feature"]
        {
            service.logged(words);
        }
    });
}

#[test]
fn calls_arrive_with_all_that_they_carry() {
    run("calls");
}

#[test]
fn every_failure_is_told_as_what_it_is() {
    run("outcomes");
}

#[test]
fn errors_are_cut_to_the_callers_frame_limit() {
    run("shortened");
}

#[test]
fn one_way_calls_run_in_order_and_get_their_credit_back() {
    // So little that both allowances run out many times.
    let mut limits = Limits::default();
    (limits.frame, limits.inbound_bytes, limits.inbound_calls) = (1 << 16, 100_000, 8);
    with_hosts(limits, |script, address, service, _| {
        script.run("one_way", address);
        assert_eq!(service.notes(), (0..200).collect::<Vec<_>>());
        let line = service.logged("one-way call IPeer.Nothing failed");
        assert!(line.contains("Nothing"), "{line}");
    });
}

#[test]
fn answers_come_in_any_order_cancelled_or_not() {
    run("in_flight");
}

#[test]
fn calls_nest_across_both_sides() {
    run("nested");
}

#[test]
fn nested_calls_of_a_lane_wait_for_their_siblings_alone() {
    run("nested_in_a_lane");
}

#[test]
fn a_nested_call_waits_for_its_turn_at_an_interface_but_for_no_slot() {
    let mut limits = Limits::default();
    limits.running_calls = 1;
    with_hosts(limits, |script, address, _, _| script.run("nested_in_order", address));
}

#[test]
fn a_nested_call_that_may_not_run_any_more_is_refused() {
    let mut limits = Limits::default();
    limits.nested_calls = 2;
    with_hosts(limits, |script, address, _, _| script.run("nested_too_many", address));
}

#[test]
fn offences_end_their_connection_alone() {
    with_hosts(Limits::default(), |script, address, service, _| {
        script.run("offences", address);
        service.logged_or_counted("protocol error", 12);
    });
}

#[test]
fn an_id_of_a_running_call_must_not_be_used_again() {
    with_hosts(Limits::default(), |script, address, service, _| {
        script.run("id_again", address);
        for _ in 0..2 {
            service.logged("has the id");
        }
    });
}

#[test]
fn frames_may_come_in_parts() {
    run("in_parts");
}

#[test]
fn large_answers_come_in_parts_and_let_small_ones_pass() {
    with_hosts(Limits::default(), |script, address, service, _| {
        script.begin("answers_in_parts", address);
        for key in 0..3 {
            script.expect("asked");
            service.release_when_held(key);
            script.begin("answered", "yes");
        }
        script.expect("done");
    });
}

#[test]
fn every_rule_of_parts_is_enforced() {
    let mut limits = Limits::default();
    (limits.frame, limits.inbound_bytes) = (1 << 16, 1 << 17);
    with_hosts(limits, |script, address, service, _| {
        script.run("offences_in_parts", address);
        for words in ["more than 4", "empty part", "of 0 bytes", "kind 10", "bytes together"] {
            service.logged(words);
        }
    });
}

#[test]
fn without_the_feature_a_part_is_an_offence() {
    let mut limits = Limits::default();
    limits.parts = false;
    with_hosts(limits, |script, address, service, _| {
        script.run("no_parts", address);
        service.logged("parts were not negotiated");
    });
}

#[test]
fn frames_may_be_cut_and_joined_anywhere() {
    run("cut_and_joined");
}

#[test]
fn a_goodbye_lets_what_runs_end_and_starts_nothing() {
    with_hosts(Limits::default(), |script, address, service, host| {
        script.begin("goodbye", address);
        script.expect("close");
        let closing = {
            let host = host.clone();
            std::thread::spawn(move || host.close())
        };
        script.expect("release");
        service.release(7);
        service.forget(6);
        script.expect("done");
        closing.join().unwrap().unwrap();
        assert_eq!(service.notes(), [0; 0], "a one-way call after the goodbye is dropped");
    });
}

#[test]
fn calls_that_cross_the_goodbye_are_refused() {
    with_hosts(Limits::default(), |script, address, service, host| {
        script.begin("crossing", address);
        script.expect("close");
        host.close().unwrap();
        script.expect("done");
        assert_eq!(service.notes(), [0; 0], "a one-way call after the goodbye is dropped");
    });
}

#[test]
fn the_pipe_endpoint_is_where_the_specification_says() {
    watched(LIMIT, || {
        let name = crate::support::unique("protocol");
        let _host = Service::default().host(&format!("pipe://{name}")).start().unwrap();
        let uid = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap());
        let folder = match format!("/run/user/{uid}") {
            home if Path::new(&home).is_dir() => format!("{home}/callgate"),
            _ => format!("/tmp/callgate-{uid}"),
        };
        Script::start("client").run("in_flight", &format!("{folder}/{name}.sock"));
    });
}
