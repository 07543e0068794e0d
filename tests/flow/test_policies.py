"""Closed, not open: a broken policy lets captures go on and lets nothing leave. And what it says of raw time."""
import glob
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import urllib.error
import urllib.request

from conftest import deployment, feedback, finish, until, PROJECT

import psycopg2
import pytest

from stack import free_port  # noqa: E402

REGION = "us-virginia"
READER = "reader_product_us"
SHORT = "id-jakarta"  # whose raw records are kept for 20 seconds


def shorten(d, name, raw):
    file = os.path.join(d.policies, name)
    text, n = re.subn(r'raw = "[^"]*"', f'raw = "{raw}"', open(file, encoding="utf-8").read())
    assert n == 1
    with open(file, "w", encoding="utf-8") as f:
        f.write(text)


@pytest.fixture(scope="module")
def own(request):
    """A deployment whose policies may be spoilt."""
    d = deployment(regions=[REGION, SHORT], loaders=1)
    d.policies = d.path("policies")
    shutil.copytree(os.path.join(PROJECT, "policies"), d.policies)
    shorten(d, "id.cfg", "20 seconds")
    d.agents = {code: d.agent_process(code) for code in d.regions}
    before = request.session.testsfailed
    try:
        d.start()
        yield d
    finally:
        finish(d, request.session.testsfailed > before)


def policy_file(d):
    return os.path.join(d.policies, "us.cfg")


def spoil(d):
    d.good = open(policy_file(d), encoding="utf-8").read()
    with open(policy_file(d), "w", encoding="utf-8") as f:
        f.write(d.good.replace("subject", "subjekt", 1))


def mend(d):
    with open(policy_file(d), "w", encoding="utf-8") as f:
        f.write(d.good)


def test_broken_on_hangup_the_old_one_stays(own):
    spoil(own)
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    s = until(lambda: own.status(REGION)["policy"]["stale"] and own.status(REGION), 20)
    assert s["policy"]["open"] and "us.cfg" in s["policy"]["trouble"]
    assert own.send(REGION, [feedback("old-stays")])[0] == 202
    until(lambda: own.count(REGION) == 1)
    mend(own)
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    until(lambda: not own.status(REGION)["policy"]["stale"], 20)


def test_another_countrys_policy_on_hangup_the_old_one_stays(own):
    """A region file may be edited while its agent runs, and nobody runs `check`."""
    file = own.path("regions", REGION + ".cfg")
    good = open(file, encoding="utf-8").read()
    with open(file, "w", encoding="utf-8") as f:
        f.write(good.replace('jurisdiction = "US"', 'jurisdiction = "SG"'))
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    s = until(lambda: own.status(REGION)["policy"]["stale"] and own.status(REGION), 20)
    assert s["policy"]["open"] and 'stands in SG, and policy "us" protects nobody there' in s["policy"]["trouble"]
    with open(file, "w", encoding="utf-8") as f:
        f.write(good)
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    until(lambda: not own.status(REGION)["policy"]["stale"], 20)


def test_broken_at_start_captures_go_on_and_nothing_leaves(own):
    own.settle(REGION)
    before = own.count(REGION)
    own.agents[REGION].stop()
    spoil(own)
    own.agents[REGION].start()
    s = own.status(REGION)
    assert s["pump"]["closed"] and not s["policy"]["open"]
    assert own.send(REGION, [feedback(f"closed-{i}") for i in range(20)])[0] == 202
    assert own.status(REGION)["pump"]["backlog"] >= 20
    assert own.count(REGION) == before
    done = own.tributary("policy", "status", "--region", REGION, "--state", own.path("state", REGION), check=False)
    assert done.returncode == 1 and "nothing leaves" in done.stdout
    done = own.tributary("policy", "check", "us", check=False)
    assert done.returncode == 1 and "us.cfg:" in done.stderr and "subject" in done.stderr
    mend(own)
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    until(lambda: own.count(REGION) == before + 20)
    own.settle(REGION)


def test_other_brokers_wait_for_a_restart(own):
    """Records must not be judged by the places of brokers to which they do not go."""
    file = own.path("regions", "hub.cfg")
    good = open(file, encoding="utf-8").read()
    with open(file, "w", encoding="utf-8") as f:
        f.write(good.replace(own.bootstrap, "127.0.0.1:1"))
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    s = until(lambda: own.status(REGION)["policy"]["stale"] and own.status(REGION), 20)
    assert "hub.cfg" in s["policy"]["trouble"]
    with open(file, "w", encoding="utf-8") as f:
        f.write(good)
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    until(lambda: not own.status(REGION)["policy"]["stale"], 20)


