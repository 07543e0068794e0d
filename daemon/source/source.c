/* source.c - a source's rows, and the list of them in a region file. */
#include "source/source.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "csv.h"
#include "source/mapping.h"

#define TYPES "api|github|folder|discourse|webhook" /* as enum source_type has them */
#define KINDS "as_sent|feedback|discussion|contribution|member|event|journey|lead"

const struct option source_options[] = {
        { "name", OPTION_NAME, OPTION_AT(struct source, name), NULL, NULL, NULL, OPTION_REQUIRED,
          "The operator's name for the source, never a person's: it always leaves. Never changed after." },
        { "type", OPTION_CHOICE, OPTION_AT(struct source, type), NULL, TYPES, NULL,
          OPTION_REQUIRED, "How records come: POST /v1/records (api), webhooks of GitHub, of Discourse or, by a mapping, of "
          "whoever else (webhook), or files in a folder." },
        { "title", OPTION_TEXT, OPTION_AT(struct source, title), "1", "200", NULL, 0,
          "What people call the source." },
        { "namespace", OPTION_NAME, OPTION_AT(struct source, name_space), NULL, NULL, NULL, 0,
          "Whose ids and handles its authors have; sources that share it share people. Default: name." },
        { "secret_file", OPTION_TEXT, OPTION_AT(struct source, secret_file), "1", "4096", NULL, OPTION_SECRET,
          "File with the bearer token (api) or the secret of the webhooks." },
        { "secret_env", OPTION_TEXT, OPTION_AT(struct source, secret_env), "1", "128", NULL, OPTION_SECRET,
          "Environment variable with the same, instead of a file." },
        { "next_secret_file", OPTION_TEXT, OPTION_AT(struct source, next_secret_file), "1", "4096", NULL,
          OPTION_SECRET, "File with a second secret that is accepted too, while senders change over." },
        { "next_secret_env", OPTION_TEXT, OPTION_AT(struct source, next_secret_env), "1", "128", NULL,
          OPTION_SECRET, "Environment variable with the same, instead of a file." },
        { "mapping", OPTION_TEXT, OPTION_AT(struct source, mapping_file), "1", "256", NULL, 0,
          "What the payloads of a webhook mean: a file beside this one, such as \"mappings/tracker.cfg\"; see "
          "regions/mappings/README.md." },
        { "inbox", OPTION_TEXT, OPTION_AT(struct source, inbox), "1", "4096", NULL, 0,
          "Folder into which *.csv, *.ndjson and *.gz of both are dropped; default STATE/inbox/NAME." },
        { "kind", OPTION_CHOICE, OPTION_AT(struct source, kind), NULL, KINDS, "as_sent", 0,
          "The kind of records in files that do not say it themselves." },
        { "product", OPTION_TEXT, OPTION_AT(struct source, product), "1", "256", NULL, 0,
          "The product that records speak of, where they do not say it." },
        { "lang", OPTION_TEXT, OPTION_AT(struct source, lang), "2", "35", NULL, 0,
          "The language of records (BCP 47) where they do not say it." },
        { "encoding", OPTION_TEXT, OPTION_AT(struct source, files.encoding), "2", "32", "auto", 0,
          "What files are written in: \"utf-8\", \"utf-16\", \"shift_jis\", \"gb18030\", \"windows-1252\" and "
          "others. \"auto\" finds out, file by file, and refuses what it cannot tell." },
        { "delimiter", OPTION_TEXT, OPTION_AT(struct source, files.delimiter), "1", "4", "auto", 0,
          "What stands between the columns of a CSV file: one character, or \"tab\". \"auto\": that of comma, "
          "semicolon, tab and bar with which the header has the columns." },
        { "columns", OPTION_LIST, OPTION_AT(struct source, files.columns), NULL, NULL, NULL, 0,
          "Columns to fields: ( { column = \"E-Mail\"; field = \"author.email\"; } ). Without it, columns "
          "that are named like fields are taken; with it, only those named here." },
        { "id", OPTION_CHOICE, OPTION_AT(struct source, files.id), NULL, "column|row", "column", 0,
          "\"row\" where no column tells rows apart: the row's own content does." },
        { "id_from", OPTION_TEXTS, OPTION_AT(struct source, files.id_from), "1", "16", NULL, 0,
          "Columns that together tell one row from another: [\"email\", \"event\"]." },
        { "time_format", OPTION_TEXTS, OPTION_AT(struct source, files.time_format), "1", "8", NULL, OPTION_OR_ONE,
          "How times are written, as strptime has it (\"%d.%m.%Y %H:%M\", months in English, German or Indonesian), "
          "\"auto\" (whatever can be read in one way only), \"excel\", \"unix\"; or several of these, tried in "
          "turn. Without it, ISO 8601." },
        { "timezone", OPTION_TEXT, OPTION_AT(struct source, files.timezone), "1", "64", "UTC", 0,
          "The time zone of times that do not say theirs, such as \"Asia/Tokyo\". What its clock shows twice is the "
          "earlier; what it skips is as far behind the gap as it would be into it." },
        { "values", OPTION_LIST, OPTION_AT(struct source, files.values), NULL, NULL, NULL, 0,
          "Values to ours: ( { field = \"rating\"; from = \"very good\"; to = \"10\"; } )." },
        { "consent", OPTION_GROUP, OPTION_AT(struct source, files.consent), NULL, NULL, NULL, 0,
          "The column in which people agree: { column = \"May we call?\"; yes = [\"Yes\"]; purpose = "
          "\"contact\"; }." },
        OPTION_END
};

