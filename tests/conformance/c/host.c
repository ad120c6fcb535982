/* The host: its stateless interfaces, its factory and its life cycle. */
#include "conformance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static callgate_status add(callgate_call *call, callgate_writer *result, callgate_error **error)
{
    int64_t numbers[2] = {0, 0};
    callgate_status status = read_integers(call, numbers, 2, error);
    callgate_writer_int(result, numbers[0] + numbers[1]);
    return status;
}

static callgate_status serve_calculator(void *state, callgate_call *call, callgate_writer *result,
                                        callgate_error **error)
{
    (void)state;
    return is_method(call, "Add") ? add(call, result, error) : no_such_method(call);
}

static callgate_status join(callgate_call *call, callgate_writer *result, callgate_error **error)
{
    callgate_reader reader;
    struct text both = {NULL, 0, 0};
    char *part = NULL;
    int i;
    callgate_status status = callgate_call_read_arguments(call, 2, &reader, error);
    for (i = 0; i < 2 && status == CALLGATE_STATUS_OK; i++) {
        status = read_text(&reader, &part, error);
        if (status == CALLGATE_STATUS_OK) {
            text_add(&both, "%s", part);
            free(part);
        }
    }
    callgate_writer_string_n(result, both.data, both.length);
    text_free(&both);
    return status;
}

static callgate_status serve_overloads(void *state, callgate_call *call, callgate_writer *result,
                                       callgate_error **error)
{
    const char *signature = callgate_call_signature(call, NULL);
    (void)state;
    if (is_method(call, "Add") && strcmp(signature, "Add_Int64_Int64") == 0)
        return add(call, result, error);
    if (is_method(call, "Add") && strcmp(signature, "Add_String_String") == 0)
        return join(call, result, error);
    return no_such_method(call);
}

/* Describe: returns the description of its argument. */
static callgate_status describe_argument(callgate_reader *reader, callgate_writer *result,
                                         callgate_error **error)
{
    struct text text = {NULL, 0, 0};
    callgate_status status = describe(reader, &text, error);
    callgate_writer_string_n(result, text.data, text.length);
    text_free(&text);
    return status;
}

static callgate_status serve_values(void *state, callgate_call *call, callgate_writer *result,
                                    callgate_error **error)
{
    callgate_reader reader;
    int32_t small = 0;
    int64_t number = 0;
    uint64_t large = 0;
    callgate_status status = callgate_call_read_arguments(call, 1, &reader, error);
    (void)state;
    if (status != CALLGATE_STATUS_OK)
        return status;
    if (is_method(call, "Echo"))
        return copy(&reader, result, error);
    if (is_method(call, "Describe"))
        return describe_argument(&reader, result, error);
    if (is_method(call, "Int32")) {
        status = callgate_reader_int32(&reader, &small, error);
        callgate_writer_int(result, small);
    } else if (is_method(call, "Int64")) {
        status = callgate_reader_int64(&reader, &number, error);
        callgate_writer_int(result, number);
    } else if (is_method(call, "UInt64")) {
        status = callgate_reader_uint64(&reader, &large, error);
        callgate_writer_uint(result, large);
    } else {
        status = no_such_method(call);
    }
    return status;
}

static callgate_status serve_faults(void *state, callgate_call *call, callgate_writer *result,
                                    callgate_error **error)
{
    (void)state, (void)result;
    return is_method(call, "Fail") ? fail_as_asked(call, error) : no_such_method(call);
}

static void calculator(void *user_data, callgate_call *call)
{
    answer(serve_calculator, user_data, call);
}

static void overloads(void *user_data, callgate_call *call)
{
    answer(serve_overloads, user_data, call);
}

static void values(void *user_data, callgate_call *call)
{
    answer(serve_values, user_data, call);
}

static void faults(void *user_data, callgate_call *call)
{
    answer(serve_faults, user_data, call);
}

static callgate_status make_delegate(void *user_data, const char *interface_name,
                                     callgate_connection *connection, callgate_delegate *delegate,
                                     callgate_error **error)
{
    (void)user_data, (void)connection, (void)error;
    if (strcmp(interface_name, "ICalculator") == 0)
        delegate->invoke = calculator;
    else if (strcmp(interface_name, "IOverloads") == 0)
        delegate->invoke = overloads;
    else if (strcmp(interface_name, "IValues") == 0)
        delegate->invoke = values;
    else if (strcmp(interface_name, "IFaults") == 0)
        delegate->invoke = faults;
    else if (strcmp(interface_name, "IGathering") == 0)
        make_gathering(delegate);
    else
        make_stateful(interface_name, delegate);
    return CALLGATE_STATUS_OK;
}

static int give_up(callgate_error *error)
{
    fprintf(stderr, "host: %s\n", callgate_error_description(error, NULL));
    callgate_error_free(error);
    return 1;
}

int serve(int count, char **endpoints)
{
    callgate_host *host = NULL;
    callgate_error *error = NULL;
    int i;
    size_t place;
    if (callgate_host_new(NULL, &host, &error)
        || callgate_host_add_delegate_factory(host, make_delegate, NULL, NULL, &error)
        || callgate_host_add_duplex_delegate_factory(host, "IDuplex", "ICallback", make_duplex, NULL,
                                                     NULL, &error)
        || callgate_host_add_duplex_delegate_factory(host, "IOldDuplex", "Old.ICallback", make_duplex,
                                                     NULL, NULL, &error)
        || callgate_host_add_interface_alias(host, "Old.", "ICalculator", &error))
        return give_up(error);
    for (i = 0; i < count; i++)
        if (callgate_host_add_endpoint(host, endpoints[i], &error))
            return give_up(error);
    if (callgate_host_start(host, &error))
        return give_up(error);

    printf("ready");
    for (place = 0; place < callgate_host_endpoint_count(host); place++)
        printf(" %s", callgate_host_endpoint(host, place, NULL));
    printf("\n");
    fflush(stdout);
    while (getchar() != EOF)
        ;
    if (callgate_host_close(host, CALLGATE_TIMEOUT_DEFAULT, &error))
        return give_up(error);
    callgate_host_free(host);
    return 0;
}
