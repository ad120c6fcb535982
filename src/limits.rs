//! Every limit, its default and the reason for it. All can be set on hosts and on clients.

use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// The largest frame, in bytes, before the handshake is done: a stranger may cost no more.
pub(crate) const HANDSHAKE_FRAME: usize = 64 * KIB;

/// The smallest frame limit that a peer may announce: every error fits, its message cut if necessary.
pub(crate) const SMALLEST_FRAME: u64 = 1024;

/// The longest type name, in bytes, of an error that is cut to fit the peer's frame limit.
pub(crate) const KEPT_TYPE_NAME: usize = 256;

/// The deepest nesting of arrays and maps in one payload, as in Cap'n Proto and zvariant: deeper ones have
/// been used to overflow the stacks of decoders (CVE-2010-4352, CVE-2020-5234).
pub const NESTING: usize = 64;

/// How many endpoints a client can have.
pub(crate) const ENDPOINTS: usize = 64;

/// The shortest and longest names of interfaces and methods, in bytes.
pub const NAME: std::ops::RangeInclusive<usize> = 1..=1024;

/// The most pairs of metadata that a call may carry. A trace context and its baggage need a few; a delegate
/// that asks for one key makes some languages read them all.
pub(crate) const METADATA_PAIRS: usize = 256;

/// The most bytes of metadata that a call may carry, as encoded: eight times what the W3C asks for baggage.
pub(crate) const METADATA_BYTES: usize = 64 * KIB;

/// The longest description of an interface, in bytes: hundreds of methods with their documentation.
pub(crate) const DESCRIPTION: usize = MIB;

/// How many bytes of a peer's name or other short text a message quotes: the longest name.
pub(crate) const QUOTE: usize = 1024;

/// How many bytes of an error's message its description quotes: more than anyone reads, and little enough
/// for a log.
pub(crate) const QUOTED_MESSAGE: usize = 4096;

/// The longest line of a log, in bytes.
pub(crate) const LINE: usize = 8192;

/// How many lines about events of one kind, which a peer can cause at any rate, a host or client logs in each
/// [`LOG_PERIOD`]; the others are counted. Enough to see what happens, and little enough for any log.
pub(crate) const LOG_LINES: usize = 10;

/// See [`LOG_LINES`]. The count of the others follows within the same time.
pub(crate) const LOG_PERIOD: Duration = Duration::from_secs(1);

/// The factor by which pauses between attempts to connect grow.
pub(crate) const PAUSE_GROWTH: f64 = 1.6;

/// The random variation of each pause, so that a thousand clients of a restarted host do not all reconnect
/// at once.
pub(crate) const PAUSE_JITTER: f64 = 0.2;

/// Pauses between attempts to connect to a local endpoint: a host that starts is found quickly, and a host
/// that never starts costs little.
pub(crate) const LOCAL_PAUSE: (Duration, Duration) =
    (Duration::from_millis(10), Duration::from_secs(1));

/// The same over TCP, where each attempt also costs the network and the firewall.
pub(crate) const TCP_PAUSE: (Duration, Duration) =
    (Duration::from_millis(100), Duration::from_secs(30));

/// The shortest and the longest pause before a failed initialisation routine runs again: as for connecting
/// to a local endpoint.
pub(crate) const INITIALISATION_PAUSE: (Duration, Duration) = LOCAL_PAUSE;

/// How long a TCP connection may be idle before the system probes the peer: short enough to keep routers
/// from forgetting it, long enough to cost nothing.
pub(crate) const TCP_KEEPALIVE_IDLE: Duration = Duration::from_secs(30);

/// The time between two probes, and how many may go unanswered before the system gives up: together 20 s,
/// the same as [`TCP_USER_TIMEOUT`] for unacknowledged bytes.
pub(crate) const TCP_KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);

/// See [`TCP_KEEPALIVE_INTERVAL`].
pub(crate) const TCP_KEEPALIVE_PROBES: u32 = 4;

/// How long bytes sent over TCP may stay unacknowledged, or wait for a peer that reads nothing, before the
/// connection ends. The system alone would retry for 15 minutes.
pub(crate) const TCP_USER_TIMEOUT: Duration = Duration::from_secs(20);

/// How long closing waits for a peer to read what was sent and to end the stream too: a healthy peer needs
/// a fraction of it, and a hung one must not use up the whole time for closing.
pub(crate) const LINGER: Duration = Duration::from_secs(1);

/// How many bytes of an incomplete frame must arrive within each [write timeout](Limits::write_timeout):
/// half a KiB a second by default, less than any line carries.
pub(crate) const FRAME_PROGRESS: usize = 16 * KIB;

/// How many connections the system holds for a listener until they are accepted: enough for a thousand
/// clients that reconnect at once. The system may cap it lower.
pub(crate) const BACKLOG: i32 = 4096;

/// How much a peer must read within each write timeout, if as much waits for it: at least 17 KiB a second by
/// default, so that no reply occupies a thread for hours. A slow mobile network carries as much.
pub(crate) const LEAST_READ: usize = 512 * KIB;

