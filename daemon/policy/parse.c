/* parse.c - one policy file: its head, what may leave (records, subject, fields) and what is
 * looked for (find). The other groups are read in groups.c and duties.c.
 *
 * The whole language is read and checked here, enforced or not; a complaint never stops the
 * reading, so that a person sees everything that is wrong at once.                        */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "reader.h"

const char *const law_actions[ACTIONS] = { "keep", "clean", "generalise", "pseudonymise",
                                           "mask", "drop",  "discard" };
const char *const law_finds[FIND_ACTIONS] = { "pass", "mask", "drop", "discard", "hold", "stay" };
const char *const law_permissions[PERMISSIONS] = { "kafka", "warehouse", "reading", "backup" };
const char *const law_keeps[KEEPS] = { "raw",     "raw_at_least", "warehouse",           "held",
                                       "backups", "proof",        "tell_before_deletion" };
const char *const law_groups[GROUPS] = { "protects", "purposes",    "records", "subject",   "fields",
                                         "find",     "children",    "rules",   "transfers", "backups",
                                         "keep",     "rights",      "breach",  "counters",  "sensitive",
                                         "consent",  "small_group", "patterns" };
static const char *const keys[] = { "policy",      "version", "language", "title",    "law",       "extends",
                                    "review_by",   "owner",   "protects", "purposes", "records",   "subject",
                                    "fields",      "find",    "children", "rules",    "transfers", "backups",
                                    "keep",        "rights",  "breach",   "counters", "sensitive", "consent",
                                    "small_group", "patterns" };

static void parse_records(struct reader *r, const struct conf_node *n)
{
        const char *kinds[RECORD_KINDS];
        for (int k = 0; k < RECORD_KINDS; k++)
                kinds[k] = kind_name((enum record_kind)k);
        if (!law_keys(r, n, kinds, RECORD_KINDS) && conf_type(n) != CONF_GROUP)
                return;
        for (int k = 0; k < RECORD_KINDS; k++) {
                enum decision d;
                if (!law_decision(r, n, kinds[k], MAYBE, &d))
                        continue;
                r->p->records[k] = d;
                r->p->records_at[k] = (struct at){ r->p->file, conf_line(conf_get(n, kinds[k])), "" };
        }
}

static void parse_subject(struct reader *r, const struct conf_node *n)
{
        static const char *const names[] = { "pseudonym", "none" };
        int v = 1;
        law_choice(r, conf_root(r->p->conf), conf_name(n), MUST, names, COUNT(names), &v);
        r->p->pseudonym = v == 0;
}

/* What an action cannot do to a field; NULL if it can. */
static const char *impossible(enum field f, enum action action)
{
        bool text = field_type(f) == FIELD_TYPE_TEXT;
        bool list = f == FIELD_TAGS || f == FIELD_MENTIONS;
        if (f == FIELD_KIND || f == FIELD_REVISION || f == FIELD_DELETED)
                return action == ACTION_KEEP ? NULL : "always leaves: it orders and names versions";
        if (f == FIELD_ATTRIBUTES)
                return action >= ACTION_DROP ? NULL
                                             : "is a bag of anything: name each attribute, as "
                                               "\"attributes.NAME\"";
        if (action == ACTION_DISCARD && (f == FIELD_ID || f == FIELD_OCCURRED_AT))
                return "cannot be discarded: no record is without it";
        if (action == ACTION_MASK && ((!text && !list) || f == FIELD_EDITION || f == FIELD_AUTHOR_STANDING))
                return "has no words that a mask could stand for: drop it";
        if (action == ACTION_PSEUDONYMISE && f != FIELD_ID && f != FIELD_THREAD && f != FIELD_MENTIONS &&
            f != FIELD_AUTHOR_ID && f != FIELD_AUTHOR_HANDLE && f != FIELD_AUTHOR_NAME &&
            f != FIELD_AUTHOR_EMAIL)
                return "has no pseudonym: id, thread, mentions and author.id, .handle, .name, .email "
                       "have";
        return NULL;
}

