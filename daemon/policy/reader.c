/* reader.c - the verbs of reader.h: every complaint about a single setting is worded here. */
#include "reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "model/place.h"

__attribute__((format(printf, 5, 0))) static void add(struct reader *r, const struct conf_node *n,
                                                      enum report_level level, const char *hint,
                                                      const char *fmt, va_list args)
{
        char text[512];
        vsnprintf(text, sizeof text, fmt, args);
        conf_complain(r->report, n, level, hint, "%s", text);
}

void law_complain(struct reader *r, const struct conf_node *n, const char *hint, const char *fmt, ...)
{
        va_list args;
        va_start(args, fmt);
        add(r, n, REPORT_ERROR, hint, fmt, args);
        va_end(args);
}

void law_warn(struct reader *r, const struct conf_node *n, const char *hint, const char *fmt, ...)
{
        va_list args;
        va_start(args, fmt);
        add(r, n, REPORT_WARNING, hint, fmt, args);
        va_end(args);
}

static void join(char *out, size_t size, const char *const *names, size_t count)
{
        size_t n = 0;
        out[0] = 0;
        for (size_t i = 0; i < count && n + 8 < size; i++)
                n += (size_t)snprintf(out + n, size - n, "%s%s", i ? ", " : "", names[i]);
}

void law_unknown(struct reader *r, const struct conf_node *n, const char *what, const char *got,
                 const char *const *names, size_t count)
{
        char hint[320], all[240];
        /* Two letters are near to anything: whoever writes "no" must not be told "go". */
        const char *near = strlen(got) > 2 ? text_nearest(got, names, count) : NULL;
        join(all, sizeof all, names, count);
        if (near && count <= 12)
                snprintf(hint, sizeof hint, "Did you mean \"%s\"? Allowed: %s.", near, all);
        else if (near)
                snprintf(hint, sizeof hint, "Did you mean \"%s\"?", near);
        else
                snprintf(hint, sizeof hint, "Allowed: %s%s.", all,
                         strlen(all) + 16 > sizeof all ? " ..." : "");
        law_complain(r, n, hint, "unknown %s \"%s\"", what, got);
}

bool law_keys(struct reader *r, const struct conf_node *group, const char *const *names, size_t n)
{
        bool ok = true;
        if (conf_type(group) != CONF_GROUP) {
                law_complain(r, group, "Write a group: { key = value; }.", "expected a group, got %s",
                             conf_type_name(conf_type(group)));
                return false;
        }
        for (size_t i = 0; i < conf_count(group); i++) {
                const struct conf_node *key = conf_at(group, i);
                bool known = false;
                for (size_t k = 0; k < n && !known; k++)
                        known = strcmp(conf_name(key), names[k]) == 0;
                if (!known) {
                        law_unknown(r, key, "key", conf_name(key), names, n);
                        ok = false;
                }
        }
        return ok;
}

size_t law_lines(struct reader *r, const struct conf_node *list)
{
        size_t n = conf_type(list) == CONF_GROUP ? 1 : conf_count(list);
        if (conf_type(list) != CONF_GROUP && conf_type(list) != CONF_LIST) {
                law_complain(r, list, "Write a list of groups: ( { ... }, { ... } ).",
                             "\"%s\" must be a list ( ), got %s", conf_name(list),
                             conf_type_name(conf_type(list)));
                return 0;
        }
        if (n > LINES_MAX) {
                law_complain(r, list, NULL, "\"%s\" has %zu entries, at most %d are allowed", conf_name(list),
                             n, LINES_MAX);
                return 0;
        }
        return n;
}

const struct conf_node *law_line(const struct conf_node *list, size_t i)
{
        return conf_type(list) == CONF_GROUP ? list : conf_at(list, i);
}

