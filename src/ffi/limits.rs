//! Limits
//!
//! What a host or client allows its peers, and how long it waits. The defaults are right for most
//! programs.

use std::time::Duration;

use super::input::invalid;
use super::options::{read, Options};
use super::timeout::{self, CALLGATE_TIMEOUT_NONE};
use crate::{Limits, Result};

/// Sleep at once when there is nothing to read: saves processor time, costs latency.
pub const CALLGATE_SPIN_OFF: i64 = -1;

/// Limits of a host or client; 0 is the default, which stands in brackets.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct callgate_limits {
    /// sizeof(callgate_limits).
    pub struct_size: usize,
    /// The largest frame, which holds one call or answer [64 MiB of payload and 64 KiB beside it].
    pub frame_bytes: usize,
    /// Bytes of calls a peer may have sent that are not answered, per connection [two frames].
    pub inbound_bytes: usize,
    /// The same for all connections of a host together [512 MiB].
    pub host_inbound_bytes: usize,
    /// Calls and one-way calls a peer may have sent that are not answered [2048].
    pub inbound_calls: usize,
    /// Calls running at once on one connection that no other call is waiting for [16].
    pub running_calls: usize,
    /// Nested calls running at once on one connection, beyond the running calls [256].
    pub nested_calls: usize,
    /// Levels of calls within calls within calls [64].
    pub nesting_depth: usize,
    /// Interfaces served on one connection [256]. As many names are remembered as not served; beyond, the
    /// delegate factories are asked for such a name at each call.
    pub interfaces: usize,
    /// Connections of one host [1024].
    pub connections: usize,
    /// Connections of one user to one host [256].
    pub connections_per_user: usize,
    /// Connections whose handshake is under way; the oldest makes room for a new one [64].
    pub handshakes: usize,
    /// Bytes waiting to be sent on one connection before senders wait for room [1 MiB].
    pub send_queue_bytes: usize,
    /// The whole handshake, connecting included [10 s].
    pub handshake_timeout_ms: i64,
    /// How long a call waits for a connection [6 s].
    pub connection_timeout_ms: i64,
    /// How long a call takes at most, all waiting included [30 s]. CALLGATE_TIMEOUT_NONE: no limit.
    pub call_timeout_ms: i64,
    /// A connection whose peer reads nothing for this time, while there is something to send, ends
    /// [30 s].
    pub write_timeout_ms: i64,
    /// How long closing waits for running delegates [5 s].
    pub drain_timeout_ms: i64,
    /// Over TCP, where a peer that hangs looks like one that is silent: after hearing nothing for that long
    /// while calls of its own wait for answers, a side pings the peer [30 s]. CALLGATE_TIMEOUT_NONE: never.
    pub ping_after_ms: i64,
    /// How long it waits after a ping for anything at all before it ends the connection [20 s].
    pub ping_timeout_ms: i64,
    /// The longest time, in microseconds, for which a thread that waits for a message spins before it
    /// sleeps, where that pays [twice what sleeping and being woken costs here, which the process
    /// measures: tens of microseconds]. CALLGATE_SPIN_OFF: never.
    pub spin_us: i64,
    /// The shortest pause between attempts to connect [10 ms; over TCP 100 ms]. Set it together with
    /// the longest.
    pub reconnect_backoff_min_ms: i64,
    /// The longest pause between attempts to connect [1 s; over TCP 30 s]. Each pause is longer than the
    /// one before; they begin anew after a connection that served calls, or that lasted as long as this.
    pub reconnect_backoff_max_ms: i64,
}

// SAFETY: numbers only, `struct_size` first.
unsafe impl Options for callgate_limits {
    const NAME: &'static str = "callgate_limits";
}

/// # Safety
/// `limits` is NULL or as the header describes it.
pub(super) unsafe fn read_limits(limits: *const callgate_limits) -> Result<Limits> {
    // SAFETY: the caller's promise.
    let given = unsafe { read(limits) }.complete()?;
    let mut limits = Limits::default();
    set(&mut limits.frame, given.frame_bytes);
    set(&mut limits.inbound_bytes, given.inbound_bytes);
    set(&mut limits.host_inbound_bytes, given.host_inbound_bytes);
    set(&mut limits.inbound_calls, given.inbound_calls);
    set(&mut limits.running_calls, given.running_calls);
    set(&mut limits.nested_calls, given.nested_calls);
    set(&mut limits.nesting_depth, given.nesting_depth);
    set(&mut limits.interfaces, given.interfaces);
    set(&mut limits.connections, given.connections);
    set(&mut limits.connections_per_user, given.connections_per_user);
    set(&mut limits.handshakes, given.handshakes);
    set(&mut limits.send_queue, given.send_queue_bytes);
    let call = timeout::wait(given.call_timeout_ms, "call_timeout_ms", limits.call_timeout);
    limits.call_timeout = call?;
    limits.ping_after = timeout::wait(given.ping_after_ms, "ping_after_ms", limits.ping_after)?;
    let times = [
        (&mut limits.handshake_timeout, given.handshake_timeout_ms, "handshake_timeout_ms"),
        (&mut limits.connection_timeout, given.connection_timeout_ms, "connection_timeout_ms"),
        (&mut limits.write_timeout, given.write_timeout_ms, "write_timeout_ms"),
        (&mut limits.drain_timeout, given.drain_timeout_ms, "drain_timeout_ms"),
        (&mut limits.ping_timeout, given.ping_timeout_ms, "ping_timeout_ms"),
    ];
    for (time, milliseconds, name) in times {
        set_time(time, milliseconds, name)?;
    }
    match given.spin_us {
        0 => {}
        CALLGATE_SPIN_OFF => limits.spin = Some(Duration::ZERO),
        microseconds => {
            limits.spin = Some(Duration::from_micros(positive(microseconds, "spin_us")?))
        }
    }
    limits.reconnect_backoff = backoff(&given)?;
    Ok(limits)
}

/// The shortest and the longest pause between attempts to connect, unless they are the default.
fn backoff(given: &callgate_limits) -> Result<Option<(Duration, Duration)>> {
    let (min, max) = (given.reconnect_backoff_min_ms, given.reconnect_backoff_max_ms);
    if (min, max) == (0, 0) {
        return Ok(None);
    }
    let min = positive(min, "reconnect_backoff_min_ms")?;
    let max = positive(max, "reconnect_backoff_max_ms")?;
    if min > max {
        return Err(invalid("reconnect_backoff_min_ms is more than reconnect_backoff_max_ms"));
    }
    Ok(Some((Duration::from_millis(min), Duration::from_millis(max))))
}

fn positive(number: i64, name: &str) -> Result<u64> {
    match u64::try_from(number) {
        Ok(number @ 1..) => Ok(number),
        _ => Err(invalid(format!("{name} must be positive, not {number}"))),
    }
}

fn set(limit: &mut usize, given: usize) {
    if given != 0 {
        *limit = given;
    }
}

fn set_time(time: &mut Duration, milliseconds: i64, name: &str) -> Result<()> {
    if milliseconds == CALLGATE_TIMEOUT_NONE {
        return Err(invalid(format!("{name} cannot be without limit")));
    }
    *time = timeout::long_wait(milliseconds, name, *time)?;
    Ok(())
}
