//! Malformed endpoints are refused at once, and the message says what is allowed.

use crate::support;
use callgate::{Client, Error, Host, Status};

fn check(endpoint: &str, why: &str, error: &Error) {
    assert_eq!(error.status(), Status::InvalidArgument, "{endpoint:?}: {error}");
    assert!(error.message().contains(why), "{endpoint:?}: {error}");
}

fn refused_by_both(endpoint: &str, why: &str) {
    check(endpoint, why, &Host::builder().endpoint(endpoint).start().err().expect(endpoint));
    check(endpoint, why, &Client::connect(endpoint).err().expect(endpoint));
}

#[test]
fn unknown_schemes_name_the_known_ones() {
    for endpoint in ["", "name", "http://x", "PIPE://x", "ssl://x:1", "pipe:/x", "://"] {
        for known in ["pipe://name", "unix:///absolute/path", "tcp://host:port", "tls://host:port"]
        {
            refused_by_both(endpoint, known);
        }
    }
}

#[test]
fn bad_pipe_names_say_what_a_name_may_be() {
    refused_by_both("pipe://", "1 to 64 bytes");
    refused_by_both(&format!("pipe://{}", "n".repeat(65)), "1 to 64 bytes");
    refused_by_both(&format!("pipe://{}", "ö".repeat(33)), "1 to 64 bytes");
    refused_by_both(&format!("pipe://{}", "n".repeat(1 << 20)), "1 to 64 bytes");
    for bad in ["a/b", "/", "../x", "a\\b", "a\0b", "\0", "a\nb", "\u{7f}"] {
        refused_by_both(
            &format!("pipe://{bad}"),
            "not contain '/', '\\', '?' or control characters",
        );
    }
    refused_by_both("pipe://..", "cannot name a pipe");
    refused_by_both("pipe://x?scope=all", "user or system");
    refused_by_both("pipe://x?access=everyone", "set scope=system");
}

#[test]
fn bad_paths_say_what_a_path_may_be() {
    refused_by_both("unix://relative", "absolute");
    refused_by_both("unix:///", "name a file");
    refused_by_both("unix:///a\0b", "must not contain");
    refused_by_both("unix:///a?access=all", "everyone or group:NAME");
    refused_by_both(&format!("unix:///{}", "p".repeat(107)), "at most 107");
}

#[test]
fn bad_addresses_say_what_a_port_may_be() {
    for port in ["65536", "99999999999999999999", "-1", "+1", "x", "", " 1", "0x10"] {
        refused_by_both(&format!("tcp://127.0.0.1:{port}"), "0 to 65535");
    }
    refused_by_both("tcp://127.0.0.1", "colon and a port");
    refused_by_both("tcp://:80", "host is missing");
    let error = Client::connect("tcp://127.0.0.1:0").err().unwrap();
    check("port 0", "the chosen one", &error);
}

#[test]
fn a_host_needs_an_endpoint_and_takes_all_or_none() {
    let error = Host::builder().start().err().unwrap();
    check("none", "at least one endpoint", &error);

    let good = format!("pipe://{}", support::unique("all-or-none"));
    let both = Host::builder().endpoint(&good).endpoint("tcp://127.0.0.1:65536").start();
    assert_eq!(both.err().unwrap().status(), Status::InvalidArgument);
    Host::builder().endpoint(&good).start().unwrap().close().unwrap();
}

#[test]
fn an_endpoint_that_is_taken_is_in_use() {
    let good = format!("pipe://{}", support::unique("taken"));
    let twice = Host::builder().endpoint(&good).endpoint(&good).start();
    assert_eq!(twice.err().unwrap().status(), Status::AddressInUse);
    Host::builder().endpoint(&good).start().unwrap().close().unwrap();
}
