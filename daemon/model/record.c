/* record.c - the names of kinds and fields, and what every record must meet. */
#include "model/record.h"

#include <limits.h>

#include "base/clock.h"
#include "base/text.h"
#include "fields.h"

static const char *const kinds[RECORD_KINDS] = {
        "feedback", "discussion", "contribution", "member", "event", "journey", "lead",
};

/* max: bytes a text may have. Titles and names are bounded so that an index, a line of a
 * report or a header can hold them; the record's own ceiling bounds the words. */
#define NAME(literal)                                                                                        \
        {                                                                                                    \
                literal, sizeof(literal) - 1                                                                 \
        }
static const struct {
        struct slice name; /* its length is compared first: each key of each record comes by here */
        enum field_type type;
        uint32_t max;
} fields[FIELDS] = {
        [FIELD_ID] = { NAME("id"), FIELD_TYPE_TEXT, RECORD_ID_MAX },
        [FIELD_KIND] = { NAME("kind"), FIELD_TYPE_OTHER, 0 },
        [FIELD_OCCURRED_AT] = { NAME("occurred_at"), FIELD_TYPE_TIME, 0 },
        [FIELD_TITLE] = { NAME("title"), FIELD_TYPE_TEXT, RECORD_BYTES_MAX },
        [FIELD_BODY] = { NAME("body"), FIELD_TYPE_TEXT, RECORD_BYTES_MAX },
        [FIELD_LANG] = { NAME("lang"), FIELD_TYPE_TEXT, 64 },
        [FIELD_URL] = { NAME("url"), FIELD_TYPE_TEXT, 8192 },
        [FIELD_THREAD] = { NAME("thread"), FIELD_TYPE_TEXT, RECORD_ID_MAX },
        [FIELD_PRODUCT] = { NAME("product"), FIELD_TYPE_TEXT, 1024 },
        [FIELD_VERSION] = { NAME("version"), FIELD_TYPE_TEXT, 1024 },
        [FIELD_EDITION] = { NAME("edition"), FIELD_TYPE_TEXT, 32 },
        [FIELD_SEVERITY] = { NAME("severity"), FIELD_TYPE_TEXT, 1024 },
        [FIELD_RATING] = { NAME("rating"), FIELD_TYPE_NUMBER, 32 },
        [FIELD_SCENARIO] = { NAME("scenario"), FIELD_TYPE_TEXT, 65536 },
        [FIELD_INDUSTRY] = { NAME("industry"), FIELD_TYPE_TEXT, 1024 },
        [FIELD_GROUP] = { NAME("group"), FIELD_TYPE_TEXT, 1024 },
        [FIELD_PLACE] = { NAME("place"), FIELD_TYPE_TEXT, 4096 },
        [FIELD_CAME_FROM] = { NAME("came_from"), FIELD_TYPE_TEXT, 8192 },
        [FIELD_TAGS] = { NAME("tags"), FIELD_TYPE_LIST, 0 },
        [FIELD_AUTHOR_ID] = { NAME("author.id"), FIELD_TYPE_TEXT, RECORD_ID_MAX },
        [FIELD_AUTHOR_HANDLE] = { NAME("author.handle"), FIELD_TYPE_TEXT, RECORD_ID_MAX },
        [FIELD_AUTHOR_NAME] = { NAME("author.name"), FIELD_TYPE_TEXT, 4096 },
        [FIELD_AUTHOR_EMAIL] = { NAME("author.email"), FIELD_TYPE_TEXT, RECORD_ID_MAX },
        [FIELD_AUTHOR_IP] = { NAME("author.ip"), FIELD_TYPE_TEXT, 128 },
        [FIELD_AUTHOR_COUNTRY] = { NAME("author.country"), FIELD_TYPE_TEXT, 128 },
        [FIELD_AUTHOR_COMPANY] = { NAME("author.company"), FIELD_TYPE_TEXT, 4096 },
        [FIELD_AUTHOR_AGE] = { NAME("author.age"), FIELD_TYPE_NUMBER, 32 },
        [FIELD_AUTHOR_STANDING] = { NAME("author.standing"), FIELD_TYPE_TEXT, 32 },
        [FIELD_MENTIONS] = { NAME("mentions"), FIELD_TYPE_LIST, 0 },
        [FIELD_CONSENT] = { NAME("consent"), FIELD_TYPE_OTHER, 0 },
        [FIELD_ATTRIBUTES] = { NAME("attributes"), FIELD_TYPE_OTHER, 0 },
        [FIELD_REVISION] = { NAME("revision"), FIELD_TYPE_OTHER, 0 },
        [FIELD_DELETED] = { NAME("deleted"), FIELD_TYPE_OTHER, 0 },
};

