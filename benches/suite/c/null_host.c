/* A host that serves the null call until its standard input ends.
 *
 *     null_host unix:///path
 *
 * With "asleep" after the endpoint, spinning is off. */
#include <callgate.h>

#include <stdio.h>
#include <string.h>

static int give_up(callgate_error *error)
{
    fprintf(stderr, "null_host: %s\n", callgate_error_description(error, NULL));
    callgate_error_free(error);
    return 1;
}

/* Adds two numbers. */
static void invoke(void *user_data, callgate_call *call)
{
    callgate_error *error = NULL;
    callgate_reader arguments;
    int32_t a, b;
    const void *data;
    size_t length;
    callgate_writer *writer;

    (void)user_data;
    if (callgate_call_read_arguments(call, 2, &arguments, &error)
        || callgate_reader_int32(&arguments, &a, &error)
        || callgate_reader_int32(&arguments, &b, &error)) {
        callgate_call_fail_with(call, error, NULL);
        callgate_error_free(error);
        return;
    }
    writer = callgate_writer_new();
    callgate_writer_int(writer, (int64_t)a + b);
    if (callgate_writer_finish(writer, &data, &length, NULL) == CALLGATE_STATUS_OK)
        callgate_call_reply(call, data, length, NULL);
    callgate_writer_free(writer);
}

static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)connection, (void)error;
    if (strcmp(interface_name, "ICalculator") == 0)
        delegate->invoke = invoke;
    return CALLGATE_STATUS_OK;
}

int main(int argc, char **argv)
{
    callgate_limits limits = {0};
    callgate_host_options options = {0};
    callgate_host *host = NULL;
    callgate_error *error = NULL;

    if (argc != 2 && (argc != 3 || strcmp(argv[2], "asleep") != 0)) {
        fprintf(stderr, "usage: %s ENDPOINT [asleep]\n", argv[0]);
        return 2;
    }
    limits.struct_size = sizeof limits;
    options.struct_size = sizeof options;
    limits.spin_us = argc == 3 ? CALLGATE_SPIN_OFF : 0;
    options.limits = &limits;
    if (callgate_host_new(&options, &host, &error)
        || callgate_host_add_delegate_factory(host, make_delegate, NULL, NULL, &error)
        || callgate_host_add_endpoint(host, argv[1], &error)
        || callgate_host_start(host, &error))
        return give_up(error);
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    if (callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, &error))
        return give_up(error);
    callgate_host_free(host);
    return 0;
}
