/* agent.c - the agent's diagram, one call a line.
 *
 * Threads: this one (front: HTTP, control, signals, timers), the vault's writer, the folders'
 * bulk thread, the pump. They meet by mailboxes and marks only. */
#include "role/agent.h"

#include <stdlib.h>
#include <string.h>

#include "agent_reapply.h"
#include "agent_status.h"
#include "agent_watch.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "capture/downtime.h"
#include "preamble.h"
#include "vault/state.h"

enum { DRAIN_TURN_US = 20000, REQUESTS_DRAIN_US = 8 * 1000000, WATCH_US = 1000000 };

static void on_refused(void *ctx, struct slice source, int64_t captured_us, uint32_t lines)
{
        struct agent *a = ctx;
        pump_count_refused(a->pump, source, captured_us, lines);
}

static void on_discarded(void *ctx, struct slice source, int64_t captured_us, uint32_t pieces)
{
        struct agent *a = ctx;
        pump_count_discarded(a->pump, source, captured_us, pieces);
}

static bool on_ready(void *ctx, char why[256])
{
        struct agent *a = ctx;
        struct vault_status vs;
        vault_status(a->vault, &vs);
        if (a->stopping || vs.full) {
                snprintf(why, 256, "%s", a->stopping ? "stopping" : "vault is full");
                return false;
        }
        return true;
}

/* What is wrong, and not what is merely left for later. */
static void log_complaints(const struct report *report)
{
        for (size_t i = 0; i < report_size(report); i++) {
                const struct report_item *it = report_at(report, i);
                char hint[400];
                if (it->level == REPORT_NOTE)
                        continue;
                snprintf(hint, sizeof hint, "%s", it->hint ? it->hint : "");
                for (char *p = hint; *p; p++)
                        *p = *p == '"' ? '\'' : *p; /* it stands in quotes */
                log_write(it->level == REPORT_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, "policy", it->text, "at=%s:%d%s%s%s",
                          it->file, it->line, *hint ? " hint=\"" : "", hint, *hint ? "\"" : "");
        }
}

/* ---- Policies ----------------------------------------------------------- */

static bool law_of_book(void *book, const char *class, int64_t *raw_us, int64_t *at_least_us)
{
        return book_keep(book, class, raw_us, at_least_us);
}

static void drop_book(void *book)
{
        book_drop(book);
}

static void log_trouble(const struct books *b)
{
        if (b->trouble[0])
                log_error("policy", "newest files are not in force", "why=\"%s\"", b->trouble);
}

static void spread_book(struct agent *a)
{
        const struct books *b = &a->books;
        struct vault_law law = { .keep = law_of_book, .drop = drop_book };
        if (b->book) { /* also a cached one: what it says of keeping holds */
                law.class = book_class(b->book);
                law.others = book_other_classes(b->book, &law.n_others);
                law.ctx = book_hold(b->book);
                vault_set_law(a->vault, &law);
        }
        intake_set_book(a->intake, b->book);
        pump_set_book(a->pump, b->open && b->book ? book_hold(b->book) : NULL);
        if (b->book)
                log_info("policy", b->open ? "in force" : b->base ? "cached set discards, nothing leaves" : "the set that waits discards, nothing leaves",
                         "policy=%s version=%lld", book_policy(b->book), (long long)book_version(b->book));
        else
                log_warning("policy", "no valid set: captures go on, nothing leaves", NULL);
        log_trouble(b);
}

static struct book_spec book_spec(const struct agent *a, const struct agent_settings *s,
                                  const struct hub_settings *hub)
{
        return (struct book_spec){ a->deployment.policies, &s->region, &hub->hub };
}

/* What everybody who watches is told, and whether the door is open. */
static void tell(struct agent *a, int64_t now_us)
{
        struct vault_status vs;
        struct pump_status ps;
        struct standing s;
        vault_status(a->vault, &vs);
        pump_status(a->pump, &ps);
        downtimes_watch(a->downtimes, now_us, !a->stopping && !vs.full && !vs.failed);
        agent_metrics_set(a, &vs, &ps);
        agent_standing(&s, a, &vs, &ps);
        pump_tell(a->pump, &s);
}

