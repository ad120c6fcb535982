//! Unix: sockets in the file system, and TCP. Within the transport, only [`os`], [`local_socket`],
//! [`tcp_socket`], [`users`] and [`groups`] make system calls directly.

mod access;
mod event;
mod groups;
mod listener;
mod local;
mod local_socket;
mod lock;
mod lookup;
mod os;
mod processors;
mod runtime_dir;
mod status;
mod stopper;
mod stream;
mod tcp;
mod tcp_socket;
mod users;

use super::{io_errors, Dialler, Endpoint, Listen, Scope, Stream, User};
use crate::error::Result;
use std::collections::BTreeSet;
use std::io;

pub(super) use processors::processors;
pub(super) use status::status;
pub(super) use stopper::Stopper;

const WHOLE_NAME: &str =
    "only Windows has pipes with such names; use pipe://name or unix:///absolute/path";

/// The user that this process runs as.
pub(super) fn own_user() -> Option<User> {
    Some(User::Unix(os::user()))
}

pub(super) fn user_name(user: &User) -> Option<String> {
    users::name(user.uid()?)
}

pub(super) fn find_user(text: &str) -> io::Result<Option<User>> {
    Ok(users::find(text)?.map(User::Unix))
}

pub(super) fn exact_timers() -> Option<os::ExactTimers> {
    os::ExactTimers::new()
}

/// The names of the pipes of a scope on which a host listens.
pub(super) fn live_pipes(scope: Scope) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for folder in runtime_dir::of(scope) {
        names.extend(folder.live_names()?);
    }
    Ok(names)
}

pub(super) fn listen(endpoint: &Endpoint) -> Result<Box<dyn Listen>> {
    match endpoint {
        Endpoint::Pipe { name, scope, access } => {
            local::listen_pipe(endpoint, name, *scope, access)
        }
        Endpoint::RawPipe { .. } => Err(io_errors::unsupported(endpoint, WHOLE_NAME)),
        Endpoint::Unix { path, access } => local::listen(endpoint, path, access),
        Endpoint::Tcp { host, port, insecure } => tcp::listen(endpoint, host, *port, *insecure),
        Endpoint::Tls { host, port, .. } => tcp::listen(endpoint, host, *port, true),
    }
}

pub(super) fn dial(dialler: &Dialler<'_>) -> Result<Stream> {
    match dialler.endpoint {
        Endpoint::Pipe { name, scope, .. } => local::dial_pipe(dialler, name, *scope),
        Endpoint::RawPipe { .. } => Err(io_errors::unsupported(dialler.endpoint, WHOLE_NAME)),
        Endpoint::Unix { path, .. } => local::dial(dialler, path),
        Endpoint::Tcp { host, port, .. } | Endpoint::Tls { host, port, .. } => {
            tcp::dial(dialler, host, *port)
        }
    }
}
