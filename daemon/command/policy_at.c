/* policy_at.c - the desk, on a far agent: `policy status|explain|diff --at REGION` over HTTPS, with an
 * officer's certificate. What may be told of there, its agent decides (role/far.h).           */
#include "policy_at.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "link/cert.h"
#include "link/fetch.h"
#include "policy_entry.h"
#include "role/settings.h"
#include "verb.h"

static const char usage[] = "policy status|explain [-|FILE|EPOCH-SEQ]|diff NEW --since DATE --at REGION --certificate FILE --key FILE [--ca FILE]";

enum { BODY_MAX = 4 << 20, ANSWER_MAX = 8 << 20, ARENA_MAX = 64 << 20, FILE_MAX = 1 << 20 };
#define PATIENCE_US (90 * US_PER_SECOND)

struct asking_far {
        struct deployment d;
        const char *at, *certificate, *key, *ca, *url, *since, *until;
        struct arena *arena;
        struct buf body, answer;
        const struct json *root;
};

bool policy_is_far(int argc, char **argv)
{
        for (int i = 1; i < argc; i++)
                if (strcmp(argv[i], "--at") == 0 || strncmp(argv[i], "--at=", 5) == 0)
                        return true;
        return false;
}

/* ---- Asking ------------------------------------------------------------------------- */
/* Where it listens: the region's file says so. */
static bool find_url(struct asking_far *q, char out[512], const char *path, struct err *err)
{
        struct report *report = report_new();
        struct hub_settings hub = { 0 };
        struct agent_settings *s = calloc(1, sizeof *s);
        bool read = s && report && hub_settings_read(&hub, q->d.regions, report) &&
                    agent_settings_read(s, q->d.regions, q->at, &hub, report);
        const char *url = q->url ? q->url : read && s->has_officers ? s->officers.url : NULL;
        if (url)
                snprintf(out, 512, "%.255s%s", url, path);
        else
                err_set(err, ERR_CONFIG, 0, "where officers reach the agent of %.40s is not known", q->at);
        if (s)
                agent_settings_clear(s);
        free(s);
        hub_settings_clear(&hub);
        report_free(report);
        return url || err_hint(err, "Its region file says it as officers = { url = \"https://...\"; }; or say --url.");
}

static bool refused(struct asking_far *q, int status, struct err *err)
{
        const struct json *no = json_get(q->root, "error");
        struct slice text = json_string(json_get(no, "text")), hint = json_string(json_get(no, "hint"));
        err_set(err, ERR_DENIED, status, "the agent of %.40s answered %d: %.*s", q->at, status,
                SLICE_ARG(text.p ? text : SLICE("nothing that can be read")));
        return hint.p ? err_hint(err, "%.*s", SLICE_ARG(hint)) : false;
}

/* Over TLS a certificate that has ended is a connection that breaks off: said here, with its day. */
static bool is_live(const char *file, const char *of, struct err *err)
{
        struct cert_file c;
        char day[CLOCK_TEXT_MAX];
        if (!file_exists(file))
                return err_set(err, ERR_CONFIG, 0, "there is no file \"%s\"", file);
        if (!cert_read(&c, file, clock_now_us(), err))
                return err_hint(err, "It has to be PEM, as a certificate authority gives it: -----BEGIN CERTIFICATE-----.");
        if (c.ended) {
                err_set(err, ERR_CONFIG, 0, "%s \"%s\" ended on %.10s (%s)", of, file, clock_format_rfc3339(day, c.first_end_us), c.subject);
                return err_hint(err, "Ask whoever gives certificates to officers for a new one; or is this machine's clock wrong?");
        }
        if (c.not_yet) {
                err_set(err, ERR_CONFIG, 0, "%s \"%s\" does not hold yet", of, file);
                return err_hint(err, "Its first day is still to come; or is this machine's clock wrong?");
        }
        return true;
}

static bool may_show(const struct asking_far *q, struct err *err)
{
        if (!is_live(q->certificate, "the officer's certificate", err))
                return false;
        if (cert_fits(q->certificate, q->key, err) || err->kind == ERR_DENIED)
                return true;
        return err->hint[0] ? false : err_hint(err, "--certificate and --key are of one pair, both PEM.");
}