/* At the next end of a basis the same book is put in force again: what waits in the producer's
 * queue is purged and judged anew, by today's dates. */
static void on_watch(void *ctx)
{
        struct agent *a = ctx;
        int64_t now = clock_now_us();
        tell(a, now);
        strangers_tell(intake_strangers(a->intake), now);
        struct err err = ERR_INIT;
        if (a->next_end_us && now >= a->next_end_us) {
                a->next_end_us = 0;
                log_warning("policy", "a basis ended", NULL);
                spread_book(a);
        }
        const char *what;
        if (!a->next_end_us && a->books.book)
                if (!book_next_end(a->books.book, now, &a->next_end_us, &what))
                        a->next_end_us = INT64_MAX;
        if (pump_dead(a->pump, &err)) {
                log_err(LOG_LEVEL_ERROR, "agent", "pump cannot go on", &err);
                a->exit_status = EXIT_COULD_NOT;
                loop_stop(a->loop);
        }
}

/* The producer keeps the brokers it began with. Judged by the places of others, records would go
 * where no policy allowed them: such a change waits, whole, for the next start. */
static bool same_kafka(const struct kafka_config *a, const struct kafka_config *b, const char *file,
                       struct report *report)
{
        bool same = a->n == b->n;
        for (size_t i = 0; same && i < a->n; i++)
                same = strcmp(a->properties[i].name, b->properties[i].name) == 0 &&
                       strcmp(a->properties[i].value, b->properties[i].value) == 0;
        if (!same)
                report_add(report, REPORT_ERROR, file, 0, 0, "Restart the agent.",
                           "kafka's properties are others than those in use: they cannot change while it runs");
        return same;
}

/* Before a set is put in force its cases are tried: on a thread, or, at the start, here. Nobody is let
 * in until then: what comes first is discarded by a set that was tried, too. */
static bool tested(void *ctx, struct book *fresh, const struct book_spec *spec, struct report *report)
{
        struct agent *a = ctx;
        struct err err = ERR_INIT;
        char why[TRIAL_WHY];
        enum trial_said said = a->running ? trial_of(a->trial, book_hash(fresh), why)
                               : trial_now(fresh, spec, TRIAL_US, NULL, why) ? TRIAL_HOLDS
                                                                             : TRIAL_FAILS;
        a->trying = said == TRIAL_RUNS || (said == TRIAL_UNKNOWN && (trial_begin(a->trial, fresh, spec, &err) || err.kind == ERR_BUSY));
        if (said == TRIAL_HOLDS)
                return true;
        if (a->trying)
                report_add(report, REPORT_ERROR, "policies", 0, 0, NULL, "policy %s version %lld is before its own cases: wait a moment",
                           book_policy(fresh), (long long)book_version(fresh));
        else
                report_add(report, REPORT_ERROR, "policies", 0, 0, "`tributary policy test` says what was expected, and what came of it.",
                           "policy %s version %lld does not do what its cases say: %s", book_policy(fresh),
                           (long long)book_version(fresh), *why ? why : err.text);
        return false;
}

/* Regions and policies are read whole into fresh structs; only a valid policy set is swapped in.
 * Options that are not live keep their values until the next start. */
