/* Callgate's conformance program in C: shared declarations. ../README.md describes what the parts do. */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include "../../support/calling.h"

#include <callgate.h>

#include <stdbool.h>

/* How long anything waits for an event that must come. */
#define PATIENCE_MS 20000

/* Growing text. Starts as zeros; text_free() frees it. */
struct text {
    char *data; /* NUL-terminated, once something was added */
    size_t length;
    size_t capacity;
};

void text_add(struct text *text, const char *format, ...);
void text_free(struct text *text);

/* Adds the description of the reader's next value. */
callgate_status describe(callgate_reader *reader, struct text *text, callgate_error **error);

/* Reads a value and writes it again, as C represents it. */
callgate_status copy(callgate_reader *reader, callgate_writer *writer, callgate_error **error);

/* Reads a string into newly allocated, NUL-terminated memory, which the caller frees. */
callgate_status read_text(callgate_reader *reader, char **text, callgate_error **error);

/* Makes a remote error, and returns its status. */
callgate_status raise_remote(const char *type_name, const char *message, callgate_error **error);

/* Calls a method with integers. result may be NULL; otherwise the method must return an integer. */
callgate_status call_integers(const callgate_proxy *proxy, const char *method, const int64_t *arguments,
                              size_t count, int64_t *result, callgate_error **error);

/* Serves one call: writes its result and returns CALLGATE_STATUS_OK, or fails with an error. */
typedef callgate_status (*serve_fn)(void *state, callgate_call *call, callgate_writer *result,
                                    callgate_error **error);

/* Returned by a serve_fn that has already replied with callgate_call_fail_no_such_method(). */
#define ANSWERED ((callgate_status)(-1))

/* Lets a serve_fn serve a call, and replies with its result. */
void answer(serve_fn serve, void *state, callgate_call *call);

/* Replies that there is no such method. */
callgate_status no_such_method(callgate_call *call);

/* Reads arguments, all of them integers. */
callgate_status read_integers(callgate_call *call, int64_t *numbers, size_t count, callgate_error **error);

/* Fails in the way that its arguments, two texts, describe. */
callgate_status fail_as_asked(callgate_call *call, callgate_error **error);

/* Calls Nest of the peer with the depth reduced by one, unless depth is 0. */
callgate_status nest(const callgate_proxy *other, int64_t depth, callgate_writer *result,
                     callgate_error **error);

/* Fills in a delegate of IJournal, ISession or ISlow, if the interface is one of these. */
bool make_stateful(const char *interface_name, callgate_delegate *delegate);

/* Fills in a delegate of IGathering. */
void make_gathering(callgate_delegate *delegate);

/* The duplex delegate factory of IDuplex. */
callgate_status make_duplex(void *user_data, callgate_connection *connection, callgate_proxy *callback,
                            callgate_delegate *delegate, callgate_error **error);

/* The two roles; they return the exit code. */
int serve(int count, char **endpoints);
int play(const char *endpoint);

#endif
