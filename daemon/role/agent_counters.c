/* agent_counters.c - how many people are counted, of how many that may be. */
#include "agent_counters.h"

#include "base/count.h"

int agent_counter_percent(const struct pump_counter *c)
{
        uint64_t percent = c->ceiling ? c->people / (c->ceiling / 100 + 1) : 100;
        if (c->ceiling && c->people <= UINT64_MAX / 100)
                percent = c->people * 100 / c->ceiling;
        return percent > 100 ? 100 : (int)percent;
}

static uint64_t shown(uint64_t n, bool exact)
{
        return exact ? n : count_shown(n);
}

static void put_counter(struct json_out *o, const struct pump_counter *c, bool exact)
{
        json_open(o, NULL, '{');
        json_put_text(o, "counter", c->id);
        json_put_text(o, "file", c->file);
        json_put_int(o, "line", c->line);
        json_put_uint(o, "people", shown(c->people, exact));
        json_put_uint(o, "ceiling", c->ceiling);
        json_put_int(o, "percent", agent_counter_percent(c));
        json_put_uint(o, "warn_at", c->warn_at);
        json_put_bool(o, "near", c->people >= c->warn_at);
        json_put_bool(o, "full", c->people >= c->ceiling);
        json_put_uint(o, "held", shown(c->held, exact));
        json_close(o, '}');
}

void agent_put_counters(struct json_out *o, struct pump *pump, bool exact)
{
        struct pump_counter all[PUMP_COUNTERS_MAX];
        size_t n = pump_counters(pump, all, PUMP_COUNTERS_MAX);
        json_open(o, "counters", '[');
        for (size_t i = 0; i < n; i++)
                put_counter(o, &all[i], exact);
        json_close(o, ']');
}

bool agent_counter_near(struct pump *pump, struct pump_counter *out)
{
        struct pump_counter all[PUMP_COUNTERS_MAX];
        size_t n = pump_counters(pump, all, PUMP_COUNTERS_MAX);
        int most = -1;
        for (size_t i = 0; i < n; i++) {
                if (all[i].people < all[i].warn_at || agent_counter_percent(&all[i]) <= most)
                        continue;
                most = agent_counter_percent(&all[i]);
                *out = all[i];
        }
        return most >= 0;
}
