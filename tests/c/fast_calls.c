/* Calls in one step: what fits travels in the program's own memory, what does not is lent. */
#include "check.h"

#define SPACE 128
#define LARGE 10000

/* Of all threads, since the calls come one after the other. */
static char thread_space[SPACE];
static int times_in_space;

/* Serves by returning, where its argument fits; what it is asked to return, where that is a number. */
static int64_t serve(void *user_data, callgate_call *call, const char *method,
                     const void *arguments, size_t arguments_length)
{
    CHECK(*(int *)user_data == 7);
    if (strcmp(method, "Space") == 0) {
        callgate_thread_space(thread_space, SPACE);
        memcpy(thread_space, "\xc3", 1);
        return 1; /* The space that the thread has been given just now. */
    }
    if (strcmp(method, "NoSpace") == 0) {
        callgate_thread_space(NULL, SPACE);
        return 0;
    }
    if (strcmp(method, "Beyond") == 0)
        return SPACE + 1;
    if (strcmp(method, "Nothing") == 0)
        return -1;
    CHECK(strcmp(method, "Echo") == 0);
    CHECK(arguments != thread_space || arguments_length <= SPACE);
    if (arguments == thread_space)
        times_in_space++;
    else /* A thread that serves for the first time. */
        callgate_thread_space(thread_space, SPACE);
    CHECK(*(const unsigned char *)arguments == 0x91);
    if (arguments_length > SPACE) {
        CHECK_OK(callgate_call_reply(call, (const char *)arguments + 1, arguments_length - 1, &error));
        return -1;
    }
    memmove(thread_space, (const char *)arguments + 1, arguments_length - 1);
    return (int64_t)arguments_length - 1;
}

static int seven = 7;
static callgate_server server = {serve, &seven};

static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)interface_name, (void)connection, (void)error;
    delegate->invoke = callgate_invoke_server;
    delegate->user_data = &server;
    return CALLGATE_STATUS_OK;
}

static void check_failure(callgate_call_place *place, callgate_status wanted, int64_t returned)
{
    CHECK(returned == -(int64_t)wanted);
    CHECK(callgate_error_status(place->error) == wanted);
    callgate_error_free(place->error);
    place->error = NULL;
}

/* Sends so many bytes there and back. */
static void check_echo(callgate_proxy *proxy, callgate_call_place *place, size_t length)
{
    static char value[LARGE];
    const void *arguments;
    size_t arguments_length;
    int64_t returned;
    callgate_writer *writer = callgate_writer_new();
    callgate_writer_array(writer, 1);
    callgate_writer_binary(writer, value, length);
    CHECK_OK(callgate_writer_finish(writer, &arguments, &arguments_length, &error));
    returned = callgate_proxy_call_in(proxy, "Echo", arguments, arguments_length, place);
    CHECK(returned == (int64_t)arguments_length - 1);
    CHECK(memcmp(place->reply.data, (const char *)arguments + 1, arguments_length - 1) == 0);
    CHECK((place->reply.data == place->space) == (arguments_length - 1 <= place->capacity));
    callgate_buffer_free(&place->reply);
    callgate_writer_free(writer);
}

int main(int argc, char **argv)
{
    callgate_host *host = NULL;
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    char space[SPACE];
    callgate_call_place place;
    memset(&place, 0, sizeof place);
    place.space = space;
    place.capacity = SPACE;
    CHECK(argc == 2);
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_endpoint(host, argv[1], &error));
    CHECK_OK(callgate_host_add_delegate_factory(host, make_delegate, NULL, NULL, &error));
    CHECK_OK(callgate_host_start(host, &error));
    CHECK_OK(callgate_client_new(argv[1], NULL, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_proxy_new(client, "ITest", &proxy, &error));

    CHECK(callgate_proxy_call_in(proxy, "Space", NULL, 0, &place) == 1);
    CHECK(space[0] == '\xc3');
    check_echo(proxy, &place, 0);
    /* Until a thread has served twice; more than a few serve only where they are held up. */
    while (times_in_space == 0)
        check_echo(proxy, &place, 100);
    check_echo(proxy, &place, LARGE);
    check_failure(&place, CALLGATE_STATUS_REMOTE_ERROR,
                  callgate_proxy_call_in(proxy, "Beyond", NULL, 0, &place));
    check_failure(&place, CALLGATE_STATUS_REMOTE_ERROR,
                  callgate_proxy_call_in(proxy, "Nothing", NULL, 0, &place));
    check_failure(&place, CALLGATE_STATUS_CONTRACT_MISMATCH,
                  callgate_proxy_call_in(proxy, "Echo", "\xc1", 1, &place));
    CHECK(callgate_proxy_call_in(proxy, "NoSpace", NULL, 0, &place) == 1);
    CHECK(space[0] == '\xc0');

    CHECK(callgate_proxy_call_in(proxy, "Echo", NULL, 0, NULL)
          == -(int64_t)CALLGATE_STATUS_INVALID_ARGUMENT);
    check_failure(&place, CALLGATE_STATUS_INVALID_HANDLE,
                  callgate_proxy_call_in(NULL, "Echo", NULL, 0, &place));

    callgate_proxy_free(proxy);
    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    callgate_client_free(client);
    CHECK_OK(callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, &error));
    callgate_host_free(host);
    return 0;
}
