/* guess_names.c - what people and the programs of five languages call a column. */
#include <string.h>

#include "csv.h"
#include "guess_parts.h"

/* In lower case; `has`: words that may stand anywhere in a longer name. */
static const struct {
        enum field field;
        const char *is, *has;
} rows[] = {
        { FIELD_ID, "id|response id|responseid|respondent id|submission id|ticket|ticket id|#|no|no.|nr|nr.|nomor|token|"
                    "lfd. nr.|lfd nr|vorgang|番号|no|回答番号|回答id|受付番号|受付no|管理番号|编号|序号|答卷编号|提交序号|"
                    "数据编号|id jawaban|antwort-id|antwortnummer|network id|case id|key", "" },
        { FIELD_OCCURRED_AT, "timestamp|zeitstempel|stempel waktu|cap waktu|date|datum|tanggal|waktu|time|wann|when|created|"
                    "created at|created_at|date created|date submitted|submitted|submitted at|submit date|submit date (utc)|"
                    "completion time|end date|enddate|recorded date|abschlusszeit|fertigstellungszeit|eingegangen|eingang|"
                    "タイムスタンプ|日時|日付|回答日時|回答日|登録日時|登録日|送信日時|受付日時|完了時刻|投稿日時|作成日時|时间戳记|"
                    "时间|日期|提交时间|提交答卷时间|填写时间|创建时间|完成时间|waktu selesai|waktu penyelesaian|dibuat pada",
          "timestamp|日時|提交时间|submit date|completion time|submitted at" },
        { FIELD_AUTHOR_EMAIL, "email|e-mail|mail|email address|e-mail address|e-mail-adresse|emailadresse|mailadresse|"
                    "alamat email|surel|メール|メールアドレス|eメール|电子邮件|电子邮箱|邮箱|邮箱地址|邮件地址", "email|e-mail|メールアドレス|邮箱" },
        { FIELD_AUTHOR_NAME, "name|full name|your name|vor- und nachname|vollständiger name|ihr name|nama|nama lengkap|"
                    "氏名|名前|お名前|姓名|您的姓名|名字", "お名前|您的姓名|nama lengkap|full name" },
        { FIELD_AUTHOR_HANDLE, "handle|username|user name|user|login|github|github id|github username|nickname|nutzername|"
                    "benutzername|nama pengguna|ユーザー名|ユーザー|ニックネーム|用户名|昵称|账号", "github" },
        { FIELD_AUTHOR_COMPANY, "company|organization|organisation|employer|firma|unternehmen|perusahaan|instansi|会社|会社名|"
                    "勤務先|所属|公司|公司名称|单位|企业名称", "company|会社名|公司|perusahaan" },
        { FIELD_AUTHOR_COUNTRY, "country|country code|land|negara|国|国名|国籍|国家|国家/地区", "" },
        { FIELD_RATING, "rating|score|stars|nps|points|note|bewertung|punkte|nilai|skor|評価|点数|満足度|評点|评分|打分|满意度|分数|得分",
          "satisf|zufrieden|puas|満足度|满意度|recommend|empfehl|rate |bewert|评分|評価|how likely|推荐" },
        { FIELD_PRODUCT, "product|produkt|produk|製品|製品名|商品|产品|产品名称", "" },
        { FIELD_VERSION, "version|versi|バージョン|版本|版本号|release", "バージョン|版本号" },
        { FIELD_LANG, "language|lang|sprache|bahasa|言語|语言", "" },
        { FIELD_TAGS, "tags|labels|topics|themen|schlagworte|topik|タグ|标签|主题标签", "" },
        { FIELD_URL, "url|link|website|リンク|链接|tautan", "" },
        { FIELD_TITLE, "title|subject|betreff|titel|überschrift|judul|perihal|件名|タイトル|題名|标题|主题", "" },
        { FIELD_BODY, "body|text|message|comment|comments|feedback|description|nachricht|kommentar|anmerkung|anmerkungen|"
                      "beschreibung|rückmeldung|pesan|komentar|masukan|saran|keterangan|deskripsi|意見|ご意見|本文|内容|コメント|"
                      "感想|ご感想|要望|ご要望|自由記述|お問い合わせ内容|意见|反馈|反馈内容|评论|留言|建议|意见建议|问题描述",
          "comment|feedback|improve|kommentar|fällt ihnen|verbesser|was sagen|masukan|saran|komentar|ご意見|ご感想|ご要望|自由記述|"
          "意见|反馈|建议|anything else|suggest" },
};

