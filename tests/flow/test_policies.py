"""Closed, not open: a broken policy lets captures go on and lets nothing leave."""
import os
import shutil
import signal

from conftest import deployment, feedback, finish, until, PROJECT

import pytest

REGION = "us-virginia"


@pytest.fixture(scope="module")
def own(request):
    """A deployment whose policies may be spoilt."""
    d = deployment(regions=[REGION], loaders=1)
    d.policies = d.path("policies")
    shutil.copytree(os.path.join(PROJECT, "policies"), d.policies)
    d.agents = {REGION: d.agent_process(REGION)}
    before = request.session.testsfailed
    try:
        d.start()
        yield d
    finally:
        finish(d, request.session.testsfailed > before)


def policy_file(d):
    return os.path.join(d.policies, "us.cfg")


def spoil(d):
    text = open(policy_file(d), encoding="utf-8").read()
    with open(policy_file(d), "w", encoding="utf-8") as f:
        f.write(text.replace("subject", "subjekt", 1))


def mend(d):
    shutil.copy(os.path.join(PROJECT, "policies", "us.cfg"), policy_file(d))


def test_broken_on_hangup_the_old_one_stays(own):
    spoil(own)
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    s = until(lambda: own.status(REGION)["policy"]["stale"] and own.status(REGION), 20)
    assert s["policy"]["open"] and "us.cfg" in s["policy"]["trouble"]
    assert own.send(REGION, [feedback("old-stays")])[0] == 202
    until(lambda: own.count(REGION) == 1)
    mend(own)
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    until(lambda: not own.status(REGION)["policy"]["stale"], 20)


def test_broken_at_start_captures_go_on_and_nothing_leaves(own):
    own.settle(REGION)
    before = own.count(REGION)
    own.agents[REGION].stop()
    spoil(own)
    own.agents[REGION].start()
    s = own.status(REGION)
    assert s["pump"]["closed"] and not s["policy"]["open"]
    assert own.send(REGION, [feedback(f"closed-{i}") for i in range(20)])[0] == 202
    assert own.status(REGION)["pump"]["backlog"] >= 20
    assert own.count(REGION) == before
    done = own.tributary("policy", "status", "--region", REGION, "--state", own.path("state", REGION), check=False)
    assert done.returncode == 1 and "nothing leaves" in done.stdout
    done = own.tributary("policy", "check", "us", check=False)
    assert done.returncode == 1 and "us.cfg:" in done.stderr and "subject" in done.stderr
    mend(own)
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    until(lambda: own.count(REGION) == before + 20)
    own.settle(REGION)


def test_other_brokers_wait_for_a_restart(own):
    """Records must not be judged by the places of brokers to which they do not go."""
    file = own.path("regions", "hub.cfg")
    good = open(file, encoding="utf-8").read()
    with open(file, "w", encoding="utf-8") as f:
        f.write(good.replace(own.bootstrap, "127.0.0.1:1"))
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    s = until(lambda: own.status(REGION)["policy"]["stale"] and own.status(REGION), 20)
    assert "hub.cfg" in s["policy"]["trouble"]
    with open(file, "w", encoding="utf-8") as f:
        f.write(good)
    os.kill(own.agents[REGION].pid(), signal.SIGHUP)
    until(lambda: not own.status(REGION)["policy"]["stale"], 20)


def test_a_region_file_with_a_typo_does_not_start(own):
    own.agents[REGION].stop()
    file = own.path("regions", REGION + ".cfg")
    good = open(file, encoding="utf-8").read()
    with open(file, "w", encoding="utf-8") as f:
        f.write(good.replace("timezone =", "timezoen =", 1).replace("max_bytes", "max_byte", 1))
    done = own.tributary("agent", "--region", REGION, "--state", own.path("state", REGION), check=False)
    assert done.returncode == 78
    assert "timezoen" in done.stderr and "timezone" in done.stderr and "max_byte" in done.stderr
    with open(file, "w", encoding="utf-8") as f:
        f.write(good)
    own.agents[REGION].start()


def test_a_missing_secret_does_not_start(own):
    own.agents[REGION].stop()
    secret = own.path("secrets", REGION + "-app")
    os.rename(secret, secret + ".away")
    done = own.tributary("agent", "--region", REGION, "--state", own.path("state", REGION), check=False)
    os.rename(secret + ".away", secret)
    assert done.returncode == 78 and "secret" in done.stderr
    own.agents[REGION].start()


def test_a_wrong_master_key_refuses_to_start(own):
    own.agents[REGION].stop()
    key = own.path("state", REGION, "keys", "master")
    good = open(key, "rb").read()
    with open(key, "wb") as f:
        f.write(os.urandom(32))
    done = own.tributary("agent", "--region", REGION, "--state", own.path("state", REGION), check=False)
    with open(key, "wb") as f:
        f.write(good)
    assert done.returncode == 78 and "master" in done.stderr
    own.agents[REGION].start()
