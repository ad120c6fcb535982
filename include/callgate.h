/*
 * Callgate: call objects that live in another process, in any language, in both directions.
 *
 * This file is generated from src/ffi. It requires C99 and includes only <stdint.h>, <stddef.h> and
 * <stdbool.h>.
 *
 * A host listens on endpoints and serves interfaces through delegates; a client connects and calls them through
 * proxies. Arguments and results are MessagePack, which the writer and the reader below produce and parse.
 * Programs with a MessagePack library of their own pass its bytes.
 *
 * CONVENTIONS
 *
 * Errors. A function that can fail returns a callgate_status; CALLGATE_STATUS_OK is 0. Its last parameter
 * receives the error: NULL, or the address of a pointer, which is written on failure only. The program frees the
 * error with callgate_error_free(). All other results are written on success only.
 *
 * Handles. callgate_host, callgate_client, callgate_proxy, callgate_connection, callgate_call,
 * callgate_cancel_token, callgate_error and callgate_writer are opaque handles. A handle that is NULL, was freed,
 * or has the wrong kind returns CALLGATE_STATUS_INVALID_HANDLE. The program owns the handles that functions
 * return, and frees each with the function for its kind; a callback borrows its handles until it returns. Handles
 * may be freed in any order, on any thread and in any callback, even while in use. Freeing never waits, and
 * freeing NULL does nothing.
 *
 * Text is UTF-8. Names passed to Callgate (endpoints, interfaces, methods, error types, metadata keys) are
 * NUL-terminated; other text and bytes are a pointer and a length, where (NULL, 0) is empty. Input is borrowed
 * until the function returns. Text returned by Callgate is NUL-terminated and never NULL. Its length, which
 * matters only for text that contains NULs, is stored in the last parameter unless that is NULL.
 *
 * Threads. Any thread may call any function at any time; but only one thread at a time may use a reader or
 * writer. Callbacks run on Callgate's threads, without any lock held; each one documents whether it may block.
 *
 * Fork. In a forked child, every handle made before the fork returns CALLGATE_STATUS_FORKED at once, and freeing
 * it does nothing. The child's copies of descriptors are closed without the peers noticing. Handles made in the
 * child work. A child that was forked in a callback must not return from that callback. The parent is unaffected.
 *
 * Exit. A program may exit while calls run. Windows ends all threads but one before it destroys the static objects of
 * DLLs and calls their DllMain; from then on every handle returns CALLGATE_STATUS_CLOSED at once, and closing and
 * freeing it do nothing.
 *
 * Timeouts are in milliseconds; CALLGATE_TIMEOUT_DEFAULT is 0. Every function that waits takes one; for calls it
 * is one of the options.
 *
 * Options. An options struct begins with its size. Set the whole struct to zero, which means the defaults, then
 * struct_size; fields added by later versions then have their defaults when the program is recompiled:
 *     callgate_call_options options = {0};
 *     options.struct_size = sizeof options;
 * Options that are newer than the library return CALLGATE_STATUS_UNSUPPORTED. A flag in them is a uint8_t, for which
 * every value but 0 means yes, since a bool must not hold what a careless program leaves there; functions return bool.
 *
 * Linking. The shared library's SONAME is libcallgate.so.0, where 0 is CALLGATE_ABI_VERSION:
 *     cc program.c -I include -L target/release -lcallgate -Wl,-rpath,$PWD/target/release
 * The static library needs the system libraries of Rust's standard library:
 *     cc program.c -I include target/release/libcallgate.a -lpthread -ldl -lm
 */

#ifndef CALLGATE_H
#define CALLGATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif


/*
 * Version
 * =======
 */

/** The version that this header belongs to, as text and as its three numbers. */
#define CALLGATE_VERSION "0.1.0"
#define CALLGATE_VERSION_MAJOR 0
#define CALLGATE_VERSION_MINOR 1
#define CALLGATE_VERSION_PATCH 0

/** Whether this header's version is that one or later, for #if. */
#define CALLGATE_VERSION_AT_LEAST(major, minor, patch) \
    (CALLGATE_VERSION_MAJOR * 1000000 + CALLGATE_VERSION_MINOR * 1000 + CALLGATE_VERSION_PATCH \
     >= (major) * 1000000 + (minor) * 1000 + (patch))

/**
 * The version of the binary interface that this header describes. The shared library's SONAME ends in it,
 * and callgate_abi_version() returns the one of the loaded library.
 */
#define CALLGATE_ABI_VERSION 0

/** The version of the loaded library, e.g. "0.1.0". Static; never free it. */
const char *callgate_version(void);

/**
 * The binary interface version of the loaded library. If it differs from CALLGATE_ABI_VERSION, the program
 * was compiled for another library and must not use this one.
 */
uint32_t callgate_abi_version(void);


/*
 * Statuses
 * ========
 *
 * The outcome of an operation and, separately, whether the call ran. Numbers are never reused. Later
 * versions may add some: handle unknown ones.
 */

/** The outcome of an operation: CALLGATE_STATUS_OK, which is 0, or why it failed. */
typedef int32_t callgate_status;

/** Whether the delegate of a failed call ran. The status never implies it. */
typedef int32_t callgate_execution;

/** Success. */
#define CALLGATE_STATUS_OK 0
/** The delegate failed; the error holds the type, message and trace that it gave. */
#define CALLGATE_STATUS_REMOTE_ERROR 1
/** The interface or method does not exist, or the arguments or the result do not match. */
#define CALLGATE_STATUS_CONTRACT_MISMATCH 2
/** No connection in time, or the connection was refused or lost. */
#define CALLGATE_STATUS_CHANNEL_FAULTED 3
/** The deadline passed. */
#define CALLGATE_STATUS_TIMED_OUT 4
/** The caller cancelled it. */
#define CALLGATE_STATUS_CANCELLED 5
/** The client, host or connection was closed by its owner, on either side; or, on Windows, the process exits. */
#define CALLGATE_STATUS_CLOSED 6
/** An initialisation routine failed; the error's cause says why. */
#define CALLGATE_STATUS_INITIALISATION_FAILED 7
/** A limit would be exceeded; the message names it. */
#define CALLGATE_STATUS_LIMIT_EXCEEDED 8
/** The peer or the operating system denies access. */
#define CALLGATE_STATUS_ACCESS_DENIED 9
/** Waiting would deadlock: what is waited for depends on this thread. */
#define CALLGATE_STATUS_WOULD_DEADLOCK 10
/** This version of the library, or the peer's, cannot do it. */
#define CALLGATE_STATUS_UNSUPPORTED 11
/** An argument is invalid; the message says what is valid. */
#define CALLGATE_STATUS_INVALID_ARGUMENT 12
/** A handle is NULL, was freed, or is of the wrong kind. */
#define CALLGATE_STATUS_INVALID_HANDLE 13
/** Another host already listens on this endpoint. */
#define CALLGATE_STATUS_ADDRESS_IN_USE 14
/** A bug in Callgate. */
#define CALLGATE_STATUS_INTERNAL 15
/** The object was created before a fork and belongs to the parent process. */
#define CALLGATE_STATUS_FORKED 16
/** It did not run: calling again is safe. */
#define CALLGATE_EXECUTION_NOT_RUN 0
/** It ran. */
#define CALLGATE_EXECUTION_RAN 1
/** The call may have been sent; whether it ran is unknown. */
#define CALLGATE_EXECUTION_UNKNOWN 2


/*
 * Errors
 * ======
 *
 * Every function that can fail returns a callgate_status. Its last parameter receives the error: pass NULL
 * if the status is enough, or the address of a pointer, which is written on failure only. The program then
 * owns the error:
 *
 *     callgate_error *error = NULL;
 *     if (callgate_host_start(host, &error) != CALLGATE_STATUS_OK) {
 *         fprintf(stderr, "%s\n", callgate_error_message(error, NULL));
 *         callgate_error_free(error);
 *     }
 *
 * Errors are immutable; any number of threads may read one. What the functions below return is borrowed
 * until the error is freed. Given NULL or an invalid handle, they return CALLGATE_STATUS_OK
 * (callgate_error_status), CALLGATE_EXECUTION_NOT_RUN, empty text, 0 and NULL.
 */

/** Why an operation failed. */
typedef struct callgate_error callgate_error;

/** The error's status. */
callgate_status callgate_error_status(const callgate_error *error);

/** Whether the call ran. */
callgate_execution callgate_error_execution(const callgate_error *error);

/**
 * What went wrong and how to fix it, in words. A remote error's message comes from the peer unchanged: for
 * logs and terminals use callgate_error_description().
 */
const char *callgate_error_message(const callgate_error *error,
                                   size_t *length);

/**
 * The whole error on one line, for logs: status, remote type, message and causes. Control characters, line
 * ends included, are escaped, as in \n and \u{1b}. Long texts are cut: a type name at 1 KiB, a message at
 * 4 KiB.
 */
const char *callgate_error_description(const callgate_error *error,
                                       size_t *length);

