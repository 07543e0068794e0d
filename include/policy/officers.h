/* officers.h - who may loosen a policy, and what they signed.
 *
 * policies/officers.cfg names the officers of a house and how many of them must sign (two, if it
 * does not say more). It is part of the set: who may sign a version is said by the set in force,
 * never by the one that wants to be. policies/signatures/REGION.sig has a line a signature:
 *
 *      OFFICER DATE POLICY VERSION SET SIGNATURE
 *      jana 2026-11-23 eea 5 9f86d0...(64 hex) 3c1a07...(128 hex)
 *
 * An officer signs officers_statement(): the region, the policy, its version and the hash of the
 * whole set (all files that speak there, and the places of the hub), so a signature is good for
 * nothing else. `#` begins a comment; lines for other sets are of the past, or of what is to come. */
#ifndef POLICY_OFFICERS_H
#define POLICY_OFFICERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/report.h"
#include "base/sign.h"

struct book;

enum { OFFICERS_MAX = 64, SIGNERS_MAX = 16, SIGNATURE_LINES_MAX = 1024, SIGNATURES_BYTES_MAX = 1 << 20 };

struct signer {
        char officer[33];
        char on[11]; /* "2026-11-23", as the officer says */
        uint8_t key[SIGN_KEY];
        uint8_t signature[SIGN_BYTES];
};
struct signers {
        struct signer list[SIGNERS_MAX];
        size_t n;
};

/* Whether anybody must sign; how many. */
bool book_has_officers(const struct book *b);
size_t book_signatures_needed(const struct book *b); /* 0 without officers.cfg, else >= 2 */
/* How many of them may sign for this region at `now`. */
size_t book_officers_live(const struct book *b, const char *region, int64_t now_us);
/* Whether it names this key, and as whom ("" if not); the key is Ed25519's public half. */
const char *book_officer_of(const struct book *b, const uint8_t key[SIGN_KEY]);

/* What an officer signs. Four lines of text. */
void officers_statement(const struct book *b, const char *region, const char *officer, const char *on,
                        struct buf *out);
/* The line for the file, with its line feed. */
void signer_format(const struct book *b, const struct signer *s, struct buf *out);
/* Whose signatures in `text` (of REGION.sig; `file` names it) are good for the set `fresh` by the
 * officers of `judge`. Refused ones are complaints with their line: unknown, expired, of another
 * region, a second one of the same officer, malformed, not made with that officer's key. They are
 * warnings: they count for nothing. */
void officers_verify(struct signers *out, const struct book *judge, const struct book *fresh, const char *region,
                     struct slice text, const char *file, int64_t now_us, struct report *report);
/* By whose word a set is in force: kept with the book, for its activation and for status. Only
 * before anybody else holds the book. */
void book_attest(struct book *b, const struct signers *s);
const struct signers *book_signers(const struct book *b);

/* officers.cfg alone, for `policy check`: mistakes, officers whose time ends within 60 days, and too few
 * who may still sign. False if it has an error, or is not there. */
bool officers_check_file(const char *policies_dir, int64_t now_us, struct report *report);

#endif