static bool read_again(struct agent *a, struct buf *out)
{
        struct report *report = report_new();
        struct hub_settings hub = { 0 };
        struct agent_settings *fresh = calloc(1, sizeof *fresh);
        uint8_t was[32] = { 0 };
        bool was_open = a->books.open, was_stale = a->books.stale, failed_cases = a->books.fails_cases;
        char trouble[sizeof a->books.trouble];
        memcpy(trouble, a->books.trouble, sizeof trouble);
        if (a->books.book)
                memcpy(was, book_hash(a->books.book), sizeof was);
        a->trying = false;
        bool ok = fresh && hub_settings_read(&hub, a->deployment.regions, report) &&
                  agent_settings_read(fresh, a->deployment.regions, a->deployment.region, &hub, report) &&
                  same_kafka(&fresh->kafka, &a->settings.kafka, conf_file(hub.conf), report);
        if (ok) {
                struct book_spec spec = book_spec(a, fresh, &hub);
                ok = books_load(&a->books, &spec, report);
        } else {
                books_spoilt(&a->books, report);
        }
        a->next_end_us = 0;
        if (a->trying) {
                log_info("policy", "a new set is before its cases", NULL);
                books_unspoilt(&a->books, was_stale, failed_cases, trouble);
        } else {
                log_complaints(report);
                if (a->books.open != was_open || !a->books.book || memcmp(was, book_hash(a->books.book), sizeof was) != 0)
                        spread_book(a); /* what waits in the producer's queue is judged anew */
                else
                        log_trouble(&a->books);
        }
        for (size_t i = 0; i < report_size(report); i++) {
                const struct report_item *it = report_at(report, i);
                buf_printf(out, "%s:%d: %s\n", it->file, it->line, it->text);
        }
        buf_puts(out, ok ? "in force\n" : "not in force: the old set stays\n");
        /* A book copies what it needs of region and hub; the fresh structs can go. */
        if (fresh)
                agent_settings_clear(fresh);
        hub_settings_clear(&hub);
        free(fresh);
        report_free(report);
        return ok;
}

/* Somebody asks, or files changed: cases may have, too. */
static bool reload(void *ctx, struct buf *out)
{
        struct agent *a = ctx;
        trial_forget(a->trial);
        return read_again(a, out);
}

static void reload_quietly(struct agent *a, bool (*how)(struct agent *a, struct buf *out))
{
        struct buf said;
        buf_init(&said, 1 << 16);
        how(a, &said);
        buf_clear(&said);
}

static void on_tried(void *ctx)
{
        reload_quietly(ctx, read_again);
}

static bool reload_all(struct agent *a, struct buf *out)
{
        return reload(a, out);
}

static void on_hangup(void *ctx)
{
        log_info("agent", "reading files again", NULL);
        reload_quietly(ctx, reload_all);
}

static void on_changed(void *ctx)
{
        log_info("agent", "files changed, reading them again", NULL);
        reload_quietly(ctx, reload_all);
}

/* What cannot be watched is read on SIGHUP. */
static void watch_files(struct agent *a)
{
        char folder[4096];
        struct err err = ERR_INIT;
        if (!a->settings.files.watch)
                return;
        if (!file_watch_open(&a->file_watch, a->loop, on_changed, a, &err)) {
                log_err(LOG_LEVEL_WARNING, "agent", "files are not watched, SIGHUP reads them", &err);
                return;
        }
        file_watch_add(a->file_watch, a->deployment.regions, false);
        file_watch_add(a->file_watch, a->deployment.policies, false);
        static const char *const below[] = { "lists", "signatures" };
        for (size_t i = 0; i < sizeof below / sizeof *below; i++)
                if (snprintf(folder, sizeof folder, "%s/%s", a->deployment.policies, below[i]) < (int)sizeof folder)
                        file_watch_add(a->file_watch, folder, false);
        if (snprintf(folder, sizeof folder, "%s/cases", a->deployment.policies) < (int)sizeof folder)
                file_watch_add(a->file_watch, folder, true);
        if (!file_watch_again(a->file_watch, &err))
                log_err(LOG_LEVEL_WARNING, "agent", "not every file is watched, SIGHUP reads them", &err);
}

/* ---- Stopping ----------------------------------------------------------- */

static void on_drain(void *ctx)
{
        struct agent *a = ctx;
        if (listener_busy(a->listener) == 0 || clock_mono_us() >= a->drain_until_us)
                loop_stop(a->loop);
}

static void on_terminate(void *ctx)
{
        struct agent *a = ctx;
        if (a->stopping)
                return;
        tell(a, clock_now_us()); /* until now the door was open */
        a->stopping = true;
        log_info("agent", "stopping", NULL);
        listener_drain(a->listener);
        a->drain_until_us = clock_mono_us() + REQUESTS_DRAIN_US;
        a->drain = loop_every(a->loop, DRAIN_TURN_US, on_drain, a);
}

