/* The client: reads scenarios from its standard input, and plays them. */
#include "scenario.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *field(const struct scenario *it, const char *key)
{
    int i;
    for (i = 0; i < it->fields; i++)
        if (strcmp(it->keys[i], key) == 0)
            return it->values[i];
    return NULL;
}

int64_t number(const struct scenario *it, const char *key)
{
    const char *digits = field(it, key);
    return digits ? strtoll(digits, NULL, 10) : 0;
}

callgate_proxy *proxy_of(const struct scenario *it, const char *interface_name)
{
    callgate_proxy *proxy = NULL;
    callgate_proxy_new(it->client, interface_name, &proxy, NULL);
    return proxy;
}

bool because(char *why, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why, WHY_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

bool because_of(char *why, callgate_error *error)
{
    because(why, "%s", callgate_error_description(error, NULL));
    callgate_error_free(error);
    return false;
}

bool ends_as(char *why, callgate_status wanted, callgate_status status, callgate_error *error)
{
    if (status != wanted)
        because(why, "status %d instead of %d: %s", (int)status, (int)wanted,
                callgate_error_description(error, NULL));
    callgate_error_free(error);
    return status == wanted;
}

static callgate_status nest_on(callgate_call *call, callgate_writer *result, callgate_error **error)
{
    int64_t depth = 0;
    callgate_proxy *duplex = NULL;
    callgate_status status = read_integers(call, &depth, 1, error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_connection_proxy(callgate_call_connection(call), "IDuplex", &duplex, error);
    if (status == CALLGATE_STATUS_OK)
        status = nest(duplex, depth, result, error);
    callgate_proxy_free(duplex);
    return status;
}

/* Serves ICallback. */
static callgate_status serve_callback(void *user_data, callgate_call *call, callgate_writer *result,
                                      callgate_error **error)
{
    struct scenario *it = user_data;
    int64_t told = 0;
    callgate_status status;
    if (is_method(call, "Nest"))
        return nest_on(call, result, error);
    if (is_method(call, "Fail"))
        return fail_as_asked(call, error);
    if (!is_method(call, "Double") && !is_method(call, "Arrived"))
        return no_such_method(call);
    status = read_integers(call, &told, 1, error);
    if (status != CALLGATE_STATUS_OK)
        return status;
    if (is_method(call, "Double")) {
        callgate_writer_int(result, 2 * told);
        return status;
    }
    pthread_mutex_lock(&it->lock);
    it->arrived = told;
    pthread_cond_broadcast(&it->changed);
    pthread_mutex_unlock(&it->lock);
    callgate_writer_nil(result);
    return status;
}

static void callback(void *user_data, callgate_call *call)
{
    answer(serve_callback, user_data, call);
}

/* Splits a line at its tabs. */
static void read_fields(struct scenario *it, char *line)
{
    char *rest = NULL;
    char *part = strtok_r(line, "\t\n", &rest);
    for (; part != NULL && it->fields < MOST_FIELDS; part = strtok_r(NULL, "\t\n", &rest)) {
        char *equals = strchr(part, '=');
        if (equals == NULL)
            continue;
        *equals = '\0';
        it->keys[it->fields] = part;
        it->values[it->fields++] = equals + 1;
    }
}

static bool play_one(struct scenario *it, char *why)
{
    callgate_error *error = NULL;
    bool played;
    if (callgate_client_new(it->endpoint, NULL, &it->client, &error)
        || callgate_client_add_callback_handler(it->client, "ICallback", callback, it, NULL, &error)
        || callgate_client_add_interface_alias(it->client, "Old.", "ICallback", &error)
        || callgate_client_start(it->client, &error))
        return because_of(why, error);
    played = play_steps(it, why);
    if (callgate_client_close(it->client, CALLGATE_TIMEOUT_DEFAULT, &error) && played)
        played = because_of(why, error);
    callgate_client_free(it->client);
    return played;
}

/* Reads a line, for which it enlarges the memory as necessary. False at the end. */
static bool read_line(char **line, size_t *room)
{
    size_t length = 0;
    do {
        if (length + 2 > *room) {
            char *larger = realloc(*line, *room * 2 + 4096);
            if (larger == NULL)
                return false;
            *line = larger;
            *room = *room * 2 + 4096;
        }
        if (fgets(*line + length, (int)(*room - length), stdin) == NULL)
            return length > 0;
        length += strlen(*line + length);
    } while ((*line)[length - 1] != '\n');
    return true;
}

int play(const char *endpoint)
{
    char *line = NULL;
    size_t room = 0;
    char why[WHY_SIZE];
    while (read_line(&line, &room)) {
        struct scenario it;
        memset(&it, 0, sizeof it);
        it.endpoint = endpoint;
        it.arrived = -1;
        pthread_mutex_init(&it.lock, NULL);
        pthread_cond_init(&it.changed, NULL);
        read_fields(&it, line);
        if (play_one(&it, why))
            printf("ok %s\n", field(&it, "name"));
        else
            printf("failed %s: %s\n", field(&it, "name"), why);
        fflush(stdout);
        pthread_cond_destroy(&it.changed);
        pthread_mutex_destroy(&it.lock);
    }
    free(line);
    return 0;
}
