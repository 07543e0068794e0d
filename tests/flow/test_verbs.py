"""What no other flow asks: loaders about themselves, topics that have to change, verbs that cannot."""
import json
import os
import re
import urllib.error
import urllib.request

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource
from conftest import until
from stack import run, save

CODE = "us-virginia"
TOPIC = "tributary.records." + CODE


def page(p, path):
    with open(p.log, encoding="utf-8", errors="replace") as f:
        port = re.findall(r" loader: ready .*internal_port=(\d+)", f.read())[-1]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as r:
        return r.read().decode()


def test_a_loader_says_how_it_is(pair):
    for p in pair.loaders:
        s = until(lambda: (s := json.loads(page(p, "/v1/status")))["sentence"].startswith("The loader is well") and s, 30)
        assert s["version"] == 1 and "lanes" in s["sentence"]
        metrics = page(p, "/metrics")
        assert re.search(r"^tributary_loader_lanes_connected 2$", metrics, re.M), metrics
        with pytest.raises(urllib.error.HTTPError, match="404"):
            page(p, "/v1/secrets")


# ---- Topics --------------------------------------------------------------------------------------
def settings(pair):
    admin = AdminClient({"bootstrap.servers": pair.bootstrap})
    resource = ConfigResource(ConfigResource.Type.TOPIC, TOPIC)
    found, = admin.describe_configs([resource]).values()
    return {name: entry.value for name, entry in found.result().items()}


def test_a_topic_is_changed_and_what_others_set_there_stays(pair):
    hub = pair.path("regions", "hub.cfg")
    before = open(hub, encoding="utf-8").read()
    admin = AdminClient({"bootstrap.servers": pair.bootstrap})
    was = settings(pair)
    theirs = ConfigResource(ConfigResource.Type.TOPIC, TOPIC, incremental_configs=[
        ConfigEntry("flush.ms", "54321", incremental_operation=AlterConfigOpType.SET)])
    for done in admin.incremental_alter_configs([theirs]).values():
        done.result()
    try:
        save(hub, before + 'retention = "3 days";\n', 0o644)
        plan = pair.tributary("topics", "plan", "--allow-single", check=False)
        assert plan.returncode == 3 and TOPIC in plan.stdout and "retention.ms" in plan.stdout, plan.stdout
        pair.tributary("topics", "apply", "--allow-single")
        now = settings(pair)
        assert now["retention.ms"] == str(3 * 86400 * 1000) and now["flush.ms"] == "54321"
        assert pair.tributary("topics", "plan", "--allow-single", check=False).returncode == 0
    finally:
        save(hub, before, 0o644)
        pair.tributary("topics", "apply", "--allow-single")
    assert settings(pair)["retention.ms"] == was["retention.ms"]


# ---- Verbs that cannot ---------------------------------------------------------------------------
def test_no_agent_is_told_in_json_too(pair):
    nowhere, words = pair.path("nowhere"), ["policy", "status"]
    done = pair.tributary(*words, "--region", CODE, "--state", nowhere, "--json", check=False)
    told = json.loads(done.stdout)
    assert done.returncode == 2 and told["version"] == 1 and told["error"]["hint"], done.stdout + done.stderr
    done = pair.tributary(*words, "--region", CODE, "--state", nowhere, check=False)
    assert done.returncode == 2 and "hint: " in done.stderr and not done.stdout


def test_the_program_says_what_it_can(pair):
    said = run(pair.binary, "--help").stdout
    verbs = re.findall(r"^  ([a-z]+)", said, re.M)
    assert {"agent", "loader", "check", "status"} <= set(verbs)
    for verb in verbs:
        helped = run(pair.binary, verb, "--help")
        assert verb in helped.stdout, verb
    for words, status in ([], 2), (["statsu"], 2), (["status", "--jsno"], 2), (["topics"], 2), (["topics", "aply"], 2):
        done = run(pair.binary, *words, check=False)
        assert done.returncode == status and done.stderr, words
    assert "statu" in run(pair.binary, "statsu", check=False).stderr
    assert run(pair.binary, "version").stdout.startswith("tributary ")
    assert run(pair.binary, "--version").stdout == run(pair.binary, "version").stdout


def test_an_example_holds_the_options_that_most_will_ask_for(pair):
    example = run(pair.binary, "reference", "--example").stdout
    for words in ("listen", "internal", "capture", "vault", "pump"):
        assert re.search(rf"\b{words}\b", example), words


def test_keys_are_made_once_and_the_recovery_key_lies_elsewhere(pair):
    state, out = pair.path("fresh"), pair.path("fresh.key")
    done = pair.tributary("keygen", "--region", CODE, "--state", state, "--recovery-out", os.path.join(state, "in.key"), check=False)
    assert done.returncode != 0 and done.stderr
    pair.tributary("keygen", "--region", CODE, "--state", state, "--recovery-out", out)
    kept = {f: open(os.path.join(state, "keys", f), "rb").read() for f in os.listdir(os.path.join(state, "keys"))}
    assert kept and os.stat(out).st_mode & 0o777 == 0o600
    again = pair.tributary("keygen", "--region", CODE, "--state", state, "--recovery-out", out, check=False)
    assert again.returncode != 0 and "hint: " in again.stderr
    assert kept == {f: open(os.path.join(state, "keys", f), "rb").read() for f in kept}