def test_a_region_file_with_a_typo_does_not_start(own):
    own.agents[REGION].stop()
    file = own.path("regions", REGION + ".cfg")
    good = open(file, encoding="utf-8").read()
    with open(file, "w", encoding="utf-8") as f:
        f.write(good.replace("timezone =", "timezoen =", 1).replace("max_bytes", "max_byte", 1))
    done = own.tributary("agent", "--region", REGION, "--state", own.path("state", REGION), check=False)
    assert done.returncode == 78
    assert "timezoen" in done.stderr and "timezone" in done.stderr and "max_byte" in done.stderr
    with open(file, "w", encoding="utf-8") as f:
        f.write(good)
    own.agents[REGION].start()


def test_a_missing_secret_does_not_start(own):
    own.agents[REGION].stop()
    secret = own.path("secrets", REGION + "-app")
    os.rename(secret, secret + ".away")
    done = own.tributary("agent", "--region", REGION, "--state", own.path("state", REGION), check=False)
    os.rename(secret + ".away", secret)
    assert done.returncode == 78 and "secret" in done.stderr
    own.agents[REGION].start()


def test_a_wrong_master_key_refuses_to_start(own):
    own.agents[REGION].stop()
    key = own.path("state", REGION, "keys", "master")
    good = open(key, "rb").read()
    with open(key, "wb") as f:
        f.write(os.urandom(32))
    done = own.tributary("agent", "--region", REGION, "--state", own.path("state", REGION), check=False)
    with open(key, "wb") as f:
        f.write(good)
    assert done.returncode == 78 and "master" in done.stderr
    own.agents[REGION].start()


# ---- Raw time -------------------------------------------------------------------------------------

def metric(d, code, name):
    with urllib.request.urlopen(f"http://127.0.0.1:{d.ports['internal-' + code]}/metrics", timeout=10) as r:
        for line in r.read().decode().splitlines():
            if line.startswith(name + " "):
                return int(line.split()[1])
    raise AssertionError(name)


def wrapped_keys(d, code):
    c = sqlite3.connect(f"file:{d.path('state', code, 'keys.db')}?mode=ro", uri=True)
    try:
        return [row[0] for row in c.execute("SELECT wrapped FROM period p JOIN class c ON c.number = p.class "
                                            "WHERE wrapped IS NOT NULL AND c.name <> '*'")]
    finally:
        c.close()


def bytes_of_keys(d, code):
    return b"".join(open(f, "rb").read() for f in glob.glob(d.path("state", code, "keys.db*")))


def test_when_raw_time_is_over_keys_are_gone_and_the_account_adds_up(own):
    """What left is at the hub; what was held or stayed is nowhere any more, and says so."""
    def rows():
        return own.rows("SELECT sum(captured), sum(held), sum(stayed), sum(expired) FROM tributary.completeness "
                        "WHERE region = %s", SHORT)[0]

    def destroyed():
        "all keys destroyed, nothing held or staying any more"
        pump = own.status(SHORT)["pump"]
        return not wrapped_keys(own, SHORT) and pump["held"] == pump["stayed"] == 0

    records = [feedback(f"raw-{i}") for i in range(20)]
    records += [feedback(f"ill-{i}", "I cannot type, I have diabetes") for i in range(6)]
    records += [dict(feedback(f"member-{i}"), kind="member") for i in range(7)]
    assert own.send(SHORT, records)[0] == 202
    keys = wrapped_keys(own, SHORT)
    assert keys and all(k in bytes_of_keys(own, SHORT) for k in keys)
    own.settle(SHORT)
    until(lambda: own.count(SHORT) == 20)
    until(lambda: rows() == (33, 6, 7, 0), 30)
    until(destroyed, 60)
    assert not any(k in bytes_of_keys(own, SHORT) for k in keys), "neither in the database nor in its log"
    until(lambda: rows() == (33, 0, 0, 13), 30)
    assert own.count(SHORT) == 20
    assert metric(own, SHORT, "tributary_vault_periods_destroyed_total") >= 1
    assert metric(own, SHORT, "tributary_vault_without_receipt_total") == 0
    assert metric(own, SHORT, "tributary_vault_clock_trusted") == 1
    assert metric(own, REGION, "tributary_vault_periods_destroyed_total") == 0
    assert own.agents[SHORT].stop() == 0  # segments are closed; of these nothing can be read any more
    own.agents[SHORT].start()
    segments = own.path("state", SHORT, "vault", "*.seg")
    until(lambda: len(glob.glob(segments)) == 1, 60)  # of the activation: no record
    assert own.send(SHORT, [feedback("raw-after")])[0] == 202
    until(lambda: own.count(SHORT) == 21)
    until(lambda: own.rows("SELECT coalesce(sum(abs(missing)), 0) FROM tributary.completeness WHERE region = %s",
                           SHORT)[0][0] == 0, 30)


