/* The host's IDuplex, which calls its client back. */
#include "conformance.h"

#include <pthread.h>
#include <stdlib.h>

struct duplex {
    callgate_proxy *callback;
    int64_t first;
};

/* A number that a thread passes to the callback later. */
struct later {
    callgate_proxy *callback;
    int64_t number;
};

static void *tell_later(void *argument)
{
    struct later *later = argument;
    call_integers(later->callback, "Arrived", &later->number, 1, NULL, NULL);
    callgate_proxy_free(later->callback);
    free(later);
    return NULL;
}

static callgate_status start_later(const struct duplex *duplex, int64_t number, callgate_error **error)
{
    pthread_t thread;
    struct later *later = malloc(sizeof *later);
    callgate_status status;
    if (later == NULL)
        abort();
    later->number = number;
    status = callgate_proxy_clone(duplex->callback, &later->callback, error);
    if (status != CALLGATE_STATUS_OK) {
        free(later);
        return status;
    }
    if (pthread_create(&thread, NULL, tell_later, later) != 0)
        abort();
    pthread_detach(thread);
    return status;
}

/* Makes the callback fail, and records how. */
static callgate_status provoke(const struct duplex *duplex, callgate_call *call,
                               callgate_writer *result, callgate_error **error)
{
    size_t length;
    const void *data = callgate_call_arguments(call, &length);
    const char *message;
    callgate_error *failure = NULL;
    callgate_proxy_call(duplex->callback, "Fail", data, length, NULL, NULL, &failure);
    if (callgate_error_status(failure) != CALLGATE_STATUS_REMOTE_ERROR) {
        callgate_error_free(failure);
        return raise_remote("Unexpected", "the callback has not failed as it should", error);
    }
    message = callgate_error_message(failure, &length);
    callgate_writer_array(result, 2);
    callgate_writer_string(result, callgate_error_type_name(failure, NULL));
    callgate_writer_string_n(result, message, length);
    callgate_error_free(failure);
    return CALLGATE_STATUS_OK;
}

static callgate_status serve_duplex(void *user_data, callgate_call *call, callgate_writer *result,
                                    callgate_error **error)
{
    const struct duplex *duplex = user_data;
    int64_t number = 0, doubled = 0;
    callgate_status status;
    if (is_method(call, "First")) {
        callgate_writer_int(result, duplex->first);
        return CALLGATE_STATUS_OK;
    }
    if (is_method(call, "Provoke"))
        return provoke(duplex, call, result, error);
    if (!is_method(call, "Double") && !is_method(call, "Nest") && !is_method(call, "Later"))
        return no_such_method(call);
    status = read_integers(call, &number, 1, error);
    if (status != CALLGATE_STATUS_OK)
        return status;
    if (is_method(call, "Nest"))
        return nest(duplex->callback, number, result, error);
    if (is_method(call, "Later")) {
        callgate_writer_nil(result);
        return start_later(duplex, number, error);
    }
    status = call_integers(duplex->callback, "Double", &number, 1, &doubled, error);
    callgate_writer_int(result, doubled);
    return status;
}

static void invoke(void *user_data, callgate_call *call)
{
    answer(serve_duplex, user_data, call);
}

static void free_duplex(void *user_data)
{
    struct duplex *duplex = user_data;
    callgate_proxy_free(duplex->callback);
    free(duplex);
}

callgate_status make_duplex(void *user_data, callgate_connection *connection, callgate_proxy *callback,
                            callgate_delegate *delegate, callgate_error **error)
{
    const int64_t hundred = 100;
    int64_t first = 0;
    callgate_proxy *kept = NULL;
    struct duplex *duplex;
    callgate_status status = call_integers(callback, "Double", &hundred, 1, &first, error);
    (void)user_data, (void)connection;
    if (status == CALLGATE_STATUS_OK)
        status = callgate_proxy_clone(callback, &kept, error);
    if (status != CALLGATE_STATUS_OK)
        return status;
    duplex = malloc(sizeof *duplex);
    if (duplex == NULL)
        abort();
    duplex->callback = kept;
    duplex->first = first;
    delegate->invoke = invoke;
    delegate->user_data = duplex;
    delegate->user_data_free = free_duplex;
    return CALLGATE_STATUS_OK;
}
