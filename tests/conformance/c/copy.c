/* Reads values and writes them again, type by type, as C programs do. */
#include "conformance.h"

#include <stdlib.h>
#include <string.h>

static callgate_status copy_integer(callgate_reader *reader, callgate_writer *writer,
                                    callgate_error **error)
{
    int64_t number;
    uint64_t large;
    callgate_status status = CALLGATE_STATUS_OK;
    if (callgate_reader_int64(reader, &number, NULL) == CALLGATE_STATUS_OK)
        callgate_writer_int(writer, number);
    else if ((status = callgate_reader_uint64(reader, &large, error)) == CALLGATE_STATUS_OK)
        callgate_writer_uint(writer, large);
    return status;
}

static callgate_status copy_bytes(callgate_reader *reader, callgate_writer *writer,
                                  callgate_error **error)
{
    const char *text;
    const void *data;
    size_t length;
    callgate_status status;
    if (callgate_reader_type(reader) == CALLGATE_TYPE_STRING) {
        status = callgate_reader_string(reader, &text, &length, error);
        if (status == CALLGATE_STATUS_OK)
            callgate_writer_string_n(writer, text, length);
    } else {
        status = callgate_reader_binary(reader, &data, &length, error);
        if (status == CALLGATE_STATUS_OK)
            callgate_writer_binary(writer, data, length);
    }
    return status;
}

static callgate_status copy_values(callgate_reader *reader, callgate_writer *writer,
                                   callgate_error **error)
{
    size_t count = 0, values = 0, i;
    callgate_status status;
    if (callgate_reader_type(reader) == CALLGATE_TYPE_ARRAY) {
        status = callgate_reader_array(reader, &count, error);
        callgate_writer_array(writer, count);
        values = count;
    } else {
        status = callgate_reader_map(reader, &count, error);
        callgate_writer_map(writer, count);
        values = 2 * count;
    }
    for (i = 0; i < values && status == CALLGATE_STATUS_OK; i++)
        status = copy(reader, writer, error);
    return status;
}

callgate_status copy(callgate_reader *reader, callgate_writer *writer, callgate_error **error)
{
    bool truth = false;
    double number = 0;
    int64_t seconds = 0;
    uint32_t nanoseconds = 0;
    callgate_status status;
    switch (callgate_reader_type(reader)) {
    case CALLGATE_TYPE_BOOL:
        status = callgate_reader_bool(reader, &truth, error);
        callgate_writer_bool(writer, truth);
        return status;
    case CALLGATE_TYPE_INTEGER:
        return copy_integer(reader, writer, error);
    case CALLGATE_TYPE_DOUBLE:
        status = callgate_reader_double(reader, &number, error);
        callgate_writer_double(writer, number);
        return status;
    case CALLGATE_TYPE_STRING:
    case CALLGATE_TYPE_BINARY:
        return copy_bytes(reader, writer, error);
    case CALLGATE_TYPE_ARRAY:
    case CALLGATE_TYPE_MAP:
        return copy_values(reader, writer, error);
    case CALLGATE_TYPE_TIMESTAMP:
        status = callgate_reader_timestamp(reader, &seconds, &nanoseconds, error);
        callgate_writer_timestamp(writer, seconds, nanoseconds);
        return status;
    default:
        callgate_writer_nil(writer);
        return callgate_reader_nil(reader, error);
    }
}

callgate_status read_text(callgate_reader *reader, char **text, callgate_error **error)
{
    const char *data;
    size_t length;
    callgate_status status = callgate_reader_string(reader, &data, &length, error);
    if (status != CALLGATE_STATUS_OK)
        return status;
    *text = malloc(length + 1);
    if (*text == NULL)
        abort();
    memcpy(*text, data, length);
    (*text)[length] = '\0';
    return status;
}
