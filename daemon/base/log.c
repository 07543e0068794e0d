/* log.c - one line an event, one write(2) a line. */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"

/* Below PIPE_BUF, so that lines of several processes on one pipe stay whole. */
enum { LINE_MAX_BYTES = 4000, DETAIL_MAX = 1600 };

static atomic_int level_now = LOG_LEVEL_INFO;
static atomic_bool json_now;
static const char *const names[] = { "error", "warning", "info", "debug" };

void log_setup(enum log_level level, bool json)
{
        atomic_store(&level_now, (int)level);
        atomic_store(&json_now, json);
}

bool log_level_parse(enum log_level *out, const char *name)
{
        for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++) {
                if (strcmp(names[i], name) == 0) {
                        *out = (enum log_level)i;
                        return true;
                }
        }
        return false;
}

/* A line is a line: what would break it, or steer a terminal, becomes a blank. */
static void flatten(char *s)
{
        for (; *s; s++)
                if ((unsigned char)*s < 0x20 || *s == 0x7f)
                        *s = ' ';
}

static void put_line(const char *line, size_t n)
{
        while (n > 0) {
                ssize_t put = write(STDERR_FILENO, line, n);
                if (put <= 0)
                        return; /* nowhere to say it */
                line += put;
                n -= (size_t)put;
        }
}

/* Splits `key=value key="a b"` at *p; false at the end. Detail is ours, so this need
 * not be clever: what has no '=' joins the text under "detail". */
static bool next_pair(char **p, char **key, char **value)
{
        char *s = *p + strspn(*p, " ");
        if (!*s)
                return false;
        char *equals = s + strcspn(s, "= ");
        if (*equals != '=') {
                static char detail[] = "detail";
                *key = detail;
                *value = s;
                *p = s + strlen(s);
                return true;
        }
        *equals = 0;
        *key = s;
        s = equals + 1;
        bool quoted = *s == '"';
        *value = s + quoted;
        s = *value + strcspn(*value, quoted ? "\"" : " ");
        *p = *s ? s + 1 : s;
        *s = 0;
        return true;
}

/* A whole number stays one. */
static void put_value(struct json_out *o, const char *key, const char *value)
{
        size_t sign = value[0] == '-', n = strspn(value + sign, "0123456789");
        bool number = n > 0 && n < 16 && !value[sign + n] && (value[sign] != '0' || n == 1);
        if (number)
                json_put_raw(o, key, slice_of(value));
        else
                json_put_text(o, key, value);
}

static void write_json(const char *time, enum log_level level, const char *area,
                       const char *event, char *detail)
{
        struct buf line;
        struct json_out o;
        buf_init(&line, 4 * LINE_MAX_BYTES);
        json_out_init(&o, &line);
        json_open(&o, NULL, '{');
        json_put_text(&o, "time", time);
        json_put_text(&o, "level", names[level]);
        json_put_text(&o, "area", area);
        json_put_text(&o, "event", event);
        char *key, *value;
        while (next_pair(&detail, &key, &value))
                put_value(&o, key, value);
        json_close(&o, '}');
        buf_putc(&line, '\n');
        if (buf_ok(&line))
                put_line(line.p, line.n);
        buf_clear(&line);
}

static void write_text(const char *time, enum log_level level, const char *area,
                       const char *event, const char *detail)
{
        char line[LINE_MAX_BYTES];
        int n = snprintf(line, sizeof line - 1, "%s %s %s: %s%s%s", time, names[level], area,
                         event, *detail ? " " : "", detail);
        if (n < 0)
                return;
        size_t len = (size_t)n < sizeof line - 2 ? (size_t)n : sizeof line - 2;
        line[len] = '\n';
        put_line(line, len + 1);
}

static void write_event(enum log_level level, const char *area, const char *event, char *detail)
{
        char time[CLOCK_TEXT_MAX];
        clock_format_rfc3339(time, clock_now_us());
        flatten(detail);
        if (atomic_load(&json_now))
                write_json(time, level, area, event, detail);
        else
                write_text(time, level, area, event, detail);
}

void log_write(enum log_level level, const char *area, const char *event, const char *fmt, ...)
{
        char detail[DETAIL_MAX] = "";
        if ((int)level > atomic_load(&level_now))
                return;
        if (fmt) {
                va_list args;
                va_start(args, fmt);
                vsnprintf(detail, sizeof detail, fmt, args);
                va_end(args);
        }
        write_event(level, area, event, detail);
}

/* Quotes inside an error's text would end the value early. */
static void plain_quotes(char *s)
{
        for (; *s; s++)
                if (*s == '"')
                        *s = '\'';
}

void log_err(enum log_level level, const char *area, const char *event, const struct err *err)
{
        char text[sizeof err->text], hint[sizeof err->hint], detail[DETAIL_MAX];
        if ((int)level > atomic_load(&level_now))
                return;
        snprintf(text, sizeof text, "%s", err->text);
        snprintf(hint, sizeof hint, "%s", err->hint);
        plain_quotes(text);
        plain_quotes(hint);
        snprintf(detail, sizeof detail, "kind=%s code=%d error=\"%s\"%s%s%s",
                 err_kind_name(err->kind), err->code, text, *hint ? " hint=\"" : "", hint,
                 *hint ? "\"" : "");
        write_event(level, area, event, detail);
}
