/* Descriptions of interfaces: a host's, a proxy's, how they are compared, and what is no description. */
#include "latch.h"
#include "pair.h"

static latch ran = LATCH;

/* The description of ITest.Double, which takes and returns an integer of this format. */
static const char *described(const char *format)
{
    static char texts[2][512];
    static int next;
    char *text = texts[next++ % 2];
    snprintf(text, sizeof texts[0],
             "{\"openrpc\": \"1.3.2\", \"info\": {\"title\": \"ITest\", \"version\": \"1\"},"
             " \"methods\": [{\"name\": \"Double\","
             " \"params\": [{\"name\": \"n\", \"required\": true,"
             " \"schema\": {\"type\": \"integer\", \"format\": \"%s\"}}],"
             " \"result\": {\"name\": \"result\","
             " \"schema\": {\"type\": \"integer\", \"format\": \"int32\"}}}]}",
             format);
    return text;
}

static void invoke(void *user_data, callgate_call *call)
{
    (void)user_data;
    latch_count(&ran);
    CHECK_OK(callgate_call_reply(call, "\x2a", 1, &error));
}

static callgate_delegate delegate = {invoke, NULL, NULL};

static callgate_host *start_host(const char *endpoint, const char *format, bool silent)
{
    callgate_host *host = NULL;
    const char *text = described(format);
    callgate_host_options options = {0};
    options.struct_size = sizeof options;
    options.no_host_interface = silent;
    CHECK_OK(callgate_host_new(&options, &host, &error));
    CHECK_OK(callgate_host_add_endpoint(host, endpoint, &error));
    CHECK_OK(callgate_host_add_delegate_factory(host, pair_make_delegate, &delegate, NULL, &error));
    CHECK_OK(callgate_host_add_description(host, text, strlen(text), &error));
    CHECK_OK(callgate_host_add_interface_name(host, "IOther", &error));
    CHECK_ARGUMENT(callgate_host_add_interface_name(host, "callgate.Host", &error));
    CHECK_ARGUMENT(callgate_host_add_description(host, "{}", 2, &error));
    CHECK_OK(callgate_host_start(host, &error));
    CHECK_ARGUMENT(callgate_host_add_description(host, text, strlen(text), &error));
    CHECK_ARGUMENT(callgate_host_add_interface_name(host, "ILate", &error));
    return host;
}

static callgate_proxy *describe(callgate_client *client, const char *format)
{
    callgate_proxy *proxy = NULL;
    const char *text = described(format);
    CHECK_OK(callgate_proxy_new(client, "ITest", &proxy, &error));
    CHECK_OK(callgate_proxy_describe(proxy, text, strlen(text), &error));
    CHECK_ARGUMENT(callgate_proxy_describe(proxy, text, strlen(text), &error));
    return proxy;
}

static callgate_status call(callgate_proxy *proxy, callgate_error **error)
{
    return callgate_proxy_call(proxy, "Double", "\x91\x15", 2, NULL, NULL, error);
}

static void expect_mismatch(callgate_status status, callgate_error *error)
{
    const char *place = "ITest.Double, parameter 1 (n): int64 here, int32 at the host";
    CHECK(status == CALLGATE_STATUS_CONTRACT_MISMATCH);
    CHECK(callgate_error_execution(error) == CALLGATE_EXECUTION_NOT_RUN);
    CHECK(strstr(callgate_error_message(error, NULL), place) != NULL);
    callgate_error_free(error);
}

