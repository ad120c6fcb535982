/* The chaos run's program in C: shared declarations. ../README.md describes what the parts do. */
#ifndef CHAOS_H
#define CHAOS_H

#include "../../support/calling.h"

#include <callgate.h>

#include <stdbool.h>

/* Ends the program: something has failed that cannot fail here. */
void give_up(const char *what, callgate_error *error);

/* Opens the file in which this process records pairs of numbers. */
int open_record(const char *path);

/* Records a pair: one small write, which the system keeps when the process is killed. */
void note(int record, uint64_t first, uint64_t second);

/* Each call carries its id, and this number of it, so that a spoiled id is noticed. */
uint64_t check_of(uint64_t id);

/* Begins the arguments of a call: a number, or an id with its check. The arguments may go on. */
callgate_writer *with_number(uint64_t number);
callgate_writer *with_id(uint64_t id);

/* Calls a method with one number, and reads the number that it returns. */
callgate_status call_number(const callgate_proxy *proxy, const char *method, uint64_t number,
                            uint64_t *result, callgate_error **error);

/* Replies with a number, or with the error if there is one, which it frees. */
void reply_number(callgate_call *call, uint64_t number, callgate_error *error);

/* The lanes of a client. step() takes one step of the lane. */
#define LANES 3
struct lane {
    int record;
    callgate_proxy *work, *ordered;
    uint64_t prefix; /* the bits of an id that say which lane made the call */
    uint64_t calls;
    uint64_t random;
};
void step(struct lane *lane, int number);

/* The two roles. */
void serve(const char *record, int count, char **endpoints);
void run(const char *record, const char *endpoint, const uint64_t numbers[3]);

#endif
