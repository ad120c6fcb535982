//! Where a host listens and a client connects, as text and taken apart.

use crate::{Error, Result, Status};
use std::fmt;
use std::net::Ipv6Addr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The longest pipe name in bytes: with the longest folder (`/run/user/4294967295/callgate/`) and
/// `.sock` it stays within [`LONGEST_PATH`].
const LONGEST_NAME: usize = 64;

/// The longest path of a Unix socket in bytes: its address has room for 108, the last one being NUL.
const LONGEST_PATH: usize = 107;

const KNOWN: &str = "known are pipe://name, unix:///absolute/path and tcp://host:port";

/// Whose pipe of that name is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// That of the user who runs this process; other users cannot reach it.
    #[default]
    User,
    /// The one of the whole machine.
    System,
}

/// Where a host listens and a client connects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `pipe://name`, `pipe://name?scope=system`: a named pipe of this machine. A name has 1 to 64
    /// bytes and no `/`, `\`, `?` or control characters; `.` and `..` are none.
    Pipe {
        /// Its name.
        name: String,
        /// Whose it is.
        scope: Scope,
    },
    /// `unix:///absolute/path`: a Unix socket at a path of at most 107 bytes, without `?` (options
    /// may follow it one day).
    Unix {
        /// The socket's absolute path.
        path: PathBuf,
    },
    /// `tcp://host:port`, `tcp://[::1]:4000`: TCP. A host may listen on port 0, and the system chooses.
    Tcp {
        /// A host name or an address; an IPv6 address without its brackets.
        host: String,
        /// The port.
        port: u16,
    },
}

impl Endpoint {
    /// Checks what the text form would not have let pass.
    pub(super) fn check(&self) -> Result<()> {
        let checked = match self {
            Endpoint::Pipe { name, .. } => check_name(name),
            Endpoint::Unix { path } => check_path(path),
            Endpoint::Tcp { host, .. } => check_host(host),
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
            Some(("unix", rest)) => Ok(Endpoint::Unix { path: rest.into() }),
            Some(("tcp", rest)) => parse_tcp(rest),
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
            Endpoint::Pipe { name, scope } => match scope {
                Scope::User => write!(f, "pipe://{name}"),
                Scope::System => write!(f, "pipe://{name}?scope=system"),
            },
            Endpoint::Unix { path } => write!(f, "unix://{}", path.display()),
            Endpoint::Tcp { host, port } if host.contains(':') => {
                write!(f, "tcp://[{host}]:{port}")
            }
            Endpoint::Tcp { host, port } => write!(f, "tcp://{host}:{port}"),
        }
    }
}

fn parse_pipe(text: &str) -> Result<Endpoint, String> {
    let (name, options) = match text.split_once('?') {
        Some((name, options)) => (name, Some(options)),
        None => (text, None),
    };
    let mut scope = None;
    for option in options.into_iter().flat_map(|options| options.split('&')) {
        let chosen = match option.split_once('=') {
            Some(("scope", "user")) => Scope::User,
            Some(("scope", "system")) => Scope::System,
            Some(("scope", other)) => {
                return Err(format!("the scope is user or system, not {other:?}"));
            }
            _ => {
                return Err(format!("{option:?} is an unknown option; known is scope=user|system"))
            }
        };
        if scope.replace(chosen).is_some() {
            return Err("the scope is given twice".to_string());
        }
    }
    Ok(Endpoint::Pipe { name: name.to_string(), scope: scope.unwrap_or_default() })
}

fn parse_tcp(text: &str) -> Result<Endpoint, String> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => rest.split_once("]:"),
        None => text.rsplit_once(':'),
    }
    .ok_or("it must end in a colon and a port")?;
    if text.starts_with('[') != host.contains(':') {
        return Err(
            "an IPv6 address, and nothing else, stands in brackets: tcp://[::1]:4000".into()
        );
    }
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse() {
        Ok(port) if digits => Ok(Endpoint::Tcp { host: host.to_string(), port }),
        _ => Err(format!("the port is a number from 0 to 65535, not {port:?}")),
    }
}

fn check_name(name: &str) -> Result<(), String> {
    if !(1..=LONGEST_NAME).contains(&name.len()) {
        let length = name.len();
        return Err(format!("a pipe's name has 1 to {LONGEST_NAME} bytes, this one {length}"));
    }
    if name == "." || name == ".." {
        return Err("\".\" and \"..\" cannot name a pipe".to_string());
    }
    match name.chars().find(|&c| c.is_control() || r"/\?".contains(c)) {
        Some(c) => Err(format!(
            "a pipe's name has no '/', '\\', '?' or control characters, this one {c:?}"
        )),
        None => Ok(()),
    }
}

