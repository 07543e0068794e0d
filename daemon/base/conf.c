/* conf.c - a configuration file: our pass, then libconfig, then a tree of ours in
 * which each node has the value libconfig read and the place our pass saw. */
#include "base/conf.h"

#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "conf_pass.h"

enum { FILE_MAX = 4 << 20, CLEAN_MAX = 16 << 20, TREE_MAX = 128 << 20 };

struct conf_node {
        const struct conf *conf;
        const char *name;
        enum conf_type type;
        struct place place;
        size_t count;
        struct conf_node *members; /* count of them */
        union {
                const char *text;
                int64_t i;
                double f;
                bool b;
        } value;
};

struct conf {
        struct arena *arena;
        const char *file;
        struct conf_node root;
        uint8_t hash[SHA256_BYTES];
        struct conf_note *notes;
        size_t notes_n;
};

struct builder {
        struct conf *conf;
        const struct conf_places *places;
        size_t next; /* place of the node to come; the order is the file's */
};

static enum conf_type type_of(const config_setting_t *s)
{
        switch (config_setting_type(s)) {
        case CONFIG_TYPE_GROUP:
                return CONF_GROUP;
        case CONFIG_TYPE_LIST:
                return CONF_LIST;
        case CONFIG_TYPE_ARRAY:
                return CONF_ARRAY;
        case CONFIG_TYPE_INT:
        case CONFIG_TYPE_INT64:
                return CONF_INT;
        case CONFIG_TYPE_FLOAT:
                return CONF_FLOAT;
        case CONFIG_TYPE_BOOL:
                return CONF_BOOL;
        default:
                return CONF_TEXT;
        }
}

static bool build_value(struct builder *b, struct conf_node *n, const config_setting_t *s)
{
        const char *text;
        switch (n->type) {
        case CONF_TEXT:
                text = config_setting_get_string(s);
                n->value.text = arena_string(b->conf->arena, slice_of(text ? text : ""));
                return n->value.text != NULL;
        case CONF_INT:
                n->value.i = config_setting_get_int64(s);
                return true;
        case CONF_FLOAT:
                n->value.f = config_setting_get_float(s);
                return true;
        case CONF_BOOL:
                n->value.b = config_setting_get_bool(s) != 0;
                return true;
        case CONF_GROUP:
        case CONF_LIST:
        case CONF_ARRAY:
                break;
        }
        return true;
}

/* Depth is bounded by the pass. */
static bool build(struct builder *b, struct conf_node *n, const config_setting_t *s)
{
        const char *name = config_setting_name(s);
        n->conf = b->conf;
        n->type = type_of(s);
        n->name = arena_string(b->conf->arena, slice_of(name ? name : ""));
        if (!n->name || !build_value(b, n, s))
                return false;
        if (n->type > CONF_ARRAY)
                return true;
        n->count = (size_t)config_setting_length(s);
        n->members = arena_array(b->conf->arena, n->count, sizeof *n->members);
        if (!n->members)
                return false;
        for (size_t i = 0; i < n->count; i++) {
                const config_setting_t *m = config_setting_get_elem(s, (unsigned)i);
                if (!m || b->next >= b->places->n)
                        return false;
                n->members[i].place = b->places->all[b->next++];
                if (!build(b, &n->members[i], m))
                        return false;
        }
        return true;
}

/* What our pass let through is libconfig's to read; that it cannot is a fault of the
 * pass, told as well as libconfig can. */
static bool read_values(struct conf *c, const char *clean, const struct conf_places *places,
                        struct conf_pass *pass)
{
        config_t config;
        struct builder b = { .conf = c, .places = places };
        config_init(&config);
        if (config_read_string(&config, clean) != CONFIG_TRUE)
                pass_complain(pass, config_error_line(&config), 0, NULL, "%s",
                              config_error_text(&config));
        else if (!build(&b, &c->root, config_root_setting(&config)) || b.next != places->n)
                pass_complain(pass, 0, 0, NULL, "the file is too large, or was misread");
        config_destroy(&config);
        c->root.place = (struct place){ 1, 1 };
        return pass->errors == 0;
}

static bool keep_notes(struct conf *c, const struct conf_tokens *t)
{
        c->notes = arena_array(c->arena, t->notes_n, sizeof *c->notes);
        if (!c->notes)
                return false;
        memcpy(c->notes, t->notes, t->notes_n * sizeof *c->notes);
        c->notes_n = t->notes_n;
        return true;
}

static bool read_all(struct conf *c, struct slice text, struct report *report)
{
        struct conf_pass pass = { .file = c->file, .report = report, .arena = c->arena };
        struct conf_tokens *tokens = calloc(1, sizeof *tokens);
        struct conf_places places = { 0 };
        struct buf clean;
        buf_init(&clean, CLEAN_MAX);
        bool ok = false;
        if (!tokens) {
                pass_complain(&pass, 0, 0, NULL, "no memory to read the file");
                goto out;
        }
        if (!conf_lex(&pass, text, tokens))
                goto out;
        conf_syntax(&pass, tokens, &clean, &places);
        if (pass.errors)
                goto out;
        if (!keep_notes(c, tokens)) {
                pass_complain(&pass, 0, 0, NULL, "no memory to read the file");
                goto out;
        }
        ok = read_values(c, clean.p, &places, &pass);
out:
        pass_sum_up(&pass);
        if (tokens)
                conf_tokens_free(tokens);
        free(tokens);
        free(places.all);
        buf_clear(&clean);
        return ok;
}

