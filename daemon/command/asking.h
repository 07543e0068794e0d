/* asking.h - asks one running agent, or all of this machine, for its status. */
#ifndef COMMAND_ASKING_H
#define COMMAND_ASKING_H

#include "base/json.h"
#include "role/act.h"

struct asking {
        const struct deployment *d;
        const char *states; /* folder that holds a state folder per region; NULL: the usual */
        struct arena *arena;
        size_t asked, well;
        void (*say)(const struct json *status);
};
/* Says what each told, or prints it with --json. EXIT_WELL if all are well. */
int asking_all(struct asking *q);

#endif
