/* detect.h - finds personal data in running text, with exact byte offsets.
 *
 * Liftable: knows nothing of Tributary. One anchor-driven pass over a normal form of the
 * text (full-width and other scripts' digits, zero-width characters, NBSP, dashes folded;
 * the map back to original offsets is kept), then validators with checksums. Pure: no
 * clock, no state. Thread-safe when each thread has its own scanner.
 *
 * Calling sequence: scanner_new -> [scanner_know] -> [scanner_seek] -> scan* -> scanner_free.     */
#ifndef DETECT_DETECT_H
#define DETECT_DETECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "detect/pattern.h"
#include "detect/people.h"

/* Rows in identifiers.c; names in lower case as in the labelled corpus ("email",
 * "credit_card", "kr_rrn"; detect_id() takes "payment_card" too, and for "known_person", who is
 * found among those that scanner_know() names, the corpus's "person"). An id is an index into
 * those rows. */
enum {
        DETECT_MAX = 128, /* ids of rows are below it; officers' patterns have those from it on: */
        DETECT_IDS = DETECT_MAX + PATTERNS_MAX
};
/* A set of ids, a bit each: | unites, & intersects, ~ is all others. */
__extension__ typedef unsigned __int128 detect_set;
static inline detect_set detect_one(int id)
{
        return id < DETECT_MAX ? (detect_set)1 << id : 0; /* a pattern is in no set */
}
static inline bool detect_has(detect_set set, int id)
{
        return id < DETECT_MAX && set >> id & 1;
}
int detect_count(void);
const char *detect_name(int id);
int detect_id(const char *name); /* -1 if unknown */
/* True if rows exist that find it today; names known to the language only are false. */
bool detect_enforced(int id);
/* Groups of names: "national_id", "credential", "ip_address". 0 if unknown. */
detect_set detect_group(const char *name);
/* Ids that some law forbids to store at all: KR RRN, JP My Number, IN Aadhaar. */
detect_set detect_floor(void);
/* The word a mask is made of: "email", "phone", "ip", "card", "iban", "secret", "id", and for
 * what no law calls by those: "mac", "wallet", "bic", "address", "date", "place", "handle",
 * "person". */
const char *detect_mask_word(int id);

struct finding {
        uint32_t start, end; /* bytes in the original text, half open, on character borders */
        uint16_t id;
        uint16_t confidence; /* 0..100 */
};

struct scanner;
/* wanted: which ids to look for. max_bytes: of text per scan. NULL when memory is out. */
struct scanner *scanner_new(detect_set wanted, size_t max_bytes);
void scanner_free(struct scanner *s);
/* From now on names of `people` (closed; borrowed; NULL: nobody) are found as "known_person", if that
 * is wanted. */
void scanner_know(struct scanner *s, const struct people *people);
/* From now on those of `patterns` (borrowed; NULL: none) whose bit is in `which` are found, too: the
 * n-th has the id DETECT_MAX + n. They are searched for where the rows are, in the normal form.
 * Changing `which` alone costs nothing. False when memory is out: nothing changed. */
bool scanner_seek(struct scanner *s, const struct patterns *patterns, uint64_t which);
/* From now on, of findings that overlap, the one of the greater strictness names the whole; the
 * longest does among equals. So what is looked for beside never hides what is to be held.
 * NULL: all are equal. ctx is borrowed. */
typedef int scanner_strictness(const void *ctx, int id);
void scanner_prefer(struct scanner *s, scanner_strictness *strictness, const void *ctx);
/* Finds in `text` (valid UTF-8). Findings are sorted, do not overlap (longest, then
 * strongest wins, and covers what the loser covered), and stay valid until the next scan.
 * Left alone: private and loopback addresses, placeholders, documented sample keys. False
 * with ERR_FULL if the text could not be decided in bounded work (too long, > 65,536
 * findings): the caller holds. */
bool scan(struct scanner *s, struct slice text, const struct finding **out, size_t *n,
          struct err *err);

#endif
