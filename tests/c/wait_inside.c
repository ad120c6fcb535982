/* Closing, and then waiting for the end of closing, in every callback of a host and of a client, and in the
 * release of their user data: closing begins and returns at once, and waiting would deadlock. */
#include "check.h"
#include "latch.h"

#include <unistd.h>

typedef enum owner { HOST, CLIENT } owner;

/* Every callback; its user_data is its line of this table. */
typedef struct callback {
    const char *name;
    owner owner;
} callback;

enum {
    HOST_LOG, FACTORY, DUPLEX_FACTORY, INVOKE, CLIENT_CONNECTED, CLIENT_DISCONNECTED, CLIENT_LOG,
    CALLBACK_HANDLER, CONNECTED, RECONNECTED, DISCONNECTED, ROUTINE, COMPLETION, CALLBACKS
};

static callback callbacks[CALLBACKS] = {
    {"the host's log", HOST},
    {"a delegate factory", HOST},
    {"a duplex delegate factory", HOST},
    {"a delegate", HOST},
    {"a client-connected handler", HOST},
    {"a client-disconnected handler", HOST},
    {"the client's log", CLIENT},
    {"a callback handler", CLIENT},
    {"a connected handler", CLIENT},
    {"a reconnected handler", CLIENT},
    {"a disconnected handler", CLIENT},
    {"an initialisation routine", CLIENT},
    {"a completion", CLIENT},
};

static callgate_host *host;
static callgate_client *client;

/* Where to close and wait: in this callback, or in the release of its user data. */
static const callback *here;
static int in_freeing;
static latch reached = LATCH;
static pthread_t program;

/* Only once: what is logged meanwhile comes here too. */
static int is_first(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static const callback *last;
    static int last_in_freeing;
    int first;
    pthread_mutex_lock(&lock);
    first = last != here || last_in_freeing != in_freeing;
    last = here;
    last_in_freeing = in_freeing;
    pthread_mutex_unlock(&lock);
    return first;
}

/* The program may free its handles first, or run user_data_free itself: then nothing needs to wait. */
static void check_waiting(callgate_status closed, callgate_status waited)
{
    int may_be_over = in_freeing
        && (waited == CALLGATE_STATUS_INVALID_HANDLE || pthread_equal(pthread_self(), program));
    if ((closed == CALLGATE_STATUS_OK && waited == CALLGATE_STATUS_WOULD_DEADLOCK) || may_be_over)
        return;
    fprintf(stderr, "%s%s: closing: status %d, waiting: status %d\n", here->name,
            in_freeing ? ", freeing its user data" : "", (int)closed, (int)waited);
    exit(1);
}

static void reach(void *user_data, int freeing)
{
    callgate_status closed, waited;
    if (user_data != here || freeing != in_freeing || !is_first())
        return;
    if (here->owner == HOST) {
        closed = callgate_host_close(host, CALLGATE_TIMEOUT_NONE, NULL);
        waited = callgate_host_wait(host, CALLGATE_TIMEOUT_NONE, NULL);
    } else {
        /* There is a connection, or this is the thread that would make one. */
        callgate_client_wait_connected(client, CALLGATE_TIMEOUT_NONE, NULL);
        closed = callgate_client_close(client, CALLGATE_TIMEOUT_NONE, NULL);
        waited = callgate_client_wait(client, CALLGATE_TIMEOUT_NONE, NULL);
    }
    check_waiting(closed, waited);
    latch_count(&reached);
}

static void freed(void *user_data)
{
    reach(user_data, 1);
}

static void logged(void *user_data, const callgate_log_event *event)
{
    (void)event;
    reach(user_data, 0);
}

static void connected(void *user_data, callgate_connection *connection)
{
    (void)connection;
    reach(user_data, 0);
}

static void disconnected(void *user_data, callgate_connection *connection,
                         const callgate_error *reason)
{
    (void)connection, (void)reason;
    reach(user_data, 0);
}

static void invoke(void *user_data, callgate_call *call)
{
    reach(user_data, 0);
    if (strcmp(callgate_call_method(call, NULL), "Disconnect") == 0) {
        callgate_connection *connection = callgate_call_connection(call);
        callgate_connection_close(connection, NULL);
        callgate_connection_free(connection);
    }
    callgate_call_reply(call, NULL, 0, NULL);
}

static void serve(callgate_delegate *delegate)
{
    delegate->invoke = invoke;
    delegate->user_data = &callbacks[INVOKE];
    delegate->user_data_free = freed;
}

static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)interface_name, (void)connection, (void)error;
    reach(user_data, 0);
    serve(delegate);
    return CALLGATE_STATUS_OK;
}

static callgate_status make_duplex_delegate(void *user_data, callgate_connection *connection,
                                            callgate_proxy *callback, callgate_delegate *delegate,
                                            callgate_error **error)
{
    (void)connection, (void)error;
    reach(user_data, 0);
    callgate_proxy_call(callback, "Call", NULL, 0, NULL, NULL, NULL);
    serve(delegate);
    return CALLGATE_STATUS_OK;
}

