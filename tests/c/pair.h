/* A host and a client in one program, with a proxy of ITest. */
#ifndef PAIR_H
#define PAIR_H

#include "check.h"

/* How long connecting and closing may take, in milliseconds: under valgrind, on a busy machine, many seconds. */
#define PAIR_TIMEOUT 100000

typedef struct pair {
    callgate_host *host;
    callgate_client *client;
    callgate_proxy *proxy;
} pair;

/* A callgate_delegate_factory_fn whose user_data is the callgate_delegate for every interface. */
static callgate_status pair_make_delegate(void *user_data, const char *interface_name,
                                          callgate_connection *connection,
                                          callgate_delegate *delegate, callgate_error **error)
{
    (void)interface_name, (void)connection, (void)error;
    *delegate = *(const callgate_delegate *)user_data;
    return CALLGATE_STATUS_OK;
}

/* The delegate must outlive the pair. */
static inline pair pair_start(const char *endpoint, callgate_delegate *delegate)
{
    pair made = {NULL, NULL, NULL};
    CHECK_OK(callgate_host_new(NULL, &made.host, &error));
    CHECK_OK(callgate_host_add_endpoint(made.host, endpoint, &error));
    CHECK_OK(callgate_host_add_delegate_factory(made.host, pair_make_delegate, delegate, NULL,
                                                &error));
    CHECK_OK(callgate_host_start(made.host, &error));
    CHECK_OK(callgate_client_new(endpoint, NULL, &made.client, &error));
    CHECK_OK(callgate_client_start(made.client, &error));
    CHECK_OK(callgate_client_wait_connected(made.client, PAIR_TIMEOUT, &error));
    CHECK_OK(callgate_proxy_new(made.client, "ITest", &made.proxy, &error));
    return made;
}

static inline void pair_end(pair *pair)
{
    callgate_proxy_free(pair->proxy);
    CHECK_OK(callgate_client_close(pair->client, PAIR_TIMEOUT, &error));
    callgate_client_free(pair->client);
    CHECK_OK(callgate_host_close(pair->host, PAIR_TIMEOUT, &error));
    callgate_host_free(pair->host);
}

#endif
