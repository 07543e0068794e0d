"""Sheets as Excel and forms write them: tried, added, dropped, and their words read back from PostgreSQL."""
import glob
import json
import os
import shutil
import subprocess

import pytest

from conftest import PROJECT, until

REGION = "us-virginia"
SHEETS = os.path.join(PROJECT, "tests", "data", "files")
WORDS = {
    "excel-tokyo": ("shift_jis", ["CSVの取り込みが遅い。～100万行で止まります", "①画面が見にくい ②通知が多い", "半角ｶﾅが化ける"]),
    "excel-berlin": ("windows-1252", ["Größere Dateien brauchen zu lange – über 10 € Serverkosten",
                                      "Die Übersicht ist gut; mehr Beispiele wären schön", "Läuft"]),
    "excel-beijing": ("gb18030", ["导入很慢，希望支持批量导入。", "文档里的例子太少", "界面不错，䶮字也能显示"]),
    "unicode-jakarta": ("utf-16le", ["Impor lambat sekali – mohon diperbaiki", "Dokumentasi kurang contoh"]),
    "microsoft-forms-en": ("utf-8", ["Imports are slow with large files", "More examples, please"]),
}


def verb(d, *words):
    done = d.tributary("source", *words, "--region", REGION, "--json", check=False)
    said = json.loads(done.stdout.split("\n")[0] or "{}")
    told = said.get("error") or {}
    return done.returncode, said, done.stderr + done.stdout + (told.get("text", "") if isinstance(told, dict) else told)


def sheet(name):
    return os.path.join(SHEETS, name + ".csv")


@pytest.fixture(scope="module")
def added(pair):
    """A source a sheet, by `source add`; the agent reads them at its start."""
    for name in WORDS:
        code, said, errors = verb(pair, "add", name, "--type", "folder", "--from", sheet(name))
        assert code == 0 and said["added"], errors
    pair.agents[REGION].stop()
    pair.agents[REGION].start()
    return pair


def drop(d, name, data, file):
    inbox = d.path("state", REGION, "inbox", name)
    with open(os.path.join(inbox, ".part"), "wb") as f:
        f.write(data)
    before = set(glob.glob(os.path.join(inbox, "done", "*")))
    os.rename(os.path.join(inbox, ".part"), os.path.join(inbox, file))
    until(lambda: not os.path.exists(os.path.join(inbox, file)), 60)
    return json.load(open((set(glob.glob(os.path.join(inbox, "done", "*"))) - before).pop(), encoding="utf-8"))


def test_every_sheet_can_be_tried_and_nothing_is_kept(pair):
    before = sorted(glob.glob(pair.path("regions", "*"))), sorted(glob.glob(pair.path("state", REGION, "*")))
    for file in sorted(glob.glob(os.path.join(SHEETS, "*.csv"))):
        code, said, errors = verb(pair, "try", file)
        name = os.path.basename(file)
        if name == "no-header.csv":
            assert code == 1 and "does not name the columns" in errors
        elif name in ("ambiguous.csv", "no-id.csv"):
            assert code == 1 and len(said["needs"]) == 1, said
        else:
            assert code == 0 and said["refused"] == 0 and said["readable"] > 1, (name, said)
            assert {r["decision"] for r in said["records"]} <= {"go", "hold", "stay"}
            assert "@example.com" not in json.dumps(said["records"]), "what stays at home is not shown"
    assert before == (sorted(glob.glob(pair.path("regions", "*"))), sorted(glob.glob(pair.path("state", REGION, "*"))))


def test_words_come_through_in_every_encoding(added):
    for name, (encoding, words) in WORDS.items():
        report = drop(added, name, open(sheet(name), "rb").read(), "sheet.csv")
        assert (report["outcome"], report["accepted"], report["refused"]) == ("captured", len(words), 0), report
        assert report["encoding"] == encoding
    added.settle(REGION)
    for name, (_, words) in WORDS.items():
        until(lambda: added.count(REGION, "source = %s", name) == len(words), 60)
        got = added.rows("SELECT body FROM community.record WHERE region = %s AND source = %s", REGION, name)
        assert sorted(r[0] for r in got) == sorted(words)
    times = added.rows("SELECT occurred_at FROM community.record WHERE source = 'unicode-jakarta' ORDER BY 1 DESC LIMIT 1")
    assert times[0][0].isoformat() == "2026-11-20T07:05:00+00:00", "WIB is seven hours east"


def test_another_encoding_than_was_named_fails_as_a_whole_and_is_kept(added):
    inbox = added.path("state", REGION, "inbox", "excel-tokyo")
    report = drop(added, "excel-tokyo", open(sheet("excel-berlin"), "rb").read(), "berlin.csv")
    assert report["outcome"] == "failed" and report["accepted"] == 0
    assert "is not shift_jis" in report["reason"] or "header" in report["reason"], report
    assert report["hint"] and os.path.exists(os.path.join(inbox, report["refused_lines"]))
    assert "example.com" not in json.dumps(report)


def test_rows_refused_of_a_sheet_in_utf_16_are_kept(added):
    text = open(sheet("unicode-jakarta"), "rb").read().decode("utf-16")
    bad = text + "3\tbesok\tBasis data\t8\tkapan?\tani@example.com\r\n"
    report = drop(added, "unicode-jakarta", bad.encode("utf-16"), "again.csv")
    assert (report["accepted"], report["unchanged"], report["refused"]) == (0, 2, 1), report
    sealed = os.path.join(added.path("state", REGION, "inbox", "unicode-jakarta"), report["refused_lines"])
    assert os.path.getsize(sealed) > len(bad), "a line's number does not find it in UTF-16: the whole is sealed"


def test_a_source_is_added_whole_or_not_at_all(pair):
    path = pair.path("regions", REGION + ".cfg")
    before = open(path, encoding="utf-8").read()
    for words, code, says in [
            (("add", "app", "--type", "api"), 2, "there is a source \"app\" already"),
            (("add", "X", "--type", "api"), 2, "no name of a source"),
            (("add", "x", "--type", "mail"), 2, "no type of source"),
            (("add", "x", "--type", "folder", "--from", sheet("ambiguous")), 1, "can be read in 2 ways"),
            (("add", "x", "--type", "folder", "--from", sheet("no-header")), 1, "does not name the columns"),
            (("add", "email", "--type", "folder"), 78, "taken by e-mail addresses"),
            (("add", "x", "--type", "folder", "--kind", "noise"), 78, "kind")]:
        status, said, errors = verb(pair, *words)
        assert status == code and says in errors, (words, status, said, errors)
        assert open(path, encoding="utf-8").read() == before
    token = pair.path("secrets", "forum")
    code, said, errors = verb(pair, "add", "forum", "--type", "api", "--secret-file", token, "--dry-run")
    assert code == 0 and not said["added"] and not os.path.exists(token)
    copy = pair.path("regions-copy")
    shutil.copytree(pair.path("regions"), copy)
    done = subprocess.run([pair.binary, "source", "add", "forum", "--type", "api", "--secret-file", token, "--region",
                           REGION, "--regions", copy], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert os.stat(token).st_mode & 0o777 == 0o600 and len(open(token).read().strip()) == 64
    assert open(token).read().strip() not in done.stdout
    after = open(os.path.join(copy, REGION + ".cfg"), encoding="utf-8").read()
    assert "type = \"api\";  secret_file = \"" + token in after
    assert os.stat(os.path.join(copy, REGION + ".cfg")).st_mode == os.stat(path).st_mode
