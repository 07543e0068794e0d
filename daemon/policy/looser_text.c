/* looser_text.c - what is compared as it is written: groups whose lines the judge asks others
 * about (counters, small groups, patterns), findings that are no detector's, word lists; and every
 * key that the other parts do not know. What is written otherwise and not in a row below counts as
 * weaker, so a key that a later release adds is never overlooked.                            */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "comparing.h"

/* ---- Nodes ---------------------------------------------------------------------------------- */

/* For people: it decides nothing. */
static bool is_prose(const char *key)
{
        static const char *const prose[] = { "because", "basis", "importer" };
        for (size_t i = 0; i < sizeof prose / sizeof *prose; i++)
                if (strcmp(key, prose[i]) == 0)
                        return true;
        return false;
}

static bool is_list(const struct conf_node *n)
{
        return conf_type(n) == CONF_LIST || conf_type(n) == CONF_ARRAY;
}

static bool same_node(const struct conf_node *a, const struct conf_node *b);

static bool same_members(const struct conf_node *a, const struct conf_node *b)
{
        bool group = conf_type(a) == CONF_GROUP;
        for (size_t i = 0; i < conf_count(a); i++) {
                const struct conf_node *x = conf_at(a, i), *y = group ? conf_get(b, conf_name(x)) : conf_at(b, i);
                if (!(group && is_prose(conf_name(x))) && (!y || !same_node(x, y)))
                        return false;
        }
        return group || conf_count(a) == conf_count(b);
}

static bool same_node(const struct conf_node *a, const struct conf_node *b)
{
        if (conf_type(a) != conf_type(b))
                return false;
        switch (conf_type(a)) {
        case CONF_GROUP:
                return same_members(a, b) && same_members(b, a);
        case CONF_LIST:
        case CONF_ARRAY:
                return same_members(a, b);
        case CONF_TEXT:
                return strcmp(conf_text(a), conf_text(b)) == 0;
        case CONF_INT:
                return conf_int(a) == conf_int(b);
        case CONF_FLOAT:
                return conf_float(a) == conf_float(b);
        case CONF_BOOL:
                return conf_bool(a) == conf_bool(b);
        }
        return false;
}

static const struct conf_node *group_of(const struct policy *p, const char *name)
{
        return conf_get(conf_root(p->conf), name);
}

static size_t lines_of(const struct conf_node *n)
{
        return !n ? 0 : conf_type(n) == CONF_LIST ? conf_count(n) : 1;
}

static const struct conf_node *line_of(const struct conf_node *n, size_t i)
{
        return conf_type(n) == CONF_LIST ? conf_at(n, i) : n;
}

static struct at at_of(const struct policy *p, const struct conf_node *n)
{
        return (struct at){ p->file, conf_line(n), "" };
}

/* ---- Lines of which more are stricter ---------------------------------------------------------- */

enum how { HOW_SAME, HOW_MORE, HOW_LESS, HOW_ORDER, HOW_ANY };
static const char *const decisions[] = { "go", "hold", "stay", NULL };
static const char *const finds[] = { "pass", "mask", "drop", "discard", "hold", "stay", NULL };
static const char *const small[] = { "generalise", "drop", "hold", "stay", NULL };

/* A key without a row must be the same. */
static const struct {
        const char *group, *key;
        enum how how;
        const char *const *order;
} rows[] = {
        { "counters", "ceiling", HOW_LESS, NULL },
        { "counters", "warn_at", HOW_ANY, NULL },
        { "counters", "then", HOW_ORDER, decisions },
        { "small_group", "fewer_than", HOW_MORE, NULL },
        { "small_group", "then", HOW_ORDER, small },
        { "patterns", "do", HOW_ORDER, finds },
        { "patterns", "yes", HOW_ANY, NULL },
        { "patterns", "no", HOW_ANY, NULL },
};

static int place_in(const char *const *order, const struct conf_node *n)
{
        for (int i = 0; n && order[i]; i++)
                if (strcmp(conf_text(n), order[i]) == 0)
                        return i;
        return -1;
}

