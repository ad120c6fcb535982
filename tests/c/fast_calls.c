/* Fast calls: what fits is passed in the program's own memory, what does not fit is lent. */
#include "pair.h"

#include <callgate_binding.h>

#define CAPACITY 128
#define LARGE 10000

/* Shared by all threads, since the calls come one after the other. */
static char thread_buffer[CAPACITY];
static int times_in_buffer;

/* Serves by returning if its argument fits, and returns what a numeric argument says. */
static int64_t serve(void *user_data, callgate_call *call, const char *method,
                     const void *arguments, size_t arguments_length)
{
    CHECK(*(int *)user_data == 7);
    if (strcmp(method, "Buffer") == 0) {
        callgate_thread_buffer(thread_buffer, CAPACITY);
        memcpy(thread_buffer, "\xc3", 1);
        return 1; /* The buffer that the thread has set just now. */
    }
    if (strcmp(method, "NoBuffer") == 0) {
        callgate_thread_buffer(NULL, CAPACITY);
        return 0;
    }
    if (strcmp(method, "Beyond") == 0)
        return CAPACITY + 1;
    if (strcmp(method, "Nothing") == 0)
        return -1;
    CHECK(strcmp(method, "Echo") == 0);
    CHECK(arguments != thread_buffer || arguments_length <= CAPACITY);
    if (arguments == thread_buffer)
        times_in_buffer++;
    else /* A thread that serves for the first time. */
        callgate_thread_buffer(thread_buffer, CAPACITY);
    CHECK(*(const unsigned char *)arguments == 0x91);
    if (arguments_length > CAPACITY) {
        CHECK_OK(callgate_call_reply(call, (const char *)arguments + 1, arguments_length - 1, &error));
        return -1;
    }
    memmove(thread_buffer, (const char *)arguments + 1, arguments_length - 1);
    return (int64_t)arguments_length - 1;
}

static int seven = 7;
static callgate_fast_delegate fast_delegate = {serve, &seven};

static void check_failure(callgate_fast_call_state *state, callgate_status wanted, int64_t returned)
{
    CHECK(returned == -(int64_t)wanted);
    CHECK(callgate_error_status(state->error) == wanted);
    callgate_error_free(state->error);
    state->error = NULL;
}

/* Sends `length` bytes there and back. */
static void check_echo(callgate_proxy *proxy, callgate_fast_call_state *state, size_t length)
{
    static char value[LARGE];
    const void *arguments;
    size_t arguments_length;
    int64_t returned;
    callgate_writer *writer = callgate_writer_new();
    callgate_writer_array(writer, 1);
    callgate_writer_binary(writer, value, length);
    CHECK_OK(callgate_writer_finish(writer, &arguments, &arguments_length, &error));
    returned = callgate_fast_call(proxy, "Echo", arguments, arguments_length, state);
    CHECK(returned == (int64_t)arguments_length - 1);
    CHECK(memcmp(state->reply.data, (const char *)arguments + 1, arguments_length - 1) == 0);
    CHECK((state->reply.data == state->buffer) == (arguments_length - 1 <= state->capacity));
    callgate_buffer_free(&state->reply);
    callgate_writer_free(writer);
}

int main(int argc, char **argv)
{
    callgate_delegate delegate = {callgate_fast_invoke, &fast_delegate, NULL};
    callgate_proxy *proxy;
    pair pair;
    char buffer[CAPACITY];
    callgate_fast_call_state state;
    memset(&state, 0, sizeof state);
    state.buffer = buffer;
    state.capacity = CAPACITY;
    CHECK(argc == 2);
    pair = pair_start(argv[1], &delegate);
    proxy = pair.proxy;

    CHECK(callgate_fast_call(proxy, "Buffer", NULL, 0, &state) == 1);
    CHECK(buffer[0] == '\xc3');
    check_echo(proxy, &state, 0);
    /* Until a thread has served twice; more than a few serve only if they are delayed. */
    while (times_in_buffer == 0)
        check_echo(proxy, &state, 100);
    check_echo(proxy, &state, LARGE);
    check_failure(&state, CALLGATE_STATUS_REMOTE_ERROR,
                  callgate_fast_call(proxy, "Beyond", NULL, 0, &state));
    check_failure(&state, CALLGATE_STATUS_REMOTE_ERROR,
                  callgate_fast_call(proxy, "Nothing", NULL, 0, &state));
    check_failure(&state, CALLGATE_STATUS_CONTRACT_MISMATCH,
                  callgate_fast_call(proxy, "Echo", "\xc1", 1, &state));
    CHECK(callgate_fast_call(proxy, "NoBuffer", NULL, 0, &state) == 1);
    CHECK(buffer[0] == '\xc0');

    CHECK(callgate_fast_call(proxy, "Echo", NULL, 0, NULL)
          == -(int64_t)CALLGATE_STATUS_INVALID_ARGUMENT);
    check_failure(&state, CALLGATE_STATUS_INVALID_HANDLE,
                  callgate_fast_call(NULL, "Echo", NULL, 0, &state));

    pair_end(&pair);
    return 0;
}