/**
 * The remote error's type name in the delegate's language, e.g. "System.IO.IOException". What comes from a
 * peer has no control characters: they are escaped, and a name above 1 KiB is cut.
 */
const char *callgate_error_type_name(const callgate_error *error,
                                     size_t *length);

/** The remote error's stack trace as text, or empty. */
const char *callgate_error_trace(const callgate_error *error, size_t *length);

/** The MessagePack value that the delegate attached to its remote error; NULL and 0 if there is none. */
const void *callgate_error_data(const callgate_error *error,
                                size_t *length);

/** The operating system's error code (errno, GetLastError), or 0. */
int32_t callgate_error_os_code(const callgate_error *error);

/** The error that caused this one, or NULL. It is freed with this one; do not free it. */
const callgate_error *callgate_error_cause(const callgate_error *error);

/** Frees an error. Freeing NULL does nothing. */
void callgate_error_free(callgate_error *error);


/*
 * Creating errors
 * ===============
 */

/** The parts of an error for callgate_error_new(), which copies them. Leave a part 0 or NULL to omit it. */
typedef struct {
    /** sizeof(callgate_error_parts). */
    size_t struct_size;
    /** The status; 0 means CALLGATE_STATUS_REMOTE_ERROR. */
    callgate_status status;
    /** Whether the call ran. Ignored for a remote error, whose call did run. */
    callgate_execution execution;
    /** The error's type name, NUL-terminated. For remote errors. */
    const char *type_name;
    /** What went wrong, in words. */
    const char *message;
    /** The message's length in bytes. */
    size_t message_length;
    /** A stack trace as text. For remote errors. */
    const char *trace;
    /** The trace's length in bytes. */
    size_t trace_length;
    /** One MessagePack value for the caller. For remote errors. */
    const void *data;
    /** The data's length in bytes. */
    size_t data_length;
} callgate_error_parts;

/** Creates an error, to pass to callgate_call_fail_with() or to return from a delegate factory. */
callgate_status callgate_error_new(const callgate_error_parts *parts,
                                   callgate_error **made,
                                   callgate_error **error);


/*
 * Timeouts
 * ========
 *
 * A timeout is an int64_t: a positive number of milliseconds, or one of the constants below. Each function
 * or field documents its default.
 */

/** The default, which is unlimited only where documented. */
#define CALLGATE_TIMEOUT_DEFAULT 0
/** No limit. */
#define CALLGATE_TIMEOUT_NONE (-1)
/** Do not wait. */
#define CALLGATE_TIMEOUT_NOW (-2)


/*
 * Callbacks
 * =========
 *
 * A callback is registered with user_data, which is passed to it, and user_data_free (or NULL), which
 * releases user_data. user_data_free runs exactly once, after the last invocation, or when the
 * registration fails. It may run on any thread, the program's own included. It must not wait; it may call
 * functions that do not wait, such as callgate_..._free(). No callback may be left by a C++ exception, by
 * unwinding or by longjmp.
 *
 * A callback of a host or client, and its user_data_free, may close that host or client: closing then
 * begins and returns at once. Waiting there for the end of closing would be waiting for the callback
 * itself, so callgate_host_wait() and callgate_client_wait() return CALLGATE_STATUS_WOULD_DEADLOCK. Two
 * other waits return that status:
 *
 * - waiting for a connection in a client's log or disconnected handler, if it runs on the thread that
 *   connects: the client reconnects only after it returns;
 * - calling, in a delegate factory, the interface that the factory is creating a delegate for, on the same
 *   connection: through a callback of that client, or through a client in the factory's own process. Over
 *   TCP the two processes cannot be recognised as the same, and such a call times out instead.
 */

/** Releases user_data; may be NULL. */
typedef void (*callgate_free_fn)(void *user_data);


/*
 * Logging
 * =======
 */

/**
 * The severity of a log event. Of events that a peer can cause at any rate, a few of each kind are logged in
 * a second; another event says how many more there were.
 */
typedef int32_t callgate_log_level;

/**
 * An event of a log: a whole sentence for people, and what it is about as fields for programs. All text is
 * NUL-terminated, and contains no control characters and no line ends: those sent by a peer are escaped. Text
 * that does not apply is empty. All is borrowed until the callback returns.
 */
typedef struct {
    /** sizeof(callgate_log_event) in the library's version; later versions may add fields at the end. */
    size_t struct_size;
    /** The severity. */
    callgate_log_level level;
    /** The status of the error that the message describes, or CALLGATE_STATUS_OK. */
    callgate_status status;
    /**
     * What the event comes from: "callgate::host", "callgate::client", "callgate::connection" or
     * "callgate::transport".
     */
    const char *target;
    /** What happened, on one line of at most about 8 KiB. */
    const char *message;
    /** The length of the message in bytes. */
    size_t message_length;
    /** The connection's number, or 0: see callgate_connection_id(). */
    uint64_t connection;
    /** The peer's user, vouched for by the operating system: its uid on Unix, its SID on Windows. */
    const char *peer_user;
    /** The peer's process id, or -1. For information, never as proof: process ids are reused. */
    int64_t peer_pid;
    /** The endpoint that the host listens on or the client connects to. */
    const char *endpoint;
    /** The interface of the call. */
    const char *interface_name;
    /** The method of the call. */
    const char *method;
    /** How many events this one stands for, or 0: those left out of the log, or the one-way calls lost. */
    uint64_t count;
} callgate_log_event;

/**
 * Receives one log event. Runs on any thread, and on several at once. It should not wait, since the operation
 * that logs waits for it. It may call any Callgate function, and may close anything.
 */
typedef void (*callgate_log_fn)(void *user_data, const callgate_log_event *event);

/** An operation failed. */
#define CALLGATE_LOG_ERROR 1
/** A peer misbehaved, or something failed and will be tried again. */
#define CALLGATE_LOG_WARNING 2
/** Normal events. */
#define CALLGATE_LOG_INFO 3
/** Normal events, in detail. */
#define CALLGATE_LOG_DEBUG 4


/*
 * Limits
 * ======
 *
 * What a host or client allows its peers, and how long it waits. The defaults suit most programs.
 */

/** Sleep immediately when there is nothing to read: saves CPU time, costs latency. */
#define CALLGATE_SPIN_OFF (-1)

/** Limits of a host or client. 0 means the default, given in parentheses. */
typedef struct {
    /** sizeof(callgate_limits). */
    size_t struct_size;
    /** The largest frame; a frame holds one call or reply (64 MiB of payload plus 64 KiB). */
    size_t frame_bytes;
    /** How many bytes of calls without a reply a peer may have sent, per connection (two frames). */
    size_t inbound_bytes;
    /**
     * The same for all connections of a host together, large frames that are still arriving included (512
     * MiB). A quarter is divided evenly among the connections; of the rest, a connection gets at most half of
     * what the others leave.
     */
    size_t host_inbound_bytes;
    /** How many calls without a reply, one-way calls included, a peer may have sent (2048). */
    size_t inbound_calls;
    /**
     * How many calls may run at once on one connection, nested calls not counted (16). On all connections
     * of a host or client together at most 2,048 run on threads of their own; more are refused.
     */
    size_t running_calls;
    /** How many nested calls may run at once on one connection, in addition to running_calls (256). */
    size_t nested_calls;
    /** How deep calls may nest: a call made while serving a call, and so on (64). */
    size_t nesting_depth;
    /**
     * How many interfaces one connection may serve (256). The same number of unknown names is remembered;
     * beyond that, the delegate factories are asked again for every call to an unknown name.
     */
    size_t interfaces;
    /** How many connections a host may have (1024). One that has ended counts until its calls have returned. */
    size_t connections;
    /** How many connections one user, or one TCP address, may have to a host (256). */
    size_t connections_per_user;
    /** How many unfinished handshakes a host may have; one more drops the oldest (64). */
    size_t handshakes;
    /** How many bytes may wait to be sent on one connection before senders block (1 MiB). */
    size_t send_queue_bytes;
    /** The time limit for connecting and the handshake together (10 s). */
    int64_t handshake_timeout_ms;
    /** How long a call waits for a connection (6 s). */
    int64_t connection_timeout_ms;
    /** How long a call may take, all waiting included (30 s). CALLGATE_TIMEOUT_NONE: no limit. */
    int64_t call_timeout_ms;
    /**
     * How long a peer may take to read 512 KiB of what waits to be sent, or all of it if less waits, before
     * it is disconnected; also how long it may leave a frame incomplete without sending 16 KiB more of it
     * (30 s).
     */
    int64_t write_timeout_ms;
    /**
     * How long closing waits for running delegates (5 s); also how long, at least a second, a peer may keep
     * its connection after it has said that it closes, while no call waits for its reply.
     */
    int64_t drain_timeout_ms;
    /**
     * Over TCP a hung peer looks like a silent one. A side that has waited this long for replies, and
     * received nothing at all, pings the peer (30 s). CALLGATE_TIMEOUT_NONE: never.
     */
    int64_t ping_after_ms;
    /** How long after a ping a side may receive nothing before it ends the connection (20 s). */
    int64_t ping_timeout_ms;
    /**
     * The longest time, in microseconds, that a thread that waits for a message spins before it sleeps. It
     * spins only where that pays (twice the cost of sleeping and waking, which the process measures: tens
     * of microseconds). CALLGATE_SPIN_OFF: never.
     */
    int64_t spin_us;
    /**
     * The shortest pause between attempts to connect (10 ms; over TCP 100 ms). Set it together with the
     * longest.
     */
    int64_t reconnect_backoff_min_ms;
    /**
     * The longest pause between attempts to connect (1 s; over TCP 30 s). Pauses grow with each failure,
     * and start from the shortest again after a connection that served calls or lasted this long.
     */
    int64_t reconnect_backoff_max_ms;
    /**
     * Unless 0, large frames travel whole, and small frames wait behind them. Normally they travel in parts, if
     * the peer agrees, with small frames in between.
     */
    uint8_t no_parts;
} callgate_limits;


