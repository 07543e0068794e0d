/* discourse.c - Discourse's webhooks: what is read of a topic, a post, a like and a user.
 *
 *      topic -> discussion topic/ID         the headline: title, tags, category; no body
 *      post  -> discussion post/ID          the words, in thread topic/ID; no title
 *      like  -> event      like/POST/USER
 *      user  -> member     user/ID
 * The first post and its topic are two records, since either changes without the other; so that no word
 * is stored twice, each has its own: who wants both joins them by thread.
 *
 * What is not for everybody does not become a record: private messages (and posts of which Discourse
 * does not say that they are none), whispers, what the forum itself or a moderator's button wrote
 * (post_type 2 to 4). They are counted. Discourse does not say which categories are closed: choose the
 * categories at the webhook. Logging in and out is nobody's business and counted too.
 *
 * Quotes of others are left out: their words stand where they said them, and are erased there.
 *
 * revision, in µs, is of the forum's clock where the payload has it:
 *      post created, edited    updated_at
 *      post destroyed          deleted_at; updated_at if its author did it; else when it came
 *      post recovered          when it came: recovering changes nothing that is sent, and must be
 *                              newer than the deletion that it undoes
 *      topic, user created     created_at, so that a redelivery brings no old state back
 *      topic, user otherwise   when it came: no other time is sent
 *      like                    none, and it occurred when it came
 * A post deleted, recovered and deleted again lives on if the recovery is delivered only after the
 * second deletion. A post that is hidden (flagged) counts as deleted until it is edited: nobody can
 * read it there either. What is deleted keeps who and when, no words; where Discourse no longer
 * says that it was no private message, not even that.
 *
 * Not told, and so not known here: replies of a topic that is deleted (only its first post is named), and
 * that a public topic was turned into a private message. Both stay until they are deleted one by one.
 *
 * The event's name is not signed, only the body is: whoever can replay a request could call a post
 * deleted. They would need its TLS.                                                              */
#include "discourse.h"

#include "at_names.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "html.h"

enum {
        PAYLOAD_DEPTH_MAX = 24,
        ATTRIBUTES_MAX = 4,
        NAME_BYTES_MAX = 60,
        QUOTE_TAG_MAX = 400,
        POST_REGULAR = 1
};

struct forum {
        const struct source *s;
        struct arena *a;
        const struct json *item; /* the topic, post, like or user */
        const struct event *event;
        int64_t now_us;
        bool counted; /* not for us after all */
        struct slice *mentions;
        struct attribute *attributes;
        struct err *err;
};

enum change { CREATED, EDITED, DESTROYED, RECOVERED };

typedef bool forum_reader(struct forum *f, struct record *r);
static forum_reader read_topic, read_post, read_like, read_user;

static const struct event {
        const char *name, *item;
        forum_reader *read;
        enum change change;
} events[] = {
        { "topic_created", "topic", read_topic, CREATED },
        { "topic_edited", "topic", read_topic, EDITED },
        { "topic_*_status_updated", "topic", read_topic, EDITED },
        { "topic_destroyed", "topic", read_topic, DESTROYED },
        { "topic_recovered", "topic", read_topic, RECOVERED },
        { "post_created", "post", read_post, CREATED },
        { "post_edited", "post", read_post, EDITED },
        { "post_destroyed", "post", read_post, DESTROYED },
        { "post_recovered", "post", read_post, RECOVERED },
        { "post_liked", "like", read_like, CREATED },
        { "user_created", "user", read_user, CREATED },
        { "user_approved", "user", read_user, EDITED },
        { "user_confirmed_email", "user", read_user, EDITED },
        { "user_promoted", "user", read_user, EDITED },
        { "user_updated", "user", read_user, EDITED },
        { "user_anonymized", "user", read_user, DESTROYED },
        { "user_destroyed", "user", read_user, DESTROYED },
};