const char *source_type_name(int type)
{
        static const char *const names[] = { [SOURCE_API] = "api", [SOURCE_GITHUB] = "github",
                                             [SOURCE_FOLDER] = "folder", [SOURCE_DISCOURSE] = "discourse",
                                             [SOURCE_WEBHOOK] = "webhook" };
        return type >= 0 && type < (int)(sizeof names / sizeof *names) ? names[type] : "unknown";
}

void source_defaults(const struct source *s, struct record *r)
{
        if (s->product && !r->text[FIELD_PRODUCT].p)
                r->text[FIELD_PRODUCT] = slice_of(s->product);
        if (s->lang && !r->text[FIELD_LANG].p)
                r->text[FIELD_LANG] = slice_of(s->lang);
}

void source_clear(struct source *s)
{
        csv_mapping_free(s->csv);
        mapping_free(s->mapping);
        s->csv = NULL;
        s->mapping = NULL;
}

/* Options that mean something to some types only. */
static const struct {
        const char *name;
        unsigned types; /* bits of enum source_type */
} fitting[] = {
#define FILES (1u << SOURCE_FOLDER)
#define HOOKS (1u << SOURCE_GITHUB | 1u << SOURCE_DISCOURSE | 1u << SOURCE_WEBHOOK)
#define SENDERS (1u << SOURCE_API | HOOKS)
        { "inbox", FILES },          { "kind", FILES },        { "delimiter", FILES },    { "encoding", FILES },
        { "columns", FILES },        { "id", FILES },          { "id_from", FILES },
        { "time_format", FILES },    { "timezone", FILES },    { "values", FILES },
        { "consent", FILES },        { "secret_file", SENDERS }, { "secret_env", SENDERS },
        { "next_secret_file", SENDERS }, { "next_secret_env", SENDERS }, { "mapping", 1u << SOURCE_WEBHOOK },
};

/* Elsewhere they are a misunderstanding, told as such. */
static bool fits_type(const struct source *s, const struct conf_node *n, struct report *report)
{
        bool ok = true;
        for (size_t i = 0; i < sizeof fitting / sizeof *fitting; i++) {
                const struct conf_node *wrong = conf_get(n, fitting[i].name);
                if (!wrong || fitting[i].types & 1u << s->type)
                        continue;
                conf_complain(report, wrong, REPORT_ERROR, NULL, "\"%s\" means nothing to a source of type %s",
                              fitting[i].name, source_type_name(s->type));
                ok = false;
        }
        if (s->type != SOURCE_FOLDER && !s->secret_file && !s->secret_env) {
                conf_complain(report, n, REPORT_ERROR,
                              "Write secret_file = \"PATH\"; or secret_env = \"NAME\";.",
                              "source \"%s\" has no secret by which senders are known", s->name);
                ok = false;
        }
        return ok;
}

