//! Which hosts a client calls, and which clients a host lets in.

use crate::certificates::Authority;
use crate::raw;
use crate::scene::{add, assert_fails, connecting, listening, Scene, LIMIT};
use crate::support::process::{self, Process};
use crate::support::{calculator_host, watched};
use callgate::{Client, Status};
use std::ffi::OsStr;
use std::sync::{Arc, Mutex};

#[test]
fn sides_that_trust_one_authority_call_each_other() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let host = scene.start();
        assert_eq!(add(&scene.client_endpoint(&host)).unwrap(), 3);
    });
}

#[test]
fn a_host_that_is_not_trusted_is_not_called() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let expired = scene.authority.pair_with("localhost", |params| {
            params.not_before = rcgen::date_time_ymd(2001, 1, 1);
            params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        });
        let early = scene.authority.pair_with("localhost", |params| {
            params.not_before = rcgen::date_time_ymd(2101, 1, 1);
            params.not_after = rcgen::date_time_ymd(2102, 1, 1);
        });
        let others = Authority::new();
        for (host, why) in [
            (&others.pair("localhost"), "no trusted authority has signed it"),
            (&scene.authority.self_signed("localhost"), "no trusted authority"),
            (&expired, "it has expired"),
            (&early, "it is not valid yet"),
            (&scene.authority.pair("elsewhere"), "set name= to a name in its certificate"),
        ] {
            let host = calculator_host(&listening(host, "trust=anyone")).start().unwrap();
            assert_fails(&connecting(&host, &scene.trust()), Status::AccessDenied, why);
            assert!(host.connections().is_empty());
        }
    });
}

#[test]
fn the_name_of_the_certificate_may_differ_from_the_hosts() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let pair = scene.authority.pair("elsewhere");
        let host = calculator_host(&listening(&pair, "trust=anyone")).start().unwrap();
        let options = format!("{}&name=elsewhere", scene.trust());
        assert_eq!(add(&connecting(&host, &options)).unwrap(), 3);
        let options = format!("{}&name=nowhere", scene.trust());
        assert_fails(&connecting(&host, &options), Status::AccessDenied, "nowhere");
    });
}

#[test]
fn a_client_that_is_not_trusted_is_not_let_in_and_learns_why() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let (host, log) = scene.start_logging();
        let others = Authority::new();
        let other = others.pair("a client");
        let expired = scene.authority.pair_with("a client", |params| {
            params.not_before = rcgen::date_time_ymd(2001, 1, 1);
            params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        });
        let with = |pair: &crate::certificates::Pair| {
            connecting(&host, &format!("{}&{}", scene.trust(), pair.options()))
        };
        let without = connecting(&host, &scene.trust());
        let denied = Status::AccessDenied;
        assert_fails(&without, denied, "set certificate= and key=");
        assert_fails(&with(&scene.authority.self_signed("a client")), denied, "trust= of the peer");
        assert_fails(&with(&expired), denied, "it has expired");
        assert_fails(&with(&other), denied, "trust= of the peer's endpoint");
        assert!(host.connections().is_empty());
        let log = log.lock().unwrap();
        assert!(log.contains("the client showed no certificate"), "{log}");
        assert!(log.contains("no trusted authority has signed it"), "{log}");
        drop(log);
        assert_eq!(add(&scene.client_endpoint(&host)).unwrap(), 3);
    });
}

#[test]
fn keys_are_trusted_whatever_their_certificates_say() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let [host, client, other] = ["a", "b", "c"].map(|name| scene.authority.self_signed(name));
        let trust = format!("trust={},{}", other.fingerprint(), client.fingerprint());
        let running = calculator_host(&listening(&host, &trust)).start().unwrap();
        let of_host = format!("trust={}", host.fingerprint());
        let call = |options: String| connecting(&running, &options);
        for known in [&client, &other] {
            assert_eq!(add(&call(format!("{}&{of_host}", known.options()))).unwrap(), 3);
        }
        let denied = Status::AccessDenied;
        let stranger = scene.client.options();
        assert_fails(
            &call(format!("{stranger}&{of_host}")),
            denied,
            "trust= of the peer's endpoint",
        );
        assert_fails(&call(of_host.clone()), denied, "set certificate= and key=");
        let wrong = format!("{}&trust={}", client.options(), client.fingerprint());
        let error = assert_fails(&call(wrong), denied, "which trust= does not name");
        assert!(error.message().contains(&host.fingerprint()), "{error}");
    });
}