static const struct event *event_of(struct slice name)
{
        char text[HOOK_VALUE_MAX];
        if (name.n >= sizeof text)
                return NULL;
        memcpy(text, name.p, name.n);
        text[name.n] = 0;
        for (size_t i = 0; i < sizeof events / sizeof *events; i++)
                if (text_glob(events[i].name, text))
                        return &events[i];
        return NULL;
}

/* ---- Parts --------------------------------------------------------------- */

static bool missing(struct forum *f, const char *what)
{
        return err_set(f->err, ERR_DATA, 0, "\"%s.%s\" is missing or not what Discourse sends",
                       f->event->item, what);
}

static bool full(struct forum *f)
{
        return err_set(f->err, ERR_FULL, 0, "payload does not fit into memory's ceiling");
}

static struct slice digits(const struct json *j)
{
        uint64_t v;
        return j && j->type == JSON_NUMBER && text_uint(&v, j->text, UINT64_MAX) ? j->text : SLICE_NONE;
}

static bool time_of(const struct json *j, const char *key, int64_t *out)
{
        return clock_parse_rfc3339(out, json_string(json_get(j, key)));
}

static bool set(struct forum *f, struct record *r, enum field field, struct slice value)
{
        return value.n == 0 || record_set(r, f->a, field, value, f->err);
}

static bool set_id(struct forum *f, struct record *r, enum field field, const char *what, struct slice number)
{
        const char *id = arena_printf(f->a, "%s/%.*s", what, SLICE_ARG(number));
        return id ? set(f, r, field, slice_of(id)) : full(f);
}

static bool attribute(struct forum *f, struct record *r, const char *name, struct slice value)
{
        if (!value.n)
                return true;
        if (!f->attributes)
                f->attributes = arena_array(f->a, ATTRIBUTES_MAX, sizeof *f->attributes);
        if (!f->attributes)
                return full(f);
        f->attributes[r->n_attributes++] = (struct attribute){ slice_of(name), value };
        r->attributes = f->attributes;
        return true;
}

/* A user as objects of others have it. */
static bool author(struct forum *f, struct record *r, struct slice id, const struct json *of)
{
        return set(f, r, FIELD_AUTHOR_ID, id) &&
               set(f, r, FIELD_AUTHOR_HANDLE, json_string(json_get(of, "username"))) &&
               set(f, r, FIELD_AUTHOR_NAME, json_string(json_get(of, "name")));
}

static bool standing(struct forum *f, struct record *r, const struct json *of)
{
        static const char *const by_trust[] = { "first_time", "regular", "regular", "active", "maintainer" };
        int64_t trust;
        bool staff = json_true(json_get(of, "staff")) || json_true(json_get(of, "admin")) ||
                     json_true(json_get(of, "moderator"));
        if (!json_int(json_get(of, "trust_level"), &trust) || trust < 0 || trust > 4)
                trust = staff ? 4 : -1;
        if (staff)
                trust = 4;
        return trust < 0 || set(f, r, FIELD_AUTHOR_STANDING, slice_of(by_trust[trust]));
}

/* ---- Whom it names ------------------------------------------------------- */

static bool mention(struct forum *f, struct record *r, struct slice name)
{
        if (!f->mentions)
                f->mentions = arena_array(f->a, RECORD_LIST_MAX, sizeof *f->mentions);
        if (!f->mentions)
                return full(f);
        for (size_t i = 0; i < r->n_mentions; i++)
                if (slice_eq_nocase(f->mentions[i], name))
                        return true;
        if (name.n && r->n_mentions < RECORD_LIST_MAX)
                f->mentions[r->n_mentions++] = name;
        r->mentions = f->mentions;
        return true;
}

static bool mentions_in(struct forum *f, struct record *r, struct slice text)
{
        struct slice name;
        for (size_t at = 0; at_name_next(text, &at, &name);)
                if (!mention(f, r, name))
                        return false;
        return true;
}

/* In what the forum made of the words every name is marked, whatever its script:
 * <a class="mention" href="/u/name">@name</a> */
