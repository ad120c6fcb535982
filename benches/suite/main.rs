//! The benchmark suite: Callgate between two processes, beside raw floors in the same run.
//! benches/README.md explains the rows and figures.
//!
//! ```text
//! cargo bench --bench suite                        # all rows; takes a while
//! cargo bench --bench suite -- --quick             # all rows, few calls: half a minute
//! cargo bench --bench suite -- null echo           # these rows
//! cargo bench --bench suite -- --json FILE         # the figures also go there
//! ```

mod bytes;
mod compile;
mod floor;
mod keys;
mod measure;
mod options;
mod placement;
mod processes;
mod report;
mod rows;
mod run;
mod server;
mod stats;
mod suite;
mod system;
mod work;

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // The first four are how this program runs itself.
    match words.as_slice() {
        ["pinned", processor, ..] => processes::become_pinned(processor, &arguments[2..]),
        ["serve", row, folder] => server::run(rows::named(row), folder),
        ["measure", order] => suite::measure(order),
        ["--help"] => print!("{}", options::usage()),
        words => match options::Options::parse(words) {
            Ok(options) => return suite::run(&options),
            Err(mistake) => {
                eprintln!("{mistake}\n\n{}", options::usage());
                return ExitCode::from(2);
            }
        },
    }
    ExitCode::SUCCESS
}
