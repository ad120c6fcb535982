/* The three lanes: calls of all kinds, one-way calls, started calls of an ordered interface. */
#include "chaos.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The kinds of calls, as their ids have them. */
enum kind { RUN, TELL, ECHO, BACK, SLOW, CANCELLED, HASTY };

/* What is recorded of a call: that it begins, and how it ends. */
enum outcome { BEGUN, OK, NOT_RUN, RAN, UNKNOWN, WRONG };

#define LARGEST 400000

static uint64_t below(struct lane *lane, uint64_t limit)
{
    lane->random = lane->random * 6364136223846793005u + 1442695040888963407u;
    return (lane->random >> 33) % limit;
}

/* Records that a call begins, and returns its id. */
static uint64_t begin(struct lane *lane, enum kind kind)
{
    uint64_t id = lane->prefix | (uint64_t)kind << 32 | lane->calls++;
    note(lane->record, id, BEGUN);
    return id;
}

/* Records how a call has ended. */
static void end(int record, uint64_t id, callgate_status status, const callgate_error *error, bool right)
{
    enum outcome outcome = right ? OK : WRONG;
    if (status != CALLGATE_STATUS_OK)
        switch (callgate_error_execution(error)) {
        case CALLGATE_EXECUTION_NOT_RUN: outcome = NOT_RUN; break;
        case CALLGATE_EXECUTION_RAN: outcome = RAN; break;
        default: outcome = UNKNOWN; break;
        }
    note(record, id, (uint64_t)outcome | (uint64_t)status << 8);
}

static bool is_number(const callgate_buffer *reply, uint64_t expected)
{
    callgate_reader reader;
    uint64_t number = 0;
    return callgate_reader_init(&reader, reply->data, reply->length, NULL) == CALLGATE_STATUS_OK
           && callgate_reader_uint64(&reader, &number, NULL) == CALLGATE_STATUS_OK
           && number == expected;
}

/* A call with these arguments, which returns a number. */
static void call(struct lane *lane, uint64_t id, const char *method, callgate_writer *arguments,
                 const callgate_call_options *options, uint64_t expected)
{
    callgate_buffer reply = {NULL, 0, NULL};
    callgate_error *error = NULL;
    callgate_status status = call_with(lane->work, method, arguments, options, &reply, &error);
    end(lane->record, id, status, error, status == CALLGATE_STATUS_OK && is_number(&reply, expected));
    callgate_error_free(error);
    callgate_buffer_free(&reply);
}

/* A call with a timeout; 0 means the usual one. */
static void call_in_time(struct lane *lane, enum kind kind, const char *method, int64_t timeout_ms,
                         const callgate_cancel_token *cancel)
{
    uint64_t id = begin(lane, kind);
    callgate_call_options options = {0};
    options.struct_size = sizeof options;
    options.timeout_ms = timeout_ms;
    options.cancel = cancel;
    call(lane, id, method, with_id(id), &options, check_of(id));
}

struct cancelling {
    callgate_cancel_token *token;
    struct timespec wait;
};

static void *cancel_later(void *argument)
{
    struct cancelling *cancelling = argument;
    nanosleep(&cancelling->wait, NULL);
    callgate_cancel_token_cancel(cancelling->token, NULL);
    return NULL;
}

/* A call that is cancelled soon after it begins. */
static void call_cancelled(struct lane *lane)
{
    struct cancelling cancelling = {NULL, {0, 0}};
    pthread_t thread;
    callgate_error *error = NULL;
    cancelling.wait.tv_nsec = (long)below(lane, 30) * 1000000;
    if (callgate_cancel_token_new(&cancelling.token, &error)
        || pthread_create(&thread, NULL, cancel_later, &cancelling) != 0)
        give_up("start to cancel", error);
    call_in_time(lane, CANCELLED, "Slow", 2000, cancelling.token);
    pthread_join(thread, NULL);
    callgate_cancel_token_free(cancelling.token);
}

