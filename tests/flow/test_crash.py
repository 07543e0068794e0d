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

    def __init__(self, d, prefix, batch=50):
        super().__init__(daemon=True)
        self.d, self.prefix, self.batch = d, prefix, batch
        self.acknowledged, self.done, self.moved = set(), threading.Event(), threading.Condition()

    def run(self):
        n = 0
        while not self.done.is_set():
            ids = [f"{self.prefix}-{n}-{i}" for i in range(self.batch)]
            try:
                status, _ = self.d.send(REGION, [feedback(i) for i in ids])
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
    assert loaded(pair, before) >= len(load.acknowledged) + 200


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
