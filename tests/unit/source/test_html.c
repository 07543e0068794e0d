/* HTML as forums send it -> the words that people see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/text.h"
#include "html.h"

static void becomes(const char *html, const char *text)
{
        struct arena *a = arena_new(1 << 20);
        struct slice got = html_text(a, slice_of(html), true);
        if (!slice_is(got, text))
                fail_msg("%s\nbecame: %.*s\nnot:    %s", html, SLICE_ARG(got), text);
        arena_free(a);
}

static void html__paragraphs_and_items_become_lines(void **state)
{
        (void)state;
        becomes("", "");
        becomes("just words", "just words");
        becomes("<p>One\n  two</p>\n<p>three</p>", "One two\n\nthree");
        becomes("<ul>\n<li>a</li>\n<li>b</li>\n</ul><p>end</p>", "- a\n- b\n\nend");
        becomes("a<br>b<br/><br />c", "a\nb\n\nc");
        becomes("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3");
        becomes("<h1>T</h1>x<hr>y", "T\n\nx\n\ny");
        becomes("<b>bo</b>ld, <i>it</i>", "bold, it");
}

static void html__code_keeps_its_lines(void **state)
{
        (void)state;
        becomes("<p>see</p><pre><code class=\"lang-sql\">SELECT 1\n  FROM a\nWHERE b &lt; 2;\n</code></pre><p>slow</p>",
                "see\n\nSELECT 1\n  FROM a\nWHERE b < 2;\n\nslow");
        becomes("run <code>ls -l</code> twice", "run ls -l twice");
}

static void html__nothing_hidden_comes_out(void **state)
{
        (void)state;
        becomes("<a href=\"https://x.example/?mail=max@example.com\" title='Max \"M\" > Muster'>here</a>", "here");
        becomes("<img alt=\"Max Muster\" src=\"x.png\"> ok", "ok");
        becomes("a<!-- max@example.com -->b<!---->c", "abc");
        becomes("a<script>if (a < b) mail('max@example.com');</script>b<style>p > a {}</style>c", "abc");
        becomes("a<title>secret</title>b<TEMPLATE>secret</TEMPLATE>c", "abc");
        becomes("a <a href=\"max@example.com", "a");
        becomes("a <!-- max@example.com", "a");
        becomes("a <script>max@example.com", "a");
        becomes("<!DOCTYPE html><?php secret ?>a", "a");
}

static void html__what_others_said_is_left_out(void **state)
{
        (void)state;
        static const char quote[] =
                "<aside class=\"quote\" data-username=\"max\"><div class=\"title\">max:</div><blockquote><p>yours"
                "<aside class=\"onebox\"><p>deep</p></aside></p></blockquote></aside>\n<p>mine</p>";
        becomes(quote, "mine");
        struct arena *a = arena_new(1 << 16);
        assert_true(slice_is(html_text(a, SLICE("<aside>hint</aside><p>text</p>"), false), "hint\n\ntext"));
        arena_free(a);
}

static void html__entities_are_decoded_and_what_is_none_stays(void **state)
{
        (void)state;
        becomes("a &lt;b&gt; &amp;amp; &quot;c&quot; &#39;d&#x27;", "a <b> &amp; \"c\" 'd'");
        becomes("f&uuml;r 5&nbsp;&euro; &hellip; &#8217; &#x1F600; &#xFC;", "f\xc3\xbcr 5 \xe2\x82\xac \xe2\x80\xa6 \xe2\x80\x99 \xf0\x9f\x98\x80 \xc3\xbc");
        becomes("AT&T &unknown; & &; &#; &#x; &#xZZ; a &lt", "AT&T &unknown; & &; &#; &#x; &#xZZ; a &lt");
        becomes("&#0;&#xD800;&#x110000;&#99999999999;", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd&#99999999999;");
        becomes("1 < 2 <3 and 4 > 3 <", "1 < 2 <3 and 4 > 3 <");
}

static void html__is_never_longer_and_stays_utf8(void **state)
{
        (void)state;
        static const char *const pieces[] = { "<p>", "</p>", "<li>", "<ul>", "<br>", "<td>", "x", "\xc3\xa9", "&amp;", "<pre>",
                                              "</pre>", "\n", " ", "<aside>", "</aside>", "<", ">", "\"", "&#9;", "<hr>" };
        char html[200];
        uint32_t seed = 7;
        for (int round = 0; round < 20000; round++) {
                struct arena *a = arena_new(1 << 16);
                size_t n = 0;
                for (int i = 0; i < 20; i++) {
                        seed = seed * 1103515245u + 12345u;
                        const char *piece = pieces[(seed >> 16) % (sizeof pieces / sizeof *pieces)];
                        n += (size_t)sprintf(html + n, "%s", piece);
                }
                struct slice got = html_text(a, slice_make(html, n), round % 2);
                assert_true(got.p && got.n <= n && utf8_valid(got, NULL));
                arena_free(a);
        }
        struct arena *tiny = arena_new(64);
        assert_null(html_text(tiny, slice_make(html, sizeof html - 1), true).p);
        arena_free(tiny);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(html__paragraphs_and_items_become_lines),
                cmocka_unit_test(html__code_keeps_its_lines),
                cmocka_unit_test(html__nothing_hidden_comes_out),
                cmocka_unit_test(html__what_others_said_is_left_out),
                cmocka_unit_test(html__entities_are_decoded_and_what_is_none_stays),
                cmocka_unit_test(html__is_never_longer_and_stays_utf8),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
