/* The client: three lanes of calls, each a thread with proxies of its own. */
#include "chaos.h"

#include <pthread.h>
#include <stdio.h>
#include <time.h>

static pthread_mutex_t done_lock = PTHREAD_MUTEX_INITIALIZER;
static bool done;
static long pause_ms;

/* A lane on its thread. */
struct thread {
    pthread_t id;
    struct lane lane;
    int number;
};

static bool is_done(void)
{
    bool is;
    pthread_mutex_lock(&done_lock);
    is = done;
    pthread_mutex_unlock(&done_lock);
    return is;
}

static void *follow(void *argument)
{
    struct thread *thread = argument;
    struct timespec pause = {pause_ms / 1000, pause_ms % 1000 * 1000000};
    while (!is_done()) {
        step(&thread->lane, thread->number);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

/* Serves ICallback, which calls back in turn. */
static void serve_callback(void *user_data, callgate_call *call)
{
    callgate_reader arguments;
    callgate_error *error = NULL;
    callgate_proxy *work = NULL;
    uint64_t depth = 0, levels = 0;
    (void)user_data;
    if (!is_method(call, "Again")) {
        callgate_call_fail_no_such_method(call, NULL);
        return;
    }
    if (callgate_call_read_arguments(call, 1, &arguments, &error) == CALLGATE_STATUS_OK
        && callgate_reader_uint64(&arguments, &depth, &error) == CALLGATE_STATUS_OK && depth > 0) {
        const callgate_connection *connection = callgate_call_connection(call);
        if (callgate_connection_proxy(connection, "IWork", &work, &error) == CALLGATE_STATUS_OK
            && call_number(work, "Deeper", depth - 1, &levels, &error) == CALLGATE_STATUS_OK)
            levels++;
        callgate_proxy_free(work);
    }
    reply_number(call, levels, error);
}

static callgate_client *connect_to(const char *endpoint)
{
    callgate_client *client = NULL;
    callgate_error *error = NULL;
    callgate_client_options options = {0};
    callgate_limits limits = {0};
    /* Lost links and hosts are noticed soon. Calls have the usual 30 s, for busy machines. */
    limits.struct_size = sizeof limits;
    limits.connection_timeout_ms = 2000;
    limits.ping_after_ms = 2000;
    limits.ping_timeout_ms = 5000;
    limits.reconnect_backoff_min_ms = 10;
    limits.reconnect_backoff_max_ms = 200;
    options.struct_size = sizeof options;
    options.limits = &limits;
    if (callgate_client_new(endpoint, &options, &client, &error)
        || callgate_client_add_callback_handler(client, "ICallback", serve_callback, NULL, NULL, &error)
        || callgate_client_start(client, &error))
        give_up("start the client", error);
    return client;
}

/* Calls until standard input ends. numbers are the client's, the seed and the pause. */
void run(const char *path, const char *endpoint, const uint64_t numbers[3])
{
    callgate_client *client = connect_to(endpoint);
    callgate_error *error = NULL;
    struct thread threads[LANES];
    int record = open_record(path), i;
    pause_ms = (long)numbers[2];
    for (i = 0; i < LANES; i++) {
        struct lane *lane = &threads[i].lane;
        lane->record = record;
        lane->prefix = numbers[0] << 40 | (uint64_t)i << 36;
        lane->calls = 0;
        lane->random = numbers[1] ^ lane->prefix;
        threads[i].number = i;
        if (callgate_proxy_new(client, "IWork", &lane->work, &error)
            || callgate_proxy_new(client, "IOrdered", &lane->ordered, &error))
            give_up("make the proxies", error);
        if (pthread_create(&threads[i].id, NULL, follow, &threads[i]) != 0)
            give_up("start a thread", NULL);
    }
    while (getchar() != EOF)
        ;
    pthread_mutex_lock(&done_lock);
    done = true;
    pthread_mutex_unlock(&done_lock);
    for (i = 0; i < LANES; i++) {
        pthread_join(threads[i].id, NULL);
        callgate_proxy_free(threads[i].lane.work);
        callgate_proxy_free(threads[i].lane.ordered);
    }
    if (callgate_client_close(client, CALLGATE_TIMEOUT_DEFAULT, &error))
        give_up("close the client", error);
    callgate_client_free(client);
}
