/* What test programs in C have in common: calling with a writer's arguments, and asking for a call's method. */
#ifndef CALLING_H
#define CALLING_H

#include <callgate.h>

#include <stdbool.h>
#include <string.h>

/* Calls a method with the arguments in a writer, and frees the writer. reply may be NULL. */
static inline callgate_status call_with(const callgate_proxy *proxy, const char *method,
                                        callgate_writer *arguments, const callgate_call_options *options,
                                        callgate_buffer *reply, callgate_error **error)
{
    const void *data;
    size_t length;
    callgate_status status = callgate_writer_finish(arguments, &data, &length, error);
    if (status == CALLGATE_STATUS_OK)
        status = callgate_proxy_call(proxy, method, data, length, options, reply, error);
    callgate_writer_free(arguments);
    return status;
}

/* Whether the call's method has this name. */
static inline bool is_method(const callgate_call *call, const char *name)
{
    return strcmp(callgate_call_method(call, NULL), name) == 0;
}

#endif
