/*
 * Callgate: call objects that live in another process, in any language, in both directions.
 *
 * This file is generated from src/ffi. It needs C99 and only <stdint.h>, <stddef.h>, <stdbool.h>.
 *
 * A host listens on endpoints and serves interfaces through delegates; a client connects and calls
 * them through proxies. Arguments and results are MessagePack, which the writer and the reader below
 * make and read; programs that have a MessagePack library of their own pass its bytes.
 *
 * CONVENTIONS
 *
 * Errors. A function that can fail returns a callgate_status; CALLGATE_STATUS_OK is 0. Its last
 * parameter is where the error goes: NULL, or the address of a pointer, which is written on failure
 * only. The program frees the error with callgate_error_free(). Other results are written on success
 * only.
 *
 * Handles. callgate_host, callgate_client, callgate_proxy, callgate_connection, callgate_call,
 * callgate_cancel_token, callgate_error and callgate_writer are handles; do not look into them. A handle that is NULL, was
 * freed, or is of another kind gives CALLGATE_STATUS_INVALID_HANDLE. What the program is given as a
 * result it owns, and frees with the function of that name; what a callback is given, it borrows until
 * the callback returns. Handles may be freed in any order, by any thread and in any callback, one that
 * is in use included; freeing never waits, and freeing NULL does nothing.
 *
 * Text is UTF-8. Names (of endpoints, interfaces, methods, error types, metadata keys) that the
 * program gives are NUL-terminated; other text and bytes are a pointer and a length, where (NULL, 0) is
 * empty. What the program gives is borrowed until the function returns. Text that Callgate hands out
 * is NUL-terminated, never NULL, and its length is put into the last parameter, unless that is NULL: it
 * matters for text that holds NULs itself.
 *
 * Threads. Every function may be called by any thread at any time; readers and writers are used by one
 * thread at a time. Callbacks run on Callgate's threads; each says whether it may wait. No lock is held
 * while they run.
 *
 * Fork. In the child of a fork every handle made before it gives CALLGATE_STATUS_FORKED, at once, and
 * freeing it does nothing; its descriptors are closed there, which the other ends do not notice. Handles
 * made in the child work. A child that is forked in a callback must not return from it. The parent goes
 * on as if there had been no fork.
 *
 * Timeouts are milliseconds: CALLGATE_TIMEOUT_DEFAULT is 0. Every function that waits takes one, save
 * calls, whose options have it.
 *
 * Options. A struct of options begins with its size. Set all of it to zero, which means the defaults,
 * and then struct_size; so what is added later is the default in programs that are compiled anew:
 *     callgate_call_options options = {0};
 *     options.struct_size = sizeof options;
 * Options that the library is too old to know give CALLGATE_STATUS_UNSUPPORTED.
 *
 * Linking. The shared library's name for the loader is libcallgate.so.0, after CALLGATE_ABI_VERSION:
 *     cc program.c -I include -L target/release -lcallgate -Wl,-rpath,$PWD/target/release
 * The static one needs what Rust's standard library needs:
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
 * The number of the binary interface that this header describes: the shared library's SONAME ends
 * in it, and callgate_abi_version() returns that of the library that was loaded.
 */
#define CALLGATE_ABI_VERSION 0

/** The version of the library that was loaded, e.g. "0.1.0". Never freed. */
const char *callgate_version(void);

/**
 * The number of the binary interface of the library that was loaded. Where it differs from
 * CALLGATE_ABI_VERSION, the program was compiled for another library and must not use this one.
 */
uint32_t callgate_abi_version(void);


/*
 * Statuses
 * ========
 *
 * What became of an operation, and, apart from it, whether the call ran. Numbers are never reused;
 * expect ones that this header does not know.
 */

/** What became of an operation: CALLGATE_STATUS_OK, which is 0, or why it failed. */
typedef int32_t callgate_status;

/** Whether the delegate ran for a call that failed. The status never implies it. */
typedef int32_t callgate_execution;

/** It succeeded. */
#define CALLGATE_STATUS_OK 0
/** The delegate failed; the error has the type, message and trace that it gave. */
#define CALLGATE_STATUS_REMOTE_ERROR 1
/** No such interface or method, or arguments or a result that do not fit. */
#define CALLGATE_STATUS_CONTRACT_MISMATCH 2
/** No connection came in time, it was refused, or it was lost. */
#define CALLGATE_STATUS_CHANNEL_FAULTED 3
/** The deadline passed. */
#define CALLGATE_STATUS_TIMED_OUT 4
/** The caller cancelled it. */
#define CALLGATE_STATUS_CANCELLED 5
/** The client, host or connection was closed by its owner, on either side. */
#define CALLGATE_STATUS_CLOSED 6
/** An initialisation routine failed; the error's cause says why. */
#define CALLGATE_STATUS_INITIALISATION_FAILED 7
/** A limit would be exceeded; the message names it. */
#define CALLGATE_STATUS_LIMIT_EXCEEDED 8
/** The peer, or the operating system, does not allow it. */
#define CALLGATE_STATUS_ACCESS_DENIED 9
/** Waiting would deadlock: what is waited for depends on this thread. */
#define CALLGATE_STATUS_WOULD_DEADLOCK 10
/** This version of the library, or the peer's, cannot do it. */
#define CALLGATE_STATUS_UNSUPPORTED 11
/** An argument is not acceptable; the message says what is. */
#define CALLGATE_STATUS_INVALID_ARGUMENT 12
/** A handle is NULL, was freed, or is of another kind. */
#define CALLGATE_STATUS_INVALID_HANDLE 13
/** Another host listens there already. */
#define CALLGATE_STATUS_ADDRESS_IN_USE 14
/** A fault of Callgate itself. */
#define CALLGATE_STATUS_INTERNAL 15
/** The object was made before a fork and belongs to the parent process. */
#define CALLGATE_STATUS_FORKED 16
/** It certainly did not run: calling again is safe. */
#define CALLGATE_EXECUTION_NOT_RUN 0
/** It ran. */
#define CALLGATE_EXECUTION_RAN 1
/** The call may have left; whether it ran cannot be known. */
#define CALLGATE_EXECUTION_UNKNOWN 2


/*
 * Errors
 * ======
 *
 * Every function that can fail returns a callgate_status and takes, as its last parameter, where
 * to put the error: NULL when the status is enough, else the address of a pointer, which is
 * written on failure only and then owned by the caller:
 *
 *     callgate_error *error = NULL;
 *     if (callgate_host_start(host, &error) != CALLGATE_STATUS_OK) {
 *         fprintf(stderr, "%s\n", callgate_error_message(error, NULL));
 *         callgate_error_free(error);
 *     }
 *
 * An error never changes; any number of threads may read it. What its functions return is borrowed
 * until it is freed. Given NULL or an invalid handle, they return CALLGATE_STATUS_OK
 * (callgate_error_status), CALLGATE_EXECUTION_NOT_RUN, empty text, 0 and NULL.
 */