/*
 * Traces
 * ======
 */

/**
 * Records what passes on the connections of a host or client in a file. Without it, the variables
 * CALLGATE_TRACE and CALLGATE_TRACE_PAYLOADS of the environment decide. Recording never makes the program
 * wait: what cannot be written in time is left out and counted, and if the file cannot grow, recording ends
 * with a line in the log. Closing or freeing the host or client waits up to a second until the file is complete.
 */
typedef struct {
    /** sizeof(callgate_trace). */
    size_t struct_size;
    /**
     * The file, which must not exist yet; only this user may read it. "%p" stands for the process id, "%n"
     * for the number of the recording in this process, and "%%" for a percent sign. For a folder, the name is
     * "callgate-%p-%n.pcapng" in it.
     */
    const char *file;
    /** The size of the file, in bytes, at which recording stops. 0 means 64 MiB. */
    uint64_t limit;
    /** Unless 0, arguments, results and the data of errors are recorded too. */
    uint8_t payloads;
} callgate_trace;


/*
 * Buffers
 * =======
 */

/** The owner of a buffer's memory. */
typedef struct callgate_buffer_owner callgate_buffer_owner;

/** Bytes that Callgate allocated and the program owns. Free them with callgate_buffer_free(). */
typedef struct {
    /** The first byte; NULL if the buffer is empty. */
    const void *data;
    /** The length in bytes. */
    size_t length;
    /** Internal. */
    callgate_buffer_owner *owner;
} callgate_buffer;

/**
 * Frees the bytes of a buffer and zeroes it, so that freeing it again does nothing. Freeing NULL or a
 * zeroed buffer does nothing.
 */
void callgate_buffer_free(callgate_buffer *buffer);


/*
 * Connections
 * ===========
 *
 * One established conversation between a client and a host. A callback borrows its connection until it
 * returns; callgate_connection_clone() makes a handle to keep. A kept handle does not keep the connection
 * open. Any number of threads may use a connection.
 */

/** One established conversation between a client and a host. */
typedef struct callgate_connection callgate_connection;

/**
 * The connection's number, used in the logs of both sides; 0 for an invalid handle. The host's process
 * assigns it, so connections of one client process to two hosts can have the same number.
 */
uint64_t callgate_connection_id(const callgate_connection *connection);

/**
 * Whether two handles refer to the same end of the same connection; false if either is invalid. Comparing
 * their numbers is not enough, since each host's process assigns its own.
 */
bool callgate_connection_is_same(const callgate_connection *connection,
                                 const callgate_connection *other);

/**
 * Which of the client's connections this is: 1 for the first, one more after each reconnect. Always 1 on a
 * host; 0 for an invalid handle.
 */
uint64_t callgate_connection_generation(const callgate_connection *connection);

/** Whether the connection is still open. It may end at any moment. */
bool callgate_connection_is_open(const callgate_connection *connection);

/**
 * The peer's user, vouched for by the operating system: its uid on Unix, its SID on Windows; empty if unknown
 * (TCP). Borrowed until the handle is freed or the callback that received it returns.
 */
const char *callgate_connection_peer_user(const callgate_connection *connection,
                                          size_t *length);

/**
 * The name of the peer's user ("DOMAIN\name" on Windows), for people; empty if it has none, or the user is
 * unknown. The first call for a handle looks it up, and may wait for a server. Borrowed like the user.
 */
const char *callgate_connection_peer_user_name(const callgate_connection *connection,
                                               size_t *length);

/** The uid of the peer's user, vouched for by the operating system; -1 if unknown (TCP, Windows). */
int64_t callgate_connection_peer_uid(const callgate_connection *connection);

/** The peer's group id, or -1. */
int64_t callgate_connection_peer_gid(const callgate_connection *connection);

/** The peer's process id, or -1. For information, never as proof: process ids are reused. */
int64_t callgate_connection_peer_pid(const callgate_connection *connection);

/**
 * The peer's network address, e.g. "127.0.0.1:50312"; empty if it has none. Borrowed until the handle is
 * freed or the callback that received it returns.
 */
const char *callgate_connection_peer_address(const callgate_connection *connection,
                                             size_t *length);

/**
 * The fingerprint of the peer's key over TLS, as trust= takes it: "sha256:" and 64 digits; empty if the peer has
 * shown no certificate. The peer has proved that it has the key. Borrowed like the address.
 */
const char *callgate_connection_peer_key(const callgate_connection *connection,
                                         size_t *length);

/**
 * The common name in the peer's certificate, for people; empty if there is none. Its authority vouches for it if
 * trust= names authorities; if it names keys, it is what the peer says of itself. Borrowed like the address.
 */
const char *callgate_connection_peer_common_name(const callgate_connection *connection,
                                                 size_t *length);

/**
 * The DNS names and URIs in the peer's certificate, one on each line; empty if there are none. The same vouches
 * for them as for the common name. Borrowed like the address.
 */
const char *callgate_connection_peer_names(const callgate_connection *connection,
                                           size_t *length);

/**
 * Waits until everything sent so far on this connection has been handed to the operating system (default
 * timeout: the drain_timeout_ms of the limits). Calls that still wait for the peer to catch up are not
 * included. If the connection ends first, returns the reason.
 */
callgate_status callgate_connection_flush(const callgate_connection *connection,
                                          int64_t timeout_ms,
                                          callgate_error **error);

/** Ends the connection without waiting. May be called in any callback. */
callgate_status callgate_connection_close(const callgate_connection *connection,
                                          callgate_error **error);

/** Makes another handle to the same connection. The program frees it. */
callgate_status callgate_connection_clone(const callgate_connection *connection,
                                          callgate_connection **clone,
                                          callgate_error **error);

/**
 * Frees a handle from callgate_connection_clone() or callgate_client_connection(). The connection stays
 * open. Freeing NULL does nothing.
 */
void callgate_connection_free(callgate_connection *connection);


/*
 * Inbound calls
 * =============
 *
 * A call that a delegate must reply to, once, with one of the functions below. Names and metadata are
 * borrowed until the handle ends, arguments until the reply. The handle ends when the callback that
 * received it returns; to reply later, from any thread, get an owned handle from callgate_call_defer().
 * For a call that already has its reply, and for an invalid handle, the functions return empty text, no
 * bytes, false or 0; but callgate_call_is_cancelled() returns true.
 */

/** A call that waits for its reply. */
typedef struct callgate_call callgate_call;

/** The interface's name, as the caller's proxy spells it. */
const char *callgate_call_interface(const callgate_call *call, size_t *length);

/** The method's name. */
const char *callgate_call_method(const callgate_call *call, size_t *length);

/** The signature that distinguishes overloads of a method, or empty. */
const char *callgate_call_signature(const callgate_call *call, size_t *length);

/** The arguments: one MessagePack array. Read them with callgate_call_read_arguments(). */
const void *callgate_call_arguments(const callgate_call *call, size_t *length);

/** Whether this is a one-way call, which gets no reply. Replying to it is allowed and does nothing. */
bool callgate_call_is_one_way(const callgate_call *call);

/**
 * How long the caller will still wait, as a timeout for calls made on its behalf: CALLGATE_TIMEOUT_NONE if
 * it waits without limit, CALLGATE_TIMEOUT_NOW if it has stopped waiting.
 */
int64_t callgate_call_time_left_ms(const callgate_call *call);

/**
 * Whether the caller no longer waits: it cancelled the call, the deadline passed, the connection ended, or
 * the call already has its reply. Also true for an invalid handle, so that a worker that loops until this
 * is true always ends. A delegate may then stop early and reply with what it has: the caller gets
 * CALLGATE_STATUS_CANCELLED or CALLGATE_STATUS_TIMED_OUT, never the result.
 */
bool callgate_call_is_cancelled(const callgate_call *call);

/**
 * Waits until callgate_call_is_cancelled() is true, and returns whether it is (default timeout: none). A
 * reply from another thread does not end the wait. An invalid timeout returns false at once.
 */
bool callgate_call_wait_cancelled(const callgate_call *call,
                                  int64_t timeout_ms);

