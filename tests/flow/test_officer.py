"""The compliance officer's desk: a stranger's mistakes in policies, and what is said to them."""
import json
import os
import re
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
    assert status == 0 and "is past" in said and "1 warning," in said


def test_a_draft_elsewhere_is_what_is_checked(desk):
    """Not its namesake in force: the officer would take a broken draft for good."""
    change(desk, "subject", "subjekt")
    status, said = check(os.path.join(desk, "eea.cfg"))
    assert status == 1 and "subjekt" in said and desk in said
    assert check("eea")[0] == 0
    status, said = check(os.path.join(desk, "nowhere", "eea.cfg"))
    assert status == 1 and "is not there" in said


def test_a_small_group_is_read_strictly(desk):
    change(desk, 'within = "28 days"', 'within = "28 hours"')
    status, said = check("eea", policies=desk)
    assert status == 1 and 'not a stretch of days: "28 hours"' in said and "eea.cfg:" in said and "hint: " in said


# ---- In sentences --------------------------------------------------------------------------------

def show(*words, env=None):
    done = subprocess.run([BINARY, "policy", "show", *words, "--policies", SHIPPED, "--regions", os.path.join(PROJECT, "regions")],
                          capture_output=True, text=True, env={**os.environ, **(env or {})})
    return done.returncode, done.stdout + done.stderr


def test_a_policy_is_said_in_seven_languages():
    """The same lines in each; English unless asked otherwise, whatever the terminal speaks."""
    said = {code: show("eea", "--lang", code) for code in ("en", "zh", "ja", "de", "id", "fr", "ko")}
    assert all(status == 0 for status, _ in said.values())
    places = {code: re.findall(r"\((\w+\.cfg:\d+)[;)]", text) for code, (_, text) in said.items()}
    assert len(places["en"]) > 40 and all(p == places["en"] for p in places.values())
    assert "Rückmeldungen (feedback): dürfen die Region verlassen." in said["de"][1]
    assert "16歳未満の人の記録は地域内にとどまる。" in said["ja"][1] and "jusqu’au 30 septembre 2027 inclus" in said["fr"][1]
    assert show("eea", env={"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8"}) == said["en"]


def test_a_region_is_said_with_what_protects_people_there_beside_its_own_policy():
    status, said = show("--region", "jp-tokyo", "--lang", "ko", "--json")
    told = json.loads(said)
    assert status == 0 and told["policy"] == "jp" and told["lang"] == "ko"
    assert any(s["file"] == "eea.cfg" and "‘eea’" in s["text"] for s in told["sentences"] if "file" in s)
    assert all(s["text"] and s["because"] is not None for s in told["sentences"])
    assert any(s.get("as_written") for s in told["sentences"])


def test_what_cannot_be_said_is_refused_with_what_can():
    status, said = show("eea", "--lang", "it")
    assert status == 2 and 'not spoken in "it"' in said and "en, zh, ja, de, id, fr, ko" in said
    status, said = show()
    assert status == 2 and "--region CODE" in said
    status, said = show("nowhere")
    assert status == 78 and '"nowhere"' in said


# ---- Places: a hub.cfg in which something was moved to where a policy does not allow it ----

