/* What the generated program does with every function: one mode a run, named by its argument. */
#ifndef MODES_H
#define MODES_H

#define ENTRIES (sizeof entries / sizeof *entries)
#define THREADS 6
#define ROUNDS 2000

#define EXPECT(condition, entry, null, outcome)                                                     \
    do {                                                                                            \
        if (!(condition)) {                                                                         \
            fprintf(stderr, "%s, parameter %d NULL: result %lld, error %d, wrote %d: not so: %s\n", \
                    (entry)->name, null, (outcome).result, (int)(outcome).error, (outcome).wrote,   \
                    #condition);                                                                    \
            failures++;                                                                             \
        }                                                                                           \
    } while (0)

static int failures;
static const char *endpoint;

/* How many user_data were left to be freed. */
static latch left = LATCH;

static bool takes(const entry *entry, char null)
{
    return strchr(entry->nulls, null) != NULL;
}

static int first_handle(const entry *entry)
{
    return (int)(strchr(entry->nulls, 'h') - entry->nulls);
}

/* Calls the function. Whatever comes of it, user_data is left to be freed. */
static outcome attempt_only(const entry *entry, objects *with, int null)
{
    const char *frees = strchr(entry->nulls, 'f');
    if (frees && null != frees - entry->nulls)
        latch_count(&left);
    return entry->attempt(with, null);
}

/* The same; the error says what the status says, and a failure writes no result and keeps no user_data. */
static outcome attempt(const entry *entry, objects *with, int null)
{
    int kept = latch_now(&left) - latch_now(&freed);
    outcome outcome = attempt_only(entry, with, null);
    if (!entry->can_fail)
        return outcome;
    EXPECT(outcome.result != CALLGATE_STATUS_INTERNAL, entry, null, outcome);
    if (null < 0 || entry->nulls[null] != 'e')
        EXPECT(outcome.error == outcome.result, entry, null, outcome);
    if (outcome.result != CALLGATE_STATUS_OK) {
        EXPECT(!outcome.wrote, entry, null, outcome);
        EXPECT(latch_now(&left) - latch_now(&freed) <= kept, entry, null, outcome);
    }
    return outcome;
}

/* NULL for each pointer, with every other argument valid. */
static void try_null(const entry *entry, objects *with)
{
    int null;
    for (null = 0; entry->nulls[null] != 0; null++) {
        outcome outcome;
        if (entry->nulls[null] == '-')
            continue;
        outcome = attempt(entry, with, null);
        if (entry->can_fail && entry->nulls[null] == 'h')
            EXPECT(outcome.result == CALLGATE_STATUS_INVALID_HANDLE, entry, null, outcome);
        if (entry->can_fail && entry->nulls[null] == 'r')
            EXPECT(outcome.result == CALLGATE_STATUS_INVALID_ARGUMENT, entry, null, outcome);
    }
}

static void null_for_every_pointer(void)
{
    size_t i;
    int unstarted;
    for (i = 0; i < ENTRIES; i++) {
        for (unstarted = 0; unstarted < 2; unstarted++) {
            objects with;
            outcome outcome;
            make(&with, endpoint);
            if (unstarted)
                make_unstarted(&with);
            try_null(&entries[i], &with);
            release(&with);
            /* With everything valid no handle is found invalid, or this file makes none of its kind. */
            make(&with, endpoint);
            outcome = attempt(&entries[i], &with, -1);
            if (entries[i].can_fail)
                EXPECT(outcome.result != CALLGATE_STATUS_INVALID_HANDLE, &entries[i], -1, outcome);
            release(&with);
        }
    }
}

/* Makes all handles those of another kind. */
static void confuse(objects *with)
{
    objects other = *with;
    with->host = (callgate_host *)other.cancel_token;
    with->client = (callgate_client *)other.proxy;
    with->proxy = (callgate_proxy *)other.client;
    with->connection = (callgate_connection *)other.error;
    with->call = (callgate_call *)other.connection;
    with->error = (callgate_error *)other.writer;
    with->cancel_token = (callgate_cancel_token *)other.host;
    with->writer = (callgate_writer *)other.call;
}

/* Makes all handles pointers to memory of the program. */
static void invent(objects *with)
{
    with->host = (callgate_host *)(void *)memory;
    with->client = (callgate_client *)(void *)memory;
    with->proxy = (callgate_proxy *)(void *)&memory[1];
    with->connection = (callgate_connection *)(void *)with;
    with->call = (callgate_call *)(void *)endpoint;
    with->error = (callgate_error *)(void *)&nothing;
    with->cancel_token = (callgate_cancel_token *)(void *)-1;
    with->writer = (callgate_writer *)(void *)1;
}

/* Calls every function that takes a handle, with invalid ones: it fails with this status, or does what it
   does for NULL. */
static void try_invalid(objects *with, callgate_status status)
{
    size_t i;
    for (i = 0; i < ENTRIES; i++) {
        const entry *entry = &entries[i];
        outcome invalid, null;
        if (!takes(entry, 'h'))
            continue;
        invalid = attempt(entry, with, -1);
        if (entry->can_fail) {
            EXPECT(invalid.result == status, entry, -1, invalid);
            continue;
        }
        null = attempt(entry, with, first_handle(entry));
        EXPECT(invalid.result == null.result || invalid.result == -(long long)status, entry, -1, invalid);
    }
}

static void invalid_handles(void)
{
    objects with, changed;
    make(&with, endpoint);
    changed = with;
    confuse(&changed);
    try_invalid(&changed, CALLGATE_STATUS_INVALID_HANDLE);
    invent(&changed);
    try_invalid(&changed, CALLGATE_STATUS_INVALID_HANDLE);
    release(&with);
    release(&with);
    try_invalid(&with, CALLGATE_STATUS_INVALID_HANDLE);
    /* The slots are used again. */
    make(&changed, endpoint);
    try_invalid(&with, CALLGATE_STATUS_INVALID_HANDLE);
    release(&changed);
}

/* Every function, after the client, the host and the connection were closed. */
static void closed_objects(void)
{
    size_t i;
    for (i = 0; i < ENTRIES; i++) {
        objects with;
        outcome outcome;
        make(&with, endpoint);
        CHECK_OK(callgate_connection_close(with.connection, &error));
        callgate_client_close(with.client, PATIENCE, NULL);
        callgate_host_close(with.host, PATIENCE, NULL);
        outcome = attempt(&entries[i], &with, -1);
        if (entries[i].can_fail)
            EXPECT(outcome.result != CALLGATE_STATUS_INVALID_HANDLE, &entries[i], -1, outcome);
        release(&with);
    }
}

static const entry *inside;
static objects inside_with;
static latch inside_done = LATCH;

static void attempt_inside(void)
{
    outcome outcome = attempt(inside, &inside_with, -1);
    if (inside->can_fail)
        EXPECT(outcome.result != CALLGATE_STATUS_INVALID_HANDLE, inside, -1, outcome);
    latch_count(&inside_done);
}

/* Every function in a delegate, with the objects that the delegate serves. */
static void inside_a_callback(void)
{
    size_t i;
    run_inside = attempt_inside;
    for (i = 0; i < ENTRIES; i++) {
        inside = &entries[i];
        make(&inside_with, endpoint);
        CHECK_OK(callgate_proxy_one_way(inside_with.proxy, "Run", NULL, 0, NULL, &error));
        latch_wait(&inside_done, (int)i + 1);
        release(&inside_with);
    }
}

/* Every function in the child of a fork, with the parent's handles; the parent's objects go on. */
static void forked_child(void)
{
    objects with;
    int status = -1;
    pid_t pid;
    make(&with, endpoint);
    pid = fork();
    if (pid == 0) {
        alarm(PATIENCE / 1000);
        try_invalid(&with, CALLGATE_STATUS_FORKED);
        release(&with);
        try_invalid(&with, CALLGATE_STATUS_FORKED);
        CHECK(latch_now(&freed) == latch_now(&left));
        _exit(failures != 0);
    }
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    CHECK_OK(callgate_proxy_one_way(with.proxy, "Test", NULL, 0, NULL, &error));
    CHECK_OK(callgate_client_flush(with.client, PATIENCE, &error));
    release(&with);
}

/* Options structs of smaller and larger versions than the library's, and of sizes that none has. */
static void options_of_other_versions(void)
{
    size_t i, j;
    for (i = 0; i < ENTRIES; i++) {
        const entry *entry = &entries[i];
        size_t ours = entry->options_size;
        const struct {
            size_t size;
            char behind;
            callgate_status status;
        } versions[] = {
            {0, 0, CALLGATE_STATUS_INVALID_ARGUMENT},
            {1, 0, CALLGATE_STATUS_INVALID_ARGUMENT},
            {sizeof(size_t) - 1, 0, CALLGATE_STATUS_INVALID_ARGUMENT},
            {SIZE_MAX, 0, CALLGATE_STATUS_INVALID_ARGUMENT},
            {ROOM + 1, 0, CALLGATE_STATUS_INVALID_ARGUMENT},
            {ours + 8, 1, CALLGATE_STATUS_UNSUPPORTED},
            {ours + 8, 0, CALLGATE_STATUS_OK},
            {ours, 1, CALLGATE_STATUS_OK},
            {sizeof(size_t), 1, CALLGATE_STATUS_OK},
        };
        for (j = 0; ours > 0 && j < sizeof versions / sizeof *versions; j++) {
            objects with;
            outcome outcome;
            make(&with, endpoint);
            set_sizes(&with, versions[j].size, versions[j].behind);
            outcome = attempt(entry, &with, -1);
            if (versions[j].status != CALLGATE_STATUS_OK)
                EXPECT(outcome.result == versions[j].status, entry, -1, outcome);
            else
                EXPECT(outcome.result != CALLGATE_STATUS_UNSUPPORTED, entry, -1, outcome);
            release(&with);
        }
    }
}

static objects shared;
static pthread_mutex_t shared_lock = PTHREAD_MUTEX_INITIALIZER;
static latch ended = LATCH;

static void *call_at_random(void *number)
{
    unsigned random = (unsigned)(size_t)number;
    int round;
    for (round = 0; round < ROUNDS; round++) {
        const entry *entry;
        objects with;
        random = random * 1103515245u + 12345u;
        entry = &entries[(random >> 8) % ENTRIES];
        pthread_mutex_lock(&shared_lock);
        with = shared;
        pthread_mutex_unlock(&shared_lock);
        if (random % 16 == 0)
            confuse(&with);
        attempt_only(entry, &with, (int)((random >> 4) % 8) - 2);
        callgate_error_free(with.fast_call_state.error);
        callgate_buffer_free(&with.fast_call_state.reply);
    }
    latch_count(&ended);
    return NULL;
}

/* Every function on many threads at once, with handles that any of them may free. */
static void many_threads(void)
{
    pthread_t threads[THREADS];
    size_t i;
    racing = true;
    make(&shared, endpoint);
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, call_at_random, (void *)(i + 1)) == 0);
    while (latch_now(&ended) < THREADS) {
        objects next, before;
        make(&next, endpoint);
        pthread_mutex_lock(&shared_lock);
        before = shared;
        shared = next;
        pthread_mutex_unlock(&shared_lock);
        release(&before);
    }
    for (i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    release(&shared);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } modes[] = {
        {"null", null_for_every_pointer},
        {"invalid", invalid_handles},
        {"closed", closed_objects},
        {"inside", inside_a_callback},
        {"forked", forked_child},
        {"versions", options_of_other_versions},
        {"threads", many_threads},
    };
    size_t i;
    CHECK(argc == 3);
    endpoint = argv[1];
    for (i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(modes[i].name, argv[2]) == 0) {
            modes[i].run();
            if (failures != 0)
                return 1;
            /* Each is freed, once, when the last use has ended. */
            latch_wait(&freed, latch_now(&left));
            CHECK(latch_now(&freed) == latch_now(&left));
            return 0;
        }
    }
    return 2;
}

#endif
