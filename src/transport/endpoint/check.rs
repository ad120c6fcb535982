//! Validates the parts of an endpoint.

use super::{Access, Scope};
use std::net::Ipv6Addr;
use std::path::Path;

/// The longest pipe name in bytes: with the longest folder (`/run/user/4294967295/callgate/`) and `.sock`
/// the path stays within [`LONGEST_PATH`].
pub(super) const LONGEST_NAME: usize = 64;

/// The longest path of a Unix socket in bytes: its address has room for 108, including a NUL.
pub(super) const LONGEST_PATH: usize = 107;

/// The longest name of a pipe of Windows, as UTF-16 counts characters: with `\\.\pipe\` it has 256.
pub(super) const LONGEST_RAW_NAME: usize = 247;

pub(super) fn name(name: &str) -> Result<(), String> {
    if !(1..=LONGEST_NAME).contains(&name.len()) {
        let length = name.len();
        return Err(format!("a pipe name must have 1 to {LONGEST_NAME} bytes, not {length}"));
    }
    if name == "." || name == ".." {
        return Err("\".\" and \"..\" cannot name a pipe".to_string());
    }
    characters_of_name(name)
}

/// What follows `\\.\pipe\` in the whole name of a pipe of Windows.
pub(super) fn raw_name(name: &str) -> Result<(), String> {
    let length = name.encode_utf16().count();
    if !(1..=LONGEST_RAW_NAME).contains(&length) {
        return Err(format!(
            "the name of a Windows pipe must have 1 to {LONGEST_RAW_NAME} characters, not {length}"
        ));
    }
    characters_of_name(name)
}

fn characters_of_name(name: &str) -> Result<(), String> {
    match name.chars().find(|&c| c.is_control() || r"/\?".contains(c)) {
        Some(c) => Err(format!(
            "a pipe name must not contain '/', '\\', '?' or control characters; this one has {c:?}"
        )),
        None => Ok(()),
    }
}

pub(super) fn path(path: &Path) -> Result<(), String> {
    let Some(text) = path.to_str() else {
        return Err("the path must be UTF-8".to_string());
    };
    if !text.starts_with('/') {
        return Err("the path must be absolute: unix:///absolute/path".to_string());
    }
    if text.ends_with('/') {
        return Err("the path must name a file and not end in '/'".to_string());
    }
    if let Some(c) = text.chars().find(|&c| c.is_control() || c == '?') {
        return Err(format!("the path must not contain {c:?}"));
    }
    match text.len() {
        0..=LONGEST_PATH => Ok(()),
        length => Err(format!(
            "the path of a socket must have at most {LONGEST_PATH} bytes, not {length}"
        )),
    }
}

pub(super) fn host(host: &str) -> Result<(), String> {
    if host.is_empty() {
        return Err("the host is missing: host:port".to_string());
    }
    if let Some(c) =
        host.chars().find(|&c| c.is_control() || c.is_whitespace() || r"/\?#@[]".contains(c))
    {
        return Err(format!("a host name must not contain {c:?}"));
    }
    if host.contains(':') {
        // A link-local address may have a zone: fe80::1%eth0.
        let address = host.split('%').next().unwrap_or_default();
        return match address.parse::<Ipv6Addr>() {
            Ok(_) => Ok(()),
            Err(_) => Err(format!("{host:?} is not an IPv6 address")),
        };
    }
    Ok(())
}

/// Whether a pipe of this scope may grant this access.
pub(super) fn pipe_access(access: &Access, scope: Scope) -> Result<(), String> {
    if scope == Scope::User && *access != Access::Owner {
        let why =
            "a user-scope pipe is accessible only to its user; for other users set scope=system";
        return Err(why.to_string());
    }
    self::access(access)
}

pub(super) fn access(access: &Access) -> Result<(), String> {
    let Access::Group(group) = access else {
        return Ok(());
    };
    if group.is_empty() {
        return Err("the group is missing: access=group:NAME".to_string());
    }
    match group.chars().find(|&c| c.is_control() || c == '&') {
        Some(c) => Err(format!("a group name must not contain {c:?}")),
        None => Ok(()),
    }
}
