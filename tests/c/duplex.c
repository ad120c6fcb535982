/* Callbacks, aliases, cancellation, and the user that a client requires of its host. */
#include "check.h"
#include "system.h"

static callgate_proxy *kept_callback;
static callgate_cancel_token *token;
static int factory_freed, delegate_freed, handler_freed;

static void count(void *user_data)
{
    ++*(int *)user_data;
}

/* IService: Double calls back; Wait waits until its caller has cancelled. */
static void invoke(void *user_data, callgate_call *call)
{
    const char *method = callgate_call_method(call, NULL);
    (void)user_data;
    if (strcmp(method, "Double") == 0) {
        callgate_buffer reply = {NULL, 0, NULL};
        size_t length;
        const void *data = callgate_call_arguments(call, &length);
        CHECK_OK(callgate_proxy_call(kept_callback, "Double", data, length, NULL, &reply, &error));
        CHECK_OK(callgate_call_reply(call, reply.data, reply.length, &error));
        callgate_buffer_free(&reply);
    } else {
        CHECK(!callgate_call_is_cancelled(call));
        CHECK(!callgate_call_wait_cancelled(call, CALLGATE_TIMEOUT_NOW));
        CHECK(!callgate_call_wait_cancelled(call, -7));
        CHECK_OK(callgate_proxy_one_way(kept_callback, "Waiting", NULL, 0, NULL, &error));
        CHECK(callgate_call_wait_cancelled(call, CALLGATE_TIMEOUT_DEFAULT));
        CHECK(callgate_call_is_cancelled(call));
        /* The caller may have closed the connection by now. */
        callgate_call_reply(call, NULL, 0, NULL);
        CHECK(callgate_call_is_cancelled(call));
    }
}

static callgate_status make_delegate(void *user_data, callgate_connection *connection,
                                     callgate_proxy *callback, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)error;
    CHECK(callgate_connection_is_open(connection));
    CHECK(strcmp(callgate_proxy_interface(callback, NULL), "Old.ICallback") == 0);
    CHECK_OK(callgate_proxy_call(callback, "Hello", NULL, 0, NULL, NULL, &error));
    CHECK_OK(callgate_proxy_clone(callback, &kept_callback, &error));
    delegate->invoke = invoke;
    delegate->user_data = &delegate_freed;
    delegate->user_data_free = count;
    return CALLGATE_STATUS_OK;
}

/* ICallback, served by the client. */
static void serve_callback(void *user_data, callgate_call *call)
{
    const char *method = callgate_call_method(call, NULL);
    CHECK(user_data == &handler_freed);
    CHECK(strcmp(callgate_call_interface(call, NULL), "Old.ICallback") == 0);
    if (strcmp(method, "Waiting") == 0) {
        CHECK_OK(callgate_cancel_token_cancel(token, &error));
    } else if (strcmp(method, "Double") == 0) {
        callgate_reader arguments;
        int64_t number;
        unsigned char doubled;
        CHECK_OK(callgate_call_read_arguments(call, 1, &arguments, &error));
        CHECK_OK(callgate_reader_int64(&arguments, &number, &error));
        doubled = (unsigned char)(2 * number);
        CHECK_OK(callgate_call_reply(call, &doubled, 1, &error));
    } else {
        CHECK_OK(callgate_call_reply(call, NULL, 0, &error));
    }
}

static void call_both_ways(const callgate_client *client)
{
    callgate_proxy *proxy = NULL;
    callgate_buffer reply = {NULL, 0, NULL};
    callgate_call_options options = {0};
    callgate_error *error = NULL;
    CHECK_OK(callgate_proxy_new(client, "Old.IService", &proxy, &error));
    CHECK_OK(callgate_proxy_call(proxy, "Double", "\x91\x15", 2, NULL, &reply, &error));
    CHECK(reply.length == 1 && memcmp(reply.data, "\x2a", 1) == 0);
    callgate_buffer_free(&reply);

    options.struct_size = sizeof options;
    options.cancel = token;
    CHECK(callgate_proxy_call(proxy, "Wait", NULL, 0, &options, NULL, &error)
          == CALLGATE_STATUS_CANCELLED);
    CHECK(callgate_error_execution(error) == CALLGATE_EXECUTION_UNKNOWN);
    callgate_error_free(error);
    callgate_proxy_free(proxy);
}

