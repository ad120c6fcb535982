/* Calling, and replying to calls. */
#include "conformance.h"

#include <stdlib.h>
#include <string.h>

callgate_status raise_remote(const char *type_name, const char *message, callgate_error **error)
{
    callgate_error_parts parts = {sizeof parts, 0, 0, NULL, NULL, 0, NULL, 0, NULL, 0};
    parts.type_name = type_name;
    parts.message = message;
    parts.message_length = strlen(message);
    callgate_error_new(&parts, error, NULL);
    return CALLGATE_STATUS_REMOTE_ERROR;
}

callgate_status call_integers(const callgate_proxy *proxy, const char *method, const int64_t *arguments,
                              size_t count, int64_t *result, callgate_error **error)
{
    callgate_buffer reply = {NULL, 0, NULL};
    callgate_reader reader;
    callgate_writer *writer = callgate_writer_new();
    callgate_status status;
    size_t i;
    callgate_writer_array(writer, count);
    for (i = 0; i < count; i++)
        callgate_writer_int(writer, arguments[i]);
    status = call_with(proxy, method, writer, NULL, &reply, error);
    if (status == CALLGATE_STATUS_OK && result != NULL) {
        status = callgate_reader_init(&reader, reply.data, reply.length, error);
        if (status == CALLGATE_STATUS_OK)
            status = callgate_reader_int64(&reader, result, error);
    }
    callgate_buffer_free(&reply);
    return status;
}

void answer(serve_fn serve, void *state, callgate_call *call)
{
    callgate_error *error = NULL;
    const void *data;
    size_t length;
    callgate_writer *result = callgate_writer_new();
    callgate_status status = serve(state, call, result, &error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_writer_finish(result, &data, &length, &error);
    /* If the reply cannot be sent, so can no error. */
    if (status == CALLGATE_STATUS_OK)
        callgate_call_reply(call, data, length, NULL);
    else if (status != ANSWERED)
        callgate_call_fail_with(call, error, NULL);
    callgate_error_free(error);
    callgate_writer_free(result);
}

callgate_status no_such_method(callgate_call *call)
{
    callgate_call_fail_no_such_method(call, NULL);
    return ANSWERED;
}

callgate_status read_integers(callgate_call *call, int64_t *numbers, size_t count, callgate_error **error)
{
    callgate_reader reader;
    size_t i;
    callgate_status status = callgate_call_read_arguments(call, count, &reader, error);
    for (i = 0; i < count && status == CALLGATE_STATUS_OK; i++)
        status = callgate_reader_int64(&reader, &numbers[i], error);
    return status;
}

callgate_status fail_as_asked(callgate_call *call, callgate_error **error)
{
    callgate_reader reader;
    char *type_name = NULL, *message = NULL;
    callgate_status status = callgate_call_read_arguments(call, 2, &reader, error);
    if (status == CALLGATE_STATUS_OK)
        status = read_text(&reader, &type_name, error);
    if (status == CALLGATE_STATUS_OK)
        status = read_text(&reader, &message, error);
    if (status == CALLGATE_STATUS_OK)
        status = raise_remote(type_name, message, error);
    free(type_name);
    free(message);
    return status;
}

callgate_status nest(const callgate_proxy *other, int64_t depth, callgate_writer *result,
                     callgate_error **error)
{
    int64_t deeper = depth - 1, levels = -1;
    callgate_status status = CALLGATE_STATUS_OK;
    if (depth > 0)
        status = call_integers(other, "Nest", &deeper, 1, &levels, error);
    if (status == CALLGATE_STATUS_OK)
        callgate_writer_int(result, levels + 1);
    return status;
}
