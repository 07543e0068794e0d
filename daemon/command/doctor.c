/* doctor.c - `doctor`: what is wrong here, and what to do. Reads and measures; changes nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "doctor.h"

enum { REGIONS_MAX = 1024 };

enum seat { SEAT_MACHINE, SEAT_REGION, SEAT_REACH, SEAT_HUB };
/* In the order in which they look and are printed. */
static const struct row {
        const char *check;
        enum seat seat; /* REACH: of a region, through Kafka */
        const char *about;
        look_fn *look;
} rows[] = {
        { "host.clock", SEAT_MACHINE, "this machine's clock", look_clock },
        { "host.zones", SEAT_MACHINE, "time zones' data", look_zones },
        { "host.memory", SEAT_MACHINE, "memory", look_memory },
        { "state.keys", SEAT_REGION, "the region's keys", look_state },
        { "state.modes", SEAT_REGION, "who may read the state", look_modes },
        { "state.filesystem", SEAT_REGION, "the file system of the state", look_filesystem },
        { "state.snapshots", SEAT_REGION, "snapshots of the state", look_snapshots },
        { "state.fdatasync", SEAT_REGION, "the disk's time", look_sync },
        { "state.space", SEAT_REGION, "room on the disk", look_space },
        { "state.swap", SEAT_REGION, "swap", look_swap },
        { "agent.process", SEAT_REGION, "the running agent", look_agent },
        { "agent.secrets", SEAT_REGION, "files of secrets", look_secrets },
        { "policy.officers", SEAT_REGION, "who signs what lets out more", look_officers },
        { "agent.certificate", SEAT_REGION, "the listener's certificate", look_listen_certificate },
        { "kafka.certificates", SEAT_REACH, "certificates towards Kafka", look_kafka_certificates },
        { "kafka.clock", SEAT_REACH, "Kafka's clock", look_kafka_clock },
        { "kafka.retention", SEAT_REACH, "how long Kafka keeps", look_retention },
        { "kafka.topics", SEAT_HUB, "topics", look_topics },
        { "warehouse.loading", SEAT_HUB, "PostgreSQL, as who loads", look_warehouse },
        { "warehouse.schema", SEAT_HUB, "PostgreSQL, as who migrates", look_grants },
};

struct doctor {
        const struct deployment *d;
        const char *states; /* folder with a state folder per region */
        struct hub_settings hub;
        struct checkup checkup;
        struct patient patient;
        char *codes[REGIONS_MAX];
        size_t n;
        bool misread; /* a file of the deployment: what could be looked at was */
        struct report *report;
};

static void look(struct doctor *x, enum seat seat, const char *where)
{
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                if (rows[i].seat != seat)
                        continue;
                x->checkup.check = rows[i].check;
                x->checkup.about = rows[i].about;
                x->checkup.where = where;
                x->patient.now_us = clock_now_us();
                rows[i].look(&x->checkup, &x->patient);
        }
}

static void look_at_region(struct doctor *x, const char *code, const char *state)
{
        struct agent_settings *s = calloc(1, sizeof *s);
        if (s && agent_settings_read(s, x->d->regions, code, &x->hub, x->report)) {
                x->patient.agent = s;
                x->patient.code = code;
                x->patient.state = state;
                look(x, SEAT_REGION, code);
                look(x, SEAT_REACH, code);
                x->patient.agent = NULL;
                x->patient.code = x->patient.state = NULL;
        } else {
                x->misread = true;
        }
        if (s)
                agent_settings_clear(s);
        free(s);
}

static bool note_region(const char *code, void *ctx)
{
        struct doctor *x = ctx;
        if (x->d->region && strcmp(x->d->region, code) != 0)
                return true;
        if (x->n == REGIONS_MAX || !(x->codes[x->n] = strdup(code)))
                return false;
        x->n++;
        return true;
}

/* The one that was named; else all whose state is on this machine. */
static void look_at_regions(struct doctor *x)
{
        if (x->d->region) {
                look_at_region(x, x->d->region, x->d->state);
                return;
        }
        for (size_t i = 0; i < x->n; i++) {
                char state[4096];
                snprintf(state, sizeof state, "%s/%s", x->states, x->codes[i]);
                if (file_exists(state))
                        look_at_region(x, x->codes[i], state);
        }
}

/* What keeps the daemons from starting is wrong, too. */
static void tell_files(struct doctor *x)
{
        x->checkup.check = "deployment.files";
        x->checkup.about = "files of the deployment";
        x->checkup.where = "this machine";
        for (size_t i = 0; i < report_size(x->report); i++) {
                const struct report_item *it = report_at(x->report, i);
                const char *next = it->hint ? it->hint : "`tributary check` has all of them.";
                if (it->level != REPORT_ERROR)
                        continue;
                if (it->line)
                        tell(&x->checkup, VERDICT_WRONG, next, "%s:%d:%d: %s", it->file, it->line, it->column, it->text);
                else
                        tell(&x->checkup, VERDICT_WRONG, next, "%s: %s", it->file, it->text);
        }
}

