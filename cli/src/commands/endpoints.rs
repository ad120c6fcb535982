//! `callgate endpoints`.

use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use callgate::{CallOptions, Endpoint, Scope};
use serde_json::{json, Value};

use crate::duration;
use crate::failure::Failure;
use crate::output::{self, Plain, BOLD, RESET};
use crate::process;
use crate::target::{HostStatus, Target};

/// How many hosts are asked at once.
const AT_ONCE: usize = 16;

/// List the pipes of this user on which hosts listen, and the processes behind them.
#[derive(clap::Args)]
pub struct Endpoints {
    /// List the pipes of the whole machine in place of this user's.
    #[arg(long)]
    system: bool,
    /// How long to wait for each host.
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = duration::parse)]
    connect_timeout: Duration,
}

/// A pipe, and what its host says; nothing if it does not reply.
struct Found {
    endpoint: Endpoint,
    host: Option<Answer>,
}

struct Answer {
    pid: Option<u32>,
    /// Missing if the host does not describe itself.
    status: Option<HostStatus>,
    interfaces: Option<usize>,
}

impl Endpoints {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let scope = if self.system { Scope::System } else { Scope::User };
        let mut found = Vec::new();
        for pipes in Endpoint::pipes(scope)?.chunks(AT_ONCE) {
            found.extend(thread::scope(|scope| {
                let asked = pipes.iter().map(|pipe| scope.spawn(|| self.ask(pipe)));
                let asked: Vec<_> = asked.collect();
                asked
                    .into_iter()
                    .map(|it| it.join().expect("it does not panic"))
                    .collect::<Vec<_>>()
            }));
        }
        match json {
            true => output::json(&found.iter().map(Found::to_json).collect::<Vec<_>>())?,
            false => print(&found)?,
        }
        Ok(ExitCode::SUCCESS)
    }

    fn ask(&self, pipe: &Endpoint) -> Found {
        let (endpoints, connect_timeout) = (pipe.to_string(), self.connect_timeout);
        let host = Target::new(endpoints, connect_timeout).connect().ok();
        let host = host.map(|host| Answer {
            pid: host.connection().and_then(|connection| connection.peer().pid),
            status: host.status(&CallOptions::default()).ok(),
            interfaces: host.interfaces().ok().map(|all| all.len()),
        });
        Found { endpoint: pipe.clone(), host }
    }
}

impl Found {
    fn to_json(&self) -> Value {
        let host = self.host.as_ref();
        let status = host.and_then(|host| host.status.as_ref());
        let pid = host.and_then(|host| host.pid);
        json!({
            "endpoint": self.endpoint.to_string(),
            "replies": host.is_some(),
            "pid": pid,
            "program": pid.and_then(process::name),
            "version": status.map(|status| &status.version),
            "uptime_ms": status.map(|status| status.uptime.as_millis() as u64),
            "interfaces": host.and_then(|host| host.interfaces),
        })
    }

    fn row(&self) -> [String; 6] {
        let known = |text: Option<String>| text.unwrap_or_else(|| "-".into());
        let host = self.host.as_ref();
        let pid = host.and_then(|host| host.pid);
        let status = host.and_then(|host| host.status.as_ref());
        let silent = || "(no reply)".to_owned();
        [
            self.endpoint.to_string(),
            known(pid.map(|pid| pid.to_string())),
            host.map_or_else(silent, |_| known(pid.and_then(process::name))),
            known(status.map(|status| status.version.clone())),
            known(status.map(|status| duration::long(status.uptime))),
            known(host.and_then(|host| host.interfaces).map(|count| count.to_string())),
        ]
    }
}

fn print(found: &[Found]) -> Result<(), Failure> {
    let heads = ["ENDPOINT", "PID", "PROGRAM", "VERSION", "UPTIME", "INTERFACES"];
    let rows: Vec<[String; 6]> =
        found.iter().map(|found| found.row().map(|cell| Plain(&cell).to_string())).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([heads[column].len()]).max().unwrap_or(0)
    };
    let widths: [usize; 6] = std::array::from_fn(width);
    let aligned = |cells: &[&str]| {
        let cells = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    output::line(&format!("{BOLD}{}{RESET}", aligned(&heads)))?;
    for row in &rows {
        output::line(&aligned(&row.each_ref().map(String::as_str)))?;
    }
    Ok(())
}