static bool key_made_up(const char *group, const char *key, const struct conf_node *from, const struct conf_node *to)
{
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                if (strcmp(rows[i].group, group) != 0 || strcmp(rows[i].key, key) != 0)
                        continue;
                bool numbers = from && to && conf_type(from) == CONF_INT && conf_type(to) == CONF_INT;
                switch (rows[i].how) {
                case HOW_ANY:
                        return true;
                case HOW_MORE:
                        return numbers && conf_int(to) >= conf_int(from);
                case HOW_LESS:
                        return numbers && conf_int(to) <= conf_int(from);
                case HOW_ORDER:
                        return place_in(rows[i].order, from) >= 0 &&
                               place_in(rows[i].order, to) >= place_in(rows[i].order, from);
                case HOW_SAME:
                        break;
                }
        }
        return from && to ? same_node(from, to) : from == to;
}

static bool line_makes_up(const char *group, const struct conf_node *from, const struct conf_node *to)
{
        if (conf_type(from) != CONF_GROUP || conf_type(to) != CONF_GROUP)
                return same_node(from, to);
        for (size_t i = 0; i < conf_count(from); i++) {
                const struct conf_node *x = conf_at(from, i);
                if (!is_prose(conf_name(x)) && !key_made_up(group, conf_name(x), x, conf_get(to, conf_name(x))))
                        return false;
        }
        for (size_t i = 0; i < conf_count(to); i++) {
                const struct conf_node *x = conf_at(to, i);
                if (!is_prose(conf_name(x)) && !conf_get(from, conf_name(x)) && !key_made_up(group, conf_name(x), NULL, x))
                        return false;
        }
        return true;
}

/* What is counted is counted by its policy's name: under another it would begin anew. */
static bool line_made_up(const struct law *to, const char *policy, const char *group, const struct conf_node *line)
{
        bool anywhere = strcmp(group, "patterns") == 0;
        for (size_t i = 0; i < to->n_chain; i++) {
                const struct conf_node *n = group_of(to->chain[i], group);
                if (!anywhere && strcmp(to->chain[i]->name, policy) != 0)
                        continue;
                for (size_t k = 0; k < lines_of(n); k++)
                        if (line_makes_up(group, line, line_of(n, k)))
                                return true;
        }
        return false;
}

static void compare_group(struct comparing *c, const char *group)
{
        for (size_t i = 0; i < c->from->n_chain; i++) {
                const struct policy *p = c->from->chain[i];
                const struct conf_node *n = group_of(p, group);
                for (size_t k = 0; k < lines_of(n); k++) {
                        const struct conf_node *line = line_of(n, k);
                        struct at at = at_of(p, line);
                        char what[160];
                        const struct conf_node *name = conf_type(line) == CONF_GROUP ? conf_get(line, "name") : NULL;
                        if (line_made_up(c->to, p->name, group, line))
                                continue;
                        snprintf(what, sizeof what, "%s%s%.64s", group, name ? " " : "", name ? conf_text(name) : "");
                        comparing_note_line(c, &at, NULL, what);
                }
        }
}

/* ---- Findings by names that no detector has -------------------------------------------------------- */

static bool is_detectors(const char *name)
{
        int id = detect_id(name);
        return detect_group(name) || (id >= 0 && detect_enforced(id));
}

static bool names_it(const struct conf_node *n, const char *name)
{
        if (!n)
                return false;
        for (size_t i = 0; is_list(n) && i < conf_count(n); i++)
                if (strcmp(conf_text(conf_at(n, i)), name) == 0)
                        return true;
        return !is_list(n) && strcmp(conf_text(n), name) == 0;
}

/* What a law does about what is called so. */
static int action_on(const struct law *law, const char *name)
{
        int most = 0;
        for (size_t i = 0; i < law->n_chain; i++) {
                const struct conf_node *find = group_of(law->chain[i], "find"), *to = group_of(law->chain[i], "transfers");
                for (size_t k = 0; k < lines_of(find); k++) {
                        const struct conf_node *line = line_of(find, k);
                        int action = place_in(finds, conf_get(line, "do"));
                        if (action > most && names_it(conf_get(line, "what"), name))
                                most = action;
                }
                for (size_t k = 0; k < lines_of(to); k++)
                        if (most < FIND_DROP && names_it(conf_get(line_of(to, k), "never"), name))
                                most = FIND_DROP;
        }
        return most;
}

