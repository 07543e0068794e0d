/* github_members.c - who belongs to a repository, a team, an organization.
 *
 * The author is the member, whoever added it: an erasure must find what is about a person.
 * GitHub sends no time, and null where the account is gone: nobody is left to tell of.   */
#include "github.h"

#include "base/clock.h"

static bool is_null(const struct json *j)
{
        return j && j->type == JSON_NULL;
}

/* What all three have. No record is known to be the first: people leave and come again. */
static bool belongs(struct hook *h, struct record *r, const struct json *user)
{
        r->kind = KIND_MEMBER;
        r->occurred_at_us = clock_now_us();
        r->deleted = slice_is(h->action, "removed") || slice_is(h->action, "member_removed");
        return github_author(h, r, user);
}

static bool role(struct hook *h, struct record *r, const char *of, struct slice name, struct slice as)
{
        return r->deleted || (github_attribute(h, r, of, name) && github_attribute(h, r, "role", as));
}

bool github_member(struct hook *h, struct record *r, size_t *n)
{
        const struct json *user = json_get(h->root, "member");
        struct slice id = github_digits(json_get(user, "id"));
        struct slice given = json_string(json_at(h->root, "changes", "role_name", "to", NULL));
        if (!given.n)
                given = json_string(json_at(h->root, "changes", "permission", "to", NULL));
        if (is_null(user))
                return true;
        *n = 1;
        if (!id.p)
                return github_missing(h, "member.id");
        return github_put_id(h, r, FIELD_ID, "member", id) && belongs(h, r, user) &&
               role(h, r, "repository", json_string(json_at(h->root, "repository", "full_name", NULL)),
                    given) &&
               github_one(h, r);
}

bool github_membership(struct hook *h, struct record *r, size_t *n)
{
        const struct json *user = json_get(h->root, "member"), *team = json_get(h->root, "team");
        struct slice id = github_digits(json_get(user, "id")), of = github_digits(json_get(team, "id"));
        if (is_null(user))
                return true;
        *n = 1;
        if (!id.p)
                return github_missing(h, "member.id");
        if (!of.p)
                return github_missing(h, "team.id");
        const char *both = arena_printf(h->a, "%.*s/%.*s", SLICE_ARG(of), SLICE_ARG(id));
        if (!both)
                return github_full(h);
        return github_put_id(h, r, FIELD_ID, "membership", slice_of(both)) && belongs(h, r, user) &&
               role(h, r, "team", json_string(json_get(team, "name")), SLICE_NONE) && github_one(h, r);
}

/* Added, removed or invited. The rest is about the organization, or about an address. */
bool github_organization(struct hook *h, struct record *r, size_t *n)
{
        bool invited = slice_is(h->action, "member_invited");
        if (!invited && !slice_is(h->action, "member_added") && !slice_is(h->action, "member_removed"))
                return true;
        const struct json *place = json_get(h->root, invited ? "invitation" : "membership");
        const struct json *user = json_get(invited ? h->root : place, "user");
        struct slice id = github_digits(json_get(user, "id"));
        if (is_null(user) || (invited && !user))
                return true;
        *n = 1;
        if (!id.p)
                return github_missing(h, invited ? "user.id" : "membership.user.id");
        return github_put_id(h, r, FIELD_ID, "organization", id) && belongs(h, r, user) &&
               role(h, r, "organization", json_string(json_at(h->root, "organization", "login", NULL)),
                    json_string(json_get(place, "role"))) &&
               (r->deleted ||
                github_attribute(h, r, "state",
                                 invited ? SLICE("invited") : json_string(json_get(place, "state")))) &&
               github_one(h, r);
}
