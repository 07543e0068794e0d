"""The community manager's sheets as people have them: what is taken, what is told, and what is never repeated."""
import glob
import gzip
import json
import os

from conftest import until

REGION = "us-virginia"
HEAD = "id,date,product,comment,score,email,ok\n"
PLANTED = "planted.person@secretmail.example"


def row(i, comment="fine", date="2026-11-18 19:00"):
    return f"mgr-{i},{date},db,{comment},7,{PLANTED},yes\n"


def drop(d, name, data):
    """Returns the report of a file dropped under `name`."""
    inbox = d.inbox(REGION)
    part = os.path.join(inbox, ".part")
    with open(part, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    before = set(glob.glob(os.path.join(inbox, "done", "*")))
    os.rename(part, os.path.join(inbox, name))
    until(lambda: not os.path.lexists(os.path.join(inbox, name)), 60)
    new = set(glob.glob(os.path.join(inbox, "done", "*"))) - before
    assert len(new) == 1
    text = open(new.pop(), encoding="utf-8").read()
    assert PLANTED not in text and "2026-11-18" not in text.replace('"finished_at":"2026-11-18', "")
    return json.loads(text)


def test_sheets_as_programs_write_them(pair):
    for k, data in enumerate([b"\xef\xbb\xbf" + (HEAD + row("m0")).encode(), (HEAD + row("m1")).replace("\n", "\r\n"),
                              (HEAD + row("m2")).replace("\n", "\r"), HEAD.upper() + row("m3"),
                              HEAD.replace(",", " , ") + row("m4"), HEAD + "\n\n" + row("m5") + "\n"]):
        report = drop(pair, f"as written {k}.csv", data)
        assert (report["outcome"], report["accepted"], report["refused"]) == ("captured", 1, 0), report


def test_names_of_files_may_be_odd(pair):
    for k, name in enumerate(["name\nnewline.csv", "näme ü.csv", "-rf.csv", "x" * 250 + ".csv", "UPPER.CSV"]):
        assert drop(pair, name, HEAD + row(f"odd{k}"))["accepted"] == 1


def test_a_sheet_that_cannot_be_read_says_what_to_do(pair):
    for data, reason in [((HEAD + row("s1")).replace(",", ";"), 'parted by ";", not by ","'),
                         ("id,date,comment\n1,2026-11-18 19:00,x\n", 'the header lacks the column "product"'),
                         (row("s2") + row("s3"), "the header lacks the column"),
                         ((HEAD + row("s4")).encode("utf-16")[:-1], "utf-16le"), ("", "no header")]:
        report = drop(pair, "wrong.csv", data)
        assert report["outcome"] == "failed" and reason in report["reason"], report
        assert report["accepted"] == 0


def test_bad_rows_are_named_by_line_without_their_values(pair):
    report = drop(pair, "rows.csv", HEAD + row("r1") + row("r2", date="18.11.2026") + row("r3", "a\0b") +
                  row("r4", "x" * (2 << 20)) + "short,row\n" + row("r5") + 'r6,2026-11-18 19:00,db,"open,7,a@b.c,yes\n')
    assert report["accepted"] == 2
    assert [r["line"] for r in report["refusals"]] == [3, 4, 5, 6, 8]


def test_a_sheet_of_which_nothing_was_taken_says_so(pair):
    assert drop(pair, "dates.csv", HEAD + row("n1", date="18.11.2026") + row("n2", date=""))["outcome"] == "refused"
    assert drop(pair, "head.csv", HEAD)["outcome"] == "empty"


def test_archives_torn_false_and_swollen(pair):
    whole = gzip.compress((HEAD + "".join(row(f"z{i}", f"number {i}") for i in range(2000))).encode())
    assert drop(pair, "torn.csv.gz", whole[:-500])["reason"] == "gzip data is cut short"
    report = drop(pair, "torn.csv.gz", whole)
    assert report["accepted"] + report["unchanged"] == 2000
    assert drop(pair, "false.csv.gz", HEAD + row("f1"))["outcome"] == "failed"
    pid = pair.agents[REGION].pid()
    swollen = gzip.compress(HEAD.encode()) + gzip.compress(b"\n" * (1 << 20)) * 200
    drop(pair, "swollen.csv.gz", swollen)
    peak = int(open(f"/proc/{pid}/status").read().split("VmHWM:")[1].split()[0])
    assert peak < 128 * 1024


def test_what_is_no_file_stays_where_it_lies(pair):
    inbox = pair.inbox(REGION)
    os.mkdir(os.path.join(inbox, "folder.csv"))
    os.symlink("/etc/passwd", os.path.join(inbox, "link.csv"))
    os.mkfifo(os.path.join(inbox, "pipe.csv"))
    assert drop(pair, "beside.csv", HEAD + row("beside"))["accepted"] == 1
    for name in ("folder.csv", "link.csv", "pipe.csv"):
        assert os.path.lexists(os.path.join(inbox, name))
    os.rmdir(os.path.join(inbox, "folder.csv"))
    os.remove(os.path.join(inbox, "link.csv"))
    os.remove(os.path.join(inbox, "pipe.csv"))


def test_no_value_stands_in_logs(pair):
    for file in glob.glob(pair.path("log", "*.log")):
        assert PLANTED.encode() not in open(file, "rb").read()
    pair.settle(REGION)  # the next file counts rows
