/* mapping_read.c - a payload -> records, as a mapping says.
 *
 * What a record cannot be without (id, kind, time, what is `required`) and what is written otherwise
 * than the mapping says is refused with the mapping's line; what is merely not there is left out. */
#include "at_names.h"
#include "base/clock.h"
#include "base/text.h"
#include "html.h"
#include "mapping_value.h"
#include "pointer.h"

enum { PAYLOAD_DEPTH_MAX = 32 };

/* What the payload is read into; the lists grow with the fields. */
struct filling {
        struct record *r;
        struct slice *tags, *mentions;
        struct attribute *attributes;
};

/* ---- One field ----------------------------------------------------------- */

static bool put_list(struct reading *rd, struct slice **list, size_t *n, struct slice value)
{
        if (!*list)
                *list = arena_array(rd->a, RECORD_LIST_MAX, sizeof **list);
        if (!*list)
                return mapping_full(rd);
        if (*n < RECORD_LIST_MAX)
                (*list)[(*n)++] = value;
        return true;
}

static bool put_attribute(struct reading *rd, struct filling *f, const char *name, struct slice value)
{
        if (!f->attributes)
                f->attributes = arena_array(rd->a, MAPPING_FIELDS_MAX, sizeof *f->attributes);
        if (!f->attributes)
                return mapping_full(rd);
        f->attributes[f->r->n_attributes++] = (struct attribute){ slice_of(name), value };
        f->r->attributes = f->attributes;
        return true;
}

static bool is_filled(const struct filling *f, const struct field_rule *rule)
{
        for (size_t i = 0; rule->attribute && i < f->r->n_attributes; i++)
                if (slice_is(f->attributes[i].name, rule->attribute))
                        return true;
        return !rule->attribute && f->r->text[rule->field].p;
}

static bool put_names(struct reading *rd, struct filling *f, const struct field_rule *rule, struct slice text)
{
        struct slice name;
        for (size_t at = 0; at_name_next(text, &at, &name);) {
                mapping_note_value(rd, rule->name, &rule->from, name);
                if (!put_list(rd, &f->mentions, &f->r->n_mentions, name))
                        return false;
        }
        f->r->mentions = f->mentions;
        return true;
}

static bool put_value(struct reading *rd, struct filling *f, const struct field_rule *rule,
                      struct slice value)
{
        struct record *r = f->r;
        char place[128];
        value = values_apply(&rule->values, value);
        if (rule->as == AS_AT_NAMES)
                return put_names(rd, f, rule, value);
        if (rule->as == AS_HTML && !(value = html_text(rd->a, value, false)).p)
                return mapping_full(rd);
        mapping_note_value(rd, rule->name, rule->text ? &(struct spot){ .node = rule->node } : &rule->from,
                           value);
        if (!value.n)
                return true;
        if (rule->field == FIELD_TAGS || rule->field == FIELD_MENTIONS) {
                bool tags = rule->field == FIELD_TAGS;
                if (!put_list(rd, tags ? &f->tags : &f->mentions, tags ? &r->n_tags : &r->n_mentions, value))
                        return false;
                r->tags = f->tags;
                r->mentions = f->mentions;
                return true;
        }
        if (rule->attribute)
                return put_attribute(rd, f, rule->attribute, value);
        if (record_set(r, rd->a, rule->field, value, rd->err))
                return true;
        return err_add(rd->err, "%s", mapping_place(place, rule->node));
}

/* An element's own value; SLICE_NONE if it has none. */
static struct slice element_text(const struct json *e, const char *take)
{
        const struct json *j = take ? pointer_find(e, take) : e;
        bool value = j && (j->type == JSON_STRING || j->type == JSON_NUMBER || j->type == JSON_BOOL);
        return value ? j->text : SLICE_NONE;
}

/* Of a list: all that count for a list, the first for a value. */
static bool put_elements(struct reading *rd, struct filling *f, const struct field_rule *rule,
                         const struct json *list, struct slice *found)
{
        bool all = rule->field == FIELD_TAGS || rule->field == FIELD_MENTIONS;
        for (const struct json *e = list->type == JSON_ARRAY ? list->first : list; e; e = e->next) {
                struct slice text = SLICE_NONE;
                if (conditions_hold(rd, &rule->where, e))
                        text = element_text(e, rule->take);
                if (text.n) {
                        *found = text;
                        if (!put_value(rd, f, rule, text))
                                return false;
                        if (!all)
                                break;
                }
                if (list->type != JSON_ARRAY)
                        break;
        }
        return true;
}