static void stop(struct agent *a)
{
        watch_stop(a->drain);
        for (size_t i = 0; i < sizeof a->watches / sizeof *a->watches; i++)
                watch_stop(a->watches[i]);
        file_watch_close(a->file_watch);
        trial_close(a->trial);
        control_stop(a->control);
        folders_stop(a->folders);
        listener_stop(a->listener);
        officers_door_close(a->officers);
        pump_stop(a->pump);
        intake_close(a->intake);
        downtimes_close(a->downtimes);
        vault_close(a->vault);
        notes_close(a->notes);
        officers_door_free(a->officers);
        books_clear(&a->books);
        keyer_close(a->keyer);
        loop_free(a->loop);
}

/* ---- Starting ----------------------------------------------------------- */

static bool open_vault(struct agent *a, struct err *err)
{
        const char *code = a->settings.region.code;
        if (!dir_make(a->deployment.state, 0700, err) || !keys_check(a->deployment.state, err) ||
            !state_check(a->deployment.state, err) ||
            !vault_open(&a->vault, a->deployment.state, code, &a->settings.vault, &a->found, err))
                return false;
        log_info("vault", "open", "segments=%llu torn=%llu damaged=%llu epoch=%llx",
                 (unsigned long long)a->found.segments, (unsigned long long)a->found.torn_entries,
                 (unsigned long long)a->found.damaged_entries, (unsigned long long)vault_epoch(a->vault));
        return true;
}

static bool start_capture(struct agent *a, struct report *report, struct err *err)
{
        if (!downtimes_open(&a->downtimes, a->deployment.state, a->settings.sources, a->settings.n_sources, err))
                return false;
        struct intake_spec door = {
                .region = a->settings.region.code,
                .state_dir = a->deployment.state,
                .vault = a->vault,
                .sources = a->settings.sources,
                .n_sources = a->settings.n_sources,
                .settings = &a->settings.capture,
                .downtimes = a->downtimes,
                .refused = on_refused,
                .discarded = on_discarded,
                .ctx = a,
        };
        return intake_open(&a->intake, &door, report, err);
}

static bool start_pump(struct agent *a, struct err *err)
{
        struct pump_spec spec = {
                .region = a->settings.region.code,
                .state_dir = a->deployment.state,
                .vault = a->vault,
                .kafka = &a->settings.kafka,
                .settings = a->settings.pump,
                .found = &a->found,
        };
        return pump_start(&a->pump, &spec, err);
}

static bool start_listener(struct agent *a, struct err *err)
{
        const struct listen_settings *l = &a->settings.listen;
        struct listener_spec spec = {
                .intake = a->intake,
                .address = l->address,
                .port = (int)l->port,
                .cert_file = l->cert_file,
                .key_file = l->key_file,
                .ready = on_ready,
                .ctx = a,
        };
        return listener_start(&a->listener, a->loop, &spec, err);
}

static bool start_control(struct agent *a, struct err *err)
{
        char socket[4096];
        snprintf(socket, sizeof socket, "unix:%s/control.sock", a->deployment.state);
        struct control_spec spec = {
                .socket = socket,
                .internal = &a->settings.internal,
                .status = agent_status,
                .reload = reload,
                .note = agent_note,
                .reapply = agent_reapply,
                .ctx = a,
        };
        return control_start(&a->control, a->loop, &spec, err);
}

static struct book *book_in_force(void *agent)
{
        const struct agent *a = agent;
        return a->books.book && a->books.open ? book_hold(a->books.book) : NULL;
}

static int64_t people_since(void *agent)
{
        const struct agent *a = agent;
        struct pump_status ps;
        pump_status(a->pump, &ps);
        return ps.people_since_us ? ps.people_since_us : clock_now_us() - a->settings.pump.people_since_us;
}