def rewrite(d, old, new):
    file = os.path.join(d.policies, "id.cfg")
    text = open(file, encoding="utf-8").read()
    assert old in text
    with open(file, "w", encoding="utf-8") as f:
        f.write(text.replace(old, new, 1))


def test_a_changed_file_is_read_by_itself_after_its_own_cases(own):
    """No SIGHUP: the folder is watched. What its cases do not bear out is not taken, and status names the case."""
    def policy():
        return own.status(SHORT)["policy"]

    version = policy()["version"]
    rewrite(own, f"version = {version};", f"version = {version + 1};")
    until(lambda: policy()["version"] == version + 1, 20)
    rewrite(own, 'feedback = "go"', 'feedback = "hold"')
    rewrite(own, f"version = {version + 1};", f"version = {version + 2};")
    p = until(lambda: policy()["stale"] and policy(), 20)
    assert p["open"] and p["version"] == version + 1
    assert re.search(r"cases say: cases/id/[a-z0-9-]+\.case:\d+: decision is not as expected: \"[^\"]+\", not \"[^\"]+\" \(and \d+ more\)", p["trouble"])
    # Nor does a restart take it ...
    agent = own.agents[SHORT]
    agent.stop()
    agent.start()
    p = policy()
    assert p["open"] and p["stale"] and p["version"] == version + 1 and "cases say: cases/id/" in p["trouble"]
    assert "its own cases" in own.status(SHORT)["sentence"] and metric(own, SHORT, "tributary_policy_fails_cases") == 1
    # ... nor a first start: captures go on, nothing leaves.
    agent.stop()
    os.unlink(own.path("state", SHORT, "policy.cache"))
    agent.start()
    p = policy()
    assert not p["open"] and p["name"] is None and "cases say: cases/id/" in p["trouble"]
    assert "nothing leaves: its policy does not do what its own cases say" in own.status(SHORT)["sentence"]
    before = own.count(SHORT)
    assert own.send(SHORT, [feedback("before-cases")])[0] == 202
    rewrite(own, 'feedback = "hold"', 'feedback = "go"')
    until(lambda: policy()["version"] == version + 2 and not policy()["stale"], 20)
    until(lambda: own.count(SHORT) == before + 1, 20)


# ---- The desk over the region's own vault ---------------------------------------------------------

