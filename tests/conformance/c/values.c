/* Values: their descriptions, and how C reads and writes them. */
#include "conformance.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_add(struct text *text, const char *format, ...)
{
    va_list arguments;
    int more;
    va_start(arguments, format);
    more = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (text->length + (size_t)more + 1 > text->capacity) {
        text->capacity = 2 * (text->length + (size_t)more + 1);
        text->data = realloc(text->data, text->capacity);
        if (text->data == NULL)
            abort();
    }
    va_start(arguments, format);
    vsnprintf(text->data + text->length, text->capacity - text->length, format, arguments);
    va_end(arguments);
    text->length += (size_t)more;
}

void text_free(struct text *text)
{
    free(text->data);
    memset(text, 0, sizeof *text);
}

static callgate_status describe_integer(callgate_reader *reader, struct text *text,
                                        callgate_error **error)
{
    int64_t number;
    uint64_t large;
    callgate_status status = CALLGATE_STATUS_OK;
    if (callgate_reader_int64(reader, &number, NULL) == CALLGATE_STATUS_OK)
        text_add(text, "%" PRId64, number);
    else if ((status = callgate_reader_uint64(reader, &large, error)) == CALLGATE_STATUS_OK)
        text_add(text, "%" PRIu64, large);
    return status;
}

static callgate_status describe_double(callgate_reader *reader, struct text *text,
                                       callgate_error **error)
{
    double number = 0;
    uint64_t bits;
    callgate_status status = callgate_reader_double(reader, &number, error);
    memcpy(&bits, &number, sizeof bits);
    if (number != number)
        text_add(text, "float:nan");
    else
        text_add(text, "float:%016" PRIx64, bits);
    return status;
}

static callgate_status describe_string(callgate_reader *reader, struct text *text,
                                       callgate_error **error)
{
    const char *data = NULL;
    size_t length = 0, i;
    callgate_status status = callgate_reader_string(reader, &data, &length, error);
    text_add(text, "\"");
    for (i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)data[i];
        bool plain = byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
        text_add(text, plain ? "%c" : "\\x%02x", byte);
    }
    text_add(text, "\"");
    return status;
}

static callgate_status describe_binary(callgate_reader *reader, struct text *text,
                                       callgate_error **error)
{
    const void *data = NULL;
    size_t length = 0, i;
    callgate_status status = callgate_reader_binary(reader, &data, &length, error);
    text_add(text, "bin:");
    for (i = 0; i < length; i++)
        text_add(text, "%02x", ((const unsigned char *)data)[i]);
    return status;
}

static callgate_status describe_array(callgate_reader *reader, struct text *text,
                                      callgate_error **error)
{
    size_t count = 0, i;
    callgate_status status = callgate_reader_array(reader, &count, error);
    text_add(text, "[");
    for (i = 0; i < count && status == CALLGATE_STATUS_OK; i++) {
        text_add(text, i > 0 ? ", " : "");
        status = describe(reader, text, error);
    }
    text_add(text, "]");
    return status;
}

/* An entry of a map: its description, the first bytes of which describe the key. */
struct entry {
    struct text text;
    size_t key_length;
};

static int compare_keys(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    size_t common = a->key_length < b->key_length ? a->key_length : b->key_length;
    int order = memcmp(a->text.data, b->text.data, common);
    return order ? order : (a->key_length > b->key_length) - (a->key_length < b->key_length);
}

static callgate_status describe_map(callgate_reader *reader, struct text *text, callgate_error **error)
{
    size_t count = 0, i;
    callgate_status status = callgate_reader_map(reader, &count, error);
    struct entry *entries = calloc(count + 1, sizeof *entries);
    if (entries == NULL)
        abort();
    for (i = 0; i < count && status == CALLGATE_STATUS_OK; i++) {
        status = describe(reader, &entries[i].text, error);
        entries[i].key_length = entries[i].text.length;
        text_add(&entries[i].text, ": ");
        if (status == CALLGATE_STATUS_OK)
            status = describe(reader, &entries[i].text, error);
    }
    qsort(entries, i, sizeof *entries, compare_keys);
    text_add(text, "{");
    for (count = i, i = 0; i < count; i++) {
        text_add(text, "%s%s", i > 0 ? ", " : "", entries[i].text.data);
        text_free(&entries[i].text);
    }
    text_add(text, "}");
    free(entries);
    return status;
}

static callgate_status describe_timestamp(callgate_reader *reader, struct text *text,
                                          callgate_error **error)
{
    int64_t seconds = 0;
    uint32_t nanoseconds = 0;
    callgate_status status = callgate_reader_timestamp(reader, &seconds, &nanoseconds, error);
    text_add(text, "time:%" PRId64 ".%09" PRIu32, seconds, nanoseconds);
    return status;
}

callgate_status describe(callgate_reader *reader, struct text *text, callgate_error **error)
{
    bool truth = false;
    callgate_status status;
    switch (callgate_reader_type(reader)) {
    case CALLGATE_TYPE_BOOL:
        status = callgate_reader_bool(reader, &truth, error);
        text_add(text, truth ? "true" : "false");
        return status;
    case CALLGATE_TYPE_INTEGER:
        return describe_integer(reader, text, error);
    case CALLGATE_TYPE_DOUBLE:
        return describe_double(reader, text, error);
    case CALLGATE_TYPE_STRING:
        return describe_string(reader, text, error);
    case CALLGATE_TYPE_BINARY:
        return describe_binary(reader, text, error);
    case CALLGATE_TYPE_ARRAY:
        return describe_array(reader, text, error);
    case CALLGATE_TYPE_MAP:
        return describe_map(reader, text, error);
    case CALLGATE_TYPE_TIMESTAMP:
        return describe_timestamp(reader, text, error);
    default:
        text_add(text, "nil");
        return callgate_reader_nil(reader, error);
    }
}