static bool mentions_marked(struct forum *f, struct record *r, struct slice html)
{
        static const char mark[] = "class=\"mention\"";
        for (size_t at = 0; at < html.n;) {
                const char *p = memmem(html.p + at, html.n - at, mark, sizeof mark - 1);
                if (!p)
                        break;
                at = (size_t)(p - html.p) + sizeof mark - 1;
                const char *name = memmem(html.p + at, html.n - at, ">@", 2);
                if (!name)
                        break;
                size_t from = (size_t)(name - html.p) + 2, end = from;
                while (end < html.n && html.p[end] != '<')
                        end++;
                at = end;
                if (end - from <= NAME_BYTES_MAX * 4 && !mention(f, r, slice_make(html.p + from, end - from)))
                        return false;
        }
        return true;
}

/* ---- Words --------------------------------------------------------------- */

/* Whom [quote="name, post:1, topic:2"] names. */
static bool quoted(struct forum *f, struct record *r, struct slice tag)
{
        const char *from = memchr(tag.p, '=', tag.n);
        if (!from)
                return true;
        struct slice name = { from + 1, (size_t)(tag.p + tag.n - from) - 1 };
        if (name.n && name.p[0] == '"')
                name.p++, name.n--;
        size_t n = 0;
        while (n < name.n && !strchr(",\"]", name.p[n]))
                n++;
        return mention(f, r, slice_trim(slice_make(name.p, n)));
}

static bool at_word(struct slice text, size_t at, const char *word)
{
        return slice_starts(slice_make(text.p + at, text.n - at), slice_of(word));
}

static bool opens_quote(struct slice text, size_t at)
{
        return at_word(text, at, "[quote]") || at_word(text, at, "[quote=");
}

/* What is written without what is quoted. A quote that is not closed is none. */
static bool own_words(struct forum *f, struct record *r, struct slice raw, struct slice *out)
{
        char *to = arena_alloc(f->a, raw.n + 1);
        size_t n = 0, depth = 0, kept = 0;
        if (!to)
                return full(f);
        for (size_t i = 0; i < raw.n; i++) {
                if (opens_quote(raw, i)) {
                        size_t most = raw.n - i < QUOTE_TAG_MAX ? raw.n - i : QUOTE_TAG_MAX;
                        const char *end = memchr(raw.p + i, ']', most);
                        if (end && !quoted(f, r, slice_make(raw.p + i, (size_t)(end - raw.p) - i)))
                                return false;
                        if (depth++ == 0)
                                kept = n; /* to come back to, if it ends */
                } else if (depth && at_word(raw, i, "[/quote]")) {
                        i += sizeof "[/quote]" - 2;
                        if (--depth == 0)
                                n = kept;
                        else
                                memcpy(to + n, "[/quote]", 8), n += 8;
                        continue;
                }
                to[n++] = raw.p[i];
        }
        *out = slice_trim(slice_make(to, n));
        return true;
}

static bool post_words(struct forum *f, struct record *r)
{
        struct slice raw = json_string(json_get(f->item, "raw")), body = SLICE_NONE;
        struct slice cooked = json_string(json_get(f->item, "cooked"));
        const struct json *answered = json_get(f->item, "reply_to_user");
        if (raw.p && !own_words(f, r, raw, &body))
                return false;
        if (!raw.p && cooked.p && !(body = html_text(f->a, cooked, true)).p)
                return full(f);
        return set(f, r, FIELD_BODY, body) && mentions_in(f, r, body) && mentions_marked(f, r, cooked) &&
               mention(f, r, json_string(json_get(answered, "username"))) &&
               mention(f, r, json_string(json_get(answered, "name"))) &&
               attribute(f, r, "category", json_string(json_get(f->item, "category_slug")));
}

/* ---- Readers ------------------------------------------------------------- */

static bool is_public(struct slice archetype)
{
        return slice_is(archetype, "regular") || slice_is(archetype, "banner");
}

