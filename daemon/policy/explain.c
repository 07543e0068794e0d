/* explain.c - why a record leaves as it does: each field's line, each finding's place and line.
 *
 * The decision and what leaves are the judge's own. Findings are searched anew, with the judge's
 * scanner, in the texts in which the judge looks (redact.c) and in those from which discard.c takes
 * out, so that each can be told with its place.                                              */
#include "policy/explain.h"

#include <stdlib.h>

#include "asking.h"

enum { FINDS_MAX = 4096 };

struct looking {
        struct trial trial;
        struct explained_find *finds;
        size_t n, room;
        bool full, more;
};

/* ---- Texts of a record ----------------------------------------------------------- */

struct slice explain_item(const struct record *r, enum field f, size_t item)
{
        if (f == FIELD_TAGS)
                return item < r->n_tags ? r->tags[item] : SLICE_NONE;
        if (f == FIELD_MENTIONS)
                return item < r->n_mentions ? r->mentions[item] : SLICE_NONE;
        if (f == FIELD_CONSENT) /* purpose and evidence in turns */
                return item / 2 >= r->n_consents ? SLICE_NONE
                       : item % 2                ? r->consents[item / 2].evidence
                                                 : r->consents[item / 2].purpose;
        if (f == FIELD_ATTRIBUTES)
                return item < r->n_attributes ? r->attributes[item].value : SLICE_NONE;
        return item == 0 ? r->text[f] : SLICE_NONE;
}

static size_t items_of(const struct record *r, enum field f)
{
        switch ((int)f) {
        case FIELD_TAGS:
                return r->n_tags;
        case FIELD_MENTIONS:
                return r->n_mentions;
        case FIELD_CONSENT:
                return 2 * r->n_consents;
        case FIELD_ATTRIBUTES:
                return r->n_attributes;
        }
        return field_type(f) == FIELD_TYPE_TEXT || field_type(f) == FIELD_TYPE_NUMBER ? r->text[f].p != NULL : 0;
}

static void put_consents(const struct record *r, struct buf *out)
{
        for (size_t i = 0; i < r->n_consents; i++)
                buf_printf(out, "%s%.*s%s", i ? ", " : "", SLICE_ARG(r->consents[i].purpose),
                           r->consents[i].separate ? " (separate)" : "");
}

bool explain_value(const struct record *r, enum field f, struct buf *out)
{
        char time[CLOCK_TEXT_MAX];
        switch ((int)f) {
        case FIELD_KIND:
                buf_puts(out, kind_name(r->kind));
                return true;
        case FIELD_OCCURRED_AT:
                buf_puts(out, clock_format_rfc3339(time, r->occurred_at_us));
                return true;
        case FIELD_REVISION:
                buf_printf(out, "%lld", (long long)r->revision);
                return r->revision > 0;
        case FIELD_DELETED:
                buf_puts(out, "true");
                return r->deleted;
        case FIELD_CONSENT:
                put_consents(r, out);
                return r->n_consents;
        }
        size_t n = items_of(r, f);
        for (size_t i = 0; i < n; i++) {
                buf_puts(out, i ? ", " : "");
                if (f == FIELD_ATTRIBUTES)
                        buf_printf(out, "%.*s = ", SLICE_ARG(r->attributes[i].name));
                buf_put(out, explain_item(r, f, i));
        }
        return n;
}

static const char pseudonym[] = "00000000-0000-0000-0000-000000000000"; /* of the empty envelope, see leave() */

bool explain_left(const struct message_record *m, enum field f, struct slice attribute, struct buf *out)
{
        buf_reset(out);
        if (f == FIELD_OCCURRED_AT && !m->has_occurred_at)
                return false;
        if (f == FIELD_THREAD && m->has_thread_key) {
                buf_puts(out, "(key)");
                return true;
        }
        if (f == FIELD_ATTRIBUTES && attribute.p) {
                for (size_t i = 0; i < m->fields.n_attributes; i++)
                        if (slice_eq_nocase(m->fields.attributes[i].name, attribute)) {
                                buf_put(out, m->fields.attributes[i].value);
                                return true;
                        }
                return false;
        }
        if (slice_is(m->fields.text[f], pseudonym)) {
                buf_puts(out, "(pseudonym)");
                return true;
        }
        return explain_value(&m->fields, f, out);
}

/* ---- Findings -------------------------------------------------------------------- */

static struct explained_line line_of(const struct at *at)
{
        return (struct explained_line){ at->file ? at->file : "", at->line, at->because ? at->because : "" };
}

static void put_find(struct looking *l, struct explained_find find)
{
        l->more |= l->n == FINDS_MAX; /* the judge counts on; nobody reads more on a screen */
        if (l->more)
                return;
        if (l->n == l->room) {
                size_t room = l->room ? 2 * l->room : 16;
                struct explained_find *more = arena_array(l->trial.arena, room, sizeof *more);
                if (!more) {
                        l->full = true;
                        return;
                }
                if (l->n)
                        memcpy(more, l->finds, l->n * sizeof *more);
                l->finds = more;
                l->room = room;
        }
        l->finds[l->n++] = find;
}

