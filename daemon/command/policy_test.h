/* policy_test.h - what became of the cases: run by policy_test.c, told by policy_told.c. */
#ifndef COMMAND_POLICY_TEST_H
#define COMMAND_POLICY_TEST_H

#include "base/json.h"
#include "policy/cases.h"

enum test_format { TEST_TEXT, TEST_TAP, TEST_JUNIT, TEST_JSON, TEST_FORMATS };

struct case_result { /* texts live in the arena of the run */
        const char *file, *title, *policy;
        bool broken; /* the file, or its policy, could not be read: failures say why */
        struct case_failure *failures;
        size_t n_failures;
};
struct policy_cover {
        const char *policy;
        size_t cases, failed;
        struct coverage coverage;
};
enum { TEST_CASES_MAX = 10000, TEST_POLICIES_MAX = 64 };
struct test_told {
        enum test_format format;
        bool coverage;       /* name what was not tried */
        int64_t min_percent; /* 0: none asked */
        const struct case_result *results;
        size_t n, failed;
        struct policy_cover *const *covers;
        size_t n_covers;
        bool covered; /* all reach min_percent */
};
void policy_tell(const struct test_told *t);

#endif
