/* A client that makes null calls. Each line of its standard input is a number of calls to make; it replies
 * with how long each took, as doubles in microseconds.
 *
 *     null_client unix:///path
 *
 * With a number after the endpoint it makes that many calls, with spinning off, and prints nothing.
 *
 *     null_client unix:///path 1000
 */
#define _POSIX_C_SOURCE 200809L

#include <callgate.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int give_up(callgate_error *error)
{
    fprintf(stderr, "null_client: %s\n", callgate_error_description(error, NULL));
    callgate_error_free(error);
    return 1;
}

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Calls Add(20, 22). */
static callgate_status add(callgate_proxy *calculator, callgate_writer *writer, int32_t *sum,
                           callgate_error **error)
{
    const void *data;
    size_t length;
    callgate_buffer reply = {NULL, 0, NULL};
    callgate_reader reader;
    callgate_status status;

    callgate_writer_reset(writer);
    callgate_writer_arguments(writer);
    callgate_writer_int(writer, 20);
    callgate_writer_int(writer, 22);
    status = callgate_writer_finish(writer, &data, &length, error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_proxy_call(calculator, "Add", data, length, NULL, &reply, error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_reader_init(&reader, reply.data, reply.length, error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_reader_int32(&reader, sum, error);
    callgate_buffer_free(&reply);
    return status;
}

/* Calls and checks the sum; 0 unless it fails. */
static int call(callgate_proxy *calculator, callgate_writer *writer)
{
    callgate_error *error = NULL;
    int32_t sum = 0;

    if (add(calculator, writer, &sum, &error))
        return give_up(error);
    if (sum != 42)
        fprintf(stderr, "null_client: %d came back, not 42\n", (int)sum);
    return sum != 42;
}

/* Makes calls and prints how long each took; 0 unless one fails. */
static int slice(callgate_proxy *calculator, callgate_writer *writer, size_t calls)
{
    double *latencies = calloc(calls, sizeof *latencies);
    int failed = latencies == NULL;
    size_t i;

    for (i = 0; !failed && i < calls; i++) {
        double begun = now_us();
        failed = call(calculator, writer);
        latencies[i] = now_us() - begun;
    }
    if (!failed)
        failed = fwrite(latencies, sizeof *latencies, calls, stdout) != calls;
    free(latencies);
    fflush(stdout);
    return failed;
}

int main(int argc, char **argv)
{
    callgate_limits limits = {0};
    callgate_client_options options = {0};
    callgate_client *client = NULL;
    callgate_proxy *calculator = NULL;
    callgate_writer *writer = callgate_writer_new();
    callgate_error *error = NULL;
    size_t calls;
    int failed = 0;

    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: %s ENDPOINT [CALLS]\n", argv[0]);
        return 2;
    }
    limits.struct_size = sizeof limits;
    options.struct_size = sizeof options;
    limits.spin_us = argc == 3 ? CALLGATE_SPIN_OFF : 0;
    options.limits = &limits;
    if (callgate_client_new(argv[1], &options, &client, &error)
        || callgate_client_start(client, &error)
        || callgate_client_wait_connected(client, CALLGATE_TIMEOUT_DEFAULT, &error)
        || callgate_proxy_new(client, "ICalculator", &calculator, &error))
        return give_up(error);
    puts("ready");
    fflush(stdout);
    if (argc == 3) {
        for (calls = strtoul(argv[2], NULL, 10); !failed && calls > 0; calls--)
            failed = call(calculator, writer);
    } else {
        while (!failed && scanf("%zu", &calls) == 1)
            failed = slice(calculator, writer, calls);
    }
    callgate_writer_free(writer);
    callgate_proxy_free(calculator);
    callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, NULL);
    callgate_client_free(client);
    return failed;
}
