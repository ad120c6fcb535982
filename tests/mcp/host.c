/* A host that serves and describes IPlaces until its standard input ends. */
#include <callgate.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETER(name, required, schema) \
    "{\"name\": \"" name "\", \"required\": " required ", \"schema\": {" schema "}}"
#define INTEGER "\"type\": \"integer\", \"format\": \"int32\""
#define RESULT(schema) "\"result\": {\"name\": \"result\", \"schema\": {" schema "}}"

static const char description[] =
    "{\"openrpc\": \"1.3.2\", \"info\": {\"title\": \"IPlaces\", \"version\": \"1\"}, \"methods\": ["
    "{\"name\": \"Add\", \"description\": \"Returns the sum.\", \"params\": ["
    PARAMETER("a", "true", INTEGER) "," PARAMETER("b", "false", INTEGER) "], " RESULT(INTEGER) "},"
    "{\"name\": \"Find\", \"description\": \"Finds a place by its name.\","
    " \"x-callgate-errors\": [\"NoSuchPlace\"],"
    " \"params\": [" PARAMETER("name", "true", "\"type\": \"string\"") "],"
    RESULT("\"$ref\": \"#/components/schemas/Place\"") "},"
    "{\"name\": \"Size\", \"params\": ["
    PARAMETER("data", "true", "\"type\": \"string\", \"x-callgate-type\": \"binary\"") "], "
    RESULT(INTEGER) "},"
    "{\"name\": \"Wait\", \"params\": [], " RESULT("\"type\": \"null\"") "},"
    "{\"name\": \"Log\", \"params\": [" PARAMETER("line", "true", "\"type\": \"string\"") "]}],"
    "\"components\": {\"schemas\": {\"Place\": {\"type\": \"object\","
    " \"required\": [\"name\", \"height\", \"tags\"], \"properties\": {\"name\": {\"type\": \"string\"},"
    " \"height\": {\"type\": \"number\", \"format\": \"double\"},"
    " \"tags\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}}}}}}}";

static void give_up(callgate_error *error)
{
    fprintf(stderr, "host: %s\n", callgate_error_description(error, NULL));
    exit(1);
}

static void say(const char *line, size_t length)
{
    printf("%.*s\n", (int)length, line);
    fflush(stdout);
}

static void reply(callgate_call *call, callgate_writer *writer)
{
    const void *data;
    size_t length;
    if (callgate_writer_finish(writer, &data, &length, NULL) == CALLGATE_STATUS_OK)
        callgate_call_reply(call, data, length, NULL);
}

static void reply_place(callgate_call *call, callgate_writer *writer)
{
    callgate_writer_map(writer, 3);
    callgate_writer_string(writer, "name");
    callgate_writer_string(writer, "Brocken");
    callgate_writer_string(writer, "height");
    callgate_writer_double(writer, 1141.2);
    callgate_writer_string(writer, "tags");
    callgate_writer_array(writer, 1);
    callgate_writer_string(writer, "Harz");
    reply(call, writer);
}

static callgate_status find(callgate_call *call, callgate_reader *arguments, callgate_writer *writer)
{
    const char *name;
    size_t length;
    char message[64];
    if (callgate_reader_string(arguments, &name, &length, NULL))
        return CALLGATE_STATUS_INVALID_ARGUMENT;
    if (length == 7 && memcmp(name, "Brocken", 7) == 0) {
        reply_place(call, writer);
        return CALLGATE_STATUS_OK;
    }
    snprintf(message, sizeof message, "there is no %.*s", (int)length, name);
    return callgate_call_fail(call, "NoSuchPlace", message, NULL);
}

static callgate_status run(callgate_call *call, callgate_reader *arguments, callgate_writer *writer)
{
    const char *method = callgate_call_method(call, NULL);
    const void *bytes;
    const char *line;
    size_t length;
    int32_t a, b = 1;
    if (strcmp(method, "Add") == 0) {
        if (callgate_reader_int32(arguments, &a, NULL)
            || (!callgate_reader_at_end(arguments) && callgate_reader_int32(arguments, &b, NULL)))
            return CALLGATE_STATUS_INVALID_ARGUMENT;
        callgate_writer_int(writer, (int64_t)a + b);
        reply(call, writer);
    } else if (strcmp(method, "Find") == 0) {
        return find(call, arguments, writer);
    } else if (strcmp(method, "Size") == 0) {
        if (callgate_reader_binary(arguments, &bytes, &length, NULL))
            return CALLGATE_STATUS_INVALID_ARGUMENT;
        callgate_writer_uint(writer, length);
        reply(call, writer);
    } else if (strcmp(method, "Wait") == 0) {
        say("waiting", 7);
        callgate_call_wait_cancelled(call, 60000);
        say("cancelled", 9);
        callgate_call_reply(call, NULL, 0, NULL);
    } else {
        if (callgate_reader_string(arguments, &line, &length, NULL))
            return CALLGATE_STATUS_INVALID_ARGUMENT;
        say(line, length);
        callgate_call_reply(call, NULL, 0, NULL);
    }
    return CALLGATE_STATUS_OK;
}

static void invoke(void *user_data, callgate_call *call)
{
    callgate_reader arguments;
    callgate_writer *writer = callgate_writer_new();
    size_t count, length;
    const void *data = callgate_call_arguments(call, &length);
    (void)user_data;
    if (callgate_reader_init(&arguments, data, length, NULL)
        || callgate_reader_array(&arguments, &count, NULL) || run(call, &arguments, writer))
        callgate_call_fail(call, "BadArguments", "the arguments do not fit", NULL);
    callgate_writer_free(writer);
}

static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)connection, (void)error;
    if (strcmp(interface_name, "IPlaces") == 0)
        delegate->invoke = invoke;
    return CALLGATE_STATUS_OK;
}

int main(int argc, char **argv)
{
    callgate_host *host = NULL;
    callgate_error *error = NULL;
    if (argc != 2 || callgate_host_new(NULL, &host, &error)
        || callgate_host_add_endpoint(host, argv[1], &error)
        || callgate_host_add_delegate_factory(host, make_delegate, NULL, NULL, &error)
        || callgate_host_add_description(host, description, strlen(description), &error)
        || callgate_host_start(host, &error))
        give_up(error);
    say("listening", 9);
    while (getchar() != EOF)
        ;
    if (callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, &error))
        give_up(error);
    callgate_host_free(host);
    return 0;
}
