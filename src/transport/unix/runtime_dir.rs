//! The folders for named pipes. They never depend on the environment.
//!
//! Everybody may write to `/tmp`, so another user may own the folder there that this user needs. Then the
//! folder in the home directory, which the system's list of users names, takes its place on both sides.

use super::{os, users};
use crate::error::{Error, Result, Status};
use crate::transport::Scope;
use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

/// The end of a socket's file name.
const SOCKET: &str = ".sock";

/// A folder for sockets, and what makes it safe.
pub(super) struct RuntimeDir {
    path: PathBuf,
    owner: u32,
    /// The most permissions that it may have.
    mode: u32,
}

/// The folders of a scope, the preferred one for listening first.
pub(super) fn of(scope: Scope) -> Vec<RuntimeDir> {
    if scope == Scope::System {
        return vec![RuntimeDir { path: "/run/callgate".into(), owner: 0, mode: 0o755 }];
    }
    let owner = os::user();
    of_user(owner, &format!("/run/user/{owner}"), format!("/tmp/callgate-{owner}"), users::home)
}

/// The folders of a user: in the session, which may begin after a host of that user; and outside of it.
fn of_user(
    owner: u32,
    session: &str,
    shared: String,
    home: impl FnOnce(u32) -> Option<PathBuf>,
) -> Vec<RuntimeDir> {
    let private = |path: PathBuf| RuntimeDir { path, owner, mode: 0o700 };
    let home = || home(owner).map(|home| private(home.join(".callgate")));
    let mut folders = Vec::new();
    let found = fs::symlink_metadata(session);
    if found.is_ok_and(|found| found.is_dir() && found.uid() == owner) {
        folders.push(private(Path::new(session).join("callgate")));
    }
    let shared = private(shared.into());
    match fs::symlink_metadata(&shared.path) {
        Ok(found) if found.uid() != owner => folders.push(home().unwrap_or(shared)),
        Ok(_) => folders.push(shared),
        // Another user may have owned it when a host began to listen.
        Err(_) => {
            folders.push(shared);
            folders.extend(home());
        }
    }
    folders
}

impl RuntimeDir {
    /// The path of the socket with this name.
    pub(super) fn socket(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}{SOCKET}"))
    }

    /// The names whose sockets a process listens on; none if the folder does not exist.
    pub(super) fn live_names(&self) -> Result<Vec<String>> {
        if !self.check()? {
            return Ok(Vec::new());
        }
        let failed = |error: io::Error| self.failed("read", &error);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let file = entry.file_name();
            let name = file.to_str().and_then(|file| file.strip_suffix(SOCKET));
            names.extend(name.filter(|_| is_open(&entry.path())).map(str::to_owned));
        }
        Ok(names)
    }

    /// Whether the folder exists; an error if it exists and is not safe.
    pub(super) fn check(&self) -> Result<bool> {
        let path = self.path.display();
        let found = match fs::symlink_metadata(&self.path) {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(self.failed("examine", &error)),
        };
        let mode = found.mode() & 0o777;
        let fault = if !found.is_dir() {
            "is a link or a file; remove it".to_string()
        } else if found.uid() != self.owner {
            let (found, owner) = (found.uid(), self.owner);
            format!("belongs to user {found}, not {owner}; have it removed, or use unix:///path")
        } else if mode & !self.mode != 0 {
            format!("is open to others (mode {mode:o}); run: chmod {:o} {path}", self.mode)
        } else {
            return Ok(true);
        };
        let message = format!("the pipe folder {path} is not safe: it {fault}");
        Err(Error::new(Status::AccessDenied, message))
    }

    /// Creates the folder unless it exists, and checks it.
    pub(super) fn prepare(&self) -> Result<()> {
        if self.check()? {
            return Ok(());
        }
        match DirBuilder::new().mode(self.mode).create(&self.path) {
            // Restores what the umask removed; nobody else can have replaced the folder.
            Ok(()) => fs::set_permissions(&self.path, Permissions::from_mode(self.mode))
                .map_err(|error| self.failed("set the permissions of", &error))?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(self.failed("make", &error)),
        }
        self.check().map(drop)
    }

    fn failed(&self, what: &str, error: &io::Error) -> Error {
        let mut what = format!("cannot {what} the pipe folder {}", self.path.display());
        if error.kind() == ErrorKind::PermissionDenied && os::user() != self.owner {
            what += " (only root can create system-scope pipes)";
        }
        Error::from_io(Status::AccessDenied, what, error)
    }
}

