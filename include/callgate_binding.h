/*
 * Callgate for bindings: the functions that only bindings of other languages need.
 *
 * This file is generated from src/ffi. It includes callgate.h, whose conventions apply here too. C and C++
 * programs do not need it: callgate.h does the same in more steps.
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
 * For languages whose foreign calls are slow: each function here replaces several others. Small results
 * and arguments are copied into memory of the program, which it can reuse.
 */

/** What a delegate needs first of a call. */
typedef struct {
    /** The method's name, NUL-terminated; borrowed until the call's handle ends. */
    const char *method;
    /** The arguments: one MessagePack array, in `buffer` if they fit, otherwise borrowed until the reply. */
    const void *arguments;
    /** The length of the arguments in bytes. */
    size_t arguments_length;
} callgate_call_content;

/**
 * Calls a method like callgate_proxy_call(), and checks the result like callgate_check_value(): a
 * malformed one returns CALLGATE_STATUS_CONTRACT_MISMATCH. A result of up to `capacity` bytes is copied
 * into `buffer`; then reply->data is `buffer`, and nothing needs freeing. Otherwise free `reply` with
 * callgate_buffer_free(). Always freeing it does no harm.
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
 * Reads a call's method and arguments, and checks the arguments like callgate_check_value(): malformed
 * ones return CALLGATE_STATUS_CONTRACT_MISMATCH. Arguments of up to `capacity` bytes are copied into
 * `buffer`. Returns CALLGATE_STATUS_INVALID_ARGUMENT if the call already has its reply.
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
 * What does not change from one call to the next. Create one per thread, all zero, and use it for one call
 * at a time.
 */
typedef struct {
    /** Options of the call, or NULL; borrowed until the call returns. */
    const callgate_call_options *options;
    /** The program's memory, into which a result is copied if it fits. */
    void *buffer;
    /** The size of `buffer` in bytes. */
    size_t capacity;
    /** The result. Free it with callgate_buffer_free() unless it is in `buffer`; freeing it in any case does no harm. */
    callgate_buffer reply;
    /** The error of a failed call. Free it and set it to NULL before the next call. */
    callgate_error *error;
} callgate_fast_call_state;

/**
 * Serves a call like a callgate_invoke_fn, and also gets the method's name, NUL-terminated, and the
 * arguments, which are checked like callgate_check_value(). Arguments that fit are in the thread's buffer
 * (callgate_thread_buffer()); others are borrowed until the reply.
 *
 * Returns the length of the result, which it leaves in the thread's buffer; or -1 if it replied or
 * deferred itself. It may set the thread's buffer first.
 */
typedef int64_t (*callgate_fast_serve_fn)(void *user_data,
                                          callgate_call *call,
                                          const char *method,
                                          const void *arguments,
                                          size_t arguments_length);

/** A delegate for callgate_fast_invoke(). */
typedef struct {
    /** Serves its calls. */
    callgate_fast_serve_fn serve;
    /** Passed to `serve`. */
    void *user_data;
} callgate_fast_delegate;

/**
 * Calls a method like callgate_proxy_call_into(), with everything else in `state`. Returns the length of
 * the result, which is at state->reply.data; or, on failure, the negated status.
 */
int64_t callgate_fast_call(const callgate_proxy *proxy,
                           const char *method,
                           const void *arguments,
                           size_t arguments_length,
                           callgate_fast_call_state *state);

/**
 * A callgate_invoke_fn for delegates and callback handlers whose `user_data` is a callgate_fast_delegate:
 * reads the call, runs `serve`, and sends the result. The callgate_fast_delegate must live until
 * `user_data_free` runs.
 */
void callgate_fast_invoke(void *user_data,
                          callgate_call *call);

/**
 * Sets the memory in which callgate_fast_invoke() keeps arguments and results on this thread. It is used
 * until the thread ends or sets another; (NULL, 0) unsets it.
 */
void callgate_thread_buffer(void *buffer,
                            size_t capacity);

/**
 * Whether Callgate started this thread, so that what a binding caches for the thread serves many
 * callbacks. The thread ends before closing its host or client returns.
 */
bool callgate_thread_is_own(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CALLGATE_BINDING_H */