/** What went wrong. */
typedef struct callgate_error callgate_error;

/** Its status. */
callgate_status callgate_error_status(const callgate_error *error);

/** Whether the call ran. */
callgate_execution callgate_error_execution(const callgate_error *error);

/**
 * What went wrong in words, and how to mend it. For a remote error these are the delegate's words, as
 * the peer sent them: use callgate_error_description() for a log or a terminal.
 */
const char *callgate_error_message(const callgate_error *error,
                                   size_t *length);

/**
 * All of it in one line, for a log: the status, the remote error's type, the message, the causes. Control
 * characters in it, line ends among them, are escaped, as in \n and \u{1b}, and long texts are cut: a
 * type name after 1 KiB, a message after 4 KiB.
 */
const char *callgate_error_description(const callgate_error *error,
                                       size_t *length);

/** The name of the remote error's type in the delegate's language, e.g. "System.IO.IOException". */
const char *callgate_error_type_name(const callgate_error *error, size_t *length);

/** The remote error's stack trace as text, or empty. */
const char *callgate_error_trace(const callgate_error *error, size_t *length);

/** One MessagePack value that the delegate added to its remote error; NULL and 0 when there is none. */
const void *callgate_error_data(const callgate_error *error, size_t *length);

/** The operating system's code (errno, GetLastError), or 0. */
int32_t callgate_error_os_code(const callgate_error *error);

/** The error that brought this one about, or NULL. It is freed with this one; do not free it. */
const callgate_error *callgate_error_cause(const callgate_error *error);

/** Frees an error. NULL is fine. */
void callgate_error_free(callgate_error *error);


/*
 * Making errors
 * =============
 */

/** What callgate_error_new() makes an error of; everything is copied. What is 0 or NULL is left out. */
typedef struct {
    /** sizeof(callgate_error_parts). */
    size_t struct_size;
    /** What went wrong; 0 stands for CALLGATE_STATUS_REMOTE_ERROR. */
    callgate_status status;
    /** Whether the call ran; not looked at for a remote error, which did. */
    callgate_execution execution;
    /** The name of the error's type, for a remote error: NUL-terminated. */
    const char *type_name;
    /** What went wrong, in words. */
    const char *message;
    /** The message's length in bytes. */
    size_t message_length;
    /** A stack trace as text, for a remote error. */
    const char *trace;
    /** The trace's length in bytes. */
    size_t trace_length;
    /** One MessagePack value for the caller, for a remote error. */
    const void *data;
    /** The data's length in bytes. */
    size_t data_length;
} callgate_error_parts;

/** Makes an error, to be given to callgate_call_fail_with() or returned by a delegate factory. */
callgate_status callgate_error_new(const callgate_error_parts *parts,
                                   callgate_error **made,
                                   callgate_error **error);


/*
 * Timeouts
 * ========
 *
 * Every timeout is an int64_t in milliseconds: a positive number, or one of these. What the
 * default is stands beside each timeout.
 */

/** The default, which is never unlimited unless it says so. */
#define CALLGATE_TIMEOUT_DEFAULT 0
/** Without limit. */
#define CALLGATE_TIMEOUT_NONE (-1)
/** Do not wait at all. */
#define CALLGATE_TIMEOUT_NOW (-2)


/*
 * Callbacks
 * =========
 *
 * A callback comes with user_data, which it gets back, and user_data_free (or NULL), which releases
 * user_data: exactly once, after the last invocation, and also when the registration fails. It may
 * run on any thread, a thread of the program included; it must not wait, and may call functions
 * that do not wait, such as callgate_..._free(). Nothing may be thrown or unwound, and no longjmp
 * may leave, out of a callback.
 *
 * A callback of a host or client may close it, and so may its user_data_free: closing then begins, and
 * returns at once. To wait there until it is closed would wait for the callback itself:
 * callgate_host_wait() and callgate_client_wait() give CALLGATE_STATUS_WOULD_DEADLOCK. Two other waits
 * give that status:
 *
 * - for a connection, in a client's log and its disconnected handlers, when they run on the thread that
 *   connects: the client connects again when they have returned;
 * - for a call of the interface that a delegate factory is making a delegate for, on the same connection:
 *   through a callback of that client, or through a client in the factory's own process. Over TCP the
 *   factory's process is not known to be the client's, and the call ends with its timeout.
 */

/** Releases user_data; may be NULL. */
typedef void (*callgate_free_fn)(void *user_data);


/*
 * Logging
 * =======
 */

/** How much a line of the log matters. */
typedef int32_t callgate_log_level;

/**
 * Takes a line of the log: borrowed text, NUL-terminated, of that length, at most about 8 KiB. It holds
 * no line end and no other control character: where a peer sent one, it is escaped. Runs on any thread and on
 * several at once. It should not wait, since what is logged waits for it; it may call any function of
 * Callgate, and may close anything.
 */
typedef void (*callgate_log_fn)(void *user_data,
                                callgate_log_level level,
                                const char *message,
                                size_t length);

/** Something failed. */
#define CALLGATE_LOG_ERROR 1
/** Something that should be looked at. */
#define CALLGATE_LOG_WARNING 2
/** What goes on. */
#define CALLGATE_LOG_INFO 3
/** What goes on, in detail. */
#define CALLGATE_LOG_DEBUG 4


/*
 * Limits
 * ======
 *
 * What a host or client allows its peers, and how long it waits. The defaults are right for most
 * programs.
 */

/** Sleep at once when there is nothing to read: saves processor time, costs latency. */
#define CALLGATE_SPIN_OFF (-1)

