"""The README's first command, word for word, in a folder of its own."""
import json
import os
import re
import shutil
import subprocess
import tempfile

import psycopg2
import pytest

from conftest import PROJECT


def quickstart(root, *words):
    return subprocess.run([os.path.join(PROJECT, "docker", "quickstart"), *words], text=True, capture_output=True,
                          env={**os.environ, "TRIBUTARY_QUICKSTART": root}, timeout=540)


@pytest.fixture(scope="module")
def root():
    folder = tempfile.mkdtemp(prefix="tributary-quick-")
    os.chmod(folder, 0o755)
    yield folder
    quickstart(folder, "down", "--remove")
    shutil.rmtree(folder, ignore_errors=True)


def test_up_shows_what_became_of_the_samples(root):
    done = quickstart(root)
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    assert "refused" not in done.stderr
    for words in ("[email 1]", "cn-beijing", "us-virginia", "de-frankfurt", "jp-tokyo", "id-jakarta", "in-mumbai",
                  "base.cfg:", "What is asked most", "docker/quickstart down"):
        assert words in done.stdout, words
    assert len(done.stdout.splitlines()) < 60
    further = re.search(r"Look further:  psql '([^']+)'", done.stdout).group(1)
    with psycopg2.connect(further) as c: # what the report tells its reader to open has something in it
        q = c.cursor()
        q.execute("SELECT count(DISTINCT region) FROM community.voice_feedback")
        assert q.fetchone()[0] > 1


def test_every_endpoint_answers(root):
    done = quickstart(root, "status", "--json")
    assert done.returncode == 0, done.stderr
    ends = json.loads(done.stdout)
    with psycopg2.connect(ends["postgres"]["conninfo"], password=open(ends["postgres"]["password_file"]).read()) as c:
        q = c.cursor()
        q.execute("SELECT count(DISTINCT region) FROM community.record")
        assert q.fetchone()[0] == 6
    assert len(ends["agents"]) == 6 and all(os.path.exists(a["token_file"]) and a["pid"] for a in ends["agents"].values())


def test_a_second_up_finds_everything_there(root):
    assert quickstart(root, "up").returncode == 0
    assert "is well" in quickstart(root, "status").stdout


def test_down_stops_everything(root):
    pids = [a["pid"] for a in json.loads(quickstart(root, "status", "--json").stdout)["agents"].values()]
    assert quickstart(root, "down").returncode == 0
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)
