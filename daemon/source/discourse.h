/* discourse.h - Discourse's webhooks. */
#ifndef SOURCE_DISCOURSE_H
#define SOURCE_DISCOURSE_H

#include "source/hook.h"

/* `event` is X-Discourse-Event, or X-Discourse-Event-Type where that is not sent (a ping). One record at
 * most, in the arena; *r is NULL when the event is only counted. */
bool discourse_read(struct slice event, struct slice payload, const struct source *s, struct arena *a,
                    enum hook_outcome *outcome, struct record **r, struct err *err);

#endif
