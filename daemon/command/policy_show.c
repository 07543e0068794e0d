/* policy_show.c - `policy show [NAME | --region CODE] [--lang de]`: a policy in plain sentences of one
 * language. English unless --lang says otherwise, whatever the terminal's language is: what an officer
 * keeps on file must not depend on who printed it. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "policy/speak.h"
#include "policy_book.h"
#include "verb.h"

enum { SHOW_BYTES = 16 << 20 };

static bool is_lang(const char *lang, enum tongue *out)
{
        char all[64] = "";
        const char *codes[TONGUES];
        int t = lang ? tongue_of_code(lang) : TONGUE_EN;
        for (int i = 0; i < TONGUES; i++) {
                codes[i] = tongue_code((enum tongue)i);
                snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? ", " : "", codes[i]);
        }
        if (t < 0)
                fprintf(stderr, "tributary: a policy is not spoken in \"%s\"\nhint: --lang is one of %s.\n", lang, all);
        else
                *out = (enum tongue)t;
        return t >= 0;
}

static void put_sentence(const struct sentence *said, void *ctx)
{
        struct json_out *o = ctx;
        json_open(o, NULL, '{');
        if (said->section)
                json_put_text(o, "section", said->section);
        json_put_string(o, "text", said->text);
        if (said->file) {
                json_put_text(o, "file", said->file);
                json_put_int(o, "line", said->line);
        }
        json_put_text(o, "because", said->because);
        if (said->as_written)
                json_put_bool(o, "as_written", true);
        json_close(o, '}');
}

static bool print_json(const struct book *book, enum tongue t, struct slice text)
{
        struct buf b;
        struct json_out o;
        buf_init(&b, SHOW_BYTES);
        json_out_init(&o, &b);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_text(&o, "policy", book_policy(book));
        json_put_int(&o, "policy_version", book_version(book));
        json_put_text(&o, "lang", tongue_code(t));
        json_open(&o, "sentences", '[');
        bool ok = policy_say(book, t, put_sentence, &o);
        json_close(&o, ']');
        json_put_string(&o, "text", text);
        json_close(&o, '}');
        ok = ok && buf_ok(&b);
        if (ok)
                printf("%s\n", b.p);
        buf_clear(&b);
        return ok;
}

static int print(const struct book *book, enum tongue t, bool json)
{
        struct buf b;
        buf_init(&b, SHOW_BYTES);
        policy_speak(book, t, &b);
        bool ok = buf_ok(&b);
        if (ok && json)
                ok = print_json(book, t, buf_slice(&b));
        else if (ok)
                fputs(b.p, stdout);
        if (!ok)
                fprintf(stderr, "tributary: could not say the policy: out of memory\n");
        buf_clear(&b);
        return ok ? EXIT_WELL : EXIT_COULD_NOT;
}

static int show(struct deployment *d, const char *arg, enum tongue t)
{
        char name[256] = "", folder[4096];
        struct report *report = report_new();
        struct policy_book b = { 0 };
        int status = EXIT_BAD_CONFIG;
        if (arg) {
                policy_name(name, folder, arg, d->policies);
                d->policies = folder;
        }
        const struct book_wanted wanted = { .policy = arg ? name : NULL, .region = d->region };
        if (policy_book_open(&b, d, &wanted, report))
                status = print(b.book, t, d->json);
        else
                act_report(report, d->json);
        policy_book_close(&b);
        report_free(report);
        return status;
}

int policy_show(int argc, char **argv)
{
        struct deployment d = { 0 };
        struct buf keep;
        const char *lang = NULL;
        bool help = false;
        enum tongue t = TONGUE_EN;
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = { VERB_FLAGS(&d, &help),
                { "lang", 'l', "LANG", &lang, "en, zh, ja, de, id, fr or ko (default en, whatever $LANG is)." }, FLAG_END };
        int n = verb_begin(flags, "policy show [NAME | --region CODE] [--lang LANG]", argc, argv, &d, &keep, &help, &status);
        if (n >= 0 && !is_lang(lang, &t))
                status = EXIT_COULD_NOT;
        else if (n > 1 || (n == 0 && !d.region))
                fprintf(stderr, "tributary: policy show takes a policy's name, or --region CODE\n"
                                "hint: usage: tributary policy show [NAME | --region CODE] [--lang LANG]\n");
        else if (n >= 0)
                status = show(&d, n ? argv[0] : NULL, t);
        buf_clear(&keep);
        return status;
}
