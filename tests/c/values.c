/* Values of every type, there and back; and bytes that are not a value. */
#include "check.h"

#include <stdint.h>

#define CHECK_MISMATCH(expression) CHECK_STATUS(CALLGATE_STATUS_CONTRACT_MISMATCH, expression)

static const int64_t moments[][2] = {{0, 0}, {4294967295, 0}, {1, 5}, {17179869183, 999999999},
                                     {17179869184, 0}, {-1, 1}, {INT64_MIN, 0}};

static void write_all(callgate_writer *writer)
{
    size_t i;
    callgate_writer_array(writer, 11);
    callgate_writer_nil(writer);
    callgate_writer_bool(writer, true);
    callgate_writer_int(writer, INT64_MIN);
    callgate_writer_uint(writer, UINT64_MAX);
    callgate_writer_float(writer, 0.5f);
    callgate_writer_double(writer, 0.1);
    callgate_writer_string(writer, "text");
    callgate_writer_string_n(writer, "a\0b", 3);
    callgate_writer_binary(writer, "\xff\x00", 2);
    callgate_writer_map(writer, 1);
    callgate_writer_string(writer, "moments");
    callgate_writer_array(writer, 7);
    for (i = 0; i < 7; i++)
        callgate_writer_timestamp(writer, moments[i][0], (uint32_t)moments[i][1]);
    callgate_writer_raw(writer, "\x90", 1);
}

static void there_and_back(void)
{
    callgate_writer *writer = callgate_writer_new();
    const void *data = NULL;
    size_t length = 0, count = 0, i;
    callgate_reader reader;
    bool truth = false;
    int64_t number = 0;
    uint64_t large = 0;
    uint32_t nanoseconds = 0;
    double real = 0;
    const char *text = NULL;

    write_all(writer);
    CHECK_OK(callgate_writer_finish(writer, &data, &length, &error));
    CHECK_OK(callgate_check_value(data, length, &error));
    CHECK_OK(callgate_reader_init(&reader, data, length, &error));
    CHECK(callgate_reader_type(&reader) == CALLGATE_TYPE_ARRAY);
    CHECK_OK(callgate_reader_array(&reader, &count, &error));
    CHECK(count == 11);
    CHECK_OK(callgate_reader_nil(&reader, &error));
    CHECK_OK(callgate_reader_bool(&reader, &truth, &error));
    CHECK(truth);
    CHECK_MISMATCH(callgate_reader_uint64(&reader, &large, &error));
    CHECK_OK(callgate_reader_int64(&reader, &number, &error));
    CHECK(number == INT64_MIN);
    CHECK_MISMATCH(callgate_reader_int64(&reader, &number, &error));
    CHECK(number == INT64_MIN);
    CHECK_OK(callgate_reader_uint64(&reader, &large, &error));
    CHECK(large == UINT64_MAX);
    CHECK_OK(callgate_reader_double(&reader, &real, &error));
    CHECK(real == 0.5);
    CHECK_OK(callgate_reader_double(&reader, &real, &error));
    CHECK(real == 0.1);
    CHECK_OK(callgate_reader_string(&reader, &text, &length, &error));
    CHECK(length == 4 && memcmp(text, "text", 4) == 0);
    CHECK_OK(callgate_reader_string(&reader, &text, &length, &error));
    CHECK(length == 3 && memcmp(text, "a\0b", 3) == 0);
    CHECK_OK(callgate_reader_binary(&reader, &data, &length, &error));
    CHECK(length == 2 && memcmp(data, "\xff\x00", 2) == 0);
    CHECK_OK(callgate_reader_map(&reader, &count, &error));
    CHECK(count == 1);
    CHECK_OK(callgate_reader_skip(&reader, &error));
    CHECK_OK(callgate_reader_array(&reader, &count, &error));
    CHECK(count == 7 && callgate_reader_type(&reader) == CALLGATE_TYPE_TIMESTAMP);
    for (i = 0; i < count; i++) {
        CHECK_OK(callgate_reader_timestamp(&reader, &number, &nanoseconds, &error));
        CHECK(number == moments[i][0] && nanoseconds == moments[i][1]);
    }
    CHECK_OK(callgate_reader_raw(&reader, &data, &length, &error));
    CHECK(length == 1 && memcmp(data, "\x90", 1) == 0);
    CHECK(callgate_reader_at_end(&reader));
    CHECK(callgate_reader_type(&reader) == CALLGATE_TYPE_NONE);
    CHECK_MISMATCH(callgate_reader_skip(&reader, &error));
    CHECK_MISMATCH(callgate_reader_nil(&reader, &error));
    callgate_writer_free(writer);
}

