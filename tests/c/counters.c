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

int main(int argc, char **argv)
{
    pair pair;
    callgate_buffer text = {0};
    callgate_host *unstarted = NULL;
    CHECK(argc == 2);
    CHECK_OK(callgate_host_new(NULL, &unstarted, &error));
    CHECK_ARGUMENT(callgate_host_counters(unstarted, &text, &error));
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
    pair_end(&pair);
    return 0;
}
