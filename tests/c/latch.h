/* A counter that threads increment and wait for. */
#ifndef LATCH_H
#define LATCH_H

#include <pthread.h>

typedef struct latch {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int count;
} latch;

#define LATCH {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0}

/* Usable as a callgate_free_fn. */
static inline void latch_count(void *user_data)
{
    latch *latch = user_data;
    pthread_mutex_lock(&latch->lock);
    latch->count++;
    pthread_cond_broadcast(&latch->changed);
    pthread_mutex_unlock(&latch->lock);
}

/* Waits until the count is at least `count`. */
static inline void latch_wait(latch *latch, int count)
{
    pthread_mutex_lock(&latch->lock);
    while (latch->count < count)
        pthread_cond_wait(&latch->changed, &latch->lock);
    pthread_mutex_unlock(&latch->lock);
}

static inline int latch_now(latch *latch)
{
    int count;
    pthread_mutex_lock(&latch->lock);
    count = latch->count;
    pthread_mutex_unlock(&latch->lock);
    return count;
}

#endif
