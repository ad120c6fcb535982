/* Started calls: their completions, their user data, and their cancellation. */
#include "latch.h"
#include "pair.h"

#define CALLS 50

static latch waiting = LATCH;

/* ITest: Echo returns "x"; Wait waits until its caller has cancelled. */
static void invoke(void *user_data, callgate_call *call)
{
    const char *method = callgate_call_method(call, NULL);
    (void)user_data;
    if (strcmp(method, "Echo") == 0) {
        size_t length;
        CHECK(memcmp(callgate_call_arguments(call, &length), "\x91\xa1x", 3) == 0 && length == 3);
        CHECK_OK(callgate_call_reply(call, "\xa1x", 2, &error));
    } else if (strcmp(method, "Wait") == 0) {
        latch_count(&waiting);
        callgate_call_wait_cancelled(call, CALLGATE_TIMEOUT_NONE);
    } else {
        CHECK_OK(callgate_call_fail(call, "Refusal", "no", &error));
    }
}

/* What a completion should see, and what it has seen. */
typedef struct expected {
    callgate_status status;
    latch completed, freed;
} expected;

static void complete(void *user_data, callgate_status status, const callgate_buffer *reply,
                     const callgate_error *error)
{
    expected *outcome = user_data;
    CHECK(status == outcome->status && latch_now(&outcome->freed) == 0);
    if (status == CALLGATE_STATUS_OK) {
        CHECK(error == NULL && reply->length == 2 && memcmp(reply->data, "\xa1x", 2) == 0);
    } else {
        CHECK(reply == NULL && callgate_error_status(error) == status);
    }
    latch_count(&outcome->completed);
}

static void freed(void *user_data)
{
    latch_count(&((expected *)user_data)->freed);
}

static void never(void *user_data, callgate_status status, const callgate_buffer *reply,
                  const callgate_error *error)
{
    (void)user_data, (void)status, (void)reply, (void)error;
    CHECK(!"a call that could not be started has no completion");
}

/* Starts a call, and waits for its whole outcome. */
static void start(const callgate_proxy *proxy, const char *method, callgate_status status)
{
    expected outcome = {0, LATCH, LATCH};
    outcome.status = status;
    CHECK_OK(callgate_proxy_start(proxy, method, "\x91\xa1x", 3, NULL, complete, &outcome, freed,
                                  &error));
    latch_wait(&outcome.freed, 1);
    CHECK(outcome.completed.count == 1);
}

static void many_at_once(const callgate_proxy *proxy)
{
    expected outcomes[CALLS];
    expected fresh = {CALLGATE_STATUS_OK, LATCH, LATCH};
    int i;
    for (i = 0; i < CALLS; i++) {
        outcomes[i] = fresh;
        CHECK_OK(callgate_proxy_start(proxy, "Echo", "\x91\xa1x", 3, NULL, complete, &outcomes[i],
                                      freed, &error));
    }
    for (i = 0; i < CALLS; i++) {
        latch_wait(&outcomes[i].freed, 1);
        CHECK(outcomes[i].completed.count == 1);
    }
}

static void cancelled(const callgate_proxy *proxy)
{
    expected outcome = {CALLGATE_STATUS_CANCELLED, LATCH, LATCH};
    callgate_cancel_token *token = NULL;
    callgate_call_options options = {0};
    CHECK_OK(callgate_cancel_token_new(&token, &error));
    options.struct_size = sizeof options;
    options.timeout_ms = CALLGATE_TIMEOUT_NONE;
    options.cancel = token;
    CHECK_OK(callgate_proxy_start(proxy, "Wait", NULL, 0, &options, complete, &outcome, freed, &error));
    latch_wait(&waiting, 1);
    CHECK(latch_now(&outcome.completed) == 0);
    CHECK_OK(callgate_cancel_token_cancel(token, &error));
    latch_wait(&outcome.freed, 1);
    CHECK(outcome.completed.count == 1);
    callgate_cancel_token_free(token);
}

static void starting_that_fails(const callgate_proxy *proxy)
{
    latch released = LATCH;
    callgate_call_options options = {0}; /* struct_size was never set */
    CHECK_HANDLE(callgate_proxy_start(NULL, "Echo", NULL, 0, NULL, never, &released, latch_count, &error));
    CHECK_ARGUMENT(callgate_proxy_start(proxy, NULL, NULL, 0, NULL, never, &released, latch_count, &error));
    CHECK_ARGUMENT(callgate_proxy_start(proxy, "", NULL, 0, NULL, never, &released, latch_count, &error));
    CHECK_ARGUMENT(
        callgate_proxy_start(proxy, "Echo", NULL, 0, &options, never, &released, latch_count, &error));
    CHECK_ARGUMENT(callgate_proxy_start(proxy, "Echo", NULL, 0, NULL, NULL, &released, latch_count, &error));
    CHECK(latch_now(&released) == 5);
    CHECK_HANDLE(callgate_proxy_start(NULL, "Echo", NULL, 0, NULL, never, NULL, NULL, &error));
}

/* A call can be started without a host; it ends with its client. */
static void without_a_host(void)
{
    expected outcome = {CALLGATE_STATUS_CLOSED, LATCH, LATCH};
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    CHECK_OK(callgate_client_new("pipe://nobody", NULL, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_proxy_new(client, "ITest", &proxy, &error));
    CHECK_OK(callgate_proxy_start(proxy, "Echo", NULL, 0, NULL, complete, &outcome, freed, &error));
    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_NONE, &error));
    latch_wait(&outcome.freed, 1);
    CHECK(outcome.completed.count == 1);
    callgate_proxy_free(proxy);
    callgate_client_free(client);
}

int main(int argc, char **argv)
{
    callgate_delegate delegate = {invoke, NULL, NULL};
    callgate_proxy *proxy;
    pair pair;
    CHECK(argc == 2);
    pair = pair_start(argv[1], &delegate);
    proxy = pair.proxy;
    start(proxy, "Echo", CALLGATE_STATUS_OK);
    start(proxy, "Fail", CALLGATE_STATUS_REMOTE_ERROR);
    many_at_once(proxy);
    cancelled(proxy);
    starting_that_fails(proxy);
    without_a_host();
    pair_end(&pair);
    return 0;
}
