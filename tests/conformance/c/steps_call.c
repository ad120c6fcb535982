/* The steps described by data: one call, or one value there and back. */
#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The bytes of hexadecimal digits, which the caller frees. */
static unsigned char *from_hex(const char *digits, size_t *length)
{
    unsigned char *bytes = malloc(strlen(digits) / 2 + 1);
    unsigned byte;
    if (bytes == NULL)
        abort();
    for (*length = 0; sscanf(digits + 2 * *length, "%2x", &byte) == 1; ++*length)
        bytes[*length] = (unsigned char)byte;
    return bytes;
}

/* Writes what C makes of the MessagePack in a field, optionally inside an array of one. */
static callgate_writer *written(const struct scenario *it, const char *key, bool in_array)
{
    size_t length;
    unsigned char *bytes = from_hex(field(it, key), &length);
    callgate_reader reader;
    callgate_writer *writer = callgate_writer_new();
    if (in_array)
        callgate_writer_array(writer, 1);
    if (callgate_reader_init(&reader, bytes, length, NULL) == CALLGATE_STATUS_OK)
        copy(&reader, writer, NULL);
    free(bytes);
    return writer;
}

/* Whether the description of a value equals this field. */
static bool is_described(const struct scenario *it, const char *key, const void *data, size_t length,
                         char *why)
{
    callgate_reader reader;
    callgate_error *error = NULL;
    struct text text = {NULL, 0, 0};
    const char *wanted = field(it, key);
    bool same = false;
    if (callgate_reader_init(&reader, data, length, &error) || describe(&reader, &text, &error))
        because_of(why, error);
    else if (wanted == NULL || strcmp(text.data, wanted) != 0)
        because(why, "%s instead of %s", text.data, wanted ? wanted : "an error");
    else
        same = true;
    text_free(&text);
    return same;
}

static const char *status_name(callgate_status status)
{
    static const char *const names[] = {"ok", "remote error", "contract mismatch"};
    return status >= 0 && status < 3 ? names[status] : "another status";
}

static const char *execution_name(callgate_execution execution)
{
    static const char *const names[] = {"not run", "ran", "unknown"};
    return execution >= 0 && execution < 3 ? names[execution] : "another execution";
}

/* Whether a field, if present, has this text. */
static bool is_as_told(const struct scenario *it, const char *key, const char *actual, char *why)
{
    const char *wanted = field(it, key);
    if (wanted == NULL || strcmp(wanted, actual) == 0)
        return true;
    return because(why, "%s '%s' instead of '%s'", key, actual, wanted);
}

static bool fails_as_told(const struct scenario *it, callgate_error *error, char *why)
{
    bool same;
    if (field(it, "status") == NULL)
        return because_of(why, error);
    same = is_as_told(it, "status", status_name(callgate_error_status(error)), why)
           && is_as_told(it, "execution", execution_name(callgate_error_execution(error)), why)
           && is_as_told(it, "type", callgate_error_type_name(error, NULL), why)
           && is_as_told(it, "message", callgate_error_message(error, NULL), why);
    callgate_error_free(error);
    return same;
}

bool play_call(struct scenario *it, char *why)
{
    callgate_call_options options = {0};
    callgate_buffer reply = {NULL, 0, NULL};
    callgate_error *error = NULL;
    callgate_proxy *proxy = proxy_of(it, field(it, "interface"));
    callgate_status status;
    bool played;
    options.struct_size = sizeof options;
    options.signature = field(it, "signature");
    status = call_with(proxy, field(it, "method"), written(it, "arguments", false), &options, &reply,
                       &error);
    if (status != CALLGATE_STATUS_OK)
        played = fails_as_told(it, error, why);
    else
        played = is_described(it, "result", reply.data, reply.length, why);
    callgate_buffer_free(&reply);
    callgate_proxy_free(proxy);
    return played;
}

/* Calls a method of IValues with the value. */
static bool call_values(const struct scenario *it, const char *method, callgate_buffer *reply, char *why)
{
    callgate_error *error = NULL;
    callgate_proxy *values = proxy_of(it, "IValues");
    callgate_status status = call_with(values, method, written(it, "value", true), NULL, reply, &error);
    callgate_proxy_free(values);
    return ends_as(why, CALLGATE_STATUS_OK, status, error);
}

/* Whether the host's description is the expected one. */
static bool is_described_there(const struct scenario *it, const callgate_buffer *reply, char *why)
{
    callgate_reader reader;
    callgate_error *error = NULL;
    char *text = NULL;
    bool same;
    if (callgate_reader_init(&reader, reply->data, reply->length, &error)
        || read_text(&reader, &text, &error))
        return because_of(why, error);
    same = is_as_told(it, "text", text, why);
    free(text);
    return same;
}

bool play_value(struct scenario *it, char *why)
{
    callgate_buffer reply = {NULL, 0, NULL};
    const void *data;
    size_t length;
    callgate_writer *held = written(it, "value", false);
    bool played = callgate_writer_finish(held, &data, &length, NULL) == CALLGATE_STATUS_OK
                      ? is_described(it, "text", data, length, why)
                      : because(why, "the value cannot be written");
    callgate_writer_free(held);
    played = played && call_values(it, "Describe", &reply, why) && is_described_there(it, &reply, why);
    callgate_buffer_free(&reply);
    played = played && call_values(it, "Echo", &reply, why)
             && is_described(it, "text", reply.data, reply.length, why);
    callgate_buffer_free(&reply);
    return played;
}
