"""What every flow stands on: whole deployments on real Kafka and real PostgreSQL, and independent clients."""
import os
import shutil
import signal
import sys
import tempfile
import time

import psycopg2
import pytest

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(PROJECT, "docker", "demo"))
sys.dont_write_bytecode = True

from stack import Stack  # noqa: E402

BUILD = os.environ.get("TRIBUTARY_BUILD", os.path.join(PROJECT, "build"))
BINARY = os.environ.get("TRIBUTARY_BINARY", os.path.join(BUILD, "dev", "tributary"))


# Files that take long begin first, so that no worker is left alone with one at the end.
LONG = ["test_threads.py", "test_quickstart.py", "test_crash.py", "test_six_regions.py"]


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


def until(what, seconds=60, every=0.05):
    """Polls a remote state (a table, a status page) until what() is true; returns its value."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        assert time.monotonic() < end, f"not within {seconds} s: {what.__doc__ or what}"
        time.sleep(every)


class Deployment(Stack):
    """A stack with the checks that flows share."""

    def drop_kafka(self):
        """What it holds goes with its folder: no need to wait for a broker that tidies up."""
        try:
            os.kill(int(open(self.path("kafka", "pid")).read()), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            pass

    def connect(self, user="postgres"):
        c = psycopg2.connect(self.superuser().replace("user=postgres", f"user={user}"))
        c.autocommit = True
        return c

    def rows(self, statement, *values, user="postgres"):
        c = self.connect(user)
        try:
            with c.cursor() as q:
                q.execute(statement, values or None)
                return q.fetchall()
        finally:
            c.close()

    def count(self, region, where="true", *values):
        return self.rows(f"SELECT count(*) FROM community.record WHERE region = %s AND {where}", region, *values)[0][0]

    def send(self, region, records, token=None):
        import json
        body = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode()
        return self.post(region, "/v1/records", body, {
            "Authorization": "Bearer " + (token or self.secret(region + "-app")),
            "Content-Type": "application/x-ndjson"})

    def is_done(self, region):
        s = self.status(region)
        return s["pump"]["backlog"] == 0 and s["pump"]["in_flight"] == 0

    def settle(self, *regions, seconds=90):
        for region in regions or self.regions:
            until(lambda: self.is_done(region), seconds)


def deployment(binary=BINARY, **more):
    root = tempfile.mkdtemp(prefix="tributary-flow-")
    os.chmod(root, 0o755)  # PostgreSQL's user must be able to enter
    return Deployment(root, binary, **more)


def finish(d, failed):
    d.stop_daemons()
    d.stop_postgres()
    d.drop_kafka()
    if failed:
        print(f"logs of the failed flow are in {d.path('log')}", file=sys.stderr)
    else:
        shutil.rmtree(d.root, ignore_errors=True)


@pytest.fixture(scope="session")
def pair(request):
    """Two regions, two loaders; shared by the flows that leave it well."""
    d = deployment(regions=["us-virginia", "de-frankfurt"])
    before = request.session.testsfailed
    try:
        d.start()
        yield d
    finally:
        finish(d, request.session.testsfailed > before)


@pytest.fixture(scope="module")
def six(request):
    d = deployment()
    before = request.session.testsfailed
    try:
        d.start()
        yield d
    finally:
        finish(d, request.session.testsfailed > before)


def feedback(i, body="the import is slow", **more):
    return {"id": i, "kind": "feedback", "occurred_at": "2026-11-20T10:00:00Z", "title": "about import",
            "body": body, "lang": "en", "product": "db", **more}
