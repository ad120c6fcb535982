/* Functions that run when a caller stops waiting: why they run, when they do not, and their user data. */
#include "latch.h"
#include "pair.h"

static latch served = LATCH, ran = LATCH, freed = LATCH;
static callgate_call *deferred;
static uint64_t notice;

static void count_freed(void *user_data)
{
    CHECK(user_data == &ran);
    latch_count(&freed);
}

static void run(void *user_data)
{
    latch_count(user_data);
}

/* Uses and frees the object under test. */
static void run_and_free(void *user_data)
{
    CHECK(callgate_call_is_cancelled(deferred));
    CHECK(!callgate_call_remove_on_cancelled(deferred, notice));
    CHECK_OK(callgate_call_reply(deferred, "\xa4half", 5, &error));
    callgate_call_free(deferred);
    latch_count(user_data);
}

/* ITest: defers every call, and registers a function on it. */
static void invoke(void *user_data, callgate_call *call)
{
    const char *method = callgate_call_method(call, NULL);
    callgate_cancelled_fn function = strcmp(method, "Free") == 0 ? run_and_free : run;
    (void)user_data;
    CHECK_OK(callgate_call_defer(call, &deferred, &error));
    CHECK_OK(callgate_call_on_cancelled(call, function, &ran, count_freed, &notice, &error));
    if (strcmp(method, "Reply") == 0)
        CHECK_OK(callgate_call_reply(call, NULL, 0, &error));
    if (strcmp(method, "Remove") == 0) {
        CHECK(callgate_call_remove_on_cancelled(deferred, notice));
        CHECK(!callgate_call_remove_on_cancelled(deferred, notice));
    }
    latch_count(&served);
}

static void expect(int runs, int frees)
{
    latch_wait(&ran, runs);
    latch_wait(&freed, frees);
    CHECK(latch_now(&ran) == runs && latch_now(&freed) == frees);
}

static void complete(void *user_data, callgate_status status, const callgate_buffer *reply,
                     const callgate_error *error)
{
    (void)status, (void)reply, (void)error;
    latch_count(user_data);
}

/* Starts a call that is cancelled while it is served, and waits for its outcome. */
static void cancel_while_served(const callgate_proxy *proxy, const char *method)
{
    callgate_call_options options = {0};
    callgate_cancel_token *token = NULL;
    latch completed = LATCH;
    int before = latch_now(&served);
    options.struct_size = sizeof options;
    options.timeout_ms = CALLGATE_TIMEOUT_NONE;
    CHECK_OK(callgate_cancel_token_new(&token, &error));
    options.cancel = token;
    CHECK_OK(callgate_proxy_start(proxy, method, NULL, 0, &options, complete, &completed, NULL,
                                  &error));
    latch_wait(&served, before + 1);
    CHECK_OK(callgate_cancel_token_cancel(token, &error));
    latch_wait(&completed, 1);
    callgate_cancel_token_free(token);
}

static void time_out(const callgate_proxy *proxy)
{
    callgate_call_options options = {0};
    options.struct_size = sizeof options;
    options.timeout_ms = 1000;
    CHECK_STATUS(CALLGATE_STATUS_TIMED_OUT,
                 callgate_proxy_call(proxy, "Wait", NULL, 0, &options, NULL, &error));
}

static void refusals(void)
{
    /* The call already has its reply. */
    CHECK_ARGUMENT(callgate_call_on_cancelled(deferred, run, &ran, count_freed, NULL, &error));
    CHECK_ARGUMENT(callgate_call_on_cancelled(deferred, NULL, &ran, count_freed, NULL, &error));
    CHECK_HANDLE(callgate_call_on_cancelled(NULL, run, &ran, count_freed, NULL, &error));
    CHECK(!callgate_call_remove_on_cancelled(NULL, 1));
    CHECK(!callgate_call_remove_on_cancelled(deferred, 0));
}

int main(int argc, char **argv)
{
    callgate_delegate delegate = {invoke, NULL, NULL};
    pair pair;
    CHECK(argc == 2);
    pair = pair_start(argv[1], &delegate);

    CHECK_OK(callgate_proxy_call(pair.proxy, "Reply", NULL, 0, NULL, NULL, &error));
    expect(0, 1);
    refusals();
    expect(0, 4);
    callgate_call_free(deferred);

    cancel_while_served(pair.proxy, "Wait");
    expect(1, 5);
    /* The caller has already stopped waiting. */
    CHECK_OK(callgate_call_on_cancelled(deferred, run, &ran, count_freed, NULL, &error));
    expect(2, 6);
    callgate_call_free(deferred);

    cancel_while_served(pair.proxy, "Free");
    expect(3, 7);

    cancel_while_served(pair.proxy, "Remove");
    expect(3, 8);
    callgate_call_free(deferred);

    time_out(pair.proxy);
    expect(4, 9);
    callgate_call_free(deferred);

    /* The end of the connection, which cancels a one-way call too; and a handle that ends earlier. */
    CHECK_OK(callgate_proxy_one_way(pair.proxy, "Wait", NULL, 0, NULL, &error));
    latch_wait(&served, 6);
    callgate_call_free(deferred);
    expect(4, 10);
    CHECK_OK(callgate_proxy_one_way(pair.proxy, "Wait", NULL, 0, NULL, &error));
    latch_wait(&served, 7);
    pair_end(&pair);
    expect(5, 11);
    callgate_call_free(deferred);
    return 0;
}
