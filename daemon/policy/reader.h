/* reader.h - settings of a policy, each with its complaints: what is missing, what is not
 * known, what would be allowed. Private to the room.
 *
 * All verbs law_complain by themselves and return false (or NULL) then, and also when the
 * setting is absent and not required: outputs keep what they had.                    */
#ifndef POLICY_READER_H
#define POLICY_READER_H

#include "law.h"

struct reader {
        struct policy *p;
        struct shelf *shelf;
        struct report *report;
        const struct zone *zone;
};

enum { MAYBE = 0, MUST = 1 };

void law_complain(struct reader *r, const struct conf_node *n, const char *hint, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));
void law_warn(struct reader *r, const struct conf_node *n, const char *hint, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));
/* An error at `n` about the unknown name `got`: the nearest of names, else all of them. */
void law_unknown(struct reader *r, const struct conf_node *n, const char *what, const char *got,
                      const char *const *names, size_t count);

/* The node must be a group with no other keys than these. */
bool law_keys(struct reader *r, const struct conf_node *group, const char *const *names, size_t n);
/* How many groups stand in a list; a lone group counts as a list of one. */
size_t law_lines(struct reader *r, const struct conf_node *list);
const struct conf_node *law_line(const struct conf_node *list, size_t i);

/* A value that is no free text, with what word processors and wide keyboards write told apart: plain.c. */
const char *law_plain(struct reader *r, const char *text);
const char *law_text(struct reader *r, const struct conf_node *g, const char *key, int must);
bool law_int(struct reader *r, const struct conf_node *g, const char *key, int must, int64_t min,
              int64_t max, int64_t *out);
bool law_bool(struct reader *r, const struct conf_node *g, const char *key, bool *out);
bool law_choice(struct reader *r, const struct conf_node *g, const char *key, int must,
                 const char *const *names, size_t n, int *out);
bool law_decision(struct reader *r, const struct conf_node *g, const char *key, int must,
                   enum decision *out);
/* A text, or [ ] of texts. */
bool law_names(struct reader *r, const struct conf_node *g, const char *key, int must,
                struct names *out);
bool law_codes(struct reader *r, const struct conf_node *g, const char *key, int must,
                struct names *out);
bool law_kinds(struct reader *r, const struct conf_node *g, const char *key, int must,
                uint32_t *out);
bool law_date(struct reader *r, const struct conf_node *g, const char *key, int64_t *end_us);
bool law_span(struct reader *r, const struct conf_node *g, const char *key, int must, int64_t *us);
bool law_duration(struct reader *r, const struct conf_node *g, const char *key, int must, struct duration *out);
/* Detector names and groups of them. Names that this release knows and does not find yet, such
 * as special_category without its list, go to *later, patterns to *patterns (may be NULL: not allowed). */
bool law_detectors(struct reader *r, const struct conf_node *g, const char *key, int must,
                    detect_set *out, const char **later, struct names *patterns);
struct at law_at(struct reader *r, const struct conf_node *n); /* and the group's `because` */

/* The line is understood and not enforced: a warning now, held records at run time. */
void law_put_pending(struct reader *r, const struct conf_node *n, struct pending p, const char *whose);

/* groups.c: the groups of a policy, called by parse.c; the node is there and is a group or list. */
void law_parse_protects(struct reader *r, const struct conf_node *n);
void law_parse_purposes(struct reader *r, const struct conf_node *n);
void law_parse_consent(struct reader *r, const struct conf_node *n);
void law_parse_children(struct reader *r, const struct conf_node *n);
void law_parse_rules(struct reader *r, const struct conf_node *n);
void law_parse_transfers(struct reader *r, const struct conf_node *n);
/* duties.c: groups that are kept outside the judge. */
void law_parse_keep(struct reader *r, const struct conf_node *n);
void law_parse_backups(struct reader *r, const struct conf_node *n);
void law_parse_rights(struct reader *r, const struct conf_node *n);
void law_parse_breach(struct reader *r, const struct conf_node *n);
void law_parse_counters(struct reader *r, const struct conf_node *n);
void law_parse_sensitive(struct reader *r, const struct conf_node *n);
void law_parse_small_group(struct reader *r, const struct conf_node *n);
/* filing.c: what a line of transfers says of its filing; its `at` and `basis` are there. */
void law_parse_filing(struct reader *r, const struct conf_node *line, struct transfer *t);
/* groups.c: a file of lists/. NULL: it complained. */
const struct vocabulary *law_read_list(struct reader *r, const struct conf_node *n, const char *file);
/* special.c: the words of a line that names special_category. False: it has no list. */
bool law_read_special(struct reader *r, const struct conf_node *line);
/* industries.c: the list, for the line that needs it; once a policy. */
void law_read_industries(struct reader *r, const struct conf_node *line);
/* patterns.c */
void law_parse_patterns(struct reader *r, const struct conf_node *n);

#define COUNT(array) (sizeof(array) / sizeof *(array))

#endif
