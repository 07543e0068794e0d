/* test_shipped.c - the policies that come with the program: they load, they let cleaned words
 * out, and each of the three decisions can be met. */
#include "desk.h"
#include "policy/speak.h"
#include "sanitized.h"

static const char *const shipped[] = { "cn", "us", "eea", "gb", "jp", "id", "sg", "in", "au", "br", "ca",
                                       "ch", "de", "fr", "kr", "my", "ph", "th", "tr", "us-ca", "vn" };
enum { SHIPPED = sizeof shipped / sizeof *shipped };

/* Words of China and Vietnam leave without a trace of who wrote them. */
static bool is_strict(const char *name)
{
        return strcmp(name, "cn") == 0 || strcmp(name, "vn") == 0;
}

static void load_shipped(const char *name)
{
        /* Whose counters share their ceilings out. */
        desk.region.code = strcmp(name, "cn") == 0 ? "cn-beijing" : "de-frankfurt";
        snprintf(desk.dir, sizeof desk.dir, "%s/policies", PROJECT_DIR);
        desk.region.policy = name;
        if (!load() || report_count(desk.report, REPORT_WARNING)) {
                show_report();
                fail_msg("policy %s has complaints", name);
        }
}

static int open_shipped(void **state)
{
        desk_open(state);
        rmdir(desk.dir);
        return 0;
}

static int close_shipped(void **state)
{
        (void)state;
        desk_clear();
        report_free(desk.report);
        arena_free(desk.arena);
        return 0;
}

static void shipped_policies__load_without_a_complaint(void **state)
{
        (void)state;
        for (int i = 0; i < SHIPPED; i++) {
                load_shipped(shipped[i]);
                assert_true(report_count(desk.report, REPORT_NOTE) > 0);
                assert_string_equal(book_policy(desk.book), shipped[i]);
        }
}

static void shipped_policies__let_cleaned_feedback_go(void **state)
{
        (void)state;
        for (int i = 0; i < SHIPPED; i++) {
                load_shipped(shipped[i]);
                struct record r = words("Slow query after upgrade", "Write to li.wei@corp.example, please");
                r.text[FIELD_AUTHOR_NAME] = SLICE("Li Wei");
                r.text[FIELD_AUTHOR_HANDLE] = SLICE("li-wei");
                r.text[FIELD_URL] = SLICE("https://forum.example/u/li-wei");
                r.text[FIELD_PRODUCT] = SLICE("cluster");
                assert_int_equal(judge(&r), DECISION_GO);
                assert_string_equal(left(FIELD_BODY), "Write to [email 1], please");
                assert_string_equal(left(FIELD_PRODUCT), "cluster");
                assert_string_equal(left(FIELD_AUTHOR_NAME), "(absent)");
                assert_string_equal(left(FIELD_AUTHOR_HANDLE), "(absent)");
                assert_string_equal(left(FIELD_URL), "(absent)");
                assert_int_equal(desk.said.cleaned, 1);
                struct message m = message_of_said();
                assert_true(m.record.has_subject == !is_strict(shipped[i]));
                assert_true(m.record.n_readable_in > 0);
                assert_true(m.record.basis.n > 0);
                assert_true(slice_is(m.record.purpose, "research"));
        }
}

static void shipped_policies__hold_secrets(void **state)
{
        (void)state;
        for (int i = 0; i < SHIPPED; i++) {
                load_shipped(shipped[i]);
                struct record r = words("cannot connect", "postgres://app:s3cretPassw0rd@db.corp.example:5432/x fails");
                assert_int_equal(judge(&r), DECISION_HOLD);
                assert_string_equal(desk.said.rule, "find");
                assert_string_equal(desk.said.file, "base.cfg");
        }
}

