"""Real feedback from six regions arrives, cleaned, in one warehouse."""
import copy
import datetime
import glob
import json
import os
import re
import shutil
import subprocess
import urllib.request

import pytest
from conftest import PROJECT, until
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

import feed
import prometheus

# What the samples plant and no policy lets out, in the words and digits of the samples themselves.
PLANTED = [
    "wang.lei@example.cn", "13800138000", "36.110.12.77", "王磊", "liu.yang@example.cn", "13912345678",
    "jane.doe@example.com", "212 555 0142", "203.0.113.77", "Jane Doe", "4111 1111 1111 1111",
    "carlos.ruiz@example.com", "(212) 555-0187", "devops@contoso.example", "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",
    "m.schulze@example.de", "0171 2345678", "DE89 3704 0044 0532 0130 00", "Maria Schulze", "+31 6 12345678",
    "2001:db8:2162::b7f0", "tanaka@example.jp", "090-1234-5678", "4848 6428 9263", "田中", "03-1234-5678",
    "budi@example.id", "0812-3456-7890", "Budi Santoso", "rahasia123", "+62 812 9876 5432",
    "priya.n@example.in", "98200 12345", "4914 1777 6311", "amit@example.in", "Priya Nair",
]


@pytest.fixture(scope="module")
def fed(six):
    refused = {code: feed.feed(six, code) for code in six.regions}
    assert not any(refused.values()), refused
    for code in six.regions:
        until(lambda: not os.path.exists(os.path.join(six.inbox(code), "meetup.csv")), 60)
    six.settle()
    return six


def sampled(code):
    folder = os.path.join(PROJECT, "docker", "demo", "samples", code)
    lines = sum(1 for _ in open(os.path.join(folder, "app.ndjson"), encoding="utf-8"))
    return lines + len(glob.glob(os.path.join(folder, "hook-*.json"))) + 3


def test_every_region_arrives(fed):
    arrived = dict(fed.rows("SELECT region, count(*) FROM community.record GROUP BY region"))
    for code in fed.regions:
        s = fed.exact(code)["pump"]
        assert arrived.get(code, 0) > 0, code
        assert arrived[code] + s["held"] + s["stayed"] == sampled(code), code


def test_what_was_planted_is_not_in_the_warehouse(fed):
    everything = "\n".join(
        row[0] for table, in fed.rows(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname IN ('community', 'tributary')")
        for row in fed.rows(f"SELECT t::text FROM {table} t"))
    assert [p for p in PLANTED if p in everything] == []


def test_what_was_planted_is_not_in_kafka(fed):
    c = Consumer({"bootstrap.servers": fed.bootstrap, "group.id": "flow-reader", "enable.auto.commit": False})
    seen = 0
    try:
        left = {}
        for topic in ("tributary.records." + code for code in fed.regions):
            for p in range(fed.partitions):
                low, high = c.get_watermark_offsets(TopicPartition(topic, p), timeout=10)
                if high > low:
                    left[topic, p] = high - low
        c.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for topic, p in left])
        while any(left.values()):
            m = c.poll(10)
            assert m is not None and not m.error(), m and m.error()
            left[m.topic(), m.partition()] -= 1
            seen += 1
            text = (m.value() or b"") + (m.key() or b"") + b"".join(v for _, v in m.headers() or [])
            assert [x for x in PLANTED if x.encode() in text] == [], m.topic()
    finally:
        c.close()
    assert seen > 30


def test_words_stay_and_masks_say_what_was_there(fed):
    body, = fed.rows("SELECT body FROM community.record WHERE region = 'us-virginia' AND body LIKE 'The rolling%'")[0]
    assert body == ("The rolling upgrade stalls at 3/5 nodes. Reach me at [email 1] or [phone 1]. "
                    "Client was [ip 1].")
    body, = fed.rows("SELECT body FROM community.record WHERE body LIKE '%統計情報の更新に%'")[0]
    assert "[email 1]" in body and "[phone 1]" in body and "30分かかります" in body


def test_a_database_peoples_text_passes_untouched(fed):
    body, = fed.rows("SELECT body FROM community.record WHERE body LIKE 'Plan digest%'")[0]
    assert "3ab3b94f7662f9fbcfbda2f056a46fe52d0169c6c4eadd725f4ade5595b8b0bd" in body and "v8.5.0" in body


def test_china_leaves_no_trace_of_who(fed):
    rows = fed.rows("SELECT subject, thread_key, author_country FROM community.record WHERE region = 'cn-beijing'")
    assert rows and all(r == (None, None, None) for r in rows)