/* The setting, of this type; complains when it must be there, or is something else. */
static const struct conf_node *want(struct reader *r, const struct conf_node *g, const char *key, int must,
                                    enum conf_type type, const char *example)
{
        const struct conf_node *n = conf_get(g, key);
        char hint[160];
        snprintf(hint, sizeof hint, "Write %s = %s;", key, example);
        if (!n && must)
                law_complain(r, g, hint, "\"%s\" is missing", key);
        if (n && conf_type(n) != type) {
                law_complain(r, n, hint, "\"%s\" must be %s, got %s", key, conf_type_name(type),
                             conf_type_name(conf_type(n)));
                return NULL;
        }
        return n;
}

const char *law_text(struct reader *r, const struct conf_node *g, const char *key, int must)
{
        const struct conf_node *n = want(r, g, key, must, CONF_TEXT, "\"...\"");
        if (n && must && !*conf_text(n)) {
                law_complain(r, n, NULL, "\"%s\" is empty", key);
                return NULL;
        }
        return n ? conf_text(n) : NULL;
}

bool law_int(struct reader *r, const struct conf_node *g, const char *key, int must, int64_t min, int64_t max,
             int64_t *out)
{
        char example[24]; /* a value that would be taken, for the hint */
        snprintf(example, sizeof example, "%lld", (long long)(max <= 150 && max >= 16 ? 16 : min));
        const struct conf_node *n = want(r, g, key, must, CONF_INT, example);
        if (!n)
                return false;
        if (conf_int(n) < min || conf_int(n) > max) {
                law_complain(r, n, NULL, "\"%s\" must be %lld to %lld, got %lld", key, (long long)min,
                             (long long)max, (long long)conf_int(n));
                return false;
        }
        *out = conf_int(n);
        return true;
}

bool law_bool(struct reader *r, const struct conf_node *g, const char *key, bool *out)
{
        const struct conf_node *n = want(r, g, key, MAYBE, CONF_BOOL, "true");
        if (n)
                *out = conf_bool(n);
        return n != NULL;
}

bool law_choice(struct reader *r, const struct conf_node *g, const char *key, int must,
                const char *const *names, size_t n, int *out)
{
        char example[96] = "";
        size_t at = 0;
        for (size_t i = 0; i < n && at < sizeof example; i++)
                at += (size_t)snprintf(example + at, sizeof example - at, "%s\"%s\"",
                                       i == 0      ? ""
                                       : i + 1 < n ? ", "
                                                   : " or ",
                                       names[i]);
        const struct conf_node *node = want(r, g, key, must, CONF_TEXT, example);
        if (!node)
                return false;
        const char *plain = law_plain(r, conf_text(node));
        for (size_t i = 0; i < n; i++) {
                if (strcmp(plain, names[i]) == 0) {
                        *out = (int)i;
                        return true;
                }
        }
        char what[64];
        snprintf(what, sizeof what, "value of \"%s\"", key);
        law_unknown(r, node, what, plain, names, n);
        return false;
}

bool law_decision(struct reader *r, const struct conf_node *g, const char *key, int must, enum decision *out)
{
        static const char *const names[] = { "go", "hold", "stay" };
        int v;
        if (!law_choice(r, g, key, must, names, COUNT(names), &v))
                return false;
        *out = (enum decision)v;
        return true;
}

bool law_names(struct reader *r, const struct conf_node *g, const char *key, int must, struct names *out)
{
        const struct conf_node *n = conf_get(g, key);
        bool words = strcmp(key, "words") == 0 || strcmp(key, "yes") == 0 || strcmp(key, "no") == 0; /* texts as they are */
        char hint[160];
        snprintf(hint, sizeof hint, "Write %s = [\"...\", \"...\"];", key);
        if (!n) {
                if (must)
                        law_complain(r, g, hint, "\"%s\" is missing", key);
                return false;
        }
        bool one = conf_type(n) == CONF_TEXT;
        size_t count = one ? 1 : conf_count(n);
        if ((!one && conf_type(n) != CONF_ARRAY && conf_type(n) != CONF_LIST) || count > LINES_MAX) {
                law_complain(r, n, hint, "\"%s\" must be texts in [ ], at most %d", key, LINES_MAX);
                return false;
        }
        const char **v = arena_array(r->shelf->arena, count, sizeof *v);
        for (size_t i = 0; v && i < count; i++) {
                const struct conf_node *member = one ? n : conf_at(n, i);
                if (conf_type(member) != CONF_TEXT || !*conf_text(member)) {
                        law_complain(r, member, hint, "\"%s\" must hold texts that are not empty", key);
                        return false;
                }
                v[i] = words ? conf_text(member) : law_plain(r, conf_text(member));
        }
        if (count == 0 && must)
                law_complain(r, n, hint, "\"%s\" is empty", key);
        *out = (struct names){ v, v ? count : 0 };
        return out->n > 0;
}

