/* Connection events of a client, proxies that are initialised on each connection, flushing, and ordered
 * interfaces. */
#include "check.h"
#include "latch.h"

#define CALLS 100

static latch connected = LATCH, reconnected = LATCH, disconnected = LATCH, stage = LATCH;
static latch handlers_freed = LATCH, routine_freed = LATCH;
static int served, logged_in;

/* ISession, which is ordered, so it needs no lock. */
static void invoke(void *user_data, callgate_call *call)
{
    const char *method = callgate_call_method(call, NULL);
    (void)user_data;
    if (strcmp(method, "Count") == 0)
        served++;
    else if (strcmp(method, "LogIn") == 0)
        logged_in++;
    else
        CHECK(served == CALLS && logged_in > 0);
    callgate_call_reply(call, NULL, 0, NULL);
}

static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)interface_name, (void)error;
    CHECK(callgate_connection_generation(connection) == 1);
    delegate->invoke = invoke;
    return CALLGATE_STATUS_OK;
}

static callgate_host *serve(const char *endpoint)
{
    callgate_host *host = NULL;
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_endpoint(host, endpoint, &error));
    CHECK_OK(callgate_host_add_delegate_factory(host, make_delegate, NULL, NULL, &error));
    CHECK_OK(callgate_host_add_ordered_interface(host, "ISession", &error));
    CHECK_OK(callgate_host_start(host, &error));
    CHECK_ARGUMENT(callgate_host_add_ordered_interface(host, "ILate", &error));
    return host;
}

static void on_connected(void *user_data, callgate_connection *connection)
{
    CHECK(user_data == &handlers_freed && callgate_connection_generation(connection) == 1);
    latch_count(&connected);
}

static void on_reconnected(void *user_data, callgate_connection *connection)
{
    CHECK(user_data == &handlers_freed && callgate_connection_generation(connection) == 2);
    CHECK(latch_now(&connected) == 1 && latch_now(&disconnected) == 1);
    latch_count(&reconnected);
}

static void on_disconnected(void *user_data, callgate_connection *connection,
                            const callgate_error *reason)
{
    CHECK(user_data == &handlers_freed && !callgate_connection_is_open(connection));
    CHECK(callgate_error_status(reason) != CALLGATE_STATUS_OK);
    latch_count(&disconnected);
}

/* Depending on the stage: fails with a message, fails with a bare status, or logs in. */
static callgate_status initialise(void *user_data, callgate_proxy *proxy, callgate_error **error)
{
    callgate_error_parts parts = {0};
    CHECK(user_data == &routine_freed);
    switch (latch_now(&stage)) {
    case 0:
        parts.struct_size = sizeof parts;
        parts.status = CALLGATE_STATUS_REMOTE_ERROR;
        parts.message = "not yet";
        parts.message_length = 7;
        CHECK(callgate_error_new(&parts, error, NULL) == CALLGATE_STATUS_OK);
        return CALLGATE_STATUS_REMOTE_ERROR;
    case 1:
        return CALLGATE_STATUS_UNSUPPORTED;
    default:
        return callgate_proxy_call(proxy, "LogIn", NULL, 0, NULL, NULL, error);
    }
}

/* Calls until the failure of this stage is reported, and goes on to the next stage. */
static void check_failure(const callgate_proxy *proxy, callgate_status cause, const char *words)
{
    callgate_status found;
    do {
        callgate_error *error = NULL;
        const callgate_error *told;
        CHECK(callgate_proxy_call(proxy, "Work", NULL, 0, NULL, NULL, &error)
              == CALLGATE_STATUS_INITIALISATION_FAILED);
        told = callgate_error_cause(error);
        found = callgate_error_status(told);
        CHECK(found != cause || strstr(callgate_error_message(told, NULL), words) != NULL);
        callgate_error_free(error);
    } while (found != cause);
    latch_count(&stage);
}

/* Calls until the routine has succeeded. */
static void await_success(const callgate_proxy *proxy)
{
    callgate_status status;
    do {
        status = callgate_proxy_call(proxy, "Work", NULL, 0, NULL, NULL, NULL);
        CHECK(status == CALLGATE_STATUS_OK || status == CALLGATE_STATUS_INITIALISATION_FAILED);
    } while (status != CALLGATE_STATUS_OK);
}