static void compare_name(struct comparing *c, const struct policy *p, const struct conf_node *line, const char *name)
{
        struct at at = at_of(p, line);
        char what[120];
        int from = action_on(c->from, name), to = action_on(c->to, name);
        if (is_detectors(name) || to >= from)
                return;
        snprintf(what, sizeof what, "%.64s, where found", name);
        comparing_note_values(c, &at, NULL, what, finds[from], finds[to]);
}

static void compare_names(struct comparing *c, const struct policy *p, const char *group, const char *key)
{
        const struct conf_node *n = group_of(p, group);
        for (size_t i = 0; i < lines_of(n); i++) {
                const struct conf_node *line = line_of(n, i), *names = conf_get(line, key);
                if (!names)
                        continue;
                for (size_t k = 0; is_list(names) && k < conf_count(names); k++)
                        compare_name(c, p, line, conf_text(conf_at(names, k)));
                if (!is_list(names))
                        compare_name(c, p, line, conf_text(names));
        }
}

/* ---- Special categories -------------------------------------------------------------------------- */

/* Where there is no list, all records with words are held for it. */
static const struct at *held_at(const struct law *law, const char *what)
{
        for (size_t i = 0; i < law->n_pending; i++)
                if (strcmp(law->pending[i]->what, what) == 0)
                        return &law->pending[i]->at;
        return NULL;
}

static void compare_held(struct comparing *c)
{
        for (size_t i = 0; i < c->from->n_pending; i++) {
                const struct pending *p = c->from->pending[i];
                char what[120];
                if (held_at(c->to, p->what))
                        continue;
                snprintf(what, sizeof what, "records are held for want of what \"%.64s\" needs", p->what);
                comparing_note_line(c, &p->at, NULL, what);
        }
}

/* Of these words a mask takes away what they cover, so a shorter one does not make up for a longer. */
static void compare_special(struct comparing *c)
{
        const struct at *at = &c->from->find_at[SPECIAL];
        for (size_t i = 0; i < c->from->n_special; i++) {
                if (vocabulary_is_in(c->from->special[i], c->to->special, c->to->n_special))
                        continue;
                comparing_note_line(c, at->file ? at : &c->from->origin, &c->to->find_at[SPECIAL],
                                    "words of special categories");
                return;
        }
}

/* ---- Keys that nobody knows -------------------------------------------------------------------------- */

/* What the other parts compare by its meaning. A permission may go without a word; a line that
 * stops may not. */
static const struct {
        const char *group;
        bool permits;
        const char *keys; /* each between blanks */
} known[] = {
        { "protects", false, " people_in also_abroad residence_unknown " },
        { "purposes", true, " name ground kinds " },
        { "records", true, " feedback discussion contribution member event journey lead " },
        { "subject", true, " " },
        { "fields", true, " field do to " },
        { "find", false, " what do words " },
        { "children", false, " under then age_unknown except of " },
        { "rules", false, " name when then kind source lang country consent words unknown " },
        { "transfers", true, " to allow until review_by never file_within counted_from signed filed " },
        { "keep", false, " raw raw_at_least warehouse held backups proof tell_before_deletion " },
        { "consent", false, " purpose separate missing kinds " },
};

static bool is_known(const char *keys, const char *key)
{
        char wanted[80];
        snprintf(wanted, sizeof wanted, " %.64s ", key);
        return is_prose(key) || strstr(keys, wanted);
}

static const struct conf_node *strange_key(const char *keys, const struct conf_node *line)
{
        for (size_t i = 0; i < conf_count(line); i++) {
                const struct conf_node *n = conf_at(line, i), *below;
                if (conf_type(line) == CONF_GROUP && !is_known(keys, conf_name(n)))
                        return n;
                if ((conf_type(n) == CONF_GROUP || conf_type(n) == CONF_LIST) && (below = strange_key(keys, n)))
                        return below;
        }
        return NULL;
}

static bool has_same_line(const struct law *law, const char *group, const struct conf_node *line)
{
        for (size_t i = 0; i < law->n_chain; i++) {
                const struct conf_node *n = group_of(law->chain[i], group);
                for (size_t k = 0; k < lines_of(n); k++)
                        if (same_node(line, line_of(n, k)))
                                return true;
        }
        return false;
}

