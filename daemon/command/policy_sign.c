/* policy_sign.c - `policy sign`: an officer's word for a set of policies that is looser.
 *
 * Says first, in sentences with their lines, what the set newly lets out against the one before:
 * a revision of git's, a folder, or what the agent of this machine has in force. Then signs it for
 * each region that it is for: a line in policies/signatures/REGION.sig, to be committed with it. */
#include "policy_sign.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "policy/looser.h"
#include "policy/officers.h"
#include "policy_diff.h"
#include "verb.h"

static const char usage[] = "policy sign [NAME... | --all | --region CODE] --as OFFICER --key FILE [--against REVISION]";
enum { NAMES_MAX = 64, SIGN_ARENA = 192 << 20 };

struct signing {
        struct deployment d;
        const char *as, *key_file, *new_key, *against;
        bool all, yes, dry_run;
        char **names;
        size_t n_names;
        struct arena *arena;
        struct report *report;
        struct err err;
        struct hub_settings hub;
        struct sign *key;
        uint8_t public_key[SIGN_KEY];
        struct diff_side before; /* --against, or HEAD */
        bool has_before;
        size_t signed_now, met;
        struct buf json;
        struct json_out out;
};

/* One region's set, and what is in force there. */
struct set {
        const char *code;
        struct agent_settings *settings;
        struct book *fresh, *before; /* before NULL: not known */
        struct changes *changes;
        struct signers signers;
        char path[4096], on[11];
};

/* ---- A new key ----------------------------------------------------------------------------------- */

static int make_key(struct signing *x)
{
        uint8_t seed[SIGN_KEY], public_key[SIGN_KEY];
        char hex[2 * SIGN_KEY + 1];
        if (!x->as || !text_is_name(slice_of(x->as))) {
                err_set(&x->err, ERR_SYSTEM, 0, "whose key? --as NAME: small letters, digits and \"-\"");
                return act_fail(&x->err, x->d.json);
        }
        if (!secret_create(x->new_key, SIGN_KEY, &x->err) || !secret_read_key(seed, SIGN_KEY, x->new_key, &x->err)) {
                if (x->err.kind == ERR_BUSY)
                        err_hint(&x->err, "A key is never written over: name another file, or move this one away.");
                return act_fail(&x->err, x->d.json);
        }
        struct sign *s = sign_new(seed);
        explicit_bzero(seed, sizeof seed);
        if (!s)
                return EXIT_COULD_NOT;
        sign_public(s, public_key);
        sign_free(s);
        hex_encode(hex, public_key, sizeof public_key);
        if (x->d.json)
                printf("{\"version\":1,\"officer\":\"%s\",\"key\":\"ed25519:%s\"}\n", x->as, hex);
        else
                printf("The private key is in %s, and nowhere else: who has it signs as %s.\n"
                       "This line belongs into officers.cfg, beside the policies:\n\n"
                       "  { name = \"%s\";  key = \"ed25519:%s\"; }\n",
                       x->new_key, x->as, x->as, hex);
        return EXIT_WELL;
}

static bool read_key(struct signing *x)
{
        uint8_t seed[SIGN_KEY];
        if (!secret_read_key(seed, SIGN_KEY, x->key_file, &x->err))
                return x->err.hint[0] ? false : err_hint(&x->err, "`tributary policy sign --new-key FILE --as NAME` makes one.");
        x->key = sign_new(seed);
        explicit_bzero(seed, sizeof seed);
        if (!x->key)
                return err_set(&x->err, ERR_SYSTEM, 0, "out of memory");
        sign_public(x->key, x->public_key);
        return true;
}

/* ---- What was before --------------------------------------------------------------------------------- */

/* HEAD, where nothing else is said and the policies are in git: without it nothing is compared. */
static bool find_before(struct signing *x)
{
        struct err quiet = ERR_INIT;
        x->has_before = diff_side_set(&x->before, &x->d, x->against ? x->against : "git:HEAD", x->arena,
                                      x->against ? &x->err : &quiet);
        return x->has_before || !x->against;
}

/* A version before that has mistakes of its own cannot be compared with. */
static void load_before(struct signing *x, struct set *s)
{
        struct book_spec spec = { x->before.folder, &s->settings->region, &x->hub.hub };
        struct report *quiet = report_new();
        if (x->has_before && x->before.packed.max)
                book_unpack(&s->before, buf_slice(&x->before.packed), &spec, quiet);
        else if (x->has_before)
                book_load(&s->before, &spec, quiet);
        report_free(quiet);
}