/** Limits of a host or client; 0 is the default, which stands in brackets. */
typedef struct {
    /** sizeof(callgate_limits). */
    size_t struct_size;
    /** The largest frame, which holds one call or answer [64 MiB of payload and 64 KiB beside it]. */
    size_t frame_bytes;
    /** Bytes of calls a peer may have sent that are not answered, per connection [two frames]. */
    size_t inbound_bytes;
    /** The same for all connections of a host together [512 MiB]. */
    size_t host_inbound_bytes;
    /** Calls and one-way calls a peer may have sent that are not answered [2048]. */
    size_t inbound_calls;
    /** Calls running at once on one connection that no other call is waiting for [16]. */
    size_t running_calls;
    /** Nested calls running at once on one connection, beyond the running calls [256]. */
    size_t nested_calls;
    /** Levels of calls within calls within calls [64]. */
    size_t nesting_depth;
    /**
     * Interfaces served on one connection [256]. As many names are remembered as not served; beyond, the
     * delegate factories are asked for such a name at each call.
     */
    size_t interfaces;
    /** Connections of one host [1024]. */
    size_t connections;
    /** Connections of one user to one host [256]. */
    size_t connections_per_user;
    /** Connections whose handshake is under way; the oldest makes room for a new one [64]. */
    size_t handshakes;
    /** Bytes waiting to be sent on one connection before senders wait for room [1 MiB]. */
    size_t send_queue_bytes;
    /** The whole handshake, connecting included [10 s]. */
    int64_t handshake_timeout_ms;
    /** How long a call waits for a connection [6 s]. */
    int64_t connection_timeout_ms;
    /** How long a call takes at most, all waiting included [30 s]. CALLGATE_TIMEOUT_NONE: no limit. */
    int64_t call_timeout_ms;
    /**
     * A connection whose peer reads nothing for this time, while there is something to send, ends
     * [30 s].
     */
    int64_t write_timeout_ms;
    /** How long closing waits for running delegates [5 s]. */
    int64_t drain_timeout_ms;
    /**
     * Over TCP, where a peer that hangs looks like one that is silent: after hearing nothing for that long
     * while calls of its own wait for answers, a side pings the peer [30 s]. CALLGATE_TIMEOUT_NONE: never.
     */
    int64_t ping_after_ms;
    /** How long it waits after a ping for anything at all before it ends the connection [20 s]. */
    int64_t ping_timeout_ms;
    /**
     * The longest time, in microseconds, for which a thread that waits for a message spins before it
     * sleeps, where that pays [twice what sleeping and being woken costs here, which the process
     * measures: tens of microseconds]. CALLGATE_SPIN_OFF: never.
     */
    int64_t spin_us;
    /**
     * The shortest pause between attempts to connect [10 ms; over TCP 100 ms]. Set it together with
     * the longest.
     */
    int64_t reconnect_backoff_min_ms;
    /**
     * The longest pause between attempts to connect [1 s; over TCP 30 s]. Each pause is longer than the
     * one before; they begin anew after a connection that served calls, or that lasted as long as this.
     */
    int64_t reconnect_backoff_max_ms;
} callgate_limits;


/*
 * Buffers
 * =======
 */

/** What keeps a buffer's bytes. */
typedef struct callgate_buffer_owner callgate_buffer_owner;

/** Bytes that Callgate made and the program owns: free them with callgate_buffer_free(). */
typedef struct {
    /** The first byte; NULL when there is none. */
    const void *data;
    /** How many there are. */
    size_t length;
    /** Callgate's own. */
    callgate_buffer_owner *owner;
} callgate_buffer;

/**
 * Frees the bytes of a buffer and empties it, so that freeing it again does nothing. NULL and a
 * buffer of zeros are fine.
 */
void callgate_buffer_free(callgate_buffer *buffer);


/*
 * Connections
 * ===========
 *
 * One established conversation between a client and a host. What a callback is given is borrowed
 * until it returns; callgate_connection_clone() makes a handle to keep. A handle that is kept does
 * not keep the connection open. Any number of threads may use a connection.
 */

/** One established conversation between a client and a host. */
typedef struct callgate_connection callgate_connection;

/**
 * Its number, by which logs name it; unlike any other connection's of this process. 0 for an
 * invalid handle.
 */
uint64_t callgate_connection_id(const callgate_connection *connection);

/**
 * Which of the client's connections this is: 1 for the first, one more after each reconnect. Always 1 on a
 * host; 0 for an invalid handle.
 */
uint64_t callgate_connection_generation(const callgate_connection *connection);

/** Whether it is still open. It may end the moment after. */
bool callgate_connection_is_open(const callgate_connection *connection);

/** The user at the other end, for which the operating system vouches; -1 where it does not (TCP). */
int64_t callgate_connection_peer_uid(const callgate_connection *connection);

/** That user's group, or -1. */
int64_t callgate_connection_peer_gid(const callgate_connection *connection);

/** The process at the other end, or -1. Information, never proof: process ids are reused. */
int64_t callgate_connection_peer_pid(const callgate_connection *connection);

/**
 * The network address of the other end, e.g. "127.0.0.1:50312"; empty where there is none. Borrowed
 * until the handle is freed, or the callback that it was given to returns.
 */
const char *callgate_connection_peer_address(const callgate_connection *connection, size_t *length);

/**
 * Waits until all that was sent on it by now has been handed to the operating system (default timeout:
 * the drain_timeout_ms of its owner's limits). Calls that wait for room at the other end are not
 * counted. Why it has ended, if it ends before.
 */
callgate_status callgate_connection_flush(const callgate_connection *connection,
                                          int64_t timeout_ms,
                                          callgate_error **error);

/** Ends the connection, without waiting for anything. Fine in every callback. */
callgate_status callgate_connection_close(const callgate_connection *connection,
                                          callgate_error **error);

/** A further handle to the same connection, to be kept and freed by the program. */
callgate_status callgate_connection_clone(const callgate_connection *connection,
                                          callgate_connection **clone,
                                          callgate_error **error);

/**
 * Frees a handle that callgate_connection_clone() or callgate_client_connection() made; the
 * connection stays as it is. NULL is fine.
 */
void callgate_connection_free(callgate_connection *connection);


/*
 * Inbound calls
 * =============
 *
 * A call that a delegate answers, once, with one of the functions below. What they hand out is
 * borrowed: names and metadata until the handle's end, arguments until the call is answered. The
 * handle's end is the return of the callback that was given it; callgate_call_defer() makes one
 * that the program owns, to answer later, from any thread. For a call that is answered already, and for an
 * invalid handle, they return empty text, no bytes, false and 0; except that such a call is cancelled.
 */

/** A call to be answered. */
typedef struct callgate_call callgate_call;

/** The interface's name, as the caller's proxy has it. */
const char *callgate_call_interface(const callgate_call *call, size_t *length);

/** The method's name. */
const char *callgate_call_method(const callgate_call *call, size_t *length);

/** What tells apart methods of one name, or empty. */
const char *callgate_call_signature(const callgate_call *call, size_t *length);

/** The arguments: one MessagePack array. callgate_call_read_arguments() reads them. */
const void *callgate_call_arguments(const callgate_call *call, size_t *length);

/** Whether no one waits for the answer. Answering is fine, and does nothing. */
bool callgate_call_is_one_way(const callgate_call *call);

/**
 * How long the caller still waits, fit to be the timeout of a call made for it:
 * CALLGATE_TIMEOUT_NONE where it waits for ever, CALLGATE_TIMEOUT_NOW where it waits no more.
 */
