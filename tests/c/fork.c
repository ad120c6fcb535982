/* In a forked child, handles made before the fork return FORKED, and new ones work; the parent goes on. */
#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

#define CHECK_FORKED(expression) CHECK_STATUS(CALLGATE_STATUS_FORKED, expression)
#define PATIENCE_S 20
#define CHILDREN 4

/* A host, and a client of it. */
typedef struct pair {
    callgate_host *host;
    callgate_client *client;
    callgate_proxy *proxy;
    callgate_connection *connection;
} pair;

/* What the parent's threads own is lost in the child, where they do not exist: no leaks are looked for. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return 1;
}

static void invoke(void *user_data, callgate_call *call)
{
    (void)user_data;
    callgate_call_reply(call, NULL, 0, NULL);
}

static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)interface_name, (void)connection, (void)error;
    delegate->invoke = invoke;
    return CALLGATE_STATUS_OK;
}

static void call(const pair *pair)
{
    CHECK_OK(callgate_proxy_call(pair->proxy, "Test", NULL, 0, NULL, NULL, &error));
}

static pair start(const char *endpoint)
{
    pair pair;
    CHECK_OK(callgate_host_new(NULL, &pair.host, &error));
    CHECK_OK(callgate_host_add_endpoint(pair.host, endpoint, &error));
    CHECK_OK(callgate_host_add_delegate_factory(pair.host, make_delegate, NULL, NULL, &error));
    CHECK_OK(callgate_host_start(pair.host, &error));
    CHECK_OK(callgate_client_new(endpoint, NULL, &pair.client, &error));
    CHECK_OK(callgate_client_start(pair.client, &error));
    CHECK_OK(callgate_proxy_new(pair.client, "ITest", &pair.proxy, &error));
    call(&pair);
    CHECK_OK(callgate_client_connection(pair.client, &pair.connection, &error));
    return pair;
}

static void end(pair *pair)
{
    callgate_connection_free(pair->connection);
    callgate_proxy_free(pair->proxy);
    callgate_client_free(pair->client);
    callgate_host_free(pair->host);
}

static void try_all(const pair *parents, callgate_cancel_token *token)
{
    callgate_proxy *proxy = NULL;
    callgate_connection *connection = NULL;
    CHECK_FORKED(callgate_proxy_call(parents->proxy, "Test", NULL, 0, NULL, NULL, &error));
    CHECK_FORKED(callgate_proxy_one_way(parents->proxy, "Test", NULL, 0, NULL, &error));
    CHECK_FORKED(callgate_proxy_new(parents->client, "ITest", &proxy, &error));
    CHECK_FORKED(callgate_client_connection(parents->client, &connection, &error));
    CHECK_FORKED(callgate_client_wait_connected(parents->client, 1000, &error));
    CHECK_FORKED(callgate_client_set_connection_timeout(parents->client, 1000, &error));
    CHECK_FORKED(callgate_connection_proxy(parents->connection, "ITest", &proxy, &error));
    CHECK_FORKED(callgate_client_close(parents->client, 1000, &error));
    CHECK_FORKED(callgate_host_close(parents->host, 1000, &error));
    CHECK_FORKED(callgate_cancel_token_cancel(token, &error));
    CHECK_HANDLE(callgate_host_close(NULL, 1000, &error));
}

static int child(pair *parents, callgate_cancel_token *token, const char *endpoint)
{
    pair own;
    alarm(PATIENCE_S);
    try_all(parents, token);
    own = start(endpoint);
    /* The handles of both processes can be distinguished. */
    try_all(parents, token);
    end(parents);
    callgate_cancel_token_free(token);
    call(&own);
    CHECK_OK(callgate_client_close(own.client, CALLGATE_TIMEOUT_DEFAULT, &error));
    CHECK_OK(callgate_host_close(own.host, CALLGATE_TIMEOUT_DEFAULT, &error));
    end(&own);
    return 0;
}

int main(int argc, char **argv)
{
    char endpoint[256];
    pair pair;
    callgate_cancel_token *token = NULL;
    int count;
    CHECK(argc == 2);
    snprintf(endpoint, sizeof endpoint, "%s-child", argv[1]);
    pair = start(argv[1]);
    CHECK_OK(callgate_cancel_token_new(&token, &error));
    for (count = 0; count < CHILDREN; count++) {
        int status = -1;
        pid_t pid = fork();
        if (pid == 0)
            return child(&pair, token, endpoint);
        CHECK(waitpid(pid, &status, 0) == pid && status == 0);
        call(&pair);
    }
    callgate_cancel_token_free(token);
    CHECK_OK(callgate_client_close(pair.client, CALLGATE_TIMEOUT_DEFAULT, &error));
    CHECK_OK(callgate_host_close(pair.host, CALLGATE_TIMEOUT_DEFAULT, &error));
    end(&pair);
    return 0;
}
