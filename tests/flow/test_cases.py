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
    assert {c["policy"] for c in told["coverage"]} == {"cn", "us", "eea", "gb", "jp", "id", "sg", "in", "au", "br", "ca", "ch",
                                                        "de", "fr", "kr", "my", "ph", "th", "tr", "us-ca", "vn"}
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


# ---- One record explained ----------------------------------------------------------------------

def explain(*words, stdin=None):
    done = subprocess.run([BINARY, "policy", "explain", *words, "--policies", SHIPPED, "--regions", REGIONS],
                          capture_output=True, text=True, input=stdin)
    return done.returncode, done.stdout + done.stderr


POST = "The import is slow.\nWrite to jana@corp.example.\n\x1b[2J\x07"


def test_a_pasted_post_is_explained_without_what_was_found():
    status, said = explain("-", "--region", "de-frankfurt", stdin=POST)
    assert status == 0 and "GOES" in said and "Write to [email 1]." in said and "body 29-46: email, mask" in said
    assert re.search(r"base\.cfg:\d+ contact and payment.* Write to", said)
    assert "jana" not in said and "\x1b" not in said and "public web" in said
    status, said = explain("-", "--region", "de-frankfurt", "--reveal", stdin=POST)
    assert status == 0 and '"jana@corp.example"' in said and "\x1b" not in said
    assert "\x1b[1;36m[email 1]\x1b[0m" in explain("-", "--policy", "eea", "--colour", "always", stdin=POST)[1]


def test_json_tells_the_same():
    record = {"id": "7", "kind": "feedback", "occurred_at": "2026-11-20T09:30:00Z", "body": "a@corp.example",
              "url": "https://forum.example.org/t/7", "author": {"name": "Jana Novak", "age": 15, "country": "DE"}}
    status, said = explain("--region", "de-frankfurt", "--json", stdin=json.dumps(record))
    told = json.loads(said)
    assert status == 0 and told["decision"] == "stay" and told["rule"] == "children" and told["because"] == "art. 8"
    assert told["public_words"] and "leaves" not in told and "a@corp" not in said and "Novak" not in said
    record["author"]["age"] = 30
    told = json.loads(explain("--region", "de-frankfurt", "--json", stdin=json.dumps(record))[1])
    assert told["leaves"]["body"] == "[email 1]" and told["found"][0]["file"] == "base.cfg"
    assert (told["found"][0]["start"], told["found"][0]["end"]) == (0, 14)


def test_a_case_is_explained_on_its_own_day():
    file = os.path.join(SHIPPED, "cases", "eea", "warehouse-in-london.case")
    assert "GOES" in explain(file)[1]
    assert "STAYS" in explain(file, "--date", "2031-12-28")[1]


def test_what_only_an_agent_knows_is_named():
    status, said = explain("-", "--region", "cn-beijing", stdin="It takes an hour.")
    assert status == 0 and "counted against 60000 people" in said and "against 6000 people" not in said
    told = json.loads(explain("--region", "de-frankfurt", "--json", stdin=json.dumps(
        {"id": "1", "kind": "feedback", "occurred_at": "2026-11-20T00:00:00Z", "body": "b", "author": {"country": "LI"}}))[1])
    assert [(a["of"], a["coarser"], a["ceiling"]) for a in told["asked"]] == [("group", False, 5), ("group", True, 5)]


def test_an_article_without_blanks_stays_whole_characters(desk):
    change(desk, "base.cfg", "contact and payment data of a person in free text", "个人信息保护法第三十八条第一款第二项" * 4)
    done = subprocess.run([BINARY, "policy", "explain", "-", "--policy", "eea", "--policies", desk, "--regions", REGIONS],
                          input=b"write to jana.novak@corp.example", capture_output=True)
    assert done.returncode == 0 and "个人信息保护法" in done.stdout.decode("utf-8", errors="strict")


def test_what_cannot_be_explained_is_said():
    assert explain("--policy", "eea", stdin="")[0] == 1
    status, said = explain("--policy", "eea", stdin='{"id": "7"}')
    assert status == 1 and "is missing" in said and "--text" in said
    status, said = explain(stdin="words")
    assert status == 2 and "--region CODE or --policy NAME" in said
    status, said = explain("--policy", "eeb", stdin="words")
    assert status == 78 and 'Did you mean "eea"' in said


# ---- Two versions side by side ------------------------------------------------------------------

