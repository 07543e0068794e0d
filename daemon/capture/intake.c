/* intake.c - the agent's sources with their secrets and counts, and the book in force. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/secret.h"
#include "door.h"
#include "source/hook.h"

const struct option capture_options[] = {
        { "max_request", OPTION_SIZE, OPTION_AT(struct capture_settings, max_request), "64 KiB", "1 GiB",
          "32 MiB", 0, "Bytes of one POST /v1/records. Beyond: 413." },
        { "max_hook", OPTION_SIZE, OPTION_AT(struct capture_settings, max_hook), "64 KiB", "64 MiB", "25 MiB",
          0, "Bytes of one webhook; GitHub sends at most 25 MiB. Beyond: 413." },
        { "budget", OPTION_SIZE, OPTION_AT(struct capture_settings, budget), "8 MiB", "16 GiB", "64 MiB", 0,
          "Bytes of request bodies that are held in memory at once, webhooks at most half of it. "
          "Beyond: 503." },
        { "connections", OPTION_INT, OPTION_AT(struct capture_settings, connections), "1", "10000", "256", 0,
          "Connections that are open at once. Beyond: 503." },
        { "timeout", OPTION_TIME, OPTION_AT(struct capture_settings, timeout_us), "100 ms", "10 minutes",
          "30 s", 0, "How long a sender may take for the head of a request, and between two pieces of its "
                     "body." },
        { "per_second", OPTION_FLOAT, OPTION_AT(struct capture_settings, per_second), "0", "1000000", "0", 0,
          "Records a second that each source may send over HTTP; 0 is no limit. Beyond: 429." },
        { "scan_every", OPTION_TIME, OPTION_AT(struct capture_settings, scan_every_us), "100 ms", "1 hour",
          "30 s", 0, "How often inboxes are looked through; a new file also wakes the agent at once." },
        { "max_file", OPTION_SIZE, OPTION_AT(struct capture_settings, max_file), "64 KiB", "1 TiB", "10 GiB",
          0, "Bytes of one file in an inbox, uncompressed. A larger one is set aside." },
        { "failed_kept", OPTION_TIME, OPTION_AT(struct capture_settings, failed_kept_us), "1 hour", "7 days",
          "7 days", 0, "How long lines of files that were refused are kept, sealed, in failed/." },
        OPTION_END
};

#define COUNTER(which, name, label, help) [which] = { name, METRIC_COUNTER, label, help, 0 }
#define PEOPLE(which, name, label, help) [which] = { name, METRIC_PEOPLE, label, help, 0 }
struct metric capture_metrics[] = {
        PEOPLE(CAPTURE_ACCEPTED, "tributary_capture_accepted_total", NULL,
                "Records that are durably in the vault."),
        PEOPLE(CAPTURE_REFUSED, "tributary_capture_refused_total", NULL,
                "Lines and records that were refused with a reason."),
        PEOPLE(CAPTURE_DISCARDED, "tributary_capture_discarded_pieces_total", NULL,
                "Pieces of text that were removed before anything was stored."),
        COUNTER(CAPTURE_UNKNOWN_FIELDS, "tributary_capture_unknown_fields_total", NULL,
                "Fields that no record has, left out."),
        PEOPLE(CAPTURE_ERASED, "tributary_capture_erased_total", NULL,
                "Records that were refused because they had been erased before."),
        COUNTER(CAPTURE_UNAUTHORISED, "tributary_capture_unauthorised_total", NULL,
                "Requests with a wrong token or signature, or none."),
        COUNTER(CAPTURE_BUSY, "tributary_capture_busy_total", NULL,
                "Requests that were answered 503."),
        COUNTER(CAPTURE_PACED, "tributary_capture_paced_total", NULL,
                "Requests that were answered 429."),
        COUNTER(CAPTURE_HOOKS_COUNTED, "tributary_capture_hooks_counted_total", NULL,
                "Webhooks of events that are not mapped: answered and counted."),
        COUNTER(CAPTURE_FILES, "tributary_capture_files_total", "outcome=\"captured\"",
                "Files of inboxes, by what became of them."),
        COUNTER(CAPTURE_FILES_SAME, "tributary_capture_files_total", "outcome=\"same\"",
                "Files of inboxes, by what became of them."),
        COUNTER(CAPTURE_FILES_FAILED, "tributary_capture_files_total", "outcome=\"failed\"",
                "Files of inboxes, by what became of them."),
        METRIC_END
};

/* ---- Secrets ------------------------------------------------------------ */