def desk(d, *words):
    done = d.tributary("policy", *words, "--region", REGION, "--state", d.path("state", REGION), check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture()
def draft(own):
    """The next version: it no longer masks emails."""
    folder = own.path("draft")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(own.policies, folder)
    file = os.path.join(folder, "base.cfg")
    text = open(file, encoding="utf-8").read()
    with open(file, "w", encoding="utf-8") as f:
        f.write(text.replace('"email", "phone"', '"phone"'))
    return os.path.join(folder, "us.cfg")


def test_a_change_is_judged_by_what_the_vault_has(own, draft):
    body = "write to jane.roe@corp.example or call +1 202-555-0147"
    assert own.send(REGION, [feedback(f"vault-{i}", body) for i in range(7)])[0] == 202
    status, said = desk(own, "diff", "us", draft, "--against", "last:7d")
    assert status == 3 and "7 x email in body is no longer taken out" in said and "(app 7)" in said
    assert "write to [email] or call [phone]" in said and "jane.roe" not in said and "0147" not in said
    status, said = desk(own, "diff", "us", draft, "--against", "2026-01-01..", "--markdown")
    assert status == 3 and "| 7 | email in body" in said and "write to" not in said
    own.agents[REGION].stop()
    status, said = desk(own, "diff", draft, "us", "--against", "last:1h", "--json")  # also while no agent runs
    own.agents[REGION].start()
    back = json.loads(said)
    assert status == 0 and back["newly_stops"]["what"][0]["sources"] == {"app": 7} and "jane.roe" not in said
    status, said = desk(own, "diff", "us", draft, "--against", "2001-01-01..2001-12-31")
    assert status == 0 and "0 records of" in said
    status, said = desk(own, "diff", "us", draft, "--against", "last week")
    assert status == 2 and "no span of time" in said and "last:7d" in said


def ledger(d):
    """What the agent noted, as its vault has it: entries that are no records."""
    return [line for line in open(d.path("log", f"agent-{REGION}.log"), encoding="utf-8") if "what=reveal" in line]


def test_a_record_of_the_vault_is_explained_and_a_reveal_is_noted(own):
    assert own.send(REGION, [feedback("to-explain", "reach me at mary.major@corp.example, thanks", url="https://forum.example.com/t/7")])[0] == 202
    own.settle(REGION)
    key, epoch, seq = own.rows("SELECT record_key, epoch, seq FROM community.record WHERE region = %s AND body LIKE 'reach me%%'", REGION)[0]
    status, said = desk(own, "explain", f"{epoch}-{seq}")
    assert status == 0 and f"record {epoch}-{seq} ({key}) of app" in said and "reach me at [email 1], thanks" in said
    assert "mary.major" not in said and "search for them there" in said and "\033[" not in said
    status, said = desk(own, "explain", str(key), "--json")
    told = json.loads(said)
    assert status == 0 and told["record"] == f"{epoch}-{seq}" and told["source"] == "app" and "mary.major" not in said
    before = len(ledger(own))
    status, said = desk(own, "explain", "--seq", f"{epoch}-{seq}", "--reveal")
    assert status == 0 and '"mary.major@corp.example"' in said and len(ledger(own)) == before + 1
    status, said = desk(own, "explain", f"{epoch}-{seq + 1}")
    assert status == 1 and ("no record" in said)
    own.agents[REGION].stop()
    status, said = desk(own, "explain", f"{epoch}-{seq}")
    assert status == 0 and "[email 1]" in said  # without a running agent, but:
    status, said = desk(own, "explain", f"{epoch}-{seq}", "--reveal")
    own.agents[REGION].start()
    assert status != 0 and "mary.major" not in said and "cannot be noted" in said and "agent must run" in said


def test_the_desk_masks_whom_the_agent_masks(own, draft):
    """Who wrote in the region is known from its vault: to the pump, and by the same code to the desk."""
    member = dict(feedback("member-1", "hello"), kind="member", author={"id": "m1", "name": "Marta Kowalska", "handle": "marta-k"})
    assert own.send(REGION, [member])[0] == 202
    assert own.send(REGION, [feedback("names-her", "ask Marta Kowalska or @marta-k about mk@corp.example")])[0] == 202
    own.settle(REGION)
    left, epoch, seq = own.rows("SELECT body, epoch, seq FROM community.record WHERE region = %s AND body LIKE 'ask %%'", REGION)[0]
    assert left.startswith("ask [person 1] or ") and "marta" not in left.lower()
    status, said = desk(own, "explain", f"{epoch}-{seq}", "--json")
    told = json.loads(said)
    assert status == 0 and told["leaves"]["body"] == left and told["people_known"] and "Marta" not in said
    status, said = desk(own, "diff", "us", draft, "--against", "last:7d", "--samples", "20")
    assert status == 3 and "ask [known_person] or" in said and "Marta" not in said and "marta" not in said
    own.agents[REGION].stop()
    status, said = desk(own, "explain", f"{epoch}-{seq}", "--json")
    own.agents[REGION].start()
    assert status == 0 and json.loads(said)["leaves"]["body"] == left  # nobody runs who would have told since when


# ---- A policy carried back to what is in the vault ------------------------------------------------

def put_in_force(d, *changes, version):
    """us.cfg with some lines otherwise, put in force."""
    text = open(os.path.join(PROJECT, "policies", "us.cfg"), encoding="utf-8").read()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    text, n = re.subn(r"version = \d+;", f"version = {version};", text, count=1)
    assert n == 1
    with open(policy_file(d), "w", encoding="utf-8") as f:
        f.write(text)
    os.kill(d.agents[REGION].pid(), signal.SIGHUP)
    until(lambda: own_policy(d)["version"] == version and not own_policy(d)["stale"], 20)


def own_policy(d):
    return d.status(REGION)["policy"]


def reapply(d, *words):
    status, said = desk(d, "reapply", *words)
    return status, said


def adds_up(d):
    """The account adds up at both ends, and nothing is on its way."""
    wrong = d.rows("SELECT count(*) FROM tributary.completeness WHERE region = %s AND (missing <> 0 OR in_flight <> 0)", REGION)
    return wrong[0][0] == 0 and d.status(REGION)["account"]["missing"] == 0


def totals(d):
    return d.rows("SELECT sum(captured), sum(held), sum(stayed) FROM tributary.completeness WHERE region = %s", REGION)[0]


def test_a_stricter_policy_is_carried_back_through_a_kill_and_a_looser_one_too(own):
    file = own.path("regions", REGION + ".cfg")
    text = open(file, encoding="utf-8").read()
    assert 'account_every = "1 s";' in text
    with open(file, "w", encoding="utf-8") as f:
        f.write(text.replace('account_every = "1 s";', 'account_every = "1 s";  reapply_rate = 100;', 1))
    shutil.rmtree(os.path.join(own.policies, "cases"), ignore_errors=True)
    own.agents[REGION].stop()
    own.agents[REGION].start()
    records = [feedback(f"back-{i}") for i in range(250)]
    records += [dict(feedback(f"talk-{i}"), kind="discussion") for i in range(60)]
    records += [feedback(f"ill-{i}", "I cannot type, I have diabetes") for i in range(5)]
    records += [dict(feedback("talk-0", "said better"), kind="discussion", revision=2)]
    assert own.send(REGION, records)[0] == 202
    own.settle(REGION)
    until(lambda: own.count(REGION, "kind = 'discussion'") == 60)
    until(lambda: adds_up(own), 30)
    captured, held, stayed = totals(own)
    before = own.count(REGION)

    put_in_force(own, ('"title", "body", "scenario"', '"title", "scenario"'), ('discussion = "go"', 'discussion = "stay"'), version=101)
    status, said = reapply(own, "--since", "2020-01-01")
    assert status == 2 and "no dry run" in said and "--dry-run" in said
    status, said = reapply(own, "--since", "2020-01-01", "--dry-run", "--json")
    dry = json.loads(said)["dry_run"]
    kinds = {k["kind"]: k for k in dry["kinds"]}
    assert status == 3 and kinds["discussion"]["retracted"] == 61 and kinds["feedback"]["kept"] == held
    assert own.count(REGION, "body IS NOT NULL") == before, "a dry run sends nothing"
    status, said = reapply(own, "--since", "2020-01-01", "--detach")
    assert status == 0
    until(lambda: own.count(REGION, "body IS NULL") > 0, 30)
    own.agents[REGION].kill()
    assert 0 < own.count(REGION, "body IS NULL") < before
    own.agents[REGION].start()
    assert own.send(REGION, [feedback("meanwhile")])[0] == 202
    until(lambda: not own.status(REGION)["reapply"], 60)
    own.settle(REGION)
    until(lambda: own.count(REGION) == before - 60 + 1, 30)
    until(lambda: own.count(REGION, "body IS NOT NULL") == 0, 30)
    until(lambda: adds_up(own), 30)
    assert totals(own) == (captured + 1, held, stayed + 61)
    status, said = reapply(own, "--status")
    assert status == 0 and "ended" in said

    put_in_force(own, ('"health";  when', '"wealth";  when'), ('then = "hold";  because = "sensitive', 'then = "go";  because = "sensitive'), version=102)
    status, said = reapply(own, "--since", "2020-01-01", "--yes")
    assert status == 0, said
    own.settle(REGION)
    until(lambda: own.count(REGION) == before + 1 + held, 30)
    until(lambda: own.count(REGION, "body IS NULL") == 0, 30)
    until(lambda: adds_up(own), 30)
    assert totals(own) == (captured + 1, 0, stayed)
    assert own.rows("SELECT body FROM community.record WHERE region = %s AND kind = 'discussion' AND revision = 2", REGION) == [("said better",)]
    assert reapply(own, "--stop")[0] == 2


# ---- The law of a person's country ------------------------------------------------------------------

def test_who_lives_elsewhere_takes_that_law_along(own):
    """Thirteen is old enough in the United States, sixteen in Ireland: eea.cfg protects its people here too."""
    young = [dict(feedback(f"young-{country}"), title="young", author={"id": country, "country": country, "age": 15})
             for country in ("US", "IE")]
    before = own.exact(REGION)["pump"]["stayed"]
    assert own.send(REGION, young)[0] == 202
    own.settle(REGION)
    assert own.rows("SELECT author_country FROM community.record WHERE region = %s AND title = 'young'", REGION) == [("US",)]
    s = own.exact(REGION)
    assert s["pump"]["stayed"] == before + 1
    assert any(d["outcome"] == "stayed" and d["file"] == "eea.cfg" and d["rule"] == "children" for d in s["decisions"]), s["decisions"]
    c = sqlite3.connect(f"file:{own.path('state', REGION, 'keys.db')}?mode=ro", uri=True)
    classes = {row[0] for row in c.execute("SELECT c.name FROM period p JOIN class c ON c.number = p.class")}
    c.close()
    assert {"base+us", "base+eea+us"} <= classes, classes


# ---- An officer elsewhere ---------------------------------------------------------------------------

def certificate(folder, name, by=None, country=None, alternatives=None):
    """name.pem and name.key, signed by an authority (or by itself, as one)."""
    subject = f"/CN={name}" + (f"/C={country}" if country else "")
    files = [os.path.join(folder, name + end) for end in (".pem", ".key", ".ext")]
    with open(files[2], "w", encoding="utf-8") as f:
        f.write("basicConstraints=critical,CA:" + ("FALSE" if by else "TRUE") + "\n")
        if alternatives:
            f.write(f"subjectAltName={alternatives}\n")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", files[1]]
    request = subprocess.run(["openssl", "req", "-new", *key, "-subj", subject], check=True, capture_output=True, text=True).stdout
    sign = ["-CA", by + ".pem", "-CAkey", by + ".key", "-CAcreateserial"] if by else ["-signkey", files[1]]
    subprocess.run(["openssl", "x509", "-req", "-days", "2", "-extfile", files[2], *sign, "-out", files[0]], input=request, check=True,
                   capture_output=True, text=True)
    return os.path.join(folder, name)


@pytest.fixture()
def officers(own):
    """Officers of the region's country and of another, one whom nobody listed, and where they ask."""
    folder = own.path("officers")
    os.makedirs(folder)
    authority = certificate(folder, "authority")
    certificate(folder, "agent", authority, alternatives="DNS:localhost,IP:127.0.0.1")
    certificate(folder, "jana", authority, "US", "email:jana@corp.example")
    certificate(folder, "ken", authority, "BR")
    certificate(folder, "mallory", authority, "US")
    port = free_port()
    file = own.path("regions", REGION + ".cfg")
    good = open(file, encoding="utf-8").read()
    with open(file, "w", encoding="utf-8") as f:
        f.write(good + f'\nofficers = {{ address = "127.0.0.1";  port = {port};  cert_file = "{folder}/agent.pem";  '
                f'key_file = "{folder}/agent.key";  ca_file = "{folder}/authority.pem";  url = "https://localhost:{port}";  '
                f'who = ["jana@corp.example", "ken"]; }};\n')
    own.agents[REGION].stop()
    own.agents[REGION].start()

    def ask(who, *words, stdin=None):
        command = [own.binary, "policy", *words, "--at", REGION, "--regions", own.path("regions"), "--ca", f"{folder}/authority.pem",
                   "--certificate", f"{folder}/{who}.pem", "--key", f"{folder}/{who}.key"]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr
    ask.port, ask.folder = port, folder
    yield ask
    with open(file, "w", encoding="utf-8") as f:
        f.write(good)
    own.agents[REGION].stop()
    own.agents[REGION].start()


def test_an_officer_elsewhere_asks_by_certificate(own, officers, draft):
    own.settle(REGION)
    status, said = officers("jana", "status")
    assert status == 0 and f"{REGION}: policy us version" in said
    status, said = officers("ken", "status", "--json")
    assert status == 0 and json.loads(said)["exact"] is False

    pasted = json.dumps(feedback("pasted", "write to jane.roe@corp.example"))
    status, said = officers("ken", "explain", "-", stdin=pasted)
    assert status == 0 and "write to [email 1]" in said and "1 x email in body: mask" in said.replace("5 x", "1 x") and "jane.roe" not in said

    body = "ask far.away@corp.example about it"
    assert own.send(REGION, [feedback(f"far-{i}", body) for i in range(6)])[0] == 202
    own.settle(REGION)
    epoch, seq = own.rows("SELECT epoch, seq FROM community.record WHERE region = %s ORDER BY epoch DESC, seq DESC LIMIT 1", REGION)[0]
    status, said = officers("jana", "explain", f"{epoch}-{seq}")
    assert status == 0 and "ask [email 1] about it" in said and "far.away" not in said
    status, said = officers("ken", "explain", f"{epoch}-{seq}")
    assert status == 0 and "about it" not in said and "not shown across this border" in said
    status, said = officers("jana", "explain", "77-1")
    assert status == 2 and "no such record" in said

    status, said = officers("jana", "diff", draft, "--since", "2020-01-01")
    assert status == 3 and "email in body is no longer taken out" in said and "[email]" in said and "far.away" not in said
    status, said = officers("ken", "diff", draft, "--since", "2020-01-01", "--json")
    told = json.loads(said)
    assert status == 3 and not told["words"] and not any(w["sample"] for w in told["newly_leaves"]["what"])
    status, said = officers("jana", "diff", draft, "--since", "last week")
    assert status == 2 and "neither a day nor a time" in said

    status, said = officers("mallory", "status")
    assert status == 2 and "names no officer" in said
    other = certificate(officers.folder, "stranger", certificate(officers.folder, "elsewhere"), "US", "email:jana@corp.example")
    assert other and officers("stranger", "status")[0] == 2
    with pytest.raises(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{officers.port}/v1/policy", timeout=10)
    log = open(own.path("log", f"agent-{REGION}.log"), encoding="utf-8").read()
    assert "what=/v1/explain by=jana@corp.example across=0" in log and "what=/v1/diff by=ken across=1" in log
    assert "far.away" not in log


# ---- Two signatures to loosen -----------------------------------------------------------------------

def in_force(d, version=None):
    p = d.status(REGION)["policy"]
    return p if p["open"] and not p["stale"] and version in (None, p["version"]) else None


def signed_by(d, officer):
    status, said = desk(d, "sign", "--as", officer, "--key", d.path("keys", officer), "--against", os.path.join(PROJECT, "policies"))
    assert status == 0, said
    os.kill(d.agents[REGION].pid(), signal.SIGHUP)
    return said


def test_a_looser_version_waits_for_two_officers(own):
    """Also over a hard end; what is stricter waits for nobody."""
    os.makedirs(own.path("keys"))
    lines = []
    for officer in ("jana", "ken"):
        status, said = desk(own, "sign", "--new-key", own.path("keys", officer), "--as", officer)
        assert status == 0 and os.stat(own.path("keys", officer)).st_mode & 0o777 == 0o600
        lines.append(re.search(r"\{ name = .* \}", said).group(0))
    with open(os.path.join(own.policies, "officers.cfg"), "w", encoding="utf-8") as f:
        f.write("version = 1;\nofficers = ( " + ",\n".join(lines) + " );\n")
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    version = until(lambda: in_force(own) and in_force(own)["officers"] and in_force(own)["version"], 20)

    text = open(policy_file(own), encoding="utf-8").read()
    text = re.sub(r"version = \d+", f"version = {version + 1}", text, count=1)
    with open(policy_file(own), "w", encoding="utf-8") as f:
        f.write(re.sub(r'raw = "[^"]*"', 'raw = "9 years"', text, count=1))
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    p = until(lambda: own.status(REGION)["policy"]["waiting"] and own.status(REGION)["policy"], 40)
    assert p["open"] and p["stale"] and p["version"] == version and "waits for signatures: 0 of 2" in p["trouble"]
    assert any("kept at home" in x["text"] for x in p["waiting"]["looser"])
    assert own.send(REGION, [feedback("by-the-old-one", "by the old one")])[0] == 202
    until(lambda: own.count(REGION, "body = 'by the old one'") == 1)
    assert own.count(REGION, "policy_version > %s", version) == 0

    assert "LOOSER" in signed_by(own, "jana")
    until(lambda: (own.status(REGION)["policy"]["waiting"] or {}).get("signed_by") == ["jana"], 40)
    own.agents[REGION].kill()
    own.agents[REGION].start()
    status, said = desk(own, "status")
    assert status == 1 and f"version {version} " in said and "1 of 2 signatures are there (signed by jana)" in said
    assert "us.cfg:" in said and "1 more officer: tributary policy sign" in said

    signed_by(own, "ken")
    until(lambda: in_force(own, version + 1), 40)
    own.agents[REGION].kill()
    own.agents[REGION].start()
    status, said = desk(own, "status")
    assert status == 0 and f"version {version + 1} " in said and "signed by jana, ken" in said

    def at_the_hub():
        "what the hub was told of the region"
        said = own.tributary("policy", "status", "--hub", check=False).stdout
        return re.search(rf"^{REGION} +us v{version + 1} +\S+Z +jana,ken +-$", said, re.M)
    until(at_the_hub, 60, every=1)


def test_a_false_mask_is_flagged_and_becomes_a_case(own, draft):
    """What is flagged lies at home without a word of the record; the case has made-up characters."""
    assert own.send(REGION, [feedback("to-flag", "our ticket +1 202-555-0188 is open, says kim.lee@corp.example")])[0] == 202
    own.settle(REGION)
    epoch, seq = own.rows("SELECT epoch, seq FROM community.record WHERE region = %s AND body LIKE 'our ticket%%'", REGION)[0]
    status, said = desk(own, "flag", f"{epoch}-{seq}", "--mask", "[phone 1]", "--note", "a ticket")
    flag = f"{epoch}-{seq}-phone-1"
    assert status == 0 and f"Flagged as {flag}: phone in body, by base.cfg:" in said
    kept = open(own.path("state", REGION, "flags", flag + ".json"), encoding="utf-8").read()
    assert "ticket +1" not in kept and "0188" not in kept and '"note":"a ticket"' in kept
    assert desk(own, "flag", f"{epoch}-{seq}", "--mask", "[phone 1]")[0] != 0
    assert desk(own, "flag", f"{epoch}-{seq}", "--mask", "[phone 9]")[0] == 1
    status, said = desk(own, "flag", "list")
    assert status == 0 and flag in said and "a ticket" in said
    status, said = desk(own, "flag", "accept", flag)
    words = re.search(r"^body: (our ticket .*)$", said, re.M).group(1)
    assert status == 0 and "0188" not in said and "kim.lee" not in said and "is open, says" in words and "Then say --write" in said
    status, said = desk(own, "flag", "accept", flag, "--write")
    file = os.path.join(own.policies, "cases", "us", f"flagged-{flag}.open")
    assert status == 0 and os.path.exists(file) and "rename it to .case" in said
    done = own.tributary("policy", "test", file, check=False)
    assert done.returncode == 1 and "[phone 1]" in done.stdout  # it does not hold yet
    assert desk(own, "flag", "list")[1] == "Nothing is flagged.\n" and desk(own, "flag", "drop", flag)[0] == 2


def test_a_reader_at_the_hub_flags_a_mask(own):
    """community.flag_redaction: only of what the caller may read; it reaches the region's own desk."""
    key = own.rows("SELECT record_key FROM community.record WHERE region = %s AND body LIKE 'our ticket%%'", REGION)[0][0]
    ask = "SELECT community.flag_redaction(%s, %s, %s, %s)"
    with pytest.raises(psycopg2.Error, match="is masked so"):
        own.rows(ask, REGION, key, "[phone 7]", "", user=READER)
    with pytest.raises(psycopg2.Error, match="no mask"):
        own.rows(ask, REGION, key, "our ticket", "", user=READER)
    with pytest.raises(psycopg2.Error, match="permission denied"):
        own.rows(ask, REGION, key, "[phone 1]", "", user="reader_numbers_jp")
    with pytest.raises(psycopg2.Error, match="BEGIN READ WRITE"):
        own.rows(ask, REGION, key, "[phone 1]", "", user=READER)
    c = own.connect(READER)
    for note in ("a ticket\nof ours", "once more"):
        c.cursor().execute("BEGIN READ WRITE;" + ask + "; COMMIT", (REGION, key, "[phone 1]", note))
    c.close()
    c = own.connect()
    c.cursor().execute(f"SET ROLE {READER}")  # whoever logs in as himself and takes the role
    c.cursor().execute(ask, (REGION, key, "[phone 1]", "the same"))
    with pytest.raises(psycopg2.Error, match="is masked so"):
        c.cursor().execute(ask, (REGION, key, "[phone 7]", ""))
    c.close()
    until(lambda: f"{key}-phone-1" in desk(own, "flag", "list")[1], 30)
    told = json.loads(desk(own, "flag", "list", "--json")[1])["flags"]
    assert [(f["mask"], f["note"], f["by"], f["masked_today"]) for f in told] == [
        ("[phone 1]", "a ticket of ours", f"{READER} (hub)", True)]
    assert desk(own, "flag", "drop", f"{key}-phone-1")[0] == 0


def fill(path):
    """Somebody else writes until not a byte is left."""
    with open(path, "ab", buffering=0) as f:
        size = 1 << 20
        while size:
            try:
                f.write(b"x" * size)
            except OSError:
                size //= 2


def test_on_a_full_disk_an_agent_starts_sends_and_takes_nothing(own):
    """Last here: the state moves to a small disk. What waits still leaves; what comes is refused, not lost."""
    small = own.path("small")
    os.makedirs(small)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", small], capture_output=True).returncode:
        pytest.skip("not permitted to mount a tmpfs: no disk to be filled")
    try:
        own.settle(REGION)
        before = own.count(REGION)
        own.agents[REGION].stop()
        state, filler = os.path.join(small, "state"), os.path.join(small, "filler")
        shutil.copytree(own.path("state", REGION), state)
        reserve = os.path.join(state, "reserve")
        agent = own.agent_process(REGION)
        agent.command[agent.command.index("--state") + 1] = state
        own.agents[REGION] = agent
        spoil(own)  # nothing leaves, so something waits
        agent.start()
        until(lambda: os.path.exists(reserve) and os.stat(reserve).st_blocks * 512 >= 64 << 20, 20)
        assert own.send(REGION, [feedback(f"waits-{i}") for i in range(200)])[0] == 202
        fill(filler)
        status, answer = own.send(REGION, [feedback("too-late")])
        assert status == 503, answer
        agent.kill()
        fill(filler)
        assert os.statvfs(small).f_bavail == 0
        mend(own)
        agent.start()  # its row is made durable out of the reserve
        assert os.stat(reserve).st_blocks * 512 < 64 << 20
        assert own.status(REGION)["vault"]["full"]
        with pytest.raises(urllib.error.HTTPError) as e:
            urllib.request.urlopen(own.url(REGION, "/readyz"), timeout=10)
        assert e.value.code == 503
        assert own.send(REGION, [feedback("too-late")])[0] == 503
        until(lambda: own.count(REGION) == before + 200, 60)
        own.settle(REGION)
        os.remove(filler)
        until(lambda: own.send(REGION, [feedback("in-time")])[0] == 202, 20)
        until(lambda: own.count(REGION) == before + 201, 30)
        until(lambda: os.stat(reserve).st_blocks * 512 >= 64 << 20, 20)
        assert urllib.request.urlopen(own.url(REGION, "/readyz"), timeout=10).status == 200
    finally:
        own.agents[REGION].stop()
        subprocess.run(["umount", "-l", small], check=True)