/* What is committed already was not so one commit before; what is in force may be older still. */
static void read_before(struct signing *x, struct set *s)
{
        struct err quiet = ERR_INIT;
        load_before(x, s);
        if (!x->against && s->before && memcmp(book_hash(s->before), book_hash(s->fresh), 32) == 0) {
                struct diff_side older = { .name = "" };
                if (diff_side_set(&older, &x->d, "git:HEAD~1", x->arena, &quiet)) {
                        diff_side_clear(&x->before);
                        x->before = older;
                        x->before.d.policies = x->before.folder;
                        book_drop(s->before);
                        s->before = NULL;
                        load_before(x, s);
                }
        }
        if (s->before)
                s->changes = book_compare(s->before, s->fresh);
}

/* ---- One set ---------------------------------------------------------------------------------------------- */

static bool speaks_there(const struct signing *x, const struct book *b)
{
        if (x->n_names == 0)
                return true;
        for (size_t i = 0; i < x->n_names; i++) {
                size_t n = strlen(x->names[i]);
                for (const char *p = book_class(b); (p = strstr(p, x->names[i])); p++)
                        if ((p == book_class(b) || p[-1] == '+') && (p[n] == '+' || !p[n]))
                                return true;
        }
        return false;
}

static bool refuse(struct signing *x, const char *hint, const char *why)
{
        err_set(&x->err, ERR_CONFIG, 0, "%s", why);
        return err_hint(&x->err, "%s", hint);
}

/* Who counts is decided by the set in force; a stranger to both is told so here. */
static bool may_sign(struct signing *x, const struct set *s)
{
        bool any = book_has_officers(s->fresh) || (s->before && book_has_officers(s->before));
        if (!any)
                return refuse(x, "Name at least two in policies/officers.cfg; `policy sign --new-key FILE --as NAME` prints the line.",
                              "nobody signs in this house: there is no officers.cfg");
        if (strcmp(book_officer_of(s->fresh, x->public_key), x->as) == 0 ||
            (s->before && strcmp(book_officer_of(s->before, x->public_key), x->as) == 0))
                return true;
        return refuse(x, "Look up the name in policies/officers.cfg, and which key file is theirs.",
                      "officers.cfg names no officer of this name with this key");
}

static void read_signed(struct signing *x, struct set *s)
{
        struct buf text;
        const struct book *judge = s->before && book_has_officers(s->before) ? s->before : s->fresh;
        snprintf(s->path, sizeof s->path, "%s/signatures/%s.sig", x->d.policies, s->code);
        buf_init(&text, SIGNATURES_BYTES_MAX);
        if (file_exists(s->path) && file_read(&text, s->path, &x->err) && text.n)
                officers_verify(&s->signers, judge, s->fresh, s->code, buf_slice(&text), s->path, clock_now_us(), x->report);
        buf_clear(&text);
}

static bool has_signed(const struct signing *x, const struct set *s)
{
        for (size_t i = 0; i < s->signers.n; i++)
                if (strcmp(s->signers.list[i].officer, x->as) == 0)
                        return true;
        return false;
}

static bool append(struct signing *x, struct set *s)
{
        struct buf text, statement;
        struct signer me = { .officer = "" };
        char folder[4096];
        snprintf(me.officer, sizeof me.officer, "%s", x->as);
        memcpy(me.on, s->on, sizeof me.on);
        buf_init(&text, SIGNATURES_BYTES_MAX);
        buf_init(&statement, 4096);
        snprintf(folder, sizeof folder, "%.4080s/signatures", x->d.policies);
        officers_statement(s->fresh, s->code, me.officer, me.on, &statement);
        sign_bytes(x->key, buf_slice(&statement), me.signature);
        bool ok = dir_make(folder, 0755, &x->err);
        if (ok && file_exists(s->path))
                ok = file_read(&text, s->path, &x->err);
        else if (ok)
                buf_puts(&text, "# OFFICER DATE POLICY VERSION SET SIGNATURE, by `tributary policy sign`\n");
        if (ok && text.n && text.p[text.n - 1] != '\n')
                buf_putc(&text, '\n');
        signer_format(s->fresh, &me, &text);
        ok = ok && (buf_ok(&text) || err_set(&x->err, ERR_FULL, 0, "\"%s\" is too large: take out what is of the past", s->path));
        ok = ok && file_save(s->path, buf_slice(&text), 0644, &x->err);
        buf_clear(&text);
        buf_clear(&statement);
        x->signed_now += ok;
        return ok;
}