static bool cancel_at_zero(void *user_data)
{
    return --*(int *)user_data == 0;
}

static void cancel_by_a_check(const callgate_client *client)
{
    int asked = 2;
    callgate_proxy *proxy = NULL;
    callgate_call_options options = {0};
    CHECK_OK(callgate_proxy_new(client, "IService", &proxy, &error));
    options.struct_size = sizeof options;
    options.timeout_ms = CALLGATE_TIMEOUT_NONE;
    options.check = cancel_at_zero;
    options.check_user_data = &asked;
    CHECK_STATUS(CALLGATE_STATUS_CANCELLED,
                 callgate_proxy_call(proxy, "Wait", NULL, 0, &options, NULL, &error));
    CHECK(asked == 0);
    callgate_proxy_free(proxy);
}

static void demand_another_user(const char *endpoint)
{
    callgate_client *client = NULL;
    callgate_client_options options = {0};
    options.struct_size = sizeof options;
    options.host_user = stranger();
    CHECK_OK(callgate_client_new(endpoint, &options, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_STATUS(CALLGATE_STATUS_ACCESS_DENIED,
                 callgate_client_wait_connected(client, 20000, &error));
    callgate_client_free(client);
    CHECK_OK(callgate_client_new("tcp://127.0.0.1:1", &options, &client, &error));
    CHECK_STATUS(CALLGATE_STATUS_ACCESS_DENIED, callgate_client_start(client, &error));
    callgate_client_free(client);
    options.host_user = "no such user";
    CHECK_OK(callgate_client_new(endpoint, &options, &client, &error));
    CHECK_STATUS(CALLGATE_STATUS_INVALID_ARGUMENT, callgate_client_start(client, &error));
    callgate_client_free(client);
}

/* Copies the user that the host runs as and its name, which are the test's own. */
static void learn_user(const char *endpoint, char *user, char *name, size_t size)
{
    size_t length, name_length;
    callgate_client *client = NULL;
    callgate_connection *connection = NULL;
    CHECK_OK(callgate_client_new(endpoint, NULL, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_client_wait_connected(client, 20000, &error));
    CHECK_OK(callgate_client_connection(client, &connection, &error));
    strncpy(user, callgate_connection_peer_user(connection, &length), size);
    strncpy(name, callgate_connection_peer_user_name(connection, &name_length), size);
    CHECK(length > 0 && length < size && strlen(user) == length);
    CHECK(name_length > 0 && name_length < size && strlen(name) == name_length);
    callgate_connection_free(connection);
    callgate_client_free(client);
}

int main(int argc, char **argv)
{
    callgate_host *host = NULL;
    callgate_client *client = NULL;
    callgate_client_options options = {0};
    char user[512], name[512];
    CHECK(argc == 2);
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_endpoint(host, argv[1], &error));
    CHECK_OK(callgate_host_add_interface_alias(host, "Old.IServ", "IService", &error));
    CHECK_OK(callgate_host_add_duplex_delegate_factory(host, "IService", "Old.ICallback", make_delegate,
                                                       &factory_freed, count, &error));
    CHECK_OK(callgate_host_start(host, &error));
    demand_another_user(argv[1]);
    learn_user(argv[1], user, name, sizeof user);

    options.struct_size = sizeof options;
    options.host_user = user;
    CHECK_OK(callgate_client_new(argv[1], &options, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_client_wait_connected(client, 20000, &error));
    callgate_client_free(client);
    options.host_user = name;
    CHECK_OK(callgate_client_new(argv[1], &options, &client, &error));
    CHECK_OK(callgate_client_add_interface_alias(client, "Old.", "ICallback", &error));
    CHECK_OK(callgate_client_add_callback_handler(client, "ICallback", serve_callback, &handler_freed,
                                                  count, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_cancel_token_new(&token, &error));
    call_both_ways(client);
    cancel_by_a_check(client);

    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    CHECK_OK(callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, &error));
    CHECK(delegate_freed == 1);
    callgate_cancel_token_free(token);
    CHECK(callgate_proxy_call(kept_callback, "Hello", NULL, 0, NULL, NULL, NULL) != 0);
    callgate_proxy_free(kept_callback);
    callgate_client_free(client);
    callgate_host_free(host);
    CHECK(factory_freed == 1 && handler_freed == 1);
    return 0;
}
