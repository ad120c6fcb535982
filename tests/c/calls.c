/* A host and a client in one program: calls with every kind of reply, and what comes with them. */
#include "check.h"
#include "system.h"

#include <pthread.h>
#include <unistd.h>

#define INTERFACE "ITest"

static int delegates_freed, factory_freed, handlers_freed, connected_count, disconnected_count;
static int lines_logged;
static callgate_connection *kept;
static callgate_call *kept_call, *borrowed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void count(void *user_data)
{
    pthread_mutex_lock(&lock);
    ++*(int *)user_data;
    pthread_mutex_unlock(&lock);
}

static void *answer_later(void *call)
{
    CHECK(strcmp(callgate_call_method((callgate_call *)call, NULL), "Defer") == 0);
    CHECK_OK(callgate_call_reply((callgate_call *)call, "\x07", 1, &error));
    CHECK_ARGUMENT(callgate_call_reply((callgate_call *)call, "\x08", 1, &error));
    CHECK_ARGUMENT(callgate_call_fail((callgate_call *)call, "type", "message", &error));
    CHECK(callgate_call_arguments((callgate_call *)call, NULL) == NULL);
    callgate_call_free((callgate_call *)call);
    CHECK_HANDLE(callgate_call_reply((callgate_call *)call, "\x08", 1, &error));
    return NULL;
}

static void defer(callgate_call *call)
{
    pthread_t thread;
    callgate_call *deferred = NULL, *again = NULL;
    CHECK_OK(callgate_call_defer(call, &deferred, &error));
    CHECK_ARGUMENT(callgate_call_defer(call, &again, &error));
    CHECK(again == NULL);
    CHECK(pthread_create(&thread, NULL, answer_later, deferred) == 0);
    CHECK(pthread_detach(thread) == 0);
}

static void describe(callgate_call *call)
{
    size_t length = 0;
    int64_t left = callgate_call_time_left_ms(call);
    callgate_connection *connection = callgate_call_connection(call);
    CHECK(strcmp(callgate_call_interface(call, &length), INTERFACE) == 0 && length == 5);
    CHECK(strcmp(callgate_call_signature(call, NULL), "Describe_Int32") == 0);
    CHECK(left > 0 && left <= 20000);
    CHECK(!callgate_call_is_one_way(call));
    CHECK(memcmp(callgate_call_arguments(call, &length), "\x90", 1) == 0 && length == 1);
    CHECK(callgate_call_metadata_count(call) == 2);
    CHECK(strcmp(callgate_call_metadata_key(call, 0, NULL), "trace") == 0);
    CHECK(memcmp(callgate_call_metadata_value(call, 1, &length), "b\0c", 4) == 0 && length == 3);
    CHECK(callgate_call_metadata_key(call, 2, NULL)[0] == 0);
    CHECK(callgate_connection_is_open(connection));
    CHECK(callgate_connection_id(connection) == callgate_connection_id(kept));
    CHECK(callgate_connection_is_same(connection, kept));
    CHECK_OK(callgate_call_reply(call, NULL, 0, &error));
}

static void fail_in_full(callgate_call *call)
{
    callgate_error_parts parts = {0};
    callgate_error *failure = NULL;
    parts.struct_size = sizeof parts;
    parts.type_name = "Full";
    parts.message = "a\0b";
    parts.message_length = 3;
    parts.trace = "at line 1";
    parts.trace_length = 9;
    parts.data = "\xc3";
    parts.data_length = 1;
    CHECK_OK(callgate_error_new(&parts, &failure, &error));
    CHECK_OK(callgate_call_fail_with(call, failure, &error));
    callgate_error_free(failure);
}

