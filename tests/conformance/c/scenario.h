/* What the client's steps work with. */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "conformance.h"

#include <pthread.h>

#define MOST_FIELDS 16
#define WHY_SIZE 512

/* A scenario that is played. */
struct scenario {
    const char *endpoint;
    callgate_client *client;
    char *keys[MOST_FIELDS];
    char *values[MOST_FIELDS];
    int fields;
    /* What ICallback.Arrived was told last, or -1. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int64_t arrived;
};

/* Plays the steps of a scenario. When it fails, why has the reason. */
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

/* Calls a method with integers, which must succeed; as call_integers() else. */
bool calls_well(const callgate_proxy *proxy, const char *method, const int64_t *arguments, size_t count,
                int64_t *result, char *why);

/* Asks again and again until the method returns 1. */
bool becomes_one(const callgate_proxy *slow, const char *method, char *why);

/* A field's text, or NULL. */
const char *field(const struct scenario *it, const char *key);
int64_t number(const struct scenario *it, const char *key);

/* A proxy of the scenario's client. NULL, which no call takes, if that fails. */
callgate_proxy *proxy_of(const struct scenario *it, const char *interface_name);

/* These say why, and return false. The second one frees the error. */
bool because(char *why, const char *format, ...);
bool because_of(char *why, callgate_error *error);

/* Whether the status is the one that is wanted; frees the error. */
bool ends_as(char *why, callgate_status wanted, callgate_status status, callgate_error *error);

#endif
