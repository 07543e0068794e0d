/* password.c - secrets without a form of their own, known by the name beside them:
 * password=..., "token": "...", IDENTIFIED BY '...', Authorization: Bearer ..., -pSECRET. */
#include "look.h"

enum { VALUE_MAX = 256 };

struct name {
        const char *text;
        size_t n;
};
#define NAME(text) { text, sizeof text - 1 }

/* How names end that are followed by a password, and by a machine's secret. */
static const struct name passwords[] = {
        NAME("password"), NAME("passwd"), NAME("passwort"), NAME("pwd"), NAME("passphrase"),
        NAME("passcode"), NAME("kennwort"), NAME("senha"), NAME("contraseña"), NAME("contrasena"),
        NAME("mot de passe"), NAME("sandi"), NAME("wachtwoord"), NAME("lösenord"), NAME("mật khẩu"),
        NAME("密码"), NAME("口令"), NAME("密碼"), NAME("パスワード"), NAME("비밀번호"), NAME("암호"), NAME("รหัสผ่าน"),
        NAME("पासवर्ड"), NAME("hasło"), NAME("haslo"), NAME("heslo"), NAME("şifre"), NAME("sifre"), NAME("motdepasse"),
        NAME("salasana"), NAME("passord"), NAME("adgangskode"), NAME("jelszó"), NAME("kata laluan"), NAME("пароль"),
        NAME("비번"), NAME("패스워드")
};
static const struct name secrets[] = {
        NAME("secret"), NAME("token"), NAME("api_key"), NAME("apikey"), NAME("api-key"),
        NAME("access_key"), NAME("accesskey"), NAME("access-key"), NAME("secret_key"),
        NAME("secretkey"), NAME("secret-key"), NAME("auth_key"), NAME("accountkey"),
        NAME("private_key"), NAME("client_key"), NAME("credential"), NAME("credentials"),
        NAME("authorization"), NAME("-auth")
};

static bool ends_with(const char *s, size_t n, const struct name *list, size_t count)
{
        for (size_t k = 0; k < count; k++) {
                size_t len = list[k].n, i = 0;
                if (len > n || to_lower(s[n - 1]) != list[k].text[len - 1])
                        continue;
                while (i < len && to_lower(s[n - len + i]) == list[k].text[i])
                        i++;
                if (i == len)
                        return true;
        }
        return false;
}

static bool any_of(const char *s, size_t n, const struct name *list, size_t count)
{
        for (size_t k = 0; k < count; k++)
                if (list[k].n == n && ends_with(s, n, list + k, 1))
                        return true;
        return false;
}

struct value {
        size_t start, end;
        bool quoted;
        bool spaced; /* a blank between the sign and it */
};

static const char *const schemes[] = { "bearer ", "basic ", "token ", "apikey " };

/* The value after '=' or ':' at i. */
static bool read_value(const struct look *l, size_t i, struct value *v)
{
        for (int k = 0; k < 3 && (look_at(l, i) == ' ' || look_at(l, i) == '>'); k++)
                i++;
        char quote = look_at(l, i);
        v->spaced = i > 0 && l->p[i - 1] == ' ';
        v->quoted = quote == '"' || quote == '\'' || quote == '`';
        i += v->quoted;
        for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++)
                if (look_is_nocase(l, i, schemes[k]))
                        i += strlen(schemes[k]);
        v->start = i;
        for (; i < l->n && i - v->start < VALUE_MAX; i++) {
                char c = l->p[i];
                if (v->quoted ? c == quote || c == '\n' : c <= ' ' || is_high(c) || strchr(";,&\"'`<>|()", c))
                        break;
        }
        if (v->quoted && look_at(l, i) != quote)
                return false;
        while (!v->quoted && i > v->start && strchr(".?:", l->p[i - 1]))
                i--;
        if (!v->quoted && i > v->start && l->p[i - 1] == ']' && !memchr(l->p + v->start, '[', i - v->start))
                i--; /* [token: …] */
        v->end = i;
        return i > v->start;
}

