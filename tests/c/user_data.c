/* user_data_free runs exactly once: when registration fails, and when the registered object ends. */
#include "check.h"

static void count(void *user_data)
{
    ++*(int *)user_data;
}

static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)interface_name, (void)connection, (void)delegate, (void)error;
    return CALLGATE_STATUS_OK;
}

static void connected(void *user_data, callgate_connection *connection)
{
    (void)user_data, (void)connection;
}

static void disconnected(void *user_data, callgate_connection *connection,
                         const callgate_error *reason)
{
    (void)user_data, (void)connection, (void)reason;
}

static void take_log(void *user_data, const callgate_log_event *event)
{
    (void)user_data, (void)event;
}

static callgate_status make_duplex(void *user_data, callgate_connection *connection,
                                   callgate_proxy *callback, callgate_delegate *delegate,
                                   callgate_error **error)
{
    (void)user_data, (void)connection, (void)callback, (void)delegate, (void)error;
    return CALLGATE_STATUS_OK;
}

static void serve(void *user_data, callgate_call *call)
{
    (void)user_data, (void)call;
}

static void registering_that_fails(void)
{
    int freed = 0;
    callgate_host *host = NULL;
    CHECK_HANDLE(callgate_host_add_delegate_factory(NULL, make_delegate, &freed, count, &error));
    CHECK(freed == 1);
    CHECK_HANDLE(callgate_host_add_client_connected_handler(NULL, connected, &freed, count, &error));
    CHECK(freed == 2);
    CHECK_HANDLE(callgate_host_add_client_disconnected_handler(NULL, disconnected, &freed, count, &error));
    CHECK(freed == 3);
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_ARGUMENT(callgate_host_add_delegate_factory(host, NULL, &freed, count, &error));
    CHECK(freed == 4);
    CHECK_OK(callgate_host_close(host, 0, &error));
    CHECK_ARGUMENT(callgate_host_add_delegate_factory(host, make_delegate, &freed, count, &error));
    CHECK(freed == 5);
    callgate_host_free(host);
    CHECK(freed == 5);
}

static void registering_that_succeeds(void)
{
    int factory = 0, come = 0, gone = 0;
    callgate_host *host = NULL;
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_delegate_factory(host, make_delegate, &factory, count, &error));
    CHECK_OK(callgate_host_add_client_connected_handler(host, connected, &come, count, &error));
    CHECK_OK(callgate_host_add_client_disconnected_handler(host, disconnected, &gone, count, &error));
    CHECK(factory + come + gone == 0);
    callgate_host_free(host);
    CHECK(factory == 1 && come == 1 && gone == 1);
}

static void an_interface_has_one_duplex_factory(void)
{
    int first = 0, second = 0, other = 0;
    callgate_host *host = NULL;
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_duplex_delegate_factory(host, "I", "IBack", make_duplex, &first, count,
                                                       &error));
    CHECK_ARGUMENT(callgate_host_add_duplex_delegate_factory(host, "I", "IOther", make_duplex, &second,
                                                             count, &error));
    CHECK(first == 0 && second == 1);
    CHECK_OK(callgate_host_add_duplex_delegate_factory(host, "IOther", "IBack", make_duplex, &other,
                                                       count, &error));
    CHECK(other == 0);
    callgate_host_free(host);
    CHECK(first == 1 && second == 1 && other == 1);
}

