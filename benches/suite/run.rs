//! The measuring process of a row.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::floor::Floor;
use crate::measure::{self, Amount, Line, Outcome, Subject};
use crate::placement::{Placement, Side};
use crate::processes::{me, pinned, Process};
use crate::rows::Row;
use crate::server::Server;
use crate::system;

/// What a measuring process must do.
#[derive(Clone, Serialize, Deserialize)]
pub struct Order {
    pub row: String,
    pub placement: Placement,
    pub is_quick: bool,
    /// The processors that were available before anything was pinned.
    pub processors: Vec<usize>,
}

/// The result; `Err` says why the row was skipped.
pub type Verdict = Result<Outcome, String>;

/// What a row measures with.
pub struct Run {
    pub amount: Amount,
    pub is_quick: bool,
    /// The serving process.
    pub server: Server,
    places: Places,
    /// The processes whose CPU time counts.
    processes: Vec<u32>,
    /// Removed after the servers have ended.
    folder: Folder,
}

impl Run {
    /// Both floors as subjects.
    pub fn floors(&self, floors: &[Floor; 2]) -> Vec<Subject<'static>> {
        let subjects = floors.iter().map(|floor| {
            let mut asker = self.server.floor(floor);
            Subject::calls(floor.name(), move || asker.ask())
        });
        subjects.collect()
    }

    /// A path in this run's own folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.0.join(name)
    }

    /// Starts another serving process of this row.
    pub fn start_server(&mut self, name: &str) -> Server {
        let server = self.places.server(&self.path(name));
        self.processes.push(server.process.id());
        server
    }

    /// Starts a program on the processor of this side. Its CPU time counts.
    pub fn start<S: AsRef<OsStr>>(
        &mut self,
        side: Side,
        program: impl AsRef<OsStr>,
        arguments: &[S],
    ) -> Process {
        let process = self.places.start(side, program.as_ref(), arguments);
        self.processes.push(process.id());
        process
    }

    /// Measures the subjects, interleaved.
    pub fn lines(&self, subjects: Vec<Subject<'_>>) -> Vec<Line> {
        let all = || self.processes.iter().map(|&process| system::processor_time(process)).sum();
        measure::interleave(self.amount, all, subjects)
    }

    /// Measures the subjects, interleaved: references first, and last the one compared with them.
    pub fn measure(&self, subjects: Vec<Subject<'_>>) -> Verdict {
        Ok(Outcome::of(self.lines(subjects)))
    }
}

/// Where processes are placed.
struct Places(Order);

impl Places {
    fn start<S: AsRef<OsStr>>(&self, side: Side, program: &OsStr, arguments: &[S]) -> Process {
        let processor = self.0.placement.processor(side, &self.0.processors);
        let mut command = pinned(program, processor);
        command.args(arguments);
        Process::start(command)
    }

    fn server(&self, folder: &Path) -> Server {
        fs::create_dir(folder).expect("the folder is new");
        let arguments = ["serve".as_ref(), OsStr::new(&self.0.row), folder.as_ref()];
        let process = self.start(Side::Server, me().get_program(), &arguments);
        Server { process, folder: folder.into() }
    }
}

/// A folder of this process, removed on drop.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        let name = format!("callgate-bench-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        // A killed process with the same number may have left one.
        fs::remove_dir_all(&path).ok();
        fs::create_dir(&path).expect("the folder can be made");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// Carries out an order, in a process of its own that is already pinned.
pub fn obey(order: Order, row: &Row) -> Verdict {
    system::allow_many_descriptors();
    let (folder, is_quick) = (Folder::new(), order.is_quick);
    let places = Places(order);
    let server = places.server(&folder.0.join("server"));
    let processes = vec![std::process::id(), server.process.id()];
    let amount = if is_quick { row.quick } else { row.whole };
    (row.measure)(&mut Run { amount, is_quick, server, places, processes, folder })
}
