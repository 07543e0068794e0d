/* An agent's capture side: a state folder with keys, a vault, sources, an intake. */
#include <arpa/inet.h>
#include <ftw.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/file.h"
#include "capture/intake.h"
#include "vault/keys.h"

static char state_dir[64];
static struct vault_settings vault_settings;
static struct capture_settings capture_settings;
static struct vault *vault;
static struct intake *intake;
static struct source sources[SOURCES_MAX];
static size_t n_sources;
static struct conf *conf;
static uint32_t refused_lines;

/* A test may have others before begin_capture(). */
static const char *region_file = "test", *sources_text =
        "sources = ( { name = \"app\"; type = \"api\"; secret_env = \"T_APP\"; next_secret_env = \"T_APP_NEXT\"; product = \"db\"; },\n"
        "            { name = \"web\"; type = \"api\"; secret_env = \"T_WEB\"; },\n"
        "            { name = \"hub\"; type = \"github\"; secret_env = \"T_HOOK\"; next_secret_env = \"T_HOOK_NEXT\"; },\n"
        "            { name = \"notes\"; type = \"folder\"; },\n"
        "            { name = \"survey\"; type = \"folder\"; kind = \"feedback\"; id_from = [\"nr\"];\n"
        "              columns = ( { column = \"nr\"; field = \"attributes.nr\"; }, { column = \"when\"; field = \"occurred_at\"; },\n"
        "                          { column = \"text\"; field = \"body\"; } ); } );\n";

static void count_refused(void *ctx, struct slice source, int64_t captured_us, uint32_t lines)
{
        (void)ctx;
        assert_true(source.n > 0 && captured_us > 0);
        refused_lines += lines;
}

static inline void must(bool ok, const struct err *err)
{
        if (!ok)
                fail_msg("%s: %s", err_kind_name(err->kind), err->text);
}

static inline void open_vault(void)
{
        struct err err = ERR_INIT;
        struct vault_found found;
        must(vault_open(&vault, state_dir, "de-test", &vault_settings, &found, &err), &err);
}

static inline void open_intake(void)
{
        struct err err = ERR_INIT;
        struct intake_spec spec = { .region = "de-test", .state_dir = state_dir, .vault = vault, .sources = sources,
                                    .n_sources = n_sources, .settings = &capture_settings,
                                    .refused = count_refused };
        must(intake_open(&intake, &spec, NULL, &err), &err);
}

static inline int begin_capture(void **state)
{
        (void)state;
        struct err err = ERR_INIT;
        char recovery[] = "/tmp/capture-recovery-XXXXXX";
        strcpy(state_dir, "/tmp/capture-test-XXXXXX");
        assert_non_null(mkdtemp(state_dir));
        assert_non_null(mkdtemp(recovery));
        char out[128];
        snprintf(out, sizeof out, "%s/key", recovery);
        must(keys_generate(state_dir, out, &err), &err);
        unlink(out);
        rmdir(recovery);
        setenv("T_APP", "app-token", 1);
        setenv("T_APP_NEXT", "app-token-2", 1);
        setenv("T_WEB", "web-token", 1);
        setenv("T_HOOK", "hook-secret", 1);
        setenv("T_HOOK_NEXT", "hook-secret-2", 1);
        struct report *report = report_new();
        bool ok = conf_parse(&conf, region_file, slice_of(sources_text), report) &&
                  sources_read(sources, &n_sources, conf_get(conf_root(conf), "sources"), report);
        report_print(report, stderr);
        report_free(report);
        assert_true(ok);
        option_defaults(vault_options, &vault_settings);
        vault_settings.min_free_bytes = 1 << 20;
        option_defaults(capture_options, &capture_settings);
        refused_lines = 0;
        open_vault();
        open_intake();
        return 0;
}

static inline int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
        (void)st;
        (void)flag;
        (void)ftw;
        return remove(path);
}

static inline int end_capture(void **state)
{
        (void)state;
        intake_close(intake);
        vault_close(vault);
        for (size_t i = 0; i < n_sources; i++)
                source_clear(&sources[i]);
        conf_free(conf);
        nftw(state_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        return 0;
}

/* The body of every record in the vault, each followed by '\n'. */
static inline const char *bodies(size_t *n)
{
        static char text[1 << 20];
        struct err err = ERR_INIT;
        struct vault_reader *r;
        enum vault_read what = VAULT_ENTRY;
        struct vault_entry e;
        size_t at = 0;
        *n = 0;
        must(vault_reader_open(&r, vault, (struct position){ 0, 0 }, &err), &err);
        for (;;) {
                must(vault_read(r, &what, &e, &err), &err);
                if (what != VAULT_ENTRY)
                        break;
                struct arena *a = arena_new(4 << 20);
                struct record record;
                must(record_unflatten(&record, a, e.plain, &err), &err);
                struct slice body = record.text[FIELD_BODY];
                if (at + body.n + 2 < sizeof text)
                        at += (size_t)sprintf(text + at, "%.*s\n", SLICE_ARG(body));
                ++*n;
                arena_free(a);
        }
        text[at] = 0;
        vault_reader_close(r);
        return text;
}

static inline size_t in_vault(void)
{
        size_t n;
        bodies(&n);
        return n;
}
