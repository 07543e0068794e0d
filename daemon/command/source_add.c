/* source_add.c - `source add`: a source more in a region's file, which is read as the agent would
 * before it is replaced, whole or not at all. Comments and everything else stay as they are. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "leaving.h"
#include "source.h"
#include "source_edit.h"
#include "source_sample.h"
#include "verb.h"

static const char usage[] = "source add NAME --region CODE --type api|folder|github|discourse|webhook [--from FILE]\n"
                            "       [--secret-file FILE] [--mapping FILE] [--kind KIND] [--time-format FORMAT] [--as-is] "
                            "[--dry-run]";

enum { FILE_MAX = 4 << 20, TOKEN_BYTES = 32 };

struct adding {
        struct deployment d;
        const char *name, *type, *from, *secret_file, *mapping, *kind, *time_format;
        bool as_is, dry_run;
        struct hub_settings hub;
        struct agent_settings *now, *then; /* as the file is, and as it would be */
        struct sample sample;
        char given[PATH_MAX], path[PATH_MAX]; /* as the agent finds it; the file itself, links followed */
        char secret[PATH_MAX]; /* where the secret lies */
        bool made_secret;
        struct stat st;
        struct buf before, block, after;
        int line;
};

static bool is_folder(const struct adding *a)
{
        return strcmp(a->type, "folder") == 0;
}

/* ---- What is to be written ------------------------------------------------------ */

static bool names_ok(struct adding *a, struct err *err)
{
        const struct option *type = source_options;
        while (strcmp(type->name, "type") != 0)
                type++;
        size_t n = a->type ? strlen(a->type) : 0;
        const char *at = n ? strstr(type->max, a->type) : NULL;
        if (!text_is_name(slice_of(a->name))) {
                err_set(err, ERR_SYSTEM, 0, "\"%.40s\" is no name of a source", a->name);
                return err_hint(err, "Small letters, digits and -, at most 32: never a person's, for it always leaves.");
        }
        if (!at || (at != type->max && at[-1] != '|') || (at[n] && at[n] != '|')) {
                err_set(err, ERR_SYSTEM, 0, a->type ? "\"%.40s\" is no type of source" : "%s--type is missing",
                        a->type ? a->type : "");
                return err_hint(err, "One of %s.", type->max);
        }
        if (a->from && !is_folder(a)) {
                err_set(err, ERR_SYSTEM, 0, "--from is of sources of type folder");
                return err_hint(err, "`tributary source map` tries a webhook's mapping.");
        }
        for (size_t i = 0; i < a->now->n_sources; i++) {
                if (strcmp(a->now->sources[i].name, a->name) != 0)
                        continue;
                err_set(err, ERR_SYSTEM, 0, "%s:%d: there is a source \"%s\" already", conf_node_file(a->now->sources[i].node),
                        conf_line(a->now->sources[i].node), a->name);
                return err_hint(err, "Choose another name: records are told apart by source and id.");
        }
        return true;
}

static bool from_sample(struct adding *a, struct err *err)
{
        struct sample_spec spec = { .file = a->from, .name = a->name, .kind = a->kind, .time_format = a->time_format,
                                    .region = &a->now->region };
        if (!sample_read(&a->sample, &spec, err))
                return false;
        if (a->sample.guess->n_needs && !a->as_is) {
                err_set(err, ERR_DATA, 0, "something is to be decided by you: %s", a->sample.guess->needs[0].what);
                return err_hint(err, "%s Then add it again, or with --as-is.", a->sample.guess->needs[0].todo);
        }
        buf_put(&a->block, buf_slice(&a->sample.configuration));
        return true;
}

