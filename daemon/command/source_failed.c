/* source_failed.c - `source failed`: refused lines, listed, and taken out for repair.
 *
 * This reads personal data out, on its keeper's demand: to a terminal, or into a new file that
 * only its owner reads; never into a pipe by accident, nor back into an inbox.            */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "capture/failed.h"
#include "leaving.h"
#include "role/act.h"
#include "source.h"
#include "source_inbox.h"
#include "verb.h"

struct reading {
        struct deployment d;
        struct inboxes inboxes;
        const char *source, *out, *name;
        struct keyer *k;
        const struct source *of;
        char inbox[INBOX_PATH];
        struct buf list; /* JSON, with commas between */
        size_t listed, shown;
        bool found;      /* the file that --name asks for */
        int to;
        struct err err;
        int status;
};

/* ---- Listing ------------------------------------------------------------ */

static bool list_entry(const struct failed_entry *e, void *ctx)
{
        struct reading *g = ctx;
        char when[CLOCK_TEXT_MAX];
        struct json_out o;
        g->listed++;
        if (!e->readable)
                g->status = EXIT_FINDING;
        if (!g->d.json) {
                printf("%-16s %8llu rows  %.19s  ", g->of->name, (unsigned long long)e->rows,
                       clock_format_rfc3339(when, e->sealed_us));
                leaving_print(slice_of(e->name)); /* whoever dropped the file chose its name */
                printf("%s\n%27s report done/", e->readable ? "" : "  (torn or damaged)", "");
                leaving_print(slice_of(e->report));
                putchar('\n');
                return true;
        }
        json_out_init(&o, &g->list);
        o.comma = g->listed > 1;
        json_open(&o, NULL, '{');
        json_put_text(&o, "source", g->of->name);
        json_put_text(&o, "name", e->name);
        json_put_text(&o, "inbox", g->inbox);
        json_put_text(&o, "report", e->report);
        json_put_time(&o, "sealed_at", e->sealed_us);
        json_put_uint(&o, "bytes", e->bytes);
        json_put_uint(&o, "rows", e->rows);
        json_put_bool(&o, "readable", e->readable);
        json_close(&o, '}');
        return true;
}

/* ---- Taking out --------------------------------------------------------- */

/* Terminals obey what they are shown: nothing but text, tabs and line feeds. */
static void defuse(char *p, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (((unsigned char)p[i] < 0x20 && p[i] != '\n' && p[i] != '\t') || p[i] == 0x7f ||
                    (i && (unsigned char)p[i - 1] == 0xc2 && (unsigned char)p[i] >= 0x80 && (unsigned char)p[i] < 0xa0))
                        p[i] = '?';
}

static bool put_row(struct slice row, void *ctx, struct err *err)
{
        struct reading *g = ctx;
        g->shown++;
        if (g->out)
                return fd_write_all(g->to, row, err);
        char *copy = malloc(row.n + 1);
        if (!copy)
                return err_set(err, ERR_SYSTEM, 0, "out of memory");
        memcpy(copy, row.p, row.n);
        defuse(copy, row.n);
        bool ok = fd_write_all(STDOUT_FILENO, slice_make(copy, row.n), err);
        free(copy);
        return ok;
}

static bool lies_in(const char *folder, const char *inbox)
{
        char a[PATH_MAX], b[PATH_MAX];
        if (!realpath(folder, a) || !realpath(inbox, b))
                return false;
        size_t n = strlen(b);
        return strncmp(a, b, n) == 0 && (a[n] == '/' || a[n] == 0);
}

