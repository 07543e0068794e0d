/* policy.c - `policy check`: the compliance officer's desk; its other words have files of
 * their own. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "check_crossed.h"
#include "policy/officers.h"
#include "policy/policy.h"
#include "policy_at.h"
#include "policy_book.h"
#include "policy_flag.h"
#include "policy_reapply.h"
#include "policy_score.h"
#include "policy_sign.h"
#include "policy_versions.h"
#include "role/settings.h"
#include "verb.h"

static const char words[] = "check|test|explain|diff|due|flag|score|show|sign|reapply|status";

struct checking {
        const struct deployment *d;
        struct report *report;
        size_t policies;
};

static bool check_one(const char *folder, const char *name, struct checking *c)
{
        c->policies++;
        return policy_check_file(folder, name, c->report) &&
               policy_check_dates(folder, name, clock_now_us(), c->report);
}

static bool check_file(const char *file, void *ctx)
{
        char name[256];
        size_t n = strlen(file) - strlen(".cfg");
        struct checking *c = ctx;
        if (strcmp(file, "officers.cfg") == 0 || strcmp(file, "topics.cfg") == 0 || n >= sizeof name)
                return true;
        memcpy(name, file, n);
        name[n] = 0;
        check_one(c->d->policies, name, c);
        return true; /* the others too: all at once */
}

/* "eea.cfg" and "eea" mean the policy eea of the folder of policies; a path means that file,
 * among what lies beside it, and never its namesake in force. */
void policy_name(char out[256], char folder[4096], const char *arg, const char *policies)
{
        const char *slash = strrchr(arg, '/');
        if (slash)
                snprintf(folder, 4096, "%.*s", slash == arg ? 1 : (int)(slash - arg), arg);
        else
                snprintf(folder, 4096, "%s", policies);
        snprintf(out, 256, "%s", slash ? slash + 1 : arg);
        size_t n = strlen(out);
        if (n > 4 && strcmp(out + n - 4, ".cfg") == 0)
                out[n - 4] = 0;
}

static int check(const struct deployment *d, int n, char **names)
{
        struct err err = ERR_INIT;
        struct checking c = { .d = d, .report = report_new() };
        bool ok = true;
        if (n == 0) {
                char officers[4096];
                ok = dir_each_linked(d->policies, "*.cfg", check_file, &c, &err);
                snprintf(officers, sizeof officers, "%.4080s/officers.cfg", d->policies);
                if (ok && file_exists(officers)) /* whatever stands under this name: a folder, a link to nothing */
                        officers_check_file(d->policies, clock_now_us(), c.report);
        }
        for (int i = 0; i < n; i++) {
                char name[256], folder[4096];
                policy_name(name, folder, names[i], d->policies);
                if (strcmp(name, "officers") == 0)
                        officers_check_file(folder, clock_now_us(), c.report);
                else
                        check_one(folder, name, &c);
        }
        if (ok && (n == 0 || !strchr(names[0], '/')))
                policy_versions(d->policies, (const char *const *)names, (size_t)n, c.report);
        if (ok && (n == 0 || !strchr(names[0], '/')))
                crossing_all(d, (const char *const *)names, (size_t)n, c.report);
        int status = ok ? act_report(c.report, d->json) : act_fail(&err, d->json);
        size_t errors = report_count(c.report, REPORT_ERROR), warnings = report_count(c.report, REPORT_WARNING);
        size_t notes = report_count(c.report, REPORT_NOTE);
        if (ok && !d->json && errors == 0 && c.policies)
                printf("%zu polic%s well formed; %zu warning%s, %zu line%s not enforced yet.\n", c.policies,
                       c.policies == 1 ? "y is" : "ies are", warnings, warnings == 1 ? "" : "s", notes, notes == 1 ? "" : "s");
        report_free(c.report);
        return status == EXIT_BAD_CONFIG && errors ? EXIT_FINDING : status;
}

static int score(int argc, char **argv)
{
        struct deployment d = { 0 };
        struct score_asked q = { 0 };
        struct buf keep;
        bool help = false;
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = { { "gazetteer", 0, "FILE", &q.gazetteer, "People who are known: a JSON array of names, or a name a line." },
                { "predictions", 0, "FILE", &q.predictions, "Write what was found to FILE, as NDJSON." },
                { "json", 0, NULL, &q.json, "Print JSON for programs." }, { "help", 'h', NULL, &help, "This help." }, FLAG_END };
        int n = verb_begin(flags, "policy score CORPUS [--gazetteer FILE] [--predictions FILE]", argc, argv, &d, &keep,
                           &help, &status);
        q.corpus = n == 1 ? argv[0] : NULL;
        if (q.corpus)
                status = policy_score(&q);
        else if (n >= 0)
                fprintf(stderr, "tributary: policy score takes one corpus\n"
                                "hint: usage: tributary policy score CORPUS [--gazetteer FILE] [--predictions FILE]\n");
        buf_clear(&keep);
        return status;
}

int verb_policy(int argc, char **argv)
{
        struct deployment d = { 0 };
        struct buf keep;
        bool help = false;
        int status = EXIT_COULD_NOT;
        if (argc > 1 && policy_is_far(argc, argv))
                return policy_at(argc - 1, argv + 1);
        if (argc > 1 && strcmp(argv[1], "test") == 0)
                return policy_test(argc - 1, argv + 1);
        if (argc > 1 && strcmp(argv[1], "explain") == 0)
                return policy_explain_verb(argc - 1, argv + 1);
        if (argc > 1 && strcmp(argv[1], "score") == 0)
                return score(argc - 1, argv + 1);
        if (argc > 1 && strcmp(argv[1], "flag") == 0)
                return policy_flag(argc - 1, argv + 1);
        if (argc > 1 && strcmp(argv[1], "diff") == 0)
                return policy_diff(argc - 1, argv + 1);
        if (argc > 1 && strcmp(argv[1], "show") == 0)
                return policy_show(argc - 1, argv + 1);
        if (argc > 1 && strcmp(argv[1], "due") == 0)
                return policy_due(argc - 1, argv + 1);
        if (argc > 1 && strcmp(argv[1], "sign") == 0)
                return policy_sign(argc - 1, argv + 1);
        if (argc > 1 && strcmp(argv[1], "status") == 0)
                return policy_status(argc - 1, argv + 1);
        if (argc > 1 && strcmp(argv[1], "reapply") == 0)
                return policy_reapply(argc - 1, argv + 1);
        const struct flag flags[] = { VERB_FLAGS(&d, &help), FLAG_END };
        int n = verb_begin(flags, "policy check [NAME...] | test [NAME...] | explain [FILE] | diff OLD NEW | due [NAME] | flag EPOCH-SEQ --mask MASK | score CORPUS | show [NAME] [--lang de] | reapply --since DATE | sign [NAME] --as OFFICER --key FILE | status --region CODE",
                           argc, argv, &d, &keep, &help, &status);
        if (n == 0)
                status = verb_unknown_word("policy", NULL, words);
        else if (n > 0 && strcmp(argv[0], "check") == 0)
                status = check(&d, n - 1, argv + 1);
        else if (n > 0)
                status = verb_unknown_word("policy", argv[0], words);
        buf_clear(&keep);
        return status;
}
