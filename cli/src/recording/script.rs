//! The calls of a trace, to be played.

use std::collections::HashSet;
use std::io;
use std::path::Path;

use callgate::unstable::wire::{metadata_pairs, ErrorHeader, Message};
use callgate::{Error, Execution, Remote, Status};

use crate::failure::Failure;
use crate::recording::{cannot_read, Event, Frame, Payload, Recording, Side};

/// The most bytes of payloads that are kept.
const MOST: usize = 512 * 1024 * 1024;

/// The interface by which a host describes itself. Its replies differ from process to process.
const HOST_INTERFACE: &str = "callgate.Host";

/// A call that was made.
#[derive(Clone)]
pub struct Call {
    pub interface: String,
    pub method: String,
    pub signature: Option<String>,
    pub metadata: Vec<(String, String)>,
    pub arguments: Vec<u8>,
    pub lane: u64,
    /// The id of the call in the other direction that it is nested in.
    pub parent: Option<u64>,
    pub is_one_way: bool,
}

impl Call {
    /// Its name, for people.
    pub fn name(&self) -> String {
        format!("{}.{}", self.interface, self.method)
    }
}

/// What a call ended with.
pub type Outcome = Result<Vec<u8>, Error>;

/// Something that happened on a connection.
pub enum Step {
    /// `from` made a call. A one-way call has no id.
    Call { from: Side, id: Option<u64>, call: Call },
    /// `to` got the outcome of its call.
    Outcome { to: Side, id: u64, outcome: Outcome },
    /// `from` gave its call up.
    Cancel { from: Side, id: u64 },
    /// The connection ended.
    End,
}

/// The steps of a trace, each with the number of its connection.
#[derive(Default)]
pub struct Script {
    pub steps: Vec<(usize, Step)>,
    /// The number of messages of which only the beginning is recorded. They are no steps.
    pub cut: usize,
}

impl Script {
    /// Reads the calls of a trace. With `own`, also those of the interface by which hosts describe themselves.
    ///
    /// # Errors
    /// If the file cannot be read, is no trace, or has no payloads.
    pub fn read(path: &Path, own: bool) -> Result<Script, Failure> {
        let mut recording = Recording::open(path)?;
        let mut script = Script::default();
        let (mut size, mut skipped) = (0, HashSet::new());
        while let Some(event) = recording.next().map_err(|error| cannot_read(path, &error))? {
            let (connection, step) = match event {
                Event::Frame(frame) => {
                    size += frame.length as usize;
                    let step = script.step(&frame).map_err(|error| cannot_read(path, &error))?;
                    (frame.connection, step)
                }
                Event::Ended { connection, .. } => (connection, Some(Step::End)),
                Event::Began { .. } | Event::Stopped { .. } => continue,
            };
            if size > MOST {
                let error = io::Error::other(format!("it has more than {MOST} bytes"));
                return Err(cannot_read(path, &error));
            }
            let Some(step) = step else { continue };
            let is_skipped = match &step {
                Step::Call { id, call, .. } if !own && call.interface == HOST_INTERFACE => {
                    skipped.extend(id.map(|id| (connection, id)));
                    true
                }
                Step::Outcome { to: Side::Client, id, .. } => skipped.remove(&(connection, *id)),
                _ => false,
            };
            if !is_skipped {
                script.steps.push((connection, step));
            }
        }
        Ok(script)
    }

    /// The step that a frame is, if it belongs to a call.
    fn step(&mut self, frame: &Frame) -> io::Result<Option<Step>> {
        let Ok(message) = frame.message() else {
            self.cut += usize::from(frame.payload != Payload::Whole);
            return Ok(None);
        };
        let from = frame.from;
        let step = match message {
            Message::Call(it, arguments) => {
                let call = Call {
                    interface: it.interface.as_str().into(),
                    method: it.method.as_str().into(),
                    signature: it.signature.map(str::to_owned),
                    metadata: pairs(it.metadata),
                    arguments: arguments.into(),
                    lane: it.lane,
                    parent: it.parent,
                    is_one_way: false,
                };
                Step::Call { from, id: Some(it.id), call }
            }
            Message::OneWay(it, arguments) => {
                let call = Call {
                    interface: it.interface.as_str().into(),
                    method: it.method.as_str().into(),
                    signature: it.signature.map(str::to_owned),
                    metadata: pairs(it.metadata),
                    arguments: arguments.into(),
                    lane: it.lane,
                    parent: it.parent,
                    is_one_way: true,
                };
                Step::Call { from, id: None, call }
            }
            Message::Reply { id, result, .. } => {
                Step::Outcome { to: from.other(), id, outcome: Ok(result.into()) }
            }
            Message::Error(header, data) => {
                let outcome = Err(error(&header, data));
                Step::Outcome { to: from.other(), id: header.id, outcome }
            }
            Message::Cancel { id } => return Ok(Some(Step::Cancel { from, id })),
            _ => return Ok(None),
        };
        match frame.payload {
            Payload::Whole => Ok(Some(step)),
            Payload::LeftOut(_) => Err(io::Error::other(
                "it has no payloads; record with CALLGATE_TRACE_PAYLOADS=1, or --payloads",
            )),
            Payload::Cut(_) => {
                self.cut += 1;
                Ok(None)
            }
        }
    }
}

fn pairs(metadata: Option<&[u8]>) -> Vec<(String, String)> {
    let pairs = metadata.into_iter().flat_map(metadata_pairs);
    // A program does not send those that the protocol reserves.
    let pairs = pairs.filter(|(key, _)| !key.starts_with("callgate."));
    pairs.map(|(key, value)| (key.into(), value.into())).collect()
}

/// The error that a frame carries.
fn error(header: &ErrorHeader<'_>, data: &[u8]) -> Error {
    let known = |number: i64| i32::try_from(number).ok();
    let status = known(header.status).and_then(Status::from_code).unwrap_or(Status::Internal);
    let execution = known(header.execution).and_then(Execution::from_code);
    let error =
        Error::new(status, header.message).with_execution(execution.unwrap_or(Execution::Unknown));
    match (header.type_name, header.trace, data) {
        (None, None, [0xc0]) => error,
        (type_name, trace, data) => error.with_remote(Remote {
            type_name: type_name.unwrap_or_default().into(),
            trace: trace.unwrap_or_default().into(),
            data: if data == [0xc0] { Vec::new() } else { data.into() },
        }),
    }
}
