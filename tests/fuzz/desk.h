/* desk.h - what a packed set of policies must be good for, if it is taken at all. */
#ifndef TEST_FUZZ_DESK_H
#define TEST_FUZZ_DESK_H

#include "base/text.h"
#include "fuzz.h"
#include "policy/ask.h"
#include "policy/speak.h"

#define NOON INT64_C(1795000000000000) /* 18 November 2026, about */

UNUSED static void put_file(struct buf *b, const char *name, struct slice bytes)
{
        buf_put_u32(b, (uint32_t)strlen(name));
        buf_puts(b, name);
        buf_put_u32(b, (uint32_t)bytes.n);
        buf_put(b, bytes);
}

static void judge_one(struct book *b, struct arena *a)
{
        struct record r = { .kind = KIND_FEEDBACK, .occurred_at_us = NOON };
        struct judge *judge = judge_new(b);
        struct judgement said;
        struct answers asked;
        struct err err = ERR_INIT;
        r.text[FIELD_ID] = SLICE("r-1");
        r.text[FIELD_TITLE] = SLICE("about the import");
        r.text[FIELD_BODY] = SLICE("write to max@example.com, 030 123456, DE89 3704 0044 0532 0130 00");
        r.text[FIELD_AUTHOR_COUNTRY] = SLICE("DE");
        r.text[FIELD_AUTHOR_AGE] = SLICE("17");
        must(judge && policy_ask(judge, NOON, &r, a, &asked, &err));
        answers_assume(&asked, &ASSUMED_OPEN);
        must(policy_judge(judge, NOON, &r, SLICE("app"), NOON, &asked, a, &said, &err));
        must(said.file && said.rule && said.because && (said.decision == DECISION_GO) == (said.approved != NULL));
        if (said.decision == DECISION_GO) {
                struct envelope e = { .region = SLICE("de-frankfurt"), .at = { 1, 2 }, .judged = { 1, 1 } };
                struct message m;
                struct message_header headers[MESSAGE_HEADERS];
                struct buf value;
                uint8_t key[16];
                size_t n;
                must(book_lets_out(b, KIND_FEEDBACK));
                buf_init(&value, MESSAGE_VALUE_MAX);
                approved_message(said.approved, &e, &m);
                must(approved_format(judge, &m, &value, key, headers, &n, &err));
                buf_clear(&value);
        }
        judge_free(judge);
}

static void discard_one(struct book *b, struct arena *a)
{
        struct record r = { .kind = KIND_LEAD };
        struct discarder *d = discarder_new(b);
        struct err err = ERR_INIT;
        uint32_t pieces = 0;
        r.text[FIELD_ID] = SLICE("r-2");
        r.text[FIELD_BODY] = SLICE("my number is 4848 6428 9263, max@example.com");
        must(d && policy_discard(d, &r, a, &pieces, &err));
        discarder_free(d);
}

UNUSED static void use_set(struct slice packed)
{
        static const struct region region = { .code = "de-frankfurt", .jurisdiction = "EEA",
                                              .timezone = "Europe/Berlin", .policy = "p" };
        static const struct hub hub = { .places = { { .what = PLACE_KAFKA, .jurisdiction = "DE" },
                                                    { .what = PLACE_WAREHOUSE, .jurisdiction = "IE" } },
                                        .n_places = 2 };
        const struct book_spec spec = { NULL, &region, &hub };
        struct report *report = report_new();
        struct arena *a = arena_new(16 << 20);
        struct book *b, *again;
        struct buf out;
        bool ok = book_unpack(&b, packed, &spec, report);
        must(ok == (report_count(report, REPORT_ERROR) == 0) && ok == (b != NULL));
        buf_init(&out, 16 << 20);
        if (ok) {
                book_pack(b, &out);
                must(buf_ok(&out) && book_unpack(&again, buf_slice(&out), &spec, NULL));
                must(memcmp(book_hash(b), book_hash(again), 32) == 0);
                book_drop(again);
                for (int t = 0; t < TONGUES; t++) {
                        buf_reset(&out);
                        policy_speak(b, (enum tongue)t, &out);
                        must(buf_ok(&out) && utf8_valid(buf_slice(&out), NULL));
                }
                book_check_dates(b, NOON, report);
                judge_one(b, a);
                discard_one(b, a);
        }
        book_drop(b);
        buf_clear(&out);
        arena_free(a);
        report_free(report);
}

#endif