#[test]
fn a_certificate_without_its_key_is_refused() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let new = &[&rustls::version::TLS13];
        let stolen = raw::mixed(&scene.client, &scene.host);
        for trust in [scene.trust(), format!("trust={}", scene.client.fingerprint())] {
            let host = calculator_host(&listening(&scene.host, &trust)).start().unwrap();
            let mut config = raw::client_config(&scene, new, &["callgate/1"]);
            config.client_auth_cert_resolver = stolen.clone();
            raw::meet(config, &host).expect_err("the host lets in a thief");
            assert!(host.connections().is_empty());
        }
        for trust in [scene.trust(), format!("trust={}", scene.host.fingerprint())] {
            let mut config = raw::server_config(&scene, new, "callgate/1");
            config.cert_resolver = raw::mixed(&scene.host, &scene.client);
            let endpoint = format!("tls://localhost:{}?{trust}", raw::serve(config));
            assert_fails(&endpoint, Status::AccessDenied, "certificate was refused");
        }
    });
}

#[test]
fn each_side_knows_the_certificate_of_the_other() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let peers = Arc::new(Mutex::new(Vec::new()));
        let seen = peers.clone();
        let host = calculator_host(&scene.host_endpoint()).client_connected(move |connection| {
            seen.lock().unwrap().push(connection.peer().clone());
        });
        let host = host.start().unwrap();
        let client = Client::connect(&scene.client_endpoint(&host)).unwrap();
        client.wait_connected(None).unwrap();
        let of_host = client.connection().unwrap().peer().clone();
        client.proxy("ICalculator").unwrap().call::<i64>("Add", &(1, 2)).unwrap();
        let of_client = peers.lock().unwrap().remove(0);
        for (peer, pair, name, names) in [
            (of_host, &scene.host, "localhost", vec!["localhost"]),
            // A name with a space is no DNS name.
            (of_client, &scene.client, "a client", vec![]),
        ] {
            let certificate = peer.certificate.expect(name);
            assert_eq!(certificate.key.to_string(), pair.fingerprint());
            assert_eq!(certificate.common_name.as_deref(), Some(name));
            assert_eq!(certificate.names, names);
            assert!(peer.address.is_some() && peer.user.is_none());
        }
        let open = calculator_host(&listening(&scene.host, "trust=anyone")).start().unwrap();
        let client = Client::connect(&connecting(&open, &scene.trust())).unwrap();
        client.wait_connected(None).unwrap();
        client.proxy("ICalculator").unwrap().call::<i64>("Add", &(1, 2)).unwrap();
        assert_eq!(open.connections()[0].peer().certificate, None);
    });
}

#[test]
fn anyone_may_be_let_in_without_a_certificate() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let host = calculator_host(&listening(&scene.host, "trust=anyone")).start().unwrap();
        assert_eq!(add(&connecting(&host, &scene.trust())).unwrap(), 3);
        assert_eq!(add(&scene.client_endpoint(&host)).unwrap(), 3);
    });
}

#[test]
fn a_client_trusts_the_authorities_of_the_system() {
    const TEST: &str = "trust::a_client_trusts_the_authorities_of_the_system";
    if let Some(role) = process::role() {
        process::tell(&match add(&role) {
            Ok(sum) => sum.to_string(),
            Err(error) => error.to_string(),
        });
        return;
    }
    watched(LIMIT, || {
        let scene = Scene::new();
        let host = calculator_host(&listening(&scene.host, "trust=anyone")).start().unwrap();
        let call = |options: &str, authority: &Authority| {
            let file = authority.file();
            let variables: [(&str, &OsStr); 2] =
                [("SSL_CERT_FILE", file.as_os_str()), ("SSL_CERT_DIR", OsStr::new(""))];
            Process::start_with(TEST, &connecting(&host, options), &variables).hear()
        };
        assert_eq!(call("", &scene.authority), "3");
        assert_eq!(call("trust=system", &scene.authority), "3");
        let refused = call("trust=system", &Authority::new());
        assert!(
            refused.contains("access denied") && refused.contains("no trusted authority"),
            "{refused}"
        );
    });
}