/* ---- What it says ---------------------------------------------------------------------------------------------- */

static void say_changes(const struct set *s, enum change_kind k, const char *title)
{
        char text[640];
        if (!changes_count(s->changes, k))
                return;
        printf("  %s\n", title);
        for (size_t i = 0; i < changes_size(s->changes); i++) {
                const struct change *c = changes_at(s->changes, i);
                if (c->kind != k)
                        continue;
                change_say(c, text, sizeof text);
                printf("    %s\n", text);
        }
}

static void say_set(const struct signing *x, const struct set *s)
{
        char hash[65];
        hex_encode(hash, book_hash(s->fresh), 32);
        printf("%s: policy %s, version %lld (set %.16s)\n", s->code, book_policy(s->fresh), (long long)book_version(s->fresh), hash);
        if (!s->changes) {
                printf("  There is nothing to compare with: you would sign all that the policies let out.\n"
                       "  `--against REVISION` or `--against FOLDER` says what was before.\n");
                return;
        }
        printf("  before: version %lld, %s\n", (long long)book_version(s->before), x->before.label);
        if (memcmp(book_hash(s->before), book_hash(s->fresh), 32) == 0)
                printf("  It is the same set. `--against REVISION` names the one that is in force, `policy status` its version.\n");
        else if (!changes_count(s->changes, CHANGE_LOOSER))
                printf("  Nothing is looser: it takes effect without a signature.\n");
        say_changes(s, CHANGE_LOOSER, "LOOSER");
        say_changes(s, CHANGE_TIGHTER, "tighter");
        say_changes(s, CHANGE_OTHER, "otherwise");
}

static void put_set(struct signing *x, const struct set *s, bool done)
{
        struct json_out *o = &x->out;
        char hash[65], text[640];
        hex_encode(hash, book_hash(s->fresh), 32);
        json_open(o, NULL, '{');
        json_put_text(o, "region", s->code);
        json_put_text(o, "policy", book_policy(s->fresh));
        json_put_int(o, "policy_version", book_version(s->fresh));
        json_put_text(o, "set", hash);
        json_put_text(o, "before", s->changes ? x->before.label : NULL);
        for (int k = 0; k < CHANGE_KINDS; k++) {
                json_open(o, change_kind_name((enum change_kind)k), '[');
                for (size_t i = 0; s->changes && i < changes_size(s->changes); i++) {
                        if ((int)changes_at(s->changes, i)->kind != k)
                                continue;
                        change_say(changes_at(s->changes, i), text, sizeof text);
                        json_put_text(o, NULL, text);
                }
                json_close(o, ']');
        }
        json_put_bool(o, "signed", done);
        json_put_uint(o, "signatures", s->signers.n + done);
        json_put_uint(o, "signatures_needed", book_signatures_needed(s->fresh));
        json_close(o, '}');
}

/* A person is asked; a program has said so by calling. */
static bool agrees(const struct signing *x)
{
        char line[16];
        if (x->yes || x->d.json || !isatty(STDIN_FILENO))
                return true;
        printf("  Sign as %s? [y/N] ", x->as);
        fflush(stdout);
        return fgets(line, sizeof line, stdin) && (line[0] == 'y' || line[0] == 'Y');
}

static void say_done(const struct signing *x, const struct set *s, bool done, bool before)
{
        size_t n = s->signers.n + done, needed = book_signatures_needed(s->fresh);
        if (before)
                printf("  %s has signed it already.", x->as);
        else if (done)
                printf("  Signed as %s: %s.", x->as, s->path);
        else
                printf("  Not signed.");
        printf(" %zu of %zu signatures are there%s\n", n, needed,
               n < needed ? "." : "; commit them with the policies, and have the agent read them (SIGHUP).");
}

static bool sign_set(struct signing *x, struct set *s)
{
        if (!may_sign(x, s))
                return err_add(&x->err, "region %s", s->code);
        read_signed(x, s);
        bool before = has_signed(x, s), done = false;
        if (!x->d.json)
                say_set(x, s);
        if (!before && !x->dry_run && agrees(x)) {
                if (!append(x, s)) {
                        if (x->err.kind == ERR_FULL)
                                err_hint(&x->err, "Nothing was signed for this region, and what was is kept: make room, then sign again.");
                        return err_add(&x->err, "region %s", s->code);
                }
                done = true;
        }
        if (x->d.json)
                put_set(x, s, done);
        else
                say_done(x, s, done, before);
        return true;
}

