//! The names of pipes.

use crate::transport::Scope;

/// Where the system keeps pipes.
pub(super) const FOLDER: &str = r"\\.\pipe\";

/// What precedes an endpoint's name, below [`FOLDER`]. Only administrators and the system can create pipes
/// below the system's prefix.
pub(super) fn prefix(scope: Scope, user: &str) -> String {
    match scope {
        Scope::User => format!("callgate.{user}."),
        Scope::System => r"ProtectedPrefix\Administrators\callgate.".to_string(),
    }
}

/// The whole name of a pipe.
pub(super) fn path(name: &str, scope: Scope, user: &str) -> String {
    format!("{FOLDER}{}{name}", prefix(scope, user))
}

/// The whole name of a pipe that other software has named.
pub(super) fn raw(name: &str) -> String {
    format!("{FOLDER}{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_the_system_have_names_of_their_own() {
        assert_eq!(path("x", Scope::User, "S-1-5-21-7"), r"\\.\pipe\callgate.S-1-5-21-7.x");
        let system = r"\\.\pipe\ProtectedPrefix\Administrators\callgate.x";
        assert_eq!(path("x", Scope::System, "S-1-5-21-7"), system);
    }

    #[test]
    fn the_longest_name_fits() {
        // A SID has at most 15 numbers of ten digits.
        let user = format!("S-1-5{}", "-4294967295".repeat(15));
        assert!(path(&"n".repeat(64), Scope::User, &user).len() <= 256);
    }
}