static bool is_placeholder(const char *s, size_t n)
{
        static const struct name blank[] = {
                NAME("null"), NAME("none"), NAME("true"), NAME("false"), NAME("required"),
                NAME("optional"), NAME("empty"), NAME("yes"), NAME("no"), NAME("on"), NAME("off"),
                NAME("changeme"), NAME("password"), NAME("passwd"), NAME("secret"), NAME("xxx"),
                NAME("your_password"), NAME("your-password"), NAME("yourpassword"), NAME("low"),
                NAME("medium"), NAME("strong"), NAME("incorrect"), NAME("wrong"), NAME("invalid"),
                NAME("missing"), NAME("redacted"), NAME("hidden"), NAME("string"), NAME("text")
        };
        size_t same = 1;
        while (same < n && s[same] == s[0])
                same++;
        if (same == n || any_of(s, n, blank, sizeof blank / sizeof *blank))
                return true;
        if (s[0] == '$' && n > 1 && (s[1] == '{' || s[1] == '(' || (s[1] >= 'A' && s[1] <= 'Z')))
                return true;
        return strchr("<{[%(", s[0]) && strchr(">}]%)", s[n - 1]);
}

struct mix {
        bool lower, upper, digit, sign;
};

static int classes(const char *s, size_t n, struct mix *m)
{
        *m = (struct mix){ 0 };
        for (size_t i = 0; i < n; i++) {
                m->lower |= s[i] >= 'a' && s[i] <= 'z';
                m->upper |= s[i] >= 'A' && s[i] <= 'Z';
                m->digit |= is_digit(s[i]);
                m->sign |= !is_alnum(s[i]) && !is_high(s[i]);
        }
        return m->lower + m->upper + m->digit + m->sign;
}

/* Enough of a mixture to be chosen and not said. */
static bool looks_chosen(const char *s, size_t n, size_t least)
{
        struct mix m;
        return n >= least && classes(s, n, &m) >= 2 && (m.digit || (m.sign && m.upper && m.lower));
}

/* password = getpass(), pwd = os.path, PWD=/home/x: programs and places. */
static bool is_code(const struct look *l, const struct value *v)
{
        if (v->quoted)
                return false;
        char c = l->p[v->start];
        if (memchr(l->p + v->start, '[', v->end - v->start) ||
            ends_with(l->p + v->start, v->end - v->start, passwords, sizeof passwords / sizeof *passwords))
                return true;
        if (look_at(l, v->end) == '(' || c == '/' || c == '~' || c == '.')
                return true;
        for (size_t i = v->start; v->spaced && i < v->end; i++)
                if (!(l->p[i] >= 'a' && l->p[i] <= 'z') && !strchr("._->[]", l->p[i]))
                        return false;
        return v->spaced;
}

static void hit_password(struct look *l, const struct value *v, int confidence)
{
        size_t n = v->end - v->start;
        if (!is_placeholder(l->p + v->start, n))
                look_hit(l, v->start, v->end, ID_PASSWORD, confidence);
}

static bool is_aws_secret(const char *s, size_t n)
{
        bool hex = true;
        for (size_t i = 0; i < n; i++) {
                if (!is_alnum(s[i]) && s[i] != '/' && s[i] != '+')
                        return false;
                hex &= is_hex(s[i]);
        }
        return n == 40 && !hex;
}

static void take_secret(struct look *l, const struct value *v, const char *name, size_t name_n)
{
        static const struct name aws[] = {
                NAME("secret_access_key"), NAME("secretaccesskey"), NAME("secret_key"),
                NAME("secretkey"), NAME("secret-access-key"), NAME("access_key")
        };
        const char *s = l->p + v->start;
        size_t n = v->end - v->start;
        if (n > 20 && (memcmp(s, "AKIA", 4) == 0 || memcmp(s, "ASIA", 4) == 0) && !is_alnum(s[20]))
                return; /* a row of its own */
        for (size_t i = 0; i < n; i++)
                if (s[i] == ' ' || is_high(s[i]))
                        return;
        if (is_aws_secret(s, n) && ends_with(name, name_n, aws, sizeof aws / sizeof *aws))
                look_hit(l, v->start, v->end, ID_AWS_KEY, 95);
        else if (looks_chosen(s, n, 16) && s[0] != '$' && !is_code(l, v))
                hit_password(l, v, 80);
}

