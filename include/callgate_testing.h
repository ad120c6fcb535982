/*
 * Callgate for tests: connections that fail on purpose.
 *
 * This file is generated from src/ffi. It includes callgate.h, whose conventions apply here too. It is for the
 * tests of programs that use Callgate, in any language: what happens to them when the other side is slow, dies or
 * falls silent.
 *
 * The shared library exports these functions with the others, under the same CALLGATE_ABI_VERSION.
 */

#ifndef CALLGATE_TESTING_H
#define CALLGATE_TESTING_H

#include "callgate.h"

#ifdef __cplusplus
extern "C" {
#endif


/*
 * Faulty relays
 * =============
 *
 * A faulty relay listens on an endpoint, and forwards each connection to a host, with the faults that a test
 * asks for. Clients connect to the relay in place of the host. The host sees the relay's process as its
 * peer. Here the first connection of a client of "pipe://bad-line" is cut, and the next one is not (without
 * checks):
 *     callgate_faults faults = {0};
 *     callgate_relay *relay;
 *     faults.struct_size = sizeof faults;
 *     faults.seed = 7;
 *     faults.cut_min = 100;
 *     faults.cut_max = 5000;
 *     faults.connections = 1;
 *     callgate_relay_start("pipe://bad-line", "pipe://calculator", &faults, &relay, NULL);
 *     ...
 *     callgate_relay_free(relay);
 */

/** Both directions of a connection have the faults, each with choices of its own. */
#define CALLGATE_DIRECTION_BOTH 0
/** Bytes from the client to the host have the faults. */
#define CALLGATE_DIRECTION_TO_HOST 1
/** Bytes from the host to the client have the faults. */
#define CALLGATE_DIRECTION_TO_CLIENT 2

/** Spoils connections on purpose. */
typedef struct callgate_relay callgate_relay;

/**
 * The faults of a relay's connections; all zero means none. Every choice follows from the seed, the number of
 * the connection, the direction and the position of a byte, so the same bytes meet the same faults again.
 *
 * A position is the number of bytes before it in its direction of the connection, the handshake's included.
 * A fault with a least and a greatest position happens once in each connection, at one of them. If both are 0,
 * it does not happen.
 */
typedef struct {
    /** sizeof(callgate_faults). */
    size_t struct_size;
    /** The choices: another seed makes others. */
    uint64_t seed;
    /** How many connections have the faults, the next ones; later ones have none. 0 means all. */
    uint64_t connections;
    /** The longest pause, in microseconds, before a piece of 1 to 4096 bytes is forwarded. */
    uint64_t delay_us;
    /** Where the connection is cut, both ways. */
    uint64_t cut_min;
    /** The greatest position of it. */
    uint64_t cut_max;
    /**
     * From where on the bytes vanish, and the end of the stream too: the other side sees a peer that says
     * nothing more, as when a machine or a network dies.
     */
    uint64_t silence_min;
    /** The greatest position of it. */
    uint64_t silence_max;
    /** Where a byte is changed. */
    uint64_t corrupt_min;
    /** The greatest position of it. */
    uint64_t corrupt_max;
    /** Where a byte is lost. */
    uint64_t lose_min;
    /** The greatest position of it. */
    uint64_t lose_max;
    /** CALLGATE_DIRECTION_BOTH, CALLGATE_DIRECTION_TO_HOST or CALLGATE_DIRECTION_TO_CLIENT. */
    uint32_t direction;
    /** Unless 0, each byte is forwarded alone. */
    uint8_t byte_wise;
} callgate_faults;

/**
 * Starts a relay that listens on `listen` and connects to the host at the endpoint `host`. faults may be NULL.
 * The host may start later: until then the connections end at once, and clients try again.
 * CALLGATE_STATUS_INVALID_ARGUMENT for malformed endpoints or faults, CALLGATE_STATUS_ADDRESS_IN_USE if
 * another program listens there.
 */
callgate_status callgate_relay_start(const char *listen,
                                     const char *host,
                                     const callgate_faults *faults,
                                     callgate_relay **relay,
                                     callgate_error **error);

/** The endpoint for clients, with the port that the system chose. Borrowed until the relay is freed. */
const char *callgate_relay_endpoint(const callgate_relay *relay, size_t *length);

/** Sets the faults of the connections that are accepted from now on; NULL means none. */
callgate_status callgate_relay_set_faults(callgate_relay *relay,
                                          const callgate_faults *faults,
                                          callgate_error **error);

/** How many connections the relay has accepted so far. */
uint64_t callgate_relay_connection_count(const callgate_relay *relay);

/** Cuts the connections that are open. */
callgate_status callgate_relay_cut(callgate_relay *relay, callgate_error **error);

/** Frees a relay: it listens no more, and its connections are cut. Freeing NULL does nothing. */
void callgate_relay_free(callgate_relay *relay);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* CALLGATE_TESTING_H */
