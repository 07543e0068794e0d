/* An officer's request from elsewhere (the first byte chooses which): it is refused with a reason, or
 * holds no more than it may; a record of it explained comes back as JSON that can be read. */
#include "agent_reapply.h"
#include "base/json.h"
#include "far.h"
#include "fuzz.h"

static struct book *book;
static atomic_bool stop;
static const struct hub hub = { .places = { { .what = PLACE_KAFKA, .jurisdiction = "DE" }, { .what = PLACE_WAREHOUSE, .jurisdiction = "DE" } },
                                .n_places = 2 };
static const struct region region = { .code = "de-frankfurt", .jurisdiction = "EEA", .timezone = "Europe/Berlin", .policy = "eea" };
static const struct book_spec spec = { PROJECT_DIR "/policies", &region, &hub };

static void explain(const struct far_wish *w, struct arena *a, bool words)
{
        struct err err = ERR_INIT;
        struct buf out;
        struct json *j;
        const struct far_desk d = { .book = book, .spec = &spec, .words = words, .until_us = INT64_MAX, .stop = &stop };
        buf_init(&out, FAR_ANSWER_MAX);
        if (far_explain(&d, w, a, &out, &err)) {
                must(!buf_ok(&out) || json_read(&j, a, buf_slice(&out), 16, NULL));
                must(words || !buf_ok(&out) || !memmem(out.p, out.n, "\"left\"", 6));
        } else {
                must(err.text[0]);
        }
        buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
        static struct far_wish w;
        struct err err = ERR_INIT;
        struct arena *a = arena_new(FAR_ARENA_MAX);
        struct slice body = n ? slice_make((const char *)data + 1, n - 1) : SLICE("");
        enum far_kind kind = (enum far_kind)(n ? data[0] % FAR_KINDS : 0);
        enum reapply_do what;
        struct reapply_wanted wanted;
        if (!book)
                must(book_load(&book, &spec, NULL));
        if (!far_read(kind, body, region.timezone, a, &w, &err)) {
                must(err.text[0]);
        } else {
                must(w.n_files <= FAR_FILES_MAX && (kind != FAR_DIFF || w.n_files > 0));
                must(kind != FAR_EXPLAIN || w.has_record || (w.at.epoch && w.at.seq));
                if (kind == FAR_EXPLAIN && w.has_record)
                        explain(&w, a, n % 2);
        }
        err_clear(&err);
        must(reapply_asked(body, region.timezone, &what, &wanted, &err) || err.text[0]);
        arena_free(a);
        return 0;
}