/** The number of metadata entries that the caller sent. */
size_t callgate_call_metadata_count(const callgate_call *call);

/** The key of the metadata entry at `index`, counted from 0. */
const char *callgate_call_metadata_key(const callgate_call *call, size_t index, size_t *length);

/** The value of the metadata entry at `index`, counted from 0. */
const char *callgate_call_metadata_value(const callgate_call *call, size_t index, size_t *length);

/** The connection that the call came on, or NULL. Borrowed until the handle ends. */
callgate_connection *callgate_call_connection(const callgate_call *call);


/*
 * Replying to calls
 * =================
 *
 * Each call gets one reply, from any thread. A second one returns CALLGATE_STATUS_INVALID_ARGUMENT and
 * sends nothing. If the delegate returns without replying or deferring, the caller gets a remote error
 * that says so. A reply that cannot be sent (the connection was lost) returns an error; the caller already
 * has its own.
 */

/**
 * Replies with a result: one MessagePack value, copied. (NULL, 0) means nil, the result of a method that
 * returns nothing.
 */
callgate_status callgate_call_reply(callgate_call *call,
                                    const void *data,
                                    size_t length,
                                    callgate_error **error);

/** Replies with a remote error: its type name (or NULL) and a message, both NUL-terminated. */
callgate_status callgate_call_fail(callgate_call *call,
                                   const char *type_name,
                                   const char *message,
                                   callgate_error **error);

/**
 * Replies with any error, which is copied: one from callgate_error_new(), from a reader, or from another
 * call. An error from another call reaches the caller with CALLGATE_EXECUTION_RAN, even if that other call
 * did not run. Errors from callgate_error_new(), and from a reader of the arguments, keep their execution.
 */
callgate_status callgate_call_fail_with(callgate_call *call,
                                        const callgate_error *failure,
                                        callgate_error **error);

/** Replies with CALLGATE_STATUS_CONTRACT_MISMATCH: the interface has no such method. */
callgate_status callgate_call_fail_no_such_method(callgate_call *call, callgate_error **error);

/**
 * Defers the reply: the delegate may return, and the program replies later through `deferred`, which it
 * owns and frees with callgate_call_free(). A call can be deferred once.
 */
callgate_status callgate_call_defer(callgate_call *call,
                                    callgate_call **deferred,
                                    callgate_error **error);

/**
 * Frees a handle from callgate_call_defer(). If the call has no reply yet, the caller gets a remote error.
 * Never waits. Freeing NULL does nothing.
 */
void callgate_call_free(callgate_call *deferred);


/*
 * Notices of cancellation
 * =======================
 *
 * Instead of polling callgate_call_is_cancelled(), a delegate can register a function. It is meant for
 * work that goes on elsewhere: to wake a thread, stop a child process or cancel a task.
 */

/**
 * Runs when the caller has stopped waiting: callgate_call_is_cancelled() has become true, but not because
 * of the reply. Runs on a Callgate thread, for several calls at once. If no such thread is available it
 * runs on the thread that finds out. It may block. It may call any Callgate function, and may close
 * anything. Calls that it makes are not nested in the call.
 */
typedef void (*callgate_cancelled_fn)(void *user_data);

/**
 * Runs a function when the caller stops waiting; soon, if it has stopped already. Works for calls that are
 * being served and for deferred ones; a one-way call is cancelled only by the end of its connection. A
 * call may have several functions.
 *
 * The function runs at most once. It does not start after the reply, or after the last handle of the call
 * has ended. Replying does not wait for a running function. Once a function has started, no result reaches
 * the caller, whatever the delegate replies. user_data is released after the function has returned, or
 * once it is certain that it will not run.
 *
 * Unless it is NULL, *notice receives a number for callgate_call_remove_on_cancelled(). Returns
 * CALLGATE_STATUS_INVALID_ARGUMENT after the reply, and CALLGATE_STATUS_LIMIT_EXCEEDED if no thread can be
 * started to watch the call's deadline.
 */
callgate_status callgate_call_on_cancelled(callgate_call *call,
                                           callgate_cancelled_fn function,
                                           void *user_data,
                                           callgate_free_fn user_data_free,
                                           uint64_t *notice,
                                           callgate_error **error);

/**
 * Removes the function with this number from callgate_call_on_cancelled(). Returns true if it has not
 * started and never will; then user_data is released. Returns false if it has started, or if the call has
 * its reply: it may be running on another thread, and this function does not wait for it.
 */
bool callgate_call_remove_on_cancelled(callgate_call *call,
                                       uint64_t notice);


/*
 * Delegates
 * =========
 *
 * A delegate serves one interface on one connection. When the first call to an interface arrives on a
 * connection, the host asks its delegate factories, in the order they were added, for the delegate. It
 * asks at most once per connection and interface, and keeps the delegate until the connection ends.
 */

/**
 * Serves a call, which is borrowed until the function returns: reply to it or defer it. Runs on Callgate's
 * threads, on several at once for concurrent calls. It may block and take long. It may call any Callgate
 * function, and may close anything, which then ends after it returns.
 */
typedef void (*callgate_invoke_fn)(void *user_data, callgate_call *call);

/** A delegate, filled in by its factory. */
typedef struct {
    /** Serves the calls; NULL means no delegate. */
    callgate_invoke_fn invoke;
    /** Passed to `invoke`. */
    void *user_data;
    /** Releases user_data after the connection has ended and the last invocation has returned; or NULL. */
    callgate_free_fn user_data_free;
} callgate_delegate;

/**
 * Creates the delegate of an interface for a connection. `delegate` points to zeros:
 *
 * - to serve the interface, fill it in and return CALLGATE_STATUS_OK;
 * - to leave the interface to the next factory, change nothing and return CALLGATE_STATUS_OK;
 * - to fail, return another status, and optionally store an error from callgate_error_new() in *error,
 *   which Callgate then frees. The caller gets the error, and the next call asks the factory again.
 *
 * interface_name and connection are borrowed until it returns. Runs on a connection's thread, for several
 * connections at once. It may block. It may call any Callgate function, and may close anything.
 */
typedef callgate_status (*callgate_delegate_factory_fn)(void *user_data,
                                                        const char *interface_name,
                                                        callgate_connection *connection,
                                                        callgate_delegate *delegate,
                                                        callgate_error **error);


/*
 * Connection events
 * =================
 */

/**
 * Runs when a connection has been established; the connection is borrowed until it returns. A host runs it
 * before it serves any call of that client, on the connection's thread, for several connections at once. A
 * client runs it on the client's thread. It may block, which delays the client. It may call any Callgate
 * function, and may close anything.
 */
typedef void (*callgate_connected_fn)(void *user_data, callgate_connection *connection);

/**
 * Runs when a connection has ended, with the reason; both are borrowed until it returns. A host runs it on
 * the connection's thread, for several connections at once. A client runs it on the client's thread, and
 * reconnects after it returns. It may block. It may call any Callgate function, and may close anything.
 */
typedef void (*callgate_disconnected_fn)(void *user_data,
                                         callgate_connection *connection,
                                         const callgate_error *reason);


/*
 * Hosts
 * =====
 *
 * A host listens on endpoints and serves interfaces through delegates. Create it, add endpoints, factories
 * and handlers, start it; then close it, or just free it. Any number of threads may use a host.
 */

/** Listens on endpoints and serves interfaces. */
typedef struct callgate_host callgate_host;

/** Options of a host. 0 and NULL mean the defaults. */
typedef struct {
    /** sizeof(callgate_host_options). */
    size_t struct_size;
    /** The host's limits, or NULL; copied. */
    const callgate_limits *limits;
    /** Receives the host's log, or NULL. */
    callgate_log_fn log;
    /** Passed to `log`. */
    void *log_user_data;
    /** Releases log_user_data, or NULL. */
    callgate_free_fn log_user_data_free;
    /** Unless 0, the host does not say what it serves: it has no interface "callgate.Host". */
    uint8_t no_host_interface;
    /** What to record, or NULL; copied. The file is created when the host is started. */
    const callgate_trace *trace;
} callgate_host_options;

/** Creates a host, which does not listen yet. options may be NULL. */
callgate_status callgate_host_new(const callgate_host_options *options,
                                  callgate_host **host,
                                  callgate_error **error);

/**
 * Adds an endpoint to listen on: "pipe://name", "unix:///path", "tcp://host:port" or
 * "tls://host:port?certificate=FILE&key=FILE&trust=FILE" (docs/tls.md), where port 0 lets the system
 * choose. Pipes and paths are accessible to the user who runs the host, and to root, unless the endpoint
 * says otherwise: "unix:///path?access=everyone", "pipe://name?scope=system&access=everyone" (which only
 * root can offer), or access=group:NAME for the members of a group. TCP is limited to loopback
 * addresses, since it has neither authentication nor encryption; "tcp://0.0.0.0:4000?insecure=1" accepts
 * calls from everywhere all the same. Returns CALLGATE_STATUS_INVALID_ARGUMENT for a malformed endpoint.
 */
callgate_status callgate_host_add_endpoint(callgate_host *host,
                                           const char *endpoint,
                                           callgate_error **error);

