/*
 * Callgate for bindings: the functions that only bindings of other languages need.
 *
 * This file is generated from src/ffi. It includes callgate.h, whose conventions hold here too. Programs in C
 * and C++ do not need it: what it does, callgate.h does in more steps.
 *
 * The shared library exports these functions with the others, under the same CALLGATE_ABI_VERSION.
 */

#ifndef CALLGATE_BINDING_H
#define CALLGATE_BINDING_H

#include "callgate.h"

#ifdef __cplusplus
extern "C" {
#endif


/*
 * Calls into the program's memory
 * ===============================
 *
 * For languages whose foreign calls are slow: each of these does what otherwise takes several functions.
 * What is small is copied into memory of the program, which it can use again and again.
 */

/** What a delegate needs of a call first. */
typedef struct {
    /** The method's name, NUL-terminated; borrowed until the call's handle ends. */
    const char *method;
    /**
     * The arguments: one MessagePack array. `buffer` if they fit, otherwise borrowed until the call is
     * answered.
     */
    const void *arguments;
    /** Their length in bytes. */
    size_t arguments_length;
} callgate_call_content;

/**
 * Calls a method as callgate_proxy_call() does, and checks the result as callgate_check_value() does: a
 * malformed one gives CALLGATE_STATUS_CONTRACT_MISMATCH. A result of up to `capacity` bytes is copied into
 * `buffer`; then reply->data is `buffer`, and there is nothing to free. Otherwise free `reply` with
 * callgate_buffer_free(); freeing it always is fine.
 */
callgate_status callgate_proxy_call_into(const callgate_proxy *proxy,
                                         const char *method,
                                         const void *arguments,
                                         size_t arguments_length,
                                         const callgate_call_options *options,
                                         void *buffer,
                                         size_t capacity,
                                         callgate_buffer *reply,
                                         callgate_error **error);

/**
 * Reads a call's method and arguments, which are checked as callgate_check_value() does: malformed ones give
 * CALLGATE_STATUS_CONTRACT_MISMATCH. Arguments of up to `capacity` bytes are copied into `buffer`.
 * CALLGATE_STATUS_INVALID_ARGUMENT when the call is answered already.
 */
callgate_status callgate_call_read_into(const callgate_call *call,
                                        void *buffer,
                                        size_t capacity,
                                        callgate_call_content *content,
                                        callgate_error **error);


/*
 * Fast calls
 * ==========
 *
 * For languages whose foreign calls are slow per call and per argument, such as Python's ctypes. What does
 * not change between calls is set up once: a call state for calling, a buffer per thread for serving.
 */

/**
 * What does not change from one call to the next. A thread makes it once, all zero, and uses it for one call at
 * a time.
 */
typedef struct {
    /** Options of the call, or NULL; borrowed until it returns. */
    const callgate_call_options *options;
    /** Memory of the program, into which a result is copied if it fits. */
    void *buffer;
    /** The size of `buffer` in bytes. */
    size_t capacity;
    /** The result. Free it with callgate_buffer_free() unless it is in `buffer`; freeing it always is fine. */
    callgate_buffer reply;
    /** The error of a failed call. Free it and set it to NULL before the next call. */
    callgate_error *error;
} callgate_fast_call_state;

/**
 * Serves a call as a callgate_invoke_fn does, and also gets the method's name, NUL-terminated, and the arguments,
 * which are checked as callgate_check_value() does. Arguments that fit are in the thread's buffer
 * (callgate_thread_buffer()); others are borrowed until the call is answered.
 *
 * Either leaves the result in the thread's buffer and returns its length, or answers or defers the call itself
 * and returns -1. It may set the thread's buffer first.
 */
typedef int64_t (*callgate_fast_serve_fn)(void *user_data,
                                          callgate_call *call,
                                          const char *method,
                                          const void *arguments,
                                          size_t arguments_length);

/** A delegate that callgate_fast_invoke() serves. */
typedef struct {
    /** Serves its calls. */
    callgate_fast_serve_fn serve;
    /** What `serve` gets. */
    void *user_data;
} callgate_fast_delegate;

/**
 * Calls a method as callgate_proxy_call_into() does, with everything else in `state`. Returns the length of the
 * result, which is at state->reply.data; or, on failure, the status as a negative number.
 */
int64_t callgate_fast_call(const callgate_proxy *proxy,
                           const char *method,
                           const void *arguments,
                           size_t arguments_length,
                           callgate_fast_call_state *state);

/**
 * A callgate_invoke_fn, for delegates and callback handlers whose `user_data` is a callgate_fast_delegate: reads
 * the call, has its `serve` serve it, and sends the result. The callgate_fast_delegate must live until
 * `user_data_free` runs.
 */
void callgate_fast_invoke(void *user_data,
                          callgate_call *call);

/**
 * Sets the memory that callgate_fast_invoke() uses on this thread for arguments and results. It is used until
 * the thread ends or sets another; (NULL, 0) unsets it.
 */
void callgate_thread_buffer(void *buffer,
                            size_t capacity);

/**
 * Whether Callgate started this thread, so that what a binding keeps for the thread serves many
 * callbacks. It ends before the close of its host or client does.
 */
bool callgate_thread_is_own(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CALLGATE_BINDING_H */