static bool read_coarse(struct reader *r, const struct conf_node *line, enum field f, int *to)
{
        const char *name = law_text(r, line, "to", MUST);
        char hint[320], ways[280];
        if (!name)
                return false;
        *to = coarse_of_name(f, name);
        if (*to >= 0 && coarse_needs_industries(*to))
                law_read_industries(r, line);
        if (*to >= 0)
                return true;
        coarse_names(f, ways, sizeof ways);
        if (*ways)
                snprintf(hint, sizeof hint, "Allowed for %s: %s.", field_name(f), ways);
        else
                snprintf(hint, sizeof hint, "Keep, clean, mask or drop it.");
        law_complain(r, conf_get(line, "to"), hint, "\"%s\" cannot be generalised to \"%s\"", field_name(f),
                     name);
        return false;
}

static void put_field(struct reader *r, const struct conf_node *line, enum field f, enum action action,
                      struct at at)
{
        struct field_line *at_field = &r->p->fields[f];
        const char *why = impossible(f, action);
        int to = -1;
        if (why) {
                law_complain(r, line, NULL, "do = \"%s\": \"%s\" %s", law_actions[action], field_name(f),
                             why);
                return;
        }
        if (action == ACTION_GENERALISE) {
                if (!read_coarse(r, line, f, &to))
                        return;
        }
        if (at_field->at.line && (at_field->action > action || (at_field->action == action && at_field->to >= to)))
                return; /* named twice: the strictest wins, whatever the order */
        *at_field = (struct field_line){ action, to, at };
}

static void put_attribute(struct reader *r, const struct conf_node *line, const char *name,
                          enum action action, struct at at)
{
        struct policy *p = r->p;
        int to = -1;
        if (!*name || action == ACTION_PSEUDONYMISE) {
                law_complain(r, line, "An attribute can be kept, cleaned, generalised, masked, dropped or discarded.",
                             "do = \"%s\" does not fit \"attributes.%s\"", law_actions[action], name);
                return;
        }
        if (action == ACTION_GENERALISE && !read_coarse(r, line, FIELD_ATTRIBUTES, &to))
                return;
        struct attribute_line *more = arena_array(r->shelf->arena, p->n_attributes + 1, sizeof *more);
        if (!more)
                return;
        if (p->n_attributes)
                memcpy(more, p->attributes, p->n_attributes * sizeof *more);
        more[p->n_attributes++] = (struct attribute_line){ name, action, to, false, at };
        p->attributes = more;
}

static void unknown_field(struct reader *r, const struct conf_node *line, const char *got)
{
        const char *all[FIELDS];
        for (int f = 0; f < FIELDS; f++)
                all[f] = field_name((enum field)f);
        law_unknown(r, line, "field", got, all, FIELDS);
}

static void parse_field_line(struct reader *r, const struct conf_node *line)
{
        static const char *const allowed[] = { "field", "do", "to", "because" };
        struct names fields = { 0 };
        int action;
        if (!law_keys(r, line, allowed, COUNT(allowed)) && conf_type(line) != CONF_GROUP)
                return;
        bool named = law_names(r, line, "field", MUST, &fields);
        if (!law_choice(r, line, "do", MUST, law_actions, ACTIONS, &action) || !named)
                return;
        if (action != ACTION_GENERALISE && conf_get(line, "to"))
                law_complain(r, conf_get(line, "to"), NULL, "\"to\" belongs to do = \"generalise\"");
        struct at at = law_at(r, line);
        for (size_t i = 0; i < fields.n; i++) {
                int f = field_of_name(slice_of(fields.v[i]));
                if (f >= 0)
                        put_field(r, line, (enum field)f, (enum action)action, at);
                else if (strncmp(fields.v[i], "attributes.", 11) == 0)
                        put_attribute(r, line, fields.v[i] + 11, (enum action)action, at);
                else
                        unknown_field(r, line, fields.v[i]);
        }
}