/** Adds a delegate factory, which is asked after those added before it. */
callgate_status callgate_host_add_delegate_factory(callgate_host *host,
                                                   callgate_delegate_factory_fn factory,
                                                   void *user_data,
                                                   callgate_free_fn user_data_free,
                                                   callgate_error **error);

/**
 * Makes the calls of each connection to this interface run one at a time, in order of arrival. Calls
 * nested in a running one do not wait for it.
 */
callgate_status callgate_host_add_ordered_interface(callgate_host *host,
                                                    const char *interface_name,
                                                    callgate_error **error);

/**
 * Makes every interface name that begins with `prefix` an alias of the interface. The longest matching prefix
 * wins.
 */
callgate_status callgate_host_add_interface_alias(callgate_host *host,
                                                  const char *prefix,
                                                  const char *interface_name,
                                                  callgate_error **error);

/** Adds a handler that runs for each client that connects. */
callgate_status callgate_host_add_client_connected_handler(callgate_host *host,
                                                           callgate_connected_fn handler,
                                                           void *user_data,
                                                           callgate_free_fn user_data_free,
                                                           callgate_error **error);

/** Adds a handler that runs for each client that disconnects. */
callgate_status callgate_host_add_client_disconnected_handler(callgate_host *host,
                                                              callgate_disconnected_fn handler,
                                                              void *user_data,
                                                              callgate_free_fn user_data_free,
                                                              callgate_error **error);

/**
 * Starts to listen and serve. When it returns, clients can connect. A host can be started once; if
 * starting fails, it can only be freed. Handlers may run before this returns, and may use the host.
 */
callgate_status callgate_host_start(callgate_host *host, callgate_error **error);

/** The number of endpoints that the host listens on; 0 before it is started. */
size_t callgate_host_endpoint_count(const callgate_host *host);

/**
 * The endpoint at `index`, counted from 0, with the port that the system chose; empty if there is no such
 * endpoint. Borrowed until the host is freed.
 */
const char *callgate_host_endpoint(const callgate_host *host,
                                   size_t index,
                                   size_t *length);

/**
 * Stores handles to the host's open connections in `connections`, up to `capacity`. The program frees each
 * with callgate_connection_free(). *count receives the number of open connections, which may exceed
 * `capacity`: then call again with more room. With a capacity of 0, connections may be NULL. A host that
 * is not running has none. May be called from anywhere, including the host's callbacks.
 */
callgate_status callgate_host_connections(const callgate_host *host,
                                          callgate_connection **connections,
                                          size_t capacity,
                                          size_t *count,
                                          callgate_error **error);

/**
 * Stops listening, ends every connection, and waits until no callback of this host runs or will run.
 * Running delegates may finish until the timeout (default: the drain_timeout_ms of the limits); after that
 * it returns CALLGATE_STATUS_TIMED_OUT, and closing continues in the background. In a callback of this
 * host, closing begins and returns at once; callgate_host_wait() waits for its end. Closing twice does no
 * harm.
 */
callgate_status callgate_host_close(callgate_host *host,
                                    int64_t timeout_ms,
                                    callgate_error **error);

/**
 * Waits until the host is closed, by whichever thread (default timeout: the drain_timeout_ms of the
 * limits). Returns CALLGATE_STATUS_TIMED_OUT if it is not closed by then.
 */
callgate_status callgate_host_wait(callgate_host *host, int64_t timeout_ms, callgate_error **error);

/** Frees a host. It closes, without waiting, when no function uses it any more. Freeing NULL does nothing. */
void callgate_host_free(callgate_host *host);


/*
 * Clients
 * =======
 *
 * A client connects to an endpoint and, for its whole life, silently reconnects whenever the connection
 * is lost. Create it, add handlers, start it; then close it, or just free it. Any number of threads may
 * use a client and its proxies.
 */

/** Connects and reconnects to one endpoint at a time. */
typedef struct callgate_client callgate_client;

/** When a client's proxies compare the descriptions of their interfaces with the host's. */
typedef int32_t callgate_verify;

/** Options of a client. 0 and NULL mean the defaults. */
typedef struct {
    /** sizeof(callgate_client_options). */
    size_t struct_size;
    /** The client's limits, or NULL; copied. */
    const callgate_limits *limits;
    /** Receives the client's log, or NULL. */
    callgate_log_fn log;
    /** Passed to `log`. */
    void *log_user_data;
    /** Releases log_user_data, or NULL. */
    callgate_free_fn log_user_data_free;
    /**
     * The user that the host must run as: a uid or a name on Unix, a SID or a name on Windows; or NULL. A host
     * that runs as root is refused too. If it runs as another user, or its user is unknown, the client does
     * not connect, and waiting calls get CALLGATE_STATUS_ACCESS_DENIED. The user of a TCP peer is never
     * known, so callgate_client_start() rejects the option for TCP. It also looks the name up: it may wait
     * for a server that knows it, and returns CALLGATE_STATUS_INVALID_ARGUMENT if there is no such user.
     */
    const char *host_user;
    /**
     * When proxies that have a description compare it with the host's. callgate_client_new() returns
     * CALLGATE_STATUS_INVALID_ARGUMENT for a value that is not one of CALLGATE_VERIFY_.
     */
    callgate_verify verify;
    /**
     * 1 to try several endpoints in a random order, which is chosen once: so clients spread over the hosts, and
     * do not all prefer the first.
     */
    uint8_t shuffle_endpoints;
    /** What to record, or NULL; copied. The file is created when the client is started. */
    const callgate_trace *trace;
} callgate_client_options;

/** Before their first call on each connection, in the thread of that call and within its timeout. */
#define CALLGATE_VERIFY_AT_FIRST_CALL 0
/** Only callgate_proxy_verify() compares. Calls that do not fit fail one by one. */
#define CALLGATE_VERIFY_NEVER 1

/**
 * As soon as the client has connected or the proxy is described, in the background. Differences are logged as
 * errors. A call that is made meanwhile compares too, and fails if there are differences.
 */
#define CALLGATE_VERIFY_WHEN_CONNECTING 2

/**
 * Creates a client of an endpoint ("pipe://name", "unix:///path", "tcp://host:port" or "tls://host:port", see
 * docs/tls.md), or of hosts that can stand in for one another: up to 64 endpoints, separated by commas. It does
 * not connect yet. options may be NULL. Returns CALLGATE_STATUS_INVALID_ARGUMENT for a malformed endpoint;
 * whether a client can connect to a well-formed one, callgate_client_start() says.
 *
 * A client of several endpoints has one connection at a time. It stays with a host until the connection ends,
 * then connects to the same endpoint again, and if that fails, at once to the next one. It pauses when all have
 * failed. A call that may have run is not made again.
 */
callgate_status callgate_client_new(const char *endpoints,
                                    const callgate_client_options *options,
                                    callgate_client **client,
                                    callgate_error **error);

/**
 * Makes every name of a callback interface that begins with `prefix` an alias of the interface. The
 * longest matching prefix wins.
 */
callgate_status callgate_client_add_interface_alias(callgate_client *client,
                                                    const char *prefix,
                                                    const char *interface_name,
                                                    callgate_error **error);

/**
 * Starts to connect, in the background: it never waits for a host. A client can be started once; if
 * starting fails, it can only be freed. Proxies cannot be created before: that returns
 * CALLGATE_STATUS_INVALID_ARGUMENT. Handlers may run before this returns, and may use the client.
 */
callgate_status callgate_client_start(callgate_client *client, callgate_error **error);

/**
 * Sets how long later calls wait for a connection (default: the connection_timeout_ms of the limits). A
 * call's own timeout still applies. The client must have been started.
 */
callgate_status callgate_client_set_connection_timeout(callgate_client *client,
                                                       int64_t timeout_ms,
                                                       callgate_error **error);

/**
 * Waits until the client is connected (default timeout: the time its calls wait for a connection). A
 * failure that waiting cannot fix is returned at once; a timeout's error carries the last failure as its
 * cause.
 */
callgate_status callgate_client_wait_connected(const callgate_client *client,
                                               int64_t timeout_ms,
                                               callgate_error **error);

/**
 * Gets a handle to the client's present connection, which the program frees.
 * CALLGATE_STATUS_CHANNEL_FAULTED if the client is not connected.
 */
callgate_status callgate_client_connection(const callgate_client *client,
                                           callgate_connection **connection,
                                           callgate_error **error);

/**
 * Waits until the one-way calls made so far have been handed to the operating system (default timeout: the
 * drain_timeout_ms of the limits). Returns CALLGATE_STATUS_CHANNEL_FAULTED if the connection is lost
 * meanwhile. One-way calls dropped with an earlier connection are not included.
 */
callgate_status callgate_client_flush(const callgate_client *client,
                                      int64_t timeout_ms,
                                      callgate_error **error);

/**
 * Sends what is queued, ends the connection for good, and waits until no callback of this client runs or
 * will run (default timeout: the drain_timeout_ms of the limits). Waiting calls get
 * CALLGATE_STATUS_CLOSED. In a callback of this client, closing begins and returns at once;
 * callgate_client_wait() waits for its end. Closing twice does no harm.
 */
