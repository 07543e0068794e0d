/* trial.c - a thread while a set is tried, and what came of it. */
#include "trial.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/mail.h"

enum { TEXT_MAX = 64, DIR_MAX = 4096 };

/* A copy of what the thread reads: region and hub of the caller's do not last. */
struct job {
        struct letter letter;
        struct trial *trial;
        struct book *book;
        struct region region;
        struct hub hub;
        struct book_spec spec;
        char dir[DIR_MAX], code[TEXT_MAX], policy[TEXT_MAX], timezone[TEXT_MAX], jurisdiction[TEXT_MAX];
        char places[HUB_PLACES_MAX][16];
        bool holds;
        char why[TRIAL_WHY];
};

struct trial {
        struct mailbox *answers;
        struct watch *watch;
        void (*done)(void *ctx);
        void *ctx;
        pthread_t thread;
        struct job *job; /* NULL: none runs */
        atomic_bool stop;
        enum trial_said said; /* of `hash` */
        uint8_t hash[32];
        char why[TRIAL_WHY];
};

static void job_free(struct job *j)
{
        if (j)
                book_drop(j->book);
        free(j);
}

static const char *copy(char *to, size_t size, const char *from)
{
        snprintf(to, size, "%s", from ? from : "");
        return to;
}

static struct job *job_new(struct trial *t, struct book *fresh, const struct book_spec *spec)
{
        struct job *j = calloc(1, sizeof *j);
        if (!j)
                return NULL;
        j->trial = t;
        j->book = book_hold(fresh);
        j->region = (struct region){ .code = copy(j->code, TEXT_MAX, spec->region->code), .title = "",
                                     .jurisdiction = copy(j->jurisdiction, TEXT_MAX, spec->region->jurisdiction),
                                     .timezone = copy(j->timezone, TEXT_MAX, spec->region->timezone),
                                     .policy = copy(j->policy, TEXT_MAX, spec->region->policy) };
        for (size_t i = 0; spec->hub && i < spec->hub->n_places; i++)
                j->hub.places[j->hub.n_places++] = (struct hub_place){
                        .what = spec->hub->places[i].what,
                        .jurisdiction = copy(j->places[i], sizeof j->places[i], spec->hub->places[i].jurisdiction),
                };
        j->spec = (struct book_spec){ copy(j->dir, DIR_MAX, spec->policies_dir), &j->region, &j->hub };
        return j;
}

static void *work(void *arg)
{
        struct job *j = arg;
        j->holds = trial_now(j->book, &j->spec, TRIAL_US, &j->trial->stop, j->why);
        mailbox_return(j->trial->answers, &j->letter);
        return NULL;
}

static void on_answer(void *ctx)
{
        struct trial *t = ctx;
        struct job *j = t->job;
        if (!mailbox_take(t->answers) || !j)
                return;
        pthread_join(t->thread, NULL);
        t->job = NULL;
        t->said = j->holds ? TRIAL_HOLDS : TRIAL_FAILS;
        memcpy(t->hash, book_hash(j->book), sizeof t->hash);
        memcpy(t->why, j->why, sizeof t->why);
        job_free(j);
        t->done(t->ctx);
}

bool trial_open(struct trial **out, struct loop *l, void (*done)(void *ctx), void *ctx, struct err *err)
{
        struct trial *t = calloc(1, sizeof *t);
        *out = t;
        if (!t)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        t->done = done;
        t->ctx = ctx;
        t->answers = mailbox_new(1);
        t->watch = t->answers ? loop_readable(l, mailbox_fd(t->answers), on_answer, t) : NULL;
        return t->watch || err_set(err, ERR_SYSTEM, 0, "could not set up trials of policies: out of memory");
}

void trial_close(struct trial *t)
{
        if (!t)
                return;
        atomic_store(&t->stop, true);
        if (t->job) {
                pthread_join(t->thread, NULL);
                job_free(t->job);
        }
        watch_stop(t->watch);
        mailbox_free(t->answers);
        free(t);
}

enum trial_said trial_of(const struct trial *t, const uint8_t hash[32], char why[TRIAL_WHY])
{
        why[0] = 0;
        if (t->job && memcmp(book_hash(t->job->book), hash, 32) == 0)
                return TRIAL_RUNS;
        if (t->said == TRIAL_UNKNOWN || memcmp(t->hash, hash, 32) != 0)
                return TRIAL_UNKNOWN;
        snprintf(why, TRIAL_WHY, "%s", t->why);
        return t->said;
}

void trial_forget(struct trial *t)
{
        t->said = TRIAL_UNKNOWN;
}

bool trial_begin(struct trial *t, struct book *fresh, const struct book_spec *spec, struct err *err)
{
        if (t->job)
                return err_set(err, ERR_BUSY, 0, "another set is being tried");
        t->job = job_new(t, fresh, spec);
        if (!t->job || pthread_create(&t->thread, NULL, work, t->job) != 0) {
                job_free(t->job);
                t->job = NULL;
                return err_set(err, ERR_RETRY, 0, "its cases cannot be tried: no memory or thread is left");
        }
        return true;
}