static void shipped_policies__keep_children_at_home(void **state)
{
        (void)state;
        for (int i = 0; i < SHIPPED; i++) {
                load_shipped(shipped[i]);
                struct record r = words("hello", "I am new");
                r.text[FIELD_AUTHOR_AGE] = SLICE("12");
                assert_int_equal(judge(&r), strcmp(shipped[i], "th") ? DECISION_STAY : DECISION_HOLD);
                assert_string_equal(desk.said.rule, "children");
        }
        load_shipped("eea");
        struct record r = words("hello", "I am new");
        r.text[FIELD_AUTHOR_AGE] = SLICE("14");
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("BE");
        assert_int_equal(judge(&r), DECISION_GO);
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("DE");
        assert_int_equal(judge(&r), DECISION_STAY);
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE_NONE; /* then the highest age counts */
        assert_int_equal(judge(&r), DECISION_STAY);
}

static void shipped_policies__wait_where_health_is_spoken_of(void **state)
{
        static const char *const bodies[] = { "back from sick leave, query still slow", "Seit der SCHWANGERSCHAFT",
                                              "我得了糖尿病", "妊娠中です", "저는 우울증이", "saya sedang hamil",
                                              "मुझे मधुमेह है", "最近生病住院,做了手术", "入院と手術のため",
                                              "wegen einer schweren Krankheit", "saya sakit dan dirawat",
                                              "I was hospitalised after surgery", "मैं बीमार था, अस्पताल में",
                                              "j'étais hospitalisé", "hij is ziek, in het ziekenhuis",
                                              "estuve en el hospital", "leżałem w szpitalu", "수술을 받았습니다",
                                              "tôi phải nằm viện", "ผมป่วยอยู่", "byl jsem v nemocnici",
                                              "geçen hafta hastaneye yattım", "naospital ako",
                                              "saya dimasukkan ke wad" };
        static const char *const machines[] = { "health check of the operation failed", "operasi indeks lambat",
                                                "这是老毛病", "장애가 발생했습니다", "la operación falló",
                                                "be patient, recovery is disabled", "sağlık denetimi başarısız" };
        (void)state;
        for (int i = 0; i < SHIPPED; i++) {
                load_shipped(shipped[i]);
                for (size_t k = 0; k < sizeof bodies / sizeof *bodies; k++) {
                        struct record r = words("x", bodies[k]);
                        assert_int_equal(judge(&r), is_strict(shipped[i]) ? DECISION_STAY : DECISION_HOLD);
                        assert_string_equal(desk.said.rule, "health");
                        assert_true(*desk.said.because);
                }
                for (size_t k = 0; k < sizeof machines / sizeof *machines; k++) {
                        struct record r = words("x", machines[k]);
                        judge(&r);
                        assert_true(!desk.said.rule || strcmp(desk.said.rule, "health") != 0);
                }
        }
}

static void shipped_policies__keep_members_at_home_and_leads_without_consent(void **state)
{
        (void)state;
        for (int i = 0; i < SHIPPED; i++) {
                load_shipped(shipped[i]);
                struct record r = words("x", "y");
                r.kind = KIND_MEMBER;
                assert_int_equal(judge(&r), DECISION_STAY);
                assert_string_equal(desk.said.rule, "records");
                r.kind = KIND_LEAD;
                assert_int_equal(judge(&r), DECISION_STAY);
                struct consent yes = { .purpose = SLICE("contact"), .given_at_us = INT64_MIN,
                                       .until_us = INT64_MAX };
                r.consents = &yes;
                r.n_consents = 1;
                assert_int_equal(judge(&r), is_strict(shipped[i]) ? DECISION_STAY : DECISION_GO);
        }
}

static void china__lets_only_the_day_and_no_thread_out(void **state)
{
        (void)state;
        load_shipped("cn");
        struct record r = words("慢查询", "升级之后很慢");
        r.text[FIELD_THREAD] = SLICE("t1");
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("CN");
        assert_int_equal(judge(&r), DECISION_GO);
        struct message m = message_of_said();
        assert_true(m.record.has_occurred_at);
        assert_int_equal(m.record.fields.occurred_at_us % US_PER_DAY, 0);
        assert_false(m.record.has_thread_key);
        assert_string_equal(left(FIELD_AUTHOR_COUNTRY), "(absent)");
        r.kind = KIND_DISCUSSION;
        assert_int_equal(judge(&r), DECISION_STAY);
}