static void parse_fields(struct reader *r, const struct conf_node *n)
{
        size_t count = law_lines(r, n);
        for (size_t i = 0; i < count; i++)
                parse_field_line(r, law_line(n, i));
}

static void parse_find_line(struct reader *r, const struct conf_node *line)
{
        static const char *const allowed[] = { "what", "do", "words", "because" };
        static const char *const actions[] = { "mask", "drop", "discard", "hold", "stay" };
        struct find_line out = { 0 };
        const char *later = NULL;
        int action = 0;
        if (!law_keys(r, line, allowed, COUNT(allowed)) && conf_type(line) != CONF_GROUP)
                return;
        out.at = law_at(r, line);
        law_detectors(r, line, "what", MUST, &out.what, &later, &out.patterns);
        law_choice(r, line, "do", MUST, actions, COUNT(actions), &action);
        out.action = (enum find_action)(action + 1);
        if (out.action == FIND_DISCARD && detect_has(out.what, detect_id("known_person")))
                law_complain(r, line, "Mask it: who is known is forgotten with a person, what was discarded stays so.",
                             "\"known_person\" cannot be discarded: nobody is known yet when a record comes in");
        if (out.action == FIND_DISCARD && detect_has(out.what, SPECIAL))
                law_complain(r, line, "Hold it, or let it stay: a word taken out does not make what is said unsaid.",
                             "\"special_category\" cannot be discarded");
        if (conf_get(line, "words") && !detect_has(out.what, SPECIAL))
                law_complain(r, conf_get(line, "words"), "Write what = [\"special_category\"].",
                             "\"words\" belongs to \"special_category\"");
        r->p->finds[r->p->n_finds++] = out;
        if (later) {
                struct pending p = { .what = later, .at = out.at };
                law_put_pending(r, line, p, "records with words");
        }
}

static void parse_find(struct reader *r, const struct conf_node *n)
{
        size_t count = law_lines(r, n);
        r->p->finds = arena_array(r->shelf->arena, count, sizeof *r->p->finds);
        for (size_t i = 0; r->p->finds && i < count; i++)
                parse_find_line(r, law_line(n, i));
}

/* False: the language is a later one, and complaints about its keys would only mislead. */
static bool parse_language(struct reader *r, const struct conf_node *root)
{
        int64_t language = 0;
        const struct conf_node *n = conf_get(root, "language");
        if (n && conf_type(n) == CONF_INT && conf_int(n) > LANGUAGE) {
                law_complain(r, n, "Install that release first, or write the policy in language 1.",
                             "language %" PRId64 " needs a later release of tributary: this one, %s, "
                             "reads language %d",
                             conf_int(n), TRIBUTARY_VERSION, LANGUAGE);
                return false;
        }
        law_int(r, root, "language", MUST, LANGUAGE, LANGUAGE, &language);
        return true;
}

static void parse_head(struct reader *r, const struct conf_node *root)
{
        struct policy *p = r->p;
        const char *name = law_text(r, root, "policy", MUST);
        if (name && strcmp(name, p->name) != 0)
                law_complain(r, conf_get(root, "policy"), "File and policy must have the same name.",
                             "the file is \"%s\", the policy calls itself \"%s\"", p->file, name);
        if (conf_get(root, "version"))
                p->at.line = conf_line(conf_get(root, "version"));
        law_int(r, root, "version", MUST, 1, INT32_MAX, &p->version);
        p->title = law_text(r, root, "title", MUST);
        p->law = law_text(r, root, "law", MAYBE);
        law_text(r, root, "owner", MAYBE);
        if (law_date(r, root, "review_by", &p->review_us)) {
                p->review_day = law_text(r, root, "review_by", MAYBE);
                p->review_at = (struct at){ p->file, conf_line(conf_get(root, "review_by")), "" };
                p->review = arena_printf(r->shelf->arena, "the review of %s:%d", p->file, p->review_at.line);
        }
        p->extends = law_text(r, root, "extends", MAYBE);
        if (p->extends)
                p->extends_at = (struct at){ p->file, conf_line(conf_get(root, "extends")), "" };
}

