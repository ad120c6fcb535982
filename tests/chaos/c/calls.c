/* Recording, calling, and replying to calls. */
#include "chaos.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void give_up(const char *what, callgate_error *error)
{
    fprintf(stderr, "%s: %s\n", what, callgate_error_description(error, NULL));
    exit(1);
}

int open_record(const char *path)
{
    int record = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (record < 0)
        give_up("open the record", NULL);
    return record;
}

void note(int record, uint64_t first, uint64_t second)
{
    unsigned char pair[16];
    int i;
    for (i = 0; i < 8; i++) {
        pair[i] = (unsigned char)(first >> 8 * i);
        pair[8 + i] = (unsigned char)(second >> 8 * i);
    }
    if (write(record, pair, sizeof pair) != (ssize_t)sizeof pair)
        give_up("write the record", NULL);
}

uint64_t check_of(uint64_t id)
{
    return id ^ 0x5a5a5a5a5a5a5a;
}

callgate_writer *with_number(uint64_t number)
{
    callgate_writer *writer = callgate_writer_new();
    callgate_writer_arguments(writer);
    callgate_writer_uint(writer, number);
    return writer;
}

callgate_writer *with_id(uint64_t id)
{
    callgate_writer *writer = with_number(id);
    callgate_writer_uint(writer, check_of(id));
    return writer;
}

callgate_status call_number(const callgate_proxy *proxy, const char *method, uint64_t number,
                            uint64_t *result, callgate_error **error)
{
    callgate_buffer reply = {NULL, 0, NULL};
    callgate_reader reader;
    callgate_status status = call_with(proxy, method, with_number(number), NULL, &reply, error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_reader_init(&reader, reply.data, reply.length, error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_reader_uint64(&reader, result, error);
    callgate_buffer_free(&reply);
    return status;
}

void reply_number(callgate_call *call, uint64_t number, callgate_error *error)
{
    const void *data;
    size_t length;
    callgate_writer *writer = callgate_writer_new();
    callgate_writer_uint(writer, number);
    /* If the reply cannot be sent, so can no error. */
    if (error != NULL)
        callgate_call_fail_with(call, error, NULL);
    else if (callgate_writer_finish(writer, &data, &length, NULL) == CALLGATE_STATUS_OK)
        callgate_call_reply(call, data, length, NULL);
    callgate_writer_free(writer);
    callgate_error_free(error);
}
