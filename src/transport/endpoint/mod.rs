//! Endpoints: where a host listens and a client connects, and their text form.

mod check;
mod list;
mod options;
mod security;

use crate::error::{Error, Result, Status};
use options::Options;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

pub use security::{Security, Trust};

/// The option of TCP, with its question mark.
const INSECURE: &str = "?insecure=1";

/// What the whole name of a pipe of Windows begins with, as in a URL.
const RAW: &str = "//./pipe/";

const KNOWN: &str = "use pipe://name, unix:///absolute/path, tcp://host:port or tls://host:port";

/// The namespace of a pipe name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The pipes of the user who runs this process; other users cannot reach them.
    #[default]
    User,
    /// The pipes of the whole machine. Only root can create one, so clients trust the host that they find.
    System,
}

/// Which users may connect to a host, in addition to root. Clients may state it too, so that both sides can
/// use the same text; for them it has no effect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Access {
    /// The user who runs the host.
    #[default]
    Owner,
    /// `access=group:NAME`: also the members of this group, given by name or number. The user who runs the
    /// host must be a member, or root.
    Group(String),
    /// `access=everyone`: every user of the machine.
    Everyone,
}

/// Where a host listens and a client connects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `pipe://name`, `pipe://name?scope=system&access=everyone`: a named pipe of this machine. A name has
    /// 1 to 64 bytes and no `/`, `\`, `?` or control characters; `.` and `..` are not names.
    Pipe {
        /// The pipe's name.
        name: String,
        /// The namespace of the name.
        scope: Scope,
        /// Which users may connect; others than the owner need [`Scope::System`].
        access: Access,
    },
    /// `pipe:////./pipe/NAME`, `pipe:////./pipe/NAME?access=everyone`: a pipe of Windows by its whole name, which
    /// other software has fixed; unsupported on Unix. Clients trust a host of their own user, *Administrators* or
    /// the system.
    RawPipe {
        /// What follows `//./pipe/`: 1 to 247 characters, as UTF-16 counts them, without `/`, `\`, `?` and
        /// control characters.
        name: String,
        /// Which users may connect.
        access: Access,
    },
    /// `unix:///absolute/path`, `unix:///absolute/path?access=group:staff`: a Unix socket at a path of at
    /// most 107 bytes, without `?`. Both sides trust every user who can write to its folder.
    Unix {
        /// The socket's absolute path.
        path: PathBuf,
        /// Which users may connect.
        access: Access,
    },
    /// `tcp://host:port`, `tcp://[::1]:4000`, `tcp://0.0.0.0:4000?insecure=1`: TCP. A host may listen on port
    /// 0; the system then chooses one.
    Tcp {
        /// A host name or an address; an IPv6 address without its brackets.
        host: String,
        /// The port.
        port: u16,
        /// `insecure=1`: a host may listen on an address that other machines can reach. Everybody who
        /// reaches it can call, read and change what is sent. Clients may state it too, so that both sides
        /// can use the same text; for them it has no effect.
        insecure: bool,
    },
    /// `tls://host:port?certificate=FILE&key=FILE&trust=FILE`: TLS 1.3 over TCP. What is sent is encrypted, and
    /// each side knows the other as far as it wants to.
    Tls {
        /// A host name or an address; an IPv6 address without its brackets.
        host: String,
        /// The port; 0 as for TCP.
        port: u16,
        /// What this side shows, and whom it trusts.
        security: Security,
    },
}

impl Endpoint {
    /// Whether it is an address of a network.
    pub(crate) fn is_on_network(&self) -> bool {
        matches!(self, Endpoint::Tcp { .. } | Endpoint::Tls { .. })
    }

    /// The port, if it has one.
    pub(crate) fn port(&self) -> Option<u16> {
        match self {
            Endpoint::Tcp { port, .. } | Endpoint::Tls { port, .. } => Some(*port),
            Endpoint::Pipe { .. } | Endpoint::RawPipe { .. } | Endpoint::Unix { .. } => None,
        }
    }

    /// The same endpoint with the port that the system chose.
    #[cfg(not(callgate_shuttle))]
    pub(super) fn with_port(&self, chosen: u16) -> Endpoint {
        let mut endpoint = self.clone();
        if let Endpoint::Tcp { port, .. } | Endpoint::Tls { port, .. } = &mut endpoint {
            *port = chosen;
        }
        endpoint
    }