/* What the names above end in. */
static bool may_be_name(char before, char last)
{
        if (is_high(before) || is_high(last))
                return true;
        switch (to_lower(last)) {
        case 'd':
                return strchr("rw", to_lower(before)) != NULL;
        case 't':
                return strchr("re", to_lower(before)) != NULL;
        case 'e':
                return strchr("sdrv", to_lower(before)) != NULL;
        case 'p':
                return to_lower(before) == 'd';
        case 'a':
                return strchr("hnl", to_lower(before)) != NULL;
        case 'n':
                return strchr("eoa", to_lower(before)) != NULL;
        case 'o':
                return to_lower(before) == 'l';
        case 'i':
                return to_lower(before) == 'd';
        case 'y':
                return to_lower(before) == 'e';
        case 'l':
                return to_lower(before) == 'a';
        case 's':
                return to_lower(before) == 'l' || to_lower(before) == 's';
        case 'h':
                return to_lower(before) == 't';
        default:
                return false;
        }
}

/* curl -u user:SECRET; host:5432:database:user:SECRET of .pgpass: the colon before it is at `at`. */
static bool is_user_before(const struct look *l, size_t at)
{
        size_t i = at, n = 0, fields = 1;
        for (; i > 0 && n < VALUE_MAX && l->p[i - 1] > ' ' && !strchr("\"'`<>|()=,;/", l->p[i - 1]); i--, n++)
                fields += l->p[i - 1] == ':';
        if (n == 0)
                return false;
        if (fields == 1)
                return (i >= 4 && look_is(l, i - 4, " -u ")) || (i >= 8 && look_is(l, i - 8, " --user "));
        if (fields != 4)
                return false;
        while (i < at && l->p[i] != ':')
                i++;
        size_t digits = 0;
        while (is_digit(look_at(l, i + 1 + digits)))
                digits++;
        return digits >= 4 && digits <= 5 && look_at(l, i + 1 + digits) == ':';
}

/* DB_PASS, pass; not bypass. Some mean other things too. */
static bool is_weak_name(const char *name, size_t n)
{
        static const struct name weak[] = { NAME("pass"), NAME("mdp"), NAME("clave"), NAME("palavra-passe"), NAME("parola") };
        for (size_t i = 0; i < sizeof weak / sizeof *weak; i++)
                if (ends_with(name, n, weak + i, 1) &&
                    (n == weak[i].n || (!is_alnum(name[n - weak[i].n - 1]) && name[n - weak[i].n - 1] != '-')))
                        return true;
        return false;
}

void find_assignment(struct look *l, size_t at)
{
        struct value v;
        size_t end = at;
        char c = look_at(l, at + 1);
        if (c == '=' || c == ':' || (l->p[at] == ':' && c == '/') || look_before(l, at) == '!')
                return;
        if (c > ' ' && l->p[at] == ':' && !is_digit(look_before(l, at)) && is_user_before(l, at)) {
                if (read_value(l, at + 1, &v) && looks_chosen(l->p + v.start, v.end - v.start, 6) && !is_code(l, &v))
                        hit_password(l, &v, 80);
                return;
        }
        if (end > 2 && look_is(l, end - 2, "**")) /* **password**: … */
                end -= 2;
        while (end > 0 && at - end < 5 && (l->p[end - 1] == ' ' || l->p[end - 1] == '"' || l->p[end - 1] == '\''))
                end--;
        if (end < 2 || (!is_alpha(l->p[end - 1]) && !is_high(l->p[end - 1])) || !may_be_name(l->p[end - 2], l->p[end - 1]))
                return;
        bool weak = false;
        const char *name = l->p; /* of more than one word; what names end in is shorter than one may be */
        size_t n = end;
        if (ends_with(name, n, passwords, sizeof passwords / sizeof *passwords) || (weak = is_weak_name(name, n))) {
                if (!read_value(l, at + 1, &v))
                        return;
                size_t len = v.end - v.start;
                bool said = weak || (l->p[at] == ':' && !v.quoted);
                if (said ? looks_chosen(l->p + v.start, len, 6) : len >= 3 && !is_code(l, &v))
                        hit_password(l, &v, 88);
        } else if (ends_with(name, n, secrets, sizeof secrets / sizeof *secrets) ||
                   ends_with(name, n, &(const struct name)NAME("secret_access_key"), 1)) {
                if (read_value(l, at + 1, &v))
                        take_secret(l, &v, name, n);
        }
}