callgate_status callgate_client_close(callgate_client *client,
                                      int64_t timeout_ms,
                                      callgate_error **error);

/**
 * Waits until the client is closed, by whichever thread (default timeout: the drain_timeout_ms of the
 * limits). Returns CALLGATE_STATUS_TIMED_OUT if it is not closed by then.
 */
callgate_status callgate_client_wait(callgate_client *client,
                                     int64_t timeout_ms,
                                     callgate_error **error);

/** Frees a client. It closes, without waiting, when its last proxy is freed too. Freeing NULL does nothing. */
void callgate_client_free(callgate_client *client);


/*
 * Connection events of a client
 * =============================
 *
 * A client runs its handlers on its own thread, one at a time, for each connection that begins or ends.
 * Add them before starting the client. user_data is released once the client is closed or freed and the
 * last invocation has returned.
 */

/** Adds a handler that runs when the client first connects. */
callgate_status callgate_client_add_connected_handler(callgate_client *client,
                                                      callgate_connected_fn handler,
                                                      void *user_data,
                                                      callgate_free_fn user_data_free,
                                                      callgate_error **error);

/** Adds a handler that runs after each reconnect; callgate_connection_generation() counts the connections. */
callgate_status callgate_client_add_reconnected_handler(callgate_client *client,
                                                        callgate_connected_fn handler,
                                                        void *user_data,
                                                        callgate_free_fn user_data_free,
                                                        callgate_error **error);

/**
 * Adds a handler that runs once for each connection that has ended, with the reason, after the handlers
 * for its beginning have returned.
 */
callgate_status callgate_client_add_disconnected_handler(callgate_client *client,
                                                         callgate_disconnected_fn handler,
                                                         void *user_data,
                                                         callgate_free_fn user_data_free,
                                                         callgate_error **error);


/*
 * Cancellation
 * ============
 *
 * A cancel token cancels calls from another thread: put it into the options of calls, then cancel it. The
 * calls end at once with CALLGATE_STATUS_CANCELLED, and their delegates can notice
 * (callgate_call_is_cancelled). The error's execution says whether such a call ran. Any number of calls
 * and threads may share a token. A cancelled token stays cancelled.
 */

/** Cancels waiting calls. */
typedef struct callgate_cancel_token callgate_cancel_token;

/** Creates a token that is not cancelled. */
callgate_status callgate_cancel_token_new(callgate_cancel_token **token, callgate_error **error);

/** Cancels all calls that use the token, now and later. Never waits; cancelling twice does no harm. */
callgate_status callgate_cancel_token_cancel(callgate_cancel_token *token, callgate_error **error);

/** Whether the token was cancelled. */
bool callgate_cancel_token_is_cancelled(const callgate_cancel_token *token);

/**
 * Frees a token. Calls that use it continue and can no longer be cancelled through it. Freeing NULL does
 * nothing.
 */
void callgate_cancel_token_free(callgate_cancel_token *token);


/*
 * Proxies and calls
 * =================
 *
 * A proxy is the caller's stand-in for an interface that the peer serves. Any number of threads may call
 * through one proxy.
 */

/** The caller's stand-in for an interface that the peer serves. */
typedef struct callgate_proxy callgate_proxy;

/**
 * A metadata entry, sent with a call. A call may have up to 256 of them, of up to 64 KiB together; more is
 * CALLGATE_STATUS_LIMIT_EXCEEDED.
 */
typedef struct {
    /** The key, NUL-terminated, without control characters. */
    const char *key;
    /** The value: any text. */
    const char *value;
    /** The value's length in bytes. */
    size_t value_length;
} callgate_metadata;

/**
 * Called about every 50 ms while a call waits for a connection, for the peer to catch up, or for the
 * reply, on the calling thread. Returning true cancels the call with CALLGATE_STATUS_CANCELLED. It is
 * meant for threads with other duties, such as an interpreter that must check for signals. It may call any
 * Callgate function.
 */
typedef bool (*callgate_check_fn)(void *user_data);

/** Options of a call. 0 and NULL mean the defaults. */
typedef struct {
    /** sizeof(callgate_call_options). */
    size_t struct_size;
    /**
     * How long the call may take: connecting, waiting for the peer to catch up, sending and the reply
     * together. Default: the call_timeout_ms of the client's limits.
     */
    int64_t timeout_ms;
    /** The signature that distinguishes overloads of a method, NUL-terminated; or NULL. */
    const char *signature;
    /** Metadata entries for the delegate. */
    const callgate_metadata *metadata;
    /** The number of entries. */
    size_t metadata_count;
    /** A token that can cancel the call from another thread, or NULL. */
    const callgate_cancel_token *cancel;
    /** Called while the call waits, and can cancel it; or NULL. */
    callgate_check_fn check;
    /** Passed to `check`. It belongs to the program; Callgate does not release it. */
    void *check_user_data;
    /**
     * The inbound call on whose behalf this call is made, borrowed until the function returns; NULL means
     * the one that this thread is serving, if any. Set it when this thread is serving a call that was
     * delivered on another thread, or when a worker thread calls back for one. A call that already has its
     * reply counts as NULL.
     */
    const callgate_call *parent;
} callgate_call_options;

/**
 * Creates a proxy of an interface of the host. It outlives reconnects and keeps the client alive. Creating
 * it does not contact the host: the first call reports an interface that the host does not serve.
 */
callgate_status callgate_proxy_new(const callgate_client *client,
                                   const char *interface_name,
                                   callgate_proxy **proxy,
                                   callgate_error **error);

/**
 * Creates a proxy of an interface that the peer serves on this connection. It stops working when the
 * connection ends.
 */
callgate_status callgate_connection_proxy(const callgate_connection *connection,
                                          const char *interface_name,
                                          callgate_proxy **proxy,
                                          callgate_error **error);

/** Makes another handle to the same proxy. The program frees it. */
callgate_status callgate_proxy_clone(const callgate_proxy *proxy,
                                     callgate_proxy **clone,
                                     callgate_error **error);

/**
 * Calls a method and waits for its result.
 *
 * The arguments are one MessagePack array; (NULL, 0) means no arguments. options may be NULL. The result,
 * one MessagePack value, is stored in `reply`; free it with callgate_buffer_free(). `reply` may be NULL if
 * the result is not wanted. May be called in every callback; but a log callback should not wait.
 */
callgate_status callgate_proxy_call(const callgate_proxy *proxy,
                                    const char *method,
                                    const void *arguments,
                                    size_t arguments_length,
                                    const callgate_call_options *options,
                                    callgate_buffer *reply,
                                    callgate_error **error);

/**
 * Calls a method without waiting for a result. Returns once the call is queued; like any call, it waits
 * for a connection and for the peer to catch up. One-way calls in quick succession are sent together, a
 * moment later: a program that exits without closing or freeing its client must flush it first. Calls
 * still unsent when the connection is lost are dropped, and the log reports how many.
 */
callgate_status callgate_proxy_one_way(const callgate_proxy *proxy,
                                       const char *method,
                                       const void *arguments,
                                       size_t arguments_length,
                                       const callgate_call_options *options,
                                       callgate_error **error);

/** The name of the proxy's interface; empty for an invalid handle. Borrowed until the proxy is freed. */
const char *callgate_proxy_interface(const callgate_proxy *proxy,
                                     size_t *length);

/** Frees a proxy. Calls in progress through it continue. Freeing NULL does nothing. */
void callgate_proxy_free(callgate_proxy *proxy);


/*
 * Asynchronous calls
 * ==================
 *
 * A call can be started without waiting for it: a completion then receives its outcome. Calls started
 * through one proxy are sent in the order they were started, except those that had not left when their
 * connection was lost.
 */

/**
 * Receives the outcome of a call: CALLGATE_STATUS_OK with the result, one MessagePack value, and no error;
 * or an error and no reply. Both are NULL or borrowed until it returns; do not free the reply. Runs once
 * per call, for several calls at once, on a Callgate thread. If no such thread is available (the client is
 * closed, say) it runs on whichever thread finds out, possibly inside callgate_proxy_start(). It may
 * block. It may call any Callgate function, and may close anything.
 */
typedef void (*callgate_completion_fn)(void *user_data,
                                       callgate_status status,
                                       const callgate_buffer *reply,
                                       const callgate_error *error);

/**
 * Starts a call and returns at once. It waits neither for a connection nor for the peer to catch up; the
 * call does, and that time counts towards the timeout of its options.
 *
 * Method, arguments and options are those of callgate_proxy_call(). The cancel token cancels the call; the
 * check is not used. If the call cannot be started, this function returns the error and the completion
 * does not run; every other failure is an outcome. user_data is released after the completion has
 * returned, or once it is certain that it will not run.
 */