bool conf_parse(struct conf **out, const char *name, struct slice text, struct report *report)
{
        *out = NULL;
        struct conf *c = calloc(1, sizeof *c);
        if (c)
                c->arena = arena_new(TREE_MAX);
        if (c && c->arena)
                c->file = arena_string(c->arena, slice_of(name));
        if (!c || !c->arena || !c->file) {
                report_add(report, REPORT_ERROR, name, 0, 0, NULL, "no memory to read the file");
                conf_free(c);
                return false;
        }
        if (text.n > FILE_MAX) {
                report_add(report, REPORT_ERROR, name, 0, 0, NULL, "the file is longer than 4 MiB");
                conf_free(c);
                return false;
        }
        if (!read_all(c, text, report)) {
                conf_free(c);
                return false;
        }
        sha256(c->hash, text);
        *out = c;
        return true;
}

bool conf_load(struct conf **out, const char *path, struct report *report)
{
        struct err err = ERR_INIT;
        struct buf text;
        *out = NULL;
        buf_init(&text, FILE_MAX);
        bool ok = file_read(&text, path, &err);
        if (!ok)
                report_add(report, REPORT_ERROR, path, 0, 0, *err.hint ? err.hint : NULL, "%s",
                           err.text);
        else
                ok = conf_parse(out, path, buf_slice(&text), report);
        buf_clear(&text);
        return ok;
}

void conf_free(struct conf *c)
{
        if (!c)
                return;
        arena_free(c->arena);
        free(c);
}

const char *conf_file(const struct conf *c)
{
        return c->file;
}

const struct conf_node *conf_root(const struct conf *c)
{
        return &c->root;
}

const uint8_t *conf_hash(const struct conf *c)
{
        return c->hash;
}

const char *conf_not_yet(const struct conf *c, size_t i, int *line)
{
        if (i >= c->notes_n)
                return NULL;
        if (line)
                *line = c->notes[i].line;
        return c->notes[i].text;
}

enum conf_type conf_type(const struct conf_node *n)
{
        return n->type;
}

const char *conf_type_name(enum conf_type t)
{
        static const char *const names[] = {
                [CONF_GROUP] = "a group { }",     [CONF_LIST] = "a list ( )",
                [CONF_ARRAY] = "an array [ ]",    [CONF_TEXT] = "a text",
                [CONF_INT] = "a whole number",    [CONF_FLOAT] = "a number with a point",
                [CONF_BOOL] = "true or false",
        };
        return (unsigned)t <= CONF_BOOL ? names[t] : "unknown";
}

const char *conf_name(const struct conf_node *n)
{
        return n->name;
}

const char *conf_node_file(const struct conf_node *n)
{
        return n->conf->file;
}

int conf_line(const struct conf_node *n)
{
        return n->place.line;
}

int conf_column(const struct conf_node *n)
{
        return n->place.column;
}

size_t conf_count(const struct conf_node *n)
{
        return n->count;
}

const struct conf_node *conf_at(const struct conf_node *n, size_t i)
{
        return i < n->count ? &n->members[i] : NULL;
}

const struct conf_node *conf_get(const struct conf_node *group, const char *name)
{
        if (!group || group->type != CONF_GROUP)
                return NULL;
        for (size_t i = 0; i < group->count; i++)
                if (strcmp(group->members[i].name, name) == 0)
                        return &group->members[i];
        return NULL;
}

const char *conf_text(const struct conf_node *n)
{
        return n && n->type == CONF_TEXT ? n->value.text : "";
}

int64_t conf_int(const struct conf_node *n)
{
        return n && n->type == CONF_INT ? n->value.i : 0;
}

double conf_float(const struct conf_node *n)
{
        if (n && n->type == CONF_INT)
                return (double)n->value.i;
        return n && n->type == CONF_FLOAT ? n->value.f : 0;
}

bool conf_bool(const struct conf_node *n)
{
        return n && n->type == CONF_BOOL && n->value.b;
}

void conf_quote(struct buf *out, struct slice s)
{
        buf_putc(out, '"');
        for (size_t i = 0; i < s.n; i++) {
                static const char from[] = "\"\\\n\r\t\f", to[] = "\"\\nrtf";
                const char *at = s.p[i] ? strchr(from, s.p[i]) : NULL;
                if (at)
                        buf_putc(out, '\\');
                buf_putc(out, at ? to[at - from] : s.p[i]);
        }
        buf_putc(out, '"');
}

void conf_complain(struct report *r, const struct conf_node *n, enum report_level level,
                   const char *hint, const char *fmt, ...)
{
        char text[1024];
        va_list args;
        va_start(args, fmt);
        vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
        report_add(r, level, n ? conf_node_file(n) : NULL, n ? n->place.line : 0,
                   n ? n->place.column : 0, hint, "%s", text);
}
