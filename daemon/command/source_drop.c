/* source_drop.c - `source drop`: files into an inbox, whole or not at all; and what became of them. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "role/act.h"
#include "source.h"
#include "source_inbox.h"
#include "verb.h"

enum { ALIVE_MS = 2000, REPORT_MAX = 8 << 20, REFUSALS_SHOWN = 3 };

struct dropping {
        struct deployment d;
        struct inboxes inboxes;
        const char *source, *name;
        bool again, wait;
        char inbox[INBOX_PATH];
        int notify_fd;
        size_t told; /* of the JSON's list */
        int status;
};

/* ---- Its report --------------------------------------------------------- */

static struct slice number_of(const struct json *report, const char *key)
{
        const struct json *v = json_get(report, key);
        return v ? v->text : SLICE("0");
}

/* The first of the refused rows: where, and why. The report has more of them. */
static void say_refusals(const struct json *report)
{
        const struct json *list = json_get(report, "refusals");
        size_t shown = 0;
        for (const struct json *row = list ? list->first : NULL; row && shown < REFUSALS_SHOWN; row = row->next, shown++) {
                struct slice why = json_string(json_get(row, "reason"));
                printf("  line %.*s: %.*s\n", SLICE_ARG(number_of(row, "line")), SLICE_ARG(why));
        }
}

/* Refused rows, or a file that could not be read, are findings. */
static void say_report(struct dropping *g, const char *name, const struct buf *text, const struct json *r)
{
        struct slice outcome = json_string(json_get(r, "outcome")), reason = json_string(json_get(r, "reason"));
        struct slice hint = json_string(json_get(r, "hint"));
        bool well = slice_is(outcome, "captured") || slice_is(outcome, "same") || slice_is(outcome, "empty");
        if (!well || !slice_is(number_of(r, "refused"), "0"))
                g->status = EXIT_FINDING;
        if (g->d.json) {
                printf("%.*s", SLICE_ARG(slice_trim(buf_slice(text))));
                return;
        }
        printf("%.*s: %.*s rows, %.*s captured, %.*s as before, %.*s refused\n", SLICE_ARG(outcome),
               SLICE_ARG(number_of(r, "rows")), SLICE_ARG(number_of(r, "accepted")),
               SLICE_ARG(number_of(r, "unchanged")), SLICE_ARG(number_of(r, "refused")));
        if (reason.p)
                printf("  %.*s\n", SLICE_ARG(reason));
        if (hint.p)
                printf("  hint: %.*s\n", SLICE_ARG(hint));
        say_refusals(r);
        if (!g->again && slice_is(outcome, "same"))
                printf("  nothing in it is new; --again captures it all the same\n");
        printf("  report %s/done/%s\n", g->inbox, name);
}

static bool tell_report(struct dropping *g, const char *name, struct err *err)
{
        char path[INBOX_PATH + 280];
        struct arena *a = arena_new(REPORT_MAX);
        struct buf text;
        struct json *r = NULL;
        snprintf(path, sizeof path, "%s/done/%s", g->inbox, name);
        buf_init(&text, REPORT_MAX);
        bool ok = a && file_read(&text, path, err) && json_read(&r, a, buf_slice(&text), 8, err);
        if (ok)
                say_report(g, name, &text, r);
        buf_clear(&text);
        arena_free(a);
        return ok || err_add(err, "report \"%s\"", path);
}

/* A change in done/ wakes; now and then it is asked whether anybody is there to make one. */
static bool await(struct dropping *g, const struct inbox_file *f, int64_t since_us, struct err *err)
{
        char name[256], events[4096];
        struct pollfd fd = { .fd = g->notify_fd, .events = POLLIN };
        while (!inbox_report(f, since_us, name)) {
                struct buf answer;
                int n = poll(&fd, 1, ALIVE_MS);
                if (n > 0 && read(g->notify_fd, events, sizeof events) < 0 && errno != EAGAIN)
                        return err_errno(err, errno, "could not watch folder done/ of the inbox");
                if (n != 0)
                        continue;
                buf_init(&answer, REPORT_MAX);
                bool alive = agent_ask(g->d.state, "/metrics", NULL, &answer, err);
                buf_clear(&answer);
                if (!alive && !inbox_report(f, since_us, name)) {
                        err_set(err, ERR_RETRY, 0, "no agent runs that would take the file");
                        return err_hint(err, "The file is safe in the inbox: it is taken when the agent starts.");
                }
        }
        return tell_report(g, name, err);
}

/* ---- One file ----------------------------------------------------------- */

static void say_dropped(const struct dropping *g, const char *name)
{
        if (g->d.json)
                printf("null");
        else
                printf("dropped%s; the report will be %s/done/%s.TIME.json\n", g->again ? " (again)" : "", g->inbox, name);
}

