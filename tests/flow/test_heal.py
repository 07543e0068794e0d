"""The vault is the queue: an emptied warehouse and a deleted topic become whole by receipts alone."""
from conftest import feedback, until
from confluent_kafka.admin import AdminClient

REGION = "de-frankfurt"


def content(d):
    return d.rows("SELECT record_key, title, body, revision, deleted, epoch, seq FROM community.record WHERE region = %s "
                  "ORDER BY record_key", REGION)


def test_an_emptied_warehouse_is_made_whole(pair):
    status, _ = pair.send(REGION, [feedback(f"heal-{i}") for i in range(500)])
    assert status == 202
    pair.settle()
    before = content(pair)
    assert len(before) >= 500
    for loader in pair.loaders:
        loader.stop()
    pair.sql("DROP DATABASE community WITH (FORCE)", "postgres")
    pair.make_roles()
    pair.tributary("warehouse", "migrate", "--loader-role", "tributary_loader")
    for loader in pair.loaders:
        loader.start()
    until(lambda: content(pair) == before, 120)
    pair.settle(seconds=120)


def test_a_topic_deleted_and_made_again_heals(pair):
    pair.settle()
    before = len(content(pair))
    admin = AdminClient({"bootstrap.servers": pair.bootstrap})
    topic = "tributary.records." + REGION
    for f in admin.delete_topics([topic]).values():
        f.result(30)
    until(lambda: topic not in admin.list_topics(timeout=10).topics, 30)
    status, _ = pair.send(REGION, [feedback(f"away-{i}") for i in range(200)])
    assert status == 202
    pair.tributary("topics", "apply", "--allow-single")
    status, _ = pair.send(REGION, [feedback(f"again-{i}") for i in range(200)])
    assert status == 202
    until(lambda: len(content(pair)) == before + 400, 150)
    pair.settle(REGION, seconds=120)


def test_postgres_away_nothing_lost(pair):
    pair.settle()
    before = len(content(pair))
    pair.stop_postgres()
    status, _ = pair.send(REGION, [feedback(f"pgaway-{i}") for i in range(200)])
    assert status == 202
    pair.start_postgres()
    until(lambda: len(content(pair)) == before + 200, 90)


def test_kafka_away_nothing_lost(pair):
    pair.settle()
    before = len(content(pair))
    pair.stop_kafka()
    status, _ = pair.send(REGION, [feedback(f"kafkaaway-{i}") for i in range(200)])
    assert status == 202, "captures go on without Kafka"
    pair.start_kafka()
    until(lambda: len(content(pair)) == before + 200, 120)
