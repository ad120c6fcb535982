/* The host: records each call that runs. */
#include "chaos.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS 20000

/* The record, and the number of the latest delegate. */
static int record;
static pthread_mutex_t numbers_lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t numbers;

/* A delegate of one connection. */
struct served {
    uint64_t number;
    callgate_proxy *callback; /* NULL for IOrdered */
};

/* Reads the id and its check, and records that the call runs, unless its id was spoiled on the way. */
static callgate_status read_id(const struct served *served, callgate_call *call, size_t count,
                               callgate_reader *arguments, uint64_t *check, callgate_error **error)
{
    uint64_t id = 0;
    callgate_status status = callgate_call_read_arguments(call, count, arguments, error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_reader_uint64(arguments, &id, error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_reader_uint64(arguments, check, error);
    if (status == CALLGATE_STATUS_OK && *check != check_of(id)) {
        callgate_error_parts parts = {sizeof parts, 0, 0, NULL, NULL, 0, NULL, 0, NULL, 0};
        parts.type_name = "Spoiled";
        parts.message = "the id and its check do not match";
        parts.message_length = strlen(parts.message);
        callgate_error_new(&parts, error, NULL);
        status = CALLGATE_STATUS_REMOTE_ERROR;
    }
    if (status == CALLGATE_STATUS_OK)
        note(record, id, served->number);
    return status;
}

static void serve_run(const struct served *served, callgate_call *call)
{
    callgate_reader arguments;
    callgate_error *error = NULL;
    uint64_t check = 0;
    if (read_id(served, call, 2, &arguments, &check, &error) == CALLGATE_STATUS_OK
        && is_method(call, "Slow"))
        callgate_call_wait_cancelled(call, PATIENCE_MS);
    reply_number(call, check, error);
}

static void serve_echo(const struct served *served, callgate_call *call)
{
    callgate_reader arguments;
    callgate_error *error = NULL;
    callgate_writer *writer = callgate_writer_new();
    uint64_t check;
    const void *data;
    size_t length;
    if (read_id(served, call, 3, &arguments, &check, &error) == CALLGATE_STATUS_OK
        && callgate_reader_binary(&arguments, &data, &length, &error) == CALLGATE_STATUS_OK) {
        callgate_writer_binary(writer, data, length);
        if (callgate_writer_finish(writer, &data, &length, &error) == CALLGATE_STATUS_OK)
            callgate_call_reply(call, data, length, NULL);
    }
    if (error != NULL)
        callgate_call_fail_with(call, error, NULL);
    callgate_error_free(error);
    callgate_writer_free(writer);
}

static void serve_back(const struct served *served, callgate_call *call)
{
    callgate_reader arguments;
    callgate_error *error = NULL;
    uint64_t check, depth = 0;
    if (read_id(served, call, 3, &arguments, &check, &error) == CALLGATE_STATUS_OK
        && callgate_reader_uint64(&arguments, &depth, &error) == CALLGATE_STATUS_OK)
        call_number(served->callback, "Again", depth, &depth, &error);
    reply_number(call, depth, error);
}

static void serve_deeper(const struct served *served, callgate_call *call)
{
    callgate_reader arguments;
    callgate_error *error = NULL;
    uint64_t depth = 0, levels = 0;
    if (callgate_call_read_arguments(call, 1, &arguments, &error) == CALLGATE_STATUS_OK
        && callgate_reader_uint64(&arguments, &depth, &error) == CALLGATE_STATUS_OK && depth > 0
        && call_number(served->callback, "Again", depth - 1, &levels, &error) == CALLGATE_STATUS_OK)
        levels++;
    reply_number(call, levels, error);
}

static void invoke(void *user_data, callgate_call *call)
{
    const struct served *served = user_data;
    bool work = served->callback != NULL;
    if (is_method(call, "Run") || is_method(call, "Tell") || (work && is_method(call, "Slow")))
        serve_run(served, call);
    else if (work && is_method(call, "Echo"))
        serve_echo(served, call);
    else if (work && is_method(call, "Back"))
        serve_back(served, call);
    else if (work && is_method(call, "Deeper"))
        serve_deeper(served, call);
    else
        callgate_call_fail_no_such_method(call, NULL);
}

static void free_served(void *user_data)
{
    struct served *served = user_data;
    callgate_proxy_free(served->callback);
    free(served);
}

/* Makes a delegate of IWork, with the callback, or of IOrdered, without one. */
static callgate_status make_served(void *user_data, callgate_connection *connection,
                                   callgate_proxy *callback, callgate_delegate *delegate,
                                   callgate_error **error)
{
    struct served *served = calloc(1, sizeof *served);
    callgate_status status = CALLGATE_STATUS_OK;
    (void)user_data, (void)connection;
    if (served == NULL)
        give_up("no memory", NULL);
    if (callback != NULL)
        status = callgate_proxy_clone(callback, &served->callback, error);
    if (status != CALLGATE_STATUS_OK) {
        free(served);
        return status;
    }
    pthread_mutex_lock(&numbers_lock);
    served->number = ++numbers;
    pthread_mutex_unlock(&numbers_lock);
    delegate->invoke = invoke;
    delegate->user_data = served;
    delegate->user_data_free = free_served;
    return status;
}

static callgate_status make_ordered(void *user_data, const char *interface_name,
                                    callgate_connection *connection, callgate_delegate *delegate,
                                    callgate_error **error)
{
    if (strcmp(interface_name, "IOrdered") != 0)
        return CALLGATE_STATUS_OK;
    return make_served(user_data, connection, NULL, delegate, error);
}

/* Serves until standard input ends. */
void serve(const char *path, int count, char **endpoints)
{
    callgate_host *host = NULL;
    callgate_error *error = NULL;
    size_t i;
    int endpoint;
    record = open_record(path);
    if (callgate_host_new(NULL, &host, &error)
        || callgate_host_add_duplex_delegate_factory(host, "IWork", "ICallback", make_served, NULL, NULL,
                                                     &error)
        || callgate_host_add_delegate_factory(host, make_ordered, NULL, NULL, &error)
        || callgate_host_add_ordered_interface(host, "IOrdered", &error))
        give_up("make the host", error);
    for (endpoint = 0; endpoint < count; endpoint++)
        if (callgate_host_add_endpoint(host, endpoints[endpoint], &error))
            give_up("add an endpoint", error);
    if (callgate_host_start(host, &error))
        give_up("start the host", error);
    printf("ready");
    for (i = 0; i < callgate_host_endpoint_count(host); i++)
        printf(" %s", callgate_host_endpoint(host, i, NULL));
    printf("\n");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    if (callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, &error))
        give_up("close the host", error);
    callgate_host_free(host);
}