static void put_option(struct buf *out, const char *name, const char *value)
{
        buf_printf(out, ";  %s = \"", name);
        for (const char *p = value; *p; p++)
                buf_printf(out, "%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
        buf_putc(out, '"');
}

static bool make_block(struct adding *a, struct err *err)
{
        if (a->from)
                return from_sample(a, err);
        buf_printf(&a->block, "        { name = \"%s\";  type = \"%s\"", a->name, a->type);
        if (!is_folder(a))
                put_option(&a->block, "secret_file", a->secret);
        if (a->mapping)
                put_option(&a->block, "mapping", a->mapping);
        if (a->kind)
                put_option(&a->block, "kind", a->kind);
        if (a->time_format)
                put_option(&a->block, "time_format", a->time_format);
        buf_puts(&a->block, "; }\n");
        return true;
}

/* ---- The file ------------------------------------------------------------------- */

static bool open_file(struct adding *a, struct err *err)
{
        snprintf(a->given, sizeof a->given, "%s/%s.cfg", a->d.regions, a->d.region);
        if (!realpath(a->given, a->path) || stat(a->path, &a->st) != 0)
                return err_errno(err, errno, "could not open \"%s\"", a->given);
        return file_read(&a->before, a->path, err);
}

/* Where the secret will lie; a relative path would depend on where the agent is started. */
static bool place_secret(struct adding *a, struct err *err)
{
        if (is_folder(a)) {
                if (!a->secret_file)
                        return true;
                err_set(err, ERR_SYSTEM, 0, "files in a folder have no secret");
                return err_hint(err, "Leave --secret-file out: who may write into the folder may send.");
        }
        if (!a->secret_file) {
                snprintf(a->secret, sizeof a->secret, "/run/secrets/%s-%s", a->d.region, a->name);
                return true;
        }
        if (a->secret_file[0] != '/') {
                err_set(err, ERR_SYSTEM, 0, "\"%s\" is not a whole path", a->secret_file);
                return err_hint(err, "The agent may be started anywhere: begin with /.");
        }
        snprintf(a->secret, sizeof a->secret, "%s", a->secret_file);
        return true;
}

static bool make_secret(struct adding *a, struct err *err)
{
        uint8_t token[TOKEN_BYTES];
        char hex[2 * TOKEN_BYTES + 2];
        if (!a->secret_file || file_exists(a->secret))
                return true;
        random_bytes(token, sizeof token);
        hex_encode(hex, token, sizeof token);
        hex[2 * TOKEN_BYTES] = '\n';
        a->made_secret = file_create(a->secret, slice_make(hex, 2 * TOKEN_BYTES + 1), 0600, err);
        explicit_bzero(token, sizeof token);
        explicit_bzero(hex, sizeof hex);
        return a->made_secret;
}

/* Somebody may have saved the file since it was read. */
static bool unchanged(struct adding *a, struct err *err)
{
        struct buf again;
        buf_init(&again, FILE_MAX);
        bool ok = file_read(&again, a->path, err);
        bool same = ok && slice_eq(buf_slice(&again), buf_slice(&a->before));
        buf_clear(&again);
        if (ok && !same) {
                err_set(err, ERR_BUSY, 0, "\"%s\" was changed in the meantime", a->path);
                err_hint(err, "Add the source again.");
        }
        return same;
}

static bool swap(struct adding *a, struct err *err)
{
        if (!make_secret(a, err))
                return false;
        if (unchanged(a, err) && file_save(a->path, buf_slice(&a->after), a->st.st_mode & 07777, err)) {
                if (lchown(a->path, a->st.st_uid, a->st.st_gid) != 0)
                        fprintf(stderr, "tributary: \"%s\" is yours now: its owner could not be kept\n", a->path);
                return true;
        }
        if (a->made_secret)
                unlink(a->secret);
        return false;
}

/* ---- What is told --------------------------------------------------------------- */

static void say_next(const struct adding *a)
{
        if (a->made_secret)
                printf("Made a token in %s (mode 0600, yours: the agent's user must be able to read it).\n", a->secret);
        else if (!is_folder(a) && !file_exists(a->secret))
                printf("Put its %s into %s (mode 0600, readable to the agent's user), or name another with --secret-file.\n",
                       strcmp(a->type, "api") == 0 ? "bearer token" : "webhook secret", a->secret);
        if (is_folder(a))
                printf("Files go into %s/inbox/%s (made when the agent starts), or by `tributary source drop`.\n", a->d.state,
                       a->name);
        else
                printf("Senders post to %s%s.\n", strcmp(a->type, "api") == 0 ? "/v1/records" : "/v1/hooks/",
                       strcmp(a->type, "api") == 0 ? "" : a->name);
        printf("Restart the agent: sources are read when it starts. SIGTERM drains; nothing is lost.\n");
}

static void say(const struct adding *a)
{
        struct buf b;
        struct json_out o;
        if (!a->d.json) {
                printf("%s %s:%d\n\n%s\n", a->dry_run ? "Would be added at" : "Added at", a->path, a->line, a->block.p);
                if (!a->dry_run)
                        say_next(a);
                return;
        }
        buf_init(&b, FILE_MAX);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_bool(&o, "added", !a->dry_run);
        json_put_text(&o, "source", a->name);
        json_put_text(&o, "type", a->type);
        json_put_text(&o, "file", a->path);
        json_put_int(&o, "line", a->line);
        json_put_text(&o, "secret_file", is_folder(a) ? NULL : a->secret);
        json_put_bool(&o, "made_secret", a->made_secret);
        json_put_string(&o, "configuration", buf_slice(&a->block));
        json_put_text(&o, "next", "restart the agent");
        json_close(&o, '}');
        printf("%s\n", b.p);
        buf_clear(&b);
}

/* ---- The whole ------------------------------------------------------------------ */

/* The file as it would be, read as the agent reads it. */
static bool judge(struct adding *a, struct report *report)
{
        if (!source_insert(&a->after, buf_slice(&a->before), buf_slice(&a->block), &a->line) || !buf_ok(&a->after)) {
                report_add(report, REPORT_ERROR, a->path, 0, 0, "Paste what `tributary source try` prints.",
                           "the end of \"sources\" was not found");
                return false;
        }
        bool ok = agent_settings_parse(a->then, a->given, buf_slice(&a->after), &a->hub, report);
        if (!ok || a->then->n_sources == a->now->n_sources + 1)
                return ok;
        report_add(report, REPORT_ERROR, a->path, a->line, 0, "Paste what `tributary source try` prints.",
                   "the source did not come to stand in \"sources\"");
        return false;
}

static int add(struct adding *a, struct report *report)
{
        struct err err = ERR_INIT;
        if (!hub_settings_read(&a->hub, a->d.regions, report) ||
            !agent_settings_read(a->now, a->d.regions, a->d.region, &a->hub, report))
                return act_report(report, a->d.json);
        if (!names_ok(a, &err) || !place_secret(a, &err) || !open_file(a, &err))
                return act_fail(&err, a->d.json);
        if (!make_block(a, &err)) {
                int status = act_fail(&err, a->d.json);
                return err.kind == ERR_DATA ? EXIT_FINDING : status;
        }
        if (!judge(a, report))
                return act_report(report, a->d.json);
        if (!a->dry_run && !swap(a, &err))
                return act_fail(&err, a->d.json);
        say(a);
        return EXIT_WELL;
}

static int with_memory(struct adding *a)
{
        struct report *report = report_new();
        int status = EXIT_COULD_NOT;
        a->now = calloc(1, sizeof *a->now);
        a->then = calloc(1, sizeof *a->then);
        buf_init(&a->before, FILE_MAX);
        buf_init(&a->block, FILE_MAX);
        buf_init(&a->after, FILE_MAX);
        if (report && a->now && a->then) {
                status = add(a, report);
                agent_settings_clear(a->now);
                agent_settings_clear(a->then);
        }
        sample_clear(&a->sample);
        hub_settings_clear(&a->hub);
        free(a->now);
        free(a->then);
        buf_clear(&a->before);
        buf_clear(&a->block);
        buf_clear(&a->after);
        report_free(report);
        return status;
}

int source_add(int argc, char **argv)
{
        struct adding a = { .line = 0 };
        struct buf keep;
        struct err err = ERR_INIT;
        bool help = false;
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = {
                VERB_FLAGS(&a.d, &help),
                { "type", 0, "TYPE", &a.type, "How its records come." },
                { "from", 0, "FILE", &a.from, "A sheet like those to come: its columns are guessed, as by `source try`." },
                { "secret-file", 0, "FILE", &a.secret_file, "Where its token or secret lies; made (0600) if it is not there." },
                { "mapping", 0, "FILE", &a.mapping, "Of a webhook: its mapping, beside the region files." },
                { "kind", 0, "KIND", &a.kind, "What the rows of its files are." },
                { "time-format", 0, "FORMAT", &a.time_format, "How its files' times are written." },
                { "as-is", 0, NULL, &a.as_is, "Add it although something is to be decided." },
                { "dry-run", 0, NULL, &a.dry_run, "Only say what would be added." },
                FLAG_END
        };
        int n = verb_begin(flags, usage, argc, argv, &a.d, &keep, &help, &status);
        if (n == 1 && a.d.region) {
                a.name = argv[0];
                status = with_memory(&a);
        } else if (n >= 0) {
                err_set(&err, ERR_SYSTEM, 0, n == 0 ? "how shall the source be named?" : n > 1 ? "one source at a time" : "--region CODE is missing");
                err_hint(&err, "usage: tributary %s", usage);
                status = act_fail(&err, a.d.json);
        }
        buf_clear(&keep);
        return status;
}