static bool examine(struct doctor *x, struct err *err)
{
        x->patient = (struct patient){ .d = x->d, .hub = &x->hub };
        look(x, SEAT_MACHINE, "this machine");
        if (!regions_each(x->d->regions, note_region, x, err))
                return false;
        if (!hub_settings_read(&x->hub, x->d->regions, x->report)) {
                x->misread = true;
                return true;
        }
        look_at_regions(x);
        if (x->misread)
                return true;
        x->patient.codes = x->codes;
        x->patient.n_codes = x->n;
        look(x, SEAT_HUB, "hub");
        return true;
}

/* ---- Saying it ------------------------------------------------------------ */
static void say_sentence(char out[128], const struct checkup *c)
{
        size_t wrong = c->counts[VERDICT_WRONG], note = c->counts[VERDICT_NOTE], well = c->counts[VERDICT_WELL];
        if (wrong)
                snprintf(out, 128, "%zu thing%s wrong, %zu worth knowing, %zu well.", wrong, wrong == 1 ? " is" : "s are", note, well);
        else if (note)
                snprintf(out, 128, "Nothing is wrong; %zu thing%s worth knowing, %zu well.", note, note == 1 ? " is" : "s are", well);
        else
                snprintf(out, 128, "All is well: %zu things were looked at.", well);
}

static void say_people(const struct checkup *c)
{
        char said[128];
        say_sentence(said, c);
        puts(said);
        for (int v = VERDICT_WRONG; v >= VERDICT_WELL; v--)
                for (size_t i = 0; i < c->n; i++) {
                        const struct finding *f = &c->all[i];
                        if ((int)f->verdict != v)
                                continue;
                        printf("%-14s %s, %s: %s\n", verdict_names[v], f->where, f->about, f->value);
                        if (f->next[0])
                                printf("%-14s hint: %s\n", "", f->next);
                }
        if (c->beyond)
                printf("and %zu findings more\n", c->beyond);
}

static void put_finding(struct json_out *o, const struct finding *f)
{
        json_open(o, NULL, '{');
        json_put_text(o, "check", f->check);
        json_put_text(o, "where", f->where);
        json_put_text(o, "about", f->about);
        json_put_text(o, "verdict", verdict_names[f->verdict]);
        json_put_text(o, "value", f->value);
        json_put_text(o, "next", f->next[0] ? f->next : NULL);
        json_close(o, '}');
}

static void say_json(const struct checkup *c)
{
        struct buf b;
        struct json_out o;
        char said[128];
        buf_init(&b, 4 << 20);
        json_out_init(&o, &b);
        say_sentence(said, c);
        json_open(&o, NULL, '{');
        json_put_int(&o, "version", 1);
        json_put_text(&o, "sentence", said);
        json_put_uint(&o, "wrong", c->counts[VERDICT_WRONG]);
        json_put_uint(&o, "worth_knowing", c->counts[VERDICT_NOTE]);
        json_put_uint(&o, "well", c->counts[VERDICT_WELL]);
        json_open(&o, "findings", '[');
        for (size_t i = 0; i < c->n; i++)
                put_finding(&o, &c->all[i]);
        json_close(&o, ']');
        json_close(&o, '}');
        printf("%s\n", b.p ? b.p : "");
        buf_clear(&b);
}

static int doctor(struct doctor *x)
{
        struct err err = ERR_INIT;
        int status = EXIT_COULD_NOT;
        log_setup(LOG_LEVEL_ERROR, false); /* what clients warn of on their way is in the findings */
        x->report = report_new();
        x->checkup.all = calloc(FINDINGS_MAX, sizeof *x->checkup.all);
        if (!x->report || !x->checkup.all) {
                err_set(&err, ERR_SYSTEM, 0, "out of memory");
                act_fail(&err, x->d->json);
        } else if (!examine(x, &err)) {
                status = act_fail(&err, x->d->json);
        } else {
                if (x->misread)
                        tell_files(x);
                if (x->d->json)
                        say_json(&x->checkup);
                else
                        say_people(&x->checkup);
                status = x->misread ? EXIT_BAD_CONFIG : x->checkup.counts[VERDICT_WRONG] ? EXIT_FINDING : EXIT_WELL;
        }
        for (size_t i = 0; i < x->n; i++)
                free(x->codes[i]);
        hub_settings_clear(&x->hub);
        report_free(x->report);
        free(x->checkup.all);
        return status;
}

int verb_doctor(int argc, char **argv)
{
        static const char usage[] = "doctor [--region CODE [--state DIR]] [--states DIR]";
        struct deployment d = { 0 };
        struct buf keep;
        bool help = false;
        const char *states = "/var/lib/tributary";
        int status = EXIT_COULD_NOT;
        const struct flag flags[] = {
                VERB_FLAGS(&d, &help),
                { "states", 0, "DIR", &states, "Folder with a state folder per region (default /var/lib/tributary)." },
                FLAG_END
        };
        int n = verb_begin(flags, usage, argc, argv, &d, &keep, &help, &status);
        if (n == 0 && (d.region || !d.state)) {
                struct doctor *x = calloc(1, sizeof *x);
                if (x) {
                        x->d = &d;
                        x->states = states;
                        status = doctor(x);
                }
                free(x);
        } else if (n >= 0) {
                fprintf(stderr, "tributary: %s\nhint: usage: tributary %s\n",
                        n ? "a word was not expected" : "--state needs --region", usage);
        }
        buf_clear(&keep);
        return status;
}
