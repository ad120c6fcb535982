//! Faulty relays
//!
//! A faulty relay listens on an endpoint, and forwards each connection to a host, with the faults that a test
//! asks for. Clients connect to the relay in place of the host. The host sees the relay's process as its
//! peer. Here the first connection of a client of "pipe://bad-line" is cut, and the next one is not (without
//! checks):
//! ```c
//! callgate_faults faults = {0};
//! callgate_relay *relay;
//! faults.struct_size = sizeof faults;
//! faults.seed = 7;
//! faults.cut_min = 100;
//! faults.cut_max = 5000;
//! faults.connections = 1;
//! callgate_relay_start("pipe://bad-line", "pipe://calculator", &faults, &relay, NULL);
//! ...
//! callgate_relay_free(relay);
//! ```

use std::ffi::c_char;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::ffi::arguments::{invalid, name, Out};
use crate::ffi::errors::error::callgate_error;
use crate::ffi::errors::status::callgate_status;
use crate::ffi::guard::{guard, guard_value};
use crate::ffi::handles::{self, Object};
use crate::ffi::options::{read, Options};
use crate::ffi::values::text::{hand_out, Text};
use crate::testing::{Direction, Faults, FaultyRelay};
use crate::Result;

/// Both directions of a connection have the faults, each with choices of its own.
pub const CALLGATE_DIRECTION_BOTH: u32 = 0;
/// Bytes from the client to the host have the faults.
pub const CALLGATE_DIRECTION_TO_HOST: u32 = 1;
/// Bytes from the host to the client have the faults.
pub const CALLGATE_DIRECTION_TO_CLIENT: u32 = 2;

/// The faults of a relay's connections; all zero means none. Every choice follows from the seed, the number of
/// the connection, the direction and the position of a byte, so the same bytes meet the same faults again.
///
/// A position is the number of bytes before it in its direction of the connection, the handshake's included.
/// A fault with a least and a greatest position happens once in each connection, at one of them. If both are 0,
/// it does not happen.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct callgate_faults {
    /// sizeof(callgate_faults).
    pub struct_size: usize,
    /// The choices: another seed makes others.
    pub seed: u64,
    /// How many connections have the faults, the next ones; later ones have none. 0 means all.
    pub connections: u64,
    /// The longest pause, in microseconds, before a piece of 1 to 4096 bytes is forwarded.
    pub delay_us: u64,
    /// Where the connection is cut, both ways.
    pub cut_min: u64,
    /// The greatest position of it.
    pub cut_max: u64,
    /// From where on the bytes vanish, and the end of the stream too: the other side sees a peer that says
    /// nothing more, as when a machine or a network dies.
    pub silence_min: u64,
    /// The greatest position of it.
    pub silence_max: u64,
    /// Where a byte is changed.
    pub corrupt_min: u64,
    /// The greatest position of it.
    pub corrupt_max: u64,
    /// Where a byte is lost.
    pub lose_min: u64,
    /// The greatest position of it.
    pub lose_max: u64,
    /// CALLGATE_DIRECTION_BOTH, CALLGATE_DIRECTION_TO_HOST or CALLGATE_DIRECTION_TO_CLIENT.
    pub direction: u32,
    /// Unless 0, each byte is forwarded alone.
    pub byte_wise: u8,
}

// SAFETY: numbers only, `struct_size` first.
unsafe impl Options for callgate_faults {
    const NAME: &'static str = "callgate_faults";
}

/// Spoils connections on purpose.
pub struct callgate_relay {
    relay: FaultyRelay,
    endpoint: Text,
}

impl Object for callgate_relay {
    const KIND: &'static str = "a relay";
}

