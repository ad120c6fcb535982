//! Users of this machine.

use std::fmt;

use super::system;
use crate::error::{Error, Result, Status};

/// A user of this machine, by what the operating system compares: a uid on Unix, a SID on Windows. Its
/// `Display` shows that.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum User {
    /// A user of Unix, by its uid.
    Unix(u32),
    /// An account of Windows, by its security identifier as text: `S-1-5-18`.
    Windows(String),
}

impl User {
    /// The uid of a user of Unix.
    pub fn uid(&self) -> Option<u32> {
        match self {
            User::Unix(uid) => Some(*uid),
            User::Windows(_) => None,
        }
    }

    /// The SID of an account of Windows.
    pub fn sid(&self) -> Option<&str> {
        match self {
            User::Unix(_) => None,
            User::Windows(sid) => Some(sid),
        }
    }

    /// The account's name, `DOMAIN\name` on Windows; `None` if it has none. For people: names can be given to
    /// another account, and two domains can have the same. The system looks it up anew each time, and may
    /// ask a server for it.
    pub fn name(&self) -> Option<String> {
        system::user_name(self)
    }

    /// The user that is meant by a name, by a uid on Unix or by a SID on Windows. The system may ask a server
    /// for a name.
    pub(crate) fn find(text: &str) -> Result<User> {
        let is_possible = !text.is_empty() && !text.contains(char::is_control);
        let found = if is_possible { system::find_user(text) } else { Ok(None) };
        let found = found.map_err(|error| {
            let what = format!("cannot look up the user {text:?}");
            Error::from_io(Status::AccessDenied, what, &error)
        })?;
        found.ok_or_else(|| {
            let message = format!("there is no user {text:?} on this machine");
            Error::new(Status::InvalidArgument, message)
        })
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            User::Unix(uid) => uid.fmt(f),
            User::Windows(sid) => sid.fmt(f),
        }
    }
}

#[cfg(all(test, not(callgate_shuttle)))]
mod tests {
    use super::*;

    #[test]
    fn this_user_is_found_by_what_identifies_it_and_by_name() {
        let own = system::own_user().expect("known");
        assert_eq!(User::find(&own.to_string()).unwrap(), own);
        assert_eq!(User::find(&own.name().expect("this user has a name")).unwrap(), own);
        assert_eq!(own.uid().is_some(), cfg!(unix));
        assert_eq!(own.sid().is_some(), cfg!(windows));
    }

    #[test]
    fn unknown_users_are_refused() {
        for unknown in ["no such user", "", "-1", "4294967296", "S-1-", "a\0b"] {
            let error = User::find(unknown).unwrap_err();
            assert_eq!(error.status(), Status::InvalidArgument, "{unknown:?}: {error}");
            assert!(error.message().contains(&format!("{unknown:?}")), "{error}");
        }
    }
}
