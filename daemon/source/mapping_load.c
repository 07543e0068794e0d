/* mapping_load.c - a mapping file, read whole and checked whole, before any payload comes. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "mapping.h"
#include "mapping_rows.h"
#include "pointer.h"

enum { ARENA_BYTES = 8 << 20 };

struct load {
        struct mapping *m;
        struct report *report;
        bool ok;
};

static void complain(struct load *l, const struct conf_node *n, const char *hint, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));

static void complain(struct load *l, const struct conf_node *n, const char *hint, const char *fmt, ...)
{
        char text[512];
        va_list args;
        va_start(args, fmt);
        vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
        conf_complain(l->report, n, REPORT_ERROR, hint, "%s", text);
        l->ok = false;
}

static void *make(struct load *l, size_t n, size_t size, const struct conf_node *node)
{
        void *p = arena_array(l->m->arena, n, size);
        if (!p)
                complain(l, node, NULL, "the mapping is too large");
        return p;
}

/* Rows of a group; false when they cannot be used. */
static bool rows(struct load *l, const struct option *options, const struct conf_node *node, void *dest)
{
        if (option_read(options, node, dest, NULL, l->report))
                return true;
        l->ok = false;
        return false;
}

/* How many members a list has; none when there are too many. */
static size_t members(struct load *l, const struct conf_node *list, size_t max)
{
        size_t n = list ? conf_count(list) : 0;
        if (n <= max)
                return n;
        complain(l, list, NULL, "\"%s\" has %zu members; at most %zu are allowed", conf_name(list), n, max);
        return 0;
}

/* ---- Places -------------------------------------------------------------- */