int64_t callgate_call_time_left_ms(const callgate_call *call);

/**
 * Whether nobody waits for the answer any more: the caller has cancelled the call, its deadline has
 * passed, the connection has ended, or the call is answered. Also true for an invalid handle, so that a worker
 * that goes on until this is true ends in any case. A delegate may then stop half-way and answer with what it
 * has: the caller gets no result any more, but CALLGATE_STATUS_CANCELLED or CALLGATE_STATUS_TIMED_OUT.
 */
bool callgate_call_is_cancelled(const callgate_call *call);

/**
 * Waits until callgate_call_is_cancelled(), and returns whether it is (default timeout: none). An answer that
 * another thread gives meanwhile does not end the wait. An invalid timeout gives false at once.
 */
bool callgate_call_wait_cancelled(const callgate_call *call,
                                  int64_t timeout_ms);

/** How many entries of metadata the caller sent along. */
size_t callgate_call_metadata_count(const callgate_call *call);

/** The key of that entry of metadata, counted from 0. */
const char *callgate_call_metadata_key(const callgate_call *call, size_t index, size_t *length);

/** The value of that entry of metadata, counted from 0. */
const char *callgate_call_metadata_value(const callgate_call *call, size_t index, size_t *length);

/** The connection that it came on, or NULL; borrowed until the handle's end. */
callgate_connection *callgate_call_connection(const callgate_call *call);


/*
 * Answering calls
 * ===============
 *
 * Each call is answered once, from any thread. A second answer gives
 * CALLGATE_STATUS_INVALID_ARGUMENT, and nothing is sent. A call that its delegate returns from
 * without answering or deferring it fails for the caller, with a remote error that says so. An
 * answer that cannot be sent (a lost connection) is an error; the caller has its own by then.
 */

/**
 * Answers with a result: one MessagePack value, copied. (NULL, 0) stands for nil, the result of a
 * method that has none.
 */
callgate_status callgate_call_reply(callgate_call *call,
                                    const void *data,
                                    size_t length,
                                    callgate_error **error);

/** Answers with a remote error: the name of its type (or NULL) and a message, both NUL-terminated. */
callgate_status callgate_call_fail(callgate_call *call,
                                   const char *type_name,
                                   const char *message,
                                   callgate_error **error);

/**
 * Answers with any error, which is copied: one of callgate_error_new(), of a reader, or of another
 * call.
 */
callgate_status callgate_call_fail_with(callgate_call *call,
                                        const callgate_error *failure,
                                        callgate_error **error);

/** Answers with CALLGATE_STATUS_CONTRACT_MISMATCH: the interface has no such method. */
callgate_status callgate_call_fail_no_such_method(callgate_call *call, callgate_error **error);

/**
 * Puts off the answer: the delegate may return, and the call is answered later through `deferred`,
 * which the program owns and frees with callgate_call_free(). A call is deferred once.
 */
callgate_status callgate_call_defer(callgate_call *call,
                                    callgate_call **deferred,
                                    callgate_error **error);

/**
 * Frees what callgate_call_defer() made, answered or not: a caller without an answer gets a remote
 * error. Never waits. NULL is fine.
 */
void callgate_call_free(callgate_call *deferred);


/*
 * Delegates
 * =========
 *
 * A delegate serves one interface on one connection. The host asks its delegate factories, in the
 * order in which they were added, for the delegate of an interface, at most once per connection and
 * interface, when the first call to it arrives; the delegate is kept until the connection ends.
 */

/**
 * Serves a call, which is borrowed until the function returns: answer it, or defer it. Runs on the
 * connection's threads, on several at once when calls come at once. It may wait and may take long,
 * may call any function of Callgate, and may close anything, which then ends after it returns.
 */
typedef void (*callgate_invoke_fn)(void *user_data, callgate_call *call);

/** A delegate, as its factory describes it. */
typedef struct {
    /** Serves its calls; NULL is no delegate. */
    callgate_invoke_fn invoke;
    /** What `invoke` gets. */
    void *user_data;
    /** Releases user_data, once the connection has ended and the last invocation is over; or NULL. */
    callgate_free_fn user_data_free;
} callgate_delegate;

/**
 * Makes the delegate of an interface for a connection. `delegate` points to zeros:
 *
 * - to serve the interface, fill it and return CALLGATE_STATUS_OK;
 * - when the interface is not yours, leave it and return CALLGATE_STATUS_OK: the next factory is
 *   asked;
 * - to fail, return another status, and if you like put an error of callgate_error_new() into
 *   *error, which Callgate then frees. The caller gets it, and the factory is asked again next time.
 *
 * interface_name and connection are borrowed until it returns. Runs on a connection's thread, for
 * several connections at once. It may wait, may call any function of Callgate, and may close
 * anything.
 */
typedef callgate_status (*callgate_delegate_factory_fn)(void *user_data,
                                                        const char *interface_name,
                                                        callgate_connection *connection,
                                                        callgate_delegate *delegate,
                                                        callgate_error **error);


/*
 * Connections that come and go
 * ============================
 */

/**
 * Runs when a connection has begun, which is borrowed until it returns. A host's handler runs
 * before any call of that client is served, on the connection's thread, for several connections at
 * once; a client's runs on the client's thread. It may wait, which makes the client wait, may call any
 * function of Callgate, and may close anything.
 */
typedef void (*callgate_connected_fn)(void *user_data, callgate_connection *connection);

/**
 * Runs when a connection has ended, with the reason; both are borrowed until it returns. A host's
 * handler runs on the connection's thread, for several connections at once; a client's on the client's
 * thread, which connects again when it has returned. It may wait, may call any function of Callgate, and
 * may close anything.
 */
typedef void (*callgate_disconnected_fn)(void *user_data,
                                         callgate_connection *connection,
                                         const callgate_error *reason);


/*
 * Hosts
 * =====
 *
 * A host listens on endpoints and serves interfaces through delegates. Make it, add endpoints,
 * factories and handlers, start it; close it, or just free it. Any number of threads may use a
 * host.
 */

/** Listens on endpoints and serves interfaces. */
typedef struct callgate_host callgate_host;

/** Options of a host; 0 and NULL are the defaults. */
typedef struct {
    /** sizeof(callgate_host_options). */
    size_t struct_size;
    /** Its limits, or NULL; copied. */
    const callgate_limits *limits;
    /** Takes its log, or NULL. */
    callgate_log_fn log;
    /** What `log` gets. */
    void *log_user_data;
    /** Releases log_user_data, or NULL. */
    callgate_free_fn log_user_data_free;
} callgate_host_options;

/** Makes a host, which does not listen yet. options may be NULL. */
callgate_status callgate_host_new(const callgate_host_options *options,
                                  callgate_host **host,
                                  callgate_error **error);

