//! Every limit, its default and the reason for it. All can be set on a host and on a client.

use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// A frame's bytes before the handshake is done: a stranger may cost no more.
pub(crate) const HANDSHAKE_FRAME: usize = 64 * KIB;

/// The smallest frame limit that a peer may state: every error fits, its message cut if need be.
pub(crate) const SMALLEST_FRAME: u64 = 1024;

/// The longest type name, in bytes, that an error keeps which is cut to fit the peer's frame limit.
pub(crate) const KEPT_TYPE_NAME: usize = 256;

/// Levels of arrays and maps in one payload, as in Cap'n Proto and zvariant: deeper ones have been
/// used to overflow decoders' stacks (CVE-2010-4352, CVE-2020-5234).
pub const NESTING: usize = 64;

/// The shortest and longest interface and method names, in bytes.
pub const NAME: std::ops::RangeInclusive<usize> = 1..=1024;

/// What is shown of a name or another short text of a peer in a message, in bytes: the longest name.
pub(crate) const QUOTE: usize = 1024;

/// What is shown of an error's message in its description: more than a person reads, and little enough
/// for a log.
pub(crate) const QUOTED_MESSAGE: usize = 4096;

/// The longest line of a log.
pub(crate) const LINE: usize = 8192;

/// Each pause between attempts to connect is so many times the one before...
pub(crate) const PAUSE_GROWTH: f64 = 1.6;

/// ...give or take that part of it, so that a thousand clients of a host that restarts do not come
/// back at once.
pub(crate) const PAUSE_JITTER: f64 = 0.2;

/// Pauses between attempts to connect to a local endpoint: a host that starts is found quickly, and
/// one that never does costs little.
pub(crate) const LOCAL_PAUSE: (Duration, Duration) =
    (Duration::from_millis(10), Duration::from_secs(1));

/// The same over TCP, where an attempt costs a network and a firewall something.
pub(crate) const TCP_PAUSE: (Duration, Duration) =
    (Duration::from_millis(100), Duration::from_secs(30));

/// The first and the longest pause before a failed initialisation routine is tried again: as for
/// connecting to a local endpoint.
pub(crate) const INITIALISATION_PAUSE: (Duration, Duration) = LOCAL_PAUSE;

/// A TCP connection that nothing travels on is asked for a sign of life after so long: often enough
/// to keep routers from forgetting it, seldom enough to cost nothing.
pub(crate) const TCP_KEEPALIVE_IDLE: Duration = Duration::from_secs(30);

/// Between two such questions, and how many stay unanswered before the peer is held for dead:
/// 20 s together, as long as unacknowledged bytes are given by [`TCP_USER_TIMEOUT`].
pub(crate) const TCP_KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);

/// See [`TCP_KEEPALIVE_INTERVAL`].
pub(crate) const TCP_KEEPALIVE_PROBES: u32 = 4;

/// Bytes sent over TCP that stay unacknowledged for so long end the connection, instead of the 15
/// minutes that the system would go on trying.
pub(crate) const TCP_USER_TIMEOUT: Duration = Duration::from_secs(20);

/// How long closing waits for a peer to read what was sent and end the stream too: a peer that
/// works takes a fraction of it, and one that hangs should not use up the time to close.
pub(crate) const PARTING: Duration = Duration::from_secs(1);

/// Connections that the system holds for a listener until they are accepted: a thousand clients
/// that reconnect at once fit; beyond, the system's own cap applies.
pub(crate) const BACKLOG: i32 = 4096;

/// As good as for ever, and no trouble to add to the present.
pub(crate) const LONG: Duration = Duration::from_secs(1 << 30);

/// What one host or client allows its peers, and how long it waits. `Limits::default()` is right for
/// most programs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest frame, in bytes after its length. 64 MiB of payload and 64 KiB for its header,
    /// so that a payload of exactly 64 MiB passes.
    pub frame: usize,
    /// Bytes of calls a peer may have sent that have not been answered, per connection. Two of the
    /// largest frames, so that one can arrive while another runs.
    pub inbound_bytes: usize,
    /// The same for all connections of a host, or client, together; what is beyond is refused.
    pub host_inbound_bytes: usize,
    /// Calls and one-way calls a peer may have sent that have not been answered. Room for a
    /// thousand deferred replies and for bursts beside them.
    pub inbound_calls: usize,
    /// Calls running at once on one connection that no other call is waiting for.
    pub running_calls: usize,
    /// Nested calls running at once on one connection, beyond the running calls.
    pub nested_calls: usize,
    /// Levels of calls within calls within calls.
    pub nesting_depth: usize,
    /// Interfaces served on one connection. As many names are remembered as not served; beyond, the
    /// delegate factories are asked for such a name at each call.
    pub interfaces: usize,
    /// Connections of one host.
    pub connections: usize,
    /// Connections of one user to one host, so that none can shut the others out.
    pub connections_per_user: usize,
    /// Connections whose handshake is under way; the oldest makes room for a new one.
    pub handshakes: usize,
    /// Bytes waiting to be sent on one connection before those who send more wait for room.
    pub send_queue: usize,
    /// The whole handshake, connecting included.
    pub handshake_timeout: Duration,
    /// How long a call waits for a connection; RedGate.Ipc's default.
    pub connection_timeout: Duration,
    /// How long a call takes at most, waiting for a connection, for room and for its answer
    /// included. `None` is without limit.
    pub call_timeout: Option<Duration>,
    /// A connection whose peer reads nothing for so long, while there is something to send, ends.
    pub write_timeout: Duration,
    /// Over TCP, where a peer that hangs looks like one that is silent: after hearing nothing for that long
    /// while calls of its own wait for answers, a side pings the peer. `None` never does.
    pub ping_after: Option<Duration>,
    /// How long it waits after a ping for anything at all before it ends the connection.
    pub ping_timeout: Duration,
    /// The shortest and the longest pause between attempts to connect; `None` for what suits the
    /// endpoint: 10 ms to 1 s for local ones, 100 ms to 30 s for TCP. Pauses begin anew after a connection
    /// that served calls, or that lasted as long as the longest.
    pub reconnect_backoff: Option<(Duration, Duration)>,
    /// How long a thread that waits for a frame may spin before it sleeps, where that pays; zero never
    /// spins. `None` takes twice the time that sleeping and being woken costs here, which the process
    /// measures: tens of microseconds.
    pub spin: Option<Duration>,
    /// How long closing waits for running delegates.
    pub drain_timeout: Duration,
    /// Whether large frames travel in parts, if the peer agrees, so that small ones need not wait for the
    /// whole of them. A part is a protocol error where this is off.
    pub parts: bool,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            frame: 64 * MIB + 64 * KIB,
            inbound_bytes: 128 * MIB + 128 * KIB,
            host_inbound_bytes: 512 * MIB,
            inbound_calls: 2048,
            running_calls: 16,
            nested_calls: 256,
            nesting_depth: 64,
            interfaces: 256,
            connections: 1024,
            connections_per_user: 256,
            handshakes: 64,
            send_queue: MIB,
            handshake_timeout: Duration::from_secs(10),
            connection_timeout: Duration::from_secs(6),
            call_timeout: Some(Duration::from_secs(30)),
            write_timeout: Duration::from_secs(30),
            ping_after: Some(Duration::from_secs(30)),
            ping_timeout: Duration::from_secs(20),
            reconnect_backoff: None,
            spin: None,
            drain_timeout: Duration::from_secs(5),
            parts: true,
        }
    }
}
