/* What the generated program passes for functions and their user_data. Each stub has the name of its type. */
#ifndef CALLBACKS_H
#define CALLBACKS_H

#define _POSIX_C_SOURCE 200809L

#include "../check.h"
#include "../latch.h"

#include <callgate_binding.h>

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

/* The room for an options struct of any version. */
#define ROOM 8192

/* What results hold before they are written. */
#define UNTOUCHED 0x5a

static int nothing;
/* Each thread has its own, so that results do not meet there. */
static __thread char memory[64];
static latch freed = LATCH;

static void counted_free(void *user_data)
{
    (void)user_data;
    latch_count(&freed);
}

static void invoke_fn(void *user_data, callgate_call *call)
{
    (void)user_data, (void)call;
}

static callgate_status delegate_factory_fn(void *user_data, const char *interface_name,
                                           callgate_connection *connection, callgate_delegate *delegate,
                                           callgate_error **error)
{
    (void)user_data, (void)interface_name, (void)connection, (void)delegate, (void)error;
    return CALLGATE_STATUS_OK;
}

static callgate_status duplex_delegate_factory_fn(void *user_data, callgate_connection *connection,
                                                  callgate_proxy *callback, callgate_delegate *delegate,
                                                  callgate_error **error)
{
    (void)user_data, (void)connection, (void)callback, (void)delegate, (void)error;
    return CALLGATE_STATUS_OK;
}

static void connected_fn(void *user_data, callgate_connection *connection)
{
    (void)user_data, (void)connection;
}

static void disconnected_fn(void *user_data, callgate_connection *connection, const callgate_error *reason)
{
    (void)user_data, (void)connection, (void)reason;
}

static callgate_status initialise_fn(void *user_data, callgate_proxy *proxy, callgate_error **error)
{
    (void)user_data, (void)proxy, (void)error;
    return CALLGATE_STATUS_OK;
}

static void cancelled_fn(void *user_data)
{
    (void)user_data;
}

static void completion_fn(void *user_data, callgate_status status, const callgate_buffer *reply,
                          const callgate_error *error)
{
    (void)user_data, (void)status, (void)reply, (void)error;
}

static int64_t fast_serve(void *user_data, callgate_call *call, const char *method, const void *arguments,
                          size_t arguments_length)
{
    (void)user_data, (void)call, (void)method, (void)arguments, (void)arguments_length;
    return -1;
}

static callgate_fast_delegate fast_delegate = {fast_serve, NULL};

#endif