/**
 * Adds an endpoint to listen on: "pipe://name", "unix:///path" or "tcp://host:port", where port 0
 * lets the system choose. Pipes and paths are for the user who runs the host, and root, unless they
 * say otherwise: "unix:///path?access=everyone", "pipe://name?scope=system&access=everyone" (which
 * only root can offer), or access=group:NAME for the members of a group. An endpoint that cannot be
 * is refused by callgate_host_start().
 */
callgate_status callgate_host_add_endpoint(callgate_host *host,
                                           const char *endpoint,
                                           callgate_error **error);

/** Adds a delegate factory, to be asked after those added before. */
callgate_status callgate_host_add_delegate_factory(callgate_host *host,
                                                   callgate_delegate_factory_fn factory,
                                                   void *user_data,
                                                   callgate_free_fn user_data_free,
                                                   callgate_error **error);

/**
 * Has the calls of each connection to that interface run one at a time, in the order in which they
 * arrive. Those made within one that runs do not wait for it.
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

/** Adds a handler that runs for each client that has disconnected. */
callgate_status callgate_host_add_client_disconnected_handler(callgate_host *host,
                                                              callgate_disconnected_fn handler,
                                                              void *user_data,
                                                              callgate_free_fn user_data_free,
                                                              callgate_error **error);

/**
 * Begins to listen and to serve; when it returns, clients can connect. A host is started once; one
 * that could not start can only be freed.
 */
callgate_status callgate_host_start(callgate_host *host, callgate_error **error);

/** How many endpoints it listens on; 0 before it is started. */
size_t callgate_host_endpoint_count(const callgate_host *host);

/**
 * That endpoint, counted from 0, with the port that the system chose; empty where there is none.
 * Borrowed until the host is freed.
 */
const char *callgate_host_endpoint(const callgate_host *host, size_t index, size_t *length);

/**
 * Writes handles to the host's open connections into `connections`, which has room for `capacity`; the
 * program frees each with callgate_connection_free(). *count is how many there were, which may be more
 * than the room; then ask again with more. With a capacity of 0, connections may be NULL. A host that
 * does not run has none. May be called from anywhere, also in callbacks of the host.
 */
callgate_status callgate_host_connections(const callgate_host *host,
                                          callgate_connection **connections,
                                          size_t capacity,
                                          size_t *count,
                                          callgate_error **error);

/**
 * Stops listening, ends every connection, and waits until no callback of this host runs or will
 * run. Running delegates get until the timeout (default: the drain_timeout_ms of its limits); then
 * CALLGATE_STATUS_TIMED_OUT, while closing goes on. In a callback of this host it begins and
 * returns at once; callgate_host_wait() waits until it is done. Closing twice is fine.
 */
callgate_status callgate_host_close(callgate_host *host,
                                    int64_t timeout_ms,
                                    callgate_error **error);

/**
 * Waits until the host is closed, by whichever thread (default timeout: the drain_timeout_ms of its
 * limits). CALLGATE_STATUS_TIMED_OUT when it is not.
 */
callgate_status callgate_host_wait(callgate_host *host, int64_t timeout_ms, callgate_error **error);

/** Frees a host. It is closed, without waiting, when no function uses it any more. NULL is fine. */
void callgate_host_free(callgate_host *host);


/*
 * Clients
 * =======
 *
 * A client connects to one endpoint and, for its whole life, silently connects again when the
 * connection is lost. Make it, add handlers, start it; close it, or just free it. Any number of threads may use a client and its proxies.
 */

/** Connects, and connects again, to one endpoint. */
typedef struct callgate_client callgate_client;

/** Options of a client; 0 and NULL are the defaults. */
typedef struct {
    /** sizeof(callgate_client_options). */
    size_t struct_size;
    /** Its limits, or NULL; copied. */
    const callgate_limits *limits;
    /** Takes its log, or NULL. */
    callgate_log_fn log;
    /** What `log` gets. */
    void *log_user_data;
    /** Releases log_user_data, or NULL. */
    callgate_free_fn log_user_data_free;
    /**
     * Unless 0, the host must run as host_user, root not excepted: to another one, or one whose user
     * the system cannot tell, the client does not connect, and calls that wait get
     * CALLGATE_STATUS_ACCESS_DENIED. Over TCP, where nobody can tell, callgate_client_start() says so.
     */
    uint8_t demand_host_user;
    /** The uid that is demanded of the host. */
    uint32_t host_user;
} callgate_client_options;

/**
 * Makes a client of an endpoint ("pipe://name", "unix:///path" or "tcp://host:port"), which does not
 * connect yet. options may be NULL. An endpoint that cannot be is refused by
 * callgate_client_start().
 */
callgate_status callgate_client_new(const char *endpoint,
                                    const callgate_client_options *options,
                                    callgate_client **client,
                                    callgate_error **error);

/**
 * Makes every name of a callback interface that begins with `prefix` an alias of the interface. The longest
 * matching prefix wins.
 */
callgate_status callgate_client_add_interface_alias(callgate_client *client,
                                                    const char *prefix,
                                                    const char *interface_name,
                                                    callgate_error **error);

/**
 * Lets the client connect, in the background: it never waits for a host. A client is started once;
 * one that could not start can only be freed. Before it is started it has no proxies:
 * CALLGATE_STATUS_INVALID_ARGUMENT.
 */
callgate_status callgate_client_start(callgate_client *client, callgate_error **error);

/**
 * Sets how long calls made from now on wait for a connection (default: the connection_timeout_ms of its
 * limits). The deadline of a call still ends it. The client must have been started.
 */
callgate_status callgate_client_set_connection_timeout(callgate_client *client,
                                                       int64_t timeout_ms,
                                                       callgate_error **error);

/**
 * Waits until the client is connected (default timeout: how long its calls wait for a connection). A
 * cause that waiting will not mend is returned at once; a timeout carries the last cause.
 */
callgate_status callgate_client_wait_connected(const callgate_client *client,
                                               int64_t timeout_ms,
                                               callgate_error **error);

/**
 * The connection that the client has now, as a handle to be freed by the program;
 * CALLGATE_STATUS_CHANNEL_FAULTED when it has none.
 */
callgate_status callgate_client_connection(const callgate_client *client,
                                           callgate_connection **connection,
                                           callgate_error **error);

/**
 * Waits until the one-way calls made by now have been handed to the operating system (default
 * timeout: the drain_timeout_ms of its limits). Those whose connection was lost before are gone; if it
 * is lost meanwhile, CALLGATE_STATUS_CHANNEL_FAULTED.
 */
callgate_status callgate_client_flush(const callgate_client *client,
                                      int64_t timeout_ms,
                                      callgate_error **error);

