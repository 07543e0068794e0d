/* answer.c - what a sender is told: counts, and per refused line a reason without values. */
#include "answer.h"

#include "capture/downtime.h"

/* A reason is at most an err's text; so a list cannot be full before its count is. */
enum { LIST_MAX = 2 << 20 };

void answer_init(struct answer *a)
{
        *a = (struct answer){ .accepted = 0 };
        buf_init(&a->list, LIST_MAX);
}

void answer_clear(struct answer *a)
{
        buf_clear(&a->list);
}

void answer_refuse(struct answer *a, int64_t line, const char *reason)
{
        struct json_out o;
        a->refused++;
        if (a->reasons == REASONS_MAX)
                return;
        json_out_init(&o, &a->list);
        o.comma = a->reasons > 0;
        json_open(&o, NULL, '{');
        json_put_int(&o, "line", line);
        json_put_text(&o, "reason", reason);
        json_close(&o, '}');
        a->reasons++;
}

void answer_take(struct answer *a, const struct batch *b)
{
        for (size_t i = 0; i < b->n; i++) {
                switch (b->items[i].outcome) {
                case ITEM_DURABLE:
                        a->accepted++;
                        downtimes_saw(b->source->downtimes, b->source->source, b->occurred_us[i]);
                        break;
                case ITEM_ERASED:
                        answer_refuse(a, b->lines[i], "erased: this record was deleted on request");
                        count(CAPTURE_ERASED, 1);
                        break;
                }
        }
}

void answer_put(const struct answer *a, struct json_out *o)
{
        json_put_uint(o, "accepted", a->accepted);
        json_put_uint(o, "refused", a->refused);
        if (a->refused == 0)
                return;
        json_open(o, "refusals", '[');
        json_put_raw(o, NULL, buf_slice(&a->list));
        json_close(o, ']');
        if (a->refused > a->reasons)
                json_put_uint(o, "refusals_left_out", a->refused - a->reasons);
}