static void an_interface_has_one_callback_handler(void)
{
    int first = 0, second = 0, late = 0, factory = 0;
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    CHECK_OK(callgate_client_new("pipe://nobody", NULL, &client, &error));
    CHECK_OK(callgate_client_add_callback_handler(client, "I", serve, &first, count, &error));
    CHECK_OK(callgate_client_add_delegate_factory(client, make_delegate, &factory, count, &error));
    CHECK_ARGUMENT(callgate_client_add_callback_handler(client, "I", serve, &second, count, &error));
    CHECK(first == 0 && second == 1);
    CHECK_ARGUMENT(callgate_proxy_new(client, "I", &proxy, &error));
    CHECK_ARGUMENT(callgate_client_wait_connected(client, CALLGATE_TIMEOUT_NOW, &error));
    CHECK_ARGUMENT(callgate_client_set_connection_timeout(client, CALLGATE_TIMEOUT_NOW, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_ARGUMENT(callgate_client_start(client, &error));
    CHECK_ARGUMENT(callgate_client_add_callback_handler(client, "ILate", serve, &late, count, &error));
    CHECK_ARGUMENT(callgate_client_add_interface_alias(client, "Late.", "I", &error));
    CHECK_ARGUMENT(callgate_client_add_delegate_factory(client, make_delegate, &late, count, &error));
    CHECK(first == 0 && factory == 0 && late == 2);
    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    callgate_client_free(client);
    CHECK(first == 1 && factory == 1);
}

static void a_client_that_never_starts(void)
{
    int handler = 0;
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    CHECK_ARGUMENT(callgate_client_new("nonsense", NULL, &client, &error));
    CHECK(client == NULL);
    /* Well-formed, but a client cannot connect to it. */
    CHECK_OK(callgate_client_new("tcp://127.0.0.1:0", NULL, &client, &error));
    CHECK_OK(callgate_client_add_callback_handler(client, "I", serve, &handler, count, &error));
    CHECK_ARGUMENT(callgate_client_start(client, &error));
    CHECK(handler == 1);
    CHECK_ARGUMENT(callgate_proxy_new(client, "I", &proxy, &error));
    callgate_client_free(client);

    CHECK_OK(callgate_client_new("pipe://nobody", NULL, &client, &error));
    CHECK_OK(callgate_client_add_callback_handler(client, "I", serve, &handler, count, &error));
    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    CHECK(handler == 2);
    CHECK_ARGUMENT(callgate_client_start(client, &error));
    CHECK_STATUS(CALLGATE_STATUS_CLOSED, callgate_proxy_new(client, "I", &proxy, &error));
    callgate_client_free(client);
    CHECK(handler == 2);
}

static void a_host_that_cannot_start(void)
{
    int factory = 0;
    callgate_host *host = NULL;
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_delegate_factory(host, make_delegate, &factory, count, &error));
    CHECK_ARGUMENT(callgate_host_add_endpoint(host, "nonsense", &error));
    /* It has no endpoint. */
    CHECK_ARGUMENT(callgate_host_start(host, &error));
    CHECK(factory == 1);
    CHECK_ARGUMENT(callgate_host_start(host, &error));
    callgate_host_free(host);
    CHECK(factory == 1);
}

static void options_that_are_refused(void)
{
    struct {
        callgate_host_options known;
        void *unknown;
    } newer;
    int freed = 0, part = 0;
    callgate_host *host = NULL;
    callgate_client *client = NULL;
    callgate_client_options options = {
        .struct_size = sizeof options,
        .log = take_log,
        .log_user_data = &freed,
        .log_user_data_free = count,
    };
    callgate_limits limits = {0};

    memset(&newer, 0, sizeof newer);
    newer.known.struct_size = sizeof newer;
    newer.known.log = take_log;
    newer.known.log_user_data = &freed;
    newer.known.log_user_data_free = count;
    newer.unknown = &part;
    CHECK_STATUS(CALLGATE_STATUS_UNSUPPORTED, callgate_host_new(&newer.known, &host, &error));
    CHECK(host == NULL && freed == 1);
    newer.unknown = NULL;
    CHECK_OK(callgate_host_new(&newer.known, &host, &error));
    callgate_host_free(host);
    CHECK(freed == 2);

    CHECK_ARGUMENT(callgate_client_new(NULL, &options, &client, &error));
    CHECK(client == NULL && freed == 3);
    options.limits = &limits; /* struct_size was never set */
    CHECK_ARGUMENT(callgate_client_new("pipe://nobody", &options, &client, &error));
    CHECK(freed == 4);
    limits.struct_size = sizeof limits;
    limits.drain_timeout_ms = -3;
    CHECK_ARGUMENT(callgate_client_new("pipe://nobody", &options, &client, &error));
    CHECK(freed == 5);
    limits.drain_timeout_ms = 2000;
    limits.reconnect_backoff_min_ms = 20;
    CHECK_ARGUMENT(callgate_client_new("pipe://nobody", &options, &client, &error));
    limits.reconnect_backoff_max_ms = 10;
    CHECK_ARGUMENT(callgate_client_new("pipe://nobody", &options, &client, &error));
    limits.reconnect_backoff_max_ms = 20;
    limits.spin_us = -2;
    CHECK_ARGUMENT(callgate_client_new("pipe://nobody", &options, &client, &error));
    CHECK(freed == 8);
    limits.spin_us = CALLGATE_SPIN_OFF;
    CHECK_OK(callgate_client_new("pipe://nobody", &options, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK(freed == 8);
    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    callgate_client_free(client);
    CHECK(freed == 9);
}

int main(void)
{
    registering_that_fails();
    registering_that_succeeds();
    an_interface_has_one_duplex_factory();
    an_interface_has_one_callback_handler();
    a_client_that_never_starts();
    a_host_that_cannot_start();
    options_that_are_refused();
    return 0;
}
