/* The chaos run's program in C: the host, or the client. */
#include "chaos.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc > 3 && strcmp(argv[1], "host") == 0) {
        serve(argv[2], argc - 3, argv + 3);
    } else if (argc == 7 && strcmp(argv[1], "client") == 0) {
        uint64_t numbers[3];
        int i;
        for (i = 0; i < 3; i++)
            numbers[i] = strtoull(argv[4 + i], NULL, 10);
        run(argv[2], argv[3], numbers);
    } else {
        fputs("usage: chaos host RECORD ENDPOINT... | client RECORD ENDPOINT NUMBER SEED PAUSE_MS\n", stderr);
        return 2;
    }
    return 0;
}