static callgate_client *connect_to(const char *endpoint)
{
    callgate_client *client = NULL;
    callgate_limits limits = {0};
    callgate_client_options options = {0};
    void *data = &handlers_freed;
    limits.struct_size = sizeof limits;
    limits.reconnect_backoff_min_ms = limits.reconnect_backoff_max_ms = 5;
    options.struct_size = sizeof options;
    options.limits = &limits;
    CHECK_OK(callgate_client_new(endpoint, &options, &client, &error));
    CHECK_OK(callgate_client_add_connected_handler(client, on_connected, data, latch_count, &error));
    CHECK_OK(callgate_client_add_reconnected_handler(client, on_reconnected, data, latch_count, &error));
    CHECK_OK(callgate_client_add_disconnected_handler(client, on_disconnected, data, latch_count, &error));
    CHECK_ARGUMENT(callgate_client_flush(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    CHECK_OK(callgate_client_start(client, &error));
    latch_wait(&connected, 1);
    return client;
}

/* The host lists its one connection, which the client sees from the other side; both can be flushed. */
static void check_listing(callgate_host *host, const callgate_client *client)
{
    callgate_connection *own = NULL, *listed[2] = {NULL, NULL};
    size_t count = 7;
    CHECK_OK(callgate_host_connections(host, NULL, 0, &count, &error));
    CHECK(count == 1);
    CHECK_OK(callgate_host_connections(host, listed, 2, &count, &error));
    CHECK(count == 1 && listed[0] != NULL && listed[1] == NULL);
    CHECK_OK(callgate_client_connection(client, &own, &error));
    CHECK(callgate_connection_id(listed[0]) == callgate_connection_id(own));
    CHECK_OK(callgate_connection_flush(own, CALLGATE_TIMEOUT_NONE, &error));
    CHECK_OK(callgate_connection_flush(listed[0], CALLGATE_TIMEOUT_DEFAULT, &error));
    CHECK_ARGUMENT(callgate_connection_flush(own, -3, &error));
    callgate_connection_free(own);
    callgate_connection_free(listed[0]);
}

static void registering_that_fails(callgate_client *client)
{
    latch freed = LATCH;
    callgate_proxy *proxy = NULL;
    CHECK_ARGUMENT(callgate_client_add_connected_handler(client, on_connected, &freed, latch_count, &error));
    CHECK_ARGUMENT(callgate_client_add_reconnected_handler(client, NULL, &freed, latch_count, &error));
    CHECK_HANDLE(callgate_client_add_disconnected_handler(NULL, on_disconnected, &freed, latch_count, &error));
    CHECK_ARGUMENT(callgate_proxy_new_initialised(client, "I", NULL, &freed, latch_count, &proxy, &error));
    CHECK_ARGUMENT(
        callgate_proxy_new_initialised(client, "", initialise, &freed, latch_count, &proxy, &error));
    CHECK_ARGUMENT(
        callgate_proxy_new_initialised(client, "I", initialise, &freed, latch_count, NULL, &error));
    CHECK(proxy == NULL && latch_now(&freed) == 6);
}

/* A client goes on to the next of its endpoints. */
static void call_the_host_that_is_there(const char *endpoint)
{
    callgate_client_options options = {0};
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    char endpoints[512];

    options.struct_size = sizeof options;
    options.shuffle_endpoints = 1;
    snprintf(endpoints, sizeof endpoints, "%s-nobody, %s, tcp://nobody", endpoint, endpoint);
    CHECK_ARGUMENT(callgate_client_new(endpoints, &options, &client, &error));
    *strrchr(endpoints, ',') = '\0';
    CHECK_OK(callgate_client_new(endpoints, &options, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_proxy_new(client, "ISession", &proxy, &error));
    CHECK_OK(callgate_proxy_call(proxy, "Work", NULL, 0, NULL, NULL, &error));
    callgate_proxy_free(proxy);
    callgate_client_free(client);
}

int main(int argc, char **argv)
{
    callgate_host *host;
    callgate_client *client;
    callgate_proxy *proxy = NULL, *plain = NULL;
    size_t count = 7;
    int i;
    CHECK(argc == 2);
    host = serve(argv[1]);
    client = connect_to(argv[1]);
    registering_that_fails(client);

    CHECK_OK(callgate_proxy_new(client, "ISession", &plain, &error));
    CHECK_OK(callgate_proxy_new_initialised(client, "ISession", initialise, &routine_freed, latch_count,
                                            &proxy, &error));
    check_failure(proxy, CALLGATE_STATUS_REMOTE_ERROR, "not yet");
    check_failure(proxy, CALLGATE_STATUS_UNSUPPORTED, "status");
    for (i = 0; i < CALLS; i++)
        CHECK_OK(callgate_proxy_one_way(plain, "Count", NULL, 0, NULL, &error));
    CHECK_OK(callgate_client_flush(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    CHECK_ARGUMENT(callgate_client_flush(client, -3, &error));
    await_success(proxy);
    check_listing(host, client);
    CHECK(served == CALLS && logged_in == 1);

    CHECK_OK(callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, &error));
    CHECK_OK(callgate_host_connections(host, NULL, 0, &count, &error));
    CHECK(count == 0);
    callgate_host_free(host);
    latch_wait(&disconnected, 1);
    host = serve(argv[1]);
    latch_wait(&reconnected, 1);
    CHECK_OK(callgate_proxy_call(proxy, "Work", NULL, 0, NULL, NULL, &error));
    CHECK(logged_in == 2);

    call_the_host_that_is_there(argv[1]);

    callgate_proxy_free(plain);
    callgate_proxy_free(proxy);
    latch_wait(&routine_freed, 1);
    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    callgate_client_free(client);
    latch_wait(&handlers_freed, 3);
    latch_wait(&disconnected, 2);
    CHECK_OK(callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, &error));
    callgate_host_free(host);
    CHECK(latch_now(&connected) == 1 && latch_now(&reconnected) == 1);
    return 0;
}