def diff(*words):
    done = subprocess.run([BINARY, "policy", "diff", *words, "--policies", SHIPPED, "--regions", REGIONS],
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


LOOSER = [
    ("eea.cfg", "under = 16", "under = 13", "it stayed before (eea.cfg:"),
    ("eea.cfg", '"author.standing"]', '"author.standing", "author.email"]', "field author.email leaves"),
    ("eea.cfg", 'to = ["CH", "JP"', 'to = ["CN", "CH", "JP"', "a warehouse in CN is open now"),
    ("eea.cfg", 'allow = ["reading"];\n    basis = "adequacy, art. 45"', 'allow = ["reading", "warehouse"];\n    basis = "adequacy"', "warehouse in NZ"),
    ("eea.cfg", 'to = ["BR"]', 'to = ["BR", "IN"]', "readers in IN may now read it"),
    ("eea.cfg", 'warehouse = "3 years"', 'warehouse = "4 years"', "keeps it longer"),
    ("eea.cfg", 'then = "hold";  because = "art. 9"', 'then = "go";  because = "art. 9"', "it was held before"),
    ("base.cfg", '"email", "phone"', '"phone"', "email in body is no longer taken out"),
    ("base.cfg", 'do = "hold"', 'do = "mask"', "it was held before"),
]


@pytest.mark.parametrize("name,old,new,told", LOOSER, ids=[c[3] for c in LOOSER])
def test_what_is_looser_newly_leaves_and_back_newly_stops(desk, name, old, new, told):
    change(desk, name, old, new)
    draft = os.path.join(desk, "eea.cfg")
    status, said = diff("eea", draft)
    assert status == 3 and "newly leaves" in said and told in said and "corp.example" not in said
    status, said = diff(draft, "eea", "--json")
    back = json.loads(said)
    assert status == 0 and back["newly_leaves"]["what"] == [] and back["newly_stops"]["what"]


def test_the_same_differs_in_nothing(tmp_path):
    status, said = diff("eea", "eea")
    assert status == 0 and "No difference" in said
    assert diff("eea")[0] == 2 and diff("eea", "../x y")[0] == 2
    assert diff("eea", "eeb")[0] == 78 and 'Did you mean' in diff("eea", "eeb")[1]
    (tmp_path / "none.ndjson").write_text("not json\n")
    assert diff("eea", "eea", "--records", str(tmp_path / "none.ndjson"))[0] != 0


def test_ones_own_records_show_it_too(desk, tmp_path):
    change(desk, "eea.cfg", 'subject = "pseudonym"', 'subject = "none"')
    records = tmp_path / "records.ndjson"
    record = {"id": "7", "kind": "feedback", "occurred_at": "2026-11-20T09:30:00Z", "body": "secret words"}
    records.write_text(json.dumps(record) + "\n\nbroken\n" + json.dumps(record) + "\n")
    status, said = diff("eea", os.path.join(desk, "eea.cfg"), "--records", str(records))
    assert status == 0 and "2 x who spoke no longer leaves" in said and "line 1" in said and "1 could not be read" in said
    assert "secret" not in said


# ---- Revisions of git's --------------------------------------------------------------------------

@pytest.fixture()
def history(tmp_path):
    """Policies and regions in git: today's, and yesterday's with a phone number that was not looked for."""
    root = str(tmp_path / "repository")
    folder = os.path.join(root, "policies")
    shutil.copytree(SHIPPED, folder)

    def git(*words):
        subprocess.run(["git", "-C", root, "-c", "user.name=t", "-c", "user.email=t@corp.example", *words], check=True,
                       capture_output=True)
    git("init", "-q", ".")
    change(folder, "eea.cfg", "under = 16", "under = 13")
    change(folder, "base.cfg", '"email", "phone"', '"phone"')
    os.rename(os.path.join(folder, "sg.cfg"), os.path.join(root, "sg.cfg"))
    git("add", "-A")
    git("commit", "-qm", "yesterday")
    git("tag", "v1.2")
    for name in ("eea.cfg", "base.cfg", "sg.cfg"):
        shutil.copy(os.path.join(SHIPPED, name), os.path.join(folder, name))
    git("add", "-A")
    git("commit", "-qm", "today")
    return folder


def diff_in(folder, *words, path=None):
    env = dict(os.environ, GIT_CEILING_DIRECTORIES="/tmp", **({"PATH": path} if path is not None else {}))
    done = subprocess.run([BINARY, "policy", "diff", *words, "--policies", folder, "--regions", REGIONS],
                          capture_output=True, text=True, env=env)
    return done.returncode, done.stdout + done.stderr


def test_old_and_new_may_be_revisions(history):
    status, said = diff_in(history, "eea", "git:v1.2")
    assert status == 3 and "email in body is no longer taken out" in said and "(v1.2 (git " in said
    status, said = diff_in(history, "v1.2:eea", "eea", "--json")
    back = json.loads(said)
    assert status == 0 and back["newly_leaves"]["what"] == [] and back["newly_stops"]["what"]
    assert back["old"]["from"].startswith("v1.2 (git ") and back["old"]["policy"] == "eea"
    status, said = diff_in(history, "HEAD~1", "HEAD")
    assert status == 3 and "the policy is new: what it lets out, nothing let out before" in said  # sg
    assert re.search(r"^No difference that a case shows: base\.$", said, re.M)
    status, said = diff_in(history, "HEAD", "HEAD~1", "--markdown")
    assert status == 3 and "### Policy `eea`" in said and "**Something leaves that did not leave before.**" in said
    assert "| Records | What | Sources | As in |" in said and "corp.example" not in said


def test_revisions_that_are_none_are_told(history, tmp_path):
    status, said = diff_in(history, "HEAD~7", "eea")
    assert status == 2 and "no revision that git knows" in said and "hint: " in said
    status, said = diff_in(history, "git:--output=/tmp/x", "eea")
    assert status == 78 and "is no revision" in said
    status, said = diff_in(history, "git:HEAD:../eea", "eea")
    assert status == 2 and "no policy's name" in said
    status, said = diff_in(history, "git:HEAD", "eea", path=str(tmp_path))
    assert status != 0 and "could not run git" in said and "Install git" in said
    alone = str(tmp_path / "alone")
    shutil.copytree(SHIPPED, alone)
    status, said = diff_in(alone, "git:HEAD", "eea")
    assert status == 78 and "not a git repository" in said and "must stand in git" in said
