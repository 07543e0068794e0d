/* loop_base.h - what other files of this room need of a loop: libevent's base. */
#ifndef LINK_LOOP_BASE_H
#define LINK_LOOP_BASE_H

#include <event2/event.h>

#include "link/loop.h"

struct event_base *loop_base(const struct loop *l);

#endif