const char *field_name(enum field f)
{
        return (unsigned)f < FIELDS ? fields[f].name.p : "unknown";
}

int field_of_name(struct slice name)
{
        for (int f = 0; f < FIELDS; f++)
                if (slice_eq(name, fields[f].name))
                        return f;
        return -1;
}

enum field_type field_type(enum field f)
{
        return (unsigned)f < FIELDS ? fields[f].type : FIELD_TYPE_OTHER;
}

const char *kind_name(enum record_kind k)
{
        return (unsigned)k < RECORD_KINDS ? kinds[k] : "unknown";
}

int kind_of_name(struct slice name)
{
        for (int k = 0; k < RECORD_KINDS; k++)
                if (slice_is(name, kinds[k]))
                        return k;
        return -1;
}

static bool one_of(struct slice s, const char *const *names, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (slice_is(s, names[i]))
                        return true;
        return false;
}

/* Only what a range or a list of words bounds; the texts' lengths are in the rows. */
static bool value_fits(enum field f, struct slice s, struct err *err)
{
        static const char *const editions[] = { "community", "enterprise", "cloud" };
        static const char *const standings[] = { "first_time", "regular", "active", "maintainer" };
        double number;
        if (f == FIELD_EDITION && !one_of(s, editions, 3))
                return err_set(err, ERR_DATA, 0, "\"edition\" is not one of community, enterprise, cloud");
        if (f == FIELD_AUTHOR_STANDING && !one_of(s, standings, 4))
                return err_set(err, ERR_DATA, 0,
                               "\"author.standing\" is not one of first_time, "
                               "regular, active, maintainer");
        if (f == FIELD_RATING && (!text_double(&number, s) || number < 0 || number > 10))
                return err_set(err, ERR_DATA, 0, "\"rating\" is not a number from 0 to 10");
        if (f == FIELD_AUTHOR_AGE && (!text_double(&number, s) || number < 0 || number > 150))
                return err_set(err, ERR_DATA, 0, "\"author.age\" is not a number from 0 to 150");
        return true;
}

static bool text_fits(enum field f, struct slice s, struct err *err)
{
        if (s.n > fields[f].max)
                return err_set(err, ERR_DATA, 0, "\"%s\" is over %u bytes", fields[f].name.p,
                               (unsigned)fields[f].max);
        return value_fits(f, s, err);
}

static bool lists_fit(const struct record *r, struct err *err)
{
        const struct {
                const char *name;
                size_t n;
        } lists[] = { { "tags", r->n_tags },
                      { "mentions", r->n_mentions },
                      { "consent", r->n_consents },
                      { "attributes", r->n_attributes } };
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
                if (lists[i].n > RECORD_LIST_MAX)
                        return err_set(err, ERR_DATA, 0, "\"%s\" has over %d members", lists[i].name,
                                       RECORD_LIST_MAX);
        for (size_t i = 0; i < r->n_consents; i++)
                if (r->consents[i].purpose.n == 0)
                        return err_set(err, ERR_DATA, 0, "\"consent\" has no \"purpose\"");
        for (size_t i = 0; i < r->n_attributes; i++)
                if (r->attributes[i].name.n == 0 || r->attributes[i].name.n > 256)
                        return err_set(err, ERR_DATA, 0,
                                       "\"attributes\" has a name that is empty or over 256 bytes");
        return true;
}

/* Calls `each` for every text of the record; stops at false. */
static bool each_text(const struct record *r, bool (*each)(struct slice s, const char *field, void *ctx),
                      void *ctx)
{
        for (int f = 0; f < FIELDS; f++)
                if (r->text[f].p && !each(r->text[f], fields[f].name.p, ctx))
                        return false;
        for (size_t i = 0; i < r->n_tags; i++)
                if (!each(r->tags[i], "tags", ctx))
                        return false;
        for (size_t i = 0; i < r->n_mentions; i++)
                if (!each(r->mentions[i], "mentions", ctx))
                        return false;
        for (size_t i = 0; i < r->n_consents; i++)
                if (!each(r->consents[i].purpose, "consent", ctx) ||
                    !each(r->consents[i].evidence, "consent", ctx))
                        return false;
        for (size_t i = 0; i < r->n_attributes; i++)
                if (!each(r->attributes[i].name, "attributes", ctx) ||
                    !each(r->attributes[i].value, "attributes", ctx))
                        return false;
        return true;
}