static void integers_that_do_not_fit(void)
{
    callgate_writer *writer = callgate_writer_new();
    callgate_reader reader;
    const void *data = NULL;
    size_t length = 0;
    int32_t small = 7;
    double real = 7;
    callgate_writer_int(writer, (int64_t)1 << 60);
    CHECK_OK(callgate_writer_finish(writer, &data, &length, &error));
    CHECK_OK(callgate_reader_init(&reader, data, length, &error));
    CHECK_MISMATCH(callgate_reader_int32(&reader, &small, &error));
    CHECK_MISMATCH(callgate_reader_double(&reader, &real, &error));
    CHECK(small == 7 && real == 7);

    callgate_writer_reset(writer);
    callgate_writer_int(writer, -3);
    CHECK_OK(callgate_writer_finish(writer, &data, &length, &error));
    CHECK_OK(callgate_reader_init(&reader, data, length, &error));
    CHECK_MISMATCH(callgate_reader_uint32(&reader, NULL, &error));
    CHECK_OK(callgate_reader_double(&reader, &real, &error));
    CHECK(real == -3);
    callgate_writer_free(writer);
}

/* Writes something into a new writer, and checks that it is refused in the end. */
#define CHECK_REFUSED(expected, things)                                    \
    do {                                                                   \
        const void *data = NULL;                                           \
        size_t length = 0;                                                 \
        callgate_writer_reset(writer);                                     \
        things;                                                            \
        CHECK_STATUS(expected, callgate_writer_finish(writer, &data, &length, &error)); \
        CHECK(data == NULL && length == 0);                                \
    } while (0)

/* Argument lists of every length, in MessagePack's shortest forms. */
static void lists_of_arguments(void)
{
    static const size_t counts[] = {0, 1, 15, 16, 300, 65535};
    callgate_writer *writer = callgate_writer_new();
    callgate_writer *counted = callgate_writer_new();
    const void *data = NULL, *expected = NULL;
    size_t length = 0, expected_length = 0, i, each;
    for (i = 0; i < sizeof counts / sizeof *counts; i++) {
        callgate_writer_reset(writer);
        callgate_writer_reset(counted);
        callgate_writer_arguments(writer);
        callgate_writer_array(counted, counts[i]);
        for (each = 0; each < counts[i]; each++) {
            callgate_writer_array(writer, 1);
            callgate_writer_int(writer, (int64_t)each);
            callgate_writer_array(counted, 1);
            callgate_writer_int(counted, (int64_t)each);
        }
        CHECK_OK(callgate_writer_finish(writer, &data, &length, &error));
        CHECK_OK(callgate_writer_finish(counted, &expected, &expected_length, &error));
        CHECK(length == expected_length && memcmp(data, expected, length) == 0);
        CHECK_OK(callgate_writer_finish(writer, &data, &length, &error));
        CHECK(length == expected_length && memcmp(data, expected, length) == 0);
        callgate_writer_nil(writer);
        CHECK_ARGUMENT(callgate_writer_finish(writer, &data, &length, &error));
    }
    callgate_writer_free(writer);
    callgate_writer_free(counted);
}