/* Counted: nothing else is known of it than that it came. */
static bool leave(struct forum *f)
{
        f->counted = true;
        return true;
}

static bool is_regular(const struct json *post)
{
        int64_t type;
        return json_int(json_get(post, "post_type"), &type) && type == POST_REGULAR;
}

static bool is_public_post(const struct json *post)
{
        return is_public(json_string(json_get(post, "topic_archetype"))) && is_regular(post);
}

/* When the post, as it is sent, began to be so. */
static bool post_revision(struct forum *f, struct record *r)
{
        int64_t deleted_us;
        bool by_author = json_true(json_get(f->item, "user_deleted"));
        if (!time_of(f->item, "updated_at", &r->revision))
                return missing(f, "updated_at");
        r->deleted = f->event->change == DESTROYED || by_author || json_true(json_get(f->item, "hidden"));
        if (time_of(f->item, "deleted_at", &deleted_us)) {
                r->deleted = true;
                r->revision = deleted_us > r->revision ? deleted_us : r->revision;
        } else if (f->event->change == RECOVERED || (f->event->change == DESTROYED && !by_author)) {
                r->revision = f->now_us > r->revision ? f->now_us : r->revision;
        }
        return true;
}

/* Of a deleted topic's posts Discourse no longer says whether it was a private message. */
static bool tombstone_only(const struct forum *f)
{
        return f->event->change == DESTROYED && !json_string(json_get(f->item, "topic_archetype")).n &&
               is_regular(f->item);
}

static bool read_post(struct forum *f, struct record *r)
{
        struct slice id = digits(json_get(f->item, "id")), topic = digits(json_get(f->item, "topic_id"));
        bool gone = tombstone_only(f);
        if (!gone && !is_public_post(f->item))
                return leave(f);
        if (!id.p)
                return missing(f, "id");
        if (!topic.p)
                return missing(f, "topic_id");
        if (!time_of(f->item, "created_at", &r->occurred_at_us))
                return missing(f, "created_at");
        r->kind = KIND_DISCUSSION;
        r->first = f->event->change == CREATED;
        if (!post_revision(f, r) || !set_id(f, r, FIELD_ID, "post", id))
                return false;
        if (gone)
                return true;
        return set_id(f, r, FIELD_THREAD, "topic", topic) &&
               author(f, r, digits(json_get(f->item, "user_id")), f->item) &&
               (r->deleted || (standing(f, r, f->item) && post_words(f, r)));
}

/* ["a"] of old, [{ "name": "a" }] of late. */
static bool tags(struct forum *f, struct record *r)
{
        const struct json *list = json_get(f->item, "tags");
        if (!list || list->type != JSON_ARRAY || list->count == 0)
                return true;
        struct slice *all = arena_array(f->a, list->count, sizeof *all);
        if (!all)
                return full(f);
        for (const struct json *j = list->first; j && r->n_tags < RECORD_LIST_MAX; j = j->next) {
                struct slice tag = json_string(j->type == JSON_OBJECT ? json_get(j, "name") : j);
                if (tag.n)
                        all[r->n_tags++] = tag;
        }
        r->tags = all;
        return true;
}

static bool topic_words(struct forum *f, struct record *r)
{
        bool archived = json_true(json_get(f->item, "archived")),
             closed = json_true(json_get(f->item, "closed"));
        return set(f, r, FIELD_TITLE, json_string(json_get(f->item, "title"))) && tags(f, r) &&
               mentions_in(f, r, r->text[FIELD_TITLE]) &&
               attribute(f, r, "state",
                         archived ? SLICE("archived")
                         : closed ? SLICE("closed")
                                  : SLICE("open"));
}

