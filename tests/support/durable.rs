//! A ledger that survives the process that writes it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::unique;

/// Records numbers in a file. Each record is one small append, which the system does completely or not at
/// all, and keeps when the process is killed.
pub struct DurableLedger {
    /// Locked, since wine appends in two steps: it finds the end, and writes there.
    file: Mutex<File>,
}

impl DurableLedger {
    /// A path for a ledger that no other test uses, where nothing is.
    pub fn place(name: &str) -> PathBuf {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(unique(name));
        // An earlier process with the same id may have left one.
        let _ = fs::remove_file(&place);
        place
    }

    /// The ledger at this path.
    pub fn open(place: &Path) -> DurableLedger {
        let file = File::options().append(true).create(true).open(place).unwrap();
        DurableLedger { file: Mutex::new(file) }
    }

    /// Records that a number ran.
    pub fn note(&self, number: u64) {
        self.file.lock().unwrap().write_all(&number.to_le_bytes()).unwrap();
    }

    /// How often each number below `numbers` ran, as recorded at this path.
    pub fn runs(place: &Path, numbers: u64) -> Vec<u32> {
        let noted = fs::read(place).unwrap();
        let mut runs = vec![0; numbers as usize];
        for number in noted.chunks(8) {
            let number = u64::from_le_bytes(number.try_into().expect("whole notes"));
            runs[number as usize] += 1;
        }
        runs
    }
}
