/* log.h - for the one who is woken at night.
 *
 * One line an event on stderr: `TIME LEVEL area: event key=value ...`, or one
 * JSON object a line. Four levels: error (act), warning (look), info (life
 * events), debug. Words of people, addresses, names and ids of sources' making
 * never enter a log; there is no formatter for them. Thread-safe; one write(2)
 * a line. Errors are logged in one place: where they are handled.
 *
 *      log_info("vault", "segment sealed", "segment=%u bytes=%zu", no, n);   */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

struct err;

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Defaults: info, text. Call before threads start. */
void log_setup(enum log_level level, bool json);
bool log_level_parse(enum log_level *out, const char *name);

/* `area` is the folder or noun, `event` a few fixed words, `fmt` key=value
 * pairs (values with blanks in double quotes), or NULL. */
void log_write(enum log_level level, const char *area, const char *event, const char *fmt, ...)
        __attribute__((format(printf, 4, 5)));
#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* Logs an error value with its kind, text and hint. */
void log_err(enum log_level level, const char *area, const char *event, const struct err *err);

#endif
