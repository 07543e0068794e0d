/* window.c - the ring between reading and settling. */
#include "window.h"

#include <errno.h>
#include <stdlib.h>

bool window_init(struct window *w, size_t cap, struct err *err)
{
        *w = (struct window){ .slots = calloc(cap, sizeof *w->slots), .cap = cap };
        return w->slots || err_errno(err, errno, "could not set up the pump's window");
}

void window_clear(struct window *w)
{
        window_drop(w, w->n);
        free(w->slots);
        *w = (struct window){ 0 };
}

bool window_full(const struct window *w)
{
        return w->n == w->cap;
}

struct slot *window_at(const struct window *w, size_t i)
{
        return &w->slots[(w->head + i) % w->cap];
}

struct slot *window_put(struct window *w)
{
        if (window_full(w))
                return NULL;
        struct slot *s = window_at(w, w->n++);
        *s = (struct slot){ .partition = -1 };
        return s;
}

void window_take_back(struct window *w)
{
        struct slot *s = window_at(w, --w->n);
        free(s->verdict);
        *s = (struct slot){ .partition = -1 };
        if (w->done > w->n)
                w->done = w->n;
}

void window_sent(struct window *w, struct slot *s)
{
        s->reported = false;
        w->unacked++;
}

void window_report(struct window *w, struct slot *s, bool acked)
{
        s->reported = true;
        s->acked = acked;
        w->unacked--;
}

size_t window_done(struct window *w)
{
        while (w->done < w->n) {
                const struct slot *s = window_at(w, w->done);
                if (s->partition >= 0 && !s->acked)
                        break;
                w->done++;
        }
        return w->done;
}

void window_drop(struct window *w, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                struct slot *s = window_at(w, i);
                free(s->verdict);
                s->verdict = NULL;
        }
        w->head = w->cap ? (w->head + n) % w->cap : 0;
        w->n -= n;
        w->done = w->done > n ? w->done - n : 0;
}

void window_acked(const struct window *w, struct position *acked, int32_t partitions)
{
        /* Backwards: the first of a partition that was not acknowledged has the last word. */
        bool *seen = calloc((size_t)partitions, sizeof *seen);
        for (size_t i = w->n; i-- > 0;) {
                const struct slot *s = window_at(w, i);
                if (s->partition < 0 || s->partition >= partitions)
                        continue;
                if (!s->acked)
                        acked[s->partition] = s->prev;
                else if (!seen || !seen[s->partition])
                        acked[s->partition] = s->out;
                if (seen)
                        seen[s->partition] = true;
        }
        free(seen);
}
