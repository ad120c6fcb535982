//! The options after the `?` of an endpoint.

use super::{Access, Scope, Security, Trust};
use std::fmt;

/// The options of an endpoint.
#[derive(Default)]
pub(super) struct Options {
    pub scope: Option<Scope>,
    pub access: Option<Access>,
    pub insecure: Option<()>,
    pub security: Security,
}

/// The options that a kind of endpoint can have.
pub(super) struct Known {
    scope: bool,
    access: bool,
    insecure: bool,
    security: bool,
    names: &'static str,
}

impl Known {
    const NONE: Known =
        Known { scope: false, access: false, insecure: false, security: false, names: "" };
}

impl Options {
    pub(super) const OF_PIPES: Known = Known {
        scope: true,
        access: true,
        names: "scope=user|system and access=everyone|group:NAME",
        ..Known::NONE
    };
    pub(super) const OF_PATHS: Known =
        Known { access: true, names: "access=everyone|group:NAME", ..Known::NONE };
    pub(super) const OF_TCP: Known = Known { insecure: true, names: "insecure=1", ..Known::NONE };
    pub(super) const OF_TLS: Known = Known {
        security: true,
        names: "certificate=FILE, key=FILE, trust=FILE|sha256:HEX|system|anyone and name=NAME",
        ..Known::NONE
    };
}

/// Splits an endpoint into the text before the first `?` and its options.
pub(super) fn split(text: &str, known: Known) -> Result<(&str, Options), String> {
    let mut options = Options::default();
    let Some((rest, given)) = text.split_once('?') else {
        return Ok((text, options));
    };
    for option in given.split('&') {
        match option.split_once('=') {
            Some(("scope", value)) if known.scope => {
                set("scope", &mut options.scope, scope(value)?)?;
            }
            Some(("access", value)) if known.access => {
                set("access", &mut options.access, access(value)?)?;
            }
            Some(("insecure", value)) if known.insecure => {
                set("insecure", &mut options.insecure, insecure(value)?)?;
            }
            Some((name, value)) if known.security && options.security.set(name, value)? => {}
            _ => return Err(format!("{option:?} is an unknown option; known: {}", known.names)),
        }
    }
    Ok((rest, options))
}

impl Security {
    /// Sets the option of this name; false if there is none.
    fn set(&mut self, name: &str, value: &str) -> Result<bool, String> {
        match name {
            "certificate" => set(name, &mut self.certificate, value.into())?,
            "key" => set(name, &mut self.key, value.into())?,
            "trust" => set(name, &mut self.trust, Trust::parse(value)?)?,
            "name" => set(name, &mut self.name, value.to_string())?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn set<T>(name: &str, option: &mut Option<T>, value: T) -> Result<(), String> {
    match option.replace(value) {
        Some(_) => Err(format!("{name} is given twice")),
        None => Ok(()),
    }
}

fn scope(value: &str) -> Result<Scope, String> {
    match value {
        "user" => Ok(Scope::User),
        "system" => Ok(Scope::System),
        _ => Err(format!("the scope must be user or system, not {value:?}")),
    }
}

fn access(value: &str) -> Result<Access, String> {
    match value.split_once(':') {
        Some(("group", group)) => Ok(Access::Group(group.to_string())),
        None if value == "everyone" => Ok(Access::Everyone),
        _ => Err(format!("the access must be everyone or group:NAME, not {value:?}")),
    }
}

fn insecure(value: &str) -> Result<(), String> {
    match value {
        "1" => Ok(()),
        _ => Err(format!("insecure can only be 1, not {value:?}")),
    }
}

/// Writes the options that differ from the default, in the form that [`split`] reads.
pub(super) fn write(f: &mut fmt::Formatter<'_>, scope: Scope, access: &Access) -> fmt::Result {
    let scope = match scope {
        Scope::User => None,
        Scope::System => Some("scope=system".to_string()),
    };
    let access = match access {
        Access::Owner => None,
        Access::Group(group) => Some(format!("access=group:{group}")),
        Access::Everyone => Some("access=everyone".to_string()),
    };
    let mut mark = '?';
    for option in scope.into_iter().chain(access) {
        write!(f, "{mark}{option}")?;
        mark = '&';
    }
    Ok(())
}