/* Replies with the error of a nested call that did not run. */
static void pass_on(callgate_call *call)
{
    callgate_error *nested = NULL;
    callgate_proxy *proxy = NULL;
    CHECK_OK(callgate_connection_proxy(callgate_call_connection(call), "INobody", &proxy, &error));
    CHECK(callgate_proxy_call(proxy, "Method", "\x90", 1, NULL, NULL, &nested) != CALLGATE_STATUS_OK);
    CHECK(callgate_error_execution(nested) == CALLGATE_EXECUTION_NOT_RUN);
    CHECK_OK(callgate_call_fail_with(call, nested, &error));
    callgate_error_free(nested);
    callgate_proxy_free(proxy);
}

static void invoke(void *user_data, callgate_call *call)
{
    const char *method = callgate_call_method(call, NULL);
    (void)user_data;
    if (strcmp(method, "Describe") == 0)
        describe(call);
    else if (strcmp(method, "Defer") == 0)
        defer(call);
    else if (strcmp(method, "Drop") == 0) {
        CHECK_OK(callgate_call_defer(call, &kept_call, &error));
        callgate_call_free(kept_call);
    } else if (strcmp(method, "Forget") == 0)
        borrowed = call;
    else if (strcmp(method, "Free") == 0)
        callgate_call_free(call);
    else if (strcmp(method, "Full") == 0)
        fail_in_full(call);
    else if (strcmp(method, "PassOn") == 0)
        pass_on(call);
    else if (strcmp(method, "Late") == 0) {
        CHECK_HANDLE(callgate_call_reply(borrowed, NULL, 0, &error));
        CHECK(callgate_call_method(borrowed, NULL)[0] == 0);
        CHECK_OK(callgate_call_reply(call, NULL, 0, &error));
        CHECK_ARGUMENT(callgate_call_reply(call, NULL, 0, &error));
    } else
        CHECK_OK(callgate_call_fail_no_such_method(call, &error));
}

static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    callgate_error_parts parts = {0};
    (void)user_data;
    CHECK(callgate_connection_is_open(connection));
    delegate->user_data = &delegates_freed; /* released however this ends */
    delegate->user_data_free = count;
    if (strcmp(interface_name, INTERFACE) == 0) {
        delegate->invoke = invoke;
    } else if (strcmp(interface_name, "IRefused") == 0) {
        parts.struct_size = sizeof parts;
        parts.status = CALLGATE_STATUS_ACCESS_DENIED;
        parts.message = "not you";
        parts.message_length = 7;
        CHECK(callgate_error_new(&parts, error, NULL) == CALLGATE_STATUS_OK);
        return CALLGATE_STATUS_ACCESS_DENIED;
    } else if (strcmp(interface_name, "IBroken") == 0) {
        return CALLGATE_STATUS_UNSUPPORTED;
    }
    return CALLGATE_STATUS_OK;
}

static void connected(void *user_data, callgate_connection *connection)
{
    (void)user_data;
    CHECK(callgate_connection_peer_pid(connection) > 0);
    CHECK(callgate_connection_peer_uid(connection) == own_user());
    CHECK(own_user() < 0 || atoi(callgate_connection_peer_user(connection, NULL)) == own_user());
    CHECK((callgate_connection_peer_gid(connection) >= 0) == (own_user() >= 0));
    CHECK(callgate_connection_peer_address(connection, NULL)[0] == 0);
    CHECK_OK(callgate_connection_clone(connection, &kept, &error));
    count(&connected_count);
}

static void disconnected(void *user_data, callgate_connection *connection,
                         const callgate_error *reason)
{
    (void)user_data;
    CHECK(callgate_connection_id(connection) == callgate_connection_id(kept));
    CHECK(!callgate_connection_is_open(connection));
    CHECK(callgate_error_message(reason, NULL)[0] != 0);
    count(&disconnected_count);
}