/* How the judge looks at a text: where it leaves, all counts; where it is only heard, what holds;
 * everywhere, what must not be stored. */
struct ears {
        bool leaves, heard;
        detect_set exempt;
};

static bool concerns(const struct ears *e, int id, enum find_action action)
{
        if (action == FIND_DISCARD)
                return true;
        if (detect_has(e->exempt, id))
                return false;
        return e->leaves || (e->heard && action >= FIND_HOLD);
}

static void look(struct looking *l, const struct ears *e, enum field f, size_t item, struct slice text)
{
        const struct law *law = l->trial.law;
        const struct finding *found;
        size_t n;
        if (!text.p || text.n == 0 || l->full || !scan(l->trial.scanner, text, &found, &n, NULL))
                return; /* what could not be searched is held: the judgement says so */
        if ((e->leaves && !people_in(&l->trial, text, &found, &n)) || !special_in(&l->trial, text, &found, &n))
                return;
        for (size_t i = 0; i < n; i++) {
                struct explained_find find = { .field = f, .item = item, .start = found[i].start,
                                               .end = found[i].end, .what = "person", .action = "mask",
                                               .by = { "", 0, "it names somebody whose name does not leave" } };
                if (found[i].id != OWN_NAME) {
                        enum find_action action = law->find[found[i].id];
                        if (!concerns(e, found[i].id, action))
                                continue;
                        find.what = law_find_name(law, found[i].id);
                        find.action = law_finds[action];
                        find.by = line_of(&law->find_at[found[i].id]);
                        if (action == FIND_DISCARD && detect_has(detect_floor(), found[i].id))
                                find.by = (struct explained_line){ "", 0, "some law forbids to store it at all" };
                }
                put_find(l, find);
        }
        l->full |= l->trial.full;
}

static bool is_heard(const struct law *law, enum field f)
{
        for (size_t i = 0; law->find_holds && i < law->n_heard; i++)
                if (law->heard[i] == f)
                        return true;
        return false;
}

static struct ears ears_of(const struct law *law, enum field f, enum action action)
{
        struct ears e = { .leaves = action <= ACTION_CLEAN && law_searched(f), .heard = is_heard(law, f) && law_searched(f) };
        if ((e.leaves && action == ACTION_KEEP) || (!e.leaves && law->plain >> f & 1))
                e.exempt = law_exempt(law, f);
        return e;
}

/* ---- Fields ---------------------------------------------------------------------- */

static const struct attribute_line *attribute_of(const struct law *law, struct slice name)
{
        for (size_t i = 0; i < law->n_attributes; i++)
                if (slice_is(name, law->attributes[i].name))
                        return &law->attributes[i];
        return NULL;
}

static void explain_attributes(struct looking *l, const struct record *r, struct explanation *out)
{
        const struct law *law = l->trial.law;
        const struct field_line *all = &law->fields[FIELD_ATTRIBUTES];
        for (size_t i = 0; i < r->n_attributes && i < RECORD_LIST_MAX; i++) {
                const struct attribute_line *line = attribute_of(law, r->attributes[i].name);
                enum action action = line ? line->action : all->action == ACTION_DISCARD ? ACTION_DISCARD : ACTION_DROP;
                struct ears e = { .leaves = action <= ACTION_CLEAN, .heard = line && line->heard && law->find_holds };
                out->fields[out->n_fields++] = (struct explained_field){
                        .field = FIELD_ATTRIBUTES, .attribute = r->attributes[i].name, .action = law_actions[action],
                        .to = line && action == ACTION_GENERALISE ? coarse_text(line->to, l->trial.arena) : "",
                        .by = line_of(line ? &line->at : &all->at),
                };
                look(l, &e, FIELD_ATTRIBUTES, i, r->attributes[i].value);
        }
}

static void explain_field(struct looking *l, const struct record *r, enum field f, struct explanation *out)
{
        const struct law *law = l->trial.law;
        const struct field_line *line = &law->fields[f];
        struct ears e = ears_of(law, f, line->action);
        if (items_of(r, f) == 0 && f != FIELD_OCCURRED_AT)
                return;
        out->fields[out->n_fields++] = (struct explained_field){
                .field = f, .action = law_actions[line->action],
                .to = line->action == ACTION_GENERALISE ? coarse_text(line->to, l->trial.arena) : "", .by = line_of(&line->at),
        };
        for (size_t i = 0; i < items_of(r, f); i++)
                look(l, &e, f, i, explain_item(r, f, i));
}

