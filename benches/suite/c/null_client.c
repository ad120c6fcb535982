/* A client that makes null calls: for each line of its standard input, which is a number, so many. It
 * answers with how long each took, as doubles in microseconds.
 *
 *     null_client unix:///path
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
    callgate_writer_array(writer, 2);
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

/* Makes so many calls and tells how long each took; 0 unless one fails. */
static int slice(callgate_proxy *calculator, callgate_writer *writer, size_t calls)
{
    double *latencies = calloc(calls, sizeof *latencies);
    callgate_error *error = NULL;
    size_t i;

    for (i = 0; latencies && i < calls; i++) {
        int32_t sum = 0;
        double begun = now_us();
        callgate_status status = add(calculator, writer, &sum, &error);
        latencies[i] = now_us() - begun;
        if (status != CALLGATE_STATUS_OK || sum != 42) {
            free(latencies);
            if (status == CALLGATE_STATUS_OK)
                fprintf(stderr, "null_client: %d came back, not 42\n", (int)sum);
            return status == CALLGATE_STATUS_OK ? 1 : give_up(error);
        }
    }
    if (!latencies || fwrite(latencies, sizeof *latencies, calls, stdout) != calls)
        calls = 0;
    free(latencies);
    fflush(stdout);
    return calls == 0;
}

int main(int argc, char **argv)
{
    callgate_client *client = NULL;
    callgate_proxy *calculator = NULL;
    callgate_writer *writer = callgate_writer_new();
    callgate_error *error = NULL;
    size_t calls;
    int failed = 0;

    if (argc != 2) {
        fprintf(stderr, "usage: %s ENDPOINT\n", argv[0]);
        return 2;
    }
    if (callgate_client_new(argv[1], NULL, &client, &error)
        || callgate_client_start(client, &error)
        || callgate_client_wait_connected(client, CALLGATE_TIMEOUT_DEFAULT, &error)
        || callgate_proxy_new(client, "ICalculator", &calculator, &error))
        return give_up(error);
    puts("ready");
    fflush(stdout);
    while (!failed && scanf("%zu", &calls) == 1)
        failed = slice(calculator, writer, calls);
    callgate_writer_free(writer);
    callgate_proxy_free(calculator);
    callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, NULL);
    callgate_client_free(client);
    return failed;
}
