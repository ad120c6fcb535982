/* NULL for every pointer of every function: a status, a fallback value, or nothing; never a crash. */
#include "check.h"

#include <callgate_binding.h>

static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)interface_name, (void)connection, (void)delegate, (void)error;
    return CALLGATE_STATUS_OK;
}

static callgate_status make_duplex(void *user_data, callgate_connection *connection,
                                   callgate_proxy *callback, callgate_delegate *delegate,
                                   callgate_error **error)
{
    (void)user_data, (void)connection, (void)callback, (void)delegate, (void)error;
    return CALLGATE_STATUS_OK;
}

static void serve(void *user_data, callgate_call *call)
{
    (void)user_data, (void)call;
}

static void cancelled(void *user_data)
{
    (void)user_data;
}

static void connected(void *user_data, callgate_connection *connection)
{
    (void)user_data, (void)connection;
}

static void disconnected(void *user_data, callgate_connection *connection,
                         const callgate_error *reason)
{
    (void)user_data, (void)connection, (void)reason;
}

static callgate_status initialise(void *user_data, callgate_proxy *proxy, callgate_error **error)
{
    (void)user_data, (void)proxy, (void)error;
    return CALLGATE_STATUS_OK;
}

static void errors_and_buffers(void)
{
    callgate_error *made = NULL;
    callgate_error_parts parts = {sizeof parts, 0, 0, NULL, NULL, 0, NULL, 0, NULL, 0};
    size_t length = 7;
    CHECK(callgate_error_status(NULL) == CALLGATE_STATUS_OK);
    CHECK(callgate_error_execution(NULL) == CALLGATE_EXECUTION_NOT_RUN);
    CHECK(callgate_error_message(NULL, &length)[0] == 0 && length == 0);
    CHECK(callgate_error_message(NULL, NULL)[0] == 0);
    CHECK(callgate_error_description(NULL, NULL)[0] == 0);
    CHECK(callgate_error_type_name(NULL, NULL)[0] == 0);
    CHECK(callgate_error_trace(NULL, NULL)[0] == 0);
    CHECK(callgate_error_data(NULL, NULL) == NULL);
    CHECK(callgate_error_os_code(NULL) == 0);
    CHECK(callgate_error_cause(NULL) == NULL);
    CHECK_ARGUMENT(callgate_error_new(NULL, &made, &error));
    CHECK_ARGUMENT(callgate_error_new(&parts, NULL, &error));
    parts.message_length = 1;
    CHECK_ARGUMENT(callgate_error_new(&parts, &made, &error));
    CHECK(made == NULL);
    callgate_error_free(NULL);
    callgate_buffer_free(NULL);
}

