//! Windows: named pipes and TCP, both through overlapped operations. See docs/internals/windows.md. Within the
//! transport, only [`descriptor`], [`device`], [`event`], [`operation`], [`pipe`], [`port`], [`sid`], [`socket`] and
//! [`token`] call the system directly.

mod descriptor;
mod device;
mod event;
mod local;
mod name;
mod operation;
mod pieces;
mod pipe;
mod port;
mod reading;
mod security;
mod sid;
mod socket;
mod status;
mod stopper;
mod stream;
mod tcp;
mod token;
mod writing;

#[cfg(test)]
mod watched;

use super::{io_errors, Dialler, Endpoint, Listen, Scope, Stream, User};
use crate::error::{Error, Result, Status};
use std::collections::BTreeSet;
use std::io;
use std::num::NonZeroUsize;
use std::thread;

pub(super) use status::status;
pub(super) use stopper::Stopper;

const UNIX_SOCKET: &str = "Unix sockets are not supported on Windows; use pipe://name";

/// The user that this process runs as.
pub(super) fn own_user() -> Option<User> {
    token::own_user().ok().map(User::Windows)
}

pub(super) fn user_name(user: &User) -> Option<String> {
    sid::name_of(user.sid()?)
}

pub(super) fn find_user(text: &str) -> io::Result<Option<User>> {
    Ok(sid::of_account(text)?.map(User::Windows))
}

/// The system has no such setting.
pub(super) fn exact_timers() -> Option<()> {
    None
}

/// The number of processors that this process may use.
pub(super) fn processors(_: Option<u32>) -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Text for the system, which ends in zero.
fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// The names of the pipes of a scope on which a host listens.
pub(super) fn live_pipes(scope: Scope) -> Result<BTreeSet<String>> {
    let listed = || {
        let prefix = name::prefix(scope, &token::own_user()?);
        let mut names = BTreeSet::new();
        for pipe in std::fs::read_dir(name::FOLDER)? {
            let pipe = pipe?.file_name();
            let name = pipe.to_str().and_then(|pipe| pipe.strip_prefix(&prefix));
            names.extend(name.map(str::to_owned));
        }
        Ok(names)
    };
    listed().map_err(|error: io::Error| {
        Error::from_io(Status::AccessDenied, "cannot list the pipes of this machine", &error)
    })
}

pub(super) fn listen(endpoint: &Endpoint) -> Result<Box<dyn Listen>> {
    match endpoint {
        Endpoint::Pipe { name, scope, access } => {
            local::listen_pipe(endpoint, name, *scope, access)
        }
        Endpoint::RawPipe { name, access } => {
            local::listen(endpoint, name::raw(name), Scope::User, access)
        }
        Endpoint::Unix { .. } => Err(io_errors::unsupported(endpoint, UNIX_SOCKET)),
        Endpoint::Tcp { host, port, insecure } => tcp::listen(endpoint, host, *port, *insecure),
        Endpoint::Tls { host, port, .. } => tcp::listen(endpoint, host, *port, true),
    }
}

pub(super) fn dial(dialler: &Dialler<'_>) -> Result<Stream> {
    match dialler.endpoint {
        Endpoint::Pipe { name, scope, .. } => local::dial_pipe(dialler, name, *scope),
        Endpoint::RawPipe { name, .. } => local::dial_raw(dialler, name),
        Endpoint::Unix { .. } => Err(io_errors::unsupported(dialler.endpoint, UNIX_SOCKET)),
        Endpoint::Tcp { host, port, .. } | Endpoint::Tls { host, port, .. } => {
            tcp::dial(dialler, host, *port)
        }
    }
}