static bool start_officers(struct agent *a, struct err *err)
{
        if (!a->settings.has_officers)
                return true;
        a->book_spec = book_spec(a, &a->settings, &a->hub);
        const struct officers_door_spec spec = { .loop = a->loop, .settings = &a->settings.officers, .notes = a->notes,
                                                 .vault = a->vault, .book_spec = &a->book_spec, .book = book_in_force,
                                                 .policy = agent_policy,
                                                 .people = (size_t)a->settings.pump.people,
                                                 .people_since = people_since, .ctx = a };
        return officers_door_open(&a->officers, &spec, err);
}

static void watch(struct agent *a)
{
        size_t n = 0;
        a->watches[n++] = loop_signal(a->loop, SIGTERM, on_terminate, a);
        a->watches[n++] = loop_signal(a->loop, SIGINT, on_terminate, a);
        a->watches[n++] = loop_signal(a->loop, SIGHUP, on_hangup, a);
        a->watches[n++] = loop_every(a->loop, WATCH_US, on_watch, a);
}

static void register_metrics(const struct agent *a)
{
        metric_register(vault_metrics);
        metric_register(capture_metrics);
        metric_register(pump_metrics);
        metric_register(books_metrics);
        process_metrics_begin();
        agent_metrics_begin(a);
}

/* The order in which things begin; stop() undoes it backwards. The public listener is last:
 * whoever gets through finds everything there. */
static bool start(struct agent *a, struct report *report, struct err *err)
{
        register_metrics(a);
        bool ok = open_vault(a, err) && keyer_open(&a->keyer, a->deployment.state, err) &&
                  loop_new(&a->loop, err) && notes_open(&a->notes, a->loop, a->vault, a->keyer, err) &&
                  trial_open(&a->trial, a->loop, on_tried, a, err) &&
                  start_pump(a, err) && start_capture(a, report, err);
        if (!ok)
                return false;
        a->books = (struct books){ .state_dir = a->deployment.state, .keyer = a->keyer, .tested = tested, .ctx = a };
        struct book_spec spec = book_spec(a, &a->settings, &a->hub);
        books_load(&a->books, &spec, report);
        log_complaints(report);
        spread_book(a);
        ok = start_control(a, err) && start_officers(a, err) && folders_start(&a->folders, a->intake, err) &&
             start_listener(a, err);
        if (ok) {
                a->running = true;
                watch_files(a);
                watch(a);
                on_watch(a); /* a gap ends here */
        }
        return ok;
}

static bool read_settings(struct agent *a, struct report *report)
{
        return hub_settings_read(&a->hub, a->deployment.regions, report) &&
               agent_settings_read(&a->settings, a->deployment.regions, a->deployment.region, &a->hub,
                                   report);
}

int agent_run(const struct deployment *d)
{
        struct err err = ERR_INIT;
        struct report *report = report_new();
        struct agent *a = calloc(1, sizeof *a);
        int status = EXIT_COULD_NOT;

        if (!a || !report) {
                err_set(&err, ERR_SYSTEM, 0, "out of memory");
        } else if (a->deployment = *d, a->started_us = clock_now_us(), !preamble(&err)) {
                /* err says */
        } else if (!read_settings(a, report)) {
                report_print_from(report, REPORT_WARNING, stderr);
                status = EXIT_BAD_CONFIG;
                goto out;
        } else if (start(a, report, &err)) {
                log_info("agent", "ready", "region=%s port=%d internal_port=%d", a->settings.region.code,
                         listener_port(a->listener), control_port(a->control));
                if (loop_run(a->loop, &err))
                        status = a->exit_status;
        } else {
                report_print_from(report, REPORT_WARNING, stderr);
        }
        if (err.kind != ERR_NONE) {
                log_err(LOG_LEVEL_ERROR, "agent", "could not go on", &err);
                status = err_exit_status(err.kind);
        }
        if (a)
                stop(a);
        if (status == EXIT_WELL)
                log_info("agent", "stopped", NULL);
out:
        if (a) {
                agent_settings_clear(&a->settings);
                hub_settings_clear(&a->hub);
        }
        free(a);
        report_free(report);
        return status;
}
