/* policy_score.h - `policy score`: run by policy_score.c, printed by policy_scored.c. */
#ifndef COMMAND_POLICY_SCORE_H
#define COMMAND_POLICY_SCORE_H

#include "detect/score.h"
#include "verb.h"

struct score_asked {
        const char *corpus;
        const char *gazetteer, *predictions; /* files; NULL: none */
        bool json;
};
/* Returns the exit status. */
int policy_score(const struct score_asked *q);

struct score_told {
        const struct score *score;
        uint64_t bytes; /* of text scanned */
        double seconds; /* of CPU time */
        size_t people;  /* known to the detector */
};
void score_text(const struct score_told *t);
void score_json(const struct score_told *t);

#endif
