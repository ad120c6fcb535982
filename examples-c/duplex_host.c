/* A host that calls its clients back: ICalculator.Sum(n) adds up the numbers from 1 to n, and reports
 * its progress to the caller's IProgress. The host serves until its standard input ends.
 *
 *     duplex_host pipe://calculator tcp://127.0.0.1:0
 */
#include <callgate.h>

#include <stdio.h>
#include <string.h>

/* Prints and frees an error after which the host cannot go on. */
static int give_up(callgate_error *error)
{
    fprintf(stderr, "duplex_host: %s\n", callgate_error_description(error, NULL));
    callgate_error_free(error);
    return 1;
}

/* Calls IProgress.Report(fraction) of the client, and waits until it has run. */
static callgate_status report(callgate_proxy *progress, double fraction, callgate_error **error)
{
    const void *data;
    size_t length;
    callgate_status status;
    callgate_writer *arguments = callgate_writer_new();
    callgate_writer_arguments(arguments);
    callgate_writer_double(arguments, fraction);
    status = callgate_writer_finish(arguments, &data, &length, error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_proxy_call(progress, "Report", data, length, NULL, NULL, error);
    callgate_writer_free(arguments);
    return status;
}

static void reply_int(callgate_call *call, int64_t result)
{
    const void *data;
    size_t length;
    callgate_writer *writer = callgate_writer_new();
    callgate_writer_int(writer, result);
    if (callgate_writer_finish(writer, &data, &length, NULL) == CALLGATE_STATUS_OK)
        callgate_call_reply(call, data, length, NULL);
    callgate_writer_free(writer);
}

/* Adds up 1 to n, and calls the client back at every quarter. Stops when the caller no longer waits. */
static callgate_status sum(callgate_call *call, callgate_proxy *progress, int64_t n, int64_t *total,
                           callgate_error **error)
{
    callgate_status status = CALLGATE_STATUS_OK;
    int64_t i;
    for (i = 1; status == CALLGATE_STATUS_OK && i <= n && !callgate_call_is_cancelled(call); i++) {
        *total += i;
        if (4 * i / n != 4 * (i - 1) / n)
            status = report(progress, (double)i / n, error);
    }
    return status;
}

/* Reads the argument of Sum, adds up, and replies. */
static callgate_status serve_sum(callgate_call *call, callgate_proxy *progress, callgate_error **error)
{
    callgate_reader arguments;
    int32_t n;
    int64_t total = 0;
    callgate_status status = callgate_call_read_arguments(call, 1, &arguments, error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_reader_int32(&arguments, &n, error);
    if (status == CALLGATE_STATUS_OK)
        status = sum(call, progress, n, &total, error);
    if (status == CALLGATE_STATUS_OK)
        reply_int(call, total);
    return status;
}

/* Serves a call; user_data is the proxy of the client's IProgress. */
static void invoke(void *user_data, callgate_call *call)
{
    callgate_error *error = NULL;
    if (strcmp(callgate_call_method(call, NULL), "Sum") != 0) {
        callgate_call_fail_no_such_method(call, NULL);
    } else if (serve_sum(call, (callgate_proxy *)user_data, &error) != CALLGATE_STATUS_OK) {
        callgate_call_fail_with(call, error, NULL);
        callgate_error_free(error);
    }
}

static void free_proxy(void *proxy)
{
    callgate_proxy_free((callgate_proxy *)proxy);
}

/* Makes the delegate of ICalculator for one connection. The delegate keeps the proxy of its client. */
static callgate_status make_delegate(void *user_data, callgate_connection *connection,
                                     callgate_proxy *progress, callgate_delegate *delegate,
                                     callgate_error **error)
{
    callgate_proxy *kept = NULL;
    callgate_status status = callgate_proxy_clone(progress, &kept, error);
    (void)user_data, (void)connection;
    if (status == CALLGATE_STATUS_OK) {
        delegate->invoke = invoke;
        delegate->user_data = kept;
        delegate->user_data_free = free_proxy;
    }
    return status;
}

int main(int argc, char **argv)
{
    callgate_host *host = NULL;
    callgate_error *error = NULL;
    size_t i;
    int argument;

    if (callgate_host_new(NULL, &host, &error)
        || callgate_host_add_duplex_delegate_factory(host, "ICalculator", "IProgress", make_delegate,
                                                     NULL, NULL, &error))
        return give_up(error);
    for (argument = 1; argument < argc; argument++)
        if (callgate_host_add_endpoint(host, argv[argument], &error))
            return give_up(error);
    if (callgate_host_start(host, &error))
        return give_up(error);

    for (i = 0; i < callgate_host_endpoint_count(host); i++)
        printf("listening on %s\n", callgate_host_endpoint(host, i, NULL));
    fflush(stdout);
    while (getchar() != EOF)
        ;

    if (callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, &error))
        return give_up(error);
    callgate_host_free(host);
    return 0;
}
