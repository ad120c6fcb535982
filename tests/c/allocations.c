/* A warm call from C to C allocates nothing, on either side. Both sides are in this process, whose malloc
 * counts; it is glibc's. */
#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <time.h>

/* This many calls in a row must allocate nothing. */
#define CALLS 1000
#define MOST_CALLS 30000

/* While one call takes this many nanoseconds, another thread may take over the connection, which allocates. */
#define LONG 300000

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

static long long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Where the machine delays some thread in every thousand calls, the quick calls between two long ones show what
 * a call costs. A thread that took over earlier may still allocate a little among them, which divides them into
 * a few parts. */
static void expect_no_allocations(callgate_proxy *proxy)
{
    int calls, free_calls = 0, most_free = 0, quick = 0, most_quick = 0;
    for (calls = 0; calls < MOST_CALLS && free_calls < CALLS; calls++) {
        unsigned long before = __atomic_load_n(&allocations, __ATOMIC_RELAXED);
        long long began = now();
        call(proxy);
        quick = now() - began < LONG ? quick + 1 : 0;
        free_calls = __atomic_load_n(&allocations, __ATOMIC_RELAXED) == before ? free_calls + 1 : 0;
        most_quick = quick > most_quick ? quick : most_quick;
        most_free = free_calls > most_free ? free_calls : most_free;
    }
    if (free_calls < CALLS) {
        fprintf(stderr, "%d calls in a row allocated nothing, and %d in a row were quick\n", most_free, most_quick);
        CHECK(most_free > 0 && most_free >= most_quick / 4);
    }
}

int main(int argc, char **argv)
{
    callgate_host *host = NULL;
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    (void)argc;
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_delegate_factory(host, make_delegate, NULL, NULL, &error));
    CHECK_OK(callgate_host_add_endpoint(host, argv[1], &error));
    CHECK_OK(callgate_host_start(host, &error));
    CHECK_OK(callgate_client_new(argv[1], NULL, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_proxy_new(client, "IScale", &proxy, &error));
    expect_no_allocations(proxy);
    callgate_proxy_free(proxy);
    CHECK_OK(callgate_client_close(client, 0, &error));
    callgate_client_free(client);
    CHECK_OK(callgate_host_close(host, 0, &error));
    callgate_host_free(host);
    return 0;
}
