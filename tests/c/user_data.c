/* user_data_free runs exactly once: when registering fails, and when what was registered ends. */
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

static void take_log(void *user_data, callgate_log_level level, const char *message, size_t length)
{
    (void)user_data, (void)level, (void)message, (void)length;
}

static void registering_that_fails(void)
{
    int freed = 0;
    callgate_host *host = NULL;
    CHECK_HANDLE(callgate_host_add_delegate_factory(NULL, make_delegate, &freed, count, &error));
    CHECK(freed == 1);
    CHECK_HANDLE(callgate_host_on_client_connected(NULL, connected, &freed, count, &error));
    CHECK(freed == 2);
    CHECK_HANDLE(callgate_host_on_client_disconnected(NULL, disconnected, &freed, count, &error));
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
    CHECK_OK(callgate_host_on_client_connected(host, connected, &come, count, &error));
    CHECK_OK(callgate_host_on_client_disconnected(host, disconnected, &gone, count, &error));
    CHECK(factory + come + gone == 0);
    callgate_host_free(host);
    CHECK(factory == 1 && come == 1 && gone == 1);
}

static void a_host_that_cannot_start(void)
{
    int factory = 0;
    callgate_host *host = NULL;
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_delegate_factory(host, make_delegate, &factory, count, &error));
    CHECK_OK(callgate_host_add_endpoint(host, "nonsense", &error));
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
    callgate_client_options options = {sizeof options, NULL, take_log, &freed, count};
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

    CHECK_ARGUMENT(callgate_client_new("nonsense", &options, &client, &error));
    CHECK(client == NULL && freed == 3);
    options.limits = &limits; /* struct_size was never set */
    CHECK_ARGUMENT(callgate_client_new("pipe://nobody", &options, &client, &error));
    CHECK(freed == 4);
    limits.struct_size = sizeof limits;
    limits.drain_timeout_ms = -3;
    CHECK_ARGUMENT(callgate_client_new("pipe://nobody", &options, &client, &error));
    CHECK(freed == 5);
    limits.drain_timeout_ms = 2000;
    CHECK_OK(callgate_client_new("pipe://nobody", &options, &client, &error));
    CHECK(freed == 5);
    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    callgate_client_free(client);
    CHECK(freed == 6);
}

int main(void)
{
    registering_that_fails();
    registering_that_succeeds();
    a_host_that_cannot_start();
    options_that_are_refused();
    return 0;
}