static bool read_topic(struct forum *f, struct record *r)
{
        struct slice id = digits(json_get(f->item, "id")), user = digits(json_get(f->item, "user_id"));
        const struct json *by = json_get(f->item, "created_by");
        int64_t deleted_us;
        if (!is_public(json_string(json_get(f->item, "archetype"))))
                return leave(f);
        if (!id.p)
                return missing(f, "id");
        if (!time_of(f->item, "created_at", &r->occurred_at_us))
                return missing(f, "created_at");
        r->kind = KIND_DISCUSSION;
        r->first = f->event->change == CREATED;
        r->revision = r->first ? r->occurred_at_us : f->now_us;
        r->deleted = f->event->change == DESTROYED || time_of(f->item, "deleted_at", &deleted_us);
        return set_id(f, r, FIELD_ID, "topic", id) && set_id(f, r, FIELD_THREAD, "topic", id) &&
               author(f, r, user.p ? user : digits(json_get(by, "id")), by) &&
               (r->deleted || topic_words(f, r));
}

static bool read_like(struct forum *f, struct record *r)
{
        const struct json *post = json_get(f->item, "post"), *user = json_get(f->item, "user");
        struct slice id = digits(json_get(post, "id")), who = digits(json_get(user, "id"));
        struct slice topic = digits(json_get(post, "topic_id"));
        if (!is_public_post(post))
                return leave(f);
        if (!id.p)
                return missing(f, "post.id");
        if (!who.p)
                return missing(f, "user.id");
        const char *both = arena_printf(f->a, "%.*s/%.*s", SLICE_ARG(id), SLICE_ARG(who));
        if (!both)
                return full(f);
        r->kind = KIND_EVENT;
        r->occurred_at_us = f->now_us;
        return set_id(f, r, FIELD_ID, "like", slice_of(both)) &&
               (!topic.p || set_id(f, r, FIELD_THREAD, "topic", topic)) && author(f, r, who, user) &&
               attribute(f, r, "event", SLICE("like")) &&
               attribute(f, r, "category", json_string(json_get(post, "category_slug")));
}

static bool read_user(struct forum *f, struct record *r)
{
        struct slice id = digits(json_get(f->item, "id"));
        if (!id.p)
                return missing(f, "id");
        if (!time_of(f->item, "created_at", &r->occurred_at_us))
                r->occurred_at_us = f->now_us;
        r->kind = KIND_MEMBER;
        r->first = f->event->change == CREATED;
        r->revision = r->first ? r->occurred_at_us : f->now_us;
        r->deleted = f->event->change == DESTROYED;
        return set_id(f, r, FIELD_ID, "user", id) && author(f, r, id, f->item) &&
               (r->deleted || (set(f, r, FIELD_AUTHOR_EMAIL, json_string(json_get(f->item, "email"))) &&
                               standing(f, r, f->item)));
}

/* ---- One request --------------------------------------------------------- */

static bool read_item(struct forum *f, const struct json *root, struct record **out)
{
        f->item = json_get(root, f->event->item);
        if (!f->item || f->item->type != JSON_OBJECT)
                return err_set(f->err, ERR_DATA, 0, "\"%s\" is missing or not what Discourse sends",
                               f->event->item);
        struct record *r = ARENA_NEW(f->a, struct record);
        if (!r)
                return full(f);
        if (!f->event->read(f, r))
                return false;
        if (f->counted)
                return true;
        source_defaults(f->s, r);
        *out = r;
        return record_check(r, f->err);
}

bool discourse_read(struct slice event, struct slice payload, const struct source *s, struct arena *a,
                    enum hook_outcome *outcome, struct record **r, struct err *err)
{
        struct forum f = { .s = s, .a = a, .event = event_of(event), .now_us = clock_now_us(), .err = err };
        struct json *root;
        *r = NULL;
        *outcome = slice_is(event, "ping") ? HOOK_PING : HOOK_COUNTED;
        if (!f.event)
                return true;
        if (!json_read(&root, a, payload, PAYLOAD_DEPTH_MAX, err) || !read_item(&f, root, r)) {
                *r = NULL;
                return err_add(err, "event \"%s\"", f.event->name);
        }
        *outcome = *r ? HOOK_RECORDS : HOOK_COUNTED;
        return true;
}