REGIONS = os.path.join(PROJECT, "regions")
CODES = sorted(name[:-4] for name in os.listdir(REGIONS) if name.endswith(".cfg") and name != "hub.cfg")
PLACE = '        {{ what = "{}";  name = "Elsewhere";  jurisdiction = "{}";  latitude = 1.0;  longitude = 2.0; }},\n'
# What is moved where, the regions that still allow it, and a line that another tells: its file, law and article.
MOVES = [
    ("kafka", "US", {"us-virginia", "us-oregon", "in-mumbai", "in-hyderabad"}, "cn-beijing", "cn.cfg", "PIPL", "art. 38"),
    ("warehouse", "CN", {"cn-beijing", "cn-shanghai"}, "us-virginia", "us.cfg", "28 CFR 202", "28 CFR 202 bars"),
    ("mirror", "SG", {"sg-singapore"}, "gb-london", "gb.cfg", "UK GDPR", "45A"),
    ("replica", "ID", {"id-jakarta", "id-makassar", "id-surabaya"}, "sg-singapore", "sg.cfg", "PDPA 2012", "s. 26"),
    ("hub", "CN", {"cn-beijing", "cn-shanghai"}, "de-frankfurt", "eea.cfg", "Regulation (EU) 2016/679", "art. 44"),
    ("replica", "RU", set(), "jp-tokyo", "jp.cfg", "APPI", "art. 28"),
    ("mirror", "MY", set(), "id-jakarta", "id.cfg", "UU 27/2022", "art. 56"),
    ("kafka", "CN", {"cn-beijing", "cn-shanghai"}, "in-mumbai", "in.cfg", "DPDP Act", "s. 16"),
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
    assert all(r["verdict"] == "open" and r["basis"] and r["line"] > 1 for r in rows if r["what"] != "reader")
    assert {r["what"] for r in rows} == {"hub", "kafka", "warehouse", "reader"}
    assert {r["verdict"] for r in rows if r["what"] == "reader"} == {"reads", "hidden"}
    status, said = tributary("region", "plan", "gb-london", regions=REGIONS)
    assert status == 0 and "gb.cfg:" in said and "art. 45A" in said and "cn-beijing" not in said
    status, said = tributary("region", "plan", "nowhere", regions=REGIONS)
    assert status == 78 and "region list" in said


@pytest.mark.parametrize("what,where,allowed,code,file,law,article", MOVES, ids=[m[0] + "-" + m[1] for m in MOVES])
def test_a_place_no_law_allows_is_refused_with_line_and_article(places, what, where, allowed, code, file, law, article):
    move(places, what, where)
    line = f"{file}:{transfers_line(file)}"
    status, said = tributary("check", regions=places)
    assert status == 1
    mine = [s for s in said.split("\n") if f"error: {code} may not send to this {what} in {where}" in s]
    assert len(mine) == 1 and "hub.cfg:" in mine[0] and line in mine[0] and law in mine[0]
    assert article in mine[0] and "hint: " in said
    refused = {s.split("error: ")[1].split()[0] for s in said.split("\n") if f"this {what} in {where}" in s}
    assert refused == set(CODES) - allowed
    status, rows = plan(places)
    closed = [r for r in rows if r["what"] == what and r["jurisdiction"] == where and r["verdict"] == "closed"]
    assert status == 3 and {r["region"] for r in closed} == refused
    row = next(r for r in closed if r["region"] == code)
    assert f'{row["file"]}:{row["line"]}' == line and law in row["law"] and law in row["reason"]
    assert article in row["article"] and article in row["reason"]
    status, said = tributary("region", "plan", regions=places)
    assert status == 3 and line in said and "closed" in said


def test_a_basis_that_has_ended_closes_the_place_with_its_article(desk, places):
    change(desk, 'review_by = "2027-06-01"; },', 'until = "2026-01-31"; },', name="gb.cfg")
    status, said = tributary("check", regions=places, policies=desk)
    assert status == 1
    refused = [s for s in said.split("\n") if "error: gb-london may not send" in s]
    assert len(refused) == 3 and all(re.search(r"gb\.cfg:\d+", s) and "has ended" in s and "art. 45A" in s for s in refused)
    assert "error: " not in said.replace("error: gb-london", "")
    status, rows = plan(places, policies=desk)
    closed = [r for r in rows if r["verdict"] == "closed"]
    assert status == 3 and {r["region"] for r in closed} == {"gb-london"}
    assert all(r["until"].startswith("2026-01-31T23:59:59") and "art. 45A" in r["basis"] for r in closed)


# ---- Regions and readers: what a stranger may get wrong ----

def edit(folder, name, old, new):
    file = os.path.join(folder, name)
    text = open(file, encoding="utf-8").read()
    assert old in text, old
    with open(file, "w", encoding="utf-8") as f:
        f.write(text.replace(old, new, 1))


def test_every_shipped_region_says_what_its_place_is():
    status, said = tributary("region", "list", "--json", regions=REGIONS)
    rows = {r["code"]: r for r in json.loads(said)["regions"]}
    assert status == 0 and sorted(rows) == CODES
    assert all(r["hazards"] and r["power_grid"] and r["serves"] and r["languages"] for r in rows.values())
    islands = {code: r["island"] for code, r in rows.items() if r["island"]}
    assert islands == {"gb-london": "great-britain", "id-jakarta": "java", "id-surabaya": "java", "id-makassar": "sulawesi",
                       "jp-osaka": "honshu", "jp-tokyo": "honshu", "sg-singapore": "singapore"}
    assert rows["jp-tokyo"]["power_grid"] != rows["jp-osaka"]["power_grid"]
    assert rows["id-jakarta"]["power_grid"] == rows["id-surabaya"]["power_grid"] != rows["id-makassar"]["power_grid"]
    assert rows["de-frankfurt"]["jurisdiction"] == "EEA" and len(rows["de-frankfurt"]["serves"]) > 5
    assert all(r["places"] == r["places_open"] == 3 and r["readers"] == 4 for r in rows.values())
    assert rows["cn-beijing"]["readers_reading"] == 2 and rows["de-frankfurt"]["readers_reading"] == 4
    status, said = tributary("region", "show", "id-makassar", regions=REGIONS)
    assert re.search(r"kafka +Kafka, Frankfurt +EEA +11916 km +open +by id\.cfg:\d+: equal or higher protection", said)
    assert re.search(r"reader +reader_product_us +US +hidden +by id\.cfg:\d+: .*art\. 56", said)
    assert status == 0 and "power grid    id-sulawesi" in said and "island        sulawesi" in said


def test_a_region_in_no_jurisdiction_is_refused(places):
    edit(places, "jp-osaka.cfg", 'jurisdiction = "JP"', 'jurisdiction = "XJ"')
    status, said = tributary("check", regions=places)
    assert status == 78 and "jp-osaka.cfg:4:" in said and '"XJ" is no jurisdiction' in said and "hint: " in said
    edit(places, "jp-osaka.cfg", 'jurisdiction = "XJ";\n', "")
    status, said = tributary("check", regions=places)
    assert status == 78 and "jp-osaka.cfg:" in said and '"jurisdiction"' in said
    edit(places, "jp-osaka.cfg", 'policy = "jp";', 'jurisdiction = "NZ";')  # a law that nobody wrote down
    status, said = tributary("check", regions=places)
    assert status == 1 and 'policy "nz" is not there, which region jp-osaka needs' in said
    assert "Put nz.cfg into the folder" in said and "1 error in 15 regions." in said


def test_a_policy_that_protects_nobody_there_is_refused(places):
    edit(places, "cn-shanghai.cfg", 'policy = "cn"', 'policy = "us"')
    status, said = tributary("check", regions=places)
    assert status == 1 and "cn-shanghai.cfg:5:" in said and 'stands in CN, and policy "us" protects nobody there' in said


def test_policies_are_held_against_regions(desk, places):
    """People without a policy, fields and sources that no region has, flows that close soon: warnings, each with its line."""
    from datetime import datetime, timedelta
    status, said = tributary("policy", "check", regions=places)
    assert status == 0 and "no source of a region" not in said and "waits for the source" not in said
    edit(places, "sg-singapore.cfg", 'serves = ["SG"', 'serves = ["SG", "NZ"')
    edit(places, "hub.cfg", 'country = "US"', 'country = "NZ"')
    file = os.path.join(places, "sg-singapore.cfg")
    text = re.sub(r"sources = \(.*?\n\);", 'sources = ( { name = "forge";  type = "github";  secret_env = "PATH"; } );',
                  open(file, encoding="utf-8").read(), flags=re.S)
    with open(file, "w", encoding="utf-8") as f:
        f.write(text)
    change(desk, "rules = ( {", 'rules = ( { name = "forum"; when = { source = ["forum"]; }; then = "hold"; because = "s. 13"; }, {', name="sg.cfg")
    soon = (datetime.utcnow() + timedelta(days=20)).strftime("%Y-%m-%d")
    change(desk, 'review_by = "2027-06-01"; },', f'until = "{soon}"; }},', name="gb.cfg")
    status, said = tributary("policy", "check", regions=places, policies=desk)
    assert status == 0
    assert re.search(r"sg-singapore\.cfg:\d+:\d+: warning: sg-singapore serves NZ, and no policy protects people there", said)
    assert re.search(r'hub\.cfg:\d+:\d+: warning: reader "reader_product_us" reads in NZ', said)
    assert re.search(r'sg\.cfg:\d+: warning: no source of a region whose law is "sg" has .*severity', said)
    assert 'rule "forum" waits for the source "forum", and no region whose law is "sg"' in said
    assert re.search(r"hub\.cfg:\d+:\d+: warning: in (19|20) days nothing leaves gb-london any more: .* kafka in EEA", said)
    assert re.search(r"gb\.cfg:\d+: warning: the basis .* ends in (19|20) days: then closes ", said)
    status, said = tributary("policy", "check", "jp", regions=places, policies=desk)
    assert status == 0 and "sg-singapore" not in said


READERS = [
    ('country = "US"', 'country = "KP"', 1, 'reader "reader_product_us" would see nothing'),
    ('country = "US"', 'country = "USA"', 78, 'Did you mean "US"?'),
    ('role = "reader_product_us"', 'role = "reader_product_de"', 78, "No reader has both surfaces, nor two countries."),
    ('role = "reader_product_us"', "role = \"a'; DROP\"", 78, "Use lower case letters"),
    ('role = "reader_product_us"', 'role = "pg_read_all_data"', 78, "PostgreSQL's or the warehouse's own"),
    ('surface = "count"', 'surface = "both"', 78, "Allowed: voice/count."),
    ('country = "US";', "", 78, '"country"'),
]


@pytest.mark.parametrize("old,new,status,told", READERS, ids=[r[1] or "no country" for r in READERS])
def test_a_reader_nobody_allows_is_refused(places, old, new, status, told):
    edit(places, "hub.cfg", old, new)
    got, said = tributary("check", regions=places)
    assert got == status and told in said and "hub.cfg:" in said and "hint: " in said


def test_check_lists_what_is_hidden_from_whom(desk, places):
    from datetime import datetime, timedelta
    soon = (datetime.utcnow() + timedelta(days=20)).strftime("%Y-%m-%d")
    change(desk, 'until = "2027-09-30"', f'until = "{soon}"')
    status, said = tributary("check", regions=places, policies=desk)
    assert status == 0 and "reader_product_us (voice, US) reads 7 of 15 regions" in said
    assert 'hidden: jp-osaka, jp-tokyo: jp.cfg:41: no line allows "reading" there (APPI' in said and "art. 28" in said
    warned = [s for s in said.split("\n") if "is hidden from reader" in s]
    assert len(warned) == 1 and "hub.cfg:" in warned[0] and "days what comes from de-frankfurt, fr-paris" in warned[0]
    assert "eea.cfg:" in warned[0] and "Data Privacy Framework" in warned[0]
    status, said = tributary("check", "--json", regions=places, policies=desk)
    readers = {r["role"]: r for r in json.loads(said)["readers"]}
    of_us = {r["region"]: r for r in readers["reader_product_us"]["regions"]}
    assert status == 0 and sorted(of_us) == CODES and readers["reader_numbers_jp"]["surface"] == "count"
    assert of_us["fr-paris"]["reads"] and 18 <= of_us["fr-paris"]["days_left"] <= 20 and of_us["fr-paris"]["until"]
    assert not of_us["cn-beijing"]["reads"] and "art. 38" in of_us["cn-beijing"]["reason"]
    change(desk, f'until = "{soon}"', 'until = "2025-01-31"')
    status, said = tributary("check", regions=places, policies=desk)
    assert status == 0 and "reads 5 of 15 regions" in said and re.search(r"hidden: de-frankfurt, fr-paris: eea\.cfg:\d+: the basis has ended", said)


# ---- The first day --------------------------------------------------------------------------------
def ask(*words, policies=SHIPPED, user=None):
    """What is said, whatever it is: no verb of the desk may crash or hang on it."""
    done = subprocess.run([BINARY, "policy", *words, "--policies", policies], capture_output=True, text=True, timeout=60, user=user)
    assert done.returncode in (0, 1, 2, 3, 78), done
    return done.returncode, done.stdout + done.stderr


def new_key(folder, name):
    file = os.path.join(folder, name + ".key")
    status, said = ask("sign", "--new-key", file, "--as", name)
    assert status == 0
    return file, re.search(r"ed25519:[0-9a-f]{64}", said)[0]


def name_officers(desk, *pairs):
    lines = ",\n".join(f'  {{ name = "{name}";  key = "{key}"; }}' for name, key in pairs)
    with open(os.path.join(desk, "officers.cfg"), "w", encoding="utf-8") as f:
        f.write(f"version = 1;\nofficers = (\n{lines} );\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else, who may read nothing")
def test_what_may_not_be_read_is_told_and_not_called_missing(desk, tmp_path):
    for folder in (tmp_path, *list(tmp_path.parents)[:-2]):
        os.chmod(folder, os.stat(folder).st_mode | 0o055)
    os.chmod(desk, 0o700)
    status, said = ask("check", "eea", policies=desk, user=65534)
    assert status == 1 and "Permission denied" in said and "hint: " in said and "Put eea.cfg" not in said
    for words in (["test", "eea"], ["explain", os.path.join(desk, "cases", "eea", "feedback.case")],
                  ["flag", "list", "--region", "de-frankfurt", "--state", desk, "--regions", os.path.join(PROJECT, "regions")]):
        status, said = ask(*words, policies=desk, user=65534)
        assert status == 2 and "Permission denied" in said and "hint: " in said, said
    os.chmod(desk, 0o711)  # entered, and not listed: whom other policies protect here cannot be known
    status, said = ask("show", "--region", "de-frankfurt", "--regions", os.path.join(PROJECT, "regions"), policies=desk, user=65534)
    assert status == 78 and "Permission denied" in said and "list it" in said
    os.chmod(desk, 0o755)
    os.chmod(os.path.join(desk, "au.cfg"), 0)  # protects its people everywhere
    status, said = ask("show", "--region", "de-frankfurt", "--regions", os.path.join(PROJECT, "regions"), policies=desk, user=65534)
    assert status == 78 and 'policy "au" cannot be read, and may protect its people here too' in said


def test_nobody_loosens_a_policy_alone(desk, tmp_path):
    (jana, key), (ken, other) = new_key(str(tmp_path), "jana"), new_key(str(tmp_path), "ken")
    for pairs, told in [((("jana", key),), "2 must sign, and only 1 can"),
                        ((("jana", key), ("ken", key)), "two people's"),
                        ((("jana", key), ("jana", other)), "is there twice, first in line 3")]:
        name_officers(desk, *pairs)
        status, said = check(policies=desk)
        assert status == 1 and told in said and "officers.cfg:" in said, said
    os.remove(os.path.join(desk, "officers.cfg"))
    os.mkdir(os.path.join(desk, "officers.cfg"))
    status, said = check(policies=desk)
    assert status == 1 and "officers.cfg" in said
    os.rmdir(os.path.join(desk, "officers.cfg"))
    name_officers(desk, ("jana", key), ("ken", other))

    sign = ["sign", "--region", "de-frankfurt", "--regions", os.path.join(PROJECT, "regions"), "--against", SHIPPED]
    os.chmod(jana, 0o644)
    status, said = ask(*sign, "--as", "jana", "--key", jana, policies=desk)
    assert status == 78 and f"chmod 600 {jana}" in said
    os.chmod(jana, 0o600)
    status, said = ask("sign", "--new-key", jana, "--as", "jana")
    assert status == 2 and "exists already" in said and "never written over" in said
    status, said = ask(*sign, "--as", "ken", "--key", jana, policies=desk)
    assert status == 78 and "no officer of this name with this key" in said

    status, said = ask(*sign, "--as", "jana", "--key", jana, policies=desk)
    assert status == 0 and "1 of 2" in said
    file = os.path.join(desk, "signatures", "de-frankfurt.sig")
    whole = open(file, encoding="utf-8").read()
    with open(file, "w", encoding="utf-8") as f:
        f.write(whole[:len(whole) // 2])
    status, said = ask(*sign, "--as", "ken", "--key", ken, policies=desk)
    assert status == 0 and "de-frankfurt.sig:2: warning: this is no signature" in said and "1 of 2" in said


def test_an_officers_certificate_that_has_ended_is_told_before_anything_is_asked(tmp_path):
    pem, key, asked, ca = (str(tmp_path / name) for name in ("jana.pem", "jana.key", "jana.csr", "ca.cfg"))
    (tmp_path / "index").touch()
    with open(ca, "w", encoding="utf-8") as f:
        f.write(f"[ca]\ndefault_ca = own\n[own]\ndatabase = {tmp_path}/index\nnew_certs_dir = {tmp_path}\n"
                "default_md = sha256\nrand_serial = yes\npolicy = any\n[any]\ncommonName = supplied\n")
    for command in (["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", asked,
                     "-subj", "/CN=jana"],
                    ["ca", "-batch", "-config", ca, "-selfsign", "-keyfile", key, "-in", asked, "-out", pem, "-notext",
                     "-startdate", "20250101000000Z", "-enddate", "20250201000000Z"]):
        subprocess.run(["openssl", *command], check=True, capture_output=True)
    at = ["status", "--at", "jp-tokyo", "--url", "https://127.0.0.1:1", "--regions", os.path.join(PROJECT, "regions")]
    status, said = ask(*at, "--certificate", pem, "--key", key)
    assert status == 2 and f'certificate "{pem}" ended on 2025-02-01 (CN=jana)' in said and "hint: " in said
    subprocess.run(["openssl", "req", "-x509", "-key", key, "-out", pem, "-days", "2", "-subj", "/CN=jana"], check=True, capture_output=True)
    status, said = ask(*at, "--certificate", pem, "--key", key)
    assert status == 2 and "connect" in said and "Does that region's agent run" in said
    other = str(tmp_path / "other.key")
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", other], check=True, capture_output=True)
    status, said = ask(*at, "--certificate", pem, "--key", other)
    assert status == 2 and "is not that of certificate" in said and "Was only one of the two renewed?" in said
    status, said = ask(*at, "--certificate", key, "--key", key)
    assert status == 2 and "holds no certificate" in said and "PEM" in said


def test_what_is_not_there_is_told_with_the_next_step(desk, tmp_path):
    regions = ["--regions", os.path.join(PROJECT, "regions")]
    nowhere = str(tmp_path / "nowhere")
    for words, told in [(["explain", "nothing.txt"], "What is explained is a file"),
                        (["flag", "list", "--region", "de-frankfurt", "--state", nowhere, *regions], "there is no state folder"),
                        (["diff", "HEAD~1", "HEAD", *regions], "not a git repository"),
                        (["status", "--region", "de-frankfurt", "--state", nowhere, *regions], "Is the agent running?"),
                        (["reapply", "--status", "--region", "de-frankfurt", "--state", nowhere, *regions], "Is the agent running?"),
                        (["explain", "1-17", "--region", "de-frankfurt", "--state", nowhere, *regions], "Name the agent's state folder")]:
        status, said = ask(*words, policies=desk)
        assert status in (2, 78) and told in said and "hint: " in said, (words, said)
    status, said = check(policies=os.path.join(desk, "eea.cfg"))
    assert status == 78 and "is not a directory" in said