static bool fill_field(struct reading *rd, struct filling *f, const struct field_rule *rule)
{
        bool list = rule->field == FIELD_TAGS || rule->field == FIELD_MENTIONS;
        const struct json *j = rule->text ? NULL : spot_json(rd, &rule->from, rd->item);
        struct slice found = SLICE_NONE;
        if (is_filled(f, rule))
                return true;
        if (rule->text)
                return put_value(rd, f, rule, slice_of(rule->text));
        if (j && (rule->take || rule->where.n || (list && j->type == JSON_ARRAY))) {
                if (!put_elements(rd, f, rule, j, &found))
                        return false;
        } else {
                if (!spot_text(rd, &rule->from, rd->item, &found))
                        return false;
                if (found.n && !put_value(rd, f, rule, found))
                        return false;
        }
        if (!found.n)
                mapping_note_value(rd, rule->name, &rule->from, SLICE_NONE);
        if (found.n || !rule->required)
                return true;
        return mapping_refuse(rd, rule->from.node, "\"%.80s\" of \"%s\" finds nothing", rule->from.written,
                              rule->name);
}

/* What is deleted keeps who, no words. */
static bool is_kept(const struct field_rule *rule, bool deleted)
{
        return !deleted || (rule->field >= FIELD_AUTHOR_ID && rule->field <= FIELD_AUTHOR_STANDING);
}

/* Yes is consent given when the record came about; anything else is none. */
static bool fill_consent(struct reading *rd, struct record *r, const struct consent_rule *c)
{
        struct slice answer;
        if (c->from.what == SPOT_NONE)
                return true;
        if (!spot_text(rd, &c->from, rd->item, &answer))
                return false;
        mapping_note_value(rd, "consent", &c->from, answer);
        for (size_t i = 0; answer.p && i < c->yes.n; i++) {
                if (!slice_eq_nocase(slice_trim(answer),
                                     slice_trim(slice_of(conf_text(conf_at(c->yes.node, i))))))
                        continue;
                struct consent *given = ARENA_NEW(rd->a, struct consent);
                if (!given)
                        return mapping_full(rd);
                *given = (struct consent){ .purpose = slice_of(c->purpose),
                                           .given_at_us = r->occurred_at_us,
                                           .until_us = INT64_MAX,
                                           .separate = c->separate,
                                           .evidence = slice_of(c->from.written) };
                r->consents = given;
                r->n_consents = 1;
                return true;
        }
        return true;
}

/* ---- One record ---------------------------------------------------------- */

/* False in *wanted when the payload says a kind that is not mapped. */
static bool fill_kind(struct reading *rd, const struct record_rule *rule, struct record *r, bool *wanted)
{
        struct slice text;
        *wanted = true;
        if (rule->kind >= 0) {
                r->kind = (enum record_kind)rule->kind;
                return true;
        }
        if (!spot_text(rd, &rule->kind_from, rd->item, &text))
                return false;
        mapping_note_value(rd, "kind", &rule->kind_from, text);
        for (size_t i = 0; text.p && i < rule->kind_values.n; i++) {
                if (!slice_eq(rule->kind_values.all[i].is, text))
                        continue;
                r->kind = (enum record_kind)kind_of_name(rule->kind_values.all[i].to);
                return true;
        }
        *wanted = false;
        return true;
}

static bool fill_times(struct reading *rd, const struct record_rule *rule, struct record *r)
{
        bool there;
        if (!time_read(rd, &rule->occurred_at, "occurred_at", &r->occurred_at_us, &there))
                return false;
        if (!there)
                return mapping_refuse(rd, rule->occurred_at.from.node,
                                      "\"%.80s\" of \"occurred_at\" finds nothing",
                                      rule->occurred_at.from.written);
        if (rule->revision.from.what == SPOT_NONE)
                return true;
        if (!time_read(rd, &rule->revision, "revision", &r->revision, &there))
                return false;
        /* What was never changed is, with many, as old as it is. */
        if (!there && strcmp(rule->revision.as, "integer") != 0)
                r->revision = r->occurred_at_us;
        if (r->revision < 0)
                return mapping_refuse(rd, rule->revision.from.node, "\"revision\" is before 1970");
        return true;
}

