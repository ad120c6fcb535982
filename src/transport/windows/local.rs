//! Listening on and connecting to pipes.

use super::descriptor::Descriptor;
use super::device::Device;
use super::event::Event;
use super::operation::Operation;
use super::security;
use super::stopper::Stopper;
use super::{io_errors, name, pipe, stream, token};
use crate::error::{Error, Result, Status};
use crate::sync::Arc;
use crate::time;
use crate::transport::waits::Waited;
use crate::transport::{Access, Dialler, Endpoint, Listen, Peer, Scope, Stop, Stream, User};
use std::io;
use std::mem;
use std::os::windows::io::{AsHandle, OwnedHandle};
use std::time::Duration;
use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_NO_DATA, ERROR_OPERATION_ABORTED, ERROR_PIPE_BUSY,
};

/// How often a client tries again while all instances of a pipe are busy: nothing would wake it that can
/// also be stopped.
const RETRY: Duration = Duration::from_millis(10);

pub(super) fn listen_pipe(
    endpoint: &Endpoint,
    name: &str,
    scope: Scope,
    access: &Access,
) -> Result<Box<dyn Listen>> {
    let user = token::own_user().map_err(|error| io_errors::of_listening(endpoint, &error))?;
    listen(endpoint, name::path(name, scope, &user), scope, access)
}

/// Listens on the pipe with this whole name.
pub(super) fn listen(
    endpoint: &Endpoint,
    path: String,
    scope: Scope,
    access: &Access,
) -> Result<Box<dyn Listen>> {
    let failed = |error: io::Error| io_errors::of_listening(endpoint, &error);
    let security = security::descriptor(scope, access).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            let message = format!("cannot listen on {endpoint}: {error}");
            Error::new(Status::InvalidArgument, message)
        }
        _ => failed(error),
    })?;
    let first = pipe::create(&path, true, &security).map_err(|error| {
        // This is how the system refuses the first instance of a pipe that exists.
        let denied = error.raw_os_error() == Some(ERROR_ACCESS_DENIED as i32);
        match denied && pipe::exists(&path) {
            true => in_use(endpoint),
            false => failed(error),
        }
    })?;
    let waiting = Waiting::new(first).map_err(failed)?;
    let stopper = Arc::new(Stopper::new().map_err(failed)?);
    let endpoint = endpoint.clone();
    Ok(Box::new(PipeListener { path, security, waiting, endpoint, stopper }))
}

fn in_use(endpoint: &Endpoint) -> Error {
    let message = format!("another host already listens on {endpoint}");
    Error::new(Status::AddressInUse, message)
}

/// An instance of a pipe that waits for a client, or has one.
struct Waiting {
    operation: Operation,
    event: Event,
    is_over: bool,
    has_client: bool,
}

impl Waiting {
    fn new(instance: OwnedHandle) -> io::Result<Waiting> {
        let event = Event::lasting()?;
        let device = Arc::new(Device::Pipe(instance));
        let operation = Operation::new(device, 0, Some(&event));
        let mut waiting = Waiting { operation, event, is_over: false, has_client: false };
        waiting.begin()?;
        Ok(waiting)
    }

    fn begin(&mut self) -> io::Result<()> {
        let connected = self.operation.connect();
        self.note(connected)
    }

