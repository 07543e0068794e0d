"""The compliance officer's desk: a stranger's mistakes in policies, and what is said to them."""
import json
import os
import shutil
import subprocess

import pytest

from conftest import BINARY, PROJECT

SHIPPED = os.path.join(PROJECT, "policies")

# What a person of law types, and what must stand in the answer.
MISTAKES = [
    ('policy = "eea"', "policy = “eea”", "straight double quotes"),
    ('owner = "Privacy office, Frankfurt"', 'owner = "Privacy office, Frankfurt', "a text is not closed"),
    ('subject = "pseudonym";', 'subject = "pseudonym"', '";" is missing'),
    ('"feedback", "discussion"', '"feedback" "discussion"', "parted by commas"),
    ('feedback = "go"', 'feedbak = "go"', 'Did you mean "feedback"?'),
    ('feedback = "go"', 'feedback = "yes"', "Allowed: go, hold, stay."),
    ('"occurred_at", "lang"', '"occured_at", "lang"', 'Did you mean "occurred_at"?'),
    ('warehouse = "3 years"', 'warehouse = "3 yaers"', "not a time span"),
    ('until = "2027-09-30"', 'until = "30.09.2027"', 'as "2027-06-01"'),
    ('until = "2027-09-30"', 'until = "2027-09-31"', "a day that exists"),
    ('to = ["US"]', 'to = ["UK"]', "GB"),
    ('extends = "base"', 'extends = "eea"', "goes round in a circle"),
    ("language = 1;", "", "Write language = 1;"),
    ("lists/health.txt", "../../etc/passwd", "not a list of the policies' folder"),
    ('unknown = "go"; }', "}", '"unknown" is missing'),
]


@pytest.fixture()
def desk(tmp_path):
    folder = str(tmp_path / "policies")
    shutil.copytree(SHIPPED, folder)
    return folder


def change(folder, old, new, name="eea.cfg"):
    file = os.path.join(folder, name)
    text = open(file, encoding="utf-8").read()
    assert old in text, old
    with open(file, "w", encoding="utf-8") as f:
        f.write(text.replace(old, new, 1))