callgate_status callgate_proxy_start(const callgate_proxy *proxy,
                                     const char *method,
                                     const void *arguments,
                                     size_t arguments_length,
                                     const callgate_call_options *options,
                                     callgate_completion_fn completion,
                                     void *user_data,
                                     callgate_free_fn user_data_free,
                                     callgate_error **error);


/*
 * Initialised proxies
 * ===================
 *
 * A proxy can have a routine that runs before the proxy is used on a connection: to log on, for example,
 * or to subscribe again after a reconnect.
 */

/**
 * Initialises a proxy, which is borrowed until the routine returns. The routine's own calls through the
 * proxy, and those that the host's callbacks make because of them, do not wait for the routine. To fail,
 * return a status other than CALLGATE_STATUS_OK, and optionally store an error in *error, which Callgate
 * then frees. Runs on a Callgate thread, one invocation at a time. It may block. It may call any Callgate
 * function, and may close anything.
 */
typedef callgate_status (*callgate_initialise_fn)(void *user_data,
                                                  callgate_proxy *proxy,
                                                  callgate_error **error);

/**
 * Creates a proxy like callgate_proxy_new(), with an initialisation routine. The routine runs on each new
 * connection, before the proxy's first call or as soon as the client has reconnected. Calls wait for it.
 * If it fails, the waiting calls get CALLGATE_STATUS_INITIALISATION_FAILED with its error as the cause,
 * and it runs again after growing pauses. user_data is released when the last handle to the proxy is freed
 * and the routine is not running.
 */
callgate_status callgate_proxy_new_initialised(const callgate_client *client,
                                               const char *interface_name,
                                               callgate_initialise_fn routine,
                                               void *user_data,
                                               callgate_free_fn user_data_free,
                                               callgate_proxy **proxy,
                                               callgate_error **error);


/*
 * Calls in both directions
 * ========================
 *
 * A host can call its clients over the connections that they opened. The client serves callback interfaces
 * through handlers, which are added before it is started. The host gets a proxy of a callback interface in
 * a duplex delegate factory or from callgate_connection_proxy(). Either side may call the other while
 * serving a call, to any depth up to the nesting_depth of its limits.
 */

/**
 * Creates the delegate of an interface for a connection like a callgate_delegate_factory_fn, and also gets
 * a proxy of the client's callback interface on that connection. The proxy can be called at once. To keep
 * it, use callgate_proxy_clone(); it works until the connection ends. connection and callback are borrowed
 * until the factory returns.
 */
typedef callgate_status (*callgate_duplex_delegate_factory_fn)(void *user_data,
                                                               callgate_connection *connection,
                                                               callgate_proxy *callback,
                                                               callgate_delegate *delegate,
                                                               callgate_error **error);

/**
 * Adds the duplex delegate factory of an interface, which takes precedence over all plain factories. A
 * second one for the same interface returns CALLGATE_STATUS_INVALID_ARGUMENT.
 */
callgate_status callgate_host_add_duplex_delegate_factory(callgate_host *host,
                                                          const char *interface_name,
                                                          const char *callback_interface_name,
                                                          callgate_duplex_delegate_factory_fn factory,
                                                          void *user_data,
                                                          callgate_free_fn user_data_free,
                                                          callgate_error **error);

/**
 * Serves a callback interface to the host on all of the client's connections. Add handlers before starting
 * the client; a second one for the same interface returns CALLGATE_STATUS_INVALID_ARGUMENT. user_data is
 * released once the client is closed or freed and the last invocation has returned.
 */
callgate_status callgate_client_add_callback_handler(callgate_client *client,
                                                     const char *interface_name,
                                                     callgate_invoke_fn handler,
                                                     void *user_data,
                                                     callgate_free_fn user_data_free,
                                                     callgate_error **error);

/**
 * Adds a delegate factory to a client, before it is started. It is asked for interfaces without a callback
 * handler, once per connection and interface, after the factories added before it.
 */
callgate_status callgate_client_add_delegate_factory(callgate_client *client,
                                                     callgate_delegate_factory_fn factory,
                                                     void *user_data,
                                                     callgate_free_fn user_data_free,
                                                     callgate_error **error);


/*
 * Descriptions of interfaces
 * ==========================
 *
 * A description is the text of an OpenRPC document: the interface's methods, their parameters and results, and
 * the types of these in JSON Schema. docs/internals/contracts.md specifies it. Each side describes an interface
 * as its own program knows it. If a host and a proxy have a description of the same interface, Callgate
 * compares them before the proxy's first call on each connection. If they do not fit, calls return
 * CALLGATE_STATUS_CONTRACT_MISMATCH with CALLGATE_EXECUTION_NOT_RUN, and the message lists the differences.
 *
 * A host offers its descriptions to clients through the interface "callgate.Host", which every host serves
 * unless its options say otherwise.
 */

/**
 * Adds the description of an interface that the host serves, as the text of an OpenRPC document of `length`
 * bytes, which is copied. The latest description of an interface counts. Describing an interface does not
 * serve it. Add descriptions before starting the host. Returns CALLGATE_STATUS_INVALID_ARGUMENT if the text is
 * no such document; the message says what is wrong.
 */
callgate_status callgate_host_add_description(callgate_host *host,
                                              const char *document,
                                              size_t length,
                                              callgate_error **error);

/**
 * Adds the name of an interface that the host's delegate factories serve, so that clients that ask what the
 * host serves find it. Names with a description, and those of duplex delegate factories, need not be added.
 */
callgate_status callgate_host_add_interface_name(callgate_host *host,
                                                 const char *interface_name,
                                                 callgate_error **error);

/**
 * Gives a client's proxy the description of its interface, as the text of an OpenRPC document of `length`
 * bytes, which is copied. It is compared with the host's before the next call on each connection; that call
 * waits for the host's reply, within its timeout. The client's option `verify` can set another time. A host
 * without a description is taken to fit. The description applies to all handles of the proxy. Returns
 * CALLGATE_STATUS_INVALID_ARGUMENT if the text is no such document or describes another interface, if the proxy
 * has a description already, and for a proxy from callgate_connection_proxy() or a duplex delegate factory.
 */
callgate_status callgate_proxy_describe(const callgate_proxy *proxy,
                                        const char *document,
                                        size_t length,
                                        callgate_error **error);

/**
 * Compares the proxy's description with the host's at once, instead of before the next call. Does nothing if
 * the proxy has no description. options may be NULL; signature and metadata are not used. Waits for a
 * connection and for the host like callgate_proxy_call(), and returns the same errors;
 * CALLGATE_STATUS_CONTRACT_MISMATCH lists the differences.
 */
callgate_status callgate_proxy_verify(const callgate_proxy *proxy,
                                      const callgate_call_options *options,
                                      callgate_error **error);

/**
 * Checks that a text of `length` bytes is an OpenRPC document that describes one interface. Otherwise returns
 * CALLGATE_STATUS_INVALID_ARGUMENT, with a message that says what is wrong.
 */
callgate_status callgate_check_description(const char *document,
                                           size_t length,
                                           callgate_error **error);

/**
 * Compares two descriptions: whether a host with the second can serve each call of a caller with the first,
 * and the caller can take each result. *count receives the number of differences. `differences` receives their
 * text, one line for each, without a line end after the last; it is NUL-terminated, and an empty buffer if
 * there are no differences. Free it with callgate_buffer_free(). `differences` may be NULL if the text is not
 * wanted. A line has no control characters, and names the place and what each side has there, e.g.
 * "ICalculator.Add, parameter 1 (a): int64 here, int32 at the host".
 */
callgate_status callgate_compare_descriptions(const char *caller,
                                              size_t caller_length,
                                              const char *host,
                                              size_t host_length,
                                              size_t *count,
                                              callgate_buffer *differences,
                                              callgate_error **error);


/*
 * Counters
 * ========
 *
 * Hosts and clients count connections, calls, errors, bytes and latencies. Counting is always on.
 */

/**
 * Stores what the host has counted since it was started, as NUL-terminated OpenMetrics text
 * (application/openmetrics-text; version=1.0.0), in `text`. Free it with callgate_buffer_free(). The host must
 * have been started. Latencies are those of the first call of each connection, and then of one call in 17.
 */
callgate_status callgate_host_counters(const callgate_host *host,
                                       callgate_buffer *text,
                                       callgate_error **error);

/**
 * The same as one MessagePack value: the map that PROTOCOL.md describes as the result of `Counters`. Free it with
 * callgate_buffer_free(). It has all buckets of the latencies; the text has one in four.
 */
callgate_status callgate_host_counter_values(const callgate_host *host,
                                             callgate_buffer *values,
                                             callgate_error **error);

/** As callgate_host_counters(), for a client, since it was started. */
callgate_status callgate_client_counters(const callgate_client *client,
                                         callgate_buffer *text,
                                         callgate_error **error);

/** As callgate_host_counter_values(), for a client. */
callgate_status callgate_client_counter_values(const callgate_client *client,
                                               callgate_buffer *values,
                                               callgate_error **error);


