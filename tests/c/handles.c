/* Handles that were freed, are of another kind, or never existed. */
#include "check.h"

static void stale_handles(void)
{
    callgate_host *host = NULL, *next = NULL;
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    callgate_host_free(host);
    callgate_host_free(host);
    CHECK_HANDLE(callgate_host_start(host, &error));
    /* Even if its slot is reused. */
    CHECK_OK(callgate_host_new(NULL, &next, &error));
    CHECK(next != host);
    callgate_host_free(host);
    CHECK_HANDLE(callgate_host_close(host, 0, &error));
    CHECK_OK(callgate_host_close(next, 0, &error));
    callgate_host_free(next);
}

static void handles_of_another_kind(void)
{
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    CHECK_OK(callgate_client_new("pipe://nobody", NULL, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_proxy_new(client, "I", &proxy, &error));
    CHECK_HANDLE(callgate_host_start((callgate_host *)client, &error));
    CHECK_HANDLE(callgate_client_close((callgate_client *)proxy, 0, &error));
    callgate_writer_nil((callgate_writer *)proxy);
    CHECK(callgate_error_message((callgate_error *)proxy, NULL)[0] == 0);
    callgate_host_free((callgate_host *)proxy);
    CHECK(strcmp(callgate_proxy_interface(proxy, NULL), "I") == 0);

    /* The parent first: the proxy keeps it alive. */
    callgate_client_free(client);
    CHECK(strcmp(callgate_proxy_interface(proxy, NULL), "I") == 0);
    callgate_proxy_free(proxy);
    CHECK(callgate_proxy_interface(proxy, NULL)[0] == 0);
}

static void pointers_that_are_no_handles(void)
{
    int mine = 0;
    CHECK_HANDLE(callgate_host_start((callgate_host *)(void *)&mine, &error));
    CHECK_HANDLE(callgate_client_close((callgate_client *)(void *)"text", 0, &error));
    callgate_error_free((callgate_error *)(void *)&mine);
}

static void a_freed_token_is_none(void)
{
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    callgate_call_options options = {0};
    callgate_cancel_token *token = NULL;
    CHECK_OK(callgate_client_new("pipe://nobody", NULL, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_proxy_new(client, "I", &proxy, &error));
    CHECK_OK(callgate_cancel_token_new(&token, &error));
    options.struct_size = sizeof options;
    options.cancel = token;
    CHECK_OK(callgate_cancel_token_cancel(token, &error));
    CHECK_OK(callgate_cancel_token_cancel(token, &error));
    CHECK(callgate_cancel_token_is_cancelled(token));
    CHECK_STATUS(CALLGATE_STATUS_CANCELLED,
                 callgate_proxy_call(proxy, "M", NULL, 0, &options, NULL, &error));
    CHECK_STATUS(CALLGATE_STATUS_CANCELLED,
                 callgate_proxy_one_way(proxy, "M", NULL, 0, &options, &error));
    callgate_cancel_token_free(token);
    callgate_cancel_token_free(token);
    CHECK_HANDLE(callgate_cancel_token_cancel(token, &error));
    CHECK_HANDLE(callgate_proxy_call(proxy, "M", NULL, 0, &options, NULL, &error));
    options.cancel = (callgate_cancel_token *)proxy;
    CHECK_HANDLE(callgate_proxy_call(proxy, "M", NULL, 0, &options, NULL, &error));
    callgate_client_free(client);
    callgate_proxy_free(proxy);
}

static void causes_are_freed_with_their_error(void)
{
    callgate_client *client = NULL;
    callgate_error *error = NULL;
    const callgate_error *cause;
    callgate_status status;
    CHECK(callgate_client_new("pipe://nobody-listens-here", NULL, &client, NULL) == 0);
    CHECK(callgate_client_start(client, NULL) == 0);
    status = callgate_client_wait_connected(client, 300, &error);
    CHECK(status == CALLGATE_STATUS_TIMED_OUT);
    cause = callgate_error_cause(error);
    CHECK(cause != NULL && cause == callgate_error_cause(error));
    CHECK(callgate_error_status(cause) == CALLGATE_STATUS_CHANNEL_FAULTED);
    callgate_error_free(error);
    CHECK(callgate_error_status(cause) == CALLGATE_STATUS_OK);
    callgate_client_free(client);
}

/* What functions that cannot fail return for an invalid handle. */
static void fallbacks(void)
{
    size_t length = 7;
    CHECK(callgate_error_status(NULL) == CALLGATE_STATUS_OK);
    CHECK(callgate_error_execution(NULL) == CALLGATE_EXECUTION_NOT_RUN);
    CHECK(callgate_error_message(NULL, &length)[0] == 0 && length == 0);
    CHECK(callgate_error_data(NULL, NULL) == NULL);
    CHECK(callgate_error_os_code(NULL) == 0);
    CHECK(callgate_error_cause(NULL) == NULL);
    CHECK(callgate_host_endpoint_count(NULL) == 0);
    CHECK(callgate_connection_id(NULL) == 0);
    CHECK(!callgate_connection_is_same(NULL, NULL));
    CHECK(callgate_connection_generation(NULL) == 0);
    CHECK(!callgate_connection_is_open(NULL));
    CHECK(callgate_connection_peer_user(NULL, &length)[0] == 0 && length == 0);
    CHECK(callgate_connection_peer_user_name(NULL, &length)[0] == 0 && length == 0);
    CHECK(callgate_connection_peer_key(NULL, &length)[0] == 0 && length == 0);
    CHECK(callgate_connection_peer_common_name(NULL, &length)[0] == 0 && length == 0);
    CHECK(callgate_connection_peer_names(NULL, &length)[0] == 0 && length == 0);
    CHECK(callgate_connection_peer_uid(NULL) == -1);
    CHECK(callgate_connection_peer_gid(NULL) == -1);
    CHECK(callgate_connection_peer_pid(NULL) == -1);
    CHECK(callgate_call_arguments(NULL, NULL) == NULL);
    CHECK(!callgate_call_is_one_way(NULL));
    CHECK(callgate_call_time_left_ms(NULL) == CALLGATE_TIMEOUT_NOW);
    CHECK(callgate_call_is_cancelled(NULL));
    CHECK(!callgate_call_remove_on_cancelled(NULL, 1));
    CHECK(callgate_call_metadata_count(NULL) == 0);
    CHECK(callgate_call_connection(NULL) == NULL);
    CHECK(!callgate_cancel_token_is_cancelled(NULL));
    CHECK(callgate_reader_type(NULL) == CALLGATE_TYPE_NONE);
    CHECK(callgate_reader_at_end(NULL));
}

/* NULL is empty with the length 0, and an error with any other. */
static void null_with_a_length(void)
{
    callgate_host *host = NULL;
    callgate_connection *connection = NULL;
    callgate_error *made = NULL;
    callgate_error_parts parts = {sizeof parts, 0, 0, NULL, NULL, 1, NULL, 0, NULL, 0};
    callgate_writer *writer = callgate_writer_new();
    const void *data = NULL;
    size_t length = 0, count = 7;
    CHECK_ARGUMENT(callgate_error_new(&parts, &made, &error));
    CHECK(made == NULL);
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_ARGUMENT(callgate_host_connections(host, NULL, 1, &count, &error));
    CHECK(count == 7);
    CHECK_OK(callgate_host_connections(host, NULL, 0, &count, &error));
    CHECK_OK(callgate_host_connections(host, &connection, 1, &count, &error));
    CHECK(connection == NULL && count == 0);
    CHECK_ARGUMENT(callgate_check_value(NULL, 0, &error));
    CHECK_ARGUMENT(callgate_check_value(NULL, 1, &error));
    callgate_writer_string_n(writer, NULL, 0);
    CHECK_OK(callgate_writer_finish(writer, &data, &length, &error));
    callgate_writer_reset(writer);
    callgate_writer_string_n(writer, NULL, 1);
    CHECK_ARGUMENT(callgate_writer_finish(writer, &data, &length, &error));
    callgate_writer_free(writer);
    callgate_host_free(host);
}

static callgate_call *lent, *deferred;

/* Leaves a lent handle, and an owned one, to a program that misuses them. */
static void answer_later(void *user_data, callgate_call *call)
{
    (void)user_data;
    lent = call;
    CHECK_OK(callgate_call_defer(call, &deferred, &error));
    CHECK(!callgate_call_is_cancelled(deferred));
    CHECK_OK(callgate_call_reply(deferred, NULL, 0, &error));
}

static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)interface_name, (void)connection, (void)error;
    delegate->invoke = answer_later;
    return CALLGATE_STATUS_OK;
}

