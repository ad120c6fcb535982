//! What the callers and delegates of a run do.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use callgate::unstable::model::{sleep, spawn, JoinHandle};
use callgate::{
    CallOptions, CancelToken, Connection, Error, InboundCall, Proxy, Reply, Result, Status, Timeout,
};

use super::faults::Event;
use super::ledger::Ledger;

/// What both sides serve: in any order, and one call at a time. The third is served by nobody.
pub const INTERFACES: [&str; 3] = ["IAny", "IOrdered", "INone"];

/// The deepest nesting of calls.
const DEEPEST: u8 = 3;

/// The deadline of a call to a peer that may be mute, or within a call that nobody may wait for. No other call needs
/// one.
const PATIENCE: Duration = Duration::from_secs(2);

/// An input: all that happens in a run.
#[derive(Clone, Debug)]
pub struct Input {
    /// Decides what the order does not.
    pub seed: u64,
    pub setup: Setup,
    /// What happens to the bytes of the first connection.
    pub to_host: Vec<Event>,
    pub to_client: Vec<Event>,
    /// What calls do when they run, in turn.
    serves: Vec<Serve>,
    /// What two threads of the client and one of the host do.
    pub acts: [Vec<Act>; 3],
    /// In which order the threads run.
    pub order: Vec<u8>,
}

#[derive(Arbitrary, Clone, Debug)]
pub struct Setup {
    pub parts: [bool; 2],
    pub calls: u8,
    pub running: u8,
    pub queue: u8,
    pub frame: u8,
    /// Over TCP, where peers are pinged.
    pub pings: bool,
    /// Both have handlers for connections that begin and end.
    pub handlers: bool,
    /// All begin once the client is connected.
    pub connected: bool,
}

/// A call, whichever way it is made.
#[derive(Arbitrary, Clone, Debug)]
pub struct Call {
    way: Way,
    interface: u8,
    size: u8,
    timeout_ms: Option<u8>,
    cancel: bool,
}

#[derive(Arbitrary, Clone, Copy, Debug, PartialEq)]
enum Way {
    Wait,
    Start,
    OneWay,
}

/// One thing that a caller does.
#[derive(Clone, Debug)]
pub enum Act {
    Call(Call),
    Pause(u8),
    Flush(u8),
    CutNetwork,
    HangHost,
    CloseConnection,
    CloseClient,
    CloseHost,
}

/// What a delegate does with a call.
#[derive(Clone, Debug)]
enum Serve {
    Reply(u8),
    Fail,
    Nest(Call),
    Slow(u8),
    ReplyLater(u8),
    AwaitCancel(u8),
    Drop,
    CloseConnection,
}

/// At most `most` of something.
fn several<'a, T: Arbitrary<'a>>(
    input: &mut Unstructured<'a>,
    most: usize,
) -> arbitrary::Result<Vec<T>> {
    let count = input.int_in_range(0..=most)?;
    (0..count).map(|_| input.arbitrary()).collect()
}

/// The derived decoder would make short programs that do little but close.
impl<'a> Arbitrary<'a> for Input {
    fn arbitrary(input: &mut Unstructured<'a>) -> arbitrary::Result<Input> {
        let (seed, setup) = (input.arbitrary()?, input.arbitrary()?);
        let (to_host, to_client) = match input.ratio(1, 2)? {
            true => (several(input, 3)?, several(input, 3)?),
            false => (Vec::new(), Vec::new()),
        };
        let serves = several(input, 6)?;
        let acts = [several(input, 6)?, several(input, 6)?, several(input, 4)?];
        let order = input.bytes(input.len())?.to_vec();
        Ok(Input { seed, setup, to_host, to_client, serves, acts, order })
    }
}

