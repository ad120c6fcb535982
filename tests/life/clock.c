/* A library that is loaded before all others (LD_PRELOAD) and lets a test set a process's clocks. The file that
 * CALLGATE_TEST_CLOCK names holds three 64-bit numbers: by how many seconds the time of day, the monotonic clock
 * and the clock that counts sleep are ahead of the system's. They take effect at once. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { TIME_OF_DAY, MONOTONIC, WITH_SLEEP, CLOCKS };

static const int64_t still[CLOCKS];
static const volatile int64_t *ahead = still;
static long (*system_call)(long number, ...);

__attribute__((constructor)) static void begin(void)
{
    const char *file = getenv("CALLGATE_TEST_CLOCK");
    int descriptor = file != NULL ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    if (descriptor < 0)
        abort();
    ahead = mmap(NULL, sizeof still, PROT_READ, MAP_SHARED, descriptor, 0);
    if (ahead == MAP_FAILED)
        abort();
    close(descriptor);
}

static int64_t ahead_of(clockid_t clock)
{
    switch (clock) {
    case CLOCK_REALTIME: case CLOCK_REALTIME_COARSE: case CLOCK_TAI:
        return ahead[TIME_OF_DAY];
    case CLOCK_MONOTONIC: case CLOCK_MONOTONIC_RAW: case CLOCK_MONOTONIC_COARSE:
        return ahead[MONOTONIC];
    case CLOCK_BOOTTIME:
        return ahead[WITH_SLEEP];
    default:
        return 0;
    }
}

static long call(long number, long a, long b, long c, long d, long e, long f)
{
    if (system_call == NULL)
        *(void **)&system_call = dlsym(RTLD_NEXT, "syscall");
    return system_call(number, a, b, c, d, e, f);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int failed = (int)call(SYS_clock_gettime, clock, (long)now, 0, 0, 0, 0);
    if (failed == 0)
        now->tv_sec += ahead_of(clock);
    return failed;
}

time_t time(time_t *place)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (place != NULL)
        *place = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict moment, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    moment->tv_sec = now.tv_sec;
    moment->tv_usec = now.tv_nsec / 1000;
    return 0;
}

/* Threads wait until a time of one of these clocks, by this system call. */
static int is_wait_until(long number, long operation, const struct timespec *until)
{
    return number == SYS_futex && (operation & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET && until != NULL;
}

long syscall(long number, ...)
{
    long a, b, c, d, e, f;
    va_list arguments;
    va_start(arguments, number);
    a = va_arg(arguments, long), b = va_arg(arguments, long), c = va_arg(arguments, long);
    d = va_arg(arguments, long), e = va_arg(arguments, long), f = va_arg(arguments, long);
    va_end(arguments);
    if (is_wait_until(number, b, (const struct timespec *)d)) {
        struct timespec until = *(const struct timespec *)d;
        until.tv_sec -= ahead_of(b & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC);
        if (until.tv_sec < 0)
            until.tv_sec = 0, until.tv_nsec = 0;
        return call(number, a, b, c, (long)&until, e, f);
    }
    return call(number, a, b, c, d, e, f);
}
