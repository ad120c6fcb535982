/* Low memory: a writer reports it, and a host replies to a call for which it has none. */
#include "check.h"

#include <malloc.h>
#include <sys/resource.h>

#define LARGE ((size_t)256 << 20)

static char zeros[1 << 20];

/* Limits the process to this much address space beyond what it has. */
static void leave(size_t bytes)
{
    unsigned long pages = 0;
    struct rlimit limit;
    FILE *sizes = fopen("/proc/self/statm", "r");
    CHECK(sizes != NULL && fscanf(sizes, "%lu", &pages) == 1);
    fclose(sizes);
    limit.rlim_cur = limit.rlim_max = pages * 4096 + bytes;
    CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
}

static void check_finish(callgate_writer *writer, callgate_status expected, const char *words)
{
    const void *data;
    size_t length;
    callgate_error *error = NULL;
    CHECK(callgate_writer_finish(writer, &data, &length, &error) == expected);
    CHECK(strstr(callgate_error_message(error, NULL), words) != NULL);
    callgate_error_free(error);
    callgate_writer_reset(writer);
}

/* A writer that needs too much reports it, whatever is written afterwards, and can then write something
 * smaller. */
static void writers_say_so(void)
{
    callgate_writer *writer = callgate_writer_new();
    char *large = calloc(LARGE, 1);
    size_t i;
    CHECK(large != NULL);
    leave(LARGE / 2);
    callgate_writer_binary(writer, large, LARGE);
    check_finish(writer, CALLGATE_STATUS_LIMIT_EXCEEDED, "no memory for");
    callgate_writer_arguments(writer);
    callgate_writer_string_n(writer, large, LARGE);
    callgate_writer_nil(writer);
    check_finish(writer, CALLGATE_STATUS_LIMIT_EXCEEDED, "no memory for");
    callgate_writer_arguments(writer);
    for (i = 0; i < 2 * LARGE / sizeof zeros; i++)
        callgate_writer_binary(writer, zeros, sizeof zeros);
    check_finish(writer, CALLGATE_STATUS_LIMIT_EXCEEDED, "no memory for");
    callgate_writer_binary(writer, zeros, sizeof zeros);
    check_finish(writer, CALLGATE_STATUS_OK, "");
    callgate_writer_free(writer);
    free(large);
}

/* A result that its process has memory for once. */
static unsigned char *result;
static const size_t result_length = (size_t)60 << 20;

/* Replies with the result. There may be no memory to queue it behind another. */
static void give_result(callgate_call *call)
{
    callgate_status status = callgate_call_reply(call, result, result_length, NULL);
    CHECK(status == CALLGATE_STATUS_OK || status == CALLGATE_STATUS_LIMIT_EXCEEDED);
}

/* IMemory: Result returns 60 MiB, Short leaves little memory, Size returns the size of its argument. */
static void invoke(void *user_data, callgate_call *call)
{
    const void *data;
    size_t length;
    callgate_reader arguments;
    callgate_writer *writer = callgate_writer_new();
    (void)user_data;
    if (strcmp(callgate_call_method(call, NULL), "Result") == 0) {
        callgate_writer_free(writer);
        give_result(call);
        return;
    }
    if (strcmp(callgate_call_method(call, NULL), "Short") == 0) {
        leave((size_t)24 << 20);
        callgate_writer_nil(writer);
    } else {
        CHECK_OK(callgate_call_read_arguments(call, 1, &arguments, &error));
        CHECK_OK(callgate_reader_binary(&arguments, &data, &length, &error));
        callgate_writer_uint(writer, length);
    }
    CHECK_OK(callgate_writer_finish(writer, &data, &length, &error));
    CHECK_OK(callgate_call_reply(call, data, length, &error));
    callgate_writer_free(writer);
}

static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)interface_name, (void)connection, (void)error;
    delegate->invoke = invoke;
    return CALLGATE_STATUS_OK;
}

