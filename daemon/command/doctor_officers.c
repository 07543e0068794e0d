/* doctor_officers.c - whether anybody must sign what lets out more, and still can. */
#include "base/file.h"
#include "doctor.h"
#include "policy/officers.h"

void look_officers(struct checkup *c, const struct patient *p)
{
        char path[4096];
        struct report *report = report_new();
        snprintf(path, sizeof path, "%s/officers.cfg", p->d->policies);
        if (!file_exists(path)) {
                tell(c, VERDICT_NOTE, "Name two officers: policies/README.md, \"Two signatures to loosen\".",
                     "nobody: whoever can write a policy file lets out what it allows");
        } else {
                officers_check_file(p->d->policies, p->now_us, report);
                for (size_t i = 0; i < report_size(report); i++) {
                        const struct report_item *it = report_at(report, i);
                        tell(c, VERDICT_WRONG, it->hint, "%s:%d: %s", it->file, it->line, it->text);
                }
                if (report_size(report) == 0)
                        tell(c, VERDICT_WELL, NULL, "enough officers may sign");
        }
        report_free(report);
}
