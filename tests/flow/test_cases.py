"""`policy test`: cases as an officer writes them, tried with policies that were changed. Needs no deployment."""
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from conftest import BINARY, PROJECT

SHIPPED = os.path.join(PROJECT, "policies")
REGIONS = os.path.join(PROJECT, "regions")


@pytest.fixture()
def desk(tmp_path):
    folder = str(tmp_path / "policies")
    shutil.copytree(SHIPPED, folder)
    return folder


def cases(*words, policies=SHIPPED):
    done = subprocess.run([BINARY, "policy", "test", *words, "--policies", policies, "--regions", REGIONS],
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def change(folder, name, old, new):
    file = os.path.join(folder, name)
    text = open(file, encoding="utf-8").read()
    assert old in text, old
    with open(file, "w", encoding="utf-8") as f:
        f.write(text.replace(old, new, 1))


def test_shipped_policies_do_what_their_cases_say():
    status, said = cases("--json")
    told = json.loads(said)
    assert status == 0 and told["ok"] and told["failed"] == 0
    assert {c["policy"] for c in told["coverage"]} == {"cn", "us", "eea", "gb", "jp", "id", "sg", "in"}
    assert all(c["rules"]["percent"] == 100 and c["fields"]["percent"] == 100 for c in told["coverage"])


def test_the_manuals_example_is_a_case(tmp_path):
    text = open(os.path.join(SHIPPED, "README.md"), encoding="utf-8").read()
    file = tmp_path / "manual.case"
    file.write_text(re.search(r"```case\n(.*?)```", text, re.S).group(1), encoding="utf-8")
    assert cases(str(file))[0] == 0


# A slip of the pen in a policy, and the case that tells it.
SLIPS = [
    ("eea.cfg", "under = 16", "under = 13", "child-germany.case", "goes, by eea.cfg:"),
    ("eea.cfg", 'member = "stay"', 'member = "go"', "member.case", "purposes"),
    ("eea.cfg", '"author.standing"]', '"author.standing", "author.email"]', "feedback.case", "author.email"),
    ("base.cfg", '"email", "phone"', '"phone"', "feedback.case", "jana.novak@corp.example"),
    ("us.cfg", '"EEA", "GB", "CH"', '"EEA", "GB", "CN", "CH"', "closed-destination.case", "expected  stays"),
    ("cn.cfg", 'subject = "none"', 'subject = "pseudonym"', "feedback.case", "pseudonym"),
]


@pytest.mark.parametrize("name,old,new,file,told", SLIPS, ids=[s[1] for s in SLIPS])
def test_a_slip_that_lets_more_out_fails_a_case(desk, name, old, new, file, told):
    change(desk, name, old, new)
    status, said = cases(policies=desk)
    assert status == 1 and f"/{file}" in said and told in said


def test_machines_get_tap_junit_and_json(desk):
    change(desk, "eea.cfg", "under = 16", "under = 13")
    status, tap = cases("eea", "--format", "tap", policies=desk)
    lines = [line for line in tap.split("\n") if re.match(r"(not )?ok \d", line)]
    assert status == 1 and f"1..{len(lines)}" in tap and any(line.startswith("not ok") for line in lines)
    status, junit = cases("eea", "--format", "junit", policies=desk)
    suite = ElementTree.fromstring(junit)
    failed = [c for c in suite.iter("testcase") if c.find("failure") is not None]
    assert status == 1 and int(suite.get("failures")) == len(failed) > 0 and int(suite.get("tests")) == len(lines) - 1
    status, said = cases("eea", "--json", policies=desk)
    assert status == 1 and json.loads(said)["failed"] == len(failed)


def test_too_little_tried_fails(tmp_path):
    folder = tmp_path / "few"
    folder.mkdir()
    shutil.copy(os.path.join(SHIPPED, "cases", "eea", "member.case"), folder)
    assert cases(str(folder))[0] == 0
    status, said = cases(str(folder), "--min-coverage", "50", "--coverage")
    assert status == 1 and "too few" in said and "health (eea.cfg:" in said


def test_what_cannot_be_tried_is_said(desk, tmp_path):
    status, said = cases("nowhere")
    assert status == 2 and "hint: " in said
    (tmp_path / "a.case").write_text("policy: eea\ndate: 2026-11-23\nCOMES IN\nkind: feedback\nGOESS\n")
    status, said = cases(str(tmp_path / "a.case"))
    assert status == 1 and "line 5" in said and 'Did you mean "goes"?' in said
    change(desk, "eea.cfg", "subject", "subjekt")
    status, said = cases("eea", policies=desk)
    assert status == 1 and "eea.cfg:" in said and "subjekt" in said


def test_a_region_is_judged_with_its_hub(tmp_path):
    file = tmp_path / "region.case"
    file.write_text("region: de-frankfurt\ndate: 2026-11-23\nCOMES IN\nkind: feedback\nbody: slow\nGOES\nby: eea.cfg records\n")
    assert cases(str(file))[0] == 0
