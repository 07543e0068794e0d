"""Everything at once on agents and loaders built with ThreadSanitizer: not one race of ours."""
import glob
import os
import signal
import threading
import urllib.request

import pytest
from conftest import BUILD, PROJECT, deployment, finish, until
from test_crash import REGION, Load
from test_files import HEAD, row
from test_hooks import payloads, post

WATCHED = os.path.join(BUILD, "tsan", "tributary")


@pytest.fixture(scope="module")
def watched(request):
    d = deployment(binary=WATCHED, regions=[REGION], loaders=2)
    os.makedirs(d.path("log"))
    before, options = request.session.testsfailed, os.environ.get("TSAN_OPTIONS")
    os.environ["TSAN_OPTIONS"] = (f"suppressions={PROJECT}/tests/harness/tsan.supp exitcode=66 print_suppressions=0 "
                                  f"history_size=5 log_path={d.path('log', 'tsan')}")
    try:
        d.start()
        yield d
    finally:
        if options is None:
            del os.environ["TSAN_OPTIONS"]
        else:
            os.environ["TSAN_OPTIONS"] = options
        finish(d, request.session.testsfailed > before)


class Asking(threading.Thread):
    """Reads the status and the metrics again and again: they look at every room."""

    def __init__(self, d):
        super().__init__(daemon=True)
        self.d, self.answers, self.done = d, 0, threading.Event()

    def run(self):
        while not self.done.is_set():
            try:
                self.d.status(REGION)
                urllib.request.urlopen(f"http://127.0.0.1:{self.d.ports['internal-' + REGION]}/metrics", timeout=10).read()
                self.answers += 1
            except OSError:
                self.done.wait(0.05)  # the agent is away

    def finish(self):
        self.done.set()
        self.join()


def reports(d):
    return "".join(open(f, encoding="utf-8", errors="replace").read() for f in sorted(glob.glob(d.path("log", "tsan.*"))))


def put_sheet(d, name, rows):
    part = os.path.join(d.inbox(REGION), f".{name}.part")
    with open(part, "w", encoding="utf-8") as f:
        f.write(HEAD + "".join(row(f"{name}-{i}") for i in range(rows)))
    os.rename(part, os.path.join(d.inbox(REGION), name + ".csv"))


def test_the_binary_is_watched():
    with open(WATCHED, "rb") as f:
        assert b"__tsan_func_entry" in f.read()


def test_everything_at_once_and_no_race(watched):
    d = watched
    busy = [Load(d, f"thread{i}") for i in range(3)] + [Asking(d)]
    for b in busy:
        b.start()
    hooks = list(payloads())
    for n in range(3):
        put_sheet(d, f"sheet{n}", 300)
        for event, payload in hooks[n::3]:
            assert post(d, event, payload)[0] == 202
        os.kill(d.agents[REGION].pid(), signal.SIGHUP)
        assert d.loaders[n % 2].stop() == 0, reports(d)
        busy[n].await_more(100)
        d.loaders[n % 2].start()
    assert d.agents[REGION].stop() == 0, reports(d)
    d.agents[REGION].start()
    busy[0].await_more(100)
    for b in busy:
        b.finish()
    d.settle(REGION)
    sent = sum(len(b.acknowledged) for b in busy[:3])
    until(lambda: d.count(REGION) >= sent + 900)
    assert busy[3].answers > 10


def test_all_end_well_and_nothing_is_reported(watched):
    assert [p.stop() for p in [*watched.agents.values(), *watched.loaders]] == [0, 0, 0], reports(watched)
    assert reports(watched) == ""