/*
 * Writing values
 * ==============
 *
 * Arguments and results travel as MessagePack. A writer builds one value: a result, or the argument list
 * of a call:
 *
 *     callgate_writer *writer = callgate_writer_new();
 *     callgate_writer_arguments(writer);
 *     callgate_writer_int(writer, 20);
 *     callgate_writer_string(writer, "apples");
 *     status = callgate_writer_finish(writer, &data, &length, &error);
 *
 * The writer remembers the first mistake (too many or too few elements, text that is not UTF-8), or
 * CALLGATE_STATUS_LIMIT_EXCEEDED if memory runs out, and callgate_writer_finish() returns it. Only one
 * thread at a time may use a writer.
 */

/** Builds one MessagePack value. */
typedef struct callgate_writer callgate_writer;

/** Creates a writer; NULL if there are too many handles. */
callgate_writer *callgate_writer_new(void);

/** Adds nil, which other languages call null or None. */
void callgate_writer_nil(callgate_writer *writer);

/** Adds a boolean. */
void callgate_writer_bool(callgate_writer *writer, bool value);

/** Adds an integer. */
void callgate_writer_int(callgate_writer *writer, int64_t value);

/** Adds an integer that may exceed INT64_MAX. */
void callgate_writer_uint(callgate_writer *writer, uint64_t value);

/** Adds a single-precision number. */
void callgate_writer_float(callgate_writer *writer, float value);

/** Adds a double-precision number. */
void callgate_writer_double(callgate_writer *writer, double value);

/** Adds a NUL-terminated string. */
void callgate_writer_string(callgate_writer *writer, const char *value);

/** Adds a string of `length` bytes. */
void callgate_writer_string_n(callgate_writer *writer, const char *data, size_t length);

/** Adds bytes. */
void callgate_writer_binary(callgate_writer *writer, const void *data, size_t length);

/**
 * Begins the argument list of a call: an array of all following values, which the writer counts. It must
 * come first.
 */
void callgate_writer_arguments(callgate_writer *writer);

/** Begins an array: `count` values follow. */
void callgate_writer_array(callgate_writer *writer, size_t count);

/** Begins a map: `count` keys follow, each with its value after it. */
void callgate_writer_map(callgate_writer *writer, size_t count);

/**
 * Adds a timestamp: seconds since 1970-01-01 UTC, which may be negative, plus 0 to 999,999,999
 * nanoseconds.
 */
void callgate_writer_timestamp(callgate_writer *writer, int64_t seconds, uint32_t nanoseconds);

/** Adds one complete MessagePack value that was encoded elsewhere. */
void callgate_writer_raw(callgate_writer *writer, const void *data, size_t length);

/** Returns the finished value, borrowed until the writer is reset or freed. */
callgate_status callgate_writer_finish(callgate_writer *writer,
                                       const void **data,
                                       size_t *length,
                                       callgate_error **error);

/** Starts a new value and keeps the memory for it. */
void callgate_writer_reset(callgate_writer *writer);

/** Frees a writer and its value. Freeing NULL does nothing. */
void callgate_writer_free(callgate_writer *writer);


/*
 * Reading values
 * ==============
 *
 * A reader steps through a MessagePack value in place: arguments, a reply, an error's data. It is a plain
 * struct, needs no freeing, and must not outlive the bytes. Each function reads the next value. If there
 * is none, or it has another type or does not fit, the function returns CALLGATE_STATUS_CONTRACT_MISMATCH
 * and does not advance; so reads can be chained:
 *
 *     callgate_reader reader;
 *     int32_t amount;
 *     const char *name;
 *     size_t length;
 *     if (callgate_call_read_arguments(call, 2, &reader, &error)
 *         || callgate_reader_int32(&reader, &amount, &error)
 *         || callgate_reader_string(&reader, &name, &length, &error)) {
 *         callgate_call_fail_with(call, error, NULL);
 *         callgate_error_free(error);
 *         return;
 *     }
 *
 * Pointers for results may be NULL if the result is not wanted. Only one thread at a time may use a
 * reader.
 */

/** The position of a reader. Its fields are internal. */
typedef struct {
    /** The first byte. */
    const void *data;
    /** The number of bytes. */
    size_t length;
    /** The number of bytes read. */
    size_t position;
    /** The number of values still to come in the arrays and maps begun so far. */
    uint64_t pending;
    /** The number of arguments begun so far. */
    uint32_t argument;
    /** Whether the reader is inside an argument list. */
    uint32_t is_arguments;
} callgate_reader;

/** The type of a value. */
typedef int32_t callgate_type;

/** No value: the end was reached. */
#define CALLGATE_TYPE_NONE 0
/** Nil, which other languages call null or None. */
#define CALLGATE_TYPE_NIL 1
/** A boolean. */
#define CALLGATE_TYPE_BOOL 2
/** An integer of any size and sign. */
#define CALLGATE_TYPE_INTEGER 3
/** A floating point number of either precision. */
#define CALLGATE_TYPE_DOUBLE 4
/** A string. */
#define CALLGATE_TYPE_STRING 5
/** Bytes. */
#define CALLGATE_TYPE_BINARY 6
/** An array. */
#define CALLGATE_TYPE_ARRAY 7
/** A map. */
#define CALLGATE_TYPE_MAP 8
/** A timestamp. */
#define CALLGATE_TYPE_TIMESTAMP 9
/** A MessagePack extension type other than the timestamp. */
#define CALLGATE_TYPE_EXTENSION 10

/**
 * Checks that the bytes are exactly one well-formed MessagePack value, nested at most 64 deep. Otherwise
 * returns CALLGATE_STATUS_INVALID_ARGUMENT, with a message that says where the fault is.
 */
callgate_status callgate_check_value(const void *data,
                                     size_t length,
                                     callgate_error **error);

/** Initialises a reader of one value, after checking it like callgate_check_value(). */
callgate_status callgate_reader_init(callgate_reader *reader,
                                     const void *data,
                                     size_t length,
                                     callgate_error **error);

/**
 * Initialises a reader of a call's arguments, of which there must be exactly `expected_count`. Errors name
 * arguments by their number. The reader is valid until the reply.
 */
callgate_status callgate_call_read_arguments(const callgate_call *call,
                                             size_t expected_count,
                                             callgate_reader *reader,
                                             callgate_error **error);

/** The type of the next value, without reading it. */
callgate_type callgate_reader_type(const callgate_reader *reader);

/** Whether everything has been read. */
bool callgate_reader_at_end(const callgate_reader *reader);

/** Reads nil. */
callgate_status callgate_reader_nil(callgate_reader *reader, callgate_error **error);

/** Reads a boolean. */
callgate_status callgate_reader_bool(callgate_reader *reader, bool *value, callgate_error **error);

/** Reads an integer that fits 32 bits. */
callgate_status callgate_reader_int32(callgate_reader *reader,
                                      int32_t *value,
                                      callgate_error **error);

/** Reads an integer that fits 64 bits. */
callgate_status callgate_reader_int64(callgate_reader *reader,
                                      int64_t *value,
                                      callgate_error **error);

/** Reads an unsigned integer that fits 32 bits. */
callgate_status callgate_reader_uint32(callgate_reader *reader,
                                       uint32_t *value,
                                       callgate_error **error);

/** Reads an unsigned integer that fits 64 bits. */
callgate_status callgate_reader_uint64(callgate_reader *reader,
                                       uint64_t *value,
                                       callgate_error **error);

/** Reads a number of either precision, or an integer that a double represents exactly. */
callgate_status callgate_reader_double(callgate_reader *reader,
                                       double *value,
                                       callgate_error **error);

/** Reads the beginning of an array, and stores the number of values that follow. */
callgate_status callgate_reader_array(callgate_reader *reader,
                                      size_t *count,
                                      callgate_error **error);

/** Reads the beginning of a map, and stores the number of keys that follow, each with its value after it. */
callgate_status callgate_reader_map(callgate_reader *reader,
                                    size_t *count,
                                    callgate_error **error);


/*
 * Reading strings, bytes, timestamps and whole values
 * ===================================================
 */

/**
 * Reads a string: a pointer to its text inside the value, which is not NUL-terminated, and its length in
 * bytes.
 */
callgate_status callgate_reader_string(callgate_reader *reader,
                                       const char **text,
                                       size_t *length,
                                       callgate_error **error);

/** Reads bytes: a pointer to them inside the value, and their number. */
callgate_status callgate_reader_binary(callgate_reader *reader,
                                       const void **data,
                                       size_t *length,
                                       callgate_error **error);

/** Reads a timestamp: seconds since 1970-01-01 UTC, which may be negative, plus nanoseconds. */
callgate_status callgate_reader_timestamp(callgate_reader *reader,
                                          int64_t *seconds,
                                          uint32_t *nanoseconds,
                                          callgate_error **error);

/** Reads the next value of any type as raw MessagePack: a pointer to it inside the value, and its length. */
callgate_status callgate_reader_raw(callgate_reader *reader,
                                    const void **data,
                                    size_t *length,
                                    callgate_error **error);

/** Skips the next value and everything inside it. */
callgate_status callgate_reader_skip(callgate_reader *reader, callgate_error **error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CALLGATE_H */
