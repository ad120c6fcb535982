/* Shared by the client's steps. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "conformance.h"

#include <pthread.h>

#define MOST_FIELDS 16
#define WHY_SIZE 512

/* A scenario being played. */
struct scenario {
    const char *endpoint;
    callgate_client *client;
    char *keys[MOST_FIELDS];
    char *values[MOST_FIELDS];
    int fields;
    /* The last argument of ICallback.Arrived, or -1. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int64_t arrived;
};

/* Plays the steps of a scenario. If it fails, stores the reason in why. */
bool play_steps(struct scenario *it, char *why);

/* The steps `call` and `value`. */
bool play_call(struct scenario *it, char *why);
bool play_value(struct scenario *it, char *why);

/* The steps `cancel`, `meet` and `threads`. */
bool play_cancel(struct scenario *it, char *why);
bool play_meet(struct scenario *it, char *why);
bool play_threads(struct scenario *it, char *why);

/* The steps `gather`. */
bool play_gather(struct scenario *it, char *why);

/* Calls a method with integers like call_integers(), and fails unless the call succeeds. */
bool calls_well(const callgate_proxy *proxy, const char *method, const int64_t *arguments, size_t count,
                int64_t *result, char *why);

/* Calls repeatedly until the method returns 1. */
bool becomes_one(const callgate_proxy *slow, const char *method, char *why);

/* A field's text, or NULL. */
const char *field(const struct scenario *it, const char *key);
int64_t number(const struct scenario *it, const char *key);

/* A proxy of the scenario's client. If that fails, NULL, which no call accepts. */
callgate_proxy *proxy_of(const struct scenario *it, const char *interface_name);

/* These store the reason in why, and return false. The second one frees the error. */
bool because(char *why, const char *format, ...);
bool because_of(char *why, callgate_error *error);

/* Whether the status is the expected one; frees the error. */
bool ends_as(char *why, callgate_status wanted, callgate_status status, callgate_error *error);

#endif