def test_china_counts_whose_words_left_and_nobody_twice(fed):
    people, sensitive = [c for c in fed.exact("cn-beijing")["counters"] if c["file"] == "cn.cfg"]
    sent = fed.exact("cn-beijing")["pump"]["sent"]
    assert 0 < people["people"] < sent  # somebody wrote more than once
    assert (people["ceiling"], people["warn_at"], people["held"]) == (60000, 48000, 0)
    assert sensitive["ceiling"] == 6000 and not people["full"] and not people["near"]


def test_a_country_of_few_people_leaves_as_the_eea_or_not_at_all(fed):
    left = {c for c, in fed.rows("SELECT DISTINCT author_country FROM community.record WHERE region = 'de-frankfurt'")}
    assert left <= {None, "EEA"}, left


def test_elsewhere_a_person_is_one_pseudonym(fed):
    rows = fed.rows("SELECT subject FROM community.record WHERE region = 'us-virginia' AND subject IS NOT NULL")
    assert rows


def test_a_leaked_secret_is_held_and_a_child_stays(fed):
    assert fed.count("us-virginia", "title = 'Backup fails with 403'") == 0
    assert fed.count("us-virginia", "title = 'School project'") == 0
    assert fed.exact("us-virginia")["pump"]["held"] >= 1
    reasons = fed.exact("us-virginia")["decisions"]
    assert any(r["outcome"] == "held" and re.match(r".*\.cfg$", r["file"]) and r["line"] > 0 for r in reasons)


def test_every_row_says_by_which_policy(fed):
    rows = fed.rows("SELECT DISTINCT region, policy, policy_version > 0, basis <> '', expires_at > now() FROM community.record")
    assert len(rows) == 6 and all(r[1] and r[2] and r[3] and r[4] for r in rows)


def test_the_account_balances(fed):
    def balanced():
        "completeness: captured = loaded + superseded + held + stayed + erased + expired + rejected + damaged"
        rows = fed.rows("""SELECT region, sum(captured), sum(loaded + superseded + held + stayed + erased + expired
                           + rejected + damaged) FROM tributary.completeness GROUP BY region""")
        return len(rows) == 6 and all(r[1] == r[2] for r in rows) and rows
    rows = until(balanced, 30)
    assert {r[0]: r[1] for r in rows} == {code: sampled(code) for code in fed.regions}


def test_readers_see_their_surface_only(fed):
    assert fed.rows("SELECT count(*) FROM community.voice_feedback", user="reader_product_de")[0][0] > 0
    with pytest.raises(Exception, match="permission denied"):
        fed.rows("SELECT count(*) FROM community.record", user="reader_product_de")
    with pytest.raises(Exception, match="permission denied"):
        fed.rows("SELECT count(*) FROM community.count_daily", user="reader_product_de")
    assert fed.rows("SELECT count(*) FROM community.count_daily", user="reader_numbers_de")[0][0] >= 0
    with pytest.raises(Exception, match="permission denied"):
        fed.rows("SELECT count(*) FROM community.voice_feedback", user="reader_numbers_de")


def test_logs_hold_no_personal_data(fed):
    logs = b"".join(open(f, "rb").read() for f in glob.glob(fed.path("log", "*")))
    assert [p for p in PLANTED if p.encode() in logs] == []


def test_the_files_of_the_vault_hold_no_words(fed):
    for where, _, files in os.walk(fed.path("state")):
        for name in (f for f in files if f != "control.sock"):
            content = open(os.path.join(where, name), "rb").read()
            assert [p for p in PLANTED if p.encode() in content] == [], os.path.join(where, name)


def test_verbs_tell_in_json(fed):
    for words in (["region", "list"], ["policy", "check"], ["topics", "plan", "--allow-single"], ["check"],
                  ["status", "--states", fed.path("state")], ["warehouse", "check"], ["warehouse", "rejected"],
                  ["policy", "status", "--region", "jp-tokyo", "--state", fed.path("state", "jp-tokyo")],
                  ["source", "list", "--region", "jp-tokyo"], ["policy", "show", "--region", "jp-tokyo"],
                  ["source", "status", "--region", "jp-tokyo", "--state", fed.path("state", "jp-tokyo")],
                  ["region", "show", "jp-tokyo"], ["version"]):
        done = fed.tributary(*words, "--json", check=False)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        assert json.loads(done.stdout)["version"] == 1, words


# ---- Watching: the last here, since agents are stopped --------------------------------------------------------
def hub(d, *words):
    done = d.tributary("status", "--hub", *words, check=False)
    return done.returncode, done.stdout, done.stderr


def run_verb(d, *words):
    return subprocess.run([d.binary, *words], capture_output=True, text=True, timeout=60)


def hub_json(d, *words):
    status, out, told = hub(d, *words, "--json")
    assert status in (0, 1), out + told
    return status, json.loads(out)


