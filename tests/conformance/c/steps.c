/* The named steps without threads. */
#include "scenario.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool calls_well(const callgate_proxy *proxy, const char *method, const int64_t *arguments,
                       size_t count, int64_t *result, char *why)
{
    callgate_error *error = NULL;
    callgate_status status = call_integers(proxy, method, arguments, count, result, &error);
    return ends_as(why, CALLGATE_STATUS_OK, status, error);
}

/* Checks that IJournal.Read returns the numbers from 0 to count. */
static bool reads(const callgate_proxy *journal, int64_t count, char *why)
{
    callgate_buffer reply = {NULL, 0, NULL};
    callgate_reader reader;
    callgate_error *error = NULL;
    size_t length = 0;
    int64_t i, noted = 0;
    bool same = true;
    if (callgate_proxy_call(journal, "Read", NULL, 0, NULL, &reply, &error)
        || callgate_reader_init(&reader, reply.data, reply.length, &error)
        || callgate_reader_array(&reader, &length, &error))
        same = because_of(why, error);
    else if ((int64_t)length != count)
        same = because(why, "%zu numbers instead of %" PRId64, length, count);
    for (i = 0; same && i < count; i++)
        if (callgate_reader_int64(&reader, &noted, NULL) || noted != i)
            same = because(why, "%" PRId64 " in place %" PRId64, noted, i);
    callgate_buffer_free(&reply);
    return same;
}

static bool one_way_order(struct scenario *it, char *why)
{
    callgate_proxy *journal = proxy_of(it, "IJournal");
    callgate_writer *writer = callgate_writer_new();
    callgate_error *error = NULL;
    const void *data;
    size_t length;
    int64_t i;
    bool played = true;
    for (i = 0; played && i < number(it, "count"); i++) {
        callgate_writer_reset(writer);
        callgate_writer_array(writer, 1);
        callgate_writer_int(writer, i);
        if (callgate_writer_finish(writer, &data, &length, &error)
            || callgate_proxy_one_way(journal, "Note", data, length, NULL, &error))
            played = because_of(why, error);
    }
    played = played && reads(journal, i, why);
    callgate_writer_free(writer);
    callgate_proxy_free(journal);
    return played;
}

static bool later(struct scenario *it, char *why)
{
    struct timespec end;
    const int64_t told = number(it, "number");
    callgate_proxy *duplex = proxy_of(it, "IDuplex");
    bool played = calls_well(duplex, "Later", &told, 1, NULL, why);
    int outcome = 0;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE_MS / 1000;
    pthread_mutex_lock(&it->lock);
    while (played && it->arrived != told && outcome == 0)
        outcome = pthread_cond_timedwait(&it->changed, &it->lock, &end);
    pthread_mutex_unlock(&it->lock);
    callgate_proxy_free(duplex);
    return played && (outcome == 0 || because(why, "the callback was not called"));
}

/* Makes the host drop the connection. */
static bool drop(const callgate_proxy *session, char *why)
{
    callgate_error *error = NULL;
    callgate_status status = callgate_proxy_call(session, "Drop", NULL, 0, NULL, NULL, &error);
    return ends_as(why, CALLGATE_STATUS_CHANNEL_FAULTED, status, error);
}

static bool reconnect(struct scenario *it, char *why)
{
    const int64_t one = 1;
    callgate_proxy *journal = proxy_of(it, "IJournal");
    callgate_proxy *session = proxy_of(it, "ISession");
    bool played = calls_well(journal, "Note", &one, 1, NULL, why) && drop(session, why)
                  && reads(journal, 0, why);
    callgate_proxy_free(session);
    callgate_proxy_free(journal);
    return played;
}

/* The initialisation routine; user_data counts its runs. */
static callgate_status log_in(void *user_data, callgate_proxy *session, callgate_error **error)
{
    callgate_writer *arguments = callgate_writer_new();
    ++*(int *)user_data;
    callgate_writer_array(arguments, 1);
    callgate_writer_string(arguments, "Ada");
    return call_with(session, "LogIn", arguments, NULL, NULL, error);
}

static bool is_ada(const callgate_proxy *session, char *why)
{
    callgate_buffer reply = {NULL, 0, NULL};
    callgate_error *error = NULL;
    bool same;
    if (callgate_proxy_call(session, "WhoAmI", NULL, 0, NULL, &reply, &error))
        return because_of(why, error);
    same = reply.length == 4 && memcmp(reply.data, "\xa3" "Ada", 4) == 0;
    callgate_buffer_free(&reply);
    return same || because(why, "another name than Ada");
}

static bool reconnect_initialised(struct scenario *it, char *why)
{
    int runs = 0;
    callgate_proxy *session = NULL;
    callgate_error *error = NULL;
    bool played;
    if (callgate_proxy_new_initialised(it->client, "ISession", log_in, &runs, NULL, &session, &error))
        return because_of(why, error);
    played = is_ada(session, why) && drop(session, why) && is_ada(session, why)
             && (runs == 2 || because(why, "the routine ran %d times", runs));
    callgate_proxy_free(session);
    return played;
}