static const char *hint_of(const struct err *err)
{
        return err->kind == ERR_RETRY ? "Does that region's agent run, and may this machine reach the port of its \"officers\"?" : NULL;
}

static bool ask(struct asking_far *q, const char *path, struct err *err)
{
        char url[512];
        struct json *root = NULL;
        int status = 0;
        if (!buf_ok(&q->body))
                return err_set(err, ERR_CONFIG, 0, "this is too much to ask at once");
        if (!find_url(q, url, path, err) || !may_show(q, err))
                return false;
        const struct fetch f = { .url = url, .ca_file = q->ca, .cert_file = q->certificate, .key_file = q->key,
                                 .body = q->body.n ? buf_slice(&q->body) : SLICE_NONE, .timeout_us = PATIENCE_US };
        if (!fetch_run(&f, &status, &q->answer, err)) {
                if (!err->hint[0] && hint_of(err))
                        err_hint(err, "%s", hint_of(err));
                return err_add(err, "agent of %.40s", q->at);
        }
        bool read = json_read(&root, q->arena, buf_slice(&q->answer), 16, err);
        q->root = read ? root : NULL;
        if (status != 200)
                return refused(q, status, err);
        return read;
}

/* ---- What is sent along ---------------------------------------------------------------- */
static bool read_record(struct asking_far *q, const char *file, struct err *err)
{
        struct buf text;
        struct json *j;
        struct json_out o;
        buf_init(&text, FILE_MAX + (1 << 16));
        bool ok = file_read(&text, file && strcmp(file, "-") != 0 ? file : "/dev/stdin", err) &&
                  json_read(&j, q->arena, buf_slice(&text), 17, err);
        if (!ok)
                err_hint(err, "What is explained elsewhere is a record as programs send it: one JSON object.");
        json_out_init(&o, &q->body);
        json_open(&o, NULL, '{');
        if (ok)
                json_put_raw(&o, "record", buf_slice(&text));
        json_close(&o, '}');
        buf_wipe(&text);
        return ok;
}

static bool put_entry(struct asking_far *q, const char *word)
{
        struct json_out o;
        json_out_init(&o, &q->body);
        json_open(&o, NULL, '{');
        json_put_text(&o, "entry", word);
        json_close(&o, '}');
        return true;
}

struct gathering {
        struct json_out o;
        const char *folder, *prefix;
        struct err *err;
        bool ok;
};

static bool put_file(const char *name, void *ctx)
{
        struct gathering *g = ctx;
        char path[4096], key[300];
        struct buf text;
        if (name[0] == '.' || strlen(name) > 250)
                return true;
        snprintf(path, sizeof path, "%s/%s%s", g->folder, g->prefix, name);
        snprintf(key, sizeof key, "%s%s", g->prefix, name);
        buf_init(&text, FILE_MAX);
        g->ok = file_read(&text, path, g->err);
        if (g->ok)
                json_put_pair(&g->o, slice_of(key), slice_make(text.n ? text.p : "", text.n));
        buf_clear(&text);
        return g->ok;
}

/* "draft/eea.cfg", or a folder: the whole set that lies there. */
static bool put_set(struct asking_far *q, const char *word, struct err *err)
{
        char folder[4096], lists[4200];
        size_t n = strlen(word);
        struct gathering g = { .folder = folder, .prefix = "", .err = err, .ok = true };
        snprintf(folder, sizeof folder, "%s", word);
        char *slash = strrchr(folder, '/');
        if (n > 4 && strcmp(word + n - 4, ".cfg") == 0)
                snprintf(slash ? slash : folder, 2, slash ? "" : ".");
        snprintf(lists, sizeof lists, "%s/lists", folder);
        json_out_init(&g.o, &q->body);
        json_open(&g.o, NULL, '{');
        json_put_text(&g.o, "since", q->since);
        if (q->until)
                json_put_text(&g.o, "until", q->until);
        json_open(&g.o, "files", '{');
        if (!file_exists(word)) {
                err_set(err, ERR_CONFIG, 0, "there is no file or folder \"%s\"", word);
                return err_hint(err, "NEW is a file with what lies beside it, as draft/jp.cfg, or a folder of policies.");
        }
        bool ok = dir_each_linked(folder, "*.cfg", put_file, &g, err) && g.ok;
        g.prefix = "lists/";
        ok = ok && (!file_exists(lists) || (dir_each_linked(lists, "*", put_file, &g, err) && g.ok));
        json_close(&g.o, '}');
        json_close(&g.o, '}');
        return ok;
}