    /// Validates an endpoint that was not parsed from text.
    pub(super) fn check(&self) -> Result<()> {
        let checked = match self {
            Endpoint::Pipe { name, scope, access } => {
                check::name(name).and_then(|()| check::pipe_access(access, *scope))
            }
            Endpoint::RawPipe { name, access } => {
                check::raw_name(name).and_then(|()| check::access(access))
            }
            Endpoint::Unix { path, access } => {
                check::path(path).and_then(|()| check::access(access))
            }
            Endpoint::Tcp { host, .. } => check::host(host),
            Endpoint::Tls { host, security, .. } => {
                check::host(host).and_then(|()| security.check())
            }
        };
        checked.map_err(|why| invalid(&self.to_string(), &why))
    }
}

fn invalid(endpoint: &str, why: &str) -> Error {
    let message = format!("{endpoint:?} is not an endpoint: {why}");
    Error::new(Status::InvalidArgument, message)
}

impl FromStr for Endpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Endpoint> {
        let parsed = match text.split_once("://") {
            Some(("pipe", rest)) => parse_pipe(rest),
            Some(("unix", rest)) => parse_unix(rest),
            Some(("tcp", rest)) => parse_tcp(rest),
            Some(("tls", rest)) => parse_tls(rest),
            Some((scheme, _)) => Err(format!("{scheme:?} is an unknown scheme; {KNOWN}")),
            None => Err(format!("it has no scheme; {KNOWN}")),
        };
        let endpoint = parsed.map_err(|why| invalid(text, &why))?;
        endpoint.check().map(|()| endpoint)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Pipe { name, scope, access } => {
                write!(f, "pipe://{name}")?;
                options::write(f, *scope, access)
            }
            Endpoint::RawPipe { name, access } => {
                write!(f, "pipe://{RAW}{name}")?;
                options::write(f, Scope::User, access)
            }
            Endpoint::Unix { path, access } => {
                write!(f, "unix://{}", path.display())?;
                options::write(f, Scope::User, access)
            }
            Endpoint::Tcp { host, port, insecure } => {
                let option = if *insecure { INSECURE } else { "" };
                write!(f, "tcp://{}:{port}{option}", Bracketed(host))
            }
            Endpoint::Tls { host, port, security } => {
                write!(f, "tls://{}:{port}{security}", Bracketed(host))
            }
        }
    }
}

/// A host name or address, as it stands before a port.
struct Bracketed<'a>(&'a str);

impl fmt::Display for Bracketed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = if self.0.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{open}{}{close}", self.0)
    }
}

fn parse_pipe(text: &str) -> Result<Endpoint, String> {
    if let Some(raw) = text.strip_prefix(RAW) {
        let (name, options) = options::split(raw, Options::OF_PATHS)?;
        let access = options.access.unwrap_or_default();
        return Ok(Endpoint::RawPipe { name: name.to_string(), access });
    }
    let (name, options) = options::split(text, Options::OF_PIPES)?;
    let scope = options.scope.unwrap_or_default();
    let access = options.access.unwrap_or_default();
    Ok(Endpoint::Pipe { name: name.to_string(), scope, access })
}

fn parse_unix(text: &str) -> Result<Endpoint, String> {
    let (path, options) = options::split(text, Options::OF_PATHS)?;
    Ok(Endpoint::Unix { path: path.into(), access: options.access.unwrap_or_default() })
}

fn parse_tcp(text: &str) -> Result<Endpoint, String> {
    let (address, options) = options::split(text, Options::OF_TCP)?;
    let (host, port) = parse_address(address)?;
    Ok(Endpoint::Tcp { host, port, insecure: options.insecure.is_some() })
}

fn parse_tls(text: &str) -> Result<Endpoint, String> {
    let (address, options) = options::split(text, Options::OF_TLS)?;
    let (host, port) = parse_address(address)?;
    Ok(Endpoint::Tls { host, port, security: options.security })
}

fn parse_address(text: &str) -> Result<(String, u16), String> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => rest.split_once("]:"),
        None => text.rsplit_once(':'),
    }
    .ok_or("it must end in a colon and a port")?;
    if text.starts_with('[') != host.contains(':') {
        return Err(
            "an IPv6 address needs brackets, and nothing else may have them: [::1]:4000".into()
        );
    }
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(port) if digits => Ok((host.to_string(), port)),
        _ => Err(format!("the port must be a number from 0 to 65535, not {port:?}")),
    }
}

#[cfg(test)]
mod tests;
