/* Exits while calls run in both directions: exit ENDPOINT FROM AT_EXIT, where FROM is the place that exits, and
 * AT_EXIT what a function of atexit() does: closes, frees, or nothing. The exit status must be 7.
 *
 * On Windows it is also compiled as a module that another program loads, whose functions of atexit() run after the
 * process's other threads have ended; so do destructors of static objects. */
#define _POSIX_C_SOURCE 200809L

#include "check.h"
#include "latch.h"
#include "system.h"

#define STATUS 7
#ifdef MODULE
#define main module_main
#define STATUS_AFTER_FREE CALLGATE_STATUS_CLOSED
__declspec(dllexport) int module_main(int argc, char **argv);
#else
#define STATUS_AFTER_FREE CALLGATE_STATUS_INVALID_HANDLE
#endif
#define CLOSING_MS 1000
#define THREADS 3
#define ROUNDS 20

static callgate_host *host;
static callgate_client *client;
static callgate_proxy *proxy, *callback;
static latch rounds = LATCH, held = LATCH;
static const char *at_exit;

static void close_all(void)
{
    callgate_error *error = NULL;
    if (strcmp(at_exit, "closes") == 0) {
#ifdef MODULE
        CHECK_STATUS(CALLGATE_STATUS_CLOSED, callgate_client_close(client, CLOSING_MS, &error));
        CHECK_STATUS(CALLGATE_STATUS_CLOSED, callgate_host_close(host, CLOSING_MS, &error));
#else
        /* Whatever waits for the thread that exits does not return. */
        callgate_client_close(client, CLOSING_MS, NULL);
        callgate_host_close(host, CLOSING_MS, NULL);
#endif
        CHECK(callgate_proxy_call(proxy, "Both", NULL, 0, NULL, NULL, &error) == CALLGATE_STATUS_CLOSED);
        callgate_error_free(error);
    }
    if (strcmp(at_exit, "nothing") != 0) {
        callgate_proxy_free(proxy);
        callgate_client_free(client);
        callgate_host_free(host);
        CHECK_STATUS(STATUS_AFTER_FREE, callgate_proxy_call(proxy, "Both", NULL, 0, NULL, NULL, &error));
    }
}

/* ITest. Its calls may fail, since the program is about to exit. */
static void serve(void *user_data, callgate_call *call)
{
    const char *method = callgate_call_method(call, NULL);
    (void)user_data;
    if (strcmp(method, "Exit") == 0)
        exit(STATUS);
    if (strcmp(method, "ExitInCallback") == 0)
        callgate_proxy_call(callback, "Exit", NULL, 0, NULL, NULL, NULL);
    if (strcmp(method, "Both") == 0)
        callgate_proxy_call(callback, "Return", NULL, 0, NULL, NULL, NULL);
    if (strcmp(method, "Hold") == 0) {
        latch_count(&held);
        callgate_call_wait_cancelled(call, CALLGATE_TIMEOUT_NONE);
    }
    callgate_call_reply(call, NULL, 0, NULL);
}

/* IBack, served by the client. */
static void serve_callback(void *user_data, callgate_call *call)
{
    (void)user_data;
    if (strcmp(callgate_call_method(call, NULL), "Exit") == 0)
        exit(STATUS);
    callgate_call_reply(call, NULL, 0, NULL);
}

static callgate_status make_delegate(void *user_data, callgate_connection *connection,
                                     callgate_proxy *borrowed, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)connection, (void)error;
    CHECK_OK(callgate_proxy_clone(borrowed, &callback, &error));
    delegate->invoke = serve;
    return CALLGATE_STATUS_OK;
}

static void start(const char *endpoint)
{
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_endpoint(host, endpoint, &error));
    CHECK_OK(callgate_host_add_duplex_delegate_factory(host, "ITest", "IBack", make_delegate, NULL, NULL,
                                                       &error));
    CHECK_OK(callgate_host_start(host, &error));
    CHECK_OK(callgate_client_new(endpoint, NULL, &client, &error));
    CHECK_OK(callgate_client_add_callback_handler(client, "IBack", serve_callback, NULL, NULL, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_proxy_new(client, "ITest", &proxy, &error));
}

/* Calls, waiting and one-way, until the program is about to exit. */
static void *keep_calling(void *unused)
{
    (void)unused;
    while (callgate_proxy_call(proxy, "Both", NULL, 0, NULL, NULL, NULL) == CALLGATE_STATUS_OK
           && callgate_proxy_one_way(proxy, "Both", NULL, 0, NULL, NULL) == CALLGATE_STATUS_OK)
        latch_count(&rounds);
    return NULL;
}

/* A thread whose call returns when it is cancelled. */
static void *hold(void *unused)
{
    (void)unused;
    callgate_proxy_call(proxy, "Hold", NULL, 0, NULL, NULL, NULL);
    return NULL;
}

/* Calls, so that it has what the library keeps for each thread. */
static void *exit_here(void *unused)
{
    (void)unused;
    callgate_proxy_call(proxy, "Both", NULL, 0, NULL, NULL, NULL);
    exit(STATUS);
}

static void run(void *(*function)(void *))
{
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, function, NULL) == 0);
    pthread_detach(thread);
}

int main(int argc, char **argv)
{
    int i;
    CHECK(argc == 4);
    at_exit = argv[3];
    CHECK(atexit(close_all) == 0);
    start(argv[1]);
    CHECK_OK(callgate_proxy_call(proxy, "Both", NULL, 0, NULL, NULL, &error));
    for (i = 0; i < THREADS; i++) {
        run(keep_calling);
        run(hold);
    }
    latch_wait(&held, THREADS);
    latch_wait(&rounds, ROUNDS);
    if (strcmp(argv[2], "main") == 0)
        return STATUS;
    if (strcmp(argv[2], "thread") == 0)
        run(exit_here);
    else
        callgate_proxy_call(proxy, argv[2], NULL, 0, NULL, NULL, NULL);
    wait_for_ever();
    return 1;
}