fn check_path(path: &Path) -> Result<(), String> {
    let Some(text) = path.to_str() else {
        return Err("the path must be UTF-8".to_string());
    };
    if !text.starts_with('/') {
        return Err("the path must be absolute: unix:///absolute/path".to_string());
    }
    if text.ends_with('/') {
        return Err("the path must name a file, and end in no '/'".to_string());
    }
    if let Some(c) = text.chars().find(|c| "\0?".contains(*c)) {
        return Err(format!("the path cannot contain {c:?}"));
    }
    match text.len() {
        0..=LONGEST_PATH => Ok(()),
        length => {
            Err(format!("the path has {length} bytes; a socket's has at most {LONGEST_PATH}"))
        }
    }
}

fn check_host(host: &str) -> Result<(), String> {
    if host.is_empty() {
        return Err("the host is missing: tcp://host:port".to_string());
    }
    if host.contains(':') {
        // A link-local address may have a zone: fe80::1%eth0.
        let address = host.split('%').next().unwrap_or_default();
        return match address.parse::<Ipv6Addr>() {
            Ok(_) => Ok(()),
            Err(_) => Err(format!("{host:?} is not an IPv6 address")),
        };
    }
    match host.chars().find(|&c| c.is_control() || c.is_whitespace() || r"/\?#@[]".contains(c)) {
        Some(c) => Err(format!("a host's name cannot contain {c:?}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Endpoint> {
        text.parse()
    }

    #[test]
    fn good_ones_survive_the_round_trip() {
        let longest_name = format!("pipe://{}", "n".repeat(LONGEST_NAME));
        let longest_path = format!("unix:///{}", "p".repeat(LONGEST_PATH - 1));
        for text in [
            "pipe://a",
            "pipe://MySoftware.Server 1",
            "pipe://größe%20#1&2",
            "pipe://...",
            "pipe://name?scope=system",
            &longest_name,
            "unix:///run/x.sock",
            "unix:///with space/x",
            &longest_path,
            "tcp://localhost:0",
            "tcp://127.0.0.1:65535",
            "tcp://[::1]:0",
            "tcp://[fe80::1%eth0]:80",
        ] {
            assert_eq!(parse(text).expect(text).to_string(), text);
        }
    }

    #[test]
    fn parts_are_found() {
        let pipe = Endpoint::Pipe { name: "a".to_string(), scope: Scope::User };
        assert_eq!(parse("pipe://a?scope=user").unwrap(), pipe);
        let tcp = Endpoint::Tcp { host: "::1".to_string(), port: 80 };
        assert_eq!(parse("tcp://[::1]:80").unwrap(), tcp);
    }

    #[test]
    fn bad_ones_are_refused_with_what_is_allowed() {
        let long_name = format!("pipe://{}", "n".repeat(LONGEST_NAME + 1));
        let long_path = format!("unix:///{}", "p".repeat(LONGEST_PATH));
        for (text, why) in [
            ("", "no scheme; known are pipe://"),
            ("name", "no scheme"),
            ("Pipe://a", "unknown scheme; known are pipe://"),
            ("http://a", "unix:///absolute/path and tcp://host:port"),
            ("pipe://", "1 to 64 bytes, this one 0"),
            (&long_name, "1 to 64 bytes, this one 65"),
            ("pipe://.", "cannot name"),
            ("pipe://..", "cannot name"),
            ("pipe://a/b", "this one '/'"),
            ("pipe://a\\b", "this one '\\\\'"),
            ("pipe://a\0b", "this one '\\0'"),
            ("pipe://a\nb", "this one '\\n'"),
            ("pipe://a?", "unknown option"),
            ("pipe://a?everyone", "known is scope=user|system"),
            ("pipe://a?scope=all", "user or system, not \"all\""),
            ("pipe://a?scope=user&scope=user", "twice"),
            ("pipe://a?scope=user&x=1", "unknown option"),
            ("unix://relative/x", "absolute"),
            ("unix://", "absolute"),
            ("unix:///folder/", "end in no '/'"),
            ("unix:///a\0b", "cannot contain '\\0'"),
            ("unix:///a?b", "cannot contain '?'"),
            (&long_path, "108 bytes; a socket's has at most 107"),
            ("tcp://", "colon and a port"),
            ("tcp://host", "colon and a port"),
            ("tcp://:80", "host is missing"),
            ("tcp://host:", "0 to 65535, not \"\""),
            ("tcp://host:65536", "0 to 65535, not \"65536\""),
            ("tcp://host:+1", "0 to 65535"),
            ("tcp://host:1/", "0 to 65535"),
            ("tcp://::1:80", "in brackets"),
            ("tcp://[host]:80", "in brackets"),
            ("tcp://[::1]", "colon and a port"),
            ("tcp://[::g]:80", "not an IPv6 address"),
            ("tcp://a b:80", "cannot contain ' '"),
            ("tcp://u@h:80", "cannot contain '@'"),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!(error.status(), Status::InvalidArgument, "{text}");
            assert!(error.message().contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn parts_that_were_never_text_are_checked_too() {
        let pipe = Endpoint::Pipe { name: "../x".to_string(), scope: Scope::User };
        assert_eq!(pipe.check().unwrap_err().status(), Status::InvalidArgument);
    }
}