/// Whether a process has the socket of a file open, as far as this user may know. The listener does not notice: the
/// system refuses a socket of another type.
fn is_open(path: &Path) -> bool {
    let probe = UnixDatagram::unbound().and_then(|probe| probe.connect(path));
    probe.is_err_and(|error| error.raw_os_error() == Some(libc::EPROTOTYPE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{lchown, symlink};

    /// A temporary folder, removed with its content on drop.
    struct TestDir(PathBuf);

    impl TestDir {
        fn new(test: &str) -> TestDir {
            let name = format!("callgate-folder-{test}-{}", std::process::id());
            let test_dir = std::env::temp_dir().join(name);
            fs::create_dir(&test_dir).unwrap();
            TestDir(test_dir)
        }

        fn dir(&self) -> RuntimeDir {
            RuntimeDir { path: self.0.join("pipes"), owner: os::user(), mode: 0o700 }
        }
    }

    impl Drop for TestDir {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn refusal(dir: &RuntimeDir) -> String {
        let error = dir.prepare().unwrap_err();
        assert_eq!(error.status(), Status::AccessDenied);
        error.message().to_string()
    }

    #[test]
    fn it_is_made_private_once() {
        let test_dir = TestDir::new("made");
        let dir = test_dir.dir();
        assert!(!dir.check().unwrap());
        dir.prepare().unwrap();
        dir.prepare().unwrap();
        assert!(dir.check().unwrap());
        let mode = fs::metadata(&dir.path).unwrap().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_link_is_refused_even_to_a_good_folder() {
        let test_dir = TestDir::new("link");
        let dir = test_dir.dir();
        dir.prepare().unwrap();
        let target = test_dir.0.join("elsewhere");
        fs::rename(&dir.path, &target).unwrap();
        symlink(&target, &dir.path).unwrap();
        assert!(refusal(&dir).contains("link"));
    }

    #[test]
    fn one_that_others_may_enter_is_refused_with_the_cure() {
        let test_dir = TestDir::new("open");
        let dir = test_dir.dir();
        dir.prepare().unwrap();
        fs::set_permissions(&dir.path, Permissions::from_mode(0o710)).unwrap();
        let message = refusal(&dir);
        assert!(message.contains("mode 710"), "{message}");
        assert!(message.contains("chmod 700 /"), "{message}");
    }

    #[test]
    fn the_home_directory_has_one_where_another_user_took_the_shared_folder() {
        let test_dir = TestDir::new("squatted");
        let (home, shared) = (test_dir.0.join("home"), test_dir.0.join("shared"));
        fs::create_dir(&home).unwrap();
        let none = test_dir.0.join("none").display().to_string();
        let of = |owner, home: Option<&PathBuf>| {
            let dirs = of_user(owner, &none, shared.display().to_string(), |_| home.cloned());
            let paths: Vec<PathBuf> = dirs.into_iter().map(|dir| dir.path).collect();
            paths
        };
        let (me, fallback) = (os::user(), home.join(".callgate"));
        // It does not exist yet.
        assert_eq!(of(me, Some(&home)), [&*shared, &fallback]);
        fs::create_dir(&shared).unwrap();
        assert_eq!(of(me, Some(&home)), [&*shared]);
        assert_eq!(of(me + 1, Some(&home)), [&*fallback]);
        // It is refused.
        assert_eq!(of(me + 1, None), [&*shared]);
    }

    #[test]
    fn one_of_another_user_is_refused() {
        let test_dir = TestDir::new("foreign");
        let mut dir = test_dir.dir();
        dir.prepare().unwrap();
        match os::user() {
            0 => lchown(&dir.path, Some(65_534), None).unwrap(),
            user => dir.owner = user + 1,
        }
        assert!(refusal(&dir).contains("belongs to user"));
    }
}