static bool add_length(struct slice s, const char *field, void *ctx)
{
        (void)field;
        *(size_t *)ctx += s.n;
        return true;
}

static bool is_clean_text(struct slice s, const char *field, void *ctx)
{
        if (s.n && memchr(s.p, 0, s.n))
                return err_set(ctx, ERR_DATA, 0, "\"%s\" holds U+0000", field);
        if (!utf8_valid(s, NULL))
                return err_set(ctx, ERR_DATA, 0, "\"%s\" is not valid UTF-8", field);
        return true;
}

bool record_check_shape(const struct record *r, struct err *err)
{
        struct civil when;
        size_t total = 0;
        if (r->text[FIELD_ID].n == 0)
                return err_set(err, ERR_DATA, 0, "\"id\" is missing or empty");
        if ((unsigned)r->kind >= RECORD_KINDS)
                return err_set(err, ERR_DATA, 0, "\"kind\" is unknown");
        civil_of_us(&when, r->occurred_at_us);
        if (when.year < 1 || when.year > 9999)
                return err_set(err, ERR_DATA, 0, "\"occurred_at\" is not within the years 0001 to 9999");
        if (r->revision < 0)
                return err_set(err, ERR_DATA, 0, "\"revision\" is negative");
        for (int f = 0; f < FIELDS; f++) {
                if (!r->text[f].p)
                        continue;
                if (fields[f].type != FIELD_TYPE_TEXT && fields[f].type != FIELD_TYPE_NUMBER)
                        return err_set(err, ERR_BUG, 0, "\"%s\" is not kept as text", fields[f].name.p);
                if (!text_fits((enum field)f, r->text[f], err))
                        return false;
        }
        if (!lists_fit(r, err))
                return false;
        each_text(r, add_length, &total);
        if (total > RECORD_BYTES_MAX)
                return err_set(err, ERR_DATA, 0, "record is over %d bytes", RECORD_BYTES_MAX);
        return true;
}

bool record_check(const struct record *r, struct err *err)
{
        return record_check_shape(r, err) && each_text(r, is_clean_text, err);
}

/* "jp" and " JP" mean Japan: an unknown country would close a policy for no reason. */
static struct slice country_code(struct arena *a, struct slice s)
{
        s = slice_trim(s);
        if (s.n < 2 || s.n > 6)
                return s;
        char *p = arena_string(a, s);
        for (size_t i = 0; p && i < s.n; i++)
                if (p[i] >= 'a' && p[i] <= 'z')
                        p[i] = (char)(p[i] - 32);
        return (struct slice){ p, p ? s.n : 0 };
}

static bool set_other(struct record *r, enum field f, struct slice value, struct err *err)
{
        int kind;
        switch ((int)f) {
        case FIELD_KIND:
                kind = kind_of_name(value);
                if (kind < 0)
                        return err_set(err, ERR_DATA, 0, "\"kind\" is unknown");
                r->kind = (enum record_kind)kind;
                return true;
        case FIELD_OCCURRED_AT:
                return clock_parse_rfc3339(&r->occurred_at_us, value) ||
                       err_set(err, ERR_DATA, 0, "\"occurred_at\" is not an RFC 3339 time");
        case FIELD_REVISION:
                return text_int(&r->revision, value, 0, INT64_MAX) ||
                       err_set(err, ERR_DATA, 0,
                               "\"revision\" is not a whole number from 0 to 9223372036854775807");
        case FIELD_DELETED:
                return text_bool(&r->deleted, value) ||
                       err_set(err, ERR_DATA, 0, "\"deleted\" is neither true nor false");
        default:
                return err_set(err, ERR_BUG, 0, "\"%s\" cannot be set from one text", field_name(f));
        }
}

bool record_set(struct record *r, struct arena *a, enum field f, struct slice value, struct err *err)
{
        enum field_type type = field_type(f);
        if (type != FIELD_TYPE_TEXT && type != FIELD_TYPE_NUMBER)
                return set_other(r, f, value, err);
        if (f == FIELD_AUTHOR_COUNTRY) {
                value = country_code(a, value);
                if (!value.p)
                        return err_set(err, ERR_FULL, 0, "record does not fit into memory's ceiling");
        }
        if (!text_fits(f, value, err))
                return false;
        r->text[f] = value;
        return true;
}
