"""A folder: the same file again, a grown one, bad rows, compressed ones."""
import glob
import gzip
import os

from conftest import until

REGION = "us-virginia"
HEAD = "id,date,product,comment,score,email,ok\n"


def row(i, comment="please add more examples", score=7):
    return f"{i},2026-11-18 19:00,db,{comment},{score},someone@example.com,yes\n"


def drop(d, name, text):
    part = os.path.join(d.inbox(REGION), "." + name + ".part")
    data = text if isinstance(text, bytes) else text.encode()
    with open(part, "wb") as f:
        f.write(data)
    os.rename(part, os.path.join(d.inbox(REGION), name))
    until(lambda: not os.path.exists(os.path.join(d.inbox(REGION), name)), 60)
    d.settle(REGION)


def captured(d):
    return d.status(REGION)["vault"]["mark"]["seq"]


def test_a_grown_sheet_brings_only_what_is_new_or_changed(pair):
    before, seq = pair.count(REGION), captured(pair)
    drop(pair, "grow.csv", HEAD + "".join(row(f"g{i}") for i in range(20)))
    assert pair.count(REGION) == before + 20
    first = captured(pair)
    drop(pair, "grow.csv", HEAD + "".join(row(f"g{i}") for i in range(20)))
    assert captured(pair) == first, "the same file again is skipped"
    drop(pair, "grow.csv", HEAD + row("g0", "now it is fast") + "".join(row(f"g{i}") for i in range(1, 25)))
    assert captured(pair) == first + 6, "one changed, five new"
    assert pair.count(REGION) == before + 25
    assert pair.count(REGION, "body = 'now it is fast'") == 1
    assert first > seq


def test_bad_rows_are_told_and_the_good_ones_kept(pair):
    before = pair.count(REGION)
    text = HEAD + row("b1") + "b2,not a date,db,hello,7,,yes\n" + row("b3") + "too,few\n" + row("b4")
    drop(pair, "bad.csv", text)
    assert pair.count(REGION) == before + 3
    reports = sorted(glob.glob(os.path.join(pair.inbox(REGION), "done", "*bad*")), key=os.path.getmtime)
    assert reports, os.listdir(pair.inbox(REGION))
    report = open(reports[-1], encoding="utf-8").read()
    assert "someone@example.com" not in report and "not a date" not in report
    assert glob.glob(os.path.join(pair.inbox(REGION), "failed", "*"))


def test_compressed_and_ndjson(pair):
    before = pair.count(REGION)
    drop(pair, "z.csv.gz", gzip.compress((HEAD + row("z1") + row("z2")).encode()))
    drop(pair, "lines.ndjson", '{"id":"l1","kind":"feedback","occurred_at":"2026-11-20T10:00:00Z","body":"from a file"}\n')
    assert pair.count(REGION) == before + 3
