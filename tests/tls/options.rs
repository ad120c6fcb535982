//! Endpoints that are refused, each with what to do about it.

use crate::certificates::Authority;
use crate::scene::{Scene, LIMIT};
use crate::support::{calculator_host, watched};
use callgate::{Client, Status};
use std::fs;

fn assert_refused(endpoint: &str, outcome: callgate::Result<()>, why: &str) {
    let error = outcome.expect_err(endpoint);
    assert_eq!(error.status(), Status::InvalidArgument, "{endpoint}: {error}");
    assert!(error.message().contains(why), "{endpoint}: {error}");
}

#[test]
fn hosts_must_say_who_they_are_and_whom_they_let_in() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let (host, others) = (&scene.host, Authority::new());
        let other = others.pair("localhost");
        let empty = scene.authority.folder().join("empty.pem");
        fs::write(&empty, "").unwrap();
        let pair = host.options();
        let (certificate, key) = (host.certificate.display(), host.key.display());
        let (empty, others) = (empty.display(), other.key.display());
        for (options, why) in [
            (pair.clone(), "say which clients are let in: trust=FILE"),
            ("trust=anyone".into(), "a host needs a certificate: certificate=FILE&key=FILE"),
            (format!("certificate={certificate}&trust=anyone"), "belong together"),
            (format!("key={key}&trust=anyone"), "belong together"),
            (format!("{pair}&trust=system"), "trust=system would let in everybody"),
            (format!("{pair}&trust=anyone&name=localhost"), "name= is for clients"),
            (format!("{pair}&trust={key}"), "trust: "),
            (format!("{pair}&trust={empty}"), "contains no certificate in PEM"),
            (format!("{pair}&trust=/nowhere.pem"), "trust: cannot read /nowhere.pem"),
            (format!("certificate={empty}&key={key}&trust=anyone"), "certificate: "),
            (format!("certificate={certificate}&key={empty}&trust=anyone"), "no private key"),
            (format!("certificate={certificate}&key={others}&trust=anyone"), "cannot be used"),
            (format!("{pair}&trust=sha256:12"), "64 hexadecimal digits, not \"sha256:12\""),
            (format!("{pair}&trust=sha256:{}", "g".repeat(64)), "64 hexadecimal digits"),
            (format!("{pair}&trust="), "trust=FILE, sha256:HEX, system or anyone"),
            (format!("{pair}&trust=anyone&trust=system"), "trust is given twice"),
            (format!("{pair}&trust=anyone&insecure=1"), "known: certificate=FILE, key=FILE"),
        ] {
            let endpoint = format!("tls://127.0.0.1:0?{options}");
            assert_refused(&endpoint, calculator_host(&endpoint).start().map(drop), why);
        }
    });
}

#[test]
fn clients_must_be_able_to_know_their_host() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let trust = scene.trust();
        let certificate = scene.client.certificate.display();
        for (endpoint, why) in [
            ("tls://localhost:0".into(), "a client needs the chosen one"),
            ("tls://localhost:1?trust=anyone".into(), "a client must know its host"),
            (format!("tls://localhost:1?{trust}&certificate={certificate}"), "belong together"),
            (format!("tls://localhost:1?{trust}&name=a b"), "must not contain ' '"),
            (format!("tls://-:1?{trust}"), "set name="),
            ("tls://localhost:1?trust=/nowhere.pem".into(), "trust: cannot read /nowhere.pem"),
        ] {
            assert_refused(&endpoint, Client::connect(&endpoint).map(drop), why);
        }
    });
}

#[test]
fn plain_tcp_beyond_this_machine_names_tls() {
    let endpoint = "tcp://0.0.0.0:0";
    let error = calculator_host(endpoint).start().map(drop);
    assert_refused(endpoint, error.clone(), "use tls://");
    assert_refused(endpoint, error, "?insecure=1");
}
