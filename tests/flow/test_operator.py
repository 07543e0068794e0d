"""The operator's night: files with mistakes in them, full disks, broken reloads, silent peers, hard ends."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.error
import urllib.request

import pytest

from conftest import deployment, feedback, finish, until

REGION = "us-virginia"


@pytest.fixture(scope="module")
def own(request):
    """A deployment whose files and processes may be spoilt."""
    d = deployment(regions=[REGION], loaders=1)
    before = request.session.testsfailed
    try:
        d.start()
        yield d
    finally:
        finish(d, request.session.testsfailed > before)


def spoilt(d, name, old, new):
    """The deployment's region files with one mistake, in a folder of their own."""
    folder = d.path("spoilt")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(d.path("regions"), folder)
    file = os.path.join(folder, name)
    text = open(file, encoding="utf-8").read()
    assert re.search(old, text), old
    with open(file, "w", encoding="utf-8") as f:
        f.write(re.sub(old, lambda _: new, text, count=1))
    return folder


def verb(d, *words):
    done = subprocess.run([d.binary, *words], capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout + done.stderr


# What stands wrong in the file, and what a stranger must be told: place, cause, way out.
MISTAKES = [
    (REGION + ".cfg", r'(?<=America/New_York");', "", r'us-virginia.cfg:\d+:\d+: error: ";" is missing'),
    (REGION + ".cfg", r"latitude", "lattitude", r'Did you mean "latitude"'),
    (REGION + ".cfg", r'title = "', "title = “", r"straight double quotes"),
    (REGION + ".cfg", r"listen = \{", 'listen = { address = "0.0.0.0"; ', r"cfg:\d+:\d+: error: plain HTTP"),
    (REGION + ".cfg", r"listen = \{", 'listen = { cert_file = "/x"; ', r"both a certificate and a key"),
    (REGION + ".cfg", r"internal = \{ port = \d+", "internal = { port = -1", r"allowed is 0 to 65535"),
    (REGION + ".cfg", r'time_format = "%Y', 'time_format = "%Q', r'"%Q" of "time_format"'),
    (REGION + ".cfg", r'type = "github"', 'type = "githbu"', r'Did you mean "github"'),
    (REGION + ".cfg", r'serves = \["US"', 'serves = ["USA"', r'Did you mean "US"'),
    ("hub.cfg", r"bootstrap\.servers", "bootstrap.server", r'unknown Kafka property "bootstrap.server"'),
    ("hub.cfg", r"kafka = \(", 'kafka = ( { set = "acks"; to = "0"; },', r'"acks" cannot be set'),
    ("hub.cfg", r'warehouse = "', 'warehouse = "password=hunter2 ', r"holds a password"),
]


@pytest.mark.parametrize("name,old,new,told", MISTAKES, ids=[m[2][:24] or m[1][:24] for m in MISTAKES])
def test_check_and_agent_tell_a_mistake_alike(own, name, old, new, told):
    folder = spoilt(own, name, old, new)
    for words in (["check"], ["agent", "--region", REGION, "--state", own.path("nowhere")]):
        status, said = verb(own, *words, "--regions", folder, "--policies", own.policies)
        assert status == 78, said
        assert re.search(told, said) and "hint: " in said
        assert "hunter2" not in said
    assert not os.path.exists(own.path("nowhere")), "a broken file leaves no state behind"


def test_missing_files_are_told_as_such(own):
    folder = spoilt(own, "hub.cfg", "title", "title")
    os.remove(os.path.join(folder, "hub.cfg"))
    assert verb(own, "check", "--regions", folder)[0] == 78
    status, said = verb(own, "loader", "--regions", folder)
    assert status == 78 and "hub.cfg: error: the file is not there" in said and "hint: " in said
    status, said = verb(own, "agent", "--region", "de-franfurt", "--regions", own.path("regions"))
    assert status == 78 and "region list" in said


def test_a_mounted_config_map_has_only_links(own):
    folder = own.path("mounted")
    shutil.copytree(own.path("regions"), os.path.join(folder, "..data"))
    for name in os.listdir(os.path.join(folder, "..data")):
        os.symlink(os.path.join("..data", name), os.path.join(folder, name))
    status, said = verb(own, "check", "--regions", folder, "--policies", own.policies)
    assert status == 0 and "1 regions are well" in said


def test_a_reader_whom_no_policy_lets_read_is_refused(own):
    folder = spoilt(own, "hub.cfg", r'country = "DE"', 'country = "KP"')
    status, said = verb(own, "check", "--regions", folder, "--policies", own.policies)
    assert status == 1 and re.search(r'hub.cfg:\d+:\d+: error: reader "\w+" would see nothing', said)


def test_an_open_secret_a_taken_port_and_a_held_state(own):
    secret = own.path("secrets", REGION + "-app")
    agent = ["agent", "--region", REGION, "--regions", own.path("regions"), "--policies", own.policies, "--state"]
    status, said = verb(own, *agent, own.path("state", REGION))
    assert status == 2 and "another process holds" in said
    fresh = own.path("fresh")
    assert verb(own, "keygen", "--region", REGION, "--state", fresh, "--recovery-out", own.path("fresh.key"))[0] == 0
    status, said = verb(own, *agent, fresh)
    assert status == 2 and "is taken" in said and "not yet" not in said
    os.chmod(secret, 0o644)
    status, said = verb(own, *agent, fresh)
    os.chmod(secret, 0o600)
    assert status == 78 and "chmod 600" in said and "cfg:" in said


def test_every_verb_helps_and_speaks_json(own):
    where = ["--regions", own.path("regions"), "--policies", own.policies]
    here = ["--region", REGION, "--state", own.path("state", REGION)]
    for words in (["check"], ["policy", "check"], ["policy", "show", *here], ["policy", "status", *here],
                  ["region", "list"], ["region", "show", REGION], ["source", "list", *here],
                  ["source", "status", *here], ["topics", "plan", "--allow-single"], ["warehouse", "check"],
                  ["warehouse", "rejected"], ["status", *here], ["health", *here], ["doctor", *here], ["version"]):
        done = subprocess.run([own.binary, *words, *where, "--json"], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, (words, done.stderr)
        assert json.loads(done.stdout)["version"] == 1, words
        done = subprocess.run([own.binary, words[0], "--help"], capture_output=True, text=True)
        assert done.returncode == 0 and done.stdout.startswith("usage: tributary " + words[0]) and not done.stderr


def doctor(d, *more, regions=None, state=None, before=()):
    """Exit status, and findings by check."""
    done = subprocess.run([*before, d.binary, "doctor", "--region", REGION, "--state", state or d.path("state", REGION),
                           "--regions", regions or d.path("regions"), "--policies", d.policies, "--json", *more],
                          capture_output=True, text=True, timeout=120)
    page = json.loads(done.stdout)
    assert page["version"] == 1 and page["wrong"] == sum(f["verdict"] == "wrong" for f in page["findings"])
    found = {}
    for f in page["findings"]:
        found.setdefault(f["check"], []).append(f)
        assert f["next"] or f["verdict"] != "wrong", f
    return done.returncode, found


def wrongs(found):
    return {check for check, all_of in found.items() for f in all_of if f["verdict"] == "wrong"}


def everything_in(folder):
    return {os.path.join(where, name): os.lstat(os.path.join(where, name)).st_mode
            for where, folders, files in os.walk(folder) for name in folders + files if "vault" not in where}


def test_a_doctor_beside_a_running_agent_finds_nothing_wrong_and_changes_nothing(own):
    own.settle(REGION)
    before = everything_in(own.path("state", REGION))
    status, found = doctor(own)
    assert status == 0 and not wrongs(found), found
    assert everything_in(own.path("state", REGION)) == before
    assert "fdatasync takes" in found["state.fdatasync"][0]["value"]
    assert "open" in found["agent.process"][0]["value"], "the running agent was found by its lock"
    assert "PostgreSQL's clock" in found["warehouse.loading"][0]["value"]
    assert "Kafka's clock" in found["kafka.clock"][0]["value"]
    assert {f["verdict"] for f in found["kafka.topics"]} == {"worth knowing", "well"}, "one replica is worth knowing"
    said = subprocess.run([own.binary, "doctor", "--region", REGION, "--state", own.path("state", REGION), "--regions",
                           own.path("regions"), "--policies", own.policies], capture_output=True, text=True)
    assert said.stdout.startswith("Nothing is wrong") and not said.stderr


def test_a_doctor_names_open_files_and_a_topic_that_was_altered(own):
    from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource
    topic = "tributary.records." + REGION
    master, secret = own.path("state", REGION, "keys", "master"), own.path("secrets", REGION + "-app")
    admin = AdminClient({"bootstrap.servers": own.bootstrap})
    longer = ConfigEntry("retention.ms", "31536000000", incremental_operation=AlterConfigOpType.SET)
    r = ConfigResource("TOPIC", topic, incremental_configs=[longer])
    admin.incremental_alter_configs([r])[r].result()
    os.chmod(master, 0o644)
    os.chmod(secret, 0o644)
    try:
        status, found = doctor(own)
    finally:
        os.chmod(master, 0o600)
        os.chmod(secret, 0o600)
    assert status == 1 and wrongs(found) == {"state.keys", "state.modes", "agent.secrets", "kafka.topics"}
    assert [f["value"] for f in found["kafka.topics"] if f["verdict"] == "wrong"] == [
        topic + ": retention.ms 31536000000 -> 172800000"]
    assert '/master" is 0644' in found["state.modes"][0]["value"] and secret in found["agent.secrets"][0]["value"]
    assert verb(own, "topics", "apply", "--allow-single", "--regions", own.path("regions"))[0] == 0
    assert doctor(own)[0] == 0


def certificate(d, name, days):
    files = [d.path(name + end) for end in (".crt", ".key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    str(days), "-subj", "/CN=" + name, "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    return files


def test_a_doctor_reads_certificates_dates_and_keys(own):
    soon, soon_key = certificate(own, "soon", 10)
    _, other_key = certificate(own, "other", 400)
    for key, verdict, told in ((soon_key, "worth knowing", "ends in 9 days"), (other_key, "wrong", "is not that of certificate")):
        folder = spoilt(own, REGION + ".cfg", r"listen = \{", f'listen = {{ cert_file = "{soon}"; key_file = "{key}"; ')
        status, found = doctor(own, regions=folder)
        assert found["agent.certificate"][0]["verdict"] == verdict and told in found["agent.certificate"][0]["value"]
        assert status == (verdict == "wrong")


def test_a_doctor_without_connections_says_so_and_goes_on(own):
    folder = spoilt(own, "hub.cfg", r'to = "127\.0\.0\.1:\d+"', 'to = "127.0.0.1:1"')
    hub = os.path.join(folder, "hub.cfg")
    text = open(hub, encoding="utf-8").read()
    with open(hub, "w", encoding="utf-8") as f:
        f.write(re.sub(r"port=\d+", "port=1", text))
    fresh = own.path("nobody-yet")
    status, found = doctor(own, regions=folder, state=fresh)
    assert status == 1 and wrongs(found) == {"state.keys", "kafka.topics", "warehouse.loading", "warehouse.schema"}
    assert "keygen" in found["state.keys"][0]["next"] and not os.path.exists(fresh)
    assert "not looked at" in found["kafka.clock"][0]["value"] and "not looked at" in found["state.fdatasync"][0]["value"]


def test_a_doctor_names_a_file_that_keeps_the_daemons_from_starting(own):
    status, found = doctor(own, regions=spoilt(own, REGION + ".cfg", r"latitude", "lattitude"))
    assert status == 78 and wrongs(found) == {"deployment.files"} and "host.clock" in found
    assert any(re.search(r'cfg:\d+:\d+: unknown option "lattitude"', f["value"]) for f in found["deployment.files"])


def test_a_doctor_of_another_user_sees_less_and_says_so(own):
    as_nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    if os.geteuid() != 0 or subprocess.run([*as_nobody, own.binary, "version"], capture_output=True).returncode != 0:
        pytest.skip("needs root, and a binary that others may run")
    status, found = doctor(own, before=as_nobody)
    assert status == 1 and "not looked at" in found["state.modes"][-1]["value"]
    assert "agent's user" in found["state.fdatasync"][0]["next"]


def test_a_broken_region_file_on_hangup_is_told_with_its_line(own):
    file = own.path("regions", REGION + ".cfg")
    good = open(file, encoding="utf-8").read()
    with open(file, "w", encoding="utf-8") as f:
        f.write(good.replace("timezone", "timezoen", 1))
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    s = until(lambda: own.status(REGION)["policy"]["stale"] and own.status(REGION), 20)
    page = urllib.request.urlopen(f"http://127.0.0.1:{own.ports['internal-' + REGION]}/metrics").read().decode()
    status, said = verb(own, "status", "--region", REGION, "--state", own.path("state", REGION))
    with open(file, "w", encoding="utf-8") as f:
        f.write(good)
    assert re.search(r"us-virginia.cfg:\d+: ", s["policy"]["trouble"]) and s["policy"]["open"]
    assert "tributary_policy_stale 1" in page and "tributary_policy_open 1" in page
    assert status == 1 and "us-virginia.cfg:" in said
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    until(lambda: not own.status(REGION)["policy"]["stale"], 20)


def alive(d):
    try:
        return urllib.request.urlopen(d.url(REGION, "/healthz"), timeout=10).status == 200
    except OSError:
        return False


def test_silent_peers_do_not_keep_others_out(own):
    address = ("127.0.0.1", own.ports["public-" + REGION])
    silent = []
    for _ in range(600):
        s = socket.create_connection(address, timeout=10)
        s.sendall(b"POST /v1/records HTTP/1.1\r\nHost: x\r\nX: ")
        silent.append(s)
    until(lambda: alive(own), 5)  # a second of silence, and the longest gives way
    assert own.send(REGION, [feedback("while-silent")])[0] == 202
    for s in silent:
        s.close()


def test_webhooks_of_strangers_that_never_end_leave_room(own):
    """A signature is known to be wrong only at the end of the body: so anybody may begin one."""
    head = (b"POST /v1/hooks/github HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: issues\r\nX-Hub-Signature-256: sha256=" +
            b"a" * 64 + b"\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
    begun = []
    for _ in range(300):
        s = socket.create_connection(("127.0.0.1", own.ports["public-" + REGION]), timeout=10)
        s.sendall(head)
        begun.append(s)
    assert b" 503 " in begun[100].recv(200)
    until(lambda: alive(own), 5)
    assert own.send(REGION, [feedback("beside-hooks")])[0] == 202
    for s in begun:
        s.close()


def test_a_full_vault_refuses_waits_and_goes_on(own):
    """The ceiling by max_bytes; the disk's own end is the same gate (min_free)."""
    own.agents[REGION].stop()
    file = own.path("regions", REGION + ".cfg")
    good = open(file, encoding="utf-8").read()
    with open(file, "w", encoding="utf-8") as f:
        f.write(good.replace('max_bytes = "2 GiB"', 'max_bytes = "64 MiB"'))
    own.agents[REGION].start()
    accepted, body = 0, "word " * 1500
    for i in range(200):
        status, answer = own.send(REGION, [feedback(f"full-{i}-{k}", body, tags=["fulltest"]) for k in range(100)])
        if status != 202:
            break
        accepted += answer["accepted"]
    assert status == 503 and accepted > 0
    with pytest.raises(urllib.error.HTTPError) as e:
        urllib.request.urlopen(own.url(REGION, "/readyz"), timeout=10)
    assert e.value.code == 503 and e.value.headers["Retry-After"]
    assert urllib.request.urlopen(own.url(REGION, "/healthz"), timeout=10).status == 200
    sheet = os.path.join(own.inbox(REGION), "waits.csv")
    with open(sheet + ".part", "w", encoding="utf-8") as f:
        f.write("id,date,product,comment,score,email,ok\n")
        f.writelines(f"w{i},2026-11-18 19:00,db,it waited {body},7,a@b.example,yes\n" for i in range(400))
    os.rename(sheet + ".part", sheet)
    assert own.status(REGION)["sentence"] == REGION + " accepts nothing: its vault is full."
    own.agents[REGION].stop()
    with open(file, "w", encoding="utf-8") as f:
        f.write(good)
    assert os.path.exists(sheet), "a file waits while the vault is full"
    own.agents[REGION].start()
    until(lambda: not os.path.exists(sheet), 30)
    own.settle(REGION)
    assert own.count(REGION, "tags @> %s", ["fulltest"]) == accepted
    assert own.count(REGION, "body LIKE 'it waited%%'") == 400
    until(lambda: re.search(r"raw words: the oldest are destroyed on 20\d\d-\d\d-\d\d at ", verb(
        own, "status", "--region", REGION, "--state", own.path("state", REGION))[1]), 20)


def test_kafka_away_at_start_is_told_as_that_and_the_end_is_quick(own):
    """Last here: Kafka stays away."""
    own.agents[REGION].stop()
    own.stop_kafka()
    own.agents[REGION].start()
    until(lambda: "Kafka cannot be reached" in own.status(REGION)["sentence"], 20)
    assert own.send(REGION, [feedback("kafka-away")])[0] == 202
    agent = own.agents[REGION].child
    agent.terminate()
    assert agent.wait(timeout=30) == 0  # when a supervisor would kill it
