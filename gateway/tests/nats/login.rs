//! How gateways show themselves to a NATS server, and make sure that it is the right one.

use std::fs;
use std::path::PathBuf;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;

use crate::support::certificates::Authority;
use crate::support::gateway::{connect_with, offer_with, start};
use crate::support::host::{client, host, name};
use crate::support::server::Server;
use crate::support::{unique, watched};

/// A file, removed on drop.
struct File(PathBuf);

impl File {
    fn new(content: &str) -> File {
        let path = std::env::temp_dir().join(unique("file"));
        fs::write(&path, content).expect("the file can be written");
        File(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("UTF-8")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

/// Gateways with the right options reach the server; those with wrong ones end with an error.
fn check(server: &Server, right: &[&str], wrong: &[&[&str]]) {
    let (service, host) = (server.service("test"), host("one"));
    let (_offer, entrance) = (offer_with(&service, &host.1, right), connect_with(&service, right));
    assert_eq!(name(&client(&entrance.endpoint)).unwrap(), "one");
    for options in wrong {
        let mut refused = start("offer", &service, &host.1, options);
        refused.await_line("error: NATS at ");
        assert_eq!(refused.process.wait(), Some(1));
    }
}

#[test]
fn with_a_password_or_a_token_from_a_file() {
    watched(|| {
        let (good, bad) = (File::new("secret\n"), File::new("wrong\n"));
        let Some(server) = Server::start_with(&["--user", "u", "--pass", "secret"]) else { return };
        let user = |file| ["--user", "u", "--password-file", file];
        check(&server, &user(good.path()), &[&user(bad.path()), &[]]);
        let Some(server) = Server::start_with(&["--auth", "secret"]) else { return };
        let token = |file| ["--token-file", file];
        check(&server, &token(good.path()), &[&token(bad.path()), &[]]);
    });
}

#[test]
fn with_an_nkey() {
    watched(|| {
        let (good, bad) = (nkeys::KeyPair::new_user(), nkeys::KeyPair::new_user());
        let seed = |key: &nkeys::KeyPair| File::new(&key.seed().expect("a seed"));
        let (good_seed, bad_seed) = (seed(&good), seed(&bad));
        let user = format!("authorization {{ users: [ {{ nkey: {} }} ] }}\n", good.public_key());
        let config = File::new(&user);
        let Some(server) = Server::start_with(&["-c", config.path()]) else { return };
        check(&server, &["--nkey", good_seed.path()], &[&["--nkey", bad_seed.path()], &[]]);
    });
}

/// The first part of every JWT of NATS: `{"typ":"JWT","alg":"ed25519-nkey"}`.
const JWT_HEADER: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ";

/// The claims about `subject`, signed by `issuer`.
fn jwt(issuer: &nkeys::KeyPair, subject: &nkeys::KeyPair, claims: serde_json::Value) -> String {
    let body = serde_json::json!({
        "jti": unique("jwt"), "iat": 1_700_000_000, "iss": issuer.public_key(),
        "sub": subject.public_key(), "name": "test", "nats": claims,
    });
    let text = format!("{JWT_HEADER}.{}", URL_SAFE_NO_PAD.encode(body.to_string()));
    let signature = issuer.sign(text.as_bytes()).expect("the key can sign");
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A file with credentials, as NATS's tools write it.
fn credentials(account: &nkeys::KeyPair) -> File {
    let user = nkeys::KeyPair::new_user();
    let claims = serde_json::json!({
        "type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1, "pub": {}, "sub": {},
    });
    let (jwt, seed) = (jwt(account, &user, claims), user.seed().expect("a seed"));
    File::new(&format!(
        "-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    ))
}

#[test]
fn with_credentials_of_an_account() {
    watched(|| {
        let (operator, account) = (nkeys::KeyPair::new_operator(), nkeys::KeyPair::new_account());
        let of_operator =
            jwt(&operator, &operator, serde_json::json!({ "type": "operator", "version": 2 }));
        let unlimited = serde_json::json!({
            "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true,
            "conn": -1, "leaf": -1,
        });
        let claims = serde_json::json!({ "type": "account", "version": 2, "limits": unlimited });
        let of_account = jwt(&operator, &account, claims);
        let config = File::new(&format!(
            "operator: {of_operator}\nresolver: MEMORY\nresolver_preload: {{ {}: {of_account} }}\n",
            account.public_key()
        ));
        let Some(server) = Server::start_with(&["-c", config.path()]) else { return };
        let (good, bad) = (credentials(&account), credentials(&nkeys::KeyPair::new_account()));
        check(&server, &["--creds", good.path()], &[&["--creds", bad.path()], &[]]);
    });
}

#[test]
fn over_tls_with_certificates_on_both_sides() {
    watched(|| {
        let (authority, stranger) = (Authority::new(), Authority::new());
        let (of_server, of_gateway) = (authority.pair("127.0.0.1"), authority.pair("gateway"));
        let of_stranger = stranger.pair("gateway");
        let text = |path: &PathBuf| path.to_str().expect("UTF-8").to_owned();
        let (ca, other_ca) = (text(&authority.file()), text(&stranger.file()));
        let (certificate, key) = (text(&of_server.certificate), text(&of_server.key));
        let server = [
            "--tls",
            "--tlscert",
            &certificate,
            "--tlskey",
            &key,
            "--tlscacert",
            &ca,
            "--tlsverify",
        ];
        let Some(server) = Server::start_with(&server) else { return };
        let (certificate, key) = (text(&of_gateway.certificate), text(&of_gateway.key));
        let (wrong, wrong_key) = (text(&of_stranger.certificate), text(&of_stranger.key));
        let options =
            |ca, certificate, key| ["--tls-ca", ca, "--tls-cert", certificate, "--tls-key", key];
        check(
            &server,
            &options(&ca, &certificate, &key),
            &[
                &options(&other_ca, &certificate, &key),
                &options(&ca, &wrong, &wrong_key),
                &["--tls-ca", &ca],
                &[],
            ],
        );
    });
}