static bool unique(const struct source *all, size_t n, struct report *report)
{
        for (size_t i = 0; i + 1 < n; i++) {
                if (!all[i].name || !all[n - 1].name || strcmp(all[i].name, all[n - 1].name) != 0)
                        continue;
                conf_complain(report, all[n - 1].node, REPORT_ERROR,
                              "Records are told apart by source and id.", "source \"%s\" stands here twice",
                              all[i].name);
                return false;
        }
        return true;
}

/* Who takes a file first would decide whose it is. */
static bool own_inbox(const struct source *all, size_t n, struct report *report)
{
        const struct source *last = &all[n - 1];
        for (size_t i = 0; i + 1 < n; i++) {
                if (!all[i].inbox || !last->inbox || strcmp(all[i].inbox, last->inbox) != 0)
                        continue;
                conf_complain(report, last->node, REPORT_ERROR, "Give each source a folder of its own.",
                              "\"inbox\" is that of source \"%s\" too", all[i].name ? all[i].name : "");
                return false;
        }
        return true;
}

/* Every deployment has the same folder of region files, with the mappings in it: nothing outside. */
static bool read_mapping(struct source *s, const struct conf_node *n, struct report *report)
{
        const struct conf_node *node = conf_get(n, "mapping");
        const char *file = conf_node_file(n), *slash = strrchr(file, '/');
        char path[4096];
        struct stat st;
        if (!s->mapping_file) {
                conf_complain(report, n, REPORT_ERROR,
                              "Write mapping = \"mappings/NAME.cfg\"; regions/mappings/README.md says what stands there.",
                              "source \"%s\" has no mapping: what its payloads mean is not known", s->name);
                return false;
        }
        if (s->mapping_file[0] == '/' || strstr(s->mapping_file, "..")) {
                conf_complain(report, node, REPORT_ERROR, "Write its path from the folder of this file, such as "
                              "\"mappings/tracker.cfg\".", "\"mapping\" is not a file beside the region files");
                return false;
        }
        snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash + 1 - file) : 0, file, s->mapping_file);
        if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
                conf_complain(report, node, REPORT_ERROR, "Begin with a copy of regions/mappings/example.cfg.",
                              "mapping \"%s\" is not there: no file \"%s\"", s->mapping_file, path);
                return false;
        }
        return mapping_load(&s->mapping, path, report);
}

static bool read_source(struct source *s, const struct conf_node *n, struct report *report)
{
        *s = (struct source){ .node = n };
        if (!option_read(source_options, n, s, NULL, report))
                return false;
        s->kind -= 1; /* as_sent: -1 */
        if (!s->name_space)
                s->name_space = s->name;
        if (!s->title)
                s->title = s->name;
        bool ok = fits_type(s, n, report);
        if (strcmp(s->name_space, "email") == 0) {
                conf_complain(report, n, REPORT_ERROR, "Choose another name or namespace.",
                              "namespace \"email\" is taken by e-mail addresses");
                ok = false;
        }
        if (s->type == SOURCE_FOLDER && ok)
                ok = csv_mapping_read(&s->csv, &s->files, n, report);
        if (s->type == SOURCE_WEBHOOK && ok)
                ok = read_mapping(s, n, report);
        return ok;
}

bool sources_read(struct source *out, size_t *n, const struct conf_node *list, struct report *report)
{
        size_t count = list ? conf_count(list) : 0;
        bool ok = true;
        *n = 0;
        if (count > SOURCES_MAX) {
                conf_complain(report, list, REPORT_ERROR, NULL,
                              "\"sources\" has %zu members; at most %d are allowed", count, SOURCES_MAX);
                return false;
        }
        for (size_t i = 0; i < count; i++) {
                ok &= read_source(&out[i], conf_at(list, i), report);
                *n = i + 1;
                ok &= unique(out, *n, report);
                ok &= own_inbox(out, *n, report);
        }
        return ok;
}