/// How many short replies besides those to calls, such as grants of credit, may wait for a peer to read.
pub(crate) const OTHER_PROMPTED: usize = 64;

/// How many threads of a host or client may run calls, besides one thread for each connection: all peers
/// together, each within its own limits, could otherwise ask for hundreds of thousands. Systems allow a
/// service about 5,000 by default, and the program needs some itself.
pub(crate) const CALL_THREADS: usize = 2048;

/// What one host or client allows its peers, and how long it waits. `Limits::default()` suits most
/// programs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest frame, in bytes after its length: 64 MiB of payload plus 64 KiB for its header, so that
    /// a payload of exactly 64 MiB passes.
    pub frame: usize,
    /// How many bytes of calls without a reply a peer may have sent, per connection. Two of the largest
    /// frames, so that one can arrive while another runs.
    pub inbound_bytes: usize,
    /// The same for all connections of a host or client together, incomplete large frames included. A
    /// quarter is divided evenly among the [`connections`](Limits::connections); of the rest a connection
    /// gets at most half of what the others leave. What exceeds that is refused.
    pub host_inbound_bytes: usize,
    /// How many calls without a reply, one-way calls included, a peer may have sent. Room for a thousand
    /// deferred replies plus bursts.
    pub inbound_calls: usize,
    /// How many calls may run at once on one connection, nested calls not counted. On all connections of a
    /// host or client together at most 2,048 run on threads of their own; more are refused.
    pub running_calls: usize,
    /// How many nested calls may run at once on one connection, in addition to `running_calls`. A call
    /// counts as nested while the call that it was made in has no reply.
    pub nested_calls: usize,
    /// How deep calls may nest: a call made while serving a call, and so on.
    pub nesting_depth: usize,
    /// How many interfaces one connection may serve. The same number of unknown names is remembered; beyond
    /// that, the delegate factories are asked again for every call to an unknown name.
    pub interfaces: usize,
    /// How many connections a host may have. One that has ended counts until its calls have returned.
    pub connections: usize,
    /// How many connections one user, or one TCP address, may have to a host, so that none can shut the
    /// others out. All loopback addresses count as one, and so do those of an IPv6 network (/64). If the host
    /// listens locally, an eighth of its [`connections`](Limits::connections) is left to its own user, and if
    /// it listens on TCP too, neither TCP nor other users get more than three quarters.
    pub connections_per_user: usize,
    /// How many unfinished handshakes a host may have; one more drops the oldest of the user or address that has
    /// the most.
    pub handshakes: usize,
    /// How many bytes may wait to be sent on one connection before senders block.
    pub send_queue: usize,
    /// The time limit for connecting and the handshake together.
    pub handshake_timeout: Duration,
    /// How long a call waits for a connection; the default is RedGate.Ipc's.
    pub connection_timeout: Duration,
    /// How long a call may take, waiting for a connection, for the peer to catch up and for the reply
    /// included. `None` means no limit.
    pub call_timeout: Option<Duration>,
    /// How long a peer may take to read 512 KiB of what waits to be sent, or all of it if less waits, before
    /// it is disconnected. So is a peer that has begun to send a frame, and in that time neither completes it
    /// nor sends 16 KiB of it. Over TCP a peer that reads nothing at all is disconnected after 20 s, if the
    /// write timeout is longer.
    pub write_timeout: Duration,
    /// Over TCP a hung peer looks like a silent one. A side that has waited this long for replies, and
    /// received nothing at all, pings the peer. `None` means never.
    pub ping_after: Option<Duration>,
    /// How long after a ping a side may receive nothing before it ends the connection.
    pub ping_timeout: Duration,
    /// The shortest and the longest pause between attempts to connect. `None` chooses by endpoint: 10 ms to
    /// 1 s for local ones, 100 ms to 30 s for TCP. Pauses start from the shortest again after a connection
    /// that served calls, or that lasted as long as the longest pause.
    pub reconnect_backoff: Option<(Duration, Duration)>,
    /// How long a thread that waits for a frame may spin before it sleeps, where spinning pays. Zero never
    /// spins. `None` means twice the cost of sleeping and waking, which the process measures: tens of
    /// microseconds.
    pub spin: Option<Duration>,
    /// How long closing waits for running delegates; also how long, at least a second, a peer may keep its
    /// connection after it has said that it closes, while no call waits for its reply.
    pub drain_timeout: Duration,
    /// Whether large frames travel in parts, if the peer agrees, so that small ones need not wait for a
    /// whole large one. When this is off, a part from the peer is a protocol error.
    pub parts: bool,
}

impl Limits {
    /// With this many threads, no further one is started for a call. One connection alone can always run
    /// what it may.
    pub(crate) fn most_threads(&self) -> usize {
        let one_connection = self.running_calls.saturating_add(self.nested_calls);
        self.connections.saturating_add(CALL_THREADS.max(one_connection))
    }
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
