/* The host's interfaces with state per connection: IJournal, ISession and ISlow. */
#include "conformance.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The state of a connection's delegates; each uses its own part. */
struct state {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct text numbers; /* IJournal: the int64_t that were noted, one after the other */
    char *name;          /* ISession */
    int64_t waiting, cancelled, met; /* ISlow */
};

static callgate_status note(struct state *state, int64_t number)
{
    struct text *numbers = &state->numbers;
    pthread_mutex_lock(&state->lock);
    if (numbers->length + sizeof number > numbers->capacity) {
        numbers->capacity = 2 * (numbers->capacity + sizeof number);
        numbers->data = realloc(numbers->data, numbers->capacity);
        if (numbers->data == NULL)
            abort();
    }
    memcpy(numbers->data + numbers->length, &number, sizeof number);
    numbers->length += sizeof number;
    pthread_mutex_unlock(&state->lock);
    return CALLGATE_STATUS_OK;
}

static callgate_status serve_journal(void *user_data, callgate_call *call, callgate_writer *result,
                                     callgate_error **error)
{
    struct state *state = user_data;
    int64_t number = 0;
    size_t i;
    if (is_method(call, "Note")) {
        callgate_status status = read_integers(call, &number, 1, error);
        callgate_writer_nil(result);
        return status == CALLGATE_STATUS_OK ? note(state, number) : status;
    }
    if (!is_method(call, "Read"))
        return no_such_method(call);
    pthread_mutex_lock(&state->lock);
    callgate_writer_array(result, state->numbers.length / sizeof number);
    for (i = 0; i < state->numbers.length; i += sizeof number) {
        memcpy(&number, state->numbers.data + i, sizeof number);
        callgate_writer_int(result, number);
    }
    pthread_mutex_unlock(&state->lock);
    return CALLGATE_STATUS_OK;
}

static callgate_status log_in(struct state *state, callgate_call *call, callgate_error **error)
{
    callgate_reader reader;
    char *name = NULL;
    callgate_status status = callgate_call_read_arguments(call, 1, &reader, error);
    if (status == CALLGATE_STATUS_OK)
        status = read_text(&reader, &name, error);
    if (status != CALLGATE_STATUS_OK)
        return status;
    pthread_mutex_lock(&state->lock);
    free(state->name);
    state->name = name;
    pthread_mutex_unlock(&state->lock);
    return status;
}

static callgate_status serve_session(void *user_data, callgate_call *call, callgate_writer *result,
                                     callgate_error **error)
{
    struct state *state = user_data;
    if (is_method(call, "LogIn")) {
        callgate_writer_nil(result);
        return log_in(state, call, error);
    }
    if (is_method(call, "WhoAmI")) {
        pthread_mutex_lock(&state->lock);
        callgate_writer_string(result, state->name ? state->name : "");
        pthread_mutex_unlock(&state->lock);
        return CALLGATE_STATUS_OK;
    }
    if (!is_method(call, "Drop"))
        return no_such_method(call);
    callgate_writer_nil(result);
    return callgate_connection_close(callgate_call_connection(call), error);
}

/* Increments a count, and wakes the threads that wait for it. */
static void count_up(struct state *state, int64_t *count)
{
    pthread_mutex_lock(&state->lock);
    ++*count;
    pthread_cond_broadcast(&state->changed);
    pthread_mutex_unlock(&state->lock);
}

/* Waits until a count has reached `wanted`, and returns whether it has. */
static bool wait_until(struct state *state, const int64_t *count, int64_t wanted)
{
    struct timespec end;
    int outcome = 0;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE_MS / 1000;
    pthread_mutex_lock(&state->lock);
    while (*count < wanted && outcome != ETIMEDOUT)
        outcome = pthread_cond_timedwait(&state->changed, &state->lock, &end);
    pthread_mutex_unlock(&state->lock);
    return outcome != ETIMEDOUT;
}

static callgate_status wait_cancelled(struct state *state, callgate_call *call, callgate_error **error)
{
    const time_t end = time(NULL) + PATIENCE_MS / 1000;
    count_up(state, &state->waiting);
    while (!callgate_call_is_cancelled(call))
        if (time(NULL) > end)
            return raise_remote("TimedOut", "nobody has cancelled the call", error);
    count_up(state, &state->cancelled);
    return CALLGATE_STATUS_OK;
}

static void note_cancelled(void *user_data)
{
    struct state *state = user_data;
    count_up(state, &state->cancelled);
}

/* Waits until a function of the call has run. */
static callgate_status hold(struct state *state, callgate_call *call, callgate_error **error)
{
    callgate_status status =
        callgate_call_on_cancelled(call, note_cancelled, state, NULL, NULL, error);
    if (status != CALLGATE_STATUS_OK)
        return status;
    count_up(state, &state->waiting);
    return wait_until(state, &state->cancelled, 1)
               ? CALLGATE_STATUS_OK
               : raise_remote("TimedOut", "nobody has cancelled the call", error);
}

static callgate_status meet(struct state *state, int64_t count, callgate_error **error)
{
    count_up(state, &state->met);
    return wait_until(state, &state->met, count)
               ? CALLGATE_STATUS_OK
               : raise_remote("TimedOut", "not all have come", error);
}

static callgate_status serve_slow(void *user_data, callgate_call *call, callgate_writer *result,
                                  callgate_error **error)
{
    struct state *state = user_data;
    int64_t count;
    if (is_method(call, "Wait")) {
        callgate_writer_nil(result);
        return wait_cancelled(state, call, error);
    }
    if (is_method(call, "Hold")) {
        callgate_writer_nil(result);
        return hold(state, call, error);
    }
    if (is_method(call, "Meet")) {
        callgate_status status = read_integers(call, &count, 1, error);
        callgate_writer_nil(result);
        return status == CALLGATE_STATUS_OK ? meet(state, count, error) : status;
    }
    if (!is_method(call, "Waiting") && !is_method(call, "Cancelled"))
        return no_such_method(call);
    pthread_mutex_lock(&state->lock);
    count = is_method(call, "Waiting") ? state->waiting : state->cancelled;
    pthread_mutex_unlock(&state->lock);
    callgate_writer_int(result, count);
    return CALLGATE_STATUS_OK;
}

static void journal(void *user_data, callgate_call *call)
{
    answer(serve_journal, user_data, call);
}

static void session(void *user_data, callgate_call *call)
{
    answer(serve_session, user_data, call);
}

static void slow(void *user_data, callgate_call *call)
{
    answer(serve_slow, user_data, call);
}

static void free_state(void *user_data)
{
    struct state *state = user_data;
    pthread_mutex_destroy(&state->lock);
    pthread_cond_destroy(&state->changed);
    text_free(&state->numbers);
    free(state->name);
    free(state);
}

bool make_stateful(const char *interface_name, callgate_delegate *delegate)
{
    struct state *state;
    if (strcmp(interface_name, "IJournal") == 0)
        delegate->invoke = journal;
    else if (strcmp(interface_name, "ISession") == 0)
        delegate->invoke = session;
    else if (strcmp(interface_name, "ISlow") == 0)
        delegate->invoke = slow;
    else
        return false;
    state = calloc(1, sizeof *state);
    if (state == NULL)
        abort();
    pthread_mutex_init(&state->lock, NULL);
    pthread_cond_init(&state->changed, NULL);
    delegate->user_data = state;
    delegate->user_data_free = free_state;
    return true;
}
