/* Started calls with later replies: the host's IGathering, and the steps that call it. */
#include "scenario.h"

#include <inttypes.h>
#include <stdlib.h>

#define MOST_GATHERED 64

/* A call that waits for the others. */
struct gathered {
    callgate_call *call;
    int64_t number;
};

struct gathering {
    pthread_mutex_t lock;
    struct gathered calls[MOST_GATHERED];
    int64_t count;
};

static void reply_integer(callgate_call *call, int64_t number)
{
    const void *data;
    size_t length;
    callgate_writer *writer = callgate_writer_new();
    callgate_writer_int(writer, number);
    if (callgate_writer_finish(writer, &data, &length, NULL) == CALLGATE_STATUS_OK)
        callgate_call_reply(call, data, length, NULL);
    callgate_writer_free(writer);
}

static callgate_status gather(struct gathering *gathering, callgate_call *call, callgate_error **error)
{
    int64_t numbers[2];
    struct gathered one = {NULL, 0};
    callgate_status status = read_integers(call, numbers, 2, error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_call_defer(call, &one.call, error);
    if (status != CALLGATE_STATUS_OK)
        return status;
    one.number = numbers[1];
    pthread_mutex_lock(&gathering->lock);
    if (gathering->count == MOST_GATHERED)
        abort();
    gathering->calls[gathering->count++] = one;
    if (gathering->count == numbers[0])
        while (gathering->count > 0) {
            one = gathering->calls[--gathering->count];
            reply_integer(one.call, one.number);
            callgate_call_free(one.call);
        }
    pthread_mutex_unlock(&gathering->lock);
    return ANSWERED;
}

static callgate_status serve_gathering(void *user_data, callgate_call *call, callgate_writer *result,
                                       callgate_error **error)
{
    (void)result;
    return is_method(call, "Gather") ? gather(user_data, call, error) : no_such_method(call);
}

static void invoke(void *user_data, callgate_call *call)
{
    answer(serve_gathering, user_data, call);
}

static void free_gathering(void *user_data)
{
    struct gathering *gathering = user_data;
    while (gathering->count > 0)
        callgate_call_free(gathering->calls[--gathering->count].call);
    pthread_mutex_destroy(&gathering->lock);
    free(gathering);
}

void make_gathering(callgate_delegate *delegate)
{
    struct gathering *gathering = calloc(1, sizeof *gathering);
    if (gathering == NULL)
        abort();
    pthread_mutex_init(&gathering->lock, NULL);
    delegate->invoke = invoke;
    delegate->user_data = gathering;
    delegate->user_data_free = free_gathering;
}

/* A started call, and its outcome. */
struct started {
    struct scenario *it;
    int64_t *left; /* how many have no outcome yet */
    int64_t number;
    bool played;
    char why[WHY_SIZE];
};

static void complete(void *user_data, callgate_status status, const callgate_buffer *reply,
                     const callgate_error *error)
{
    struct started *started = user_data;
    callgate_reader reader;
    int64_t number = -1;
    if (status != CALLGATE_STATUS_OK)
        because(started->why, "%s", callgate_error_description(error, NULL));
    else if (callgate_reader_init(&reader, reply->data, reply->length, NULL)
             || callgate_reader_int64(&reader, &number, NULL) || number != started->number)
        because(started->why, "%" PRId64 " instead of %" PRId64, number, started->number);
    else
        started->played = true;
    pthread_mutex_lock(&started->it->lock);
    --*started->left;
    pthread_cond_broadcast(&started->it->changed);
    pthread_mutex_unlock(&started->it->lock);
}

/* Starts a call; a failure to start is an outcome too. */
static void start(const callgate_proxy *proxy, int64_t count, struct started *started)
{
    const void *data;
    size_t length;
    callgate_error *error = NULL;
    callgate_writer *writer = callgate_writer_new();
    callgate_status status;
    callgate_writer_array(writer, 2);
    callgate_writer_int(writer, count);
    callgate_writer_int(writer, started->number);
    status = callgate_writer_finish(writer, &data, &length, &error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_proxy_start(proxy, "Gather", data, length, NULL, complete, started, NULL, &error);
    if (status != CALLGATE_STATUS_OK)
        complete(started, status, NULL, error);
    callgate_error_free(error);
    callgate_writer_free(writer);
}

bool play_gather(struct scenario *it, char *why)
{
    const int64_t count = number(it, "calls");
    struct started *started = calloc((size_t)count, sizeof *started);
    callgate_proxy *proxy = proxy_of(it, "IGathering");
    int64_t i, left = count;
    bool played = true;
    if (started == NULL)
        abort();
    for (i = 0; i < count; i++) {
        started[i].it = it;
        started[i].left = &left;
        started[i].number = i;
        start(proxy, count, &started[i]);
    }
    pthread_mutex_lock(&it->lock);
    while (left > 0)
        pthread_cond_wait(&it->changed, &it->lock);
    pthread_mutex_unlock(&it->lock);
    for (i = 0; i < count; i++)
        if (!started[i].played)
            played = because(why, "%s", started[i].why);
    callgate_proxy_free(proxy);
    free(started);
    return played;
}
