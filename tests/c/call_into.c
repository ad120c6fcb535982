/* Calls into the program's memory: what fits is copied, what does not fit is lent, and malformed values are
 * refused. */
#include "pair.h"

#include <callgate_binding.h>

#define LARGE 10000

/* Replies to Echo with its argument unchanged, and to Nonsense with bytes that are not a value. */
static void invoke(void *user_data, callgate_call *call)
{
    char space[64];
    callgate_call_content content;
    (void)user_data;
    CHECK_ARGUMENT(callgate_call_read_into(call, NULL, 1, &content, &error));
    CHECK_ARGUMENT(callgate_call_read_into(call, space, sizeof space, NULL, &error));
    CHECK_OK(callgate_call_read_into(call, space, sizeof space, &content, &error));
    CHECK((content.arguments == space) == (content.arguments_length <= sizeof space));
    if (strcmp(content.method, "Nonsense") == 0) {
        CHECK_OK(callgate_call_reply(call, "\xc1", 1, &error));
    } else {
        CHECK(strcmp(content.method, "Echo") == 0);
        CHECK(*(const unsigned char *)content.arguments == 0x91);
        CHECK_OK(callgate_call_reply(call, (const char *)content.arguments + 1,
                                     content.arguments_length - 1, &error));
    }
    CHECK_ARGUMENT(callgate_call_read_into(call, space, sizeof space, &content, &error));
}

/* Sends `length` bytes there and back, with room for 100. */
static void check_echo(callgate_proxy *proxy, size_t length)
{
    static char value[LARGE];
    char space[100];
    const void *arguments;
    size_t arguments_length;
    callgate_buffer reply;
    callgate_writer *writer = callgate_writer_new();
    callgate_writer_array(writer, 1);
    callgate_writer_binary(writer, value, length);
    CHECK_OK(callgate_writer_finish(writer, &arguments, &arguments_length, &error));
    CHECK_OK(callgate_proxy_call_into(proxy, "Echo", arguments, arguments_length, NULL, space,
                                      sizeof space, &reply, &error));
    CHECK(reply.length == arguments_length - 1);
    CHECK(memcmp(reply.data, (const char *)arguments + 1, reply.length) == 0);
    CHECK((reply.data == space) == (reply.length <= sizeof space));
    callgate_buffer_free(&reply);
    CHECK(reply.data == NULL);
    callgate_writer_free(writer);
}

int main(int argc, char **argv)
{
    callgate_delegate delegate = {invoke, NULL, NULL};
    callgate_proxy *proxy;
    pair pair;
    callgate_buffer reply;
    char space[8];
    CHECK(argc == 2);
    pair = pair_start(argv[1], &delegate);
    proxy = pair.proxy;

    check_echo(proxy, 0);
    check_echo(proxy, 98); /* With its head of two bytes, exactly what there is room for. */
    check_echo(proxy, 99);
    check_echo(proxy, LARGE);
    CHECK_STATUS(CALLGATE_STATUS_CONTRACT_MISMATCH,
                 callgate_proxy_call_into(proxy, "Nonsense", NULL, 0, NULL, space, sizeof space,
                                          &reply, &error));
    CHECK_ARGUMENT(callgate_proxy_call_into(proxy, "Echo", NULL, 0, NULL, NULL, 1, &reply, &error));
    CHECK_ARGUMENT(callgate_proxy_call_into(proxy, "Echo", NULL, 0, NULL, space, sizeof space, NULL,
                                            &error));

    pair_end(&pair);
    return 0;
}