static void serve(const char *endpoint)
{
    callgate_host *host = NULL;
    /* A binary value. */
    static const unsigned char head[] = {0xc6, 0x03, 0xbf, 0xff, 0xfb};
    result = calloc(result_length, 1);
    CHECK(result != NULL);
    memcpy(result, head, sizeof head);
    /* Otherwise arenas would have memory that the limit has already counted. */
    CHECK(mallopt(M_ARENA_MAX, 1) == 1);
    CHECK(mallopt(M_MMAP_THRESHOLD, 128 * 1024) == 1);
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_endpoint(host, endpoint, &error));
    CHECK_OK(callgate_host_add_delegate_factory(host, make_delegate, NULL, NULL, &error));
    CHECK_OK(callgate_host_start(host, &error));
    printf("%s\n", callgate_host_endpoint(host, 0, NULL));
    fflush(stdout);
    while (getchar() != EOF)
        ;
    CHECK_OK(callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, &error));
    callgate_host_free(host);
}

static void check_size(callgate_proxy *proxy, uint64_t size, callgate_status expected)
{
    const void *data;
    size_t length;
    callgate_error *error = NULL;
    callgate_buffer reply = {NULL, 0, NULL};
    callgate_writer *arguments = callgate_writer_new();
    callgate_writer_arguments(arguments);
    callgate_writer_uint(arguments, size);
    CHECK(callgate_writer_finish(arguments, &data, &length, NULL) == CALLGATE_STATUS_OK);
    CHECK(callgate_proxy_call(proxy, "Give", data, length, NULL, &reply, &error) == expected);
    if (expected == CALLGATE_STATUS_OK)
        CHECK(reply.length >= size);
    else
        CHECK(callgate_error_execution(error) == CALLGATE_EXECUTION_RAN);
    callgate_error_free(error);
    callgate_buffer_free(&reply);
    callgate_writer_free(arguments);
}

/* Receives results from a host; there is not enough memory for one of them. */
static void receive(const char *endpoint)
{
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    CHECK(mallopt(M_ARENA_MAX, 1) == 1);
    CHECK(mallopt(M_MMAP_THRESHOLD, 128 * 1024) == 1);
    CHECK_OK(callgate_client_new(endpoint, NULL, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_proxy_new(client, "IMemory", &proxy, &error));
    check_size(proxy, 1000, CALLGATE_STATUS_OK);
    leave((size_t)24 << 20);
    check_size(proxy, (size_t)60 << 20, CALLGATE_STATUS_LIMIT_EXCEEDED);
    check_size(proxy, 1000, CALLGATE_STATUS_OK);
    callgate_proxy_free(proxy);
    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    callgate_client_free(client);
}

/* Calls a host that stops reading: there is no memory to keep what is left of the call at its deadline. */
static void send_in_vain(const char *endpoint)
{
    const size_t size = (size_t)60 << 20;
    unsigned char *arguments = calloc(size, 1);
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    callgate_buffer reply = {NULL, 0, NULL};
    callgate_error *failure = NULL;
    callgate_call_options options = {.struct_size = sizeof options, .timeout_ms = 300};
    CHECK(arguments != NULL);
    CHECK(mallopt(M_ARENA_MAX, 1) == 1);
    CHECK(mallopt(M_MMAP_THRESHOLD, 128 * 1024) == 1);
    CHECK_OK(callgate_client_new(endpoint, NULL, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_proxy_new(client, "IMemory", &proxy, &error));
    CHECK_OK(callgate_client_wait_connected(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    leave((size_t)24 << 20);
    CHECK(callgate_proxy_call(proxy, "Size", arguments, size, &options, &reply, &failure) ==
          CALLGATE_STATUS_TIMED_OUT);
    CHECK(strstr(callgate_error_description(failure, NULL), "no memory for") != NULL);
    CHECK(callgate_error_execution(failure) == CALLGATE_EXECUTION_NOT_RUN);
    callgate_error_free(failure);
    /* The program goes on, and so does the client, by its next connection. */
    check_size(proxy, 1000, CALLGATE_STATUS_OK);
    callgate_proxy_free(proxy);
    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    callgate_client_free(client);
    free(arguments);
}

int main(int argc, char **argv)
{
    if (argc == 2)
        serve(argv[1]);
    else if (argc == 3 && strcmp(argv[1], "sender") == 0)
        send_in_vain(argv[2]);
    else if (argc == 3)
        receive(argv[2]);
    else
        writers_say_so();
    return 0;
}
