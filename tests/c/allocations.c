/* A warm call from C to C allocates nothing, on either side. Both sides are in this process, whose malloc
 * counts; it is glibc's. */
#include "check.h"

#define BATCHES 30
#define CALLS 1000

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *place, size_t size);

static unsigned long allocations;

static void count(void)
{
    __atomic_fetch_add(&allocations, 1, __ATOMIC_RELAXED);
}

void *malloc(size_t size)
{
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *place, size_t size)
{
    count();
    return __libc_realloc(place, size);
}

/* Replies with the length of the only argument, which is text. */
static void invoke(void *user_data, callgate_call *call)
{
    callgate_reader arguments;
    const char *text;
    const void *data;
    size_t length, result_length;
    callgate_writer *writer = callgate_writer_new();
    (void)user_data;
    CHECK(strcmp(callgate_call_method(call, NULL), "Measure") == 0);
    CHECK_OK(callgate_call_read_arguments(call, 1, &arguments, &error));
    CHECK_OK(callgate_reader_string(&arguments, &text, &length, &error));
    callgate_writer_uint(writer, length);
    CHECK_OK(callgate_writer_finish(writer, &data, &result_length, &error));
    CHECK_OK(callgate_call_reply(call, data, result_length, &error));
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

static void call(callgate_proxy *proxy)
{
    callgate_writer *writer = callgate_writer_new();
    callgate_buffer reply;
    callgate_reader reader;
    const void *data;
    size_t length;
    int32_t measured;
    callgate_writer_array(writer, 1);
    callgate_writer_string(writer, "apples and pears");
    CHECK_OK(callgate_writer_finish(writer, &data, &length, &error));
    CHECK_OK(callgate_proxy_call(proxy, "Measure", data, length, NULL, &reply, &error));
    callgate_writer_free(writer);
    CHECK_OK(callgate_reader_init(&reader, reply.data, reply.length, &error));
    CHECK_OK(callgate_reader_int32(&reader, &measured, &error));
    CHECK(measured == 16);
    callgate_buffer_free(&reply);
}

int main(int argc, char **argv)
{
    callgate_host *host = NULL;
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    unsigned long fewest = ~0ul;
    int batch, i;
    (void)argc;
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_delegate_factory(host, make_delegate, NULL, NULL, &error));
    CHECK_OK(callgate_host_add_endpoint(host, argv[1], &error));
    CHECK_OK(callgate_host_start(host, &error));
    CHECK_OK(callgate_client_new(argv[1], NULL, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_proxy_new(client, "IScale", &proxy, &error));
    /* If the machine delays a thread, another may be started in its place, which allocates: then another
     * batch shows what a call costs. */
    for (batch = 0; batch < BATCHES && fewest > 0; batch++) {
        unsigned long before = __atomic_load_n(&allocations, __ATOMIC_RELAXED);
        for (i = 0; i < CALLS; i++)
            call(proxy);
        before = __atomic_load_n(&allocations, __ATOMIC_RELAXED) - before;
        fewest = before < fewest ? before : fewest;
    }
    if (fewest > 0)
        fprintf(stderr, "%lu allocations in %d calls\n", fewest, CALLS);
    CHECK(fewest == 0);
    callgate_proxy_free(proxy);
    CHECK_OK(callgate_client_close(client, 0, &error));
    callgate_client_free(client);
    CHECK_OK(callgate_host_close(host, 0, &error));
    callgate_host_free(host);
    return 0;
}