bool becomes_one(const callgate_proxy *slow, const char *method, char *why)
{
    const struct timespec pause = {0, 5000000};
    int64_t count = 0;
    int tries;
    for (tries = 0; tries < PATIENCE_MS / 5; tries++) {
        if (!calls_well(slow, method, NULL, 0, &count, why))
            return false;
        if (count == 1)
            return true;
        nanosleep(&pause, NULL);
    }
    return because(why, "%s does not become 1", method);
}

/* Waits for less time than the call takes. */
static bool call_in_vain(struct scenario *it, const callgate_proxy *slow, const char *method,
                         char *why)
{
    callgate_call_options options = {0};
    callgate_error *error = NULL;
    callgate_status status;
    options.struct_size = sizeof options;
    options.timeout_ms = number(it, "timeout_ms");
    status = callgate_proxy_call(slow, method, NULL, 0, &options, NULL, &error);
    return ends_as(why, CALLGATE_STATUS_TIMED_OUT, status, error);
}

static bool ends_in_time(struct scenario *it, const char *method, char *why)
{
    callgate_proxy *slow = proxy_of(it, "ISlow");
    int64_t count = 0;
    /* Connects, so that the deadline ends the call where it runs. */
    const bool played = calls_well(slow, "Cancelled", NULL, 0, &count, why)
                        && call_in_vain(it, slow, method, why) && becomes_one(slow, "Cancelled", why);
    callgate_proxy_free(slow);
    return played;
}

static bool deadline(struct scenario *it, char *why)
{
    return ends_in_time(it, "Wait", why);
}

static bool notified(struct scenario *it, char *why)
{
    return ends_in_time(it, "Hold", why);
}

static bool half_result(struct scenario *it, char *why)
{
    callgate_proxy *slow = proxy_of(it, "ISlow");
    int64_t left = number(it, "times");
    while (left > 0 && call_in_vain(it, slow, "Wait", why))
        left--;
    callgate_proxy_free(slow);
    return left == 0;
}

static bool closed(struct scenario *it, char *why)
{
    const int64_t numbers[] = {1, 2};
    callgate_error *error = NULL;
    callgate_proxy *calculator = proxy_of(it, "ICalculator");
    callgate_status status;
    callgate_execution execution;
    callgate_client_close(it->client, CALLGATE_TIMEOUT_DEFAULT, NULL);
    status = call_integers(calculator, "Add", numbers, 2, NULL, &error);
    execution = callgate_error_execution(error);
    callgate_proxy_free(calculator);
    return ends_as(why, CALLGATE_STATUS_CLOSED, status, error)
           && (execution == CALLGATE_EXECUTION_NOT_RUN || because(why, "it may have run"));
}

static bool comes_back(const callgate_buffer *reply, const unsigned char *sent, size_t count, char *why)
{
    callgate_reader reader;
    const void *data;
    size_t length;
    callgate_error *error = NULL;
    if (callgate_reader_init(&reader, reply->data, reply->length, &error)
        || callgate_reader_binary(&reader, &data, &length, &error))
        return because_of(why, error);
    return (length == count && memcmp(data, sent, count) == 0) || because(why, "other bytes came back");
}

static bool large(struct scenario *it, char *why)
{
    size_t i, count = (size_t)number(it, "bytes");
    unsigned char *sent = malloc(count);
    callgate_writer *arguments = callgate_writer_new();
    callgate_buffer reply = {NULL, 0, NULL};
    callgate_error *error = NULL;
    callgate_proxy *values = proxy_of(it, "IValues");
    callgate_status status;
    bool played;
    if (sent == NULL)
        abort();
    for (i = 0; i < count; i++)
        sent[i] = (unsigned char)((31 * i + i / 65536) % 256);
    callgate_writer_array(arguments, 1);
    callgate_writer_binary(arguments, sent, count);
    status = call_with(values, "Echo", arguments, NULL, &reply, &error);
    played = ends_as(why, CALLGATE_STATUS_OK, status, error) && comes_back(&reply, sent, count, why);
    callgate_buffer_free(&reply);
    callgate_proxy_free(values);
    free(sent);
    return played;
}

static const struct {
    const char *name;
    bool (*play)(struct scenario *it, char *why);
} all_steps[] = {
    {"call", play_call},
    {"value", play_value},
    {"one-way-order", one_way_order},
    {"later", later},
    {"reconnect", reconnect},
    {"reconnect-initialised", reconnect_initialised},
    {"deadline", deadline},
    {"notified", notified},
    {"half-result", half_result},
    {"cancel", play_cancel},
    {"closed", closed},
    {"large", large},
    {"meet", play_meet},
    {"gather", play_gather},
    {"threads", play_threads},
};

bool play_steps(struct scenario *it, char *why)
{
    const char *wanted = field(it, "steps");
    size_t i;
    for (i = 0; i < sizeof all_steps / sizeof all_steps[0]; i++)
        if (wanted != NULL && strcmp(all_steps[i].name, wanted) == 0)
            return all_steps[i].play(it, why);
    return because(why, "unknown steps");
}
