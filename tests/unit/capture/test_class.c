/* Each record is stored in the class of the policies that protect it. */
#include "capture_fixture.h"

#include "base/report.h"
#include "door.h"

#define HEAD(name) "policy = \"" name "\"; version = 1; language = 1; title = \"T\";\n"

static char policies[64];

static void put_policy(const char *name, const char *text)
{
        char path[128];
        struct err err = ERR_INIT;
        snprintf(path, sizeof path, "%s/%s.cfg", policies, name);
        must(file_save(path, slice_of(text), 0600, &err), &err);
}

static struct book *tokyo(void)
{
        struct region region = { .code = "jp-tokyo", .jurisdiction = "JP", .timezone = "Asia/Tokyo", .policy = "jp" };
        const struct book_spec spec = { policies, &region, NULL };
        struct report *report = report_new();
        struct book *book;
        strcpy(policies, "/tmp/capture-policies-XXXXXX");
        assert_non_null(mkdtemp(policies));
        put_policy("jp", HEAD("jp"));
        put_policy("eea", HEAD("eea") "protects = { people_in = [\"EEA\"]; also_abroad = true; residence_unknown = \"as_region\"; };\n"
                                      "find = ( { what = [\"iban\"]; do = \"discard\"; } );\n");
        bool ok = book_load(&book, &spec, report);
        report_print_from(report, REPORT_ERROR, stderr);
        report_free(report);
        nftw(policies, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        assert_true(ok);
        return book;
}

static void put(struct door *d, struct batch *b, const char *country)
{
        char json[512];
        struct record r;
        struct err err = ERR_INIT;
        snprintf(json, sizeof json,
                 "{\"id\":\"%zu\",\"kind\":\"feedback\",\"occurred_at\":\"2026-11-01T10:00:00Z\","
                 "\"body\":\"to DE89 3704 0044 0532 0130 00\",\"author\":{\"id\":\"7\"%s%s%s}}",
                 b->n, country ? ",\"country\":\"" : "", country ? country : "", country ? "\"" : "");
        must(door_record(d, slice_of(json), &r, &err) && door_put(d, b, &r, 1, &err), &err);
}

static void a_record__is_stored_in_the_class_of_those_who_protect_it(void **state)
{
        static const char *const countries[] = { "JP", "DE", NULL, "fr", "US", "IS" };
        static const char *const classes[] = { "jp", "eea+jp", "jp", "eea+jp", "jp", "eea+jp" };
        struct book *book = tokyo();
        struct batch *b = batch_new(intake_named(intake, SLICE("app"), SOURCE_API), NULL);
        struct door *d = door_open(intake);
        struct vault_reader *r;
        struct err err = ERR_INIT;
        size_t n;
        (void)state;
        intake_set_book(intake, book);
        for (size_t i = 0; i < sizeof countries / sizeof *countries; i++)
                put(d, b, countries[i]);
        book_drop(book);
        must(vault_append(vault, b->items, b->n, &err), &err);
        must(vault_reader_open(&r, vault, (struct position){ 0, 0 }, &err), &err);
        for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
                enum vault_read what;
                struct vault_entry e;
                must(vault_read(r, &what, &e, &err), &err);
                assert_int_equal(what, VAULT_ENTRY);
                assert_string_equal(e.class, classes[i]);
        }
        vault_reader_close(r);
        assert_string_equal(bodies(&n), "to DE89 3704 0044 0532 0130 00\nto [removed]\nto DE89 3704 0044 0532 0130 00\n"
                                        "to [removed]\nto DE89 3704 0044 0532 0130 00\nto [removed]\n");
        door_close(d);
        batch_free(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_record__is_stored_in_the_class_of_those_who_protect_it, begin_capture,
                                                end_capture),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
