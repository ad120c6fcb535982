/* Unloads the library while its threads run and calls are under way, goes on, and loads it again:
 * unload LIBRARY ENDPOINT. The program is not linked with the library. */
#include "check.h"
#include "latch.h"
#include "system.h"

#define CALLS 100
#define ROUNDS 3

/* The functions of the library that the program uses. */
#define FUNCTIONS(USE)                                                                            \
    USE(host_new) USE(host_add_endpoint) USE(host_add_delegate_factory) USE(host_start)           \
    USE(host_close) USE(host_free) USE(client_new) USE(client_start) USE(client_close)            \
    USE(client_free) USE(proxy_new) USE(proxy_call) USE(proxy_start) USE(proxy_free)              \
    USE(call_reply) USE(call_wait_cancelled) USE(call_method)

#define DECLARE(name) __typeof__(callgate_##name) *name;
static struct { FUNCTIONS(DECLARE) } library;

static latch held = LATCH, ended = LATCH, called = LATCH;

/* Loads the library, and looks its functions up. It stays loaded, so later they are where they were; other
 * threads call them meanwhile. */
static void *load(const char *path)
{
    void *found, *handle = load_library(path);
    CHECK(handle != NULL);
#define FIND(name)                                                                                \
    found = find_function(handle, "callgate_" #name);                                             \
    CHECK(found != NULL);                                                                         \
    if (library.name == NULL)                                                                     \
        *(void **)(&library.name) = found;                                                        \
    CHECK(*(void **)(&library.name) == found);
    FUNCTIONS(FIND)
    return handle;
}

static void serve(void *user_data, callgate_call *call)
{
    (void)user_data;
    if (strcmp(library.call_method(call, NULL), "Hold") == 0) {
        latch_count(&held);
        library.call_wait_cancelled(call, CALLGATE_TIMEOUT_NONE);
    }
    library.call_reply(call, NULL, 0, NULL);
}

static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)interface_name, (void)connection, (void)error;
    delegate->invoke = serve;
    return CALLGATE_STATUS_OK;
}

/* A started call has ended. */
static void end(void *user_data, callgate_status status, const callgate_buffer *reply,
                const callgate_error *error)
{
    (void)user_data, (void)reply, (void)error;
    CHECK(status == CALLGATE_STATUS_CLOSED);
    latch_count(&ended);
}

static void *keep_calling(void *proxy)
{
    while (library.proxy_call(proxy, "Return", NULL, 0, NULL, NULL, NULL) == CALLGATE_STATUS_OK)
        latch_count(&called);
    return NULL;
}

static void use(const char *path, const char *endpoint)
{
    pthread_t thread;
    callgate_host *host = NULL;
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    void *handle = load(path);
    int before = latch_now(&called);
    CHECK(library.host_new(NULL, &host, NULL) == CALLGATE_STATUS_OK);
    CHECK(library.host_add_endpoint(host, endpoint, NULL) == CALLGATE_STATUS_OK);
    CHECK(library.host_add_delegate_factory(host, make_delegate, NULL, NULL, NULL) == CALLGATE_STATUS_OK);
    CHECK(library.host_start(host, NULL) == CALLGATE_STATUS_OK);
    CHECK(library.client_new(endpoint, NULL, &client, NULL) == CALLGATE_STATUS_OK);
    CHECK(library.client_start(client, NULL) == CALLGATE_STATUS_OK);
    CHECK(library.proxy_new(client, "ITest", &proxy, NULL) == CALLGATE_STATUS_OK);
    CHECK(library.proxy_start(proxy, "Hold", NULL, 0, NULL, end, NULL, NULL, NULL) == CALLGATE_STATUS_OK);
    CHECK(pthread_create(&thread, NULL, keep_calling, proxy) == 0);
    latch_wait(&held, latch_now(&ended) + 1);
    latch_wait(&called, before + CALLS);

    CHECK(unload_library(handle));
    latch_wait(&called, latch_now(&called) + CALLS);
    handle = load(path);
    CHECK(library.client_close(client, CALLGATE_TIMEOUT_DEFAULT, NULL) == CALLGATE_STATUS_OK);
    CHECK(pthread_join(thread, NULL) == 0);
    latch_wait(&ended, latch_now(&held));
    library.proxy_free(proxy);
    library.client_free(client);
    CHECK(library.host_close(host, CALLGATE_TIMEOUT_DEFAULT, NULL) == CALLGATE_STATUS_OK);
    library.host_free(host);
    CHECK(unload_library(handle));
}

int main(int argc, char **argv)
{
    int i;
    CHECK(argc == 3);
    for (i = 0; i < ROUNDS; i++)
        use(argv[1], argv[2]);
    return 0;
}
