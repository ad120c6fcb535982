/* Both sides of a connection over TLS know each other by their certificates. */
#include "check.h"

static char host_saw[512];

static void describe(const callgate_connection *connection, char *text, size_t size)
{
    size_t key, name, names;
    const char *of_key = callgate_connection_peer_key(connection, &key);
    const char *of_name = callgate_connection_peer_common_name(connection, &name);
    const char *of_names = callgate_connection_peer_names(connection, &names);
    CHECK(strlen(of_key) == key && strlen(of_name) == name && strlen(of_names) == names);
    snprintf(text, size, "%s\n%s\n%s", of_key, of_name, of_names);
}

/* Runs before the connection's first call. */
static void connected(void *data, callgate_connection *connection)
{
    (void)data;
    describe(connection, host_saw, sizeof host_saw);
}

/* The arguments: an endpoint that serves both sides, and what either must see. */
int main(int argc, char **argv)
{
    callgate_host *host = NULL;
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    callgate_connection *connection = NULL;
    callgate_buffer reply = {0};
    char client_saw[512];
    CHECK(argc == 3);
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_endpoint(host, argv[1], &error));
    CHECK_OK(callgate_host_add_client_connected_handler(host, connected, NULL, NULL, &error));
    CHECK_OK(callgate_host_start(host, &error));
    CHECK_OK(callgate_client_new(callgate_host_endpoint(host, 0, NULL), NULL, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_client_wait_connected(client, 20000, &error));
    CHECK_OK(callgate_client_connection(client, &connection, &error));
    describe(connection, client_saw, sizeof client_saw);
    CHECK(strcmp(client_saw, argv[2]) == 0);
    CHECK_OK(callgate_proxy_new(client, "callgate.Host", &proxy, &error));
    CHECK_OK(callgate_proxy_call(proxy, "Interfaces", "\x90", 1, NULL, &reply, &error));
    CHECK(strcmp(host_saw, argv[2]) == 0);
    callgate_buffer_free(&reply);
    callgate_proxy_free(proxy);
    callgate_connection_free(connection);
    callgate_client_free(client);
    callgate_host_free(host);
    return 0;
}