static void take_log(void *user_data, const callgate_log_event *event)
{
    (void)user_data;
    CHECK(event->struct_size == sizeof *event);
    CHECK(event->level >= CALLGATE_LOG_ERROR && event->level <= CALLGATE_LOG_DEBUG);
    CHECK(strncmp(event->target, "callgate::", 10) == 0);
    CHECK(strlen(event->message) == event->message_length);
    if (strstr(event->message, " ended: ")) {
        CHECK(event->connection > 0 && event->status != CALLGATE_STATUS_OK);
        CHECK(event->peer_pid == getpid() && event->peer_user[0] != 0);
        CHECK(strcmp(event->target, "callgate::connection") == 0 && event->method[0] == 0);
    }
    count(&lines_logged);
}

static void call_and_describe(const callgate_proxy *proxy)
{
    callgate_metadata metadata[] = {{"trace", "a", 1}, {"more", "b\0c", 3}};
    callgate_call_options options = {0};
    callgate_buffer reply = {NULL, 0, NULL}, copy;
    options.struct_size = sizeof options;
    options.timeout_ms = 20000;
    options.signature = "Describe_Int32";
    options.metadata = metadata;
    options.metadata_count = 2;
    CHECK_OK(callgate_proxy_call(proxy, "Describe", NULL, 0, &options, &reply, &error));
    CHECK(reply.length == 1 && memcmp(reply.data, "\xc0", 1) == 0);
    copy = reply;
    callgate_buffer_free(&reply);
    CHECK(reply.data == NULL && reply.length == 0);
    callgate_buffer_free(&reply);
    callgate_buffer_free(&copy);
    options.timeout_ms = -7;
    CHECK_ARGUMENT(callgate_proxy_call(proxy, "Describe", NULL, 0, &options, NULL, &error));
    options.timeout_ms = CALLGATE_TIMEOUT_NOW;
    CHECK_STATUS(CALLGATE_STATUS_TIMED_OUT,
                 callgate_proxy_call(proxy, "Describe", NULL, 0, &options, NULL, &error));
}

static void call_and_fail(const callgate_proxy *proxy)
{
    callgate_error *error = NULL;
    size_t length = 0;
    CHECK(callgate_proxy_call(proxy, "Full", NULL, 0, NULL, NULL, &error) != 0);
    CHECK(callgate_error_status(error) == CALLGATE_STATUS_REMOTE_ERROR);
    CHECK(callgate_error_execution(error) == CALLGATE_EXECUTION_RAN);
    CHECK(strcmp(callgate_error_type_name(error, NULL), "Full") == 0);
    CHECK(memcmp(callgate_error_message(error, &length), "a\0b", 4) == 0 && length == 3);
    CHECK(strcmp(callgate_error_trace(error, NULL), "at line 1") == 0);
    CHECK(memcmp(callgate_error_data(error, &length), "\xc3", 1) == 0 && length == 1);
    CHECK(callgate_error_os_code(error) == 0 && callgate_error_cause(error) == NULL);
    callgate_error_free(error);
    CHECK(callgate_proxy_call(proxy, "PassOn", NULL, 0, NULL, NULL, &error) == CALLGATE_STATUS_CONTRACT_MISMATCH);
    CHECK(callgate_error_execution(error) == CALLGATE_EXECUTION_RAN);
    callgate_error_free(error);
}

/* Makes a call that must fail with this status and message. */
static void call_in_vain(const callgate_client *client, const char *interface_name,
                         const char *method, callgate_status expected, const char *message)
{
    callgate_proxy *proxy = NULL;
    callgate_error *error = NULL;
    CHECK(callgate_proxy_new(client, interface_name, &proxy, NULL) == CALLGATE_STATUS_OK);
    CHECK(callgate_proxy_call(proxy, method, NULL, 0, NULL, NULL, &error) == expected);
    if (strstr(callgate_error_message(error, NULL), message) == NULL) {
        fprintf(stderr, "%s\n", callgate_error_description(error, NULL));
        exit(1);
    }
    callgate_error_free(error);
    callgate_proxy_free(proxy);
}