/// Starts a relay that listens on `listen` and connects to the host at the endpoint `host`. faults may be NULL.
/// The host may start later: until then the connections end at once, and clients try again.
/// CALLGATE_STATUS_INVALID_ARGUMENT for malformed endpoints or faults, CALLGATE_STATUS_ADDRESS_IN_USE if
/// another program listens there.
#[no_mangle]
pub unsafe extern "C" fn callgate_relay_start(
    listen: *const c_char,
    host: *const c_char,
    faults: *const callgate_faults,
    relay: *mut *mut callgate_relay,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires NUL-terminated names, NULL or valid faults, and a valid pointer.
        let (listen, host, faults, out) = unsafe {
            (
                name(listen, "listen")?,
                name(host, "host")?,
                read_faults(faults)?,
                Out::new(relay, "relay")?,
            )
        };
        let relay = FaultyRelay::start(listen, host, faults)?;
        let endpoint = Text::new(relay.endpoint());
        out.give(callgate_relay { relay, endpoint })
    })
}

/// The endpoint for clients, with the port that the system chose. Borrowed until the relay is freed.
#[no_mangle]
pub unsafe extern "C" fn callgate_relay_endpoint(
    relay: *const callgate_relay,
    length: *mut usize,
) -> *const c_char {
    guard_value(c"".as_ptr(), || {
        // SAFETY: the header requires NULL or a valid pointer for the length.
        let length = unsafe { Out::optional(length) };
        let relay = handles::look_up(relay);
        hand_out(relay.as_ref().map(|relay| &relay.endpoint), length)
    })
}

/// Sets the faults of the connections that are accepted from now on; NULL means none.
#[no_mangle]
pub unsafe extern "C" fn callgate_relay_set_faults(
    relay: *mut callgate_relay,
    faults: *const callgate_faults,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        // SAFETY: the header requires NULL or valid faults.
        let faults = unsafe { read_faults(faults)? };
        handles::get(relay)?.relay.set_faults(faults)
    })
}

/// How many connections the relay has accepted so far.
#[no_mangle]
pub unsafe extern "C" fn callgate_relay_connection_count(relay: *const callgate_relay) -> u64 {
    guard_value(0, || handles::look_up(relay).map_or(0, |relay| relay.relay.connections()))
}

/// Cuts the connections that are open.
#[no_mangle]
pub unsafe extern "C" fn callgate_relay_cut(
    relay: *mut callgate_relay,
    error: *mut *mut callgate_error,
) -> callgate_status {
    guard(error, || {
        handles::get(relay)?.relay.cut();
        Ok(())
    })
}

/// Frees a relay: it listens no more, and its connections are cut. Freeing NULL does nothing.
#[no_mangle]
pub unsafe extern "C" fn callgate_relay_free(relay: *mut callgate_relay) {
    guard_value((), || handles::discard(relay));
}

/// # Safety
/// `faults` is NULL or as the header describes it.
unsafe fn read_faults(faults: *const callgate_faults) -> Result<Faults> {
    // SAFETY: promised by the caller.
    let given = unsafe { read(faults) }.complete()?;
    Ok(Faults {
        seed: given.seed,
        direction: match given.direction {
            CALLGATE_DIRECTION_BOTH => None,
            CALLGATE_DIRECTION_TO_HOST => Some(Direction::ToHost),
            CALLGATE_DIRECTION_TO_CLIENT => Some(Direction::ToClient),
            other => return Err(invalid(format!("direction is {other}, which is no direction"))),
        },
        connections: Some(given.connections).filter(|count| *count > 0),
        byte_wise: given.byte_wise != 0,
        delay: Duration::from_micros(given.delay_us),
        cut: positions(given.cut_min, given.cut_max),
        silence: positions(given.silence_min, given.silence_max),
        corrupt: positions(given.corrupt_min, given.corrupt_max),
        lose: positions(given.lose_min, given.lose_max),
    })
}

/// The positions of a fault; `None` if it does not happen.
fn positions(min: u64, max: u64) -> Option<RangeInclusive<u64>> {
    ((min, max) != (0, 0)).then_some(min..=max)
}
