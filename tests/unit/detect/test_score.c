/* test_score.c - the scorer's arithmetic on records small enough to count by hand. */
#include "helpers.h"

#include "detect/score.h"

enum { BODY = 1 };

static struct score_span span(uint16_t type, uint32_t start, uint32_t end)
{
        return (struct score_span){ .start = start, .end = end, .type = type, .field = BODY };
}

static void score__matches_one_to_one_the_largest_overlap_first(void **state)
{
        (void)state;
        struct score *s = score_new();
        uint16_t email = score_type(s, SLICE("email")), phone = score_type(s, SLICE("PHONE"));
        assert_int_equal(score_type(s, SLICE("EMAIL")), email);
        struct score_span labels[] = { span(email, 0, 10), span(email, 10, 20), span(phone, 30, 40) };
        struct score_span found[] = { span(email, 4, 20), span(email, 0, 10), span(email, 30, 40) };
        assert_true(score_record(s, labels, 3, found, 3));
        const struct score_count *o = &s->types[email].overlap, *x = &s->types[email].exact;
        assert_int_equal(o->labels, 2);
        assert_int_equal(o->found, 2);
        assert_int_equal(o->predicted, 3);
        assert_int_equal(o->right, 2);
        assert_int_equal(x->found, 1);
        assert_int_equal(s->types[phone].overlap.found, 0);
        assert_int_equal(s->leaked_bytes, 0); /* a finding of any type covers */
        assert_int_equal(s->labelled_bytes, 30);
        score_free(s);
}

static void score__counts_optional_labels_neither_way(void **state)
{
        (void)state;
        struct score *s = score_new();
        uint16_t ip = score_type(s, SLICE("IPV4"));
        struct score_span label = span(ip, 5, 15), found[] = { span(ip, 5, 15), span(ip, 20, 30) };
        label.optional = true;
        assert_true(score_record(s, &label, 1, found, 1));
        assert_int_equal(s->false_alarms, 0);
        assert_true(score_record(s, &label, 1, found, 2));
        assert_int_equal(s->false_alarms, 1);
        assert_int_equal(s->clean_records, 2);
        assert_int_equal(s->types[ip].overlap.predicted, 1);
        found[1].field = 0; /* another field is another text */
        label = span(ip, 20, 30);
        assert_true(score_record(s, &label, 1, &found[1], 1));
        assert_int_equal(s->types[ip].overlap.found, 0);
        assert_int_equal(s->leaked_bytes, 10);
        score_free(s);
}

static void score__leaves_addresses_and_unknown_persons_apart(void **state)
{
        (void)state;
        struct score *s = score_new();
        uint16_t person = score_type(s, SLICE("PERSON")), address = score_type(s, SLICE("ADDRESS"));
        struct score_span labels[] = { span(person, 0, 4), span(person, 5, 9), span(person, 10, 14), span(address, 20, 29) };
        struct score_span found[] = { span(person, 0, 4), span(person, 5, 9), span(address, 60, 70) };
        labels[0].known = true;
        assert_true(score_record(s, labels, 4, found, 3));
        struct score_count findable = score_findable(s), all = score_all(s, false);
        assert_int_equal(findable.labels, 1);
        assert_int_equal(findable.predicted, 1);
        assert_true(score_f1(&findable) > 0.999);
        assert_int_equal(all.labels, 4);
        assert_int_equal(s->unknown.labels, 2);
        assert_int_equal(s->unknown.found, 1);
        assert_int_equal(s->leaked_bytes, 4 + 9);
        score_free(s);
}

static void score__has_ceilings(void **state)
{
        (void)state;
        struct score *s = score_new();
        char name[40];
        for (int i = 0; i < SCORE_TYPES; i++) {
                snprintf(name, sizeof name, "T%d", i);
                assert_int_equal(score_type(s, slice_of(name)), i);
        }
        assert_int_equal(score_type(s, SLICE("ONE_MORE")), SCORE_TYPES);
        assert_int_equal(score_type(s, SLICE("A_NAME_OF_MORE_THAN_THIRTY_CHARACTERS")), SCORE_TYPES);
        assert_false(score_record(s, NULL, SCORE_SPANS + 1, NULL, 0));
        score_free(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(score__matches_one_to_one_the_largest_overlap_first),
                cmocka_unit_test(score__counts_optional_labels_neither_way),
                cmocka_unit_test(score__leaves_addresses_and_unknown_persons_apart),
                cmocka_unit_test(score__has_ceilings),
        };
        return cmocka_run_group_tests(tests, open_scanner, close_scanner);
}
