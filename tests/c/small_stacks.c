/* Threads with stacks of 64 KiB may serve, connect, call in both directions, fail and close: small_stacks ENDPOINT. */
#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <pthread.h>

#define STACK (64 << 10)
#define THREADS 4
#define CALLS 50
#define LARGE (1 << 20)
#define PATIENCE 100000

/* ITest calls back; its method Fail fails. user_data is the callback. */
static void serve(void *user_data, callgate_call *call)
{
    size_t length;
    const void *arguments = callgate_call_arguments(call, &length);
    callgate_buffer reply = {NULL, 0, NULL};
    if (strcmp(callgate_call_method(call, NULL), "Fail") == 0) {
        CHECK_OK(callgate_call_fail(call, "Some.Error", "on purpose", &error));
        return;
    }
    CHECK_OK(callgate_proxy_call(user_data, "Echo", arguments, length, NULL, &reply, &error));
    CHECK_OK(callgate_call_reply(call, reply.data, reply.length, &error));
    callgate_buffer_free(&reply);
}

/* IBack: returns its only argument. */
static void serve_callback(void *user_data, callgate_call *call)
{
    size_t length;
    const char *arguments = callgate_call_arguments(call, &length);
    (void)user_data;
    CHECK_OK(callgate_call_reply(call, arguments + 1, length - 1, &error));
}

static void free_callback(void *callback)
{
    callgate_proxy_free(callback);
}

static callgate_status make_delegate(void *user_data, callgate_connection *connection,
                                     callgate_proxy *borrowed, callgate_delegate *delegate,
                                     callgate_error **error)
{
    callgate_proxy *callback = NULL;
    (void)user_data, (void)connection, (void)error;
    CHECK_OK(callgate_proxy_clone(borrowed, &callback, &error));
    delegate->invoke = serve;
    delegate->user_data = callback;
    delegate->user_data_free = free_callback;
    return CALLGATE_STATUS_OK;
}

static callgate_host *start_host(const char *endpoint)
{
    callgate_host *host = NULL;
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_endpoint(host, endpoint, &error));
    CHECK_OK(callgate_host_add_duplex_delegate_factory(host, "ITest", "IBack", make_delegate, NULL, NULL,
                                                       &error));
    CHECK_OK(callgate_host_start(host, &error));
    return host;
}

/* Sends an array of one string of bytes, and requires that these come back. */
static void echo(const callgate_proxy *proxy, size_t length)
{
    unsigned char *arguments = calloc(1, length + 6);
    callgate_buffer reply = {NULL, 0, NULL};
    const unsigned char head[6] = {0x91, 0xc6, (unsigned char)(length >> 24), (unsigned char)(length >> 16),
                                   (unsigned char)(length >> 8), (unsigned char)length};
    CHECK(arguments != NULL);
    memcpy(arguments, head, sizeof head);
    CHECK_OK(callgate_proxy_call(proxy, "Echo", arguments, length + 6, NULL, &reply, &error));
    CHECK(reply.length == length + 5 && memcmp(reply.data, arguments + 1, reply.length) == 0);
    callgate_buffer_free(&reply);
    free(arguments);
}

static void *use_everything(void *endpoint)
{
    int i;
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    CHECK_OK(callgate_client_new(endpoint, NULL, &client, &error));
    CHECK_OK(callgate_client_add_callback_handler(client, "IBack", serve_callback, NULL, NULL, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_client_wait_connected(client, PATIENCE, &error));
    CHECK_OK(callgate_proxy_new(client, "ITest", &proxy, &error));
    for (i = 0; i < CALLS; i++)
        echo(proxy, (size_t)i);
    echo(proxy, LARGE);
    CHECK_STATUS(CALLGATE_STATUS_REMOTE_ERROR,
                 callgate_proxy_call(proxy, "Fail", NULL, 0, NULL, NULL, &error));
    CHECK_OK(callgate_proxy_one_way(proxy, "Fail", NULL, 0, NULL, &error));
    callgate_proxy_free(proxy);
    CHECK_OK(callgate_client_close(client, PATIENCE, &error));
    callgate_client_free(client);
    return NULL;
}

/* The host too is started and closed on a small stack. */
static void *use_a_host(void *endpoint)
{
    int i;
    pthread_attr_t small;
    pthread_t threads[THREADS];
    callgate_host *host = start_host(endpoint);
    CHECK(pthread_attr_init(&small) == 0);
    CHECK(pthread_attr_setstacksize(&small, STACK) == 0);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], &small, use_everything, endpoint) == 0);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK_OK(callgate_host_close(host, PATIENCE, &error));
    callgate_host_free(host);
    pthread_attr_destroy(&small);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_attr_t small;
    pthread_t thread;
    CHECK(argc == 2);
    CHECK(pthread_attr_init(&small) == 0);
    CHECK(pthread_attr_setstacksize(&small, STACK) == 0);
    CHECK(pthread_create(&thread, &small, use_a_host, argv[1]) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    pthread_attr_destroy(&small);
    return 0;
}
