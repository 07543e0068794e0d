/* policy_versions.h - whether each version was raised since git's HEAD. */
#ifndef COMMAND_POLICY_VERSIONS_H
#define COMMAND_POLICY_VERSIONS_H

#include "base/report.h"

/* Of the named policies ("eea", "eea.cfg"), or of all with n = 0. */
void policy_versions(const char *policies_dir, const char *const *names, size_t n, struct report *report);

#endif
