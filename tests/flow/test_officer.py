"""The compliance officer's desk: a stranger's mistakes in policies, and what is said to them."""
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