impl<'a> Arbitrary<'a> for Act {
    fn arbitrary(input: &mut Unstructured<'a>) -> arbitrary::Result<Act> {
        Ok(match input.int_in_range(0..=63)? {
            0..=49 => Act::Call(input.arbitrary()?),
            50..=55 => Act::Pause(input.arbitrary()?),
            56..=57 => Act::Flush(input.arbitrary()?),
            58..=59 => Act::CutNetwork,
            60 => Act::HangHost,
            61 => Act::CloseConnection,
            62 => Act::CloseClient,
            _ => Act::CloseHost,
        })
    }
}

impl<'a> Arbitrary<'a> for Serve {
    fn arbitrary(input: &mut Unstructured<'a>) -> arbitrary::Result<Serve> {
        Ok(match input.int_in_range(0..=31)? {
            0..=9 => Serve::Reply(input.arbitrary()?),
            10..=12 => Serve::Fail,
            13..=19 => Serve::Nest(input.arbitrary()?),
            20..=22 => Serve::Slow(input.arbitrary()?),
            23..=26 => Serve::ReplyLater(input.arbitrary()?),
            27..=29 => Serve::AwaitCancel(input.arbitrary()?),
            30 => Serve::Drop,
            _ => Serve::CloseConnection,
        })
    }
}

/// What is around a call.
pub struct Around {
    /// Within how many calls it is made.
    depth: u8,
    /// Whether the caller of the innermost of them waits for it to the end, if there is one. If it does not, no
    /// parent lets the call pass, and calls of both sides may wait for each other's running slots.
    is_awaited: bool,
}

impl Around {
    /// What is around a call that is made within none.
    pub const NOTHING: Around = Around { depth: 0, is_awaited: true };
}