def small(n):
    return 0 < n < 5


def test_all_regions_are_seen_through_the_hub(fed):
    def well():
        status, s = hub_json(fed)
        return status == 0 and s
    s = until(well, 60)
    assert list(s)[0] == "sentence" and s["version"] == 1 and s["well"]
    assert s["sentence"].startswith("All six regions are well")
    assert s["loaders"]["lanes"] > 0 and s["loaders"]["partitions_without"] == 0
    assert [r["region"] for r in s["regions"]] == sorted(fed.regions)
    for r in s["regions"]:
        assert set(r) == {"region", "well", "trouble", "remark", "heard", "silent_s", "open_gaps", "last_day", "status"}
        assert set(r["last_day"]) == {"captured", "here", "held", "stayed", "erased", "expired", "rejected", "damaged",
                                      "in_flight", "missing", "surplus"}
        assert r["last_day"]["captured"] >= 5 and r["last_day"]["missing"] == r["last_day"]["surplus"] == 0
        assert not any(small(n) for n in r["last_day"].values()), r["last_day"]
        st = r["status"]
        assert st["release"] and st["open"] and st["policy_version"] > 0 and st["troubles"] == []
        assert {x["name"]: x["type"] for x in st["sources"]} == {"app": "api", "github": "github", "meetup": "folder"}
        assert all(x["last"].endswith(":00:00Z") for x in st["sources"] if "last" in x)
        assert not any(small(st[k]) for k in ("held", "stayed", "rejected", "damaged"))
    status, out, _ = hub(fed)
    assert status == 0 and out.startswith(s["sentence"].split(";")[0]) and "jp-tokyo" in out


def test_what_the_hub_cannot_know_or_reach_is_told(fed):
    folder = fed.path("other")
    shutil.copytree(fed.path("regions"), folder)
    file = os.path.join(folder, "in-mumbai.cfg")
    text = open(file, encoding="utf-8").read().replace('"in-mumbai"', '"in-hyderabad"')
    os.remove(file)
    with open(os.path.join(folder, "in-hyderabad.cfg"), "w", encoding="utf-8") as f:
        f.write(text)
    done = run_verb(fed, "status", "--hub", "--regions", folder)
    assert done.returncode == 1
    assert done.stdout.startswith("Five of seven regions are well; in-hyderabad was never heard, and in-mumbai is heard"
                                  " and has no file in regions")
    with open(os.path.join(folder, "hub.cfg"), encoding="utf-8") as f:
        text = f.read()
    with open(os.path.join(folder, "hub.cfg"), "w", encoding="utf-8") as f:
        f.write(re.sub(r"port=\d+", "port=1", text))
    done = run_verb(fed, "status", "--hub", "--regions", folder)
    assert done.returncode == 2 and "could not connect to PostgreSQL" in done.stderr and "hint: " in done.stderr
    assert fed.secret("pg-tributary_loader") not in done.stdout + done.stderr
    done = run_verb(fed, "status", "--hub", "--regions", fed.path("regions"), "--silent-after", "soon")
    assert done.returncode == 2 and "--silent-after" in done.stderr


def test_small_counts_name_nobody_beyond_the_socket(fed):
    for code in fed.regions:
        shown, exact = fed.status(code), fed.exact(code)
        assert exact["exact"] and not shown["exact"]
        counted = ("accepted", "refused", "discarded_pieces", "counted_only")
        for a, b in zip(shown["sources"], exact["sources"]):
            for key in counted:
                assert a[key] == (5 if small(b[key]) else b[key])
            assert a["last"] is None or a["last"].endswith(":00:00Z")
        assert not any(small(shown["pump"][k]) for k in ("held", "stayed", "sent", "rejected"))
        for outcome in ("held", "stayed"):
            rows = [r for r in shown["decisions"] if r["outcome"] == outcome]
            total = sum(r["count"] for r in exact["decisions"] if r["outcome"] == outcome)
            assert not any(small(r["count"]) for r in rows)
            assert sum(r["count"] for r in rows) == (5 if small(total) else total)
    some = [r["count"] for code in fed.regions for r in fed.exact(code)["decisions"]]
    assert any(small(n) for n in some), "the samples have no small count: nothing was tested"


