/* standing.c - the "status" of a hello. New keys may be added; none changes its meaning.
 *
 * { "release": "0.1.0", "since": "2026-11-23T01:00:00Z", "hello_every_s": 30,
 *   "policy": "eea", "policy_version": 4, "open": true, "stale": false,
 *   "policy_since": "2026-11-20T09:00:00Z", "policy_signed_by": "jana,ken", "policy_waits": 5,
 *   "policy_missing": 1, "policy_unsigned": false,
 *   "backlog": 0, "in_flight": 0, "lag_s": 0, "gaps": 0,
 *   "held": 5, "stayed": 0, "rejected": 0, "damaged": 0,
 *   "vault_bytes": 1048576, "vault_max_bytes": 10737418240, "full_in_s": 86400,
 *   "basis_ends": "2027-09-30T23:59:59Z", "troubles": ["policy_stale"],
 *   "sources": [ { "name": "forum", "type": "api", "last": "2026-11-23T01:00:00Z" } ],
 *   "downtimes": [ { "from": "...", "to": "...", "why": "stopped", "filled": "no" } ] }
 *
 * policy is absent while none is in force (older agents say of it only what stands in its first
 * line), policy_since while none is, policy_signed_by where nobody had to sign, policy_waits and
 * policy_missing while no version waits for signatures, full_in_s while the vault does not grow, basis_ends
 * where nothing ends, last where nothing came since the start. held, stayed, rejected and damaged
 * are 0 or at least 5. last is a whole hour. Words of newer agents are read as "other" trouble,
 * "unknown" filled, "stopped".                                                              */
#include "model/standing.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "wire.h"

static const char *const whys[DOWNTIME_WHYS] = { [DOWNTIME_STOPPED] = "stopped", [DOWNTIME_FULL] = "full" };
static const char *const filleds[FILLEDS] = { [FILLED_YES] = "yes", [FILLED_PARTLY] = "partly",
                                              [FILLED_UNKNOWN] = "unknown", [FILLED_NO] = "no" };
static const char *const troubles[TROUBLES] = {
        [TROUBLE_VAULT_FAILED] = "vault_failed",   [TROUBLE_VAULT_FULL] = "vault_full",
        [TROUBLE_POLICY_CLOSED] = "policy_closed", [TROUBLE_POLICY_STALE] = "policy_stale",
        [TROUBLE_PUMP] = "pump",                   [TROUBLE_DAMAGED] = "damaged",
        [TROUBLE_OTHER] = "other",
};

const char *downtime_why_name(enum downtime_why w)
{
        return (unsigned)w < DOWNTIME_WHYS ? whys[w] : whys[DOWNTIME_STOPPED];
}

const char *downtime_filled_name(enum downtime_filled f)
{
        return (unsigned)f < FILLEDS ? filleds[f] : filleds[FILLED_UNKNOWN];
}

const char *trouble_name(enum trouble t)
{
        return (unsigned)t < TROUBLES ? troubles[t] : troubles[TROUBLE_OTHER];
}