static void shipped_policies__are_closed_where_no_law_opens(void **state)
{
        (void)state;
        desk.hub.places[1].jurisdiction = "CN"; /* the warehouse moves */
        for (int i = 1; i < SHIPPED; i++) {
                snprintf(desk.dir, sizeof desk.dir, "%s/policies", PROJECT_DIR);
                desk.region.policy = shipped[i];
                assert_true(load());
                must_complain(REPORT_WARNING, 0, "nothing leaves: no line allows the warehouse in CN", NULL);
                struct record r = words("x", "y");
                assert_int_equal(judge(&r), DECISION_STAY);
                assert_string_equal(desk.said.rule, "transfers");
        }
}

static void shipped_policies__can_be_spoken(void **state)
{
        (void)state;
        for (int i = 0; i < SHIPPED; i++) {
                struct buf text;
                buf_init(&text, 1 << 20);
                load_shipped(shipped[i]);
                policy_speak(desk.book, TONGUE_EN, &text);
                assert_true(buf_ok(&text));
                assert_non_null(strstr(text.p, "feedback records may leave the region."));
                assert_non_null(strstr(text.p, "Not yet"));
                if (getenv("SPEAK"))
                        printf("%s\n", text.p);
                buf_clear(&text);
        }
}

static uint64_t dice = 0x9E3779B97F4A7C15u;

static size_t roll(size_t n)
{
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        return (size_t)(dice >> 11) % n;
}

static void mutilate(struct buf *text)
{
        static const char *const pieces[] = { "\"", ";", "{", ")", "[\"x\"]", "0", "-1", "= 1.5", "true", "( )", "{ };" };
        for (size_t i = roll(4) + 1; i; i--) {
                size_t at = roll(text->n), n = roll(30);
                const char *piece = pieces[roll(sizeof pieces / sizeof *pieces)];
                switch (roll(3)) {
                case 0: /* cut some out */
                        n = n < text->n - at ? n : text->n - at;
                        memmove(text->p + at, text->p + at + n, text->n - at - n);
                        text->n -= n;
                        break;
                case 1: /* something else there */
                        memcpy(text->p + at, piece, strlen(piece) < text->n - at ? strlen(piece) : text->n - at);
                        break;
                default: /* a piece of it again, at the end */
                        n = n < text->n - at ? n : text->n - at;
                        buf_put(text, arena_copy(desk.arena, slice_make(text->p + at, n)));
                }
        }
        text->p[text->n] = 0;
}

/* Whatever a text editor does to a policy: an error with its place, or a book that can judge. */
static void mutilated_policies__are_refused_or_judge(void **state)
{
        enum { ROUNDS = 300 / SANITIZED };
        size_t refused = 0;
        (void)state;
        for (int round = 0; round < ROUNDS; round++) {
                char path[192];
                struct err err = ERR_INIT;
                struct buf text;
                desk_open(NULL);
                buf_init(&text, 1 << 20);
                snprintf(path, sizeof path, "%s/policies/%s.cfg", PROJECT_DIR, shipped[roll(SHIPPED)]);
                assert_true(file_read(&text, path, &err));
                mutilate(&text);
                put_file("p.cfg", text.p);
                put_file("lists/health.txt", "cancer\n");
                put_file("base.cfg", HEAD("base"));
                if (load()) {
                        struct record r = words("x", "a@corp.example");
                        judge(&r);
                } else {
                        refused++;
                        assert_true(report_count(desk.report, REPORT_ERROR) > 0);
                }
                buf_clear(&text);
                desk_close(NULL);
        }
        assert_true(refused > ROUNDS / 3);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, open_shipped, close_shipped)
                T(shipped_policies__load_without_a_complaint),
                T(shipped_policies__let_cleaned_feedback_go),
                T(shipped_policies__hold_secrets),
                T(shipped_policies__keep_children_at_home),
                T(shipped_policies__wait_where_health_is_spoken_of),
                T(shipped_policies__keep_members_at_home_and_leads_without_consent),
                T(china__lets_only_the_day_and_no_thread_out),
                T(shipped_policies__are_closed_where_no_law_opens),
                T(shipped_policies__can_be_spoken),
                cmocka_unit_test(mutilated_policies__are_refused_or_judge),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
