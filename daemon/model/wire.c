/* wire.c - members of JSON that came through Kafka: there, of their type, in range. */
#include "wire.h"

#include "base/clock.h"
#include "base/text.h"

bool wire_bad(struct err *err, const char *code, const char *key, const char *what)
{
        return err_set(err, ERR_DATA, 0, "%s: \"%s\" is %s", code, key, what);
}

static const struct json *member(const struct json *j, const char *key, enum json_type type, struct err *err)
{
        const struct json *m = json_get(j, key);
        if (!m)
                wire_bad(err, "field", key, "missing");
        else if (m->type != type)
                wire_bad(err, "field", key, "of the wrong type");
        return m && m->type == type ? m : NULL;
}

bool wire_uuid(uint8_t out[16], const struct json *j, const char *key, struct err *err)
{
        const struct json *m = member(j, key, JSON_STRING, err);
        if (!m)
                return false;
        return uuid_parse(out, m->text) || wire_bad(err, "field", key, "not a uuid");
}

bool wire_count(uint64_t *out, const struct json *j, const char *key, uint64_t max, struct err *err)
{
        const struct json *m = member(j, key, JSON_NUMBER, err);
        if (!m)
                return false;
        return text_uint(out, m->text, max) || wire_bad(err, "range", key, "not a whole number in range");
}

bool wire_text(struct slice *out, const struct json *j, const char *key, struct err *err)
{
        const struct json *m = member(j, key, JSON_STRING, err);
        if (!m)
                return false;
        *out = m->text;
        return true;
}

bool wire_bool(bool *out, const struct json *j, const char *key, struct err *err)
{
        const struct json *m = member(j, key, JSON_BOOL, err);
        if (!m)
                return false;
        *out = json_true(m);
        return true;
}

bool wire_time(int64_t *out, const struct json *j, const char *key, struct err *err)
{
        const struct json *m = member(j, key, JSON_STRING, err);
        if (!m)
                return false;
        return clock_parse_rfc3339(out, m->text) || wire_bad(err, "field", key, "not an RFC 3339 time");
}

bool wire_hour(int64_t *out, const struct json *j, const char *key, struct err *err)
{
        if (!wire_time(out, j, key, err))
                return false;
        return *out % US_PER_HOUR == 0 || wire_bad(err, "range", key, "not a whole hour");
}

bool wire_position(struct position *out, const struct json *j, const char *key, struct err *err)
{
        const struct json *m = member(j, key, JSON_STRING, err);
        if (!m)
                return false;
        if (!position_parse(out, m->text))
                return wire_bad(err, "field", key, "not a position");
        return (out->epoch <= INT64_MAX && out->seq <= INT64_MAX) ||
               wire_bad(err, "range", key, "beyond 2^63 - 1");
}
