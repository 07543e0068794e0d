/* check_readers.h - for each reader of hub.cfg: what it sees, what is hidden from it, and by which
 * line of which policy.
 *
 * new -> (note each region's book)* -> tell -> (say | json) -> free.                      */
#ifndef COMMAND_CHECK_READERS_H
#define COMMAND_CHECK_READERS_H

#include "base/json.h"
#include "policy/policy.h"
#include "role/settings.h"

struct reader_views;
/* hub must outlive it. NULL when memory is out. */
struct reader_views *reader_views_new(const struct hub_settings *hub, int64_t now_us);
void reader_views_free(struct reader_views *v); /* NULL is allowed */
/* What this region's policies say to each reader. Texts are copied. */
void reader_views_note(struct reader_views *v, const char *region, const struct book *book);
/* A reader who sees nothing is an error (only if `all_known`: a policy that could not be read may be
 * the one that allows it); what will be hidden within 60 days is a warning. */
void reader_views_tell(const struct reader_views *v, bool all_known, struct report *report);
/* For people, a paragraph a reader: how much it sees, what is hidden, what has an end. */
void reader_views_say(const struct reader_views *v, FILE *out);
/* An array: role, country, surface, and an object a region. */
void reader_views_json(const struct reader_views *v, struct json_out *o);

#endif