static void call_in_every_way(const callgate_client *client)
{
    callgate_proxy *proxy = NULL;
    callgate_buffer reply = {NULL, 0, NULL};
    CHECK_OK(callgate_proxy_new(client, INTERFACE, &proxy, &error));
    call_and_describe(proxy);
    call_and_fail(proxy);
    CHECK_OK(callgate_proxy_call(proxy, "Defer", NULL, 0, NULL, &reply, &error));
    CHECK(reply.length == 1 && memcmp(reply.data, "\x07", 1) == 0);
    callgate_buffer_free(&reply);
    call_in_vain(client, INTERFACE, "Drop", CALLGATE_STATUS_REMOTE_ERROR, "without replying");
    call_in_vain(client, INTERFACE, "Forget", CALLGATE_STATUS_REMOTE_ERROR, "without replying");
    CHECK_OK(callgate_proxy_call(proxy, "Late", NULL, 0, NULL, NULL, &error));
    call_in_vain(client, INTERFACE, "Free", CALLGATE_STATUS_REMOTE_ERROR, "without replying");
    call_in_vain(client, INTERFACE, "Nothing", CALLGATE_STATUS_CONTRACT_MISMATCH, "Nothing");
    call_in_vain(client, "IUnknown", "Nothing", CALLGATE_STATUS_CONTRACT_MISMATCH, "IUnknown");
    call_in_vain(client, "IRefused", "Nothing", CALLGATE_STATUS_ACCESS_DENIED, "not you");
    call_in_vain(client, "IBroken", "Nothing", CALLGATE_STATUS_UNSUPPORTED, "IBroken");
    CHECK_OK(callgate_proxy_one_way(proxy, "Nothing", "\x90", 1, NULL, &error));
    callgate_proxy_free(proxy);
}

int main(int argc, char **argv)
{
    callgate_host *host = NULL;
    callgate_client *client = NULL;
    callgate_connection *connection = NULL;
    callgate_host_options options = {
        .struct_size = sizeof options,
        .log = take_log,
        .log_user_data = &handlers_freed,
        .log_user_data_free = count,
    };
    CHECK(argc == 2);
    CHECK_OK(callgate_host_new(&options, &host, &error));
    CHECK_OK(callgate_host_add_endpoint(host, argv[1], &error));
    CHECK_OK(callgate_host_add_delegate_factory(host, make_delegate, &factory_freed, count, &error));
    CHECK_OK(callgate_host_add_client_connected_handler(host, connected, &handlers_freed, count, &error));
    CHECK_OK(callgate_host_add_client_disconnected_handler(host, disconnected, &handlers_freed, count, &error));
    CHECK_OK(callgate_host_start(host, &error));
    CHECK(callgate_host_endpoint_count(host) == 1);
    CHECK(strcmp(callgate_host_endpoint(host, 0, NULL), argv[1]) == 0);
    CHECK(callgate_host_endpoint(host, 1, NULL)[0] == 0);
    CHECK_ARGUMENT(callgate_host_add_endpoint(host, "pipe://late", &error));
    CHECK_STATUS(CALLGATE_STATUS_TIMED_OUT, callgate_host_wait(host, CALLGATE_TIMEOUT_NOW, &error));

    CHECK_OK(callgate_client_new(argv[1], NULL, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_client_wait_connected(client, 20000, &error));
    CHECK_OK(callgate_client_connection(client, &connection, &error));
    CHECK(callgate_connection_is_open(connection));
    call_in_every_way(client);

    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    CHECK_OK(callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, &error));
    CHECK_OK(callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, &error));
    CHECK_OK(callgate_host_wait(host, CALLGATE_TIMEOUT_DEFAULT, &error));
    CHECK(!callgate_connection_is_open(connection) && !callgate_connection_is_open(kept));
    CHECK(connected_count == 1 && disconnected_count == 1);
    CHECK(delegates_freed == 4); /* one of each interface that was asked for */
    callgate_connection_free(kept);
    callgate_connection_free(connection);
    callgate_client_free(client);
    callgate_host_free(host);
    CHECK(factory_freed == 1 && handlers_freed == 3 && lines_logged >= 0);
    return 0;
}