/* A proxy that fits calls; one that does not calls nothing, unless the host does not say what it serves. */
static void compare_with_host(const char *endpoint, bool silent)
{
    callgate_host *host = start_host(endpoint, "int32", silent);
    callgate_client *client = NULL;
    callgate_proxy *narrow, *wide;
    callgate_error *error = NULL;
    callgate_call_options options = {0};
    callgate_status status;
    int before = latch_now(&ran);
    options.struct_size = sizeof options;
    options.timeout_ms = PAIR_TIMEOUT;
    CHECK_OK(callgate_client_new(endpoint, NULL, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    narrow = describe(client, "int16");
    wide = describe(client, "int64");
    CHECK_OK(callgate_proxy_verify(narrow, &options, &error));
    if (silent) {
        CHECK_OK(callgate_proxy_verify(wide, &options, &error));
        CHECK_OK(call(wide, &error));
    } else {
        status = call(wide, &error);
        expect_mismatch(status, error);
        error = NULL;
        status = callgate_proxy_one_way(wide, "Double", "\x91\x15", 2, NULL, &error);
        expect_mismatch(status, error);
        error = NULL;
        status = callgate_proxy_verify(wide, &options, &error);
        expect_mismatch(status, error);
        CHECK(latch_now(&ran) == before);
    }
    CHECK_OK(call(narrow, &error));
    callgate_proxy_free(narrow);
    callgate_proxy_free(wide);
    CHECK_OK(callgate_client_close(client, PAIR_TIMEOUT, &error));
    callgate_client_free(client);
    CHECK_OK(callgate_host_close(host, PAIR_TIMEOUT, &error));
    callgate_host_free(host);
}

static void count_differences(void *user_data, const callgate_log_event *event)
{
    if (event->level == CALLGATE_LOG_ERROR && strcmp(event->interface_name, "ITest") == 0
        && event->status == CALLGATE_STATUS_CONTRACT_MISMATCH
        && strstr(event->message, "ITest.Double, parameter 1 (n): int64 here"))
        latch_count(user_data);
}

/* Whether and when a client compares is the client's choice. */
static void choose_when_to_compare(const char *endpoint)
{
    callgate_host *host = start_host(endpoint, "int32", false);
    callgate_client *client = NULL;
    callgate_proxy *wide;
    callgate_error *error = NULL;
    callgate_status status;
    callgate_client_options options = {0};
    latch logged = LATCH;
    int before = latch_now(&ran);
    options.struct_size = sizeof options;
    options.verify = CALLGATE_VERIFY_NEVER;
    CHECK_OK(callgate_client_new(endpoint, &options, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    wide = describe(client, "int64");
    CHECK_OK(call(wide, &error));
    CHECK(latch_now(&ran) == before + 1);
    status = callgate_proxy_verify(wide, NULL, &error);
    expect_mismatch(status, error);
    error = NULL;
    callgate_proxy_free(wide);
    callgate_client_free(client);

    options.verify = CALLGATE_VERIFY_WHEN_CONNECTING;
    options.log = count_differences;
    options.log_user_data = &logged;
    CHECK_OK(callgate_client_new(endpoint, &options, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    wide = describe(client, "int64");
    latch_wait(&logged, 1);
    status = call(wide, &error);
    expect_mismatch(status, error);
    CHECK(latch_now(&ran) == before + 1);
    callgate_proxy_free(wide);
    error = NULL;
    CHECK_OK(callgate_client_close(client, PAIR_TIMEOUT, &error));
    callgate_client_free(client);

    client = NULL;
    options.verify = CALLGATE_VERIFY_WHEN_CONNECTING + 1;
    CHECK_ARGUMENT(callgate_client_new(endpoint, &options, &client, &error));
    CHECK(client == NULL);
    CHECK_OK(callgate_host_close(host, PAIR_TIMEOUT, &error));
    callgate_host_free(host);
}

static void compare_texts(void)
{
    const char *narrow = described("int32"), *wide = described("int64");
    const char *difference = "ITest.Double, parameter 1 (n): int64 here, int32 at the host";
    size_t count = 7;
    callgate_buffer lines = {0};
    CHECK_OK(callgate_compare_descriptions(narrow, strlen(narrow), wide, strlen(wide), &count, &lines,
                                           &error));
    CHECK(count == 0 && lines.data == NULL && lines.length == 0 && lines.owner == NULL);
    CHECK_OK(callgate_compare_descriptions(wide, strlen(wide), narrow, strlen(narrow), &count, &lines,
                                           &error));
    CHECK(count == 1 && strcmp(lines.data, difference) == 0 && lines.length == strlen(difference));
    callgate_buffer_free(&lines);
    count = 0;
    CHECK_OK(callgate_compare_descriptions(wide, strlen(wide), narrow, strlen(narrow), &count, NULL,
                                           &error));
    CHECK(count == 1);
}

static void check_texts(void)
{
    const char *text = described("int32");
    const char *nameless = "{\"openrpc\": \"1.3.2\", \"info\": {}, \"methods\": []}";
    const char *broken = "{\"openrpc\": \"1.3.2\",\n \"info\": }";
    callgate_error *error = NULL;
    CHECK_OK(callgate_check_description(text, strlen(text), &error));
    CHECK_ARGUMENT(callgate_check_description(text, strlen(text) - 1, &error));
    CHECK_ARGUMENT(callgate_check_description("\xff", 1, &error));
    CHECK_ARGUMENT(callgate_check_description(NULL, 0, &error));
    CHECK(callgate_check_description(nameless, strlen(nameless), &error));
    CHECK(strstr(callgate_error_message(error, NULL), "'info.title'") != NULL);
    callgate_error_free(error);
    CHECK(callgate_check_description(broken, strlen(broken), &error));
    CHECK(strstr(callgate_error_message(error, NULL), "line 2 column 10") != NULL);
    callgate_error_free(error);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    compare_with_host(argv[1], false);
    compare_with_host(argv[1], true);
    choose_when_to_compare(argv[1]);
    compare_texts();
    check_texts();
    return 0;
}
