/* test_residual.c - what may not leave stands in a message still: the record is held, counted and told
 * of without its words, and what the hub has of it is taken back.
 *
 * Addresses leave here, handles do not, and somebody's handle is in the address: the search for masks
 * takes the address for one thing and lets it pass; the look at the finished message does not.     */
#include "hub.h"

static const char addresses_leave[] =
        "policy = \"p\"; version = 1; language = 1; title = \"T\";\n"
        "records = { feedback = \"go\"; };\nsubject = \"pseudonym\";\n"
        "fields = ( { field = \"body\"; do = \"clean\"; }, { field = \"author.email\"; do = \"keep\"; } );\n"
        "find = ( { what = \"email\"; do = \"mask\"; } );\n"
        "transfers = ( { to = [\"EEA\"]; allow = [\"kafka\", \"warehouse\", \"reading\"]; basis = \"inside\"; } );\n"
        "keep = { warehouse = \"3 years\"; };\n";

static struct position write_as(const char *handle, const char *id, int64_t revision)
{
        struct record r = { .kind = KIND_FEEDBACK, .occurred_at_us = clock_now_us(), .revision = revision, .first = revision == 1 };
        struct buf flat;
        r.text[FIELD_ID] = slice_of(id);
        r.text[FIELD_BODY] = slice_of(id);
        r.text[FIELD_AUTHOR_EMAIL] = SLICE("ada.lovelace@corp.example");
        r.text[FIELD_AUTHOR_HANDLE] = slice_of(handle);
        buf_init(&flat, 1 << 16);
        record_flatten(&r, &flat);
        struct vault_item item = { .kind = ENTRY_RECORD, .source = SLICE("forum"), .id = slice_of(id), .class = "p",
                                   .plain = buf_slice(&flat) };
        MUST(vault_append(hand.vault, &item, 1, &err));
        buf_clear(&flat);
        return item.at;
}

/* ---- What is logged meanwhile ------------------------------------------------------ */
static int kept_stderr;

static void log_begin(void)
{
        char path[96];
        snprintf(path, sizeof path, "%s/log", hand.root);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        kept_stderr = dup(STDERR_FILENO);
        assert_true(dup2(fileno(f), STDERR_FILENO) >= 0);
        fclose(f);
}

static void log_end(char *out, size_t size)
{
        char path[96];
        assert_true(dup2(kept_stderr, STDERR_FILENO) >= 0);
        close(kept_stderr);
        snprintf(path, sizeof path, "%s/log", hand.root);
        FILE *f = fopen(path, "r");
        assert_non_null(f);
        out[fread(out, 1, size - 1, f)] = 0;
        fclose(f);
}

/* ---- Tests -------------------------------------------------------------------------- */
static struct pump_status await_residual(struct position at, uint64_t n)
{
        struct pump_status s = await_cursor(at);
        int64_t until = clock_mono_us() + 10 * US_PER_SECOND;
        while (s.residual != n && clock_mono_us() < until) {
                look(10);
                pump_status(hand.pump, &s);
        }
        assert_int_equal(s.residual, n);
        return s;
}

static void must_be_held(struct position at)
{
        struct state *st;
        enum outcome o = OUTCOME_STAYED;
        MUST(state_open_read_only(&st, hand.state_dir, &err) && state_outcome(st, at, &o, &err));
        assert_int_equal(o, OUTCOME_HELD);
        state_close(st);
}

static void residual__holds_what_would_leave_all_the_same(void **state)
{
        (void)state;
        static char told[8192];
        int64_t before = metric_get(&pump_metrics[PUMP_RESIDUAL]);
        pump_set_book(hand.pump, book_written(addresses_leave));
        write_as("ghost42", "leak", 1);
        await_seen(MESSAGE_RECORD, 1);
        log_begin();
        struct position leak = write_as("ada.lovelace", "leak", 2);
        struct position fine = write_as("ghost42", "fine", 1);
        await_seen(MESSAGE_RECORD, 2);
        await_seen(MESSAGE_RETRACT, 1); /* the revision before it does not stand alone */
        struct pump_status s = await_residual(fine, 1);
        log_end(told, sizeof told);
        assert_int_equal(s.held, 1);
        assert_int_equal(s.sent, 2);
        assert_int_equal(metric_get(&pump_metrics[PUMP_RESIDUAL]), before + 1);
        assert_int_equal(position_compare(seen_last(MESSAGE_RETRACT)->at, leak), 0);
        assert_non_null(strstr(told, "found=\"person in author.email\""));
        assert_null(strstr(told, "ada"));
        assert_null(strstr(told, "corp.example"));
        must_be_held(leak);
}

/* Each time again, and counted as held once. */
static void residual__holds_it_too_when_it_is_judged_again(void **state)
{
        (void)state;
        struct reapply_status told;
        char log[8192];
        log_begin();
        pump_set_book(hand.pump, book_written(addresses_leave));
        struct position leak = write_as("ada.lovelace", "leak", 1), fine = write_as("ghost42", "fine", 1);
        await_residual(fine, 1);
        const struct reapply_wanted all = { .since_us = INT64_MIN, .until_us = INT64_MAX, .yes = true };
        MUST(pump_reapply(hand.pump, &all, &err));
        do {
                look(10);
                pump_reapply_status(hand.pump, &told);
        } while (told.real.active || !told.real.ended_us);
        struct pump_status s = await_residual(fine, 2);
        log_end(log, sizeof log);
        assert_int_equal(s.held, 1);
        assert_int_equal(told.real.became[KIND_FEEDBACK][REAPPLY_KEPT], 1);
        assert_int_equal(told.real.became[KIND_FEEDBACK][REAPPLY_AGAIN], 1);
        await_seen(MESSAGE_RECORD, 2);
        for (size_t i = 0; i < hand.n_seen; i++)
                assert_true(hand.seen[i].type != MESSAGE_RECORD || position_compare(hand.seen[i].at, fine) == 0);
        must_be_held(leak);
}

#define T(f) cmocka_unit_test_setup_teardown(f, hub_open, hub_close)
int main(void)
{
        const struct CMUnitTest tests[] = {
                T(residual__holds_what_would_leave_all_the_same),
                T(residual__holds_it_too_when_it_is_judged_again),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
