"""The public door: what is answered to whom."""
import json
import re
import socket
import subprocess
import urllib.request

from conftest import feedback, until

REGION = "us-virginia"


def curl(d, *words, path="/v1/records"):
    done = subprocess.run(["curl", "-s", "-o", "-", "-w", "\n%{http_code}", *words, d.url(REGION, path)],
                          capture_output=True, text=True, timeout=60)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def metrics(d):
    return urllib.request.urlopen(f"http://127.0.0.1:{d.ports['internal-' + REGION]}/metrics", timeout=10).read().decode()


def token(d):
    return "Authorization: Bearer " + d.secret(REGION + "-app")


def test_a_wrong_token_is_told_nothing_and_its_body_is_not_read(pair):
    with socket.create_connection(("127.0.0.1", pair.ports["public-" + REGION]), timeout=20) as s:
        s.sendall(b"POST /v1/records HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer wrong\r\n"
                  b"Content-Length: 33000000\r\n\r\n")
        assert s.recv(4096).startswith(b"HTTP/1.1 401 ")  # before one byte of the body was sent


def test_a_batch_with_one_bad_line_keeps_the_good_ones(pair):
    lines = [json.dumps(feedback("door-1")), '{"id":"door-2","kind":"nonsense","occurred_at":"2026-11-20T10:00:00Z"}',
             "{not json", json.dumps(feedback("door-3"))]
    status, body = pair.post(REGION, "/v1/records", "\n".join(lines).encode(), {
        "Authorization": token(pair).split(": ")[1], "Content-Type": "application/x-ndjson"})
    assert status == 202
    assert body["accepted"] == 2 and body["refused"] == 2
    assert [r["line"] for r in body["refusals"]] == [2, 3]


def test_nothing_good_is_422(pair):
    status, body = curl(pair, "-H", token(pair), "-H", "Content-Type: application/json", "-d", '{"id":""}')
    assert status == 422 and json.loads(body)["refused"] == 1


def test_bad_bytes_are_refused_by_line(pair):
    bad = [b'{"id":"u1","kind":"feedback","occurred_at":"2026-11-20T10:00:00Z","body":"\xff\xfe"}',
           b'{"id":"u2","kind":"feedback","occurred_at":"2026-11-20T10:00:00Z","body":"\\ud800"}',
           b'{"id":"u3","kind":"feedback","occurred_at":"2026-11-20T10:00:00Z","body":"a\\u0000b"}',
           b'{"id":"u4","kind":"feedback","occurred_at":"not a time"}',
           b'{"kind":"feedback","occurred_at":"2026-11-20T10:00:00Z"}',
           b'{"id":"u6","kind":"feedback","occurred_at":"2026-11-20T10:00:00Z","x":' + b"[" * 40 + b"]" * 40 + b"}",
           b'{"id":"u7","kind":"feedback","occurred_at":"2026-11-20T10:00:00Z","body":"' + b"x" * (1 << 20) + b'"}']
    status, body = pair.post(REGION, "/v1/records", b"\n".join(bad), {
        "Authorization": token(pair).split(": ")[1], "Content-Type": "application/x-ndjson"})
    assert status == 422 and body["refused"] == len(bad)
    assert [r["line"] for r in body["refusals"]] == list(range(1, len(bad) + 1))


def test_methods_types_and_paths(pair):
    assert curl(pair, path="/healthz")[0] == 200
    assert curl(pair, path="/readyz")[0] == 200
    assert curl(pair, path="/nothing")[0] == 404
    assert curl(pair, "-X", "DELETE", "-H", token(pair))[0] == 405
    assert curl(pair, "-H", token(pair), "-H", "Content-Type: text/plain", "-d", "x")[0] == 415


def test_single_records_are_acknowledged_and_arrive(pair):
    status, body = curl(pair, "-H", token(pair), "-H", "Content-Type: application/json", "-d",
                        json.dumps(feedback("door-single", "one record by curl")))
    assert status == 202 and json.loads(body)["accepted"] == 1
    until(lambda: pair.count(REGION, "body = 'one record by curl'") == 1)


def test_a_newer_revision_replaces_and_an_older_does_not(pair):
    for revision, words in ((3, "third"), (1, "first"), (2, "second")):
        assert pair.send(REGION, [feedback("rev-1", words, revision=revision, tags=["revtest"])])[0] == 202
    pair.settle(REGION)
    assert pair.rows("SELECT body FROM community.record WHERE region = %s AND tags @> %s", REGION, ["revtest"]) == [("third",)]
    assert pair.send(REGION, [feedback("rev-1", "gone", revision=3, deleted=True, tags=["revtest"])])[0] == 202
    pair.settle(REGION)
    assert pair.rows("SELECT body FROM community.record WHERE region = %s AND tags @> %s", REGION, ["revtest"]) == []


def test_fields_that_nobody_decided_about_are_named(pair):
    odd = feedback("odd-1", "with more than records have", browser="Firefox", titel="a slip")
    odd["attributes"] = {"screen": "wide"}
    odd["+49 170 1234567"] = "a number for a name"
    assert pair.send(REGION, [odd])[0] == 202
    pair.settle(REGION)
    done = pair.tributary("source", "status", "--region", REGION, "--state", pair.path("state", REGION), "--json")
    sent = {s["field"]: s for s in json.loads(done.stdout)["agents"][0]["strangers"]}
    assert sent["browser"]["records"] == 1 and "attributes.browser" in sent["browser"]["write"]
    assert "\"title\"" in sent["titel"]["write"] and "clean" in sent["attributes.screen"]["write"]
    assert [f for f in sent if f.startswith("#")] and "1234567" not in done.stdout
    assert "0" == re.search(r"tributary_pump_residual_total (\d+)", metrics(pair)).group(1)


def test_metrics_and_reference(pair):
    page = metrics(pair)
    assert "# HELP tributary_" in page and "# TYPE tributary_" in page


def test_a_held_revision_takes_the_older_row_away(pair):
    def row():
        return pair.rows("SELECT body FROM community.record WHERE region = %s AND tags @> %s", REGION, ["heldrev"])
    assert pair.send(REGION, [feedback("held-1", "all is well", revision=1, tags=["heldrev"])])[0] == 202
    pair.settle(REGION)
    assert row() == [("all is well",)]
    secret = "password=" + "Hunter2-but-longer"
    assert pair.send(REGION, [feedback("held-1", "now with " + secret, revision=2, tags=["heldrev"])])[0] == 202
    pair.settle(REGION)
    until(lambda: row() == [], 30)
    assert pair.send(REGION, [feedback("held-1", "the secret is gone", revision=3, tags=["heldrev"])])[0] == 202
    pair.settle(REGION)
    assert row() == [("the secret is gone",)]
