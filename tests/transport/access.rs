//! Endpoints that let in users other than their own.

use crate::streams::{endpoint, far, listen, receive_exactly, room, send_all, unique, Folder};
use crate::user::{as_stranger, as_stranger_in, is_root, STRANGER};
use crate::users::open_to_all;
use callgate::unstable::transport::{self, Arrival, Endpoint, Listen, Stream, Wait};
use callgate::Status;
use std::fs;
use std::os::unix::fs::MetadataExt;

/// A group with no members except those that a test adds.
const GROUP: u32 = 54_321;

/// A folder that everyone may enter, and the text of an endpoint in it.
fn shared(options: &str) -> (Folder, String) {
    let folder = Folder::new();
    open_to_all(&folder.0, 0o755);
    let endpoint = format!("unix://{}?{options}", folder.0.join("x.sock").display());
    (folder, endpoint)
}

fn dial_as_stranger_in(groups: &[u32], endpoint: &Endpoint) -> callgate::Result<Stream> {
    as_stranger_in(groups, || transport::dial(endpoint, far()))
}

/// Checks that the next accepted stream is the stranger's, and carries bytes.
fn assert_admitted(stranger: callgate::Result<Stream>, listener: &mut dyn Listen) {
    let mut stranger = stranger.unwrap();
    let mut host = listener.accept().unwrap().unwrap();
    assert_eq!(host.peer.uid(), Some(STRANGER));
    send_all(&mut *stranger.transmit, b"x");
    assert_eq!(receive_exactly(&mut *host.receive, 1, &Wait::default()), b"x");
}

#[test]
fn everyone_admits_a_stranger() {
    if !is_root() {
        return;
    }
    let (_folder, path) = shared("access=everyone");
    let pipe = format!("pipe://{}?scope=system&access=everyone", unique("everyone"));
    for text in [path, pipe] {
        let mut listener = listen(&text);
        assert_eq!(listener.endpoint().to_string(), text);
        // The access that a host grants has no effect on the client.
        let (plain, _) = text.split_once("access").unwrap();
        for dialled in [text.as_str(), &plain[..plain.len() - 1]] {
            let stranger = as_stranger(|| transport::dial(&endpoint(dialled), far()));
            assert_admitted(stranger, &mut *listener);
        }
    }
}

#[test]
fn a_group_admits_its_members() {
    if !is_root() {
        return;
    }
    let (_folder, path) = shared(&format!("access=group:{GROUP}"));
    let pipe = format!("pipe://{}?scope=system&access=group:{GROUP}", unique("group"));
    // More groups than the first request has room for.
    let many: Vec<u32> = (GROUP - 300..=GROUP).collect();
    for text in [path, pipe] {
        let mut listener = listen(&text);
        for groups in [&[GROUP][..], &[STRANGER, GROUP], &many] {
            let member = dial_as_stranger_in(groups, listener.endpoint());
            assert_admitted(member, &mut *listener);
        }
    }
}

#[test]
fn a_group_admits_nobody_else() {
    if !is_root() {
        return;
    }
    let (folder, text) = shared(&format!("access=group:{GROUP}"));
    let mut listener = listen(&text);
    let others = [STRANGER, GROUP - 1, GROUP + 1, 0];
    let denied = dial_as_stranger_in(&others, listener.endpoint()).err().unwrap();
    assert_eq!(denied.status(), Status::AccessDenied, "{denied}");

    // Nor when the file lets them in.
    open_to_all(&folder.0.join("x.sock"), 0o666);
    let mut other = dial_as_stranger_in(&others, listener.endpoint()).unwrap();
    let refused = listener.accept().err().unwrap();
    assert_eq!(refused.kind(), std::io::ErrorKind::PermissionDenied, "{refused}");
    let member = dial_as_stranger_in(&[STRANGER, GROUP], listener.endpoint());
    assert_admitted(member, &mut *listener);
    let arrival = other.receive.recv(&mut room(1), &Wait::default());
    assert_eq!(arrival.unwrap(), Arrival::End);
}

#[test]
fn a_group_has_a_name_or_a_number() {
    if !is_root() {
        return;
    }
    let known = fs::read_to_string("/etc/group").unwrap();
    let (name, number) = known
        .lines()
        .filter_map(|line| line.split_once(":x:"))
        .map(|(name, rest)| (name, rest.split(':').next().unwrap()))
        .find(|(_, number)| *number != "0")
        .unwrap();
    for group in [name, number] {
        let (folder, text) = shared(&format!("access=group:{group}"));
        let _listener = listen(&text);
        let found = fs::metadata(folder.0.join("x.sock")).unwrap();
        assert_eq!(found.gid().to_string(), number);
        assert_eq!((found.uid(), found.mode() & 0o7777), (0, 0o660));
    }
}

#[test]
fn an_unknown_group_is_refused() {
    for group in ["no such group", "4294967295"] {
        let (folder, text) = shared(&format!("access=group:{group}"));
        let error = transport::listen(&endpoint(&text)).err().unwrap();
        assert_eq!(error.status(), Status::InvalidArgument, "{error}");
        assert!(error.message().contains(&format!("no group {group:?}")), "{error}");
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);
    }
}

#[test]
fn only_members_and_root_open_a_socket_to_a_group() {
    if !is_root() {
        return;
    }
    let (folder, text) = shared(&format!("access=group:{GROUP}"));
    open_to_all(&folder.0, 0o777);
    let endpoint = endpoint(&text);
    let error = as_stranger(|| transport::listen(&endpoint).err().unwrap());
    assert_eq!(error.status(), Status::AccessDenied, "{error}");
    assert!(error.message().contains("not in its group, 54321"), "{error}");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 0);

    as_stranger_in(&[STRANGER, GROUP], || {
        let mut listener = transport::listen(&endpoint).unwrap();
        assert_admitted(transport::dial(&endpoint, far()), &mut *listener);
    });
}