def metrics(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as r:
        assert r.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return prometheus.parse(r.read().decode())


def test_every_metric_has_its_row_and_each_page_is_read_by_the_book(fed):
    with open(os.path.join(PROJECT, "regions", "reference.md"), encoding="utf-8") as f:
        rows = prometheus.reference(f.read())
    with open(fed.loaders[0].log, encoding="utf-8") as f:
        loader_port = re.findall(r"loader: ready .*internal_port=(\d+)", f.read())[-1]
    pages = {"agent": metrics(fed.ports["internal-jp-tokyo"]), "loader": metrics(loader_port)}
    for page in pages.values():
        for name, m in page.items():
            label, kind, unit, meaning = rows[name]
            assert (kind, meaning) == (m["type"], m["help"]), name
            assert all([k for k, _ in key] == ([label] if label else []) for key in m["samples"]), name
            assert unit in ("seconds", "bytes", "entries", "count", "1 or 0"), name
            assert unit != "1 or 0" or all(v in (0, 1) for v in m["samples"].values()), name
    assert set(rows) == set(pages["agent"]) | set(pages["loader"])
    agent, loader = pages["agent"], pages["loader"]
    assert agent["tributary_up"]["samples"] == {(): 1} and loader["tributary_up"]["samples"] == {(): 1}
    assert loader["tributary_loader_warehouse_up"]["samples"] == {(): 1}
    assert {dict(k)["source"] for k in agent["tributary_source_accepted_total"]["samples"]} == {"app", "github", "meetup"}
    people = [n for n in agent if re.search("(accepted|refused|held|stayed|erased|retracted)_total$", n)]
    assert len(people) > 5 and not any(small(v) for n in people for v in agent[n]["samples"].values())
    assert agent["tributary_pump_last_receipt_age_seconds"]["samples"][()] < 3600


def test_a_region_that_stops_is_named_and_its_gap_is_told_and_filled(fed):
    """One story: killed, silent at the hub, back, the gap here and there, and what fills it."""
    gone, others = "jp-tokyo", [code for code in fed.regions if code != "jp-tokyo"]
    before = hub_json(fed)[1]
    assert [r["status"]["downtimes"] for r in before["regions"] if r["region"] == gone] == [[]]
    fed.agents[gone].kill()
    killed = datetime.datetime.now(datetime.timezone.utc)
    spoken = [0]

    def silent():
        """five of six are well, and one is silent; and the gap is long enough to be one"""
        spoken[0] += 1
        for code in others:
            fed.send(code, [{"id": f"still-{spoken[0]}", "kind": "feedback", "occurred_at": "2026-11-20T10:00:00Z",
                             "title": "still here"}])
        fed.settle(*others)
        down = datetime.datetime.now(datetime.timezone.utc) - killed
        return down.total_seconds() > 2 and hub(fed, "--silent-after", "3 s")[1].startswith(
            "Five of six regions are well; jp-tokyo has been silent for ")
    until(silent, 60)
    assert hub_json(fed, "--silent-after", "3 s")[0] == 1
    fed.agents[gone].start()
    s = until(lambda: fed.status(gone)["downtimes"] and fed.status(gone), 20)
    gap, = s["downtimes"]
    assert (gap["why"], gap["filled"]) == ("stopped", "no")
    assert {x["name"]: x["filled"] for x in gap["sources"]} == {"app": "unknown", "github": "no", "meetup": "yes"}
    assert "Senders met a closed door for " in s["sentence"] and "from github since" in s["sentence"]
    start = datetime.datetime.fromisoformat(gap["from"].replace("Z", "+00:00"))
    assert abs((start - killed).total_seconds()) < 3

    def at_the_hub():
        row, = [r for r in hub_json(fed)[1]["regions"] if r["region"] == gone]
        return row["well"] and row["status"]["downtimes"] and row
    row = until(at_the_hub, 60)
    assert [(d["why"], d["filled"]) for d in row["status"]["downtimes"]] == [("stopped", "no")]
    assert "jp-tokyo met senders with a closed door for " in hub(fed)[1].split("\n")[0]
    told = fed.tributary("source", "status", "--region", gone, "--state", fed.path("state", gone)).stdout
    assert re.search(r"github +closed from .* \(stopped\), filled: no; of that time came since: 0", told)
    assert "Redeliver" in told and "meetup  " in told and "meetup           closed" not in told
    # What somebody has sent again: GitHub's page has a button for it.
    hook = json.load(open(glob.glob(os.path.join(feed.SAMPLES, gone, "hook-issue.json"))[0], encoding="utf-8"))
    payload = copy.deepcopy(hook["payload"])
    payload["issue"]["id"] += 1
    payload["issue"]["node_id"] = "again"
    payload["issue"]["created_at"] = payload["issue"]["updated_at"] = (start + datetime.timedelta(seconds=1)).strftime(
        "%Y-%m-%dT%H:%M:%SZ")
    assert feed.post_hook(fed, gone, hook["event"], payload)[0] == 202
    gap, = until(lambda: fed.exact(gone)["downtimes"], 20)
    assert {x["name"]: (x["filled"], x["came_since"]) for x in gap["sources"]}["github"] == ("partly", 1)
    assert "closed door" not in fed.status(gone)["sentence"]