static bool fill_id(struct reading *rd, const struct parts *p, struct record *r, enum field field,
                    const char *what)
{
        char place[128];
        struct slice id;
        const struct spot written = { .node = p->node };
        if (p->n == 0)
                return true;
        if (!parts_join(rd, p, what, field == FIELD_ID, &id))
                return false;
        mapping_note_value(rd, what, &written, id);
        return !id.p || record_set(r, rd->a, field, id, rd->err) ||
               err_add(rd->err, "%s", mapping_place(place, p->node));
}

static bool fill(struct reading *rd, const struct record_rule *rule, struct record *r)
{
        struct filling f = { .r = r };
        char place[128];
        r->deleted = rule->deleted.n && conditions_hold(rd, &rule->deleted, rd->item);
        r->first = rule->first.n && conditions_hold(rd, &rule->first, rd->item);
        if (!fill_id(rd, &rule->id, r, FIELD_ID, "id") ||
            !fill_id(rd, &rule->thread, r, FIELD_THREAD, "thread") || !fill_times(rd, rule, r))
                return false;
        for (size_t i = 0; i < rule->n_fields; i++)
                if (is_kept(&rule->fields[i], r->deleted) && !fill_field(rd, &f, &rule->fields[i]))
                        return false;
        if (!fill_consent(rd, r, &rule->consent))
                return false;
        source_defaults(rd->s, r);
        return record_check(r, rd->err) || err_add(rd->err, "%s", mapping_place(place, rule->node));
}

/* ---- One payload --------------------------------------------------------- */

struct taking {
        source_each *each;
        void *ctx;
        int64_t n;
        bool stopped;
};

static bool take_item(struct reading *rd, const struct record_rule *rule, struct taking *t)
{
        struct record *r = ARENA_NEW(rd->a, struct record);
        bool wanted = true;
        if (!r)
                return mapping_full(rd);
        mapping_note_value(rd, NULL, &(struct spot){ .node = rule->node }, SLICE_NONE);
        bool ok = fill_kind(rd, rule, r, &wanted) && (!wanted || fill(rd, rule, r));
        if (!ok && rd->err->kind != ERR_DATA)
                return false;
        if (ok && !wanted)
                return true;
        t->stopped = !t->each(t->ctx, ++t->n, ok ? r : NULL, ok ? NULL : rd->err);
        return true;
}

static bool take_each(struct reading *rd, const struct record_rule *rule, struct taking *t)
{
        const struct json *list = pointer_find(rd->root, rule->each);
        if (!list || list->type != JSON_ARRAY)
                return mapping_refuse(rd, rule->each_node, "\"%.80s\" of \"each\" finds %s", rule->each,
                                      list ? "no list" : "nothing");
        if (list->count > MAPPING_EACH_MAX)
                return mapping_refuse(rd, rule->each_node, "\"%.80s\" of \"each\" has over %d elements",
                                      rule->each, MAPPING_EACH_MAX);
        for (const struct json *e = list->first; e && !t->stopped; e = e->next) {
                rd->item = e;
                if (!take_item(rd, rule, t))
                        return false;
        }
        return true;
}

/* Who registers a webhook with such a sender is asked to prove that it listens. */
static void find_echo(const struct reading *rd, struct hook_result *result)
{
        struct slice echo = json_string(pointer_find(rd->root, rd->m->echo));
        if (!echo.n)
                return;
        result->outcome = HOOK_ECHO;
        result->echo = echo;
}

bool mapping_read(const struct mapping *m, const struct source *s, const struct slice *values,
                  struct slice payload, struct arena *a, struct hook_result *result, source_each *each,
                  void *ctx, mapping_say *say, struct err *err)
{
        struct reading rd = { .m = m,
                              .s = s,
                              .headers = values,
                              .a = a,
                              .now_us = clock_now_us(),
                              .say = say,
                              .say_ctx = ctx,
                              .err = err };
        struct taking t = { .each = each, .ctx = ctx };
        struct json *root;
        *result = (struct hook_result){ .outcome = HOOK_COUNTED };
        if (!json_read(&root, a, payload, PAYLOAD_DEPTH_MAX, err))
                return false;
        rd.root = root;
        for (size_t i = 0; i < m->n_records && !t.stopped; i++) {
                const struct record_rule *rule = &m->records[i];
                rd.item = root;
                if (!conditions_hold(&rd, &rule->when, root))
                        continue;
                if (rule->each ? !take_each(&rd, rule, &t) : !take_item(&rd, rule, &t))
                        return false;
        }
        if (t.n)
                result->outcome = HOOK_RECORDS;
        else
                find_echo(&rd, result);
        return true;
}