static void hosts(void)
{
    callgate_host *host = NULL;
    callgate_connection *connection = NULL;
    size_t count = 7;
    CHECK_ARGUMENT(callgate_host_new(NULL, NULL, &error));
    CHECK_OK(callgate_host_new(NULL, &host, &error));
    CHECK_ARGUMENT(callgate_host_add_endpoint(host, NULL, &error));
    CHECK_HANDLE(callgate_host_add_endpoint(NULL, "pipe://name", &error));
    CHECK_ARGUMENT(callgate_host_add_delegate_factory(host, NULL, NULL, NULL, &error));
    CHECK_HANDLE(callgate_host_add_delegate_factory(NULL, make_delegate, NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_host_add_client_connected_handler(host, NULL, NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_host_add_client_disconnected_handler(host, NULL, NULL, NULL, &error));
    CHECK_HANDLE(callgate_host_add_interface_alias(NULL, "Old.", "I", &error));
    CHECK_ARGUMENT(callgate_host_add_interface_alias(host, NULL, "I", &error));
    CHECK_HANDLE(callgate_host_add_ordered_interface(NULL, "I", &error));
    CHECK_ARGUMENT(callgate_host_add_ordered_interface(host, NULL, &error));
    CHECK_ARGUMENT(callgate_host_add_interface_alias(host, "Old.", NULL, &error));
    CHECK_HANDLE(callgate_host_add_duplex_delegate_factory(NULL, "I", "IBack", make_duplex, NULL, NULL,
                                                           &error));
    CHECK_ARGUMENT(callgate_host_add_duplex_delegate_factory(host, NULL, "IBack", make_duplex, NULL,
                                                             NULL, &error));
    CHECK_ARGUMENT(callgate_host_add_duplex_delegate_factory(host, "I", NULL, make_duplex, NULL, NULL,
                                                             &error));
    CHECK_ARGUMENT(callgate_host_add_duplex_delegate_factory(host, "I", "IBack", NULL, NULL, NULL,
                                                             &error));
    CHECK_HANDLE(callgate_host_start(NULL, &error));
    CHECK(callgate_host_start(NULL, NULL) == CALLGATE_STATUS_INVALID_HANDLE);
    CHECK(callgate_host_endpoint_count(NULL) == 0);
    CHECK(callgate_host_endpoint(NULL, 0, NULL)[0] == 0);
    CHECK_HANDLE(callgate_host_connections(NULL, &connection, 1, &count, &error));
    CHECK_ARGUMENT(callgate_host_connections(host, NULL, 1, &count, &error));
    CHECK_ARGUMENT(callgate_host_connections(host, &connection, 1, NULL, &error));
    CHECK(connection == NULL && count == 7);
    CHECK_OK(callgate_host_connections(host, &connection, 1, &count, &error));
    CHECK(connection == NULL && count == 0);
    CHECK_HANDLE(callgate_host_close(NULL, 0, &error));
    CHECK_HANDLE(callgate_host_wait(NULL, 0, &error));
    callgate_host_free(NULL);
    callgate_host_free(host);
}

static void connections(void)
{
    callgate_connection *connection = NULL;
    callgate_proxy *proxy = NULL;
    CHECK(callgate_connection_id(NULL) == 0);
    CHECK(!callgate_connection_is_same(NULL, NULL));
    CHECK(callgate_connection_generation(NULL) == 0);
    CHECK(!callgate_connection_is_open(NULL));
    CHECK(callgate_connection_peer_uid(NULL) == -1);
    CHECK(callgate_connection_peer_gid(NULL) == -1);
    CHECK(callgate_connection_peer_pid(NULL) == -1);
    CHECK(callgate_connection_peer_address(NULL, NULL)[0] == 0);
    CHECK_HANDLE(callgate_connection_flush(NULL, 0, &error));
    CHECK_HANDLE(callgate_connection_close(NULL, &error));
    CHECK_HANDLE(callgate_connection_clone(NULL, &connection, &error));
    CHECK_ARGUMENT(callgate_connection_clone(NULL, NULL, &error));
    CHECK_HANDLE(callgate_connection_proxy(NULL, "I", &proxy, &error));
    callgate_connection_free(NULL);
}

static void calls(void)
{
    callgate_call *deferred = NULL;
    callgate_call_content content;
    callgate_reader reader;
    CHECK(callgate_call_interface(NULL, NULL)[0] == 0);
    CHECK(callgate_call_method(NULL, NULL)[0] == 0);
    CHECK(callgate_call_signature(NULL, NULL)[0] == 0);
    CHECK(callgate_call_arguments(NULL, NULL) == NULL);
    CHECK_HANDLE(callgate_call_read_into(NULL, NULL, 0, &content, &error));
    callgate_fast_invoke(NULL, NULL);
    callgate_thread_buffer(NULL, 1);
    CHECK(!callgate_call_is_one_way(NULL));
    CHECK(callgate_call_time_left_ms(NULL) == CALLGATE_TIMEOUT_NOW);
    CHECK(callgate_call_is_cancelled(NULL));
    CHECK(callgate_call_wait_cancelled(NULL, CALLGATE_TIMEOUT_NONE));
    CHECK_HANDLE(callgate_call_on_cancelled(NULL, cancelled, NULL, NULL, NULL, &error));
    CHECK(!callgate_call_remove_notice(NULL, 1));
    CHECK(callgate_call_metadata_count(NULL) == 0);
    CHECK(callgate_call_metadata_key(NULL, 0, NULL)[0] == 0);
    CHECK(callgate_call_metadata_value(NULL, 0, NULL)[0] == 0);
    CHECK(callgate_call_connection(NULL) == NULL);
    CHECK_HANDLE(callgate_call_reply(NULL, NULL, 0, &error));
    CHECK_ARGUMENT(callgate_call_reply(NULL, NULL, 1, &error));
    CHECK_ARGUMENT(callgate_call_fail(NULL, "type", NULL, &error));
    CHECK_HANDLE(callgate_call_fail(NULL, NULL, "message", &error));
    CHECK_HANDLE(callgate_call_fail_with(NULL, NULL, &error));
    CHECK_HANDLE(callgate_call_fail_no_such_method(NULL, &error));
    CHECK_HANDLE(callgate_call_defer(NULL, &deferred, &error));
    CHECK_ARGUMENT(callgate_call_defer(NULL, NULL, &error));
    CHECK_HANDLE(callgate_call_read_arguments(NULL, 0, &reader, &error));
    CHECK_ARGUMENT(callgate_call_read_arguments(NULL, 0, NULL, &error));
    callgate_call_free(NULL);
}

static void clients(void)
{
    callgate_client *client = NULL;
    callgate_connection *connection = NULL;
    callgate_proxy *proxy = NULL;
    callgate_buffer reply;
    CHECK_ARGUMENT(callgate_client_new(NULL, NULL, &client, &error));
    CHECK_ARGUMENT(callgate_client_new("pipe://nobody", NULL, NULL, &error));
    CHECK_HANDLE(callgate_client_add_interface_alias(NULL, "Old.", "I", &error));
    CHECK_HANDLE(callgate_client_add_callback_handler(NULL, "I", serve, NULL, NULL, &error));
    CHECK_HANDLE(callgate_client_add_delegate_factory(NULL, make_delegate, NULL, NULL, &error));
    CHECK_HANDLE(callgate_client_start(NULL, &error));
    CHECK_HANDLE(callgate_client_wait_connected(NULL, 0, &error));
    CHECK_HANDLE(callgate_client_set_connection_timeout(NULL, 0, &error));
    CHECK_HANDLE(callgate_client_connection(NULL, &connection, &error));
    CHECK_HANDLE(callgate_client_add_connected_handler(NULL, connected, NULL, NULL, &error));
    CHECK_HANDLE(callgate_client_add_reconnected_handler(NULL, connected, NULL, NULL, &error));
    CHECK_HANDLE(callgate_client_add_disconnected_handler(NULL, disconnected, NULL, NULL, &error));
    CHECK_HANDLE(callgate_client_flush(NULL, 0, &error));
    CHECK_HANDLE(callgate_client_close(NULL, 0, &error));
    CHECK_HANDLE(callgate_client_wait(NULL, 0, &error));
    callgate_client_free(NULL);

    CHECK_OK(callgate_client_new("pipe://nobody", NULL, &client, &error));
    CHECK_ARGUMENT(callgate_client_add_interface_alias(client, NULL, "I", &error));
    CHECK_ARGUMENT(callgate_client_add_interface_alias(client, "Old.", NULL, &error));
    CHECK_ARGUMENT(callgate_client_add_callback_handler(client, NULL, serve, NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_client_add_callback_handler(client, "I", NULL, NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_client_add_delegate_factory(client, NULL, NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_client_add_connected_handler(client, NULL, NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_client_add_reconnected_handler(client, NULL, NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_client_add_disconnected_handler(client, NULL, NULL, NULL, &error));
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_ARGUMENT(callgate_client_connection(client, NULL, &error));
    CHECK_HANDLE(callgate_proxy_new(NULL, "I", &proxy, &error));
    CHECK_ARGUMENT(callgate_proxy_new(client, NULL, &proxy, &error));
    CHECK_ARGUMENT(callgate_proxy_new(client, "I", NULL, &error));
    CHECK_HANDLE(callgate_proxy_new_initialised(NULL, "I", initialise, NULL, NULL, &proxy, &error));
    CHECK_ARGUMENT(
        callgate_proxy_new_initialised(client, NULL, initialise, NULL, NULL, &proxy, &error));
    CHECK_OK(callgate_proxy_new(client, "I", &proxy, &error));
    CHECK_HANDLE(callgate_proxy_call(NULL, "M", NULL, 0, NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_proxy_call(proxy, NULL, NULL, 0, NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_proxy_call(proxy, "M", NULL, 1, NULL, NULL, &error));
    CHECK_HANDLE(callgate_proxy_call_into(NULL, "M", NULL, 0, NULL, NULL, 0, &reply, &error));
    CHECK(callgate_fast_call(NULL, "M", NULL, 0, NULL) == -(int64_t)CALLGATE_STATUS_INVALID_ARGUMENT);
    CHECK_HANDLE(callgate_proxy_one_way(NULL, "M", NULL, 0, NULL, &error));
    CHECK_ARGUMENT(callgate_proxy_one_way(proxy, NULL, NULL, 0, NULL, &error));
    CHECK_HANDLE(callgate_proxy_clone(NULL, &proxy, &error));
    CHECK_ARGUMENT(callgate_proxy_clone(proxy, NULL, &error));
    CHECK(callgate_proxy_interface(NULL, NULL)[0] == 0);
    callgate_proxy_free(NULL);
    callgate_proxy_free(proxy);
    callgate_client_free(client);
}

static void tokens(void)
{
    CHECK_ARGUMENT(callgate_cancel_token_new(NULL, &error));
    CHECK_HANDLE(callgate_cancel_token_cancel(NULL, &error));
    CHECK(!callgate_cancel_token_is_cancelled(NULL));
    callgate_cancel_token_free(NULL);
}

static void values(void)
{
    const void *data = NULL;
    size_t length = 0;
    callgate_reader reader;
    callgate_writer *writer = callgate_writer_new();
    callgate_writer_nil(NULL);
    callgate_writer_string(NULL, NULL);
    callgate_writer_string_n(NULL, NULL, 1);
    callgate_writer_arguments(NULL);
    CHECK_HANDLE(callgate_writer_finish(NULL, &data, &length, &error));
    CHECK_ARGUMENT(callgate_writer_finish(writer, NULL, &length, &error));
    CHECK_ARGUMENT(callgate_writer_finish(writer, &data, NULL, &error));
    callgate_writer_string(writer, NULL);
    CHECK_ARGUMENT(callgate_writer_finish(writer, &data, &length, &error));
    callgate_writer_reset(NULL);
    callgate_writer_free(NULL);
    callgate_writer_free(writer);

    CHECK_ARGUMENT(callgate_check_value(NULL, 0, &error));
    CHECK_ARGUMENT(callgate_check_value(NULL, 1, &error));
    CHECK_ARGUMENT(callgate_reader_init(NULL, "", 0, &error));
    CHECK_ARGUMENT(callgate_reader_init(&reader, NULL, 1, &error));
    CHECK_ARGUMENT(callgate_reader_nil(NULL, &error));
    CHECK_ARGUMENT(callgate_reader_bool(NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_reader_int32(NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_reader_int64(NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_reader_uint32(NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_reader_uint64(NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_reader_double(NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_reader_array(NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_reader_map(NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_reader_string(NULL, NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_reader_binary(NULL, NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_reader_timestamp(NULL, NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_reader_raw(NULL, NULL, NULL, &error));
    CHECK_ARGUMENT(callgate_reader_skip(NULL, &error));
    CHECK(callgate_reader_type(NULL) == CALLGATE_TYPE_NONE);
    CHECK(callgate_reader_at_end(NULL));
}

int main(void)
{
    errors_and_buffers();
    hosts();
    connections();
    calls();
    clients();
    tokens();
    values();
    return 0;
}