static callgate_status initialise(void *user_data, callgate_proxy *proxy, callgate_error **error)
{
    (void)proxy, (void)error;
    reach(user_data, 0);
    return CALLGATE_STATUS_OK;
}

static void complete(void *user_data, callgate_status status, const callgate_buffer *reply,
                     const callgate_error *error)
{
    (void)status, (void)reply, (void)error;
    reach(user_data, 0);
}

static void start_host(const char *endpoint)
{
    callgate_host_options options = {0};
    options.struct_size = sizeof options;
    options.log = logged;
    options.log_user_data = &callbacks[HOST_LOG];
    options.log_user_data_free = freed;
    CHECK_OK(callgate_host_new(&options, &host, &error));
    CHECK_OK(callgate_host_add_endpoint(host, endpoint, &error));
    CHECK_OK(callgate_host_add_delegate_factory(host, make_delegate, &callbacks[FACTORY], freed, &error));
    CHECK_OK(callgate_host_add_duplex_delegate_factory(host, "IDuplex", "ICallback", make_duplex_delegate,
                                                       &callbacks[DUPLEX_FACTORY], freed, &error));
    CHECK_OK(callgate_host_add_client_connected_handler(host, connected, &callbacks[CLIENT_CONNECTED], freed, &error));
    CHECK_OK(callgate_host_add_client_disconnected_handler(host, disconnected, &callbacks[CLIENT_DISCONNECTED],
                                                  freed, &error));
    CHECK_OK(callgate_host_start(host, &error));
}

static void start_client(const char *endpoint)
{
    callgate_client_options options = {0};
    callgate_limits limits = {0};
    limits.struct_size = sizeof limits;
    /* Calls find no connection after the host is closed. */
    limits.connection_timeout_ms = 200;
    options.struct_size = sizeof options;
    options.limits = &limits;
    options.log = logged;
    options.log_user_data = &callbacks[CLIENT_LOG];
    options.log_user_data_free = freed;
    CHECK_OK(callgate_client_new(endpoint, &options, &client, &error));
    CHECK_OK(callgate_client_add_callback_handler(client, "ICallback", invoke, &callbacks[CALLBACK_HANDLER],
                                                  freed, &error));
    CHECK_OK(callgate_client_add_connected_handler(client, connected, &callbacks[CONNECTED], freed, &error));
    CHECK_OK(callgate_client_add_reconnected_handler(client, connected, &callbacks[RECONNECTED], freed, &error));
    CHECK_OK(callgate_client_add_disconnected_handler(client, disconnected, &callbacks[DISCONNECTED], freed, &error));
    CHECK_OK(callgate_client_start(client, &error));
}

/* Calls that may all fail, since the host or the client is closed meanwhile. */
static void call_everything(void)
{
    callgate_call_options soon = {0};
    callgate_proxy *proxy = NULL, *duplex = NULL;
    soon.struct_size = sizeof soon;
    soon.timeout_ms = 5000;
    if (callgate_proxy_new_initialised(client, "ITest", initialise, &callbacks[ROUTINE], freed, &proxy, NULL)
        == CALLGATE_STATUS_OK) {
        callgate_proxy_call(proxy, "Run", NULL, 0, &soon, NULL, NULL);
        callgate_proxy_start(proxy, "Run", NULL, 0, &soon, complete, &callbacks[COMPLETION], freed, NULL);
    }
    if (callgate_proxy_new(client, "IDuplex", &duplex, NULL) == CALLGATE_STATUS_OK) {
        callgate_proxy_call(duplex, "Run", NULL, 0, &soon, NULL, NULL);
        callgate_proxy_call(duplex, "Disconnect", NULL, 0, &soon, NULL, NULL);
        callgate_proxy_call(duplex, "Run", NULL, 0, &soon, NULL, NULL);
    }
    callgate_proxy_free(duplex);
    callgate_proxy_free(proxy);
}

int main(int argc, char **argv)
{
    int i;
    CHECK(argc == 2);
    program = pthread_self();
    for (i = 0; i < 2 * CALLBACKS; i++) {
#ifndef _WIN32
        /* This test looks for hangs; on Windows its caller ends it. */
        alarm(60);
#endif
        here = &callbacks[i / 2];
        in_freeing = i % 2;
        start_host(argv[1]);
        start_client(argv[1]);
        call_everything();
        CHECK_OK(callgate_client_close(client, 20000, &error));
        CHECK_OK(callgate_client_wait(client, 20000, &error));
        callgate_client_free(client);
        CHECK_OK(callgate_host_close(host, 20000, &error));
        CHECK_OK(callgate_host_wait(host, 20000, &error));
        callgate_host_free(host);
        latch_wait(&reached, i + 1);
    }
    return 0;
}