static bool load_one(struct intake_source *s, int which, const char *file, const char *env,
                     struct report *report)
{
        struct err err = ERR_INIT;
        struct buf secret;
        buf_init(&secret, 4096);
        bool ok = secret_load(&secret, file, env, &err);
        if (!ok) {
                conf_complain(report, s->source->node, REPORT_ERROR, err.hint[0] ? err.hint : NULL,
                              "secret of source \"%s\": %s", s->source->name, err.text);
        } else if (hook_sender(s->source)) {
                buf_put(&s->secrets[which], buf_slice(&secret));
        } else {
                sha256(s->token[which], buf_slice(&secret));
                s->has_token[which] = true;
        }
        buf_wipe(&secret);
        return ok;
}

static bool given(const char *file, const char *env)
{
        return (file && *file) || (env && *env);
}

static bool load_secrets(struct intake_source *s, struct report *report)
{
        const struct source *of = s->source;
        if (of->type == SOURCE_FOLDER)
                return true;
        bool ok = load_one(s, 0, of->secret_file, of->secret_env, report);
        if (given(of->next_secret_file, of->next_secret_env))
                ok &= load_one(s, 1, of->next_secret_file, of->next_secret_env, report);
        return ok;
}

/* A token says which source is speaking: two sources cannot share one. */
static bool tokens_differ(const struct intake *in, struct report *report)
{
        bool ok = true;
        for (size_t i = 0; i < in->n_sources; i++) {
                for (size_t j = 0; j < i; j++) {
                        const struct intake_source *a = &in->sources[i], *b = &in->sources[j];
                        for (int k = 0; k < 4; k++) {
                                if (!a->has_token[k / 2] || !b->has_token[k % 2] ||
                                    !bytes_equal(a->token[k / 2], b->token[k % 2], SHA256_BYTES))
                                        continue;
                                conf_complain(report, a->source->node, REPORT_ERROR,
                                              "Give each source a token of its own.",
                                              "sources \"%s\" and \"%s\" have the same token",
                                              a->source->name, b->source->name);
                                ok = false;
                        }
                }
        }
        return ok;
}

static bool tokens_match(const struct intake_source *s, const uint8_t hash[SHA256_BYTES])
{
        bool first = s->has_token[0] & bytes_equal(s->token[0], hash, SHA256_BYTES);
        bool second = s->has_token[1] & bytes_equal(s->token[1], hash, SHA256_BYTES);
        return first | second;
}

struct intake_source *intake_bearer(struct intake *in, struct slice token)
{
        struct intake_source *found = NULL;
        uint8_t hash[SHA256_BYTES];
        sha256(hash, token);
        for (size_t i = 0; i < in->n_sources; i++)
                if (tokens_match(&in->sources[i], hash))
                        found = &in->sources[i];
        return found;
}

struct intake_source *intake_named(struct intake *in, struct slice name, enum source_type type)
{
        for (size_t i = 0; i < in->n_sources; i++)
                if (in->sources[i].source->type == (int)type && slice_is(name, in->sources[i].source->name))
                        return &in->sources[i];
        return NULL;
}

struct intake_source *intake_hook(struct intake *in, struct slice name)
{
        for (size_t i = 0; i < in->n_sources; i++)
                if (hook_sender(in->sources[i].source) && slice_is(name, in->sources[i].source->name))
                        return &in->sources[i];
        return NULL;
}

/* ---- Life --------------------------------------------------------------- */

