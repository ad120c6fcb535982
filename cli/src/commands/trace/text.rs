//! Events of a trace for people.

use std::time::Duration;

use callgate::unstable::wire::{Hello, Message, Who};
use callgate::{Execution, Status};

use crate::duration::short;
use crate::output::{counted, Plain, DIM, RED, RESET};
use crate::recording::{Event, Frame, Made, Payload, Recording, Side};
use crate::values::shown;

/// How many bytes of a payload are shown; `--json` has more.
const SHOWN: usize = 256;

/// The call that a reply belongs to, and how long it took.
pub struct Replied {
    pub made: Made,
    pub took: Duration,
}

/// Times since the first frame.
#[derive(Default)]
pub struct Clock(Option<Duration>);

impl Clock {
    fn since(&mut self, time: Duration) -> String {
        let first = *self.0.get_or_insert(time);
        format!("{DIM}{:>11.6}{RESET}", time.saturating_sub(first).as_secs_f64())
    }
}

/// An event on one line.
pub fn event(
    event: &Event,
    recording: &Recording,
    replied: Option<&Replied>,
    clock: &mut Clock,
) -> String {
    match event {
        Event::Began { connection } => {
            let it = recording.connection(*connection);
            let recorder = it.recorder.name();
            let description = Plain(&it.description);
            format!(
                "            #{} begins, recorded by the {recorder}: {description}",
                connection + 1
            )
        }
        Event::Frame(frame) => {
            let arrow = match frame.from {
                Side::Client => "->",
                Side::Host => "<-",
            };
            let time = clock.since(frame.time);
            format!("{time} #{} {arrow} {}", frame.connection + 1, self::frame(frame, replied))
        }
        Event::Ended { connection, time, dropped: 0 } => {
            format!("{} #{} ends", clock.since(*time), connection + 1)
        }
        Event::Ended { connection, time, dropped } => {
            let time = clock.since(*time);
            format!(
                "{time} #{} ends; {} not recorded",
                connection + 1,
                counted(*dropped, "message")
            )
        }
        Event::Stopped { time, reason } => format!("{} {}", clock.since(*time), Plain(reason)),
    }
}

fn frame(frame: &Frame, replied: Option<&Replied>) -> String {
    let message = match frame.message() {
        Ok(message) => message,
        Err(_) if frame.payload != Payload::Whole => {
            return format!("{} bytes, which are not recorded", frame.length);
        }
        Err(malformed) => return format!("malformed: {}", Plain(&malformed.to_string())),
    };
    match message {
        Message::Hello(Hello { who, .. }) => format!("hello from {}", self::who(&who)),
        Message::Welcome(welcome) => format!("welcome from {}", who(&welcome.who)),
        Message::Auth { .. } => "authentication".into(),
        Message::Refuse { status, message } => {
            format!("{RED}refuse{RESET} {}: {}", status_name(status), Plain(message))
        }
        Message::Call(header, arguments) => {
            let name = name(header.interface.as_str(), header.method.as_str());
            let timeout =
                header.timeout_ms.map(|ms| format!(" within {}", short(Duration::from_millis(ms))));
            let parent = header.parent.map(|id| format!(" for call {id}"));
            let arguments = list(frame, arguments);
            let (timeout, parent) = (timeout.unwrap_or_default(), parent.unwrap_or_default());
            format!("call {} {name}({arguments}){timeout}{parent}", header.id)
        }
        Message::OneWay(header, arguments) => {
            let name = name(header.interface.as_str(), header.method.as_str());
            let parent = header.parent.map(|id| format!(" for call {id}")).unwrap_or_default();
            format!("one-way {name}({}){parent}", list(frame, arguments))
        }
        Message::Reply { id, result, .. } => {
            format!("reply {id}{}: {}", to(replied), payload(frame, result))
        }
        Message::Error(header, _) => {
            let execution = i32::try_from(header.execution).ok().and_then(Execution::from_code);
            let execution = execution.unwrap_or(Execution::Unknown);
            let type_name = header.type_name.map(|it| format!(" {}", Plain(it)));
            format!(
                "{RED}error{RESET} {}{}: {}, {execution}:{} {}",
                header.id,
                to(replied),
                status_name(header.status),
                type_name.unwrap_or_default(),
                Plain(header.message)
            )
        }
        Message::Cancel { id } => format!("cancel {id}"),
        Message::Credit { calls, bytes } => {
            format!("credit for {}, {}", counted(calls, "call"), counted(bytes, "byte"))
        }
        Message::Part { transfer, .. } => format!("part of transfer {transfer}"),
        Message::Ping { token } => format!("ping {token}"),
        Message::Pong { token } => format!("pong {token}"),
        Message::Goodbye { status, message } => {
            format!("goodbye: {}: {}", status_name(status), Plain(message))
        }
    }
}

fn who(who: &Who) -> String {
    let Who { library, language, pid } = who;
    format!("{}, {}, process {pid}", Plain(library), Plain(language))
}

fn name(interface: &str, method: &str) -> String {
    format!("{}.{}", Plain(interface), Plain(method))
}

/// The call that is replied to.
fn to(replied: Option<&Replied>) -> String {
    let Some(Replied { made, took }) = replied else { return String::new() };
    format!(" to {} after {}", name(&made.interface, &made.method), short(*took))
}

/// The name of a status.
pub fn status_name(number: i64) -> String {
    let known = i32::try_from(number).ok().and_then(Status::from_code);
    known.map_or_else(|| format!("status {number}"), |status| status.name().into())
}

/// The arguments without their brackets.
fn list(frame: &Frame, arguments: &[u8]) -> String {
    let shown = payload(frame, arguments);
    let list = shown.strip_prefix('[').unwrap_or(&shown);
    list.strip_suffix(']').unwrap_or(list).to_owned()
}

fn payload(frame: &Frame, bytes: &[u8]) -> String {
    match frame.payload {
        Payload::Whole => shown(bytes, SHOWN),
        Payload::LeftOut(count) => format!("{count} bytes"),
        Payload::Cut(missing) => format!("{} bytes", bytes.len() as u64 + missing),
    }
}
