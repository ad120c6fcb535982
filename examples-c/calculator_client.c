/* A client that calls ICalculator, the right way and the wrong ways.
 *
 *     calculator_client pipe://calculator
 */
#include <callgate.h>

#include <inttypes.h>
#include <stdio.h>

/* Prints an error and frees it. */
static void print_error(callgate_error *error)
{
    callgate_status status = callgate_error_status(error);
    if (status == CALLGATE_STATUS_REMOTE_ERROR)
        printf("remote error %s: ", callgate_error_type_name(error, NULL));
    else if (status == CALLGATE_STATUS_CONTRACT_MISMATCH)
        printf("contract mismatch: ");
    else
        printf("status %" PRId32 ": ", status);
    printf("%s\n", callgate_error_message(error, NULL));
    callgate_error_free(error);
}

/* Calls a method with the arguments in a writer, and prints its result. */
static void call(callgate_proxy *proxy, const char *method, callgate_writer *arguments)
{
    const void *data;
    size_t length;
    callgate_error *error = NULL;
    callgate_buffer reply = {NULL, 0, NULL};
    callgate_reader reader;
    int64_t result;

    printf("%s: ", method);
    if (callgate_writer_finish(arguments, &data, &length, &error)
        || callgate_proxy_call(proxy, method, data, length, NULL, &reply, &error)
        || callgate_reader_init(&reader, reply.data, reply.length, &error)
        || callgate_reader_int64(&reader, &result, &error))
        print_error(error);
    else
        printf("%" PRId64 "\n", result);
    callgate_buffer_free(&reply);
}

static void call_with_ints(callgate_proxy *proxy, const char *method, int64_t a, int64_t b)
{
    callgate_writer *arguments = callgate_writer_new();
    callgate_writer_arguments(arguments);
    callgate_writer_int(arguments, a);
    callgate_writer_int(arguments, b);
    call(proxy, method, arguments);
    callgate_writer_free(arguments);
}

static void call_with_text(callgate_proxy *proxy, const char *method, const char *a, int64_t b)
{
    callgate_writer *arguments = callgate_writer_new();
    callgate_writer_arguments(arguments);
    callgate_writer_string(arguments, a);
    callgate_writer_int(arguments, b);
    call(proxy, method, arguments);
    callgate_writer_free(arguments);
}

/* Sends a line for the host to print, without waiting for it. */
static void log_line(callgate_proxy *proxy, const char *line)
{
    const void *data;
    size_t length;
    callgate_error *error = NULL;
    callgate_writer *arguments = callgate_writer_new();
    callgate_writer_arguments(arguments);
    callgate_writer_string(arguments, line);
    if (callgate_writer_finish(arguments, &data, &length, &error)
        || callgate_proxy_one_way(proxy, "Log", data, length, NULL, &error))
        print_error(error);
    callgate_writer_free(arguments);
}

int main(int argc, char **argv)
{
    callgate_client *client = NULL;
    callgate_proxy *calculator = NULL;
    callgate_error *error = NULL;
    int failed = 1;

    if (argc != 2) {
        fprintf(stderr, "usage: %s ENDPOINT\n", argv[0]);
        return 2;
    }
    if (callgate_client_new(argv[1], NULL, &client, &error)
        || callgate_client_start(client, &error)
        || callgate_client_wait_connected(client, CALLGATE_TIMEOUT_DEFAULT, &error)
        || callgate_proxy_new(client, "ICalculator", &calculator, &error)) {
        print_error(error);
    } else {
        call_with_ints(calculator, "Add", 1, 2);
        call_with_ints(calculator, "Divide", 84, 2);
        call_with_ints(calculator, "Divide", 1, 0);
        call_with_text(calculator, "Add", "one", 2);
        call_with_ints(calculator, "Subtract", 2, 1);
        log_line(calculator, "the client says goodbye");
        failed = 0;
    }
    callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, NULL); /* sends what is queued */
    callgate_proxy_free(calculator);
    callgate_client_free(client);
    return failed;
}