    fn note(&mut self, connected: io::Result<Option<usize>>) -> io::Result<()> {
        match connected {
            Ok(None) => {}
            Ok(Some(_)) => (self.is_over, self.has_client) = (true, true),
            // A client came and has left already.
            Err(error) if error.raw_os_error() == Some(ERROR_NO_DATA as i32) => {
                self.is_over = true;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Waits until a client has come (`true`) or the stop (`false`).
    fn wait(&mut self, stopper: &Stopper) -> io::Result<bool> {
        loop {
            if stopper.is_stopped()? {
                return Ok(false);
            }
            if self.is_over {
                return Ok(true);
            }
            if !self.operation.is_pending() {
                // The thread that began it has exited.
                self.begin()?;
            } else if stopper.wait(self.event.as_handle(), None)? == Waited::Ready {
                let connected = self.operation.result();
                match connected {
                    Err(error) if is_aborted(&error) => {}
                    connected => self.note(connected)?,
                }
            }
        }
    }
}

fn is_aborted(error: &io::Error) -> bool {
    error.raw_os_error() == Some(ERROR_OPERATION_ABORTED as i32)
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.operation.cancel_and_wait();
    }
}

struct PipeListener {
    path: String,
    security: Descriptor,
    waiting: Waiting,
    endpoint: Endpoint,
    stopper: Arc<Stopper>,
}

impl Listen for PipeListener {
    fn accept(&mut self) -> io::Result<Option<Stream>> {
        while self.waiting.wait(&self.stopper)? {
            // First, so that the name is never free for another process. If it fails, the client waits.
            let next = Waiting::new(pipe::create(&self.path, false, &self.security)?)?;
            let found = mem::replace(&mut self.waiting, next);
            if found.has_client {
                let device = found.operation.device().clone();
                drop(found);
                return open(&device).map(Some);
            }
        }
        Ok(None)
    }

    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn stopper(&self) -> Arc<dyn Stop> {
        self.stopper.clone()
    }
}

/// Makes a stream from an instance with a client, whose user must be known.
fn open(device: &Arc<Device>) -> io::Result<Stream> {
    let mut peer = Peer::default();
    if let Device::Pipe(pipe) = &**device {
        let user = token::user_of_client(pipe.as_handle()).map_err(|error| {
            let message = format!("the client does not show which user it runs as: {error}");
            io::Error::new(io::ErrorKind::PermissionDenied, message)
        })?;
        peer.user = Some(User::Windows(user));
        peer.pid = pipe::client_process(pipe.as_handle());
    }
    stream::open(device, peer)
}

pub(super) fn dial_pipe(dialler: &Dialler<'_>, name: &str, scope: Scope) -> Result<Stream> {
    let user = own_user(dialler)?;
    let path = name::path(name, scope, &user);
    match scope {
        Scope::User => dial(dialler, &path, &[&user]),
        Scope::System => dial(dialler, &path, &security::SYSTEM_OWNERS),
    }
}

pub(super) fn dial_raw(dialler: &Dialler<'_>, name: &str) -> Result<Stream> {
    let [administrators, system] = security::SYSTEM_OWNERS;
    dial(dialler, &name::raw(name), &[&own_user(dialler)?, administrators, system])
}

fn own_user(dialler: &Dialler<'_>) -> Result<String> {
    token::own_user().map_err(|error| io_errors::of_dialling(dialler.endpoint, &error))
}

/// Connects to the pipe with this whole name, if one of `owners` owns it.
fn dial(dialler: &Dialler<'_>, path: &str, owners: &[&str]) -> Result<Stream> {
    let endpoint = dialler.endpoint;
    let failed = |error: io::Error| io_errors::of_dialling(endpoint, &error);
    let pipe = connect(path, dialler).map_err(failed)?;
    let found = Descriptor::of(pipe.as_handle()).map_err(failed)?;
    let integrity = token::own_integrity().map_err(failed)?;
    let owner = security::trusted_owner(&found, owners, integrity).map_err(failed)?;
    let owner = owner.map_err(|why| {
        let message = format!("the pipe of {endpoint} {why}; connecting to it was refused");
        Error::new(Status::AccessDenied, message)
    })?;
    let pid = pipe::host_process(pipe.as_handle());
    let peer = Peer { user: Some(User::Windows(owner)), pid, ..Peer::default() };
    stream::open(&Arc::new(Device::Pipe(pipe)), peer).map_err(failed)
}

/// Opens the pipe, waiting while its instances are busy.
fn connect(path: &str, dialler: &Dialler<'_>) -> io::Result<OwnedHandle> {
    loop {
        if dialler.stopper.is_stopped()? {
            return Err(io::ErrorKind::Interrupted.into());
        }
        match pipe::open(path) {
            Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY as i32) => {}
            opened => return opened,
        }
        let left = time::left(dialler.deadline);
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        dialler.stopper.pause(time::after(RETRY.min(left)))?;
    }
}

#[cfg(test)]
mod tests;
