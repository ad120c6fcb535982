//! `callgate trace show`.

use std::path::PathBuf;
use std::process::ExitCode;

use callgate::unstable::wire::Message;

use crate::commands::trace::{json, text};
use crate::failure::Failure;
use crate::output;
use crate::recording::{cannot_read, Calls, Event, Frame, Recording};

/// Show what a trace has: one line for each message, with the time since the first.
///
/// `->` goes to the host, `<-` to the client. With --json each line is an object.
#[derive(clap::Args)]
pub struct Show {
    /// The trace.
    file: PathBuf,
}

impl Show {
    pub fn run(&self, json: bool) -> Result<ExitCode, Failure> {
        let mut recording = Recording::open(&self.file)?;
        let mut calls = Calls::default();
        let mut clock = text::Clock::default();
        while let Some(event) = recording.next().map_err(|error| cannot_read(&self.file, &error))? {
            let made = match &event {
                Event::Frame(frame) => note(&mut calls, frame),
                _ => None,
            };
            let line = match json {
                true => output::one_line(&json::event(&event, &recording, made.as_ref())),
                false => text::event(&event, &recording, made.as_ref(), &mut clock),
            };
            output::line(&line)?;
            if let Event::Ended { connection, .. } = event {
                calls.end(connection);
            }
        }
        if recording.is_cut() {
            output::note(&"the trace ends within a record: what recorded it has ended early");
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Notes a call, or finds the one that a frame is the reply to.
fn note(calls: &mut Calls, frame: &Frame) -> Option<text::Replied> {
    let id = match frame.message().ok()? {
        Message::Call(header, _) => {
            let (interface, method) = (header.interface.as_str(), header.method.as_str());
            calls.note(frame, header.id, interface, method);
            return None;
        }
        Message::Reply { id, .. } => id,
        Message::Error(header, _) => header.id,
        _ => return None,
    };
    let (made, took) = calls.take(frame, id)?;
    Some(text::Replied { made, took })
}
