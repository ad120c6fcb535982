#include <callgate.h>
#include <stdio.h>
#include <string.h>

/* Serves IGreeter.Greet(name). */
static void invoke(void *user_data, callgate_call *call)
{
    callgate_reader arguments;
    callgate_error *error = NULL;
    const char *name;
    size_t length;
    (void)user_data;
    if (callgate_call_read_arguments(call, 1, &arguments, &error)
        || callgate_reader_string(&arguments, &name, &length, &error)) {
        callgate_call_fail_with(call, error, NULL);
        callgate_error_free(error);
        return;
    }
    callgate_writer *reply = callgate_writer_new();
    const void *data;
    char text[100];
    snprintf(text, sizeof text, "Hello, %.*s!", (int)(length < 80 ? length : 80), name);
    callgate_writer_string(reply, text);
    if (callgate_writer_finish(reply, &data, &length, NULL) == CALLGATE_STATUS_OK)
        callgate_call_reply(call, data, length, NULL);
    callgate_writer_free(reply);
}

/* Asked once for each interface that a connection calls. */
static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)connection, (void)error;
    if (strcmp(interface_name, "IGreeter") == 0)
        delegate->invoke = invoke;
    return CALLGATE_STATUS_OK;
}

int main(void)
{
    callgate_host *host = NULL;
    callgate_error *error = NULL;
    if (callgate_host_new(NULL, &host, &error)
        || callgate_host_add_endpoint(host, "pipe://greeter", &error)
        || callgate_host_add_delegate_factory(host, make_delegate, NULL, NULL, &error)
        || callgate_host_start(host, &error)) {
        fprintf(stderr, "%s\n", callgate_error_description(error, NULL));
        return 1;
    }
    puts("listening; press Enter to end");
    getchar();
    callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, NULL);
    callgate_host_free(host);
    return 0;
}
