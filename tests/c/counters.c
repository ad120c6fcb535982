/* What a host and a client have counted, as text. */
#include "pair.h"

static void invoke(void *user_data, callgate_call *call)
{
    (void)user_data;
    CHECK_OK(callgate_call_reply(call, NULL, 0, &error));
}

static callgate_delegate delegate = {invoke, NULL, NULL};

static void expect(const callgate_buffer *text, const char *line)
{
    CHECK(strlen(text->data) == text->length);
    CHECK(strstr(text->data, line) != NULL);
    CHECK(strcmp((const char *)text->data + text->length - 6, "# EOF\n") == 0);
}

/* The number under a key of a map. */
static int64_t number_under(callgate_reader *reader, const char *wanted)
{
    int64_t number = -1;
    size_t count = 0;
    CHECK_OK(callgate_reader_map(reader, &count, &error));
    while (count-- > 0) {
        const char *key = NULL;
        size_t length = 0;
        CHECK_OK(callgate_reader_string(reader, &key, &length, &error));
        if (length == strlen(wanted) && memcmp(key, wanted, length) == 0)
            CHECK_OK(callgate_reader_int64(reader, &number, &error));
        else
            CHECK_OK(callgate_reader_skip(reader, &error));
    }
    return number;
}

/* The same as values. */
static void expect_values(const pair *pair)
{
    callgate_buffer values = {0};
    callgate_reader reader;
    CHECK_OK(callgate_host_counter_values(pair->host, &values, &error));
    CHECK_OK(callgate_reader_init(&reader, values.data, values.length, &error));
    CHECK(number_under(&reader, "connections_established") == 1);
    callgate_buffer_free(&values);
    CHECK_OK(callgate_client_counter_values(pair->client, &values, &error));
    CHECK_OK(callgate_reader_init(&reader, values.data, values.length, &error));
    CHECK(number_under(&reader, "connections") == 1);
    callgate_buffer_free(&values);
}

int main(int argc, char **argv)
{
    pair pair;
    callgate_buffer text = {0};
    callgate_host *unstarted = NULL;
    CHECK(argc == 2);
    CHECK_OK(callgate_host_new(NULL, &unstarted, &error));
    CHECK_ARGUMENT(callgate_host_counters(unstarted, &text, &error));
    CHECK_ARGUMENT(callgate_host_counter_values(unstarted, &text, &error));
    callgate_host_free(unstarted);
    CHECK(text.data == NULL && text.length == 0);

    pair = pair_start(argv[1], &delegate);
    CHECK_OK(callgate_proxy_call(pair.proxy, "M", NULL, 0, NULL, NULL, &error));
    CHECK_OK(callgate_proxy_call(pair.proxy, "M", NULL, 0, NULL, NULL, &error));
    CHECK_OK(callgate_host_counters(pair.host, &text, &error));
    expect(&text, "\ncallgate_calls_total{direction=\"served\",kind=\"with_reply\"} 2\n");
    expect(&text, "\ncallgate_connections 1\n");
    callgate_buffer_free(&text);
    CHECK_OK(callgate_client_counters(pair.client, &text, &error));
    expect(&text, "\ncallgate_calls_total{direction=\"made\",kind=\"with_reply\"} 2\n");
    callgate_buffer_free(&text);
    expect_values(&pair);
    pair_end(&pair);
    return 0;
}