def check(*words, policies=SHIPPED):
    done = subprocess.run([BINARY, "policy", "check", *words, "--policies", policies], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("old,new,told", MISTAKES, ids=[m[1][:30] or m[0][:30] for m in MISTAKES])
def test_a_mistake_is_told_with_line_and_way_out(desk, old, new, told):
    change(desk, old, new)
    status, said = check("eea", policies=desk)
    assert status == 1
    assert told in said and "eea.cfg:" in said and "hint: " in said


def test_editors_marks_do_no_harm(desk):
    file = os.path.join(desk, "eea.cfg")
    text = open(file, encoding="utf-8").read().replace("\n", "\r\n").replace("subject = ", "subject =\u00a0")
    with open(file, "wb") as f:
        f.write(b"\xef\xbb\xbf" + text.encode())
    assert check("eea", policies=desk)[0] == 0


def test_a_basis_that_is_past_is_told_and_not_an_error(desk):
    change(desk, 'until = "2027-09-30"', 'until = "2025-09-30"')
    status, said = check("eea", policies=desk)
    assert status == 0 and "is past" in said and "1 warnings" in said


def test_a_draft_elsewhere_is_what_is_checked(desk):
    """Not its namesake in force: the officer would take a broken draft for good."""
    change(desk, "subject", "subjekt")
    status, said = check(os.path.join(desk, "eea.cfg"))
    assert status == 1 and "subjekt" in said and desk in said
    assert check("eea")[0] == 0
    status, said = check(os.path.join(desk, "nowhere", "eea.cfg"))
    assert status == 1 and "is not there" in said


def test_what_is_not_enforced_holds_and_says_so(desk):
    with open(os.path.join(desk, "eea.cfg"), "a", encoding="utf-8") as f:
        f.write('small_group = { of = ["author.country"];  fewer_than = 5;  within = "28 days";  then = "generalise"; };\n')
    status, said = check("eea", policies=desk)
    assert status == 0 and 'does not enforce "small_group"' in said and "are held" in said


# ---- Places: a hub.cfg in which something was moved to where a policy does not allow it ----

REGIONS = os.path.join(PROJECT, "regions")
CODES = sorted(name[:-4] for name in os.listdir(REGIONS) if name.endswith(".cfg") and name != "hub.cfg")
PLACE = '        {{ what = "{}";  name = "Elsewhere";  jurisdiction = "{}";  latitude = 1.0;  longitude = 2.0; }},\n'
# What is moved where, the regions that still allow it, and a line that another tells: its file, its law.
MOVES = [
    ("kafka", "US", {"us-virginia", "us-oregon", "in-mumbai", "in-hyderabad"}, "cn-beijing", "cn.cfg", "PIPL"),
    ("warehouse", "CN", {"cn-beijing", "cn-shanghai"}, "us-virginia", "us.cfg", "28 CFR 202"),
    ("mirror", "SG", {"sg-singapore"}, "gb-london", "gb.cfg", "UK GDPR"),
    ("replica", "ID", {"id-jakarta", "id-makassar", "id-surabaya"}, "sg-singapore", "sg.cfg", "PDPA 2012"),
    ("hub", "CN", {"cn-beijing", "cn-shanghai"}, "de-frankfurt", "eea.cfg", "Regulation (EU) 2016/679"),
]


@pytest.fixture()
def places(tmp_path):
    folder = str(tmp_path / "regions")
    shutil.copytree(REGIONS, folder)
    return folder


def move(folder, what, where):
    file = os.path.join(folder, "hub.cfg")
    text = open(file, encoding="utf-8").read()
    if what == "hub":
        text = text.replace('jurisdiction = "EEA"', f'jurisdiction = "{where}"')  # itself and all its places
    elif what in ("kafka", "warehouse"):
        before, found, after = text.partition(f'{{ what = "{what}"')
        assert found
        text = before + found + after.replace('jurisdiction = "EEA"', f'jurisdiction = "{where}"', 1)
    else:
        text = text.replace("places = (\n", "places = (\n" + PLACE.format(what, where), 1)
    with open(file, "w", encoding="utf-8") as f:
        f.write(text)


def tributary(*words, regions, policies=SHIPPED):
    done = subprocess.run([BINARY, *words, "--regions", regions, "--policies", policies], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def plan(regions, policies=SHIPPED):
    status, said = tributary("region", "plan", "--json", regions=regions, policies=policies)
    return status, json.loads(said)["rows"]


def transfers_line(name):
    text = open(os.path.join(SHIPPED, name), encoding="utf-8").read().split("\n")
    return 1 + next(i for i, line in enumerate(text) if line.startswith("transfers = "))


def test_every_shipped_region_may_send_where_the_hub_is():
    status, said = tributary("check", regions=REGIONS)
    assert status == 0 and f"{len(CODES)} regions are well" in said and len(CODES) == 15
    status, rows = plan(REGIONS)
    assert status == 0 and sorted({r["region"] for r in rows}) == CODES
    assert all(r["verdict"] == "open" and r["basis"] and r["line"] > 1 for r in rows)
    assert {r["what"] for r in rows} == {"hub", "kafka", "warehouse"}
    status, said = tributary("region", "plan", "gb-london", regions=REGIONS)
    assert status == 0 and "gb.cfg:" in said and "art. 45A" in said and "cn-beijing" not in said
    status, said = tributary("region", "plan", "nowhere", regions=REGIONS)
    assert status == 78 and "region list" in said


@pytest.mark.parametrize("what,where,allowed,code,file,law", MOVES, ids=[m[0] for m in MOVES])
def test_a_place_no_law_allows_is_refused_with_the_line(places, what, where, allowed, code, file, law):
    move(places, what, where)
    line = f"{file}:{transfers_line(file)}"
    status, said = tributary("check", regions=places)
    assert status == 1
    mine = [s for s in said.split("\n") if f"error: {code} may not send to this {what} in {where}" in s]
    assert len(mine) == 1 and "hub.cfg:" in mine[0] and line in mine[0] and law in mine[0]
    refused = {s.split("error: ")[1].split()[0] for s in said.split("\n") if f"this {what} in {where}" in s}
    assert refused == set(CODES) - allowed
    status, rows = plan(places)
    closed = [r for r in rows if r["what"] == what and r["verdict"] == "closed"]
    assert status == 3 and {r["region"] for r in closed} == refused
    row = next(r for r in closed if r["region"] == code)
    assert f'{row["file"]}:{row["line"]}' == line and law in row["law"] and law in row["reason"]
    status, said = tributary("region", "plan", regions=places)
    assert status == 3 and line in said and "closed" in said


def test_a_basis_that_has_ended_closes_the_place_with_its_article(desk, places):
    change(desk, 'review_by = "2027-06-01"; },', 'until = "2026-01-31"; },', name="gb.cfg")
    status, said = tributary("check", regions=places, policies=desk)
    assert status == 1
    refused = [s for s in said.split("\n") if "error: gb-london may not send" in s]
    assert len(refused) == 3 and all("gb.cfg:41" in s and "has ended" in s and "art. 45A" in s for s in refused)
    assert "error: " not in said.replace("error: gb-london", "")
    status, rows = plan(places, policies=desk)
    closed = [r for r in rows if r["verdict"] == "closed"]
    assert status == 3 and {r["region"] for r in closed} == {"gb-london"}
    assert all(r["until"].startswith("2026-01-31T23:59:59") and "art. 45A" in r["basis"] for r in closed)