/* ---- Both ways: the numbers, a row each ---------------------------------- */
#define NUMBER(member) { #member, offsetof(struct standing, member) }
static const struct {
        const char *name;
        size_t offset; /* of a uint64_t */
} numbers[] = {
        NUMBER(hello_every_s), NUMBER(backlog), NUMBER(in_flight), NUMBER(lag_s), NUMBER(gaps), NUMBER(held),
        NUMBER(stayed), NUMBER(rejected), NUMBER(damaged), NUMBER(vault_bytes), NUMBER(vault_max_bytes),
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

/* ---- Out ------------------------------------------------------------------ */
static void put_sources(struct json_out *o, const struct standing *s)
{
        json_open(o, "sources", '[');
        for (size_t i = 0; i < s->n_sources; i++) {
                json_open(o, NULL, '{');
                json_put_text(o, "name", s->sources[i].name);
                json_put_text(o, "type", s->sources[i].type);
                if (s->sources[i].last_hour_us)
                        json_put_time(o, "last", s->sources[i].last_hour_us);
                json_close(o, '}');
        }
        json_close(o, ']');
}

static void put_downtimes(struct json_out *o, const struct standing *s)
{
        json_open(o, "downtimes", '[');
        for (size_t i = 0; i < s->n_downtimes; i++) {
                json_open(o, NULL, '{');
                json_put_time(o, "from", s->downtimes[i].from_us);
                json_put_time(o, "to", s->downtimes[i].to_us);
                json_put_text(o, "why", downtime_why_name(s->downtimes[i].why));
                json_put_text(o, "filled", downtime_filled_name(s->downtimes[i].filled));
                json_close(o, '}');
        }
        json_close(o, ']');
}

static void put_troubles(struct json_out *o, const struct standing *s)
{
        json_open(o, "troubles", '[');
        for (int t = 0; t < TROUBLES; t++)
                if (s->troubles >> t & 1)
                        json_put_text(o, NULL, troubles[t]);
        json_close(o, ']');
}

static void put_policy(struct json_out *o, const struct standing *s)
{
        if (s->policy_since_us)
                json_put_time(o, "policy_since", s->policy_since_us);
        if (s->policy_signed_by[0])
                json_put_text(o, "policy_signed_by", s->policy_signed_by);
        if (s->policy_waits) {
                json_put_int(o, "policy_waits", s->policy_waits);
                json_put_uint(o, "policy_missing", s->policy_missing);
        }
        json_put_bool(o, "policy_unsigned", s->policy_unsigned);
}

void standing_put(struct json_out *o, const char *key, const struct standing *s)
{
        json_open(o, key, '{');
        json_put_text(o, "release", s->release);
        json_put_time(o, "since", s->since_us);
        if (s->policy[0])
                json_put_text(o, "policy", s->policy);
        json_put_int(o, "policy_version", s->policy_version);
        put_policy(o, s);
        json_put_bool(o, "open", s->open);
        json_put_bool(o, "stale", s->stale);
        for (int i = 0; i < NUMBERS; i++) {
                uint64_t v;
                memcpy(&v, (const char *)s + numbers[i].offset, sizeof v);
                json_put_uint(o, numbers[i].name, v);
        }
        if (s->full_in_s >= 0)
                json_put_int(o, "full_in_s", s->full_in_s);
        if (s->basis_ends_us)
                json_put_time(o, "basis_ends", s->basis_ends_us);
        put_troubles(o, s);
        put_sources(o, s);
        put_downtimes(o, s);
        json_close(o, '}');
}

/* ---- In -------------------------------------------------------------------- */
static bool word_in(char *out, size_t room, const struct json *j, const char *key, struct err *err)
{
        struct slice text;
        if (!wire_text(&text, j, key, err))
                return false;
        bool ok = text.n > 0 && text.n < room;
        for (size_t i = 0; ok && i < text.n; i++)
                ok = text.p[i] > ' ' && text.p[i] < 127;
        if (!ok)
                return wire_bad(err, "field", key, "not a name");
        memcpy(out, text.p, text.n);
        out[text.n] = 0;
        return true;
}

static int index_of(struct slice text, const char *const *names, int n, int otherwise)
{
        for (int i = 0; i < n; i++)
                if (slice_is(text, names[i]))
                        return i;
        return otherwise;
}

static const struct json *list_in(const struct json *j, const char *key, size_t max, struct err *err)
{
        const struct json *list = json_get(j, key);
        if (list && list->type == JSON_ARRAY && list->count <= max)
                return list;
        wire_bad(err, list ? "range" : "field", key, list ? "not a list, or too long" : "missing");
        return NULL;
}

static bool sources_in(struct standing *s, const struct json *j, struct err *err)
{
        const struct json *list = list_in(j, "sources", STANDING_SOURCES_MAX, err);
        if (!list)
                return false;
        for (const struct json *m = list->first; m; m = m->next) {
                struct standing_source *x = &s->sources[s->n_sources++];
                if (!word_in(x->name, sizeof x->name, m, "name", err) ||
                    !word_in(x->type, sizeof x->type, m, "type", err) ||
                    (json_get(m, "last") && !wire_hour(&x->last_hour_us, m, "last", err)))
                        return err_add(err, "\"sources\"");
                if (!text_is_name(slice_of(x->name)))
                        return wire_bad(err, "field", "sources", "not made of source's names");
        }
        return true;
}

static bool downtimes_in(struct standing *s, const struct json *j, struct err *err)
{
        const struct json *list = list_in(j, "downtimes", STANDING_DOWNTIMES_MAX, err);
        if (!list)
                return false;
        for (const struct json *m = list->first; m; m = m->next) {
                struct downtime *d = &s->downtimes[s->n_downtimes++];
                struct slice why, filled;
                if (!wire_time(&d->from_us, m, "from", err) || !wire_time(&d->to_us, m, "to", err) ||
                    !wire_text(&why, m, "why", err) || !wire_text(&filled, m, "filled", err))
                        return err_add(err, "\"downtimes\"");
                if (d->from_us >= d->to_us)
                        return wire_bad(err, "range", "downtimes", "not from earlier to later");
                d->why = (enum downtime_why)index_of(why, whys, DOWNTIME_WHYS, DOWNTIME_STOPPED);
                d->filled = (enum downtime_filled)index_of(filled, filleds, FILLEDS, FILLED_UNKNOWN);
        }
        return true;
}

static bool troubles_in(struct standing *s, const struct json *j, struct err *err)
{
        const struct json *list = list_in(j, "troubles", 64, err);
        if (!list)
                return false;
        for (const struct json *m = list->first; m; m = m->next) {
                if (m->type != JSON_STRING)
                        return wire_bad(err, "field", "troubles", "not made of words");
                s->troubles |= 1u << index_of(m->text, troubles, TROUBLES, TROUBLE_OTHER);
        }
        return true;
}

static bool numbers_in(struct standing *s, const struct json *j, struct err *err)
{
        for (int i = 0; i < NUMBERS; i++) {
                uint64_t v;
                if (!wire_count(&v, j, numbers[i].name, INT64_MAX, err))
                        return false;
                memcpy((char *)s + numbers[i].offset, &v, sizeof v);
        }
        return true;
}

/* Older agents say nothing of it. */
static bool policy_in(struct standing *s, const struct json *j, struct err *err)
{
        uint64_t waits = 0;
        bool ok = (!json_get(j, "policy_since") || wire_time(&s->policy_since_us, j, "policy_since", err)) &&
                  (!json_get(j, "policy_signed_by") ||
                   word_in(s->policy_signed_by, sizeof s->policy_signed_by, j, "policy_signed_by", err)) &&
                  (!json_get(j, "policy_waits") || wire_count(&waits, j, "policy_waits", INT32_MAX, err)) &&
                  (!json_get(j, "policy_missing") || wire_count(&s->policy_missing, j, "policy_missing", 1000, err)) &&
                  (!json_get(j, "policy_unsigned") || wire_bool(&s->policy_unsigned, j, "policy_unsigned", err));
        s->policy_waits = (int64_t)waits;
        return ok;
}

bool standing_read(struct standing *s, const struct json *j, struct err *err)
{
        uint64_t version, full_in = 0;
        *s = (struct standing){ .full_in_s = -1 };
        if (!j || j->type != JSON_OBJECT)
                return wire_bad(err, "field", "status", "not an object");
        if (!word_in(s->release, sizeof s->release, j, "release", err) ||
            !wire_time(&s->since_us, j, "since", err) ||
            (json_get(j, "policy") && !word_in(s->policy, sizeof s->policy, j, "policy", err)) ||
            !wire_count(&version, j, "policy_version", INT64_MAX, err) || !wire_bool(&s->open, j, "open", err) ||
            !wire_bool(&s->stale, j, "stale", err) || !numbers_in(s, j, err) ||
            (json_get(j, "full_in_s") && !wire_count(&full_in, j, "full_in_s", INT64_MAX, err)) ||
            (json_get(j, "basis_ends") && !wire_time(&s->basis_ends_us, j, "basis_ends", err)))
                return false;
        s->policy_version = (int64_t)version;
        if (!policy_in(s, j, err))
                return false;
        if (json_get(j, "full_in_s"))
                s->full_in_s = (int64_t)full_in;
        return troubles_in(s, j, err) && sources_in(s, j, err) && downtimes_in(s, j, err);
}
