/* Shared by the C tests. */
#ifndef CHECK_H
#define CHECK_H

#include <callgate.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                \
    do {                                                                                \
        if (!(condition)) {                                                             \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);     \
            exit(1);                                                                    \
        }                                                                               \
    } while (0)

/* Checks that a call, which stores its error in &error, returns this status, and that the error has it too. */
#define CHECK_STATUS(expected, expression)                                              \
    do {                                                                                \
        callgate_error *error = NULL;                                                   \
        callgate_status status = (expression);                                          \
        if (status != (expected) || callgate_error_status(error) != (expected)) {       \
            fprintf(stderr, "%s:%d: %s: status %d: %s\n", __FILE__, __LINE__,           \
                    #expression, (int)status, callgate_error_description(error, NULL)); \
            exit(1);                                                                    \
        }                                                                               \
        callgate_error_free(error);                                                     \
    } while (0)

#define CHECK_OK(expression) CHECK_STATUS(CALLGATE_STATUS_OK, expression)
#define CHECK_ARGUMENT(expression) CHECK_STATUS(CALLGATE_STATUS_INVALID_ARGUMENT, expression)
#define CHECK_HANDLE(expression) CHECK_STATUS(CALLGATE_STATUS_INVALID_HANDLE, expression)

#endif
