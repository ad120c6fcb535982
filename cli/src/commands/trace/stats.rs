//! `callgate trace stats`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use callgate::unstable::wire::Message;
use serde_json::{json, Value};

use crate::commands::trace::text::status_name;
use crate::duration::short;
use crate::failure::Failure;
use crate::output::{self, Plain, BOLD, RESET};
use crate::recording::{cannot_read, Calls, Event, Frame, Recording, Side};
use crate::statistics::Latencies;

/// The most methods that are counted by themselves: so memory is bounded.
const METHODS: usize = 4096;

/// Count the calls of a trace by method, with their errors and latencies.
///
/// Latencies are those that the recording side saw.
#[derive(clap::Args)]
pub struct Stats {
    /// The trace.
    file: PathBuf,
}

/// What is known of one method, called by one side.
#[derive(Default)]
struct Method {
    calls: u64,
    one_way: u64,
    errors: BTreeMap<i64, u64>,
    bytes: u64,
    latencies: Latencies,
}

#[derive(Default)]
struct Counted {
    /// By caller, interface and method.
    methods: BTreeMap<(&'static str, String, String), Method>,
    calls: Calls,
    connections: u64,
    messages: u64,
    bytes: u64,
    without_reply: u64,
    not_recorded: u64,
    first: Option<Duration>,
    last: Duration,
    stopped: Option<String>,
}

impl Stats {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let mut recording = Recording::open(&self.file)?;
        let mut counted = Counted::default();
        while let Some(event) = recording.next().map_err(|error| cannot_read(&self.file, &error))? {
            counted.count(event);
        }
        counted.without_reply += counted.calls.len() as u64;
        match json {
            true => output::json(&counted.to_json())?,
            false => counted.print()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Counted {
    fn count(&mut self, event: Event) {
        match event {
            Event::Began { .. } => self.connections += 1,
            Event::Frame(frame) => self.frame(&frame),
            Event::Ended { connection, time, dropped } => {
                self.without_reply += self.calls.end(connection) as u64;
                self.not_recorded += dropped;
                self.last = time;
            }
            Event::Stopped { time, reason } => {
                self.last = time;
                self.stopped = Some(reason);
            }
        }
    }

    fn frame(&mut self, frame: &Frame) {
        self.first.get_or_insert(frame.time);
        self.last = frame.time;
        self.messages += 1;
        self.bytes += frame.length;
        match frame.message() {
            Ok(Message::Call(header, _)) => {
                let (interface, method) = (header.interface.as_str(), header.method.as_str());
                self.calls.note(frame, header.id, interface, method);
                let counted = self.method(frame.from, interface, method);
                counted.calls += 1;
                counted.bytes += frame.length;
            }
            Ok(Message::OneWay(header, _)) => {
                let (interface, method) = (header.interface.as_str(), header.method.as_str());
                let counted = self.method(frame.from, interface, method);
                counted.one_way += 1;
                counted.bytes += frame.length;
            }
            Ok(Message::Reply { id, .. }) => self.reply(frame, id, None),
            Ok(Message::Error(header, _)) => self.reply(frame, header.id, Some(header.status)),
            _ => {}
        }
    }

    fn reply(&mut self, frame: &Frame, id: u64, status: Option<i64>) {
        let Some((made, took)) = self.calls.take(frame, id) else { return };
        let counted = self.method(frame.from.other(), &made.interface, &made.method);
        counted.bytes += frame.length;
        counted.latencies.add(took);
        if let Some(status) = status {
            // Of a status that does not exist it does not matter which.
            let known = if (1..=16).contains(&status) { status } else { 15 };
            *counted.errors.entry(known).or_default() += 1;
        }
    }

    fn method(&mut self, caller: Side, interface: &str, method: &str) -> &mut Method {
        let key = (caller.name(), interface.to_owned(), method.to_owned());
        let is_known = self.methods.len() < METHODS || self.methods.contains_key(&key);
        let others = || (caller.name(), "others".to_owned(), "others".to_owned());
        self.methods.entry(if is_known { key } else { others() }).or_default()
    }

    fn duration(&self) -> Duration {
        self.last.saturating_sub(self.first.unwrap_or(self.last))
    }

    fn print(&self) -> Result<(), Failure> {
        let Counted { connections, messages, bytes, .. } = self;
        let time = short(self.duration());
        let [messages, bytes, connections] =
            [(messages, "message"), (bytes, "byte"), (connections, "connection")]
                .map(|(count, what)| output::counted(*count, what));
        output::line(&format!("{messages}, {bytes}, {connections}, {time}"))?;
        for ((caller, interface, method), counted) in &self.methods {
            let (interface, method) = (Plain(interface), Plain(method));
            let Method { calls, one_way, bytes, latencies, .. } = counted;
            output::line(&format!("{BOLD}{interface}.{method}{RESET} called by the {caller}"))?;
            let one_way = if *one_way > 0 { format!(", {one_way} one-way") } else { String::new() };
            let calls = output::counted(*calls, "call");
            output::line(&format!("  {calls}{one_way}, {}", output::counted(*bytes, "byte")))?;
            for (status, count) in &counted.errors {
                let errors = output::counted(*count, "error");
                output::line(&format!("  {errors}: {}", status_name(*status)))?;
            }
            if latencies.count() > 0 {
                output::line(&format!("  {latencies}"))?;
            }
        }
        for (count, what, which) in [
            (self.without_reply, "call", "without a reply"),
            (self.not_recorded, "message", "not recorded"),
        ] {
            if count > 0 {
                output::line(&format!("{} {which}", output::counted(count, what)))?;
            }
        }
        if let Some(reason) = &self.stopped {
            output::line(&Plain(reason))?;
        }
        Ok(())
    }

    fn to_json(&self) -> Value {
        let methods = self.methods.iter().map(|((caller, interface, method), counted)| {
            let errors =
                counted.errors.iter().map(|(status, count)| (status_name(*status), *count));
            json!({
                "caller": caller,
                "interface": interface,
                "method": method,
                "calls": counted.calls,
                "one_way": counted.one_way,
                "bytes": counted.bytes,
                "errors": errors.collect::<BTreeMap<_, _>>(),
                "latencies": counted.latencies.to_json(),
            })
        });
        json!({
            "connections": self.connections,
            "messages": self.messages,
            "bytes": self.bytes,
            "duration_ns": self.duration().as_nanos() as u64,
            "without_reply": self.without_reply,
            "not_recorded": self.not_recorded,
            "stopped": self.stopped,
            "methods": methods.collect::<Vec<_>>(),
        })
    }
}