static size_t sign_at_end(struct slice s)
{
        static const char *const wide[] = { "？", "：", "＊", "！", "※" };
        if (s.n && strchr(":*?!", s.p[s.n - 1]))
                return 1;
        for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
                if (s.n >= 3 && memcmp(s.p + s.n - 3, wide[i], 3) == 0)
                        return 3;
        return 0;
}

/* "3、", "Q3. ", "3) ": the number of a question. */
static size_t number_at_start(struct slice s)
{
        static const char *const signs[] = { "、", "．", ".", ")", "：", ":" };
        size_t n = s.n && (s.p[0] == 'Q' || s.p[0] == 'q');
        size_t digits = n;
        while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
                digits++;
        for (size_t i = 0; digits > n && i < sizeof signs / sizeof *signs; i++)
                if (slice_starts(slice_make(s.p + digits, s.n - digits), slice_of(signs[i])))
                        return digits + strlen(signs[i]);
        return 0;
}

/* Lower case, German capitals too, without what forms put around a question. */
static struct slice folded(char out[256], struct slice name)
{
        size_t n = 0;
        name = csv_trim(name);
        size_t number = number_at_start(name);
        name = csv_trim(slice_make(name.p + number, name.n - number));
        for (size_t more; (more = sign_at_end(name)) > 0;)
                name = csv_trim(slice_make(name.p, name.n - more));
        for (size_t i = 0; i < name.n && n < 255; i++) {
                unsigned char c = (unsigned char)name.p[i];
                bool capital = (c >= 'A' && c <= 'Z') || (i && (unsigned char)name.p[i - 1] == 0xc3 && c >= 0x80 && c <= 0x9e);
                out[n++] = (char)(capital ? c + 32 : c);
        }
        out[n] = 0;
        return slice_make(out, n);
}

static bool is_one(struct slice name, const char *list)
{
        for (; *list; list += strcspn(list, "|"), list += *list == '|')
                if (slice_eq(name, slice_make(list, strcspn(list, "|"))))
                        return true;
        return false;
}

static bool has_one(struct slice name, const char *list)
{
        for (; *list; list += strcspn(list, "|"), list += *list == '|')
                if (memmem(name.p, name.n, list, strcspn(list, "|")))
                        return true;
        return false;
}

int guess_name_score(struct slice name, enum field f)
{
        char text[256];
        name = folded(text, name);
        if (!name.n)
                return 0;
        if (slice_is(name, field_name(f)))
                return 120;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                if (rows[i].field != f)
                        continue;
                return is_one(name, rows[i].is) ? 100 : has_one(name, rows[i].has) ? 60 : 0;
        }
        return 0;
}

bool guess_name_is_birth(struct slice name)
{
        char text[256];
        name = folded(text, name);
        return name.n && has_one(name, "birth|geburt|生年|誕生|lahir|出生|生日|due|deadline|fällig|until|start time|startzeit|開始|开始|mulai");
}

bool guess_name_is_consent(struct slice name)
{
        char text[256];
        name = folded(text, name);
        return name.n && (is_one(name, "ok|opt-in|optin|kontakt|izin") ||
                          has_one(name, "consent|agree|may we|einverstanden|einwillig|zustimm|dürfen wir|kontakt?|setuju|bersedia|"
                                        "persetujuan|同意|許可|承諾|授权|愿意|contact you|kontaktieren|dihubungi|連絡して|联系您"));
}

bool guess_is_yes(struct slice value)
{
        char text[256];
        value = folded(text, value);
        return value.n && (is_one(value, "yes|y|true|ja|ya|はい|是|1|ok|同意|同意する|同意します|同意しました|setuju|saya setuju|bersedia|愿意|"
                                         "agree|i agree|einverstanden|ja, gerne|いいです") || slice_starts(value, SLICE("yes,")));
}
