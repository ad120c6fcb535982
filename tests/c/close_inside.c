/* Closing a host, and a client, in their own callbacks: closing begins, and returns at once. */
#include "check.h"

typedef enum place { IN_CONNECTED, IN_FACTORY, IN_INVOKE, IN_DISCONNECTED, PLACES } place;

static place here;
static callgate_host *host;

static void close_here(place reached)
{
    if (reached == here)
        CHECK_OK(callgate_host_close(host, CALLGATE_TIMEOUT_NONE, &error));
}

static void connected(void *user_data, callgate_connection *connection)
{
    (void)user_data, (void)connection;
    close_here(IN_CONNECTED);
}

static void disconnected(void *user_data, callgate_connection *connection,
                         const callgate_error *reason)
{
    (void)user_data, (void)connection, (void)reason;
    close_here(IN_DISCONNECTED);
}

static void invoke(void *user_data, callgate_call *call)
{
    (void)user_data;
    close_here(IN_INVOKE);
    callgate_call_reply(call, NULL, 0, NULL);
}

static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)interface_name, (void)connection, (void)error;
    close_here(IN_FACTORY);
    delegate->invoke = invoke;
    return CALLGATE_STATUS_OK;
}

static void close_client(void *client, callgate_connection *connection)
{
    (void)connection;
    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_NONE, &error));
    CHECK_STATUS(CALLGATE_STATUS_WOULD_DEADLOCK,
                 callgate_client_wait(client, CALLGATE_TIMEOUT_NONE, &error));
}

static void check_client(const char *endpoint)
{
    callgate_client *client = NULL;
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_endpoint(host, endpoint, &error));
    CHECK_OK(callgate_host_start(host, &error));
    CHECK_OK(callgate_client_new(endpoint, NULL, &client, &error));
    CHECK_STATUS(CALLGATE_STATUS_INVALID_ARGUMENT, callgate_client_wait(client, 0, &error));
    CHECK_OK(callgate_client_add_connected_handler(client, close_client, client, NULL, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_client_wait(client, 20000, &error));
    callgate_client_free(client);
    CHECK_OK(callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, &error));
    callgate_host_free(host);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    check_client(argv[1]);
    for (here = IN_CONNECTED; here < PLACES; here++) {
        callgate_client *client = NULL;
        callgate_proxy *proxy = NULL;
        CHECK_OK(callgate_host_new(NULL, &host, &error));
        CHECK_OK(callgate_host_add_endpoint(host, argv[1], &error));
        CHECK_OK(callgate_host_add_delegate_factory(host, make_delegate, NULL, NULL, &error));
        CHECK_OK(callgate_host_add_client_connected_handler(host, connected, NULL, NULL, &error));
        CHECK_OK(callgate_host_add_client_disconnected_handler(host, disconnected, NULL, NULL, &error));
        CHECK_OK(callgate_host_start(host, &error));
        CHECK_OK(callgate_client_new(argv[1], NULL, &client, &error));
        CHECK_OK(callgate_client_start(client, &error));
        CHECK_OK(callgate_proxy_new(client, "ITest", &proxy, &error));
        /* Whether this call still gets its reply does not matter here. */
        callgate_proxy_call(proxy, "Close", NULL, 0, NULL, NULL, NULL);
        CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error));
        CHECK_OK(callgate_host_wait(host, 20000, &error));
        callgate_proxy_free(proxy);
        callgate_client_free(client);
        callgate_host_free(host);
    }
    return 0;
}
