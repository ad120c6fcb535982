/* Callgate's conformance program in C: the host, or the client. */
#include "conformance.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "host") == 0)
        return serve(argc - 2, argv + 2);
    if (argc == 3 && strcmp(argv[1], "client") == 0)
        return play(argv[2]);
    fprintf(stderr, "usage: %s host ENDPOINT... | client ENDPOINT\n", argv[0]);
    return 2;
}