/* The node of the i-th name, for its place. */
static const struct conf_node *member(const struct conf_node *g, const char *key, size_t i)
{
        const struct conf_node *n = conf_get(g, key);
        return conf_type(n) == CONF_TEXT ? n : conf_at(n, i);
}

bool law_codes(struct reader *r, const struct conf_node *g, const char *key, int must, struct names *out)
{
        struct names names = { 0 };
        bool ok = law_names(r, g, key, must, &names);
        size_t n_codes;
        const char *const *codes = place_codes(&n_codes);
        for (size_t i = 0; i < names.n; i++) {
                const char *usual = strcmp(names.v[i], "EU") == 0   ? "EEA"
                                    : strcmp(names.v[i], "UK") == 0 ? "GB"
                                                                    : NULL;
                const char *near = strlen(names.v[i]) > 2 ? text_nearest(names.v[i], codes, n_codes) : NULL;
                char hint[160];
                if (place_is_known(slice_of(names.v[i])))
                        continue;
                if (usual)
                        snprintf(hint, sizeof hint, "Write \"%s\".", usual);
                else
                        snprintf(hint, sizeof hint, "%s%s%sWrite two letters, as DE or JP, a state's as US-CA, or EEA.",
                                 near ? "Did you mean \"" : "", near ? near : "", near ? "\"? " : "");
                law_complain(r, member(g, key, i), hint, "unknown jurisdiction or country \"%s\"", names.v[i]);
                ok = false;
        }
        if (ok)
                *out = names;
        return ok;
}

bool law_kinds(struct reader *r, const struct conf_node *g, const char *key, int must, uint32_t *out)
{
        const char *all[RECORD_KINDS];
        struct names names = { 0 };
        bool ok = law_names(r, g, key, must, &names);
        for (int k = 0; k < RECORD_KINDS; k++)
                all[k] = kind_name((enum record_kind)k);
        for (size_t i = 0; i < names.n; i++) {
                int k = kind_of_name(slice_of(names.v[i]));
                if (k < 0) {
                        law_unknown(r, member(g, key, i), "kind", names.v[i], all, COUNT(all));
                        ok = false;
                } else {
                        *out |= UINT32_C(1) << k;
                }
        }
        return ok;
}

bool law_date(struct reader *r, const struct conf_node *g, const char *key, int64_t *end_us)
{
        const struct conf_node *n = want(r, g, key, MAYBE, CONF_TEXT, "\"2027-06-01\"");
        int64_t day;
        if (!n)
                return false;
        struct slice text = slice_of(law_plain(r, conf_text(n)));
        if (!clock_parse_date(&day, text) || !zone_end_of_day_us(r->zone, text, end_us)) {
                law_complain(r, n, "Write a day that exists, as \"2027-06-01\".",
                             "\"%s\" is not a date: \"%s\"", key, conf_text(n));
                return false;
        }
        return true;
}

bool law_duration(struct reader *r, const struct conf_node *g, const char *key, int must, struct duration *out)
{
        const struct conf_node *n = want(r, g, key, must, CONF_TEXT, "\"30 days\"");
        struct duration d;
        struct err err = ERR_INIT;
        if (!n)
                return false;
        if (!duration_parse(&d, slice_of(law_plain(r, conf_text(n))), &err) || d.us <= 0) {
                law_complain(r, n,
                             "Write a whole number and a unit, such as \"72 hours\", \"15 working "
                             "days\", \"1 month\" or \"3 years\".",
                             "\"%s\" is not a time span: \"%s\"", key, conf_text(n));
                return false;
        }
        *out = d;
        return true;
}