static void call_large(struct lane *lane)
{
    uint64_t id = begin(lane, ECHO), i, size = below(lane, LARGEST);
    unsigned char *sent = malloc(LARGEST);
    const void *back = NULL;
    size_t length = 0;
    callgate_buffer reply = {NULL, 0, NULL};
    callgate_reader reader;
    callgate_error *error = NULL;
    callgate_writer *arguments = with_id(id);
    callgate_status status;
    bool right;
    if (sent == NULL)
        give_up("no memory", NULL);
    for (i = 0; i < size; i++)
        sent[i] = (unsigned char)(i * id);
    callgate_writer_binary(arguments, sent, size);
    status = call_with(lane->work, "Echo", arguments, NULL, &reply, &error);
    right = status == CALLGATE_STATUS_OK
            && callgate_reader_init(&reader, reply.data, reply.length, NULL) == CALLGATE_STATUS_OK
            && callgate_reader_binary(&reader, &back, &length, NULL) == CALLGATE_STATUS_OK
            && length == size && memcmp(back, sent, size) == 0;
    end(lane->record, id, status, error, right);
    callgate_error_free(error);
    callgate_buffer_free(&reply);
    free(sent);
}

static void call_back(struct lane *lane)
{
    uint64_t id = begin(lane, BACK), depth = below(lane, 4);
    callgate_writer *arguments = with_id(id);
    callgate_writer_uint(arguments, depth);
    call(lane, id, "Back", arguments, NULL, depth);
}

static void tell(struct lane *lane, const callgate_proxy *proxy)
{
    uint64_t id = begin(lane, TELL);
    callgate_writer *arguments = with_id(id);
    callgate_error *error = NULL;
    const void *data;
    size_t length;
    callgate_status status = callgate_writer_finish(arguments, &data, &length, &error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_proxy_one_way(proxy, "Tell", data, length, NULL, &error);
    end(lane->record, id, status, error, true);
    callgate_error_free(error);
    callgate_writer_free(arguments);
}

/* Started calls, and how many of them have no outcome yet. */
struct started {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int left;
    int record;
};

struct one {
    struct started *all;
    uint64_t id;
};

static void complete(void *user_data, callgate_status status, const callgate_buffer *reply,
                     const callgate_error *error)
{
    struct one *one = user_data;
    end(one->all->record, one->id, status, error,
        status == CALLGATE_STATUS_OK && is_number(reply, check_of(one->id)));
    pthread_mutex_lock(&one->all->lock);
    one->all->left--;
    pthread_cond_broadcast(&one->all->changed);
    pthread_mutex_unlock(&one->all->lock);
}

static void start(struct lane *lane, struct one *one)
{
    callgate_writer *arguments;
    callgate_error *error = NULL;
    const void *data;
    size_t length;
    callgate_status status;
    one->id = begin(lane, RUN);
    arguments = with_id(one->id);
    status = callgate_writer_finish(arguments, &data, &length, &error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_proxy_start(lane->ordered, "Run", data, length, NULL, complete, one, NULL, &error);
    if (status != CALLGATE_STATUS_OK)
        complete(one, status, NULL, error);
    callgate_error_free(error);
    callgate_writer_free(arguments);
}

static void step_ordered(struct lane *lane)
{
    struct started started = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
    struct one ones[6];
    int i, count = (int)below(lane, 6) + 1;
    started.left = count;
    started.record = lane->record;
    for (i = 0; i < count; i++) {
        ones[i].all = &started;
        start(lane, &ones[i]);
        if (below(lane, 3) == 0)
            tell(lane, lane->ordered);
    }
    pthread_mutex_lock(&started.lock);
    while (started.left > 0)
        pthread_cond_wait(&started.changed, &started.lock);
    pthread_mutex_unlock(&started.lock);
}

static void step_mixed(struct lane *lane)
{
    uint64_t choice = below(lane, 100);
    if (choice < 4)
        call_large(lane);
    else if (choice < 20)
        call_back(lane);
    else if (choice < 24)
        call_in_time(lane, SLOW, "Slow", (int64_t)below(lane, 60) + 1, NULL);
    else if (choice < 28)
        call_cancelled(lane);
    else if (choice < 36)
        call_in_time(lane, HASTY, "Run", (int64_t)below(lane, 5) + 1, NULL);
    else
        call_in_time(lane, RUN, "Run", 0, NULL);
}

static void step_one_way(struct lane *lane)
{
    uint64_t i, count = below(lane, 16);
    for (i = 0; i < count; i++)
        tell(lane, lane->work);
    call_in_time(lane, RUN, "Run", 0, NULL);
}

void step(struct lane *lane, int number)
{
    if (number == 0)
        step_mixed(lane);
    else if (number == 1)
        step_one_way(lane);
    else
        step_ordered(lane);
}
