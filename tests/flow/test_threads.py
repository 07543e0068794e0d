"""Everything at once on agents and loaders built with ThreadSanitizer: not one race of ours."""
import glob
import os
import re
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
    """Reads the agent's status and everybody's metrics again and again: they look at every room."""

    def __init__(self, d):
        super().__init__(daemon=True)
        self.d, self.answers, self.done = d, {}, threading.Event()

    def ports(self):
        yield "agent", self.d.ports["internal-" + REGION]
        for p in self.d.loaders:  # they take any port that is free, another at each start
            with open(p.log, encoding="utf-8", errors="replace") as f:
                for port in re.findall(r" loader: ready .*internal_port=(\d+)", f.read())[-1:]:
                    yield p.name, port

    def run(self):
        while not self.done.is_set():
            for name, port in list(self.ports()):
                try:
                    for page in ("metrics", "v1/status"):
                        urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=10).read()
                    self.answers[name] = self.answers.get(name, 0) + 1
                except OSError:
                    self.done.wait(0.05)  # it is away

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


def end_backends(d):
    """Every connection of the loaders is cut, in the middle of whatever it does."""
    d.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tributary_loader'", "postgres")


def test_everything_at_once_and_no_race(watched):
    """Programs, hooks and sheets; hangups; loaders that leave, die, come, and lose PostgreSQL; an agent's restart."""
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
        end_backends(d)
        if n == 1:
            d.loaders[1].kill(signal.SIGKILL)
        else:
            assert d.loaders[n % 2].stop() == 0, reports(d)
        busy[n].await_more(100)
        d.loaders[n % 2].start()
    end_backends(d)
    assert d.agents[REGION].stop() == 0, reports(d)
    d.agents[REGION].start()
    busy[0].await_more(100)
    for b in busy:
        b.finish()
    d.settle(REGION, seconds=120)
    sent = sum(len(b.acknowledged) for b in busy[:3])
    until(lambda: d.count(REGION) >= sent + 900)
    assert len(busy[3].answers) == 3 and min(busy[3].answers.values()) > 3, busy[3].answers


def test_all_end_well_and_nothing_is_reported(watched):
    assert [p.stop() for p in [*watched.agents.values(), *watched.loaders]] == [0, 0, 0], reports(watched)
    assert reports(watched) == ""
