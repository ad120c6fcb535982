//! Limits
//!
//! What a host or client allows its peers, and how long it waits. The defaults suit most programs.

use std::time::Duration;

use crate::ffi::arguments::invalid;
use crate::ffi::options::{read, Options};
use crate::ffi::timeout::{self, CALLGATE_TIMEOUT_NONE};
use crate::{Limits, Result};

/// Sleep immediately when there is nothing to read: saves CPU time, costs latency.
pub const CALLGATE_SPIN_OFF: i64 = -1;

/// Limits of a host or client. 0 means the default, given in parentheses.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct callgate_limits {
    /// sizeof(callgate_limits).
    pub struct_size: usize,
    /// The largest frame; a frame holds one call or reply (64 MiB of payload plus 64 KiB).
    pub frame_bytes: usize,
    /// How many bytes of calls without a reply a peer may have sent, per connection (two frames).
    pub inbound_bytes: usize,
    /// The same for all connections of a host together, large frames that are still arriving included (512
    /// MiB). A quarter is divided evenly among the connections; of the rest, a connection gets at most half of
    /// what the others leave.
    pub host_inbound_bytes: usize,
    /// How many calls without a reply, one-way calls included, a peer may have sent (2048).
    pub inbound_calls: usize,
    /// How many calls may run at once on one connection, nested calls not counted (16). On all connections
    /// of a host or client together at most 2,048 run on threads of their own; more are refused.
    pub running_calls: usize,
    /// How many nested calls may run at once on one connection, in addition to running_calls (256).
    pub nested_calls: usize,
    /// How deep calls may nest: a call made while serving a call, and so on (64).
    pub nesting_depth: usize,
    /// How many interfaces one connection may serve (256). The same number of unknown names is remembered;
    /// beyond that, the delegate factories are asked again for every call to an unknown name.
    pub interfaces: usize,
    /// How many connections a host may have (1024). One that has ended counts until its calls have returned.
    pub connections: usize,
    /// How many connections one user, or one TCP address, may have to a host (256).
    pub connections_per_user: usize,
    /// How many unfinished handshakes a host may have; one more drops the oldest (64).
    pub handshakes: usize,
    /// How many bytes may wait to be sent on one connection before senders block (1 MiB).
    pub send_queue_bytes: usize,
    /// The time limit for connecting and the handshake together (10 s).
    pub handshake_timeout_ms: i64,
    /// How long a call waits for a connection (6 s).
    pub connection_timeout_ms: i64,
    /// How long a call may take, all waiting included (30 s). CALLGATE_TIMEOUT_NONE: no limit.
    pub call_timeout_ms: i64,
    /// How long a peer may take to read 512 KiB of what waits to be sent, or all of it if less waits, before
    /// it is disconnected; also how long it may leave a frame incomplete without sending 16 KiB more of it
    /// (30 s).
    pub write_timeout_ms: i64,
    /// How long closing waits for running delegates (5 s); also how long, at least a second, a peer may keep
    /// its connection after it has said that it closes, while no call waits for its reply.
    pub drain_timeout_ms: i64,
    /// Over TCP a hung peer looks like a silent one. A side that has waited this long for replies, and
    /// received nothing at all, pings the peer (30 s). CALLGATE_TIMEOUT_NONE: never.
    pub ping_after_ms: i64,
    /// How long after a ping a side may receive nothing before it ends the connection (20 s).
    pub ping_timeout_ms: i64,
    /// The longest time, in microseconds, that a thread that waits for a message spins before it sleeps. It
    /// spins only where that pays (twice the cost of sleeping and waking, which the process measures: tens
    /// of microseconds). CALLGATE_SPIN_OFF: never.
    pub spin_us: i64,
    /// The shortest pause between attempts to connect (10 ms; over TCP 100 ms). Set it together with the
    /// longest.
    pub reconnect_backoff_min_ms: i64,
    /// The longest pause between attempts to connect (1 s; over TCP 30 s). Pauses grow with each failure,
    /// and start from the shortest again after a connection that served calls or lasted this long.
    pub reconnect_backoff_max_ms: i64,
    /// Unless 0, large frames travel whole, and small frames wait behind them. Normally they travel in parts, if
    /// the peer agrees, with small frames in between.
    pub no_parts: u8,
}

// SAFETY: numbers only, `struct_size` first.
unsafe impl Options for callgate_limits {
    const NAME: &'static str = "callgate_limits";
}

/// # Safety
/// `limits` is NULL or as the header describes it.
pub(in crate::ffi) unsafe fn read_limits(limits: *const callgate_limits) -> Result<Limits> {
    // SAFETY: promised by the caller.
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
    limits.parts = given.no_parts == 0;
    Ok(limits)
}

/// The shortest and the longest pause between attempts to connect; `None` for the default.
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
        return Err(invalid(format!("{name} cannot be unlimited")));
    }
    *time = timeout::long_wait(milliseconds, name, *time)?;
    Ok(())
}
