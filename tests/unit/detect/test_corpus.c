/* test_corpus.c - recall and precision on 20,000 labelled community records. A prediction
 * hits a label of its type that it overlaps; one label, one hit. Labels marked optional
 * count neither way. The floors lie a little below what was measured. */
#include "helpers.h"

#include "base/file.h"
#include "base/json.h"
#include "base/pack.h"

enum { LABELS_MAX = 64 };

struct label {
        uint32_t start, end;
        int id;
        bool optional, hit;
};

struct tally {
        unsigned labels, found, predicted, right, clean_records, false_in_clean;
};

static struct tally tallies[DETECT_MAX], total;

static size_t read_labels(const struct json *spans, const char *field, struct label *out)
{
        size_t n = 0;
        for (const struct json *j = spans ? spans->first : NULL; j && n < LABELS_MAX; j = j->next) {
                char name[32] = { 0 };
                int64_t start = 0, end = 0;
                struct slice type = json_string(json_get(j, "type"));
                if (!slice_is(json_string(json_get(j, "field")), field))
                        continue;
                for (size_t i = 0; i < type.n && i < sizeof name - 1; i++)
                        name[i] = (char)(type.p[i] >= 'A' && type.p[i] <= 'Z' ? type.p[i] | 32 : type.p[i]);
                assert_true(json_int(json_get(j, "start"), &start) && json_int(json_get(j, "end"), &end));
                out[n++] = (struct label){ (uint32_t)start, (uint32_t)end, detect_id(name),
                        json_true(json_get(j, "optional")), false };
                assert_true(out[n - 1].id >= 0);
        }
        return n;
}

static bool overlaps(const struct finding *f, const struct label *l)
{
        return f->start < l->end && l->start < f->end;
}

/* The label that the finding hits, or NULL; *excused if it only touches optional ones. */
static struct label *hit_label(const struct finding *f, struct label *labels, size_t n, bool *excused)
{
        *excused = false;
        for (size_t i = 0; i < n; i++) {
                if (!overlaps(f, &labels[i]))
                        continue;
                if (labels[i].optional)
                        *excused = true;
                else if (labels[i].id == f->id && !labels[i].hit)
                        return &labels[i];
        }
        return NULL;
}

static void score_field(const struct json *record, const char *field, bool clean)
{
        struct label labels[LABELS_MAX];
        const struct finding *f;
        size_t found_n;
        struct err err = ERR_INIT;
        size_t n = read_labels(json_get(record, "spans"), field, labels);
        assert_true(scan(scanner, json_string(json_get(record, field)), &f, &found_n, &err));
        for (size_t i = 0; i < found_n; i++) {
                bool excused;
                struct label *l = hit_label(&f[i], labels, n, &excused);
                if (!l && excused)
                        continue;
                tallies[f[i].id].predicted++;
                tallies[f[i].id].right += l != NULL;
                total.false_in_clean += clean;
                if (l)
                        l->hit = true;
        }
        for (size_t i = 0; i < n; i++) {
                if (labels[i].optional)
                        continue;
                tallies[labels[i].id].labels++;
                tallies[labels[i].id].found += labels[i].hit;
        }
}

static bool has_no_labels(const struct json *record)
{
        const struct json *spans = json_get(record, "spans");
        for (const struct json *j = spans ? spans->first : NULL; j; j = j->next)
                if (!json_true(json_get(j, "optional")))
                        return false;
        return true;
}

static void score_line(struct arena *a, struct slice line)
{
        struct json *record;
        struct err err = ERR_INIT;
        arena_reset(a);
        if (!json_read(&record, a, line, 8, &err))
                fail_msg("%s", err.text);
        bool clean = has_no_labels(record);
        total.clean_records += clean;
        score_field(record, "title", clean);
        score_field(record, "body", clean);
}

static void unpack(struct buf *out)
{
        struct buf packed;
        struct err err = ERR_INIT;
        struct gunzip *g = gunzip_new(64 << 20);
        buf_init(&packed, 16 << 20);
        assert_true(file_read(&packed, TEST_DATA "/corpus/public.ndjson.gz", &err));
        struct slice in = buf_slice(&packed);
        assert_non_null(g);
        assert_true(gunzip_put(g, &in, out, &err));
        assert_true(gunzip_finish(g, &err));
        gunzip_free(g);
        buf_clear(&packed);
}

static int score_corpus(void **state)
{
        struct buf text;
        struct arena *a = arena_new(4 << 20);
        if (open_scanner(state) != 0 || !a)
                return -1;
        buf_init(&text, 64 << 20);
        unpack(&text);
        for (size_t at = 0; at < text.n;) {
                const char *end = memchr(text.p + at, '\n', text.n - at);
                size_t n = end ? (size_t)(end - text.p) - at : text.n - at;
                if (n)
                        score_line(a, slice_make(text.p + at, n));
                at += n + 1;
        }
        buf_clear(&text);
        arena_free(a);
        return 0;
}

static void expect(const char *name, double recall_floor, double precision_floor)
{
        const struct tally *t = &tallies[detect_id(name)];
        double recall = t->labels ? (double)t->found / t->labels : 0;
        double precision = t->predicted ? (double)t->right / t->predicted : 0;
        if (recall < recall_floor || precision < precision_floor)
                fail_msg("%s: recall %.4f of %u, precision %.4f of %u", name, recall, t->labels,
                         precision, t->predicted);
}

static void corpus__keeps_the_floor_of_each_kind(void **state)
{
        (void)state;
        expect("email", 0.995, 0.995);
        expect("phone", 0.985, 0.99);
        expect("ipv4", 0.99, 0.99);
        expect("ipv6", 0.99, 0.99);
        expect("credit_card", 0.99, 0.99);
        expect("iban", 0.99, 0.99);
        expect("kr_rrn", 0.99, 0.99);
        expect("jp_mynumber", 0.99, 0.99);
        expect("in_aadhaar", 0.99, 0.99);
        static const char *const secrets[] = { "aws_key", "github_token", "google_key", "jwt",
                "password", "private_key", "slack_token", "url_credentials" };
        for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
                expect(secrets[i], 0.99, 0.99);
}

static void corpus__keeps_a_floor_for_all_that_is_enforced(void **state)
{
        (void)state;
        int person = detect_id("known_person"); /* nobody is known here */
        for (int id = 0; id < detect_count(); id++)
                if (id != person && detect_enforced(id) && tallies[id].labels + tallies[id].predicted > 0)
                        expect(detect_name(id), id == detect_id("address") ? 0.9 : 0.97, 0.97);
}

static void corpus__leaves_records_without_personal_data_alone(void **state)
{
        (void)state;
        assert_true(total.clean_records > 9000);
        assert_true(total.false_in_clean * 1000 <= total.clean_records); /* 1 in 1,000 */
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(corpus__keeps_the_floor_of_each_kind),
                cmocka_unit_test(corpus__keeps_a_floor_for_all_that_is_enforced),
                cmocka_unit_test(corpus__leaves_records_without_personal_data_alone),
        };
        return cmocka_run_group_tests(tests, score_corpus, close_scanner);
}
