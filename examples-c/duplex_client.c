/* A client that is called back: while its call of ICalculator.Sum runs, the host reports its progress to
 * the client's IProgress.
 *
 *     duplex_client pipe://calculator
 */
#include <callgate.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Prints an error and frees it. */
static int give_up(callgate_error *error)
{
    printf("%s\n", callgate_error_description(error, NULL));
    callgate_error_free(error);
    return 1;
}

/* Serves IProgress, on one of Callgate's threads: main() is waiting for its own call meanwhile. */
static void serve_progress(void *user_data, callgate_call *call)
{
    callgate_reader arguments;
    callgate_error *error = NULL;
    double fraction;
    (void)user_data;
    if (strcmp(callgate_call_method(call, NULL), "Report") != 0) {
        callgate_call_fail_no_such_method(call, NULL);
    } else if (callgate_call_read_arguments(call, 1, &arguments, &error)
               || callgate_reader_double(&arguments, &fraction, &error)) {
        callgate_call_fail_with(call, error, NULL); /* arguments that do not fit */
        callgate_error_free(error);
    } else {
        printf("progress: %.0f%%\n", 100 * fraction);
        callgate_call_reply(call, NULL, 0, NULL); /* no result: nil */
    }
}

/* Calls Sum(n) and prints its result. */
static int sum(callgate_proxy *calculator, int64_t n)
{
    const void *data;
    size_t length;
    int64_t result;
    int failed = 0;
    callgate_error *error = NULL;
    callgate_buffer reply = {NULL, 0, NULL};
    callgate_reader reader;
    callgate_writer *arguments = callgate_writer_new();
    callgate_writer_arguments(arguments);
    callgate_writer_int(arguments, n);
    if (callgate_writer_finish(arguments, &data, &length, &error)
        || callgate_proxy_call(calculator, "Sum", data, length, NULL, &reply, &error)
        || callgate_reader_init(&reader, reply.data, reply.length, &error)
        || callgate_reader_int64(&reader, &result, &error))
        failed = give_up(error);
    else
        printf("Sum: %" PRId64 "\n", result);
    callgate_buffer_free(&reply);
    callgate_writer_free(arguments);
    return failed;
}

int main(int argc, char **argv)
{
    callgate_client *client = NULL;
    callgate_proxy *calculator = NULL;
    callgate_error *error = NULL;
    int failed;

    if (argc != 2) {
        fprintf(stderr, "usage: %s ENDPOINT\n", argv[0]);
        return 2;
    }
    if (callgate_client_new(argv[1], NULL, &client, &error)
        || callgate_client_add_callback_handler(client, "IProgress", serve_progress, NULL, NULL, &error)
        || callgate_client_start(client, &error)
        || callgate_proxy_new(client, "ICalculator", &calculator, &error))
        failed = give_up(error);
    else
        failed = sum(calculator, 100);
    callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, NULL);
    callgate_proxy_free(calculator);
    callgate_client_free(client);
    return failed;
}
