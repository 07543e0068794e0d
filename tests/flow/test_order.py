"""No promise rests on Kafka's order, and what is damaged is named while the rest is served."""
import glob
import os
import random

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from conftest import deployment, feedback, finish, until

REGION, LATER = "jp-tokyo", "id-jakarta"
TOPIC = "tributary.records." + REGION


@pytest.fixture(scope="module")
def own(request):
    d = deployment(regions=[REGION], loaders=1, partitions=2)
    before = request.session.testsfailed
    try:
        d.start()
        yield d
    finally:
        finish(d, request.session.testsfailed > before)


def content(d):
    return d.rows("""SELECT record_key, title, body, revision, deleted, epoch, seq, judged_epoch, judged_seq, subject,
                     policy_version FROM community.record WHERE region = %s ORDER BY record_key""", REGION)


def all_messages(d):
    c = Consumer({"bootstrap.servers": d.bootstrap, "group.id": "flow-shuffle", "enable.auto.commit": False})
    messages = []
    try:
        for p in range(d.partitions):
            low, high = c.get_watermark_offsets(TopicPartition(TOPIC, p), timeout=10)
            c.assign([TopicPartition(TOPIC, p, low)])
            while low < high:
                m = c.poll(10)
                assert m is not None and not m.error(), m and m.error()
                low = m.offset() + 1
                messages.append((p, m.key(), m.value(), m.headers()))
    finally:
        c.close()
    return messages


def make_the_topic_anew(d):
    admin = AdminClient({"bootstrap.servers": d.bootstrap})
    for f in admin.delete_topics([TOPIC]).values():
        f.result(30)
    until(lambda: TOPIC not in admin.list_topics(timeout=10).topics, 30)
    d.tributary("topics", "apply", "--allow-single")


def empty_the_warehouse(d):
    d.sql("DROP DATABASE community WITH (FORCE)", "postgres")
    d.make_roles()
    d.tributary("warehouse", "migrate", "--loader-role", "tributary_loader")


def test_shuffled_messages_give_the_same_rows(own):
    rng = random.Random(7)
    for n in range(6):  # revisions of the same records, up and down, with deletes
        records = [feedback(f"s-{i}", f"words {n}", revision=rng.randrange(1, 20)) for i in range(60)]
        records += [feedback(f"s-{i}", "gone", revision=rng.randrange(1, 20), deleted=True) for i in range(0, 60, 9)]
        records += [feedback(f"once-{n}-{i}", "no revision") for i in range(20)]
        assert own.send(REGION, records)[0] == 202
    own.settle()
    before, messages = content(own), all_messages(own)
    assert len(before) > 100 and len(messages) > 500
    own.agents[REGION].stop()
    own.loaders[0].stop()
    make_the_topic_anew(own)
    empty_the_warehouse(own)
    rng.shuffle(messages)
    p = Producer({"bootstrap.servers": own.bootstrap})
    for partition, key, value, headers in messages + messages[:100]:  # and some of them twice
        p.produce(TOPIC, value=value, key=key, headers=headers, partition=partition)
    assert p.flush(30) == 0
    own.loaders[0].start()
    until(lambda: content(own) == before, 60)
    own.agents[REGION].start()
    own.settle(seconds=120)
    assert content(own) == before


def test_a_flipped_bit_costs_one_record(own):
    before = content(own)
    assert own.send(REGION, [feedback(f"flip-{i}", "words of a record that will be damaged " * 8) for i in range(50)])[0] == 202
    own.settle()
    assert len(content(own)) == len(before) + 50
    own.agents[REGION].stop()
    own.loaders[0].stop()
    segment = max(glob.glob(own.path("state", REGION, "vault", "*.seg")), key=os.path.getmtime)
    with open(segment, "r+b") as f:
        place = len(f.read().rstrip(b"\0")) - 1500  # in one of the last records
        f.seek(place)
        byte = f.read(1)[0]
        f.seek(place)
        f.write(bytes([byte ^ 1]))
    make_the_topic_anew(own)
    empty_the_warehouse(own)
    own.agents[REGION].start()
    own.loaders[0].start()
    until(lambda: len(content(own)) >= len(before) + 49, 90)
    own.settle(seconds=120)
    assert len(content(own)) == len(before) + 49
    until(lambda: own.rows("SELECT sum(damaged) FROM tributary.completeness")[0][0] == 1, 30)


def test_a_new_region_needs_no_restart(own):
    loader = own.loaders[0].pid()
    own.regions = [REGION, LATER]
    own.ports = own.remembered_ports()
    own.agents[LATER] = own.agent_process(LATER)
    own.write_files()
    own.make_keys()
    own.tributary("topics", "apply", "--allow-single")
    own.tributary("warehouse", "migrate", "--loader-role", "tributary_loader")
    own.agents[LATER].start()
    assert own.send(LATER, [feedback(f"new-{i}") for i in range(50)])[0] == 202
    until(lambda: own.count(LATER) == 50, 90)
    assert own.loaders[0].pid() == loader