/* ---- What is told ------------------------------------------------------------------------ */
static struct slice text_of(const struct json *j, const char *key)
{
        struct slice s = json_string(json_get(j, key));
        return s.p ? s : SLICE("");
}

static long long number(const struct json *j, const char *key)
{
        int64_t v = 0;
        return json_int(json_get(j, key), &v) ? v : 0;
}

static int say_status(const struct asking_far *q)
{
        const struct json *p = json_get(q->root, "policy");
        bool well = json_true(json_get(p, "open")) && !json_true(json_get(p, "stale"));
        if (!json_string(json_get(p, "name")).p)
                printf("%s: no policy is in force; the built-in floor discards, nothing leaves\n", q->at);
        else
                printf("%s: policy %.*s version %lld since %.*s%s\n", q->at, SLICE_ARG(text_of(p, "name")), number(p, "version"),
                       SLICE_ARG(text_of(p, "since")), json_true(json_get(p, "open")) ? "" : " (nothing leaves)");
        const struct json *signers = json_get(p, "signed_by");
        for (const struct json *s = signers ? signers->first : NULL; s; s = s->next)
                printf("  signed by %.*s\n", SLICE_ARG(s->text));
        if (json_true(json_get(p, "stale")))
                printf("  the newest files are not in force: %.*s\n", SLICE_ARG(text_of(p, "trouble")));
        return well ? EXIT_WELL : EXIT_FINDING;
}

static int say_explained(const struct asking_far *q)
{
        const struct json *r = q->root, *fields = json_get(r, "fields"), *found = json_get(r, "found");
        printf("%.*s in %s, by policy %.*s version %lld: %.*s:%lld %.*s %.*s\n", SLICE_ARG(text_of(r, "decision")), q->at,
               SLICE_ARG(text_of(r, "policy")), number(r, "policy_version"), SLICE_ARG(text_of(r, "file")), number(r, "line"),
               SLICE_ARG(text_of(r, "rule")), SLICE_ARG(text_of(r, "because")));
        for (const struct json *f = fields ? fields->first : NULL; f; f = f->next) {
                struct slice left = text_of(f, "left");
                printf("  %-16.*s %-12.*s %.*s:%lld  %.*s%.*s\n", SLICE_ARG(text_of(f, "field")), SLICE_ARG(text_of(f, "action")),
                       SLICE_ARG(text_of(f, "file")), number(f, "line"), (int)(left.n > 200 ? 200 : left.n), left.p,
                       SLICE_ARG(left.n > 200 ? SLICE("...") : SLICE("")));
        }
        for (const struct json *f = found ? found->first : NULL; f; f = f->next)
                printf("  found: %lld x %.*s in %.*s: %.*s\n", number(f, "count"), SLICE_ARG(text_of(f, "what")),
                       SLICE_ARG(text_of(f, "field")), SLICE_ARG(text_of(f, "action")));
        if (!json_true(json_get(r, "words")))
                printf("  its words are not shown across this border\n");
        const struct json *known = json_get(r, "people_known");
        if (known && !json_true(known))
                printf("  whoever wrote in that region before is masked there, and not here\n");
        return EXIT_WELL;
}

static void say_class(const struct json *root, const char *key, const char *as)
{
        const struct json *class = json_get(root, key), *what = json_get(class, "what");
        if (!what || !what->first)
                return;
        printf("%s: %lld records\n", as, number(class, "records"));
        for (const struct json *w = what->first; w; w = w->next) {
                printf("  %lld x %.*s\n", number(w, "count"), SLICE_ARG(text_of(w, "text")));
                if (text_of(w, "sample").n)
                        printf("      %.*s\n", SLICE_ARG(text_of(w, "sample")));
        }
}

