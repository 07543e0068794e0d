/* github_parts.c - users, times, labels, mentions and words of GitHub's objects -> fields. */
#include "github.h"

#include "base/clock.h"
#include "base/text.h"

enum { ATTRIBUTES_MAX = 8 };

bool github_missing(struct hook *h, const char *what)
{
        return err_set(h->err, ERR_DATA, 0, "\"%s\" is missing or not what GitHub sends", what);
}

bool github_full(struct hook *h)
{
        return err_set(h->err, ERR_FULL, 0, "payload does not fit into memory's ceiling");
}

/* As text: they outgrow no integer of ours. */
struct slice github_digits(const struct json *j)
{
        uint64_t v;
        return j && j->type == JSON_NUMBER && text_uint(&v, j->text, UINT64_MAX) ? j->text : SLICE_NONE;
}

bool github_time(const struct json *j, const char *key, int64_t *out)
{
        return clock_parse_rfc3339(out, json_string(json_get(j, key)));
}

bool github_put(struct hook *h, struct record *r, enum field f, struct slice value)
{
        return value.n == 0 || record_set(r, h->a, f, value, h->err);
}

bool github_put_id(struct hook *h, struct record *r, enum field f, const char *what, struct slice number)
{
        const char *id = arena_printf(h->a, "%s/%.*s/%.*s", what, SLICE_ARG(h->home), SLICE_ARG(number));
        return id ? github_put(h, r, f, slice_of(id)) : github_full(h);
}

bool github_attribute(struct hook *h, struct record *r, const char *name, struct slice value)
{
        if (!value.n)
                return true;
        struct attribute *list = arena_array(h->a, ATTRIBUTES_MAX, sizeof *list);
        if (!list)
                return github_full(h);
        if (r->n_attributes)
                memcpy(list, r->attributes, r->n_attributes * sizeof *list);
        list[r->n_attributes++] = (struct attribute){ slice_of(name), value };
        r->attributes = list;
        return true;
}

bool github_author(struct hook *h, struct record *r, const struct json *user)
{
        return github_put(h, r, FIELD_AUTHOR_ID, github_digits(json_get(user, "id"))) &&
               github_put(h, r, FIELD_AUTHOR_HANDLE, json_string(json_get(user, "login")));
}

static bool standing(struct hook *h, struct record *r, const struct json *item)
{
        static const struct {
                const char *association, *standing;
        } rows[] = {
                { "OWNER", "maintainer" },        { "MEMBER", "maintainer" },
                { "COLLABORATOR", "maintainer" }, { "CONTRIBUTOR", "active" },
                { "FIRST_TIMER", "first_time" },  { "FIRST_TIME_CONTRIBUTOR", "first_time" },
        };
        struct slice got = json_string(json_get(item, "author_association"));
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (slice_is(got, rows[i].association))
                        return github_put(h, r, FIELD_AUTHOR_STANDING, slice_of(rows[i].standing));
        return true; /* NONE, MANNEQUIN: nothing is known */
}

static bool labels(struct hook *h, struct record *r, const struct json *list)
{
        if (!list || list->type != JSON_ARRAY || list->count == 0)
                return true;
        struct slice *tags = arena_array(h->a, list->count, sizeof *tags);
        if (!tags)
                return github_full(h);
        for (const struct json *j = list->first; j && r->n_tags < RECORD_LIST_MAX; j = j->next) {
                struct slice name = json_string(json_get(j, "name"));
                if (name.n)
                        tags[r->n_tags++] = name;
        }
        r->tags = tags;
        return true;
}

static bool is_login_char(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
}

static void mention(struct slice *list, size_t *n, struct slice login)
{
        for (size_t i = 0; i < *n; i++)
                if (slice_eq_nocase(list[i], login))
                        return;
        if (login.n && *n < RECORD_LIST_MAX)
                list[(*n)++] = login;
}

/* "@login" where no word or address runs into the @. */
static void mentions_in(struct slice *list, size_t *n, struct slice text)
{
        for (size_t i = 0; i + 1 < text.n; i++) {
                if (text.p[i] != '@' || (i && (is_login_char(text.p[i - 1]) || text.p[i - 1] == '_')))
                        continue;
                size_t end = i + 1;
                while (end < text.n && is_login_char(text.p[end]) && end - i <= 39)
                        end++;
                mention(list, n, (struct slice){ text.p + i + 1, end - i - 1 });
        }
}

bool github_mentions(struct hook *h, struct record *r, const struct json *item)
{
        struct slice *list = arena_array(h->a, RECORD_LIST_MAX, sizeof *list);
        const struct json *assignees = json_get(item, "assignees");
        if (!list)
                return github_full(h);
        for (const struct json *j = assignees ? assignees->first : NULL; j; j = j->next)
                mention(list, &r->n_mentions, json_string(json_get(j, "login")));
        mentions_in(list, &r->n_mentions, r->text[FIELD_TITLE]);
        mentions_in(list, &r->n_mentions, r->text[FIELD_BODY]);
        r->mentions = list;
        return true;
}

bool github_stamp(struct hook *h, struct record *r, const struct json *item)
{
        if (!github_time(item, "created_at", &r->occurred_at_us))
                return github_missing(h, "created_at");
        if (!github_time(item, "updated_at", &r->revision))
                return github_missing(h, "updated_at");
        r->first = slice_is(h->action, "opened") || slice_is(h->action, "created");
        r->deleted = slice_is(h->action, "deleted");
        return github_author(h, r, json_get(item, "user"));
}

bool github_words(struct hook *h, struct record *r, const struct json *item)
{
        return github_put(h, r, FIELD_TITLE, json_string(json_get(item, "title"))) &&
               github_put(h, r, FIELD_BODY, json_string(json_get(item, "body"))) &&
               github_put(h, r, FIELD_URL, json_string(json_get(item, "html_url"))) && standing(h, r, item) &&
               labels(h, r, json_get(item, "labels")) && github_mentions(h, r, item) &&
               github_attribute(h, r, "repository",
                                json_string(json_at(h->root, "repository", "full_name", NULL))) &&
               github_attribute(h, r, "state", json_string(json_get(item, "state")));
}

bool github_one(struct hook *h, struct record *r)
{
        source_defaults(h->s, r);
        return record_check(r, h->err);
}
