/* A host and a client that record what passes. The program gets an endpoint, after which the files are named. */
#include "check.h"
#include "system.h"

#include <sys/stat.h>

/* How long connecting and closing may take, in milliseconds. */
#define TIMEOUT 100000

static callgate_trace trace_to(const char *file)
{
    callgate_trace trace = {0};
    trace.struct_size = sizeof trace;
    trace.file = file;
    return trace;
}

/* Whether a file is a capture file that only this user may read; *length receives its length. */
static bool is_trace(const char *file, long *length)
{
    unsigned char start[4] = {0};
    struct stat found;
    FILE *opened = fopen(file, "rb");
    CHECK(opened != NULL && fread(start, 1, 4, opened) == 4);
    fclose(opened);
    CHECK(stat(file, &found) == 0);
    *length = (long)found.st_size;
    return memcmp(start, "\x0a\x0d\x0d\x0a", 4) == 0 && is_private(found.st_mode);
}

static callgate_host *start_host(const char *endpoint, const callgate_trace *trace)
{
    callgate_host_options options = {0};
    callgate_host *host = NULL;
    options.struct_size = sizeof options;
    options.trace = trace;
    CHECK_OK(callgate_host_new(&options, &host, &error));
    CHECK_OK(callgate_host_add_endpoint(host, endpoint, &error));
    CHECK_OK(callgate_host_start(host, &error));
    return host;
}

static callgate_client *new_client(const char *endpoint, const callgate_trace *trace)
{
    callgate_client_options options = {0};
    callgate_client *client = NULL;
    options.struct_size = sizeof options;
    options.trace = trace;
    CHECK_OK(callgate_client_new(endpoint, &options, &client, &error));
    return client;
}

int main(int count, char **arguments)
{
    const char *endpoint = arguments[1], *name = strstr(endpoint, "//") + 2;
    char host_file[512], client_file[512];
    callgate_trace host_trace, client_trace;
    callgate_host *host;
    callgate_client *client;
    callgate_host_options refused = {0};
    long host_length = 0, client_length = 0;
    CHECK(count == 2);
    snprintf(host_file, sizeof host_file, "/tmp/%s-host.pcapng", name);
    snprintf(client_file, sizeof client_file, "/tmp/%s-client.pcapng", name);
    host_trace = trace_to(host_file);
    host_trace.payloads = 1;
    client_trace = trace_to(client_file);
    client_trace.limit = 600;
    host = start_host(endpoint, &host_trace);
    client = new_client(endpoint, &client_trace);
    CHECK_OK(callgate_client_start(client, &error));
    CHECK_OK(callgate_client_wait_connected(client, TIMEOUT, &error));
    CHECK_OK(callgate_client_close(client, TIMEOUT, &error));
    callgate_client_free(client);
    CHECK_OK(callgate_host_close(host, TIMEOUT, &error));
    callgate_host_free(host);
    CHECK(is_trace(host_file, &host_length) && host_length > 400);
    CHECK(is_trace(client_file, &client_length) && client_length <= 600);

    /* A file that exists is refused when the client is started, and one without a name when it is made. */
    client = new_client(endpoint, &client_trace);
    CHECK_STATUS(callgate_client_start(client, &error), CALLGATE_STATUS_INVALID_ARGUMENT);
    callgate_client_free(client);
    host_trace.file = NULL;
    refused.struct_size = sizeof refused;
    refused.trace = &host_trace;
    CHECK_STATUS(callgate_host_new(&refused, &host, &error), CALLGATE_STATUS_INVALID_ARGUMENT);
    CHECK(remove(host_file) == 0 && remove(client_file) == 0);
    return 0;
}
