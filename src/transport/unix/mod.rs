//! Unix: sockets in the file system, and TCP. The only files of the transport that call the
//! operating system directly are [`os`], [`local_socket`], [`groups`] and [`fork`].

mod event;
mod failure;
mod folder;
mod fork;
mod groups;
mod guests;
mod listener;
mod local;
mod local_socket;
mod lock;
mod os;
mod processors;
mod stream;
mod tcp;

use super::{Endpoint, Listen, Stream};
use crate::Result;
use std::time::Instant;

pub(super) use fork::{generation as forks, watch as watch_forks};
pub(super) use processors::processors;

pub(super) fn listen(endpoint: &Endpoint) -> Result<Box<dyn Listen>> {
    match endpoint {
        Endpoint::Pipe { name, scope, access } => {
            local::listen_pipe(endpoint, name, *scope, access)
        }
        Endpoint::Unix { path, access } => local::listen(endpoint, path, access),
        Endpoint::Tcp { host, port } => tcp::listen(host, *port),
    }
}

pub(super) fn dial(endpoint: &Endpoint, deadline: Instant) -> Result<Stream> {
    match endpoint {
        Endpoint::Pipe { name, scope, .. } => local::dial_pipe(endpoint, name, *scope, deadline),
        Endpoint::Unix { path, .. } => local::dial(endpoint, path, deadline),
        Endpoint::Tcp { host, port } => tcp::dial(endpoint, host, *port, deadline),
    }
}