static void parse_groups(struct reader *r, const struct conf_node *root)
{
        static void (*const parsers[GROUPS])(struct reader *, const struct conf_node *) = {
                [GROUP_PROTECTS] = law_parse_protects,
                [GROUP_PURPOSES] = law_parse_purposes,
                [GROUP_RECORDS] = parse_records,
                [GROUP_SUBJECT] = parse_subject,
                [GROUP_FIELDS] = parse_fields,
                [GROUP_FIND] = parse_find,
                [GROUP_CHILDREN] = law_parse_children,
                [GROUP_RULES] = law_parse_rules,
                [GROUP_TRANSFERS] = law_parse_transfers,
                [GROUP_BACKUPS] = law_parse_backups,
                [GROUP_KEEP] = law_parse_keep,
                [GROUP_RIGHTS] = law_parse_rights,
                [GROUP_BREACH] = law_parse_breach,
                [GROUP_COUNTERS] = law_parse_counters,
                [GROUP_SENSITIVE] = law_parse_sensitive,
                [GROUP_CONSENT] = law_parse_consent,
                [GROUP_SMALL_GROUP] = law_parse_small_group,
                [GROUP_PATTERNS] = law_parse_patterns,
        };
        for (int g = 0; g < GROUPS; g++) {
                const struct conf_node *n = conf_get(root, law_groups[g]);
                if (!n)
                        continue;
                r->p->group[g] = (struct at){ r->p->file, conf_line(n), "" };
                parsers[g](r, n);
        }
}

static void note_not_yet(struct reader *r)
{
        const char *text;
        int line;
        for (size_t i = 0; (text = conf_not_yet(r->p->conf, i, &line)); i++)
                report_add(r->report, REPORT_NOTE, conf_file(r->p->conf), line, 0, NULL, "not yet: %s", text);
}

static struct policy *blank_policy(struct arena *a, const char *name)
{
        struct policy *p = ARENA_NEW(a, struct policy);
        if (!p)
                return NULL;
        p->name = arena_string(a, slice_of(name));
        p->file = arena_printf(a, "%s.cfg", name);
        if (!p->name || !p->file)
                return NULL;
        p->at = (struct at){ p->file, 1, "" };
        p->version = 1;
        p->review_us = INT64_MAX;
        for (int k = 0; k < KEEPS; k++)
                p->keep_us[k] = -1;
        for (int k = 0; k < RECORD_KINDS; k++)
                p->records[k] = DECISION_STAY;
        return p;
}

struct policy *law_read(struct shelf *s, const char *name, const struct zone *zone, struct report *report)
{
        struct slice bytes;
        struct err err = ERR_INIT;
        struct policy *p = blank_policy(s->arena, name);
        if (!p || !shelf_get(s, p->file, &bytes, &err)) {
                report_add(report, REPORT_ERROR, NULL, 0, 0, NULL, "could not read policy \"%s\": %s", name,
                           p ? err.text : "out of memory");
                return NULL;
        }
        char *path = arena_printf(s->arena, "%s%s%s", s->dir ? s->dir : "", s->dir ? "/" : "", p->file);
        if (!path || !conf_parse(&p->conf, path, bytes, report))
                return NULL;
        struct reader r = { p, s, report, zone };
        const struct conf_node *root = conf_root(p->conf);
        if (parse_language(&r, root)) {
                law_keys(&r, root, keys, COUNT(keys));
                parse_head(&r, root);
                parse_groups(&r, root);
                note_not_yet(&r);
        }
        return p;
}
