/* Handles that many threads use, confuse and free at once. */
#include "check.h"

#include <pthread.h>

#include "latch.h"

#define THREADS 6
#define ROUNDS 500
#define SHARED 4

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static callgate_cancel_token *shared[SHARED];
static callgate_writer *shared_writer;

static callgate_cancel_token *new_token(void)
{
    callgate_cancel_token *token = NULL;
    CHECK_OK(callgate_cancel_token_new(&token, &error));
    return token;
}

static callgate_cancel_token *exchanged(int place, callgate_cancel_token *token)
{
    callgate_cancel_token *before;
    pthread_mutex_lock(&lock);
    before = shared[place];
    if (token)
        shared[place] = token;
    pthread_mutex_unlock(&lock);
    return before;
}

/* A writer of this thread's own, which others with stale handles to its slot do not disturb. */
static void write_own(void)
{
    callgate_writer *writer = callgate_writer_new();
    const void *data;
    size_t length;
    callgate_writer_array(writer, 2);
    callgate_writer_int(writer, 20);
    callgate_writer_string(writer, "apples");
    CHECK_OK(callgate_writer_finish(writer, &data, &length, &error));
    CHECK(length == 9 && memcmp(data, "\x92\x14\xa6" "apples", 9) == 0);
    callgate_writer_free(writer);
}

static void *use(void *number)
{
    unsigned random = (unsigned)(size_t)number;
    int i;
    for (i = 0; i < ROUNDS; i++) {
        callgate_cancel_token *token;
        callgate_status status;
        int place;
        random = random * 1103515245u + 12345u;
        place = (int)(random >> 16) % SHARED;
        token = exchanged(place, NULL);
        /* Another thread may free it at any moment. */
        status = callgate_cancel_token_cancel(token, NULL);
        CHECK(status == CALLGATE_STATUS_OK || status == CALLGATE_STATUS_INVALID_HANDLE);
        CHECK(callgate_error_message((callgate_error *)token, NULL)[0] == 0);
        callgate_writer_nil((callgate_writer *)token);
        callgate_error_free((callgate_error *)token);
        if (random & 0x8000)
            callgate_cancel_token_free(exchanged(place, new_token()));
        else
            callgate_cancel_token_free(token);
        write_own();
        /* Only one thread at a time may use a writer; those that violate this spoil only its value. */
        callgate_writer_string(shared_writer, "pears");
        callgate_writer_reset(shared_writer);
    }
    return NULL;
}

static void handles_used_mistaken_and_freed_at_once(void)
{
    pthread_t threads[THREADS];
    size_t i;
    shared_writer = callgate_writer_new();
    for (i = 0; i < SHARED; i++)
        shared[i] = new_token();
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, use, (void *)(i + 1)) == 0);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    callgate_writer_free(shared_writer);
    for (i = 0; i < SHARED; i++) {
        callgate_cancel_token_free(shared[i]);
        CHECK_HANDLE(callgate_cancel_token_cancel(shared[i], &error));
    }
}

static latch entered = LATCH, freed = LATCH;

/* Replies once the handles that the call uses are freed. */
static void invoke(void *user_data, callgate_call *call)
{
    (void)user_data;
    latch_count(&entered);
    latch_wait(&freed, 1);
    CHECK_OK(callgate_call_reply(call, NULL, 0, &error));
}

static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)interface_name, (void)connection, (void)error;
    delegate->invoke = invoke;
    return CALLGATE_STATUS_OK;
}

static void *call(void *proxy)
{
    callgate_buffer reply;
    CHECK_OK(callgate_proxy_call(proxy, "Wait", NULL, 0, NULL, &reply, &error));
    CHECK(reply.length == 1);
    callgate_buffer_free(&reply);
    return NULL;
}

static void handles_freed_while_a_call_uses_them(const char *endpoint)
{
    callgate_host *host = NULL;
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    pthread_t thread;
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_delegate_factory(host, make_delegate, NULL, NULL, &error));
    CHECK_OK(callgate_host_add_endpoint(host, endpoint, &error));
    CHECK_OK(callgate_host_start(host, &error));
    CHECK_OK(callgate_client_new(endpoint, NULL, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_proxy_new(client, "I", &proxy, &error));
    CHECK(pthread_create(&thread, NULL, call, proxy) == 0);
    latch_wait(&entered, 1);
    callgate_client_free(client);
    callgate_proxy_free(proxy);
    CHECK_HANDLE(callgate_proxy_call(proxy, "Wait", NULL, 0, NULL, NULL, &error));
    latch_count(&freed);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_OK(callgate_host_close(host, 0, &error));
    callgate_host_free(host);
}

int main(int argc, char **argv)
{
    (void)argc;
    handles_used_mistaken_and_freed_at_once();
    handles_freed_while_a_call_uses_them(argv[1]);
    return 0;
}
