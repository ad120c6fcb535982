/* The golden vectors of values: reads lines of bytes, in hexadecimal digits, and descriptions. The
 * conformance program's own functions describe values. */
#include "check.h"

#include "../conformance/c/values.c"

#define MOST 4096

static size_t from_hex(const char *digits, unsigned char *bytes)
{
    size_t length = 0;
    unsigned byte;
    while (sscanf(digits + 2 * length, "%2x", &byte) == 1)
        bytes[length++] = (unsigned char)byte;
    return length;
}

static void check_description(const callgate_reader *start, const char *expected)
{
    struct text text = {NULL, 0, 0};
    callgate_reader reader = *start;
    CHECK_OK(describe(&reader, &text, &error));
    CHECK(callgate_reader_at_end(&reader));
    if (strcmp(text.data, expected) != 0)
        fprintf(stderr, "%s instead of %s\n", text.data, expected);
    CHECK(strcmp(text.data, expected) == 0);
    text_free(&text);
}

/* Reads an integer as each type: it fits or fails; it never becomes another number. */
static void check_integer(const callgate_reader *start, const char *text)
{
    bool is_negative = text[0] == '-';
    int64_t least, number = 0;
    uint64_t most, large = 0;
    int32_t small = 0;
    uint32_t middle = 0;
    callgate_reader reader;
    least = is_negative ? strtoll(text, NULL, 10) : 0;
    most = is_negative ? 0 : strtoull(text, NULL, 10);

    reader = *start;
    CHECK_STATUS(least >= INT32_MIN && most <= INT32_MAX ? CALLGATE_STATUS_OK
                                                         : CALLGATE_STATUS_CONTRACT_MISMATCH,
                 callgate_reader_int32(&reader, &small, &error));
    CHECK(small == 0 || small == (is_negative ? least : (int64_t)most));
    reader = *start;
    CHECK_STATUS(most <= INT64_MAX ? CALLGATE_STATUS_OK : CALLGATE_STATUS_CONTRACT_MISMATCH,
                 callgate_reader_int64(&reader, &number, &error));
    CHECK(number == 0 || number == (is_negative ? least : (int64_t)most));
    reader = *start;
    CHECK_STATUS(!is_negative && most <= UINT32_MAX ? CALLGATE_STATUS_OK
                                                    : CALLGATE_STATUS_CONTRACT_MISMATCH,
                 callgate_reader_uint32(&reader, &middle, &error));
    CHECK(middle == 0 || middle == most);
    reader = *start;
    CHECK_STATUS(!is_negative ? CALLGATE_STATUS_OK : CALLGATE_STATUS_CONTRACT_MISMATCH,
                 callgate_reader_uint64(&reader, &large, &error));
    CHECK(large == 0 || large == most);
}

int main(void)
{
    char line[MOST];
    unsigned char bytes[MOST];
    int count = 0;
    for (; fgets(line, sizeof line, stdin) != NULL; count++) {
        callgate_reader reader;
        char *text = strchr(line, ' ');
        CHECK(text != NULL);
        *text++ = '\0';
        text[strcspn(text, "\n")] = '\0';
        CHECK_OK(callgate_reader_init(&reader, bytes, from_hex(line, bytes), &error));
        check_description(&reader, text);
        if (callgate_reader_type(&reader) == CALLGATE_TYPE_INTEGER)
            check_integer(&reader, text);
    }
    printf("%d vectors\n", count);
    return 0;
}
