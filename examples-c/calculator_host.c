/* A host that serves ICalculator until its standard input ends.
 *
 *     calculator_host pipe://calculator tcp://127.0.0.1:0
 */
#include <callgate.h>

#include <stdio.h>
#include <string.h>

/* Prints an error after which the host cannot go on, and frees it. */
static int give_up(callgate_error *error)
{
    fprintf(stderr, "calculator_host: %s\n", callgate_error_description(error, NULL));
    callgate_error_free(error);
    return 1;
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

static callgate_status add(callgate_call *call, callgate_reader *arguments, callgate_error **error)
{
    int32_t a, b;
    callgate_status status = callgate_reader_int32(arguments, &a, error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_reader_int32(arguments, &b, error);
    if (status == CALLGATE_STATUS_OK)
        reply_int(call, (int64_t)a + b);
    return status;
}

static callgate_status divide(callgate_call *call, callgate_reader *arguments, callgate_error **error)
{
    int32_t a, b;
    callgate_status status = callgate_reader_int32(arguments, &a, error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_reader_int32(arguments, &b, error);
    if (status != CALLGATE_STATUS_OK)
        return status;
    if (b == 0)
        callgate_call_fail(call, "DivideByZero", "cannot divide by zero", NULL);
    else
        reply_int(call, (int64_t)a / b);
    return CALLGATE_STATUS_OK;
}

static callgate_status log_line(callgate_call *call, callgate_reader *arguments, callgate_error **error)
{
    const char *text;
    size_t length;
    callgate_status status = callgate_reader_string(arguments, &text, &length, error);
    if (status == CALLGATE_STATUS_OK) {
        printf("log: %.*s\n", (int)length, text);
        fflush(stdout);
        callgate_call_reply(call, NULL, 0, NULL); /* no result: nil */
    }
    return status;
}

typedef struct method {
    const char *name;
    size_t arguments;
    callgate_status (*run)(callgate_call *, callgate_reader *, callgate_error **);
} method;

static const method methods[] = {{"Add", 2, add}, {"Divide", 2, divide}, {"Log", 1, log_line}};

/* What clients and tools can ask for: an OpenRPC document. */
static const char description[] =
    "{\"openrpc\": \"1.3.2\", \"info\": {\"title\": \"ICalculator\", \"version\": \"1\"}, \"methods\": ["
    "{\"name\": \"Add\", \"params\": ["
    "{\"name\": \"a\", \"required\": true, \"schema\": {\"type\": \"integer\", \"format\": \"int32\"}},"
    "{\"name\": \"b\", \"required\": true, \"schema\": {\"type\": \"integer\", \"format\": \"int32\"}}],"
    "\"result\": {\"name\": \"sum\", \"schema\": {\"type\": \"integer\", \"format\": \"int64\"}}},"
    "{\"name\": \"Divide\", \"params\": ["
    "{\"name\": \"a\", \"required\": true, \"schema\": {\"type\": \"integer\", \"format\": \"int32\"}},"
    "{\"name\": \"b\", \"required\": true, \"schema\": {\"type\": \"integer\", \"format\": \"int32\"}}],"
    "\"result\": {\"name\": \"quotient\", \"schema\": {\"type\": \"integer\", \"format\": \"int64\"}},"
    "\"x-callgate-errors\": [\"DivideByZero\"]},"
    "{\"name\": \"Log\", \"params\": ["
    "{\"name\": \"line\", \"required\": true, \"schema\": {\"type\": \"string\"}}]}]}";

/* Serves a call. Runs on several threads at once for concurrent calls. */
static void invoke(void *user_data, callgate_call *call)
{
    size_t i;
    (void)user_data;
    for (i = 0; i < sizeof methods / sizeof *methods; i++) {
        callgate_reader arguments;
        callgate_error *error = NULL;
        if (strcmp(methods[i].name, callgate_call_method(call, NULL)) != 0)
            continue;
        if (callgate_call_read_arguments(call, methods[i].arguments, &arguments, &error)
            || methods[i].run(call, &arguments, &error)) {
            callgate_call_fail_with(call, error, NULL); /* arguments that do not fit */
            callgate_error_free(error);
        }
        return;
    }
    callgate_call_fail_no_such_method(call, NULL);
}

/* Creates the delegate of an interface for a connection. */
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
    callgate_host *host = NULL;
    callgate_error *error = NULL;
    size_t i;
    int argument;

    if (callgate_host_new(NULL, &host, &error)
        || callgate_host_add_delegate_factory(host, make_delegate, NULL, NULL, &error)
        || callgate_host_add_description(host, description, strlen(description), &error))
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
