/* conf.h - files that people write, as a tree in which every node knows its place.
 *
 * The syntax is libconfig's. A tokenising pass of ours runs first: it names with
 * line and column what libconfig calls "syntax error" or silently gets wrong
 * (adjacent strings, a missing ';', smart quotes, an unclosed quote, \u escapes,
 * @include, integers beyond int64, keys with dots), accepts a BOM, CRLF, NBSP
 * between tokens and a trailing comma, and recovers at the next `name =`, so that
 * all errors of a file are told at once. libconfig gives the values, whole numbers
 * with 64 bits. At most 2,000 settings a group, 32 levels, 1,000,000 tokens.
 *
 * Comments that begin with `# not yet:` are kept and can be listed.           */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/report.h"

struct conf;      /* a file, parsed */
struct conf_node; /* a setting of it; lives as long as its conf */

enum conf_type { CONF_GROUP, CONF_LIST, CONF_ARRAY, CONF_TEXT, CONF_INT, CONF_FLOAT, CONF_BOOL };

/* Reads at most 4 MiB. On failure *out is NULL and the report has >= 1 error. */
bool conf_load(struct conf **out, const char *path, struct report *report);
/* The same from memory; `name` stands for the file in complaints. */
bool conf_parse(struct conf **out, const char *name, struct slice text, struct report *report);
/* What a file is that is no plain text ("UTF-16", "a Word document ..."); NULL: nothing known. For
 * other files that people write, too: what is read as configuration is told so by itself. */
const char *conf_foreign_kind(struct slice bytes);
#define CONF_SAVE_AS "Save it as plain text in UTF-8 (Word: Save As, Plain Text, then UTF-8; Notepad: Save As, Encoding UTF-8)."
void conf_free(struct conf *c);
const char *conf_file(const struct conf *c);
const struct conf_node *conf_root(const struct conf *c);
/* SHA-256 of the file's bytes. */
const uint8_t *conf_hash(const struct conf *c);
/* i-th `# not yet:` comment: its text after the colon, and its line; NULL at the end. */
const char *conf_not_yet(const struct conf *c, size_t i, int *line);

enum conf_type conf_type(const struct conf_node *n);
const char *conf_type_name(enum conf_type t); /* "a text", "a whole number", "a list ( )" ... */
const char *conf_name(const struct conf_node *n); /* "" for members of lists */
const char *conf_node_file(const struct conf_node *n);
int conf_line(const struct conf_node *n);
int conf_column(const struct conf_node *n);
size_t conf_count(const struct conf_node *n); /* members of group, list, array; else 0 */
const struct conf_node *conf_at(const struct conf_node *n, size_t i);
const struct conf_node *conf_get(const struct conf_node *group, const char *name); /* or NULL */
/* Values; the wrong type gives "", 0, false: ask conf_type() first. Text is UTF-8. */
const char *conf_text(const struct conf_node *n);
int64_t conf_int(const struct conf_node *n);
double conf_float(const struct conf_node *n); /* of an int too */
bool conf_bool(const struct conf_node *n);
/* A text as such a file has it: in quotes, escaped. */
void conf_quote(struct buf *out, struct slice s);

/* report_add() at a node's place. */
void conf_complain(struct report *r, const struct conf_node *n, enum report_level level,
                   const char *hint, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
