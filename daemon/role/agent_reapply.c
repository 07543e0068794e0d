/* agent_reapply.c - POST /v1/reapply on the control socket: {"do":"start","since":"2026-11-01",
 * "until":"2026-11-20","dry_run":true,"yes":false}, {"do":"stop"} or {"do":"status"}.
 *
 * Days are the region's, the last one included; a time with a zone is that moment. Answered at once, with how
 * far the newest of each is, and "refused" where it was.                                   */
#include "agent_reapply.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"

enum { ANSWER_MAX = 1 << 20 };

/* ---- What is asked ---------------------------------------------------------- */
static bool day_of(struct slice text, const struct zone *z, bool end, int64_t *out_us)
{
        struct civil c;
        int64_t day_us;
        if (!clock_parse_date(&day_us, text))
                return false;
        if (end && zone_end_of_day_us(z, text, out_us)) {
                ++*out_us; /* the first moment that is not meant */
                return true;
        }
        civil_of_us(&c, day_us);
        *out_us = zone_to_us(z, &c);
        return !end;
}

static bool time_of(const struct json *j, const char *key, const struct zone *z, bool end, int64_t *out_us,
                    struct err *err)
{
        struct slice text = json_string(json_get(j, key));
        if (!text.p || day_of(text, z, end, out_us) || clock_parse_rfc3339(out_us, text))
                return true;
        err_set(err, ERR_CONFIG, 0, "\"%s\" is neither a day nor a time", key);
        return err_hint(err, "Write a day of the region as 2026-11-01, or a moment as 2026-11-01T09:00:00Z.");
}

bool asked_span(const struct json *j, const char *timezone, int64_t *since_us, int64_t *until_us, struct err *err)
{
        struct zone *z = NULL;
        bool ok = zone_open(&z, timezone, err) && time_of(j, "since", z, false, since_us, err) &&
                  time_of(j, "until", z, true, until_us, err);
        zone_free(z);
        return ok;
}

bool reapply_asked(struct slice body, const char *timezone, enum reapply_do *what, struct reapply_wanted *out,
                   struct err *err)
{
        static const char *const words[] = { [REAPPLY_START] = "start", [REAPPLY_STOP] = "stop", [REAPPLY_TELL] = "status" };
        struct arena *a = arena_new(1 << 16);
        struct json *j = NULL;
        bool known = false, ok = a && json_read(&j, a, body, 2, err);
        *out = (struct reapply_wanted){ .since_us = INT64_MIN, .until_us = INT64_MAX };
        for (int i = 0; ok && i < REAPPLY_DOS; i++)
                if (slice_is(json_string(json_get(j, "do")), words[i])) {
                        *what = (enum reapply_do)i;
                        known = true;
                }
        if (ok && !known)
                ok = err_set(err, ERR_DATA, 0, "\"do\" is start, stop or status");
        ok = ok && asked_span(j, timezone, &out->since_us, &out->until_us, err);
        if (ok && *what == REAPPLY_START && !json_get(j, "since"))
                ok = err_set(err, ERR_DATA, 0, "\"since\" is missing");
        out->dry = ok && json_true(json_get(j, "dry_run"));
        out->yes = ok && json_true(json_get(j, "yes"));
        arena_free(a);
        return ok;
}

/* ---- How far it is ---------------------------------------------------------- */
static void put_time(struct json_out *o, const char *key, int64_t us)
{
        if (us == 0 || us == INT64_MIN || us == INT64_MAX)
                json_put_null(o, key);
        else
                json_put_time(o, key, us);
}

static void put_counts(struct json_out *o, const struct reapply_job *j)
{
        json_open(o, "kinds", '[');
        for (int k = 0; k < RECORD_KINDS; k++) {
                uint64_t any = 0;
                for (int w = 0; w < REAPPLY_BECAME; w++)
                        any += j->became[k][w];
                if (!any)
                        continue;
                json_open(o, NULL, '{');
                json_put_text(o, "kind", kind_name((enum record_kind)k));
                for (int w = 0; w < REAPPLY_BECAME; w++)
                        json_put_uint(o, reapply_became_names[w], j->became[k][w]);
                json_close(o, '}');
        }
        json_close(o, ']');
        json_open(o, "passed_by", '{');
        for (int w = 0; w < REAPPLY_PASSED; w++)
                json_put_uint(o, reapply_passed_names[w], j->passed[w]);
        json_close(o, '}');
}