/* A line with a key that nobody knows must stand in the other version as it is. */
static void compare_strange(struct comparing *c, const struct law *law, const struct law *other, const char *group,
                            const char *keys)
{
        for (size_t i = 0; i < law->n_chain; i++) {
                const struct policy *p = law->chain[i];
                const struct conf_node *n = group_of(p, group), *key;
                for (size_t k = 0; k < lines_of(n); k++) {
                        const struct conf_node *line = line_of(n, k);
                        struct at at = at_of(p, line);
                        bool old = law == c->from;
                        if (!(key = strange_key(keys, line)) || has_same_line(other, group, line))
                                continue;
                        comparing_note(c, old ? &at : NULL, old ? NULL : &at,
                                       "%s: what \"%.64s\" changes cannot be compared, so it counts as looser", group,
                                       conf_name(key));
                }
        }
}

static void compare_all_strange(struct comparing *c)
{
        for (size_t i = 0; c->kind == CHANGE_LOOSER && i < sizeof known / sizeof *known; i++) {
                compare_strange(c, c->to, c->from, known[i].group, known[i].keys);
                if (!known[i].permits)
                        compare_strange(c, c->from, c->to, known[i].group, known[i].keys);
        }
}

/* Settings of the head that decide nothing, and duties that bind people. */
static const char aside[] = " policy version language title law owner review_by extends backups rights breach ";
static const char by_line[] = " counters sensitive small_group patterns ";

static bool is_compared(const char *group)
{
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
                if (strcmp(known[i].group, group) == 0)
                        return true;
        return is_known(aside, group);
}

void compare_texts(struct comparing *c)
{
        static const char *const counted[] = { "counters", "sensitive", "small_group", "patterns" };
        for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
                compare_group(c, counted[i]);
        for (size_t i = 0; i < c->from->n_chain; i++) {
                const struct conf_node *root = conf_root(c->from->chain[i]->conf);
                compare_names(c, c->from->chain[i], "find", "what");
                compare_names(c, c->from->chain[i], "transfers", "never");
                for (size_t k = 0; k < conf_count(root); k++) {
                        const char *group = conf_name(conf_at(root, k));
                        if (!is_compared(group) && !is_known(by_line, group))
                                compare_group(c, group);
                }
        }
        compare_special(c);
        compare_held(c);
        compare_all_strange(c);
}

/* ---- Files that policies name --------------------------------------------------------------------------- */

static bool names_list(const struct conf_node *n, const char *file, bool words)
{
        words |= strcmp(conf_name(n), "words") == 0;
        if (conf_type(n) == CONF_TEXT)
                return words && strcmp(conf_text(n), file) == 0;
        for (size_t i = 0; i < conf_count(n); i++)
                if (names_list(conf_at(n, i), file, words))
                        return true;
        return false;
}

/* The words of rules and of special categories were compared by what they meet. */
static bool is_of_words(const struct book *b, const char *file)
{
        if (strcmp(file, "lists/special_category.txt") == 0)
                return true;
        for (size_t i = 0; i < b->home.n_chain; i++)
                if (names_list(conf_root(b->home.chain[i]->conf), file, false))
                        return true;
        for (size_t i = 0; i < b->n_abroad; i++)
                for (size_t k = 0; k < b->abroad[i].n_chain; k++)
                        if (names_list(conf_root(b->abroad[i].chain[k]->conf), file, false))
                                return true;
        return false;
}

static const struct shelf_file *file_of(const struct book *b, const char *name)
{
        for (size_t i = 0; i < b->shelf.n; i++)
                if (strcmp(b->shelf.files[i].name, name) == 0)
                        return &b->shelf.files[i];
        return NULL;
}

/* Any other list may be one of words, or of what is let through: a change of it is taken for the worse.
 * Holidays let nothing out. */
void compare_lists(struct comparing *c)
{
        for (size_t i = 0; c->kind == CHANGE_LOOSER && i < c->from_book->shelf.n; i++) {
                const struct shelf_file *from = &c->from_book->shelf.files[i], *to = file_of(c->to_book, from->name);
                const struct at at = { from->name, 1, "" };
                if (strncmp(from->name, "lists/", 6) != 0 || strncmp(from->name, "lists/holidays-", 15) == 0 ||
                    is_of_words(c->from_book, from->name) ||
                    (to && slice_eq(from->bytes, to->bytes)))
                        continue;
                comparing_note(c, &at, to ? &at : NULL, "the list %s; what that changes cannot be compared",
                               to ? "has other lines" : "is gone");
        }
}
