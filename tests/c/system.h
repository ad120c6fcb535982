/* Where the C tests need more of the system than C has. */
#ifndef SYSTEM_H
#define SYSTEM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#ifdef _WIN32
/* Otherwise it defines common words. */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

static inline void *load_library(const char *path)
{
    return LoadLibraryA(path);
}

static inline void *find_function(void *library, const char *name)
{
    FARPROC found = GetProcAddress(library, name);
    void *function;
    memcpy(&function, &found, sizeof function);
    return function;
}

static inline bool unload_library(void *library)
{
    return FreeLibrary(library) != 0;
}

/* Users have no numbers there. */
static inline int64_t own_user(void)
{
    return -1;
}

/* A user that the tests do not run as. */
static inline const char *stranger(void)
{
    return "S-1-5-7";
}

static inline void wait_for_ever(void)
{
    Sleep(INFINITE);
}

/* Whether only this user may read a file with this mode, which says nothing about that there. */
static inline bool is_private(unsigned mode)
{
    return mode != 0;
}

#else
#include <dlfcn.h>

static inline void *load_library(const char *path)
{
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static inline void *find_function(void *library, const char *name)
{
    return dlsym(library, name);
}

static inline bool unload_library(void *library)
{
    return dlclose(library) == 0;
}

static inline int64_t own_user(void)
{
    return getuid();
}

static inline const char *stranger(void)
{
    return "4294967293";
}

static inline void wait_for_ever(void)
{
    for (;;)
        pause();
}

static inline bool is_private(unsigned mode)
{
    return (mode & 0777) == 0600;
}

#endif
#endif