static bool is_header_name(const char *name)
{
        for (const char *p = name; *p; p++)
                if (!((*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') ||
                      strchr("!#$%&'*+-.^_`|~", *p)))
                        return false;
        return *name;
}

static void check_pointer(struct load *l, const char *pointer, const struct conf_node *node)
{
        const char *why = pointer_wrong(pointer);
        if (why)
                complain(l, node,
                         "Write it as the names from the payload's root down, such as \"/ticket/title\"; "
                         "~1 stands for \"/\" in a name, ~0 for \"~\".",
                         "\"%.80s\" can point nowhere: %s", pointer, why);
}

static void want_header(struct load *l, struct spot *s, const char *name)
{
        struct hook_sender *sender = &l->m->sender;
        if (!is_header_name(name)) {
                complain(l, s->node, "Write it as \"header:X-Event\".", "\"%.80s\" is no header's name",
                         name);
                return;
        }
        for (s->header = 0; s->header < sender->n_headers; s->header++)
                if (slice_eq_nocase(slice_of(sender->headers[s->header]), slice_of(name)))
                        return;
        if (sender->n_headers == HOOK_HEADERS_MAX)
                complain(l, s->node, NULL, "over %d headers are looked at", HOOK_HEADERS_MAX);
        else
                sender->headers[sender->n_headers++] = name;
}

static bool is_place(const char *text)
{
        return text[0] == '/' || slice_starts(slice_of(text), SLICE("payload:")) ||
               slice_starts(slice_of(text), SLICE("header:"));
}

static void read_spot(struct load *l, struct spot *s, const char *text, const struct conf_node *node)
{
        *s = (struct spot){ .written = text, .node = node };
        if (text[0] == '/') {
                s->what = SPOT_ITEM;
                s->pointer = text;
        } else if (slice_starts(slice_of(text), SLICE("payload:"))) {
                s->what = SPOT_PAYLOAD;
                s->pointer = text + sizeof "payload:" - 1;
        } else if (slice_starts(slice_of(text), SLICE("header:"))) {
                s->what = SPOT_HEADER;
                want_header(l, s, text + sizeof "header:" - 1);
        } else {
                complain(l, node,
                         "Places are \"/name/name\" in the item, \"payload:/name\" or \"header:NAME\".",
                         "\"%.80s\" is no place", text);
        }
        if (s->pointer)
                check_pointer(l, s->pointer, node);
}

/* ---- Conditions ---------------------------------------------------------- */

static void read_condition(struct load *l, struct condition *c, const struct conf_node *node)
{
        struct condition_rows row;
        if (!rows(l, mapping_condition_options, node, &row))
                return;
        read_spot(l, &c->from, row.from, conf_get(node, "from"));
        c->is = row.is;
        c->is_not = row.is_not;
        c->present = row.present;
        c->absent = row.absent;
        if ((row.is.n > 0) + (row.is_not.n > 0) + row.present + row.absent != 1)
                complain(l, node,
                         "Write is = [\"a\", \"b\"];, is_not = [\"a\"];, present = true; or absent = true;.",
                         "a condition asks one thing");
}

static void read_conditions(struct load *l, struct conditions *c, const struct conf_node *list)
{
        size_t n = members(l, list, MAPPING_CONDITIONS_MAX);
        *c = (struct conditions){ 0 };
        if (list && conf_count(list) == 0)
                complain(l, list, "Leave it out, or write ( { from = \"/x\"; is = [\"y\"]; } ).",
                         "\"%s\" asks nothing", conf_name(list));
        c->all = n ? make(l, n, sizeof *c->all, list) : NULL;
        for (size_t i = 0; c->all && i < n; i++)
                read_condition(l, &c->all[c->n++], conf_at(list, i));
}

/* ---- Values, ids, times --------------------------------------------------- */

static void read_values(struct load *l, struct values *v, const struct conf_node *list)
{
        size_t n = members(l, list, MAPPING_VALUES_MAX);
        *v = (struct values){ .all = n ? make(l, n, sizeof *v->all, list) : NULL };
        for (size_t i = 0; v->all && i < n; i++) {
                struct value_rows row;
                if (rows(l, mapping_value_options, conf_at(list, i), &row))
                        v->all[v->n++] = (struct value_rule){ slice_of(row.is), slice_of(row.to) };
        }
}

static void read_parts(struct load *l, struct parts *p, const struct option_texts *texts)
{
        bool place = false;
        *p = (struct parts){ .node = texts->node };
        for (size_t i = 0; i < texts->n && p->n < MAPPING_PARTS_MAX; i++) {
                const struct conf_node *node = conf_at(texts->node, i);
                struct part *part = &p->all[p->n++];
                *part = (struct part){ .text = conf_text(node) };
                if (!is_place(part->text))
                        continue;
                place = true;
                read_spot(l, &part->from, part->text, node);
        }
        if (texts->n && !place)
                complain(l, texts->node, "Name at least one place, such as [\"ticket\", \"/ticket/id\"].",
                         "\"%s\" would be the same for every payload", conf_name(texts->node));
}

static bool is_time_format(const char *format)
{
        bool year = false;
        for (const char *f = format; *f; f++) {
                if (*f != '%')
                        continue;
                f++;
                if (!*f || !strchr("YymdHIMSpbBzZf%", *f))
                        return false;
                year |= *f == 'Y' || *f == 'y';
        }
        return year;
}

static void check_as(struct load *l, const char *as, bool integer, const struct conf_node *node)
{
        static const char *const names[] = { "rfc3339", "unix", "unix_ms", "integer" };
        char hint[256];
        size_t n = integer ? 4 : 3;
        for (size_t i = 0; i < n; i++)
                if (strcmp(as, names[i]) == 0)
                        return;
        if (strchr(as, '%') && is_time_format(as))
                return;
        const char *nearest = text_nearest(as, names, n);
        snprintf(hint, sizeof hint,
                 "%s%s%sAllowed: rfc3339, unix, unix_ms%s, or a format with %%Y %%y %%m %%d %%b %%B "
                 "%%H %%I %%M %%S %%f %%p %%z %%Z.",
                 nearest ? "Did you mean \"" : "", nearest ? nearest : "", nearest ? "\"? " : "",
                 integer ? ", integer" : "");
        complain(l, node, hint, "\"%.40s\" is no way to write %s", as, integer ? "a revision" : "a time");
}

static void read_time(struct load *l, struct time_rule *t, const struct conf_node *node, bool integer)
{
        struct time_rows row;
        *t = (struct time_rule){ 0 };
        if (!node || !rows(l, mapping_time_options, node, &row))
                return;
        t->as = row.as;
        if (strcmp(row.from, "arrival") == 0)
                t->from = (struct spot){ SPOT_ARRIVAL, "arrival", NULL, 0, node };
        else
                read_spot(l, &t->from, row.from, conf_get(node, "from"));
        check_as(l, row.as, integer, node);
}

/* ---- Fields --------------------------------------------------------------- */

static void no_field(struct load *l, const char *name, const struct conf_node *node)
{
        const char *names[FIELDS];
        char hint[160];
        for (int i = 0; i < FIELDS; i++)
                names[i] = field_name((enum field)i);
        const char *nearest = text_nearest(name, names, FIELDS);
        snprintf(hint, sizeof hint,
                 "%s%s%sFields are such as title, body, tags, author.handle, attributes.NAME.",
                 nearest ? "Did you mean \"" : "", nearest ? nearest : "", nearest ? "\"? " : "");
        complain(l, node, hint, "\"%.60s\" is no field of a record", name);
}

/* What is a setting of the record itself. */
static bool is_apart(enum field f)
{
        return f == FIELD_ID || f == FIELD_KIND || f == FIELD_OCCURRED_AT || f == FIELD_THREAD ||
               f == FIELD_REVISION || f == FIELD_DELETED || f == FIELD_CONSENT;
}

static void find_field(struct load *l, struct field_rule *f, const char *name, const struct conf_node *node)
{
        struct slice prefix = SLICE("attributes.");
        int found = field_of_name(slice_of(name));
        f->name = name;
        if (slice_starts(slice_of(name), prefix) && name[prefix.n]) {
                f->field = FIELD_ATTRIBUTES;
                f->attribute = name + prefix.n;
        } else if (found < 0) {
                no_field(l, name, node);
        } else if (found == FIELD_ATTRIBUTES) {
                complain(l, node, "Write \"attributes.NAME\".", "which attribute is not said");
        } else if (is_apart((enum field)found)) {
                char hint[80];
                snprintf(hint, sizeof hint, "Write it beside \"fields\": %s = …;.", name);
                complain(l, node, hint, "\"%s\" is not one of \"fields\"", name);
        } else {
                f->field = (enum field)found;
        }
}

static bool is_list(enum field f)
{
        return f == FIELD_TAGS || f == FIELD_MENTIONS;
}

/* A constant is tried at once: what does not fit would refuse each payload. */
static void check_text(struct load *l, const struct field_rule *f)
{
        struct record r = { .kind = KIND_FEEDBACK };
        struct err err = ERR_INIT;
        if (f->attribute)
                return;
        if (is_list(f->field))
                complain(l, f->node, "Give `from` instead.", "\"%s\" is a list, \"text\" one value", f->name);
        else if (!record_set(&r, l->m->arena, f->field, slice_of(f->text), &err))
                complain(l, f->node, NULL, "%s", err.text);
}

static void read_field(struct load *l, struct field_rule *f, const struct conf_node *node)
{
        struct field_rows row;
        *f = (struct field_rule){ .node = node };
        if (!rows(l, mapping_field_options, node, &row))
                return;
        find_field(l, f, row.field, conf_get(node, "field"));
        f->text = row.text;
        f->take = row.take;
        f->as = row.as == 2 ? AS_AT_NAMES : row.as == 1 ? AS_HTML : AS_TEXT;
        f->required = row.required;
        if (!row.from == !row.text)
                complain(l, node, "Write from = \"/place\"; or text = \"value\";.", "\"%s\" has %s",
                         row.field,
                         row.from ? "both \"from\" and \"text\"" : "neither \"from\" nor \"text\"");
        else if (row.from)
                read_spot(l, &f->from, row.from, conf_get(node, "from"));
        else if (f->name && l->ok)
                check_text(l, f);
        if (row.take)
                check_pointer(l, row.take, conf_get(node, "take"));
        if (f->as == AS_AT_NAMES && f->field != FIELD_MENTIONS)
                complain(l, conf_get(node, "as"), "Write field = \"mentions\";.",
                         "only mentions are read as at_names");
        read_conditions(l, &f->where, row.where);
        read_values(l, &f->values, row.values);
}

static void read_fields(struct load *l, struct record_rule *r, const struct conf_node *list)
{
        size_t n = members(l, list, MAPPING_FIELDS_MAX);
        r->fields = n ? make(l, n, sizeof *r->fields, list) : NULL;
        for (size_t i = 0; r->fields && i < n; i++)
                read_field(l, &r->fields[r->n_fields++], conf_at(list, i));
}

static void read_consent(struct load *l, struct consent_rule *c, const struct conf_node *node)
{
        struct consent_rows row;
        if (!node || !rows(l, mapping_consent_options, node, &row))
                return;
        read_spot(l, &c->from, row.from, conf_get(node, "from"));
        c->yes = row.yes;
        c->purpose = row.purpose;
        c->separate = row.separate;
}

/* ---- Records -------------------------------------------------------------- */

static int find_kind(struct load *l, const char *name, const struct conf_node *node)
{
        const char *names[RECORD_KINDS];
        char hint[160];
        int kind = kind_of_name(slice_of(name));
        if (kind >= 0)
                return kind;
        for (int i = 0; i < RECORD_KINDS; i++)
                names[i] = kind_name((enum record_kind)i);
        const char *nearest = text_nearest(name, names, RECORD_KINDS);
        snprintf(hint, sizeof hint,
                 "%s%s%sKinds are feedback, discussion, contribution, member, event, journey, lead.",
                 nearest ? "Did you mean \"" : "", nearest ? nearest : "", nearest ? "\"? " : "");
        complain(l, node, hint, "\"%.40s\" is no kind of record", name);
        return -1;
}

static void read_kind(struct load *l, struct record_rule *r, const struct record_rows *row,
                      const struct conf_node *node)
{
        r->kind = -1;
        if (!row->kind == !row->kind_from)
                complain(l, node, "Write kind = \"feedback\"; or kind_from = \"/type\"; with kind_values.",
                         "the records have %s", row->kind ? "two kinds" : "no kind");
        else if (row->kind)
                r->kind = find_kind(l, row->kind, conf_get(node, "kind"));
        else
                read_spot(l, &r->kind_from, row->kind_from, conf_get(node, "kind_from"));
        read_values(l, &r->kind_values, row->kind_values);
        for (size_t i = 0; i < r->kind_values.n; i++)
                find_kind(l, r->kind_values.all[i].to.p, conf_get(conf_at(row->kind_values, i), "to"));
        if (row->kind_from && !r->kind_values.n)
                complain(l, node, "Write kind_values = ( { is = \"bug\"; to = \"feedback\"; } );.",
                         "\"kind_from\" has no \"kind_values\"");
}

static void read_record(struct load *l, struct record_rule *r, const struct conf_node *node)
{
        struct record_rows row;
        *r = (struct record_rule){ .node = node, .kind = -1 };
        if (!rows(l, mapping_record_options, node, &row))
                return;
        read_conditions(l, &r->when, row.when);
        read_conditions(l, &r->deleted, row.deleted);
        read_conditions(l, &r->first, row.first);
        r->each = row.each;
        r->each_node = conf_get(node, "each");
        if (row.each)
                check_pointer(l, row.each, r->each_node);
        read_kind(l, r, &row, node);
        read_parts(l, &r->id, &row.id);
        read_parts(l, &r->thread, &row.thread);
        read_time(l, &r->occurred_at, row.occurred_at, false);
        read_time(l, &r->revision, row.revision, true);
        read_fields(l, r, row.fields);
        read_consent(l, &r->consent, row.consent);
        if (row.deleted && !row.revision)
                conf_complain(l->report, node, REPORT_WARNING,
                              "Add revision = { from = \"/updated_at\"; }; if the "
                              "sender has such a time.",
                              "without \"revision\", a redelivery can bring back what was deleted");
}

static void read_records(struct load *l, const struct conf_node *list)
{
        size_t n = members(l, list, MAPPING_RECORDS_MAX);
        if (list && conf_count(list) == 0)
                complain(l, list, "Add what payloads become.", "\"records\" is empty");
        l->m->records = n ? make(l, n, sizeof *l->m->records, list) : NULL;
        for (size_t i = 0; l->m->records && i < n; i++)
                read_record(l, &l->m->records[l->m->n_records++], conf_at(list, i));
}

/* ---- How it signs --------------------------------------------------------- */

/* "v0:{timestamp}:{body}" -> "v0:", ":". */
static void read_signed(struct load *l, const char *text, const struct conf_node *node)
{
        struct hook_sender *s = &l->m->sender;
        struct slice all = slice_of(text), body = SLICE("{body}"), time = SLICE("{timestamp}");
        bool ends = all.n >= body.n && slice_eq(slice_make(all.p + all.n - body.n, body.n), body);
        struct slice rest = { all.p, ends ? all.n - body.n : 0 };
        const char *at = rest.n ? memmem(rest.p, rest.n, time.p, time.n) : NULL;
        size_t before = at ? (size_t)(at - rest.p) : 0, after = at ? before + time.n : 0;
        s->before = arena_string(l->m->arena, slice_make(rest.p, before));
        s->between = arena_string(l->m->arena, slice_make(rest.p + after, rest.n - after));
        if (!ends || !s->before || !s->between || strpbrk(s->before, "{}") || strpbrk(s->between, "{}"))
                complain(l, node,
                         "Write it as \"{body}\" or \"v0:{timestamp}:{body}\": nothing can stand behind the "
                         "body.",
                         "\"signed\" is not {timestamp}, if at all, and then {body}");
        else if (!at != !s->timestamp.name)
                complain(l, node, "Give both \"timestamp_header\" and {timestamp} in \"signed\", or neither.",
                         at ? "where the timestamp stands is not said" : "the timestamp is not signed");
}

static void check_header(struct load *l, const char *name, const char *key, const struct conf_node *group)
{
        if (name && !is_header_name(name))
                complain(l, conf_get(group, key), NULL, "\"%.60s\" is no header's name", name);
}

static void read_signature(struct load *l, const struct conf_node *node)
{
        static const char *const of_hmacs[] = { "encoding", "timestamp_header", "timestamp_part", "signed" };
        struct signature_rows row;
        struct hook_sender *s = &l->m->sender;
        if (!node || !rows(l, mapping_signature_options, node, &row))
                return;
        s->signature = (struct hook_header){ row.header, row.part };
        s->timestamp = (struct hook_header){ row.timestamp_header, row.timestamp_part };
        s->prefix = row.prefix;
        s->algorithm = (enum hook_algorithm)row.algorithm;
        s->encoding = (enum hook_encoding)row.encoding;
        check_header(l, row.header, "header", node);
        check_header(l, row.timestamp_header, "timestamp_header", node);
        for (size_t i = 0; s->algorithm == HOOK_TOKEN && i < sizeof of_hmacs / sizeof *of_hmacs; i++)
                if (conf_get(node, of_hmacs[i]))
                        complain(l, conf_get(node, of_hmacs[i]), "Leave it out.",
                                 "\"%s\" means nothing where the sender sends the secret itself",
                                 of_hmacs[i]);
        read_signed(l, row.signed_text, conf_get(node, "signed") ? conf_get(node, "signed") : node);
}

/* ---- The whole ------------------------------------------------------------ */

void mapping_free(struct mapping *m)
{
        if (!m)
                return;
        conf_free(m->conf);
        arena_free(m->arena);
        free(m);
}

const struct hook_sender *mapping_sender(const struct mapping *m)
{
        return m ? &m->sender : NULL;
}

/* Takes the conf. */
static bool mapping_of(struct mapping **out, struct conf *conf, struct report *report)
{
        struct load l = { calloc(1, sizeof *l.m), report, true };
        struct file_rows row;
        *out = NULL;
        if (l.m)
                l.m->arena = arena_new(ARENA_BYTES);
        if (!l.m || !l.m->arena) {
                conf_complain(report, conf_root(conf), REPORT_ERROR, NULL, "out of memory");
                conf_free(conf);
                free(l.m);
                return false;
        }
        l.m->conf = conf;
        rows(&l, mapping_options, conf_root(conf), &row);
        l.m->echo = row.echo;
        if (row.echo)
                check_pointer(&l, row.echo, conf_get(conf_root(conf), "echo"));
        read_signature(&l, row.signature);
        read_records(&l, row.records);
        if (!l.ok) {
                mapping_free(l.m);
                return false;
        }
        *out = l.m;
        return true;
}

bool mapping_parse(struct mapping **out, const char *name, struct slice text, struct report *report)
{
        struct conf *conf;
        *out = NULL;
        return conf_parse(&conf, name, text, report) && mapping_of(out, conf, report);
}

bool mapping_load(struct mapping **out, const char *path, struct report *report)
{
        struct conf *conf;
        *out = NULL;
        return conf_load(&conf, path, report) && mapping_of(out, conf, report);
}
