"""Whatever dies: every acknowledged record is in the warehouse, once."""
import json
import os
import signal
import threading
import urllib.error

from conftest import feedback, until

REGION = "us-virginia"


class Load(threading.Thread):
    """Sends batches until told to stop; remembers what was acknowledged, sends again what was not."""

    def __init__(self, d, prefix, batch=50, **more):
        super().__init__(daemon=True)
        self.d, self.prefix, self.batch, self.more = d, prefix, batch, more
        self.acknowledged, self.done, self.moved = set(), threading.Event(), threading.Condition()

    def run(self):
        n = 0
        while not self.done.is_set():
            ids = [f"{self.prefix}-{n}-{i}" for i in range(self.batch)]
            try:
                status, _ = self.d.send(REGION, [feedback(i, **self.more) for i in ids])
            except (urllib.error.URLError, ConnectionError, TimeoutError, OSError, json.JSONDecodeError):
                self.done.wait(0.05)  # the agent is away: the same batch again
                continue
            if status == 202:
                with self.moved:
                    self.acknowledged.update(ids)
                    self.moved.notify_all()
                n += 1
            else:
                self.done.wait(0.05)

    def await_more(self, records):
        with self.moved:
            goal = len(self.acknowledged) + records
            assert self.moved.wait_for(lambda: len(self.acknowledged) >= goal, timeout=60)

    def finish(self):
        self.done.set()
        self.join()



def loaded(d, before):
    return d.count(REGION) - before


def test_agent_killed_under_load(pair):
    pair.settle(REGION)
    before = pair.count(REGION)
    load = Load(pair, "agentkill")
    load.start()
    for _ in range(4):
        load.await_more(300)
        pair.agents[REGION].kill(signal.SIGKILL)
        pair.agents[REGION].start()
    load.await_more(100)
    load.finish()
    pair.settle(REGION)
    # Batches cut off before their answer may have been kept whole or in part: more is allowed, less is not,
    # and nothing twice (the primary key is the record).
    arrived = loaded(pair, before)
    assert arrived >= len(load.acknowledged)
    again, _ = pair.send(REGION, [feedback(i) for i in sorted(load.acknowledged)[:1000]])
    assert again == 202
    pair.settle(REGION)
    assert loaded(pair, before) == arrived


def test_loader_killed_under_load(pair):
    pair.settle(REGION)
    before = pair.count(REGION)
    load = Load(pair, "loaderkill")
    load.start()
    for i in range(4):
        load.await_more(300)
        victim = pair.loaders[i % 2]
        victim.kill(signal.SIGKILL)
        victim.start()
    load.finish()
    pair.settle(REGION, seconds=120)
    assert loaded(pair, before) >= len(load.acknowledged)


def test_a_loader_joins_and_leaves(pair):
    pair.settle(REGION)
    before = pair.count(REGION)
    load = Load(pair, "joins")
    load.start()
    load.await_more(200)
    pair.loaders[1].stop()
    load.await_more(200)
    pair.loaders[1].start()
    load.await_more(200)
    load.finish()
    pair.settle(REGION, seconds=120)
    assert loaded(pair, before) >= len(load.acknowledged)


def test_a_frozen_loader_is_fenced_off(pair):
    """Stopped past its session, its partitions go to the other; continued, it cannot commit what it had."""
    pair.settle(REGION)
    before = pair.count(REGION)
    frozen = pair.loaders[0].pid()
    load = Load(pair, "frozen")
    load.start()
    load.await_more(100)
    os.kill(frozen, signal.SIGSTOP)
    try:
        load.await_more(500)
        load.finish()
        pair.settle(REGION, seconds=120)  # the other took over
        assert loaded(pair, before) >= len(load.acknowledged)
    finally:
        os.kill(frozen, signal.SIGCONT)
    assert pair.send(REGION, [feedback(f"thawed-{i}") for i in range(200)])[0] == 202
    pair.settle(REGION, seconds=120)
    assert loaded(pair, before) == len(load.acknowledged) + 200  # what it had in hand came to nothing


def freeze_in_copy(d, q):
    """Stops a loader while one of its backends waits in COPY for more rows; gives the loader and the backend."""
    q.execute(r"SELECT backend_pid, substring(owner FROM 'pid (\d+)')::int FROM tributary.progress WHERE region = %s", (REGION,))
    owners = dict(q.fetchall())
    assert owners
    for _ in range(200):
        copying = None
        while copying not in owners:
            q.execute("SELECT pid FROM pg_stat_progress_copy LIMIT 1")
            copying = (q.fetchone() or [None])[0]
        os.kill(owners[copying], signal.SIGSTOP)

        def rests():
            "the backend has read all that was sent to it, and waits"
            q.execute("SELECT wait_event, state, query, backend_start::text FROM pg_stat_activity WHERE pid = %s", (copying,))
            return (found := q.fetchone())[0] == "ClientRead" and found
        _, state, query, start = until(rests, 20)
        if state == "active" and query.startswith("COPY"):
            return owners[copying], copying, start
        os.kill(owners[copying], signal.SIGCONT)
    raise AssertionError("no loader was met in COPY")


def test_a_loader_hung_in_copy_is_ended_and_taken_over(pair):
    """Its backend hears no timeout and holds its locks; the other loader ends it, and all is loaded once."""
    pair.settle(REGION)
    before = pair.count(REGION)
    load = Load(pair, "incopy", body="a slow word " * 600)
    load.start()
    load.await_more(100)
    c = pair.connect()
    q = c.cursor()
    frozen, backend, start = freeze_in_copy(pair, q)
    try:
        q.execute("SELECT sum(fence) FROM tributary.progress WHERE region = %s", (REGION,))
        fences = q.fetchone()[0]

        def ended():
            "the frozen loader's backend is gone"
            q.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s AND backend_start::text = %s", (backend, start))
            return not q.fetchone()
        until(ended, 40)
        load.await_more(200)
        load.finish()
        pair.settle(REGION, seconds=120)
        assert loaded(pair, before) >= len(load.acknowledged)
        q.execute("SELECT sum(fence), count(*) FILTER (WHERE owner LIKE %s) FROM tributary.progress WHERE region = %s",
                  (f"% pid {frozen} %", REGION))
        after, still = q.fetchone()
        assert after > fences and still == 0
        other = next(p for p in pair.loaders if p.pid() != frozen)
        assert "ended the backend of the old owner" in open(other.log, encoding="utf-8").read()
        arrived = loaded(pair, before)
    finally:
        os.kill(frozen, signal.SIGCONT)
        c.close()
    assert pair.send(REGION, [feedback(f"uncopied-{i}") for i in range(200)])[0] == 202
    pair.settle(REGION, seconds=120)
    assert loaded(pair, before) == arrived + 200  # what the thawed one had in hand came to nothing


def test_agent_terminated_answers_and_exits_well(pair):
    load = Load(pair, "sigterm")
    load.start()
    load.await_more(200)
    pid = pair.agents[REGION].pid()
    assert pair.agents[REGION].stop() == 0, pid
    pair.agents[REGION].start()
    load.await_more(100)
    load.finish()
    pair.settle(REGION)


def test_the_account_still_balances(pair):
    def balanced():
        "completeness balances after all those deaths"
        rows = pair.rows("""SELECT sum(captured), sum(loaded + superseded + held + stayed + erased + expired
                            + rejected + damaged) FROM tributary.completeness WHERE region = %s""", REGION)[0]
        return rows[0] == rows[1]
    until(balanced, 30)