bool law_span(struct reader *r, const struct conf_node *g, const char *key, int must, int64_t *us)
{
        struct duration d;
        if (!law_duration(r, g, key, must, &d))
                return false;
        *us = d.us;
        return true;
}

static const char *const beyond[] = { "special_category" };
static const char *const detector_groups[] = { "national_id", "credential", "ip_address" };

static void unknown_detector(struct reader *r, const struct conf_node *n, const char *name)
{
        const char *all[DETECT_MAX + COUNT(beyond) + COUNT(detector_groups)];
        size_t count = 0;
        for (size_t i = 0; i < COUNT(detector_groups); i++)
                all[count++] = detector_groups[i];
        for (size_t i = 0; i < COUNT(beyond); i++)
                all[count++] = beyond[i];
        for (int i = 0; i < detect_count() && count < COUNT(all); i++)
                all[count++] = detect_name(i);
        law_unknown(r, n, "kind of finding", name, all, count);
}

/* One name: a group, a detector, or one that a later release finds. */
static bool detector(struct reader *r, const struct conf_node *line, const char *name, detect_set *out, const char **later)
{
        /* The law's word and the trade's word for the same number. */
        bool card = strcmp(name, "payment_card") == 0 || strcmp(name, "credit_card") == 0;
        detect_set group = detect_group(name);
        int id = detect_id(name);
        if (strcmp(name, "person") == 0) /* who is in nobody's records is not found */
                id = -1;
        if (card && id < 0)
                id = detect_id(*name == 'p' ? "credit_card" : "payment_card");
        if (strcmp(name, beyond[0]) == 0) {
                *out |= detect_one(SPECIAL);
                if (!law_read_special(r, line))
                        *later = name;
                return true;
        }
        if (!group && id < 0)
                return false;
        detect_set set = group ? group : detect_one(id);
        for (int i = 0; i < detect_count(); i++) {
                if (!detect_has(set, i) || detect_enforced(i))
                        continue;
                if (!later)
                        return false;
                *later = name; /* a group of which not every member is found yet waits as well */
        }
        *out |= set;
        return true;
}

bool law_detectors(struct reader *r, const struct conf_node *g, const char *key, int must, detect_set *out,
                   const char **later, struct names *patterns)
{
        struct names names = { 0 };
        bool ok = law_names(r, g, key, must, &names);
        for (size_t i = 0; i < names.n; i++) {
                if (patterns && strncmp(names.v[i], "pattern:", 8) == 0) {
                        const char **v = arena_array(r->shelf->arena, patterns->n + 1, sizeof *v);
                        if (!v)
                                return false;
                        if (patterns->n)
                                memcpy(v, patterns->v, patterns->n * sizeof *v);
                        v[patterns->n] = names.v[i] + 8;
                        *patterns = (struct names){ v, patterns->n + 1 };
                } else if (!detector(r, g, names.v[i], out, later)) {
                        unknown_detector(r, member(g, key, i), names.v[i]);
                        ok = false;
                }
        }
        return ok;
}

struct at law_at(struct reader *r, const struct conf_node *n)
{
        const char *because = "";
        if (conf_type(n) == CONF_GROUP && conf_get(n, "because"))
                because = law_text(r, n, "because", MUST);
        return (struct at){ r->p->file, conf_line(n), because ? because : "" };
}

void law_put_pending(struct reader *r, const struct conf_node *n, struct pending p, const char *whose)
{
        struct policy *policy = r->p;
        struct pending *more = arena_array(r->shelf->arena, policy->n_pending + 1, sizeof *more);
        law_warn(r, n, "Put it into a comment, \"# not yet: ...\", if they shall not wait for it.",
                 "this release does not enforce \"%s\": %s are held", p.what, whose);
        if (!more)
                return;
        if (policy->n_pending)
                memcpy(more, policy->pending, policy->n_pending * sizeof *more);
        more[policy->n_pending] = p;
        policy->pending = more;
        policy->n_pending++;
}