static void put_job(struct json_out *o, const char *key, const struct reapply_job *j, const struct reapply_status *s)
{
        if (!j->active && !j->ended_us) {
                json_put_null(o, key);
                return;
        }
        json_open(o, key, '{');
        json_put_bool(o, "active", j->active);
        json_put_bool(o, "stopped", j->stopped);
        put_time(o, "since", j->since_us);
        put_time(o, "until", j->until_us == INT64_MAX ? 0 : j->until_us);
        put_time(o, "started", j->started_us);
        put_time(o, "ended", j->ended_us);
        json_put_uint(o, "entries", j->entries);
        json_put_uint(o, "read", j->read);
        json_put_int(o, "percent", reapply_percent(j));
        if (j->active && s->left_us)
                json_put_int(o, "left_s", (s->left_us + US_PER_SECOND - 1) / US_PER_SECOND);
        json_put_text(o, "waits", j->active && s->waits[0] ? s->waits : NULL);
        json_put_uint(o, "begun_again", j->restarts);
        json_put_bool(o, "by_the_set_in_force", memcmp(j->hash, s->hash, sizeof j->hash) == 0);
        put_counts(o, j);
        json_close(o, '}');
}

void agent_put_reapply(struct json_out *o, struct pump *pump)
{
        struct reapply_status s;
        pump_reapply_status(pump, &s);
        const struct reapply_job *j = s.real.active ? &s.real : &s.dry;
        if (!j->active) {
                json_put_null(o, "reapply");
                return;
        }
        json_open(o, "reapply", '{');
        json_put_bool(o, "dry_run", j == &s.dry);
        json_put_int(o, "percent", reapply_percent(j));
        if (s.left_us)
                json_put_int(o, "left_s", (s.left_us + US_PER_SECOND - 1) / US_PER_SECOND);
        json_put_text(o, "waits", s.waits[0] ? s.waits : NULL);
        json_close(o, '}');
}

static void put_refused(struct json_out *o, const struct err *why)
{
        if (why->kind == ERR_NONE)
                return;
        json_open(o, "refused", '{');
        json_put_text(o, "kind", err_kind_name(why->kind));
        json_put_text(o, "text", why->text);
        json_put_text(o, "hint", why->hint[0] ? why->hint : NULL);
        json_close(o, '}');
}

static void answer(const struct agent *a, struct control_ask *ask, const struct err *why)
{
        struct reapply_status s;
        struct json_out o;
        struct buf b;
        pump_reapply_status(a->pump, &s);
        buf_init(&b, ANSWER_MAX);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_text(&o, "region", a->settings.region.code);
        json_put_text(&o, "policy", a->books.book ? book_policy(a->books.book) : NULL);
        json_put_int(&o, "policy_version", a->books.book ? book_version(a->books.book) : 0);
        put_job(&o, "real", &s.real, &s);
        put_job(&o, "dry_run", &s.dry, &s);
        put_refused(&o, why);
        json_close(&o, '}');
        control_answer(ask, buf_ok(&b) ? 200 : 500, buf_slice(&b));
        buf_clear(&b);
}

void agent_reapply(void *agent, struct control_ask *ask)
{
        struct agent *a = agent;
        struct err err = ERR_INIT;
        struct reapply_wanted w;
        enum reapply_do what;
        uint32_t uid = 0;
        if (!reapply_asked(control_ask_body(ask), a->settings.region.timezone, &what, &w, &err)) {
                answer(a, ask, &err);
                return;
        }
        control_ask_uid(ask, &uid);
        if (what == REAPPLY_START && pump_reapply(a->pump, &w, &err))
                log_info("agent", "a reapply is asked for", "dry_run=%d yes=%d uid=%u", w.dry, w.yes, uid);
        if (what == REAPPLY_STOP) {
                if (pump_reapply_stop(a->pump))
                        log_info("agent", "the reapply is to stop", "uid=%u", uid);
                else
                        err_set(&err, ERR_CONFIG, 0, "none is in progress");
        }
        answer(a, ask, &err);
}
