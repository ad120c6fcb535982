/* The parent of calls that are made on another thread than the one that serves it. */
#include "check.h"
#include "latch.h"

#include <callgate_binding.h>

static latch holding = LATCH, released = LATCH, told = LATCH, completed = LATCH, held = LATCH;
static callgate_proxy *callback;
static pthread_t server;

/* ICallback, of which the client serves one root call at a time. */
static void serve_callback(void *user_data, callgate_call *call)
{
    const char *method = callgate_call_method(call, NULL);
    (void)user_data;
    if (strcmp(method, "Hold") == 0) {
        latch_count(&holding);
        latch_wait(&released, 1);
    } else if (strcmp(method, "Tell") == 0) {
        latch_count(&told);
    }
    callgate_call_reply(call, NULL, 0, NULL);
}

static void complete(void *user_data, callgate_status status, const callgate_buffer *reply,
                     const callgate_error *error)
{
    (void)reply, (void)error;
    CHECK(status == CALLGATE_STATUS_OK);
    latch_count(user_data);
}

/* A root call waits behind the one that holds the slot. */
static void is_root(const callgate_call *parent)
{
    callgate_call_options options = {0};
    options.struct_size = sizeof options;
    options.timeout_ms = 20;
    options.parent = parent;
    CHECK_STATUS(CALLGATE_STATUS_TIMED_OUT,
                 callgate_proxy_call(callback, "Now", NULL, 0, &options, NULL, &error));
}

static void never(void *user_data, callgate_status status, const callgate_buffer *reply,
                  const callgate_error *error)
{
    (void)user_data, (void)status, (void)reply, (void)error;
    CHECK(!"a call that could not be started has no completion");
}

/* Nothing is sent. */
static void refused(const callgate_call *parent)
{
    callgate_call_options options = {0};
    callgate_buffer reply = {NULL, 0, NULL};
    char space[8];
    options.struct_size = sizeof options;
    options.parent = parent;
    CHECK_HANDLE(callgate_proxy_call(callback, "Tell", NULL, 0, &options, NULL, &error));
    CHECK_HANDLE(callgate_proxy_call_into(callback, "Tell", NULL, 0, &options, space, sizeof space, &reply,
                                          &error));
    CHECK_HANDLE(callgate_proxy_one_way(callback, "Tell", NULL, 0, &options, &error));
    CHECK_HANDLE(
        callgate_proxy_start(callback, "Tell", NULL, 0, &options, never, NULL, NULL, &error));
}

/* Serves a call on a thread of the program. */
static void *serve(void *deferred)
{
    callgate_call *call = deferred;
    callgate_call_options options = {0};
    options.struct_size = sizeof options;
    options.parent = call;
    is_root(NULL);
    CHECK_OK(callgate_proxy_call(callback, "Now", NULL, 0, &options, NULL, &error));
    CHECK_OK(callgate_proxy_one_way(callback, "Tell", NULL, 0, &options, &error));
    latch_wait(&told, 1);
    CHECK_OK(callgate_proxy_start(callback, "Now", NULL, 0, &options, complete, &completed, NULL,
                                  &error));
    latch_wait(&completed, 1);
    is_root(NULL); /* it is over with the function */
    refused((const callgate_call *)callback);
    CHECK_OK(callgate_call_reply(call, NULL, 0, &error));
    is_root(call);
    callgate_call_free(call);
    refused(call);
    CHECK(latch_now(&told) == 1);
    latch_count(&released);
    return NULL;
}

static void invoke(void *user_data, callgate_call *call)
{
    callgate_call *deferred = NULL;
    (void)user_data;
    if (strcmp(callgate_call_method(call, NULL), "Begin") == 0) {
        CHECK_OK(callgate_call_reply(call, NULL, 0, &error));
        return;
    }
    CHECK_OK(callgate_call_defer(call, &deferred, &error));
    CHECK(pthread_create(&server, NULL, serve, deferred) == 0);
}

static callgate_status make_delegate(void *user_data, callgate_connection *connection,
                                     callgate_proxy *made, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)connection, (void)error;
    CHECK_OK(callgate_proxy_clone(made, &callback, &error));
    delegate->invoke = invoke;
    return CALLGATE_STATUS_OK;
}

int main(int argc, char **argv)
{
    callgate_host *host = NULL;
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    callgate_client_options options = {0};
    callgate_limits limits = {0};
    CHECK(argc == 2);
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_endpoint(host, argv[1], &error));
    CHECK_OK(callgate_host_add_duplex_delegate_factory(host, "IService", "ICallback", make_delegate, NULL,
                                                       NULL, &error));
    CHECK_OK(callgate_host_start(host, &error));
    limits.struct_size = sizeof limits;
    limits.running_calls = 1;
    options.struct_size = sizeof options;
    options.limits = &limits;
    CHECK_OK(callgate_client_new(argv[1], &options, &client, &error));
    CHECK_OK(callgate_client_add_callback_handler(client, "ICallback", serve_callback, NULL, NULL, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_proxy_new(client, "IService", &proxy, &error));
    CHECK_OK(callgate_proxy_call(proxy, "Begin", NULL, 0, NULL, NULL, &error));
    CHECK_OK(callgate_proxy_start(callback, "Hold", NULL, 0, NULL, complete, &held, NULL, &error));
    latch_wait(&holding, 1);
    CHECK_OK(callgate_proxy_call(proxy, "Run", NULL, 0, NULL, NULL, &error));
    CHECK(pthread_join(server, NULL) == 0);
    latch_wait(&held, 1);
    callgate_proxy_free(proxy);
    callgate_proxy_free(callback);
    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    callgate_client_free(client);
    CHECK_OK(callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, &error));
    callgate_host_free(host);
    return 0;
}
