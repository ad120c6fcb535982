/* Large frames in parts: what a client offers to a host, by default and when its limits say no. */
#include "check.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_somewhere(char endpoint[64])
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 1) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    snprintf(endpoint, 64, "tcp://127.0.0.1:%d", ntohs(address.sin_port));
    return listener;
}

/* Reads a client's whole hello, which is short. */
static size_t read_hello(int listener, char *hello, size_t capacity)
{
    uint32_t length = 0;
    int stream = accept(listener, NULL, NULL);
    CHECK(stream >= 0 && recv(stream, &length, 4, MSG_WAITALL) == 4 && length <= capacity);
    CHECK(recv(stream, hello, length, MSG_WAITALL) == (ssize_t)length);
    close(stream);
    return length;
}

static bool offers_parts(uint8_t no_parts)
{
    char endpoint[64], hello[4096];
    callgate_limits limits = {0};
    callgate_client_options options = {0};
    callgate_client *client = NULL;
    size_t length, i;
    bool offers = false;
    int listener = listen_somewhere(endpoint);
    limits.struct_size = sizeof limits;
    limits.no_parts = no_parts;
    options.struct_size = sizeof options;
    options.limits = &limits;
    CHECK_OK(callgate_client_new(endpoint, &options, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    length = read_hello(listener, hello, sizeof hello);
    for (i = 0; i + 6 <= length; i++)
        offers = offers || memcmp(hello + i, "\xa5parts", 6) == 0;
    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    callgate_client_free(client);
    close(listener);
    return offers;
}

int main(void)
{
    CHECK(offers_parts(0));
    CHECK(!offers_parts(1));
    return 0;
}