static int say_differences(const struct asking_far *q, bool print)
{
        const struct json *r = q->root, *leaves = json_at(r, "newly_leaves", "what", NULL);
        bool newly = (leaves && leaves->first) || json_true(json_get(r, "cut")); /* who cannot tell all says so */
        if (!print)
                return newly ? EXIT_DIFFERENT : EXIT_WELL;
        printf("%lld records of %s, by version %lld in force and by version %lld\n", number(r, "records"), q->at,
               number(r, "policy_version"), number(r, "new_version"));
        say_class(r, "newly_leaves", "newly leaves");
        say_class(r, "newly_stops", "newly stops");
        say_class(r, "otherwise", "otherwise");
        if (json_true(json_get(r, "cut")))
                printf("Not all was looked at: ask about a shorter span.\n");
        return newly ? EXIT_DIFFERENT : EXIT_WELL;
}

/* ---- The verb ------------------------------------------------------------------------------ */
static int act(struct asking_far *q, const char *word, const char *what, struct err *err)
{
        bool explain = strcmp(word, "explain") == 0, diff = strcmp(word, "diff") == 0;
        bool ok = explain ? what && entry_is_named(what) ? put_entry(q, what) : read_record(q, what, err) : !diff || put_set(q, what, err);
        if (!ok || !ask(q, explain ? "/v1/explain" : diff ? "/v1/diff" : "/v1/policy", err))
                return EXIT_COULD_NOT;
        if (q->d.json)
                printf("%.*s\n", (int)q->answer.n, q->answer.p);
        if (diff)
                return say_differences(q, !q->d.json);
        if (q->d.json)
                return EXIT_WELL;
        return explain ? say_explained(q) : say_status(q);
}

static bool is_asked_well(const struct asking_far *q, const char *word, int n)
{
        const char *what = NULL;
        if (strcmp(word, "status") != 0 && strcmp(word, "explain") != 0 && strcmp(word, "diff") != 0)
                what = "only policy status, explain and diff run elsewhere";
        else if (!q->certificate || !q->key)
                what = "an officer's certificate and key are missing";
        else if (strcmp(word, "diff") == 0 && (n != 1 || !q->since))
                what = "policy diff --at takes the new set and --since DATE";
        else if (n > 1)
                what = "that is one word too many";
        if (what)
                fprintf(stderr, "tributary: %s\nhint: usage: tributary %s\n", what, usage);
        return !what;
}

int policy_at(int argc, char **argv)
{
        struct asking_far q = { .arena = arena_new(ARENA_MAX) };
        struct err err = ERR_INIT;
        struct buf keep;
        const char *word = argv[0];
        bool help = false;
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = {
                VERB_FLAGS(&q.d, &help),
                { "at", 0, "CODE", &q.at, "The region whose agent is asked." },
                { "certificate", 0, "FILE", &q.certificate, "The officer's certificate (PEM)." },
                { "key", 0, "FILE", &q.key, "Its key (PEM)." },
                { "ca", 0, "FILE", &q.ca, "Who signs the agents' certificates (PEM); without it the system's authorities." },
                { "url", 0, "URL", &q.url, "Where the agent is, if its region file does not say." },
                { "since", 0, "DATE", &q.since, "diff: by what was captured there from that day on." },
                { "until", 0, "DATE", &q.until, "diff: ... up to that day, it included." },
                FLAG_END
        };
        buf_init(&q.body, BODY_MAX);
        buf_init(&q.answer, ANSWER_MAX);
        int n = verb_begin(flags, usage, argc, argv, &q.d, &keep, &help, &status);
        if (n >= 0 && q.arena && is_asked_well(&q, word, n)) {
                status = act(&q, word, n ? argv[0] : NULL, &err);
                if (err.kind != ERR_NONE) {
                        act_fail(&err, q.d.json);
                        status = EXIT_COULD_NOT;
                }
        }
        buf_wipe(&q.body);
        buf_clear(&q.answer);
        arena_free(q.arena);
        buf_clear(&keep);
        return status;
}
