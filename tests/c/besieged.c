/* A host as a program would have it: two interfaces with delegates that reply at once, later, with an error, after
 * a callback, or not before their caller gives up; one-way calls, events, a log. It serves until its standard input
 * ends, then closes, and checks that everything it made is released.
 *
 *     besieged unix:///path tcp://127.0.0.1:0
 */
#include "latch.h"
#include "pair.h"

#include <unistd.h>

/* What is made and released, and what is seen. */
static latch delegates = LATCH, released = LATCH, connected = LATCH, disconnected = LATCH, lines = LATCH;

/* The delegate of one connection. */
typedef struct desk {
    callgate_proxy *callback;
    latch notes;
} desk;

/* Deferred calls, to which one thread replies. */
typedef struct job {
    callgate_call *call;
    struct job *next;
} job;
static job *jobs;
static bool ended;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void defer(callgate_call *call)
{
    job *added = malloc(sizeof *added);
    CHECK(added != NULL);
    CHECK_OK(callgate_call_defer(call, &added->call, &error));
    pthread_mutex_lock(&lock);
    added->next = jobs;
    jobs = added;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

/* Takes all deferred calls; waits for one. NULL at the end. */
static job *take_jobs(void)
{
    job *taken;
    pthread_mutex_lock(&lock);
    while (jobs == NULL && !ended)
        pthread_cond_wait(&changed, &lock);
    taken = jobs;
    jobs = NULL;
    pthread_mutex_unlock(&lock);
    return taken;
}

/* Replies fail if the caller is gone. */
static void reply_int(callgate_call *call, int64_t result)
{
    const void *data;
    size_t length;
    callgate_writer *writer = callgate_writer_new();
    callgate_writer_int(writer, result);
    CHECK_OK(callgate_writer_finish(writer, &data, &length, &error));
    callgate_call_reply(call, data, length, NULL);
    callgate_writer_free(writer);
}

/* Replies to a deferred call with its argument. */
static void reply_with_argument(callgate_call *call)
{
    callgate_error *error = NULL;
    callgate_reader arguments;
    int64_t number;
    if (callgate_call_read_arguments(call, 1, &arguments, &error)
        || callgate_reader_int64(&arguments, &number, &error)) {
        callgate_call_fail_with(call, error, NULL);
        callgate_error_free(error);
    } else {
        reply_int(call, number);
    }
}

static void *reply_later(void *nothing)
{
    job *first;
    while ((first = take_jobs()) != NULL)
        while (first != NULL) {
            job *next = first->next;
            reply_with_argument(first->call);
            callgate_call_free(first->call);
            free(first);
            first = next;
        }
    return nothing;
}

static void add(callgate_call *call)
{
    callgate_error *error = NULL;
    callgate_reader arguments;
    int32_t a, b;
    if (callgate_call_read_arguments(call, 2, &arguments, &error)
        || callgate_reader_int32(&arguments, &a, &error) || callgate_reader_int32(&arguments, &b, &error)) {
        callgate_call_fail_with(call, error, NULL);
        callgate_error_free(error);
    } else {
        reply_int(call, (int64_t)a + b);
    }
}

/* Asks the caller, and replies with what it says. */
static void call_back(desk *desk, callgate_call *call)
{
    callgate_error *error = NULL;
    callgate_buffer said = {NULL, 0, NULL};
    callgate_call_options options = {0};
    options.struct_size = sizeof options;
    options.timeout_ms = callgate_call_time_left_ms(call);
    if (callgate_proxy_call(desk->callback, "Ask", NULL, 0, &options, &said, &error)) {
        CHECK(callgate_error_description(error, NULL)[0] != 0);
        callgate_call_fail_with(call, error, NULL);
        callgate_error_free(error);
    } else {
        callgate_call_reply(call, said.data, said.length, NULL);
        callgate_buffer_free(&said);
    }
}

/* Serves a call. */
static void invoke(void *user_data, callgate_call *call)
{
    desk *desk = user_data;
    const char *method = callgate_call_method(call, NULL);
    size_t i, length;
    for (i = 0; i < callgate_call_metadata_count(call); i++)
        CHECK(callgate_call_metadata_key(call, i, &length)[length] == 0);
    if (strcmp(method, "Add") == 0) {
        add(call);
    } else if (strcmp(method, "Echo") == 0) {
        const unsigned char *data = callgate_call_arguments(call, &length);
        callgate_call_reply(call, data + 1, length - 1, NULL);
    } else if (strcmp(method, "Note") == 0) {
        latch_count(&desk->notes);
    } else if (strcmp(method, "Count") == 0) {
        reply_int(call, latch_now(&desk->notes));
    } else if (strcmp(method, "Defer") == 0) {
        defer(call);
    } else if (strcmp(method, "CallBack") == 0) {
        call_back(desk, call);
    } else if (strcmp(method, "Wait") == 0) {
        callgate_call_wait_cancelled(call, 100);
        callgate_call_reply(call, NULL, 0, NULL);
    } else if (strcmp(method, "Fail") == 0) {
        callgate_call_fail(call, "Refusal", "no", NULL);
    } else {
        callgate_call_fail_no_such_method(call, NULL);
    }
}

static void free_desk(void *user_data)
{
    desk *freed = user_data;
    callgate_proxy_free(freed->callback);
    pthread_mutex_destroy(&freed->notes.lock);
    pthread_cond_destroy(&freed->notes.changed);
    free(freed);
    latch_count(&released);
}

/* Makes the delegate of an interface for a connection. */
static callgate_status make_desk(void *user_data, callgate_connection *connection, callgate_proxy *callback,
                                 callgate_delegate *delegate, callgate_error **error)
{
    latch fresh = LATCH;
    desk *made = malloc(sizeof *made);
    callgate_status status;
    (void)user_data;
    CHECK(made != NULL && callgate_connection_id(connection) > 0);
    made->notes = fresh;
    status = callgate_proxy_clone(callback, &made->callback, error);
    if (status != CALLGATE_STATUS_OK) {
        free(made);
        return status;
    }
    latch_count(&delegates);
    delegate->invoke = invoke;
    delegate->user_data = made;
    delegate->user_data_free = free_desk;
    return CALLGATE_STATUS_OK;
}

static void note_connection(void *user_data, callgate_connection *connection)
{
    CHECK(callgate_connection_peer_address(connection, NULL) != NULL);
    latch_count(user_data);
}

static void note_end(void *user_data, callgate_connection *connection, const callgate_error *reason)
{
    CHECK(!callgate_connection_is_open(connection) && callgate_error_description(reason, NULL)[0] != 0);
    latch_count(user_data);
}

static void note_line(void *user_data, const callgate_log_event *event)
{
    CHECK(strlen(event->message) == event->message_length && strpbrk(event->message, "\r\n\x1b") == NULL);
    latch_count(user_data);
}

/* Looks at the open connections, as a program does that shows its users. */
static void look_at_connections(const callgate_host *host)
{
    callgate_connection *connections[64];
    size_t i, count = 0;
    CHECK_OK(callgate_host_connections(host, connections, 64, &count, &error));
    for (i = 0; i < count && i < 64; i++) {
        callgate_connection_peer_pid(connections[i]);
        callgate_connection_free(connections[i]);
    }
}

int main(int argc, char **argv)
{
    callgate_host *host = NULL;
    callgate_limits limits = {0};
    callgate_host_options options = {
        .struct_size = sizeof options,
        .limits = &limits,
        .log = note_line,
        .log_user_data = &lines,
    };
    pthread_t replier;
    char order;
    size_t i;
    CHECK(argc == 3 && pthread_create(&replier, NULL, reply_later, NULL) == 0);
    limits.struct_size = sizeof limits;
    limits.write_timeout_ms = 2000;
    CHECK_OK(callgate_host_new(&options, &host, &error));
    CHECK_OK(callgate_host_add_endpoint(host, argv[1], &error));
    CHECK_OK(callgate_host_add_endpoint(host, argv[2], &error));
    CHECK_OK(callgate_host_add_duplex_delegate_factory(host, "IDesk", "ICallback", make_desk, NULL, NULL, &error));
    CHECK_OK(callgate_host_add_duplex_delegate_factory(host, "IOrdered", "ICallback", make_desk, NULL, NULL, &error));
    CHECK_OK(callgate_host_add_ordered_interface(host, "IOrdered", &error));
    CHECK_OK(callgate_host_add_interface_alias(host, "Old.", "IDesk", &error));
    CHECK_OK(callgate_host_add_client_connected_handler(host, note_connection, &connected, NULL, &error));
    CHECK_OK(callgate_host_add_client_disconnected_handler(host, note_end, &disconnected, NULL, &error));
    CHECK_OK(callgate_host_start(host, &error));
    for (i = 0; i < callgate_host_endpoint_count(host); i++)
        printf("listening on %s\n", callgate_host_endpoint(host, i, NULL));
    fflush(stdout);
    while (read(STDIN_FILENO, &order, 1) == 1)
        look_at_connections(host);

    CHECK_OK(callgate_host_close(host, PAIR_TIMEOUT, &error));
    callgate_host_free(host);
    pthread_mutex_lock(&lock);
    ended = true;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    CHECK(pthread_join(replier, NULL) == 0);
    CHECK(latch_now(&delegates) > 0 && latch_now(&delegates) == latch_now(&released));
    CHECK(latch_now(&connected) > 0 && latch_now(&connected) == latch_now(&disconnected));
    printf("%d connections, %d delegates, %d lines\n", latch_now(&connected), latch_now(&delegates), latch_now(&lines));
    return 0;
}
