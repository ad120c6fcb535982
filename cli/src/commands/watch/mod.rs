//! `callgate watch`.

mod figures;
mod history;
mod numbers;
mod report;
mod sample;
mod screen;
#[cfg(test)]
mod tests;
mod view;

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use crate::duration;
use crate::failure::Failure;
use crate::output::{self, one_line};
use crate::target::Target;

use figures::{CallFigures, Figures};
use history::History;
use sample::{About, Sample, Sampler};

/// The shortest interval: a shorter one would watch itself.
const SHORTEST: Duration = Duration::from_millis(50);

/// Watch what a host does: calls a second, latencies, errors, connections, and what waits.
///
/// On a terminal this is a screen, which q, Esc or Ctrl-C leaves. Otherwise a line is printed after each interval, and
/// with --json a JSON object. A host that is gone may come back. Latencies are those of the last 10 seconds. The figures
/// include the connection and the calls of this command.
#[derive(clap::Args)]
pub struct Watch {
    #[command(flatten)]
    target: Target,
    /// The time between two samples.
    #[arg(long, short, value_name = "TIME", default_value = "500ms", value_parser = interval)]
    interval: Duration,
    /// Print one sample, with the rates over one interval, and end. Fails without a host.
    #[arg(long)]
    once: bool,
}

fn interval(text: &str) -> Result<Duration, String> {
    let interval = duration::parse(text)?;
    match interval >= SHORTEST {
        true => Ok(interval),
        false => Err(format!("{text} is too short: the shortest is {}", duration::short(SHORTEST))),
    }
}

impl Watch {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let host = self.target.host(sample::set_up(self.target.builder()?))?;
        if self.once {
            host.wait_connected(self.target.connect_timeout)?;
            self.print_one(Sampler::new(host), json)?;
        } else if json || !io::stdout().is_terminal() {
            self.print_all(Sampler::new(host), json)?;
        } else {
            screen::run(&self.target.endpoints, Sampler::new(host), self.interval)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn print_one(&self, mut sampler: Sampler, json: bool) -> Result<(), Failure> {
        let mut history = History::default();
        history.add(Ok(sampler.sample()?));
        thread::sleep(self.interval);
        history.add(Ok(sampler.sample()?));
        match history.figures() {
            Some(figures) => self.print(&history, &figures, json),
            // The host was replaced by another meanwhile.
            None => self.print_one(sampler, json),
        }
    }

    /// Prints a line after each interval, and one when the host goes away.
    fn print_all(&self, mut sampler: Sampler, json: bool) -> Result<(), Failure> {
        let mut history = History::default();
        loop {
            let was_gone = history.failure.is_some();
            history.add(sampler.sample());
            match (history.figures(), &history.failure) {
                (Some(figures), _) => self.print(&history, &figures, json)?,
                (None, Some(error)) if !was_gone => self.print_failure(error, json)?,
                _ => {}
            }
            thread::sleep(self.interval);
        }
    }

    fn print(&self, history: &History, figures: &Figures, json: bool) -> Result<(), Failure> {
        let endpoint = history.endpoint(&self.target.endpoints);
        let line = match json {
            true => one_line(&report::json(endpoint, history, figures)),
            false => report::line(endpoint, figures),
        };
        Ok(output::line(&line)?)
    }

    fn print_failure(&self, error: &callgate::Error, json: bool) -> Result<(), Failure> {
        let endpoints = &self.target.endpoints;
        let line = match json {
            true => one_line(&report::failure_json(endpoints, error)),
            false => format!("{endpoints}: {}", report::failure(error)),
        };
        Ok(output::line(&line)?)
    }
}
