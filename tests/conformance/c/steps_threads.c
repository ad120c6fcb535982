/* The steps with several threads. */
#include "scenario.h"

#include <inttypes.h>
#include <stdlib.h>

/* One of several threads of a scenario. */
struct task {
    struct scenario *it;
    bool (*work)(const struct task *task, char *why);
    int64_t number;
    callgate_proxy *first, *second;
    callgate_cancel_token *token;
    bool played;
    char why[WHY_SIZE];
};

static void *run_task(void *argument)
{
    struct task *task = argument;
    task->played = task->work(task, task->why);
    return NULL;
}

/* Does the same on several threads, each of which knows its number. */
static bool in_threads(const struct task *model, int64_t count, char *why)
{
    pthread_t *threads = calloc((size_t)count, sizeof *threads);
    struct task *tasks = calloc((size_t)count, sizeof *tasks);
    bool played = true;
    int64_t i;
    if (threads == NULL || tasks == NULL)
        abort();
    for (i = 0; i < count; i++) {
        tasks[i] = *model;
        tasks[i].number = i;
        if (pthread_create(&threads[i], NULL, run_task, &tasks[i]) != 0)
            abort();
    }
    for (i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        if (!tasks[i].played)
            played = because(why, "%s", tasks[i].why);
    }
    free(tasks);
    free(threads);
    return played;
}

/* Thread 0 waits, and thread 1 cancels that once it has begun. */
static bool wait_or_cancel(const struct task *task, char *why)
{
    callgate_call_options options = {0};
    callgate_error *error = NULL;
    callgate_status status;
    bool begun;
    options.struct_size = sizeof options;
    if (task->number == 0) {
        options.cancel = task->token;
        status = callgate_proxy_call(task->first, "Wait", NULL, 0, &options, NULL, &error);
        return ends_as(why, CALLGATE_STATUS_CANCELLED, status, error);
    }
    begun = becomes_one(task->first, "Waiting", why);
    callgate_cancel_token_cancel(task->token, NULL);
    return begun;
}

bool play_cancel(struct scenario *it, char *why)
{
    struct task model = {it, wait_or_cancel, 0, NULL, NULL, NULL, false, ""};
    bool played;
    model.first = proxy_of(it, "ISlow");
    callgate_cancel_token_new(&model.token, NULL);
    played = in_threads(&model, 2, why) && becomes_one(model.first, "Cancelled", why);
    callgate_cancel_token_free(model.token);
    callgate_proxy_free(model.first);
    return played;
}

static bool meet_others(const struct task *task, char *why)
{
    const int64_t count = number(task->it, "threads");
    return calls_well(task->first, "Meet", &count, 1, NULL, why);
}

bool play_meet(struct scenario *it, char *why)
{
    struct task model = {it, meet_others, 0, NULL, NULL, NULL, false, ""};
    bool played;
    model.first = proxy_of(it, "ISlow");
    played = in_threads(&model, number(it, "threads"), why);
    callgate_proxy_free(model.first);
    return played;
}

static bool calculate(const struct task *task, char *why)
{
    int64_t i, sum = 0, doubled = 0;
    for (i = 0; i < number(task->it, "calls"); i++) {
        const int64_t terms[] = {task->number, i};
        if (!calls_well(task->first, "Add", terms, 2, &sum, why)
            || !calls_well(task->second, "Double", &i, 1, &doubled, why))
            return false;
        if (sum != task->number + i || doubled != 2 * i)
            return because(why, "%" PRId64 " and %" PRId64 " for %" PRId64, sum, doubled, i);
    }
    return true;
}

bool play_threads(struct scenario *it, char *why)
{
    struct task model = {it, calculate, 0, NULL, NULL, NULL, false, ""};
    bool played;
    model.first = proxy_of(it, "ICalculator");
    model.second = proxy_of(it, "IDuplex");
    played = in_threads(&model, number(it, "threads"), why);
    callgate_proxy_free(model.second);
    callgate_proxy_free(model.first);
    return played;
}
