"""A folder: the same file again, a grown one, bad rows, compressed ones."""
import glob
import gzip
import json
import os
import stat
import subprocess

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


def test_what_is_no_plain_file_is_told_and_never_followed(pair):
    inbox, seq = pair.inbox(REGION), captured(pair)
    outside = pair.path("outside.csv")
    with open(outside, "w", encoding="utf-8") as f:
        f.write(HEAD + row("link"))
    os.symlink(outside, os.path.join(inbox, "link.csv"))
    os.mkdir(os.path.join(inbox, "sheets"))
    drop(pair, "wakes.csv", HEAD + row("wakes"))
    log = pair.agents[REGION].log
    until(lambda: "things=2" in open(log, encoding="utf-8").read(), 30)
    assert os.path.islink(os.path.join(inbox, "link.csv")) and captured(pair) == seq + 1
    os.unlink(os.path.join(inbox, "link.csv"))
    os.rmdir(os.path.join(inbox, "sheets"))


def test_compressed_and_ndjson(pair):
    before = pair.count(REGION)
    drop(pair, "z.csv.gz", gzip.compress((HEAD + row("z1") + row("z2")).encode()))
    drop(pair, "lines.ndjson", '{"id":"l1","kind":"feedback","occurred_at":"2026-11-20T10:00:00Z","body":"from a file"}\n')
    assert pair.count(REGION) == before + 3


def source(d, *words, stdin=None):
    """The manager's verb, as it is typed."""
    return subprocess.run([d.binary, "source", words[0], "--region", REGION, "--regions", d.path("regions"), "--policies",
                           d.policies, "--state", d.path("state", REGION), *words[1:]], capture_output=True, input=stdin,
                          timeout=60)


def test_the_same_again_is_forced_and_the_account_adds_up(pair, tmp_path):
    """--again makes new captures of old rows; the warehouse still has one row each, and nothing is missing."""
    name = "meetup"
    before = pair.count(REGION)
    sheet = tmp_path / "forced.csv"
    sheet.write_text(HEAD + "".join(row(f"f{i}") for i in range(10)) + "f-bad,not a date,db,hello,7,ann@example.com,yes\n")

    def drop_it(*more):
        r = source(pair, "drop", str(sheet), "--source", name, "--wait", "--json", *more)
        assert r.returncode == 1, r.stderr  # a row is refused each time
        return json.loads(r.stdout)["files"][0]["report"]

    first = drop_it()
    assert (first["accepted"], first["refused"], first["refusals"][0]["line"]) == (10, 1, 12)
    same = drop_it()
    assert (same["accepted"], same["unchanged"]) == (0, 10) and "again" not in same
    forced = drop_it("--again")
    assert (forced["accepted"], forced["unchanged"], forced["again"]) == (10, 0, True)
    pair.settle(REGION)
    assert pair.count(REGION) == before + 10
    until(lambda: pair.rows("SELECT coalesce(sum(abs(missing)), 0) = 0 AND bool_and(settled) FROM tributary.completeness"
                            " WHERE region = %s", REGION)[0][0])
    by_source = until(lambda: [x for x in pair.status(REGION)["account"]["sources"]
                               if x["source"] == name and x["in_flight"] == 0 and x["arrived"] == x["sent"]])
    assert by_source[0]["missing"] == 0 and pair.status(REGION)["account"]["hub"]["untold"] == 0
    assert sheet.exists(), "the manager's own copy is left alone"

    told = source(pair, "drop", str(sheet), "--source", name, "--wait").stdout.decode()
    assert "1 refused" in told and '\n  line 12: "occurred_at"' in told and "ann@" not in told

    # What was refused is listed, and taken out only where nobody else reads it.
    listed = json.loads(source(pair, "failed", "--json").stdout)["failed"]
    ours = [x for x in listed if x["name"].startswith("forced.csv")]
    assert [x["rows"] for x in ours] == [1, 1, 1, 1] and all(x["readable"] for x in ours)
    assert source(pair, "failed", ours[0]["name"]).returncode == 2, "a pipe is no terminal"
    inside = source(pair, "failed", ours[0]["name"], "--out", os.path.join(pair.inbox(REGION), "failed", "x"))
    assert inside.returncode == 2 and b"inbox" in inside.stderr
    out = tmp_path / "repair.csv"
    r = source(pair, "failed", ours[0]["name"], "--out", str(out))
    assert r.returncode == 0 and b"ann@" not in r.stdout + r.stderr and b"line 12: " in r.stderr
    assert out.read_text() == "f-bad,not a date,db,hello,7,ann@example.com,yes\n"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_drop_is_refused_before_it_is_made(pair, tmp_path):
    name = "meetup"
    book = tmp_path / "sheet.xlsx"
    book.write_bytes(b"PK")
    r = source(pair, "drop", str(book), "--source", name)
    assert r.returncode == 1 and b".csv" in r.stderr and b"hint:" in r.stderr
    assert source(pair, "drop", "-", "--source", name, stdin=b"x").returncode == 2, "stdin needs a name"
    assert source(pair, "drop", str(book), "--source", "nosuch").returncode == 2
    before = pair.count(REGION)
    r = source(pair, "drop", "-", "--name", "piped.csv", "--source", name, "--wait", stdin=(HEAD + row("p1")).encode())
    assert r.returncode == 0 and b"1 captured" in r.stdout, r.stderr
    pair.settle(REGION)
    assert pair.count(REGION) == before + 1
    assert not [x for x in os.listdir(pair.inbox(REGION)) if x.startswith(".drop-")]
