/* A relay that spoils the connection of a client on purpose. */
#include "pair.h"

#include <callgate_testing.h>

static void invoke(void *user_data, callgate_call *call)
{
    (void)user_data;
    CHECK_OK(callgate_call_reply(call, NULL, 0, &error));
}

static callgate_status call(callgate_proxy *proxy)
{
    return callgate_proxy_call(proxy, "Do", NULL, 0, NULL, NULL, NULL);
}

int main(int argc, char **argv)
{
    callgate_delegate delegate = {invoke, NULL, NULL};
    callgate_faults faults = {0};
    callgate_relay *relay = NULL, *second = NULL;
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    char host[100];
    int failed = 0, calls;
    pair pair;

    CHECK(argc == 2);
    snprintf(host, sizeof host, "%s-host", argv[1]);
    pair = pair_start(host, &delegate);

    faults.struct_size = sizeof faults;
    faults.seed = 1;
    faults.cut_min = faults.cut_max = 700;
    faults.connections = 1;
    faults.direction = CALLGATE_DIRECTION_TO_HOST;
    CHECK_OK(callgate_relay_start(argv[1], host, &faults, &relay, &error));
    CHECK(strcmp(callgate_relay_endpoint(relay, NULL), argv[1]) == 0);
    CHECK_STATUS(CALLGATE_STATUS_ADDRESS_IN_USE,
                 callgate_relay_start(argv[1], host, NULL, &second, &error));

    CHECK_OK(callgate_client_new(argv[1], NULL, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_client_wait_connected(client, PAIR_TIMEOUT, &error));
    CHECK_OK(callgate_proxy_new(client, "ITest", &proxy, &error));
    for (calls = 0; calls < 100; calls++)
        failed += call(proxy) != CALLGATE_STATUS_OK;
    CHECK(failed == 1);
    CHECK(callgate_relay_connection_count(relay) == 2);

    CHECK_OK(callgate_relay_cut(relay, &error));
    for (calls = 0; calls < 3; calls++)
        failed += call(proxy) != CALLGATE_STATUS_OK;
    CHECK(failed <= 2);

    faults.lose_min = 2;
    faults.lose_max = 1;
    CHECK_ARGUMENT(callgate_relay_set_faults(relay, &faults, &error));
    faults.lose_min = 0;
    faults.direction = 3;
    CHECK_ARGUMENT(callgate_relay_set_faults(relay, &faults, &error));
    CHECK_OK(callgate_relay_set_faults(relay, NULL, &error));

    callgate_proxy_free(proxy);
    CHECK_OK(callgate_client_close(client, PAIR_TIMEOUT, &error));
    callgate_client_free(client);
    callgate_relay_free(relay);
    callgate_relay_free(relay);
    callgate_relay_free(NULL);
    CHECK(callgate_relay_connection_count(relay) == 0);
    CHECK_HANDLE(callgate_relay_cut(relay, &error));
    pair_end(&pair);
    return 0;
}