/* name="…password">SECRET</property>: the quote before the '>' is at `at`. */
static void find_tagged_password(struct look *l, size_t at)
{
        struct value v;
        if (ends_with(l->p, at, passwords, sizeof passwords / sizeof *passwords) && read_value(l, at + 1, &v) && !v.quoted &&
            look_is(l, v.end, "</") && looks_chosen(l->p + v.start, v.end - v.start, 6))
                hit_password(l, &v, 88);
}

/* IDENTIFIED BY '…', IDENTIFIED WITH plugin BY '…', PASSWORD('…'), ALTER ROLE x PASSWORD '…',
 * SET PASSWORD FOR x = '…'. */
void find_quoted_password(struct look *l, size_t at)
{
        size_t i = at, line = at;
        struct value v;
        if (look_at(l, at + 1) == '>' && at > 2) {
                find_tagged_password(l, at);
                return;
        }
        while (i > 0 && l->p[i - 1] == ' ')
                i--;
        bool by = i >= 3 && i < at && look_is_nocase(l, i - 2, "by") && l->p[i - 3] == ' ';
        bool call = i >= 9 && look_is_nocase(l, i - 9, "password(");
        bool hashed = i >= 12 && i < at && look_is_nocase(l, i - 12, "by password");
        bool said = i >= 9 && i < at && look_is_nocase(l, i - 9, " password"); /* PostgreSQL's */
        bool set = i > 0 && look_before(l, i) == '=';
        if (!by && !call && !hashed && !said && !set)
                return;
        while (line > 0 && at - line < 160 && l->p[line - 1] != '\n')
                line--;
        struct look before = { .p = l->p + line, .n = at - line };
        bool identified = call || said, account = call;
        if (set) {
                identified = account = false;
                for (size_t k = 0; k < before.n && !account; k++)
                        identified = account = look_is_nocase(&before, k, "set password");
        }
        for (size_t k = 0; k < before.n; k++) {
                identified |= !set && look_is_nocase(&before, k, "identified");
                account |= (!set && !said && l->p[line + k] == '@') || look_is_nocase(&before, k, "user ") ||
                           look_is_nocase(&before, k, "role ") || look_is_nocase(&before, k, "grant ");
        }
        if (identified && account && read_value(l, at, &v) && v.quoted)
                hit_password(l, &v, 92);
}

/* mysql -uroot -pSECRET: the client takes it without a blank. */
void find_option_password(struct look *l, size_t at)
{
        static const char *const clients[] = { "mysql", "mariadb", "mycli", "dumpling", "sshpass" };
        size_t line = at, end = at + 2;
        char c = look_at(l, end);
        if (look_at(l, at + 1) != 'p' || look_before(l, at) != ' ' || c <= ' ' || is_high(c))
                return;
        while (line > 0 && at - line < 160 && l->p[line - 1] != '\n')
                line--;
        struct look before = { .p = l->p + line, .n = at - line };
        bool client = false;
        for (size_t k = 0; k < before.n && !client; k++)
                for (size_t j = 0; j < sizeof clients / sizeof *clients; j++)
                        client |= look_is_nocase(&before, k, clients[j]);
        struct value v;
        if (client && read_value(l, at + 2, &v) && v.end - v.start >= 3 &&
            looks_chosen(l->p + v.start, v.end - v.start, 3))
                hit_password(l, &v, 85);
}
