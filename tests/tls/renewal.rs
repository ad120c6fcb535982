//! Certificates, keys and authorities that are replaced while a host runs.

use crate::certificates::{Authority, Pair};
use crate::scene::{add, assert_fails, connecting, Scene, LIMIT};
use crate::support::{calculator_host, watched};
use callgate::{Client, LogLevel, Status};
use std::fs;
use std::sync::{Arc, Mutex};

/// Puts another pair into the files of this one.
fn replace(pair: &Pair, by: &Pair) {
    fs::copy(&by.certificate, &pair.certificate).unwrap();
    fs::copy(&by.key, &pair.key).unwrap();
}

#[test]
fn a_new_certificate_is_shown_to_the_next_client() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let host = scene.start();
        let old = format!("{}&trust={}", scene.client.options(), scene.host.fingerprint());
        let renewed = scene.authority.pair("localhost");
        let new = format!("{}&trust={}", scene.client.options(), renewed.fingerprint());
        let kept = Client::connect(&connecting(&host, &old)).unwrap();
        let proxy = kept.proxy("ICalculator").unwrap();
        assert_eq!(proxy.call::<i64>("Add", &(1, 2)).unwrap(), 3);
        replace(&scene.host, &renewed);
        assert_eq!(add(&connecting(&host, &new)).unwrap(), 3);
        assert_fails(&connecting(&host, &old), Status::AccessDenied, "trust= does not name");
        assert_eq!(proxy.call::<i64>("Add", &(1, 2)).unwrap(), 3);
    });
}

#[test]
fn broken_files_leave_the_old_ones_in_use_with_one_warning() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let warnings = Arc::new(Mutex::new(Vec::new()));
        let noted = warnings.clone();
        let host = calculator_host(&scene.host_endpoint()).log(move |event| {
            if event.level == LogLevel::Warning {
                noted.lock().unwrap().push(event.message.to_string());
            }
        });
        let host = host.start().unwrap();
        let client = scene.client_endpoint(&host);
        let renewed = scene.authority.pair("localhost");
        let certificate = fs::read(&scene.host.certificate).unwrap();
        for (broken, why) in [
            (fs::read(&renewed.certificate).unwrap(), "certificate and key cannot be used"),
            (b"nothing".to_vec(), "contains no certificate in PEM"),
        ] {
            fs::write(&scene.host.certificate, broken).unwrap();
            for _ in 0..3 {
                assert_eq!(add(&client).unwrap(), 3);
            }
            let found = std::mem::take(&mut *warnings.lock().unwrap());
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].contains(why), "{found:?}");
        }
        fs::remove_file(&scene.host.certificate).unwrap();
        assert_eq!(add(&client).unwrap(), 3);
        assert!(warnings.lock().unwrap()[0].contains("cannot read"));
        fs::write(&scene.host.certificate, certificate).unwrap();
        assert_eq!(add(&client).unwrap(), 3);
        replace(&scene.host, &renewed);
        let new = format!("{}&trust={}", scene.client.options(), renewed.fingerprint());
        assert_eq!(add(&connecting(&host, &new)).unwrap(), 3);
        assert_eq!(warnings.lock().unwrap().len(), 1);
    });
}

#[test]
fn a_new_authority_lets_its_clients_in_and_the_others_no_longer() {
    watched(LIMIT, || {
        let scene = Scene::new();
        let host = scene.start();
        let others = Authority::new();
        let other = others.pair("a client");
        let trust = format!("trust={}", scene.host.fingerprint());
        let mine = connecting(&host, &format!("{}&{trust}", scene.client.options()));
        let theirs = connecting(&host, &format!("{}&{trust}", other.options()));
        assert_eq!(add(&mine).unwrap(), 3);
        assert_fails(&theirs, Status::AccessDenied, "trust= of the peer's endpoint");
        fs::copy(others.file(), scene.authority.file()).unwrap();
        assert_eq!(add(&theirs).unwrap(), 3);
        assert_fails(&mine, Status::AccessDenied, "trust= of the peer's endpoint");
    });
}