static void mistakes_of_writing(void)
{
    callgate_writer *writer = callgate_writer_new();
    int i;
    CHECK_REFUSED(CALLGATE_STATUS_INVALID_ARGUMENT, (void)0);
    CHECK_REFUSED(CALLGATE_STATUS_INVALID_ARGUMENT, callgate_writer_array(writer, 1));
    CHECK_REFUSED(CALLGATE_STATUS_INVALID_ARGUMENT, {
        callgate_writer_map(writer, 1);
        callgate_writer_nil(writer);
    });
    CHECK_REFUSED(CALLGATE_STATUS_INVALID_ARGUMENT, {
        callgate_writer_array(writer, 0);
        callgate_writer_nil(writer);
    });
    CHECK_REFUSED(CALLGATE_STATUS_INVALID_ARGUMENT, {
        callgate_writer_array(writer, 1);
        callgate_writer_arguments(writer);
    });
    CHECK_REFUSED(CALLGATE_STATUS_INVALID_ARGUMENT, {
        callgate_writer_arguments(writer);
        callgate_writer_array(writer, 1);
    });
    CHECK_REFUSED(CALLGATE_STATUS_INVALID_ARGUMENT, {
        callgate_writer_arguments(writer);
        for (i = 0; i < 65536; i++)
            callgate_writer_nil(writer);
    });
    CHECK_REFUSED(CALLGATE_STATUS_INVALID_ARGUMENT, callgate_writer_array(writer, SIZE_MAX));
    CHECK_REFUSED(CALLGATE_STATUS_INVALID_ARGUMENT, callgate_writer_string(writer, "\xff"));
    CHECK_REFUSED(CALLGATE_STATUS_INVALID_ARGUMENT, callgate_writer_binary(writer, "", SIZE_MAX));
    CHECK_REFUSED(CALLGATE_STATUS_INVALID_ARGUMENT, callgate_writer_raw(writer, "\xc1", 1));
    CHECK_REFUSED(CALLGATE_STATUS_INVALID_ARGUMENT, callgate_writer_raw(writer, "\x01\x02", 2));
    CHECK_REFUSED(CALLGATE_STATUS_INVALID_ARGUMENT, callgate_writer_timestamp(writer, 0, 1000000000));
    CHECK_REFUSED(CALLGATE_STATUS_LIMIT_EXCEEDED, {
        for (i = 0; i < 65; i++)
            callgate_writer_array(writer, 1);
    });
    callgate_writer_free(writer);
}

static void bytes_that_are_no_value(void)
{
    callgate_reader reader;
    callgate_reader garbage;
    char deep[66];
    memset(deep, '\x91', sizeof deep);
    deep[65] = '\xc0';
    CHECK_ARGUMENT(callgate_check_value(deep, sizeof deep, &error));
    CHECK_OK(callgate_check_value(deep + 1, sizeof deep - 1, &error));
    CHECK_MISMATCH(callgate_reader_init(&reader, deep, sizeof deep, &error));
    CHECK_MISMATCH(callgate_reader_init(&reader, "\xdd\xff\xff\xff\xff", 5, &error));
    CHECK_MISMATCH(callgate_reader_init(&reader, "\xc0\xc0", 2, &error));
    CHECK_MISMATCH(callgate_reader_init(&reader, "", 0, &error));

    /* Bytes that change while they are read, and a reader beyond its end. */
    CHECK_OK(callgate_reader_init(&reader, deep + 1, sizeof deep - 1, &error));
    memset(deep, '\xdb', sizeof deep);
    CHECK_MISMATCH(callgate_reader_string(&reader, NULL, NULL, &error));
    CHECK_MISMATCH(callgate_reader_skip(&reader, &error));
    garbage = reader;
    garbage.position = garbage.length + 1;
    CHECK_ARGUMENT(callgate_reader_skip(&garbage, &error));
}

int main(void)
{
    there_and_back();
    integers_that_do_not_fit();
    lists_of_arguments();
    mistakes_of_writing();
    bytes_that_are_no_value();
    return 0;
}
