/* The objects that functions are called with: a host, a client of it, and one of everything else. */
#ifndef OBJECTS_H
#define OBJECTS_H

/* How long a call, and a wait for a connection, may take in milliseconds: a stray call must not hold a test up. */
#define BRIEFLY 500

/* How long connecting and closing may take: under valgrind, on a busy machine, many seconds. */
#define PATIENCE 100000

/* How a call of one function ended. */
typedef struct outcome {
    long long result;
    callgate_status error;
    /* Whether it wrote a result. */
    bool wrote;
} outcome;

/* A function of the headers. */
typedef struct entry {
    const char *name;
    /* Calls it with these objects, with its parameter of this number NULL, or with none NULL if that is -1. */
    outcome (*attempt)(objects *with, int null);
    /* What NULL means for each parameter: see enum Null in program.rs. */
    const char *nulls;
    bool can_fail;
    /* The size of the options struct that it takes, or 0. */
    size_t options_size;
} entry;

/* Set while several threads use the same objects: what a text points to may go at any time. */
static bool racing;

static long long text_result(const char *text)
{
    CHECK(text != NULL);
    return racing ? 0 : text[0];
}

static long long writer_result(callgate_writer *writer)
{
    callgate_writer_free(writer);
    return writer != NULL;
}

static bool is_untouched(const void *result, size_t size)
{
    const unsigned char *bytes = result;
    while (size > 0 && bytes[size - 1] == UNTOUCHED)
        size--;
    return size == 0;
}

/* Receives the call that `make` makes. */
typedef struct caught {
    latch arrived;
    callgate_call *call;
    struct caught *next;
} caught;

static caught *all_caught;

/* What the delegate does when its method Run is called. */
static void (*run_inside)(void);

static void catch_call(void *user_data, callgate_call *call)
{
    caught *caught = user_data;
    if (strcmp(callgate_call_method(call, NULL), "Run") == 0) {
        run_inside();
        return;
    }
    if (callgate_call_is_one_way(call) || caught->call != NULL)
        return;
    CHECK_OK(callgate_call_defer(call, &caught->call, &error));
    latch_count(&caught->arrived);
}

static callgate_status make_catching(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)interface_name, (void)connection, (void)error;
    delegate->invoke = catch_call;
    delegate->user_data = user_data;
    return CALLGATE_STATUS_OK;
}

/* Never freed: calls that come late may still look at it. */
static caught *new_caught(void)
{
    caught *made = calloc(1, sizeof *made);
    CHECK(made != NULL);
    pthread_mutex_init(&made->arrived.lock, NULL);
    pthread_cond_init(&made->arrived.changed, NULL);
    made->next = all_caught;
    all_caught = made;
    return made;
}

static void make_pair(objects *with, caught *caught)
{
    callgate_limits limits = {0};
    callgate_host_options host_options = {0};
    callgate_client_options client_options = {0};
    limits.struct_size = sizeof limits;
    limits.call_timeout_ms = limits.connection_timeout_ms = limits.drain_timeout_ms = BRIEFLY;
    host_options.struct_size = sizeof host_options;
    client_options.struct_size = sizeof client_options;
    host_options.limits = client_options.limits = &limits;
    CHECK_OK(callgate_host_new(&host_options, &with->host, &error));
    CHECK_OK(callgate_host_add_endpoint(with->host, with->endpoint, &error));
    CHECK_OK(callgate_host_add_delegate_factory(with->host, make_catching, caught, NULL, &error));
    CHECK_OK(callgate_host_start(with->host, &error));
    CHECK_OK(callgate_client_new(with->endpoint, &client_options, &with->client, &error));
    CHECK_OK(callgate_client_start(with->client, &error));
    CHECK_OK(callgate_client_wait_connected(with->client, PATIENCE, &error));
    CHECK_OK(callgate_client_connection(with->client, &with->connection, &error));
    CHECK_OK(callgate_proxy_new(with->client, "ITest", &with->proxy, &error));
}

/* Makes all objects, on one thread at a time. The endpoint begins so; each pair gets its own. */
static void make(objects *with, const char *endpoint)
{
    static int number;
    caught *caught = new_caught();
    callgate_call_options options = {0};
    memset(with, 0, sizeof *with);
    snprintf(with->endpoint, sizeof with->endpoint, "%s-%d-%d", endpoint, (int)getpid(), number++);
    make_pair(with, caught);
    options.struct_size = sizeof options;
    options.timeout_ms = PATIENCE;
    CHECK_OK(callgate_proxy_start(with->proxy, "Hold", NULL, 0, &options, completion_fn, NULL, NULL, &error));
    latch_wait(&caught->arrived, 1);
    with->call = caught->call;
    CHECK(callgate_host_start(NULL, &with->error) == CALLGATE_STATUS_INVALID_HANDLE);
    CHECK_OK(callgate_cancel_token_new(&with->cancel_token, &error));
    with->writer = callgate_writer_new();
    set_sizes(with, sizeof(size_t), 0);
    with->error_parts.value.struct_size = sizeof with->error_parts.value;
    with->error_parts.value.status = CALLGATE_STATUS_REMOTE_ERROR;
    CHECK_OK(callgate_reader_init(&with->reader, "\x90", 1, &error));
}

/* Frees all objects. Some may be freed already: then nothing happens. */
static void release(objects *with)
{
    callgate_error_free(with->fast_call_state.error);
    callgate_buffer_free(&with->fast_call_state.reply);
    callgate_writer_free(with->writer);
    callgate_cancel_token_free(with->cancel_token);
    callgate_error_free(with->error);
    callgate_call_free(with->call);
    callgate_connection_free(with->connection);
    callgate_proxy_free(with->proxy);
    callgate_client_free(with->client);
    callgate_host_free(with->host);
}

/* Replaces host and client by ones that have not started. */
static void make_unstarted(objects *with)
{
    callgate_client_free(with->client);
    callgate_host_free(with->host);
    CHECK_OK(callgate_host_new(NULL, &with->host, &error));
    CHECK_OK(callgate_client_new(with->endpoint, NULL, &with->client, &error));
}

#endif