/// What the callers and delegates of a run share.
pub struct Program {
    pub ledger: Ledger,
    pub honest: bool,
    may_hang: bool,
    serves: Vec<Serve>,
    served: AtomicUsize,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Program {
    pub fn new(input: &Input) -> Arc<Program> {
        let mut events = input.to_host.iter().chain(&input.to_client);
        let hangs = input.acts.iter().flatten().any(|act| matches!(act, Act::HangHost));
        Arc::new(Program {
            ledger: Ledger::default(),
            honest: !events.clone().any(Event::lies),
            may_hang: hangs || events.any(Event::may_hang),
            serves: input.serves.clone(),
            served: AtomicUsize::new(0),
            threads: Mutex::default(),
        })
    }

    /// Runs a thread that [`Program::join`] waits for.
    pub fn spawn(&self, run: impl FnOnce() + Send + 'static) {
        let thread = spawn(run);
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
    }

    /// Waits for all threads.
    pub fn join(&self) {
        loop {
            let thread = self.threads.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(thread) = thread else { return };
            thread.join().expect("a panic ends the process");
        }
    }

    /// Makes a call by a proxy that `proxies` makes.
    pub fn call(
        self: &Arc<Self>,
        proxies: impl Fn(&str) -> Result<Proxy>,
        call: &Call,
        around: &Around,
    ) {
        let interface = match call.interface % 16 {
            0..=8 => INTERFACES[0],
            9..=14 => INTERFACES[1],
            _ => INTERFACES[2],
        };
        let Ok(proxy) = proxies(interface) else { return };
        let number = self.ledger.begin(call.way == Way::OneWay);
        let arguments = arguments(number, around.depth, call);
        let options = self.options(call, around);
        match call.way {
            Way::Wait => {
                let reply = proxy.call_bytes("Do", &arguments, &options);
                self.ends(number, reply);
            }
            Way::OneWay => {
                let sent = proxy.one_way_bytes("Do", &arguments, &options);
                self.ledger.end(number, sent);
            }
            Way::Start => {
                let program = self.clone();
                let done = move |reply| program.ends(number, reply);
                proxy.start_bytes("Do", arguments, &options, done).expect("a valid call");
            }
        }
    }

    fn ends(&self, number: usize, reply: Result<Reply>) {
        if let (Ok(reply), true) = (&reply, self.honest) {
            assert_eq!(reply[..3], result(number, 0)[..3], "the result of another call");
        }
        self.ledger.end(number, reply.map(drop));
    }

    fn options(self: &Arc<Self>, call: &Call, around: &Around) -> CallOptions {
        let mut options = CallOptions::default();
        options.timeout = match call.timeout_ms {
            Some(timeout) => Timeout::After(Duration::from_millis(u64::from(timeout % 32))),
            // It may wait for credit that the calls around it hold.
            None if around.depth > 0 && call.way == Way::OneWay => {
                Timeout::After(Duration::from_millis(2))
            }
            None if self.may_hang || !around.is_awaited => Timeout::After(PATIENCE),
            None => Timeout::Never,
        };
        if call.cancel {
            let token = CancelToken::new();
            options.cancel = Some(token.clone());
            self.spawn(move || token.cancel());
        }
        options
    }

    /// Serves a call, as a delegate.
    pub fn serve(self: &Arc<Self>, call: InboundCall) {
        let (number, around) = read_arguments(call.arguments());
        self.ledger.run(number);
        let turn = self.served.fetch_add(1, Ordering::Relaxed) % self.serves.len().max(1);
        match self.serves.get(turn).cloned().unwrap_or(Serve::Reply(0)) {
            Serve::Reply(size) => replied(call.reply_bytes(&result(number, size))),
            Serve::Fail => replied(call.fail(Error::remote_error("Failed", "as it was to"))),
            Serve::Nest(nested) => {
                if around.depth <= DEEPEST {
                    let connection: Connection = call.connection().clone();
                    self.call(|interface| connection.proxy(interface), &nested, &around);
                }
                replied(call.reply_bytes(&result(number, 0)));
            }
            Serve::Slow(time) => {
                pause(time);
                replied(call.reply_bytes(&result(number, 0)));
            }
            Serve::ReplyLater(time) => self.spawn(move || {
                pause(time);
                replied(call.reply_bytes(&result(number, time)));
            }),
            Serve::AwaitCancel(time) => {
                call.wait_cancelled(Some(Duration::from_millis(u64::from(time % 32))));
                replied(call.fail(Error::new(Status::Cancelled, "as was asked")));
            }
            Serve::Drop => drop(call),
            Serve::CloseConnection => {
                call.connection().close();
                replied(call.reply_bytes(&result(number, 0)));
            }
        }
    }
}

/// Sleeps for a few milliseconds.
pub fn pause(time: u8) {
    sleep(Duration::from_millis(u64::from(time % 32)));
}

/// The caller may be gone.
fn replied(outcome: Result<()>) {
    if let Err(error) = outcome {
        assert_ne!(error.status(), Status::Internal, "{error:?}");
    }
}

/// An array of the call's number, its depth, whether its caller waits for it to the end, and some padding.
fn arguments(number: usize, depth: u8, call: &Call) -> Vec<u8> {
    let is_awaited = call.way != Way::OneWay && call.timeout_ms.is_none() && !call.cancel;
    let is_awaited = if is_awaited { 0xc3 } else { 0xc2 };
    let number = [0xcd, (number >> 8) as u8, number as u8];
    let mut arguments = [&[0x94], &number[..], &[depth, is_awaited, 0xc4, call.size]].concat();
    arguments.resize(arguments.len() + usize::from(call.size), 0);
    arguments
}

/// The call's number, and what the calls made within it are to know. Where bytes were changed, anything.
fn read_arguments(arguments: &[u8]) -> (usize, Around) {
    match arguments {
        [_, _, high, low, depth, is_awaited, ..] => {
            let number = usize::from(*high) << 8 | usize::from(*low);
            (number, Around { depth: depth.saturating_add(1), is_awaited: *is_awaited == 0xc3 })
        }
        _ => (usize::MAX, Around { depth: 1, is_awaited: false }),
    }
}

/// An array of the call's number and some padding.
fn result(number: usize, size: u8) -> Vec<u8> {
    let mut result = vec![0x92, (number >> 8 & 0x7f) as u8, (number & 0x7f) as u8, 0xc4, size];
    result.resize(result.len() + usize::from(size), 0);
    result
}