static bool explain_fields(struct looking *l, const struct record *r, struct explanation *out)
{
        people_of(&l->trial);
        for (int f = 0; f < FIELDS; f++) {
                if (f == FIELD_KIND || f == FIELD_REVISION || f == FIELD_DELETED)
                        continue; /* they always leave */
                if (f == FIELD_ATTRIBUTES)
                        explain_attributes(l, r, out);
                else
                        explain_field(l, r, (enum field)f, out);
        }
        out->finds = l->finds;
        out->n_finds = l->n;
        out->more_finds = l->more;
        return !l->full;
}

/* A host with a dot, by name, that no house keeps for itself. */
static bool is_public(struct slice url)
{
        static const char *const own[] = { ".local", ".internal", ".lan", ".intranet", ".corp", ".home", ".localhost" };
        const char *at = url.n ? memmem(url.p, url.n, "://", 3) : NULL;
        if (!at || (url.p[0] != 'h' && url.p[0] != 'H'))
                return false;
        struct slice host = { at + 3, (size_t)(url.p + url.n - at - 3) };
        size_t n = 0;
        bool dot = false, letter = false;
        while (n < host.n && !strchr("/:?#", host.p[n])) {
                dot |= host.p[n] == '.';
                letter |= (host.p[n] | 32) >= 'a' && (host.p[n] | 32) <= 'z';
                n++;
        }
        for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
                size_t m = strlen(own[i]);
                if (n >= m && slice_eq_nocase(slice_make(host.p + n - m, m), slice_of(own[i])))
                        return false;
        }
        return dot && letter;
}

/* The envelope holds nothing of anybody: what stands for pseudonyms is all zeros. The message is
 * formatted as an agent would, and held like its own if what is masked stands in it still. */
static void leave(struct judge *j, struct explanation *out)
{
        const struct envelope e = { .region = SLICE("-"), .has_subject = true, .has_thread_key = true };
        struct message_header headers[MESSAGE_HEADERS];
        struct err err = ERR_INIT;
        struct message m;
        struct buf value;
        uint8_t key[16];
        size_t n;
        approved_message(out->said.approved, &e, &m);
        buf_init(&value, MESSAGE_VALUE_MAX);
        bool clean = approved_format(j, &m, &value, key, headers, &n, &err) || err.kind != ERR_DENIED;
        buf_clear(&value);
        out->left = m.record;
        if (!clean)
                out->said = (struct judgement){ .decision = DECISION_HOLD, .file = out->said.file, .line = out->said.line,
                                                .rule = "residual", .because = "what is masked stood in the message still" };
}

static const struct small_group *group_of(const struct law *law, enum field f)
{
        for (size_t i = 0; i < law->n_small; i++)
                if (memchr(law->small[i]->fields, f, law->small[i]->n_fields))
                        return law->small[i];
        return NULL;
}

/* Fields that too few share leave otherwise than their own line says. */
static void explain_small_groups(const struct law *law, struct explanation *out)
{
        for (size_t i = 0; i < out->left.n_redactions; i++) {
                const struct redaction *r = &out->left.redactions[i];
                int f = slice_is(r->what, "small_group") ? field_of_name(r->field) : -1;
                const struct small_group *g = f >= 0 ? group_of(law, (enum field)f) : NULL;
                for (size_t k = 0; g && k < out->n_fields; k++) {
                        struct explained_field *field = &out->fields[k];
                        if (field->field != (enum field)f)
                                continue;
                        bool coarser = slice_is(r->action, law_actions[ACTION_GENERALISE]);
                        field->action = law_actions[coarser ? ACTION_GENERALISE : ACTION_DROP];
                        field->to = coarser ? coarse_name(coarse_last((enum field)f)) : ""; /* a word: its number is the usual one */
                        field->by = line_of(&g->at);
                }
        }
}

bool policy_explain(struct discarder *d, struct judge *j, int64_t now_us, const struct record *r,
                    struct slice source, int64_t captured_us, struct arena *a, struct explanation *out,
                    struct err *err)
{
        const struct law *law = law_of(j->book, r);
        struct looking l = { .trial = { .judge = j, .law = law, .scanner = j->scanners.of[law->number], .record = r, .now_us = now_us,
                                        .source = source, .arena = a } };
        *out = (struct explanation){ .stored = *r, .public_words = is_public(r->text[FIELD_URL]),
                                      .class = law->class_name, .beside = law != &j->book->home };
        if (!explain_fields(&l, r, out))
                return err_set(err, ERR_FULL, 0, "no room left to explain a record in");
        if (!policy_discard(d, &out->stored, a, &out->pieces, &out->why)) {
                out->refused = true;
                if (out->why.kind == ERR_DATA)
                        return true;
                *err = out->why;
                return false;
        }
        if (!policy_ask(j, now_us, &out->stored, a, &out->asked, err))
                return false;
        answers_assume(&out->asked, &j->assumed);
        if (!policy_judge(j, now_us, &out->stored, source, captured_us, &out->asked, a, &out->said, err))
                return false;
        if (out->said.decision != DECISION_GO)
                return true;
        leave(j, out);
        explain_small_groups(law, out);
        return true;
}