bool intake_open(struct intake **out, const struct intake_spec *spec, struct report *report,
                 struct err *err)
{
        bool ok = true;
        *out = NULL;
        struct intake *in = calloc(1, sizeof *in);
        if (!in)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        in->spec = *spec;
        in->n_sources = spec->n_sources < SOURCES_MAX ? spec->n_sources : SOURCES_MAX;
        pthread_mutex_init(&in->lock, NULL);
        const struct capture_settings *set = spec->settings;
        for (size_t i = 0; i < in->n_sources; i++) {
                struct intake_source *s = &in->sources[i];
                s->source = &spec->sources[i];
                s->downtimes = spec->downtimes;
                buf_init(&s->secrets[0], 4096);
                buf_init(&s->secrets[1], 4096);
                double burst = set->per_second < 1 ? 1 : set->per_second;
                pace_init(&s->pace, set->per_second, burst, clock_mono_us());
                ok &= load_secrets(s, report);
        }
        ok &= tokens_differ(in, report);
        in->strangers = strangers_new();
        if (!in->strangers) {
                intake_close(in);
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        }
        if (!ok) {
                intake_close(in);
                return err_set(err, ERR_CONFIG, 0, "secrets of sources are missing or wrong");
        }
        *out = in;
        return true;
}

void intake_close(struct intake *in)
{
        if (!in)
                return;
        for (size_t i = 0; i < in->n_sources; i++) {
                buf_wipe(&in->sources[i].secrets[0]);
                buf_wipe(&in->sources[i].secrets[1]);
        }
        book_drop(in->book);
        strangers_free(in->strangers);
        pthread_mutex_destroy(&in->lock);
        free(in);
}

void intake_set_book(struct intake *in, struct book *book)
{
        struct book *held = book ? book_hold(book) : NULL;
        pthread_mutex_lock(&in->lock);
        struct book *old = in->book;
        in->book = held;
        atomic_fetch_add(&in->book_serial, 1);
        pthread_mutex_unlock(&in->lock);
        book_drop(old);
}

/* ---- Counts ------------------------------------------------------------- */

bool intake_hold(struct intake *in, uint64_t bytes, int share)
{
        uint64_t ceiling = in->spec.settings->budget / 2 * (uint64_t)share;
        if (atomic_fetch_add(&in->held, bytes) + bytes <= ceiling)
                return true;
        intake_release(in, bytes);
        return false;
}

void intake_release(struct intake *in, uint64_t bytes)
{
        atomic_fetch_sub(&in->held, bytes);
}

void intake_count(struct intake *in, struct intake_source *s, uint32_t accepted, uint32_t refused)
{
        int64_t now = clock_now_us();
        count(CAPTURE_ACCEPTED, accepted);
        count(CAPTURE_REFUSED, refused);
        atomic_fetch_add(&s->accepted, accepted);
        atomic_fetch_add(&s->refused, refused);
        if (accepted)
                atomic_store(&s->last_us, now);
        if (refused && in->spec.refused)
                in->spec.refused(in->spec.ctx, slice_of(s->source->name), now, refused);
}

void intake_discarded(struct intake *in, struct intake_source *s, uint32_t pieces)
{
        count(CAPTURE_DISCARDED, pieces);
        atomic_fetch_add(&s->discarded, pieces);
        if (in->spec.discarded)
                in->spec.discarded(in->spec.ctx, slice_of(s->source->name), clock_now_us(), pieces);
}

size_t intake_status(const struct intake *in, struct intake_source_status *out, size_t max)
{
        size_t n = in->n_sources < max ? in->n_sources : max;
        for (size_t i = 0; i < n; i++) {
                const struct intake_source *s = &in->sources[i];
                out[i] = (struct intake_source_status){
                        .name = s->source->name,
                        .type = s->source->type,
                        .accepted = atomic_load(&s->accepted),
                        .refused = atomic_load(&s->refused),
                        .discarded_pieces = atomic_load(&s->discarded),
                        .counted_only = atomic_load(&s->counted_only),
                        .last_us = atomic_load(&s->last_us),
                };
        }
        return n;
}

struct strangers *intake_strangers(const struct intake *in)
{
        return in->strangers;
}
