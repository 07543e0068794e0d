/* keygen.c - `keygen`: a region's keys, once, and what to keep where. */
#include "base/file.h"
#include "base/json.h"
#include "vault/keys.h"
#include "verb.h"

static void tell(const struct deployment *d, const char *recovery_out)
{
        if (d->json) {
                struct buf b;
                struct json_out o;
                buf_init(&b, 65536);
                json_out_init(&o, &b);
                json_open(&o, NULL, '{');
                json_put_int(&o, "version", 1);
                json_put_text(&o, "state", d->state);
                json_put_text(&o, "recovery_private_key", recovery_out);
                json_close(&o, '}');
                printf("%s\n", b.p ? b.p : "");
                buf_clear(&b);
                return;
        }
        printf("Keys made in %s/keys (mode 0600).\n\n"
               "  master      wraps the keys of people and periods; without it the vault cannot be read\n"
               "  record      makes record keys; never rotated: keep a copy as long as the warehouse lives\n"
               "  pseudonym   makes pseudonyms\n"
               "  signing     signs what this region says\n\n"
               "The recovery key's private half is in %s and nowhere else.\n"
               "Move it off this machine now: whoever holds it can read this region's backups,\n"
               "and without it a lost site cannot be restored.\n", d->state, recovery_out);
}

int verb_keygen(int argc, char **argv)
{
        static const char usage[] = "keygen --region CODE --recovery-out FILE [--state DIR]";
        struct deployment d = { 0 };
        struct buf keep;
        bool help = false;
        const char *recovery_out = NULL;
        int status = EXIT_COULD_NOT;
        struct err err = ERR_INIT;
        const struct flag flags[] = {
                VERB_FLAGS(&d, &help),
                { "recovery-out", 0, "FILE", &recovery_out,
                  "Where the recovery key's private half goes; outside the state, nowhere else." },
                FLAG_END
        };
        int n = verb_begin(flags, usage, argc, argv, &d, &keep, &help, &status);
        if (n >= 0) {
                if (n > 0 || !d.state || !recovery_out)
                        fprintf(stderr, "tributary: --region (or --state) and --recovery-out are needed\n"
                                        "hint: usage: tributary %s\n", usage);
                else if (!dir_make(d.state, 0700, &err) || !keys_generate(d.state, recovery_out, &err))
                        status = act_fail(&err, d.json);
                else
                        tell(&d, recovery_out), status = EXIT_WELL;
        }
        buf_clear(&keep);
        return status;
}
