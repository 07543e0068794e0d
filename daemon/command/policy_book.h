/* policy_book.h - the book by which a case or an officer's record is judged: of a region, or of a
 * policy by its name alone, with the hub's places as shipped or as a case says. */
#ifndef COMMAND_POLICY_BOOK_H
#define COMMAND_POLICY_BOOK_H

#include "policy/policy.h"
#include "role/act.h"
#include "role/settings.h"

/* policy.c's words of a file each. */
int policy_test(int argc, char **argv);
int policy_explain_verb(int argc, char **argv);
int policy_diff(int argc, char **argv);
int policy_show(int argc, char **argv);
int policy_due(int argc, char **argv);

/* "eea.cfg" and "eea" mean the policy eea of the folder of policies; a path means that file, among
 * what lies beside it, and never its namesake in force. */
void policy_name(char name[256], char folder[4096], const char *arg, const char *policies);

struct book_wanted {
        const char *policy, *region; /* one of them; both: that policy, in the region's place */
        const struct hub *places;    /* n_places 0, or NULL: those of regions/hub.cfg */
        struct slice packed;         /* a set that is no folder's, as policy_pack() has it; absent: the
                                        deployment's. Always the same for a struct policy_book */
        const char *below;           /* a folder, for files that the deployment's lacks; NULL: none */
};
struct policy_book { /* begin with zeros */
        struct hub_settings hub;
        bool has_hub;
        struct agent_settings *settings;
        struct book *book;
        struct discarder *discarder;
        struct judge *judge;
        char key[1024]; /* what is open */
};
/* Opens another book unless it is the one that is open. False: the report says why. */
bool policy_book_open(struct policy_book *b, const struct deployment *d, const struct book_wanted *w,
                      struct report *report);
void policy_book_close(struct policy_book *b);

#endif