/**
 * Sends what is queued, ends the connection for good, and waits until nothing of this client runs
 * (default timeout: the drain_timeout_ms of its limits). Calls that wait get
 * CALLGATE_STATUS_CLOSED. In a callback of this client it begins and returns at once;
 * callgate_client_wait() waits until it is done. Closing twice is fine.
 */
callgate_status callgate_client_close(callgate_client *client,
                                      int64_t timeout_ms,
                                      callgate_error **error);

/**
 * Waits until the client is closed, by whichever thread (default timeout: the drain_timeout_ms of its
 * limits). CALLGATE_STATUS_TIMED_OUT when it is not.
 */
callgate_status callgate_client_wait(callgate_client *client,
                                     int64_t timeout_ms,
                                     callgate_error **error);

/** Frees a client. It is closed, without waiting, when its last proxy is freed too. NULL is fine. */
void callgate_client_free(callgate_client *client);


/*
 * Connections of a client
 * =======================
 *
 * A client runs its handlers on its own thread, one at a time, for each connection that begins or ends. Add
 * them before the client is started. user_data is released once the client is closed or freed and the last
 * invocation is over.
 */

/** Adds a handler that runs when the client connects for the first time. */
callgate_status callgate_client_add_connected_handler(callgate_client *client,
                                                      callgate_connected_fn handler,
                                                      void *user_data,
                                                      callgate_free_fn user_data_free,
                                                      callgate_error **error);

/**
 * Adds a handler that runs each time the client connects again; callgate_connection_generation() counts the
 * connections.
 */
callgate_status callgate_client_add_reconnected_handler(callgate_client *client,
                                                        callgate_connected_fn handler,
                                                        void *user_data,
                                                        callgate_free_fn user_data_free,
                                                        callgate_error **error);

/**
 * Adds a handler that runs once for each connection that has ended, with the reason, after the handlers that
 * ran for its beginning have returned.
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
 * A cancel token cancels calls from another thread: put it into the options of calls, and cancel
 * it. They end at once with CALLGATE_STATUS_CANCELLED, and their delegates can learn of it
 * (callgate_call_is_cancelled). Whether such a call ran, its error's execution says. Any number of
 * calls and threads may use one token; it is cancelled for good.
 */

/** Cancels calls that are waiting. */
typedef struct callgate_cancel_token callgate_cancel_token;

/** Makes a token that is not cancelled. */
callgate_status callgate_cancel_token_new(callgate_cancel_token **token, callgate_error **error);

/** Cancels all calls that have the token, now and later. Never waits; doing it twice is fine. */
callgate_status callgate_cancel_token_cancel(callgate_cancel_token *token, callgate_error **error);

/** Whether it was cancelled. */
bool callgate_cancel_token_is_cancelled(const callgate_cancel_token *token);

/** Frees a token. Calls that have it go on, and cannot be cancelled by it any more. NULL is fine. */
void callgate_cancel_token_free(callgate_cancel_token *token);


/*
 * Proxies and calls
 * =================
 *
 * A proxy is the caller's stand-in for an interface of the other end. Any number of threads may
 * call through one proxy.
 */

/** The caller's stand-in for an interface of the other end. */
typedef struct callgate_proxy callgate_proxy;

/** An entry of metadata that goes along with a call. */
typedef struct {
    /** Its key, NUL-terminated. */
    const char *key;
    /** Its value: text. */
    const char *value;
    /** The value's length in bytes. */
    size_t value_length;
} callgate_metadata;

/**
 * Is asked about every 50 ms while a call waits for a connection, for the peer to catch up, and for
 * the answer, on the thread that calls: true cancels the call, which ends with
 * CALLGATE_STATUS_CANCELLED. It is for threads with other duties, such as an interpreter's, which
 * looks for signals. It may call any function of Callgate.
 */
typedef bool (*callgate_check_fn)(void *user_data);

/** Options of a call; 0 and NULL are the defaults. */
typedef struct {
    /** sizeof(callgate_call_options). */
    size_t struct_size;
    /**
     * How long the call takes at most: connecting, waiting for room, sending, the answer. Default:
     * the call_timeout_ms of the client's limits.
     */
    int64_t timeout_ms;
    /** What tells apart methods of one name, NUL-terminated; or NULL. */
    const char *signature;
    /** Entries of metadata for the delegate. */
    const callgate_metadata *metadata;
    /** How many entries there are. */
    size_t metadata_count;
    /** What cancels the call from another thread, or NULL. */
    const callgate_cancel_token *cancel;
    /** Is asked while the call waits, and can cancel it; or NULL. */
    callgate_check_fn check;
    /** What `check` gets; it is the program's, and is not released. */
    void *check_user_data;
    /**
     * The inbound call that this call is made for, borrowed until the function returns; NULL for the one
     * that this thread is serving, if any. Set it when this thread is serving a call that was delivered on
     * another thread, or when a worker thread calls back for one. A call that is answered already counts
     * as NULL.
     */
    const callgate_call *parent;
} callgate_call_options;

/**
 * A proxy of an interface of the host, which outlives reconnects and keeps the client alive. Asks
 * the host nothing: the first call reports an interface that the host does not serve.
 */
callgate_status callgate_proxy_new(const callgate_client *client,
                                   const char *interface_name,
                                   callgate_proxy **proxy,
                                   callgate_error **error);

/**
 * A proxy of an interface that the other end serves on this connection. It dies with the
 * connection.
 */
callgate_status callgate_connection_proxy(const callgate_connection *connection,
                                          const char *interface_name,
                                          callgate_proxy **proxy,
                                          callgate_error **error);

/** One more handle to the same proxy, to be freed by the program. */
callgate_status callgate_proxy_clone(const callgate_proxy *proxy,
                                     callgate_proxy **clone,
                                     callgate_error **error);

/**
 * Calls a method and waits for its result.
 *
 * The arguments are one MessagePack array; (NULL, 0) stands for none. options may be NULL. The
 * result, one MessagePack value, is put into `reply`, to be freed with callgate_buffer_free();
 * `reply` may be NULL when the result is not wanted. Fine in every callback but the log.
 */
callgate_status callgate_proxy_call(const callgate_proxy *proxy,
                                    const char *method,
                                    const void *arguments,
                                    size_t arguments_length,
                                    const callgate_call_options *options,
                                    callgate_buffer *reply,
                                    callgate_error **error);

/**
 * Calls a method whose result no one waits for. Returns once the call is queued; it waits for a
 * connection and for room like any call. Calls that follow each other quickly leave together, a moment
 * later: a program that ends without closing or freeing its client flushes it first. Those that have not
 * left when their connection is lost are dropped, and the log says how many.
 */
