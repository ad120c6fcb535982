/* Prints the library's version and the number of its binary interface. */
#include <callgate.h>

#include <stdio.h>

int main(void)
{
    if (callgate_abi_version() != CALLGATE_ABI_VERSION)
        return 1;
    printf("%s %u\n", callgate_version(), (unsigned)callgate_abi_version());
    return 0;
}
