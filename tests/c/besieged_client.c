/* A client of hosts that may be hostile: calls that are waited for, started and one-way calls, a callback, events,
 * a log. A call may have any outcome, but must have one. Prints a line once it has been connected, calls until its
 * standard input ends, then closes, and checks that everything it made is released.
 *
 *     besieged_client unix:///path
 */
#include "latch.h"
#include "pair.h"

#include <unistd.h>

#define CALLERS 2

static latch started = LATCH, completed = LATCH, released = LATCH, callbacks = LATCH;
static latch connected = LATCH, disconnected = LATCH, lines = LATCH, called = LATCH, over = LATCH;

static void check_error(callgate_status status, callgate_error *error)
{
    size_t length;
    const char *text = callgate_error_description(error, &length);
    CHECK(callgate_error_status(error) == status && length > 0 && strlen(text) == length);
    callgate_error_type_name(error, &length);
    callgate_error_trace(error, &length);
}

static callgate_call_options within_half_a_second(void)
{
    callgate_call_options options = {0};
    options.struct_size = sizeof options;
    options.timeout_ms = 500;
    return options;
}

static void complete(void *user_data, callgate_status status, const callgate_buffer *reply,
                     const callgate_error *error)
{
    (void)user_data;
    CHECK((status == CALLGATE_STATUS_OK) == (error == NULL) && (reply == NULL) == (error != NULL));
    latch_count(&completed);
}

/* Reads a result, which may be any value. */
static void read_result(const callgate_buffer *result)
{
    callgate_reader reader;
    int64_t number;
    if (callgate_reader_init(&reader, result->data, result->length, NULL) == CALLGATE_STATUS_OK)
        callgate_reader_int64(&reader, &number, NULL);
}

/* Makes one call of each kind, with the arguments 1 and 2. */
static void call_once(const callgate_proxy *proxy)
{
    const char arguments[] = "\x92\x01\x02";
    callgate_call_options options = within_half_a_second();
    callgate_error *error = NULL;
    callgate_buffer result = {NULL, 0, NULL};
    callgate_status status = callgate_proxy_call(proxy, "Add", arguments, 3, &options, &result, &error);
    if (status == CALLGATE_STATUS_OK)
        read_result(&result);
    else
        check_error(status, error);
    callgate_buffer_free(&result);
    callgate_error_free(error);
    callgate_proxy_one_way(proxy, "Note", arguments, 3, &options, NULL);
    latch_count(&started);
    CHECK_OK(callgate_proxy_start(proxy, "Add", arguments, 3, &options, complete, &released, latch_count, &error));
    latch_count(&called);
}

static void *call_on(void *proxy)
{
    while (latch_now(&over) == 0)
        call_once(proxy);
    return NULL;
}

/* Serves IDesk to the host. */
static void invoke(void *user_data, callgate_call *call)
{
    const char *method = callgate_call_method(call, NULL);
    size_t length;
    (void)user_data;
    latch_count(&callbacks);
    if (strcmp(method, "Echo") == 0) {
        const unsigned char *data = callgate_call_arguments(call, &length);
        callgate_call_reply(call, data + 1, length - 1, NULL);
    } else if (strcmp(method, "Wait") == 0) {
        callgate_call_wait_cancelled(call, 100);
        callgate_call_reply(call, NULL, 0, NULL);
    } else if (strcmp(method, "Fail") == 0) {
        callgate_call_fail(call, "Refusal", "no", NULL);
    } else {
        callgate_call_fail_no_such_method(call, NULL);
    }
}

static void note_connection(void *user_data, callgate_connection *connection)
{
    CHECK(callgate_connection_generation(connection) > 0);
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

static callgate_client *start_client(const char *endpoint)
{
    callgate_client *client = NULL;
    callgate_limits limits = {0};
    callgate_client_options options = {0};
    options.struct_size = sizeof options;
    options.limits = &limits;
    options.log = note_line;
    options.log_user_data = &lines;
    limits.struct_size = sizeof limits;
    limits.connection_timeout_ms = 500;
    limits.reconnect_backoff_min_ms = 1;
    limits.reconnect_backoff_max_ms = 20;
    CHECK_OK(callgate_client_new(endpoint, &options, &client, &error));
    CHECK_OK(callgate_client_add_callback_handler(client, "IDesk", invoke, &released, latch_count, &error));
    CHECK_OK(callgate_client_add_connected_handler(client, note_connection, &connected, NULL, &error));
    CHECK_OK(callgate_client_add_reconnected_handler(client, note_connection, &connected, NULL, &error));
    CHECK_OK(callgate_client_add_disconnected_handler(client, note_end, &disconnected, NULL, &error));
    CHECK_OK(callgate_client_start(client, &error));
    return client;
}

int main(int argc, char **argv)
{
    callgate_client *client;
    callgate_proxy *proxy = NULL;
    pthread_t callers[CALLERS];
    char rest[64];
    size_t i;
    CHECK(argc == 2);
    client = start_client(argv[1]);
    CHECK_OK(callgate_proxy_new(client, "IDesk", &proxy, &error));
    for (i = 0; i < CALLERS; i++)
        CHECK(pthread_create(&callers[i], NULL, call_on, proxy) == 0);
    latch_wait(&connected, 1);
    CHECK(puts("connected") >= 0 && fflush(stdout) == 0);
    while (read(STDIN_FILENO, rest, sizeof rest) > 0)
        continue;

    latch_count(&over);
    for (i = 0; i < CALLERS; i++)
        CHECK(pthread_join(callers[i], NULL) == 0);
    callgate_proxy_free(proxy);
    CHECK_OK(callgate_client_close(client, PAIR_TIMEOUT, &error));
    callgate_client_free(client);
    latch_wait(&completed, latch_now(&started));
    /* One more for the handler of callbacks. */
    latch_wait(&released, latch_now(&started) + 1);
    CHECK(latch_now(&completed) == latch_now(&started) && latch_now(&released) == latch_now(&started) + 1);
    CHECK(latch_now(&connected) == latch_now(&disconnected));
    printf("%d calls of each kind, %d connections, %d callbacks, %d lines\n", latch_now(&called),
           latch_now(&connected), latch_now(&callbacks), latch_now(&lines));
    return 0;
}
