/* mail.h - how threads meet: bounded mailboxes of letters.
 *
 * A letter is embedded in what is sent (intrusive: no allocation); whoever takes
 * it owns it until it sends it on. Any thread posts; one thread takes. The fd
 * (an eventfd) is readable while letters wait, for a loop to watch.          */
#ifndef BASE_MAIL_H
#define BASE_MAIL_H

#include <stdbool.h>
#include <stddef.h>

struct letter {
        struct letter *next;
};

struct mailbox;
/* capacity: letters, > 0. NULL when memory or descriptors are out. */
struct mailbox *mailbox_new(size_t capacity);
/* Letters still inside are not freed: they are their senders'. */
void mailbox_free(struct mailbox *m);
/* False when full or shut; the letter stays with the caller. Never blocks. */
bool mailbox_post(struct mailbox *m, struct letter *letter);
/* Posts beyond the capacity: for answers, whose number is bounded by requests. */
void mailbox_return(struct mailbox *m, struct letter *letter);
/* All letters in order of posting, as a list; NULL if none. Resets the fd. */
struct letter *mailbox_take(struct mailbox *m);
/* Waits at most timeout_us (< 0: for ever) for a letter, then takes. */
struct letter *mailbox_wait(struct mailbox *m, long timeout_us);
/* Further posts fail, waiters wake. */
void mailbox_shut(struct mailbox *m);
int mailbox_fd(const struct mailbox *m);

/* The struct of `type` that embeds `letter` as `member`. */
#define LETTER_OF(letter, type, member) ((type *)((char *)(letter) - offsetof(type, member)))

#endif