static bool drop(struct dropping *g, const char *name, int fd, struct err *err)
{
        const struct inbox_file f = { .inbox = g->inbox, .name = name, .again = g->again,
                                      .max_file = g->inboxes.settings->capture.max_file };
        int64_t since_us = clock_now_us();
        if (!inbox_drop(&f, fd, err))
                return false;
        if (g->d.json) {
                struct buf b;
                struct json_out o;
                buf_init(&b, 65536);
                json_out_init(&o, &b);
                json_open(&o, NULL, '{');
                json_put_text(&o, "file", name);
                json_put_text(&o, "inbox", g->inbox);
                json_put_bool(&o, "again", g->again);
                printf("%s%.*s,\"report\":", g->told++ ? "," : "", SLICE_ARG(buf_slice(&b)));
                buf_clear(&b);
        } else {
                printf("%s: ", name);
        }
        fflush(stdout);
        bool ok = true;
        if (g->wait)
                ok = await(g, &f, since_us, err);
        if (!g->wait || !ok)
                say_dropped(g, name);
        if (g->d.json)
                printf("}");
        return ok;
}

static bool drop_path(struct dropping *g, const char *path, struct err *err)
{
        const char *slash = strrchr(path, '/'), *name = g->name ? g->name : slash ? slash + 1 : path;
        if (strcmp(path, "-") == 0) {
                if (g->name)
                        return drop(g, name, STDIN_FILENO, err);
                err_set(err, ERR_SYSTEM, 0, "what comes from stdin has no name");
                return err_hint(err, "Give it one with --name, ending in .csv or .ndjson.");
        }
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return err_errno(err, errno, "could not open \"%s\"", path);
        bool ok = drop(g, name, fd, err) || err_add(err, "\"%s\"", path);
        close(fd);
        return ok;
}

/* ---- All of them -------------------------------------------------------- */

static bool begin_waiting(struct dropping *g, struct err *err)
{
        char done[INBOX_PATH + 16];
        snprintf(done, sizeof done, "%s/done", g->inbox);
        g->notify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (g->notify_fd >= 0 && inotify_add_watch(g->notify_fd, done, IN_MOVED_TO) >= 0)
                return true;
        err_errno(err, errno, "could not watch \"%s\"", done);
        return err_hint(err, "The agent makes its inboxes when it starts, for its own user alone.");
}

static void drop_all(struct dropping *g, int n, char **paths)
{
        struct err err = ERR_INIT;
        const struct source *s = inboxes_find(&g->inboxes, g->source, &g->status);
        if (!s)
                return;
        g->status = EXIT_WELL;
        bool ok = inbox_path(g->inbox, s, g->d.state, &err) && (!g->wait || begin_waiting(g, &err));
        if (!ok)
                g->status = act_fail(&err, g->d.json);
        if (ok && g->d.json)
                printf("{\"version\":1,\"source\":\"%s\",\"files\":[", s->name);
        for (int i = 0; ok && i < n; i++) {
                err_clear(&err);
                if (!drop_path(g, paths[i], &err))
                        g->status = act_fail(&err, false);
        }
        if (ok && g->d.json)
                printf("]}\n");
}

int source_drop(int argc, char **argv)
{
        struct dropping g = { .notify_fd = -1, .status = EXIT_COULD_NOT };
        struct buf keep;
        bool help = false;
        const struct flag flags[] = {
                VERB_FLAGS(&g.d, &help),
                { "source", 0, "NAME", &g.source, "Which source, of type \"folder\"." },
                { "name", 0, "NAME", &g.name, "The file's name in the inbox; needed for - (stdin)." },
                { "again", 0, NULL, &g.again, "Capture every row, also those that were captured before." },
                { "wait", 0, NULL, &g.wait, "Wait until it was taken, and say what became of it." },
                FLAG_END
        };
        int n = verb_begin(flags, "source drop FILE... --region CODE --source NAME [--again] [--wait]", argc, argv,
                           &g.d, &keep, &help, &g.status);
        if (n == 0 || (n > 1 && g.name)) {
                fprintf(stderr, "tributary: %s\nhint: tributary source drop FILE... --region CODE --source NAME; FILE - is stdin.\n",
                        n ? "--name is for one file" : "a file to drop is missing");
                g.status = EXIT_COULD_NOT;
        } else if (n > 0) {
                if (inboxes_open(&g.inboxes, &g.d, &g.status))
                        drop_all(&g, n, argv);
                inboxes_close(&g.inboxes);
        }
        if (g.notify_fd >= 0)
                close(g.notify_fd);
        buf_clear(&keep);
        return g.status;
}