callgate_status callgate_proxy_one_way(const callgate_proxy *proxy,
                                       const char *method,
                                       const void *arguments,
                                       size_t arguments_length,
                                       const callgate_call_options *options,
                                       callgate_error **error);

/**
 * The interface that it stands for; empty for an invalid handle. Borrowed until the proxy is
 * freed.
 */
const char *callgate_proxy_interface(const callgate_proxy *proxy, size_t *length);

/** Frees a proxy. Calls that run through it go on. NULL is fine. */
void callgate_proxy_free(callgate_proxy *proxy);


/*
 * Calls that are started
 * ======================
 *
 * A call need not be waited for: its outcome is given to a completion. Calls started through one proxy are sent in
 * the order they were started.
 */

/**
 * Takes the outcome of a call: the result, one MessagePack value, with CALLGATE_STATUS_OK and no
 * error; or else an error and no reply. Both are NULL or borrowed until it returns; the reply need
 * not be freed. Runs once, for several calls at once, on a Callgate thread. If no such thread is
 * available (the client is closed, say) it runs on whichever thread finds out, possibly inside
 * callgate_proxy_start(). It may wait, may call any function of Callgate, and may close anything.
 */
typedef void (*callgate_completion_fn)(void *user_data,
                                       callgate_status status,
                                       const callgate_buffer *reply,
                                       const callgate_error *error);

/**
 * Starts a call and returns at once: it waits neither for a connection nor for room, but what it
 * waits for counts towards the timeout of its options.
 *
 * The method, the arguments and the options are those of callgate_proxy_call(); the options' cancel
 * token cancels the call, and their check is not asked. A call that cannot be started gives its error here, and
 * does not run the completion; all other failures are outcomes. user_data is released once the completion has
 * returned, or will not run.
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
 * Proxies that are initialised
 * ============================
 *
 * A proxy can have a routine that runs before it is used on a connection: to log on, say, or to
 * subscribe again after the client has connected again.
 */

/**
 * Initialises a proxy, which is borrowed until it returns: its calls through that proxy, and those
 * of the host's callbacks within them, do not wait for the routine. To fail, return a status other
 * than CALLGATE_STATUS_OK, and if you like put an error into *error, which Callgate then frees. Runs
 * on a Callgate thread, once at a time. It may wait, may call any function of Callgate, and may
 * close anything.
 */
typedef callgate_status (*callgate_initialise_fn)(void *user_data,
                                                  callgate_proxy *proxy,
                                                  callgate_error **error);

/**
 * A proxy as callgate_proxy_new() makes it, with a routine that initialises it: on each new
 * connection before the proxy's first call, and as soon as the client is connected again. Calls wait
 * for it. Those that wait while it fails get CALLGATE_STATUS_INITIALISATION_FAILED, with its error as
 * the cause, and it is tried again after growing pauses. user_data is released once the last handle to
 * the proxy is freed, and the routine does not run.
 */
callgate_status callgate_proxy_new_initialised(const callgate_client *client,
                                               const char *interface_name,
                                               callgate_initialise_fn routine,
                                               void *user_data,
                                               callgate_free_fn user_data_free,
                                               callgate_proxy **proxy,
                                               callgate_error **error);


/*
 * Calls both ways
 * ===============
 *
 * A host can call its clients, on the connection that they made. The client serves callback
 * interfaces, with handlers that are added before it is started; the host gets a proxy of one in a
 * duplex delegate factory, or by callgate_connection_proxy(). Either side may call the other within
 * a call, and again within that.
 */

/**
 * Makes the delegate of an interface for a connection, as a callgate_delegate_factory_fn does, and
 * also gets a proxy of the callback interface of that connection's client. The proxy may be called
 * at once; to keep it, use callgate_proxy_clone(): it serves until the connection ends. connection
 * and callback are borrowed until the factory returns.
 */
typedef callgate_status (*callgate_duplex_delegate_factory_fn)(void *user_data,
                                                               callgate_connection *connection,
                                                               callgate_proxy *callback,
                                                               callgate_delegate *delegate,
                                                               callgate_error **error);

/**
 * Adds the duplex delegate factory of an interface, which is asked before all plain factories. A
 * second one for the same interface gives CALLGATE_STATUS_INVALID_ARGUMENT.
 */
callgate_status callgate_host_add_duplex_delegate_factory(callgate_host *host,
                                                          const char *interface_name,
                                                          const char *callback_interface_name,
                                                          callgate_duplex_delegate_factory_fn factory,
                                                          void *user_data,
                                                          callgate_free_fn user_data_free,
                                                          callgate_error **error);

/**
 * Serves an interface to the host, on all connections that the client comes to have. To be added
 * before the client is started; a second handler of the same interface gives
 * CALLGATE_STATUS_INVALID_ARGUMENT. user_data is released once the client is closed or freed and the
 * last invocation is over.
 */
callgate_status callgate_client_add_callback_handler(callgate_client *client,
                                                     const char *interface_name,
                                                     callgate_invoke_fn handler,
                                                     void *user_data,
                                                     callgate_free_fn user_data_free,
                                                     callgate_error **error);

/**
 * Adds a delegate factory to a client, before it is started. It is asked for the interfaces that no
 * callback handler serves, once for each connection and interface, after the factories added before.
 */
callgate_status callgate_client_add_delegate_factory(callgate_client *client,
                                                     callgate_delegate_factory_fn factory,
                                                     void *user_data,
                                                     callgate_free_fn user_data_free,
                                                     callgate_error **error);


/*
 * Writing values
 * ==============
 *
 * Arguments and results travel as MessagePack. A writer composes one value: a result, or the list of a
 * call's arguments:
 *
 *     callgate_writer *writer = callgate_writer_new();
 *     callgate_writer_arguments(writer);
 *     callgate_writer_int(writer, 20);
 *     callgate_writer_string(writer, "apples");
 *     status = callgate_writer_finish(writer, &data, &length, &error);
 *
 * The first mistake (too many or too few elements, text that is not UTF-8) is kept, and
 * callgate_writer_finish() returns it. So it does where memory ran out: CALLGATE_STATUS_LIMIT_EXCEEDED. One
 * thread at a time uses a writer.
 */

/** Composes one MessagePack value. */
typedef struct callgate_writer callgate_writer;

/** A new writer, or NULL when too many handles are held. */
callgate_writer *callgate_writer_new(void);

/** Adds nil, which other languages call null or None. */
void callgate_writer_nil(callgate_writer *writer);

/** Adds a boolean. */
void callgate_writer_bool(callgate_writer *writer, bool value);

/** Adds an integer. */
void callgate_writer_int(callgate_writer *writer, int64_t value);

