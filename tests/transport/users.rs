//! Other users at either end.

use crate::streams::{connect, endpoint, far, listen, room, unique, Folder};
use crate::user::{as_stranger, is_root};
use callgate::unstable::transport::{self, Arrival, Listen, Wait};
use callgate::Status;
use std::fs::{self, Permissions};
use std::os::unix::fs::{symlink, MetadataExt, PermissionsExt};
use std::path::Path;

pub fn open_to_all(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_stranger_is_never_handed_out() {
    if !is_root() {
        return;
    }
    let folder = Folder::new();
    open_to_all(&folder.0, 0o755);
    let endpoint = folder.endpoint("x.sock");
    let mut listener = transport::listen(&endpoint).unwrap();
    let denied = as_stranger(|| transport::dial(&endpoint, far()).err().unwrap());
    assert_eq!(denied.status(), Status::AccessDenied, "{denied}");

    open_to_all(&folder.0.join("x.sock"), 0o666);
    let mut stranger = as_stranger(|| transport::dial(&endpoint, far())).unwrap();
    let refused = listener.accept().err().unwrap();
    assert_eq!(refused.kind(), std::io::ErrorKind::PermissionDenied, "{refused}");
    let (_client, host) = connect(&mut *listener);
    assert_eq!(host.peer.uid(), Some(0));
    let arrival = stranger.receive.recv(&mut room(1), &Wait::default());
    assert_eq!(arrival.unwrap(), Arrival::End);
}

#[test]
fn a_strangers_host_is_not_trusted_with_our_pipe() {
    if !is_root() {
        return;
    }
    let name = unique("squat");
    let pipe = endpoint(&format!("pipe://{name}"));
    drop(listen(&pipe.to_string()));
    let folder = Folder::new();
    open_to_all(&folder.0, 0o777);
    let squatting = folder.endpoint("x.sock");
    let squatter: Box<dyn Listen> = as_stranger(|| transport::listen(&squatting)).unwrap();
    let ours = Path::new("/run/user/0/callgate");
    let ours = if ours.exists() { ours } else { Path::new("/tmp/callgate-0") };
    let planted = ours.join(format!("{name}.sock"));
    symlink(folder.0.join("x.sock"), &planted).unwrap();
    let error = transport::dial(&pipe, far()).err().unwrap();
    fs::remove_file(&planted).unwrap();
    drop(squatter);
    assert_eq!(error.status(), Status::AccessDenied, "{error}");
    assert!(error.message().contains("65534"), "{error}");
}

#[test]
fn a_foreign_lock_file_is_refused() {
    if !is_root() {
        return;
    }
    let folder = Folder::new();
    open_to_all(&folder.0, 0o777);
    as_stranger(|| fs::write(folder.0.join("x.sock.lock"), "")).unwrap();
    let error = transport::listen(&folder.endpoint("x.sock")).err().unwrap();
    assert_eq!(error.status(), Status::AccessDenied, "{error}");
}

#[test]
fn only_root_makes_pipes_of_the_system() {
    if !is_root() {
        return;
    }
    let pipe = endpoint(&format!("pipe://{}?scope=system", unique("system")));
    let denied = as_stranger(|| transport::listen(&pipe).err().unwrap());
    assert_eq!(denied.status(), Status::AccessDenied, "{denied}");
    let mut listener = transport::listen(&pipe).unwrap();
    assert_eq!(fs::metadata("/run/callgate").unwrap().mode() & 0o777, 0o755);
    let denied = as_stranger(|| transport::listen(&pipe).err().unwrap());
    assert_eq!(denied.status(), Status::AccessDenied, "{denied}");
    connect(&mut *listener);
}
