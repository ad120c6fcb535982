/* Prints the version of the loaded library, then that of the header. */
#include <callgate.h>

#include <stdio.h>

#if !CALLGATE_VERSION_AT_LEAST(0, 0, 1) || CALLGATE_VERSION_AT_LEAST(CALLGATE_VERSION_MAJOR, 999, 0)
#error "CALLGATE_VERSION_AT_LEAST compares wrongly"
#endif

int main(void)
{
    if (callgate_abi_version() != CALLGATE_ABI_VERSION)
        return 1;
    printf("%s %u\n", callgate_version(), (unsigned)callgate_abi_version());
    printf("%s\n%d\n%d\n%d\n", CALLGATE_VERSION, CALLGATE_VERSION_MAJOR, CALLGATE_VERSION_MINOR,
           CALLGATE_VERSION_PATCH);
    return 0;
}