/** Adds an integer that may be beyond INT64_MAX. */
void callgate_writer_uint(callgate_writer *writer, uint64_t value);

/** Adds a number of single precision. */
void callgate_writer_float(callgate_writer *writer, float value);

/** Adds a number of double precision. */
void callgate_writer_double(callgate_writer *writer, double value);

/** Adds a string, which is NUL-terminated. */
void callgate_writer_string(callgate_writer *writer, const char *value);

/** Adds a string of `length` bytes. */
void callgate_writer_string_n(callgate_writer *writer, const char *data, size_t length);

/** Adds bytes. */
void callgate_writer_binary(callgate_writer *writer, const void *data, size_t length);

/**
 * Begins the arguments of a call: an array of all values that follow, which need not be counted. It is the first
 * thing that is written.
 */
void callgate_writer_arguments(callgate_writer *writer);

/** Begins an array: `count` values follow. */
void callgate_writer_array(callgate_writer *writer, size_t count);

/** Begins a map: `count` keys follow, each with its value after it. */
void callgate_writer_map(callgate_writer *writer, size_t count);

/**
 * Adds a moment: seconds since 1970-01-01 UTC, which may be negative, and 0 to 999,999,999
 * nanoseconds after them.
 */
void callgate_writer_timestamp(callgate_writer *writer, int64_t seconds, uint32_t nanoseconds);

/** Adds one whole MessagePack value that was encoded elsewhere. */
void callgate_writer_raw(callgate_writer *writer, const void *data, size_t length);

/** The finished value: borrowed until the writer is reset or freed. */
callgate_status callgate_writer_finish(callgate_writer *writer,
                                       const void **data,
                                       size_t *length,
                                       callgate_error **error);

/** Begins a new value; the memory is used again. */
void callgate_writer_reset(callgate_writer *writer);

/** Frees a writer and its value. NULL is fine. */
void callgate_writer_free(callgate_writer *writer);


/*
 * Reading values
 * ==============
 *
 * A reader walks through a MessagePack value that stays where it is: arguments, a reply, an error's
 * data. It is a plain struct, needs no freeing, and must not outlive the bytes. Each function reads
 * the next value, and returns CALLGATE_STATUS_CONTRACT_MISMATCH, without moving on, when it is of
 * another type, does not fit, or when there is none; so that they can be strung together:
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
 * Places for results may be NULL when the result is not wanted. One thread at a time uses a reader.
 */

/** Where a reader stands; its fields are Callgate's own. */
typedef struct {
    /** The first byte. */
    const void *data;
    /** How many there are. */
    size_t length;
    /** How many are read. */
    size_t position;
    /** Values still to come in the arrays and maps that were begun. */
    uint64_t pending;
    /** How many arguments were begun. */
    uint32_t argument;
    /** Whether the reader is inside an array of arguments. */
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
/** A moment. */
#define CALLGATE_TYPE_TIMESTAMP 9
/** MessagePack's extension types, the timestamp apart. */
#define CALLGATE_TYPE_EXTENSION 10

/**
 * Whether the bytes are exactly one well-formed MessagePack value, whose arrays and maps nest 64
 * deep at most. CALLGATE_STATUS_INVALID_ARGUMENT, and a message that says where, if not.
 */
callgate_status callgate_check_value(const void *data, size_t length, callgate_error **error);

/** Sets up a reader of one value, which is checked as callgate_check_value() does. */
callgate_status callgate_reader_init(callgate_reader *reader,
                                     const void *data,
                                     size_t length,
                                     callgate_error **error);

/**
 * Sets up a reader of a call's arguments, which must be `expected_count`; they are read one after
 * the other, and errors name them by their number. It ends when the call is answered.
 */
callgate_status callgate_call_read_arguments(const callgate_call *call,
                                             size_t expected_count,
                                             callgate_reader *reader,
                                             callgate_error **error);

/** The type of the next value, which is not read. */
callgate_type callgate_reader_type(const callgate_reader *reader);

/** Whether everything has been read. */
bool callgate_reader_at_end(const callgate_reader *reader);

/** Reads nil. */
callgate_status callgate_reader_nil(callgate_reader *reader, callgate_error **error);

/** Reads a boolean. */
callgate_status callgate_reader_bool(callgate_reader *reader, bool *value, callgate_error **error);

/** Reads an integer of 32 bits. */
callgate_status callgate_reader_int32(callgate_reader *reader,
                                      int32_t *value,
                                      callgate_error **error);

/** Reads an integer of 64 bits. */
callgate_status callgate_reader_int64(callgate_reader *reader,
                                      int64_t *value,
                                      callgate_error **error);

/** Reads an unsigned integer of 32 bits. */
callgate_status callgate_reader_uint32(callgate_reader *reader,
                                       uint32_t *value,
                                       callgate_error **error);

/** Reads an unsigned integer of 64 bits. */
callgate_status callgate_reader_uint64(callgate_reader *reader,
                                       uint64_t *value,
                                       callgate_error **error);

/** Reads a number of either precision, or an integer that a double keeps exactly. */
callgate_status callgate_reader_double(callgate_reader *reader,
                                       double *value,
                                       callgate_error **error);

/** Reads the beginning of an array, and stores how many values follow. */
callgate_status callgate_reader_array(callgate_reader *reader,
                                      size_t *count,
                                      callgate_error **error);

/** Reads the beginning of a map, and stores how many keys follow, each with its value after it. */
callgate_status callgate_reader_map(callgate_reader *reader, size_t *count, callgate_error **error);


/*
 * Reading strings, bytes, moments and values as they are
 * ======================================================
 */

/**
 * Reads a string: its text, which stays where it is and is not NUL-terminated, and its length in
 * bytes.
 */
callgate_status callgate_reader_string(callgate_reader *reader,
                                       const char **text,
                                       size_t *length,
                                       callgate_error **error);

/** Reads bytes, which stay where they are. */
callgate_status callgate_reader_binary(callgate_reader *reader,
                                       const void **data,
                                       size_t *length,
                                       callgate_error **error);

/** Reads a moment: seconds since 1970-01-01 UTC, which may be negative, and nanoseconds after them. */
callgate_status callgate_reader_timestamp(callgate_reader *reader,
                                          int64_t *seconds,
                                          uint32_t *nanoseconds,
                                          callgate_error **error);

/** Reads the next value, whatever it is, as the MessagePack that it is, which stays where it is. */
callgate_status callgate_reader_raw(callgate_reader *reader,
                                    const void **data,
                                    size_t *length,
                                    callgate_error **error);

/** Passes over the next value, with all that belongs to it. */
callgate_status callgate_reader_skip(callgate_reader *reader, callgate_error **error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CALLGATE_H */
