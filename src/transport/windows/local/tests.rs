//! Instances of pipes, and which pipes a client trusts.

use super::super::watched::watched;
use super::*;
use crate::transport;

/// The endpoint of a pipe with a whole name, and the name.
fn whole_name(what: &str) -> (Endpoint, String) {
    let name = format!("callgate-{what}-{}", std::process::id());
    (format!("pipe:////./pipe/{name}").parse().unwrap(), name::raw(&name))
}

/// Lets five clients in, one after the other. Each comes while the one before it is being served.
fn five_clients(what: &'static str, check: fn(&OwnedHandle)) {
    watched(move || {
        let (endpoint, path) = whole_name(what);
        let mut listener = transport::listen(&endpoint).unwrap();
        let mut served = None;
        for _ in 0..5 {
            let client = pipe::open(&path).expect("an instance is free");
            check(&client);
            drop(served.replace((client, listener.accept().unwrap())));
        }
    });
}

#[test]
fn an_instance_is_always_free() {
    five_clients("free", |_| {});
}

#[test]
fn a_pipe_has_the_security_descriptor() {
    five_clients("descriptor", |client| {
        let found = Descriptor::of(client.as_handle()).unwrap();
        assert_eq!(found.owner().unwrap(), token::own_user().unwrap());
        assert_eq!(found.integrity().unwrap(), Some(0x2000), "medium");
    });
}

#[test]
fn a_client_may_come_and_leave_before_it_is_waited_for() {
    let descriptor = security::descriptor(Scope::User, &Access::Owner).unwrap();
    let (_, path) = whole_name("early");
    for leaves in [false, true] {
        let instance = pipe::create(&path, false, &descriptor).unwrap();
        let client = pipe::open(&path).unwrap();
        let client = (!leaves).then_some(client);
        let waiting = Waiting::new(instance).unwrap();
        assert!(waiting.is_over);
        assert_eq!(waiting.has_client, client.is_some());
    }
}

/// Connects to a pipe with this label.
fn dial_labelled(label: &str) -> Result<Stream> {
    let (endpoint, path) = whole_name(label);
    let user = token::own_user().unwrap();
    let sddl = format!("O:{user}D:P(A;;FA;;;{user})S:(ML;;NW;;;{label})");
    let descriptor = Descriptor::parse(&sddl).unwrap();
    let _pipe = pipe::create(&path, true, &descriptor).unwrap();
    transport::dial(&endpoint, time::after(Duration::from_secs(60)))
}

#[test]
fn pipes_of_low_integrity_are_refused() {
    dial_labelled("ME").unwrap();
    let error = dial_labelled("LW").err().unwrap();
    assert_eq!(error.status(), Status::AccessDenied, "{error}");
    assert!(error.message().contains("low integrity"), "{error}");
}