static bool open_out(struct reading *g, struct err *err)
{
        char copy[PATH_MAX];
        if (!g->out) {
                if (!g->d.json && isatty(STDOUT_FILENO))
                        return true;
                err_set(err, ERR_SYSTEM, 0, "refused lines name people: they are only shown on a terminal");
                return err_hint(err, "Write them to a file that only you can read: --out FILE.");
        }
        snprintf(copy, sizeof copy, "%s", g->out);
        if (lies_in(dirname(copy), g->inbox)) {
                err_set(err, ERR_SYSTEM, 0, "\"%s\" lies in the inbox", g->out);
                return err_hint(err, "Repair the lines elsewhere, then `tributary source drop` them.");
        }
        g->to = open(g->out, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        return g->to >= 0 || err_errno(err, errno, "could not make file \"%s\"", g->out);
}

/* Why each line was refused stands in the report; it has no values. */
static void say_reasons(const struct reading *g)
{
        char path[INBOX_PATH + 300];
        struct arena *a = arena_new(16 << 20);
        struct buf text;
        struct json *r = NULL;
        snprintf(path, sizeof path, "%s/done/%.*s.json", g->inbox, (int)(strlen(g->name) - 7), g->name);
        buf_init(&text, 8 << 20);
        if (a && file_read(&text, path, NULL) && json_read(&r, a, buf_slice(&text), 8, NULL)) {
                const struct json *list = json_get(r, "refusals");
                for (const struct json *x = list ? list->first : NULL; x; x = x->next)
                        fprintf(stderr, "line %.*s: %.*s\n", SLICE_ARG(json_get(x, "line") ? json_get(x, "line")->text : SLICE("?")),
                                SLICE_ARG(json_string(json_get(x, "reason"))));
        }
        buf_clear(&text);
        arena_free(a);
}

static void print_shown(const struct reading *g)
{
        struct json_out o;
        struct buf b;
        buf_init(&b, 65536);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_text(&o, "name", g->name);
        json_put_text(&o, "out", g->out);
        json_put_uint(&o, "rows", g->shown);
        json_close(&o, '}');
        printf("%s\n", b.p);
        buf_clear(&b);
}

static bool take_out(struct reading *g, struct err *err)
{
        if (!open_out(g, err))
                return false;
        if (!g->d.json)
                say_reasons(g);
        bool ok = failed_rows(g->inbox, g->name, g->k, put_row, g, err);
        if (g->out && fsync(g->to) != 0 && ok)
                ok = err_errno(err, errno, "could not sync \"%s\"", g->out);
        if (!ok && g->out)
                err_hint(err, "\"%s\" has what could be read.", g->out);
        if (ok && g->d.json)
                print_shown(g);
        else if (ok && g->out)
                printf("%zu rows written to %s\n", g->shown, g->out);
        return ok;
}

static bool note_found(const struct failed_entry *e, void *ctx)
{
        struct reading *g = ctx;
        g->found = strcmp(e->name, g->name) == 0;
        return !g->found;
}

/* ---- All sources, or one ------------------------------------------------ */

static bool look(struct reading *g, const struct source *s, struct err *err)
{
        g->of = s;
        if (!inbox_path(g->inbox, s, g->d.state, err))
                return false;
        if (!file_exists(g->inbox) || g->found)
                return true; /* the agent has not started yet; or it was found in another's */
        if (!g->name)
                return failed_each(g->inbox, g->k, list_entry, g, err);
        if (!failed_each(g->inbox, g->k, note_found, g, err))
                return false;
        return !g->found || take_out(g, err);
}

static bool look_all(struct reading *g, struct err *err)
{
        const struct agent_settings *set = g->inboxes.settings;
        for (size_t i = 0; i < set->n_sources; i++) {
                const struct source *s = &set->sources[i];
                if (s->type == SOURCE_FOLDER && (!g->source || strcmp(g->source, s->name) == 0) && !look(g, s, err))
                        return false;
        }
        if (!g->name || g->found)
                return true;
        err_set(err, ERR_SYSTEM, 0, "no folder source of region \"%s\" has refused lines \"%s\"", g->d.region, g->name);
        return err_hint(err, "Without a name they are listed; they are kept 7 days at most.");
}

static void read_all(struct reading *g)
{
        struct err err = ERR_INIT;
        if (g->source && !inboxes_find(&g->inboxes, g->source, &g->status))
                return;
        g->status = EXIT_WELL;
        buf_init(&g->list, 16 << 20);
        bool ok = keyer_open(&g->k, g->d.state, &err) && look_all(g, &err);
        if (!ok)
                g->status = act_fail(&err, g->d.json);
        else if (!g->name && g->d.json)
                printf("{\"version\":1,\"failed\":[%.*s]}\n", SLICE_ARG(buf_slice(&g->list)));
        else if (!g->name && !g->listed)
                printf("No refused lines are kept.\n");
        buf_clear(&g->list);
        keyer_close(g->k);
}

int source_failed(int argc, char **argv)
{
        struct reading g = { .to = -1, .status = EXIT_COULD_NOT };
        struct buf keep;
        bool help = false;
        const struct flag flags[] = {
                VERB_FLAGS(&g.d, &help),
                { "source", 0, "NAME", &g.source, "Only this source, of type \"folder\"." },
                { "out", 0, "FILE", &g.out, "Write the lines to a new file, mode 0600." },
                FLAG_END
        };
        int n = verb_begin(flags, "source failed --region CODE [--source NAME] [NAME [--out FILE]]", argc, argv, &g.d,
                           &keep, &help, &g.status);
        if (n > 1 || (n == 0 && g.out)) {
                fprintf(stderr, "tributary: one name of refused lines is wanted\nhint: `tributary source failed --region CODE` lists them.\n");
                g.status = EXIT_COULD_NOT;
        } else if (n >= 0) {
                g.name = n ? argv[0] : NULL;
                if (inboxes_open(&g.inboxes, &g.d, &g.status))
                        read_all(&g);
                inboxes_close(&g.inboxes);
        }
        if (g.to >= 0)
                close(g.to);
        buf_clear(&keep);
        return g.status;
}