/* A worker that runs until its call is cancelled. If that never ends, the test's watchdog does. */
static void work_until_cancelled(const callgate_call *call)
{
    while (!callgate_call_is_cancelled(call))
        ;
    CHECK(callgate_call_wait_cancelled(call, CALLGATE_TIMEOUT_NONE));
}

static void nobody_waits_for_what_a_stale_handle_stands_for(const char *endpoint)
{
    callgate_host *host = NULL;
    callgate_client *client = NULL;
    callgate_proxy *proxy = NULL;
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_OK(callgate_host_add_endpoint(host, endpoint, &error));
    CHECK_OK(callgate_host_add_delegate_factory(host, make_delegate, NULL, NULL, &error));
    CHECK_OK(callgate_host_start(host, &error));
    CHECK_OK(callgate_client_new(endpoint, NULL, &client, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_proxy_new(client, "I", &proxy, &error));
    CHECK_OK(callgate_proxy_call(proxy, "M", NULL, 0, NULL, NULL, &error));
    CHECK_OK(callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error));
    CHECK_OK(callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, &error));
    work_until_cancelled(deferred); /* Answered, and not freed. */
    work_until_cancelled(lent);
    callgate_call_free(deferred);
    work_until_cancelled(deferred);
    work_until_cancelled(NULL);
    callgate_proxy_free(proxy);
    callgate_client_free(client);
    callgate_host_free(host);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    nobody_waits_for_what_a_stale_handle_stands_for(argv[1]);
    stale_handles();
    handles_of_another_kind();
    pointers_that_are_no_handles();
    a_freed_token_is_none();
    causes_are_freed_with_their_error();
    fallbacks();
    null_with_a_length();
    return 0;
}