/* ---- Regions ------------------------------------------------------------------------------------------------------- */

static bool each_region(const char *code, void *ctx)
{
        struct signing *x = ctx;
        struct set s = { .code = code, .settings = calloc(1, sizeof *s.settings) };
        char now[CLOCK_TEXT_MAX];
        bool ok = s.settings && agent_settings_read(s.settings, x->d.regions, code, &x->hub, x->report);
        const struct book_spec spec = { x->d.policies, s.settings ? &s.settings->region : NULL, &x->hub.hub };
        ok = ok && book_load(&s.fresh, &spec, x->report);
        if (ok && speaks_there(x, s.fresh)) {
                x->met++;
                snprintf(s.on, sizeof s.on, "%.10s", clock_format_rfc3339(now, clock_now_us()));
                read_before(x, &s);
                ok = sign_set(x, &s);
        }
        changes_free(s.changes);
        book_drop(s.before);
        book_drop(s.fresh);
        if (s.settings)
                agent_settings_clear(s.settings);
        free(s.settings);
        return ok;
}

static bool sign_all(struct signing *x)
{
        json_open(&x->out, NULL, '{');
        json_put_int(&x->out, "version", 1);
        json_open(&x->out, "sets", '[');
        bool ok = find_before(x) && hub_settings_read(&x->hub, x->d.regions, x->report);
        if (ok && x->d.region)
                ok = each_region(x->d.region, x);
        else if (ok)
                ok = regions_each(x->d.regions, each_region, x, &x->err);
        json_close(&x->out, ']');
        json_close(&x->out, '}');
        if (x->err.kind != ERR_NONE || report_count(x->report, REPORT_ERROR))
                return false;
        if (ok && x->met == 0)
                return refuse(x, "`tributary region list` names each region and its policy.", "no region has a policy of this name");
        return ok;
}

static int act(struct signing *x)
{
        if (x->new_key)
                return make_key(x);
        if (!x->as || !x->key_file || (!x->all && !x->n_names && !x->d.region) || x->n_names > NAMES_MAX) {
                err_set(&x->err, ERR_SYSTEM, 0, "what is signed, as whom, and with which key?");
                err_hint(&x->err, "usage: tributary %s", usage);
                return act_fail(&x->err, x->d.json);
        }
        bool ok = read_key(x) && sign_all(x);
        if (!ok && x->err.kind == ERR_NONE)
                return act_report(x->report, x->d.json);
        if (!ok)
                return act_fail(&x->err, x->d.json);
        if (x->d.json)
                printf("%s\n", x->json.p ? x->json.p : "");
        else
                report_print_from(x->report, REPORT_WARNING, stderr);
        return EXIT_WELL;
}

int policy_sign(int argc, char **argv)
{
        struct signing *x = calloc(1, sizeof *x);
        struct buf keep;
        bool help = false;
        int status = EXIT_COULD_NOT;
        if (!x)
                return status;
        const struct flag flags[] = {
                VERB_FLAGS(&x->d, &help),
                { "as", 0, "OFFICER", &x->as, "Who signs, as officers.cfg names them." },
                { "key", 0, "FILE", &x->key_file, "The officer's private key, mode 0600." },
                { "all", 0, NULL, &x->all, "For every region." },
                { "against", 0, "REVISION", &x->against, "What is in force: a revision of git's, or a folder (default HEAD)." },
                { "dry-run", 0, NULL, &x->dry_run, "Say what would be signed, and sign nothing." },
                { "yes", 'y', NULL, &x->yes, "Do not ask." },
                { "new-key", 0, "FILE", &x->new_key, "Make a key for --as, and print its line for officers.cfg." },
                FLAG_END
        };
        int n = verb_begin(flags, usage, argc, argv, &x->d, &keep, &help, &status);
        x->names = argv;
        x->n_names = n > 0 ? (size_t)n : 0;
        x->arena = arena_new(SIGN_ARENA);
        x->report = report_new();
        buf_init(&x->json, 16 << 20);
        json_out_init(&x->out, &x->json);
        if (n >= 0 && x->arena && x->report)
                status = act(x);
        sign_free(x->key);
        diff_side_clear(&x->before);
        hub_settings_clear(&x->hub);
        buf_clear(&x->json);
        report_free(x->report);
        arena_free(x->arena);
        free(x);
        buf_clear(&keep);
        return status;
}
