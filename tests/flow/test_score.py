"""`policy score` on the labelled corpus: its figures are those that its own predictions have by a plain count in
Python, and bad input is refused by its line. Needs no deployment."""
import collections
import gzip
import json
import os
import subprocess

from conftest import BINARY, PROJECT

CORPUS = os.path.join(PROJECT, "tests", "data", "corpus", "public.ndjson.gz")
PEOPLE = os.path.join(PROJECT, "tests", "data", "corpus", "public.gazetteer.json")


def score(*words):
    done = subprocess.run([BINARY, "policy", "score", *words], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def overlap(a, b):
    same = a["field"] == b["field"]
    return max(0, min(a["end"], b["end"]) - max(a["start"], b["start"])) if same else 0


def count(labels, said, tally):
    """One record: per type [labels, found, predicted, right]; the largest overlaps are matched first."""
    optional = [x for x in labels if x.get("optional")]
    labels = [x for x in labels if not x.get("optional")]
    said = [p for p in said if any(overlap(p, x) for x in labels) or not any(overlap(p, x) for x in optional)]
    pairs = sorted((-overlap(x, p), i, j) for i, x in enumerate(labels) for j, p in enumerate(said)
                   if x["type"] == p["type"] and overlap(x, p))
    hit, right = set(), set()
    for _, i, j in pairs:
        if i not in hit and j not in right:
            hit.add(i)
            right.add(j)
    for i, x in enumerate(labels):
        tally[x["type"]][0] += 1
        tally[x["type"]][1] += i in hit
    for j, p in enumerate(said):
        tally[p["type"]][2] += 1
        tally[p["type"]][3] += j in right
    covered = {(p["field"], k) for p in said for k in range(p["start"], p["end"])}
    bytes_ = [(x["field"], k) for x in labels for k in range(x["start"], x["end"])]
    return len(bytes_), sum(b not in covered for b in bytes_), not labels, len(said) if not labels else 0


def test_score_agrees_with_a_plain_count(tmp_path):
    predictions = str(tmp_path / "predictions.ndjson")
    status, out, err = score(CORPUS, "--gazetteer", PEOPLE, "--predictions", predictions, "--json")
    assert status == 0, err
    told = json.loads(out)
    with open(predictions, encoding="utf-8") as f:
        said = {r["id"]: r["spans"] for r in map(json.loads, f)}
    tally, sums = collections.defaultdict(lambda: [0, 0, 0, 0]), [0, 0, 0, 0]
    with gzip.open(CORPUS, "rt", encoding="utf-8") as f:
        for record in map(json.loads, f):
            sums = [a + b for a, b in zip(sums, count(record["spans"], said[record["id"]], tally))]
    assert [told["labelled_bytes"], told["leaked_bytes"], told["clean_records"], told["false_alarms"]] == sums
    assert set(told["types"]) == set(tally)
    for name, (labels, found, predicted, right) in tally.items():
        o = told["types"][name]["overlap"]
        assert (o["labels"], o["predicted"]) == (labels, predicted), name
        assert abs(o["recall"] - (found / labels if labels else 0)) < 1e-4, name
        assert abs(o["precision"] - (right / predicted if predicted else 0)) < 1e-4, name
    assert told["overall"]["f1"] >= 0.97
    assert told["false_alarms_per_1000"] <= 3
    assert told["person_known"]["recall"] >= 0.98 and told["person_unknown"]["labels"] > 0


def test_score_says_which_line_is_bad(tmp_path):
    good = '{"id":"a","title":"","body":"mail joe@example.com","spans":[{"field":"body","start":5,"end":20,"type":"EMAIL"}]}\n'
    for bad, what in [("{not json\n", "corpus.ndjson:2"), (good.replace('"end":20', '"end":99'), "beyond the end"),
                      (good.replace('"start":5', '"start":20'), "start < end"), ('{"id":"b","body":"x"}\n', "no \"spans\"")]:
        file = tmp_path / "corpus.ndjson"
        file.write_text(good + bad, encoding="utf-8")
        status, out, err = score(str(file))
        assert (status, out) == (2, "") and what in err and "joe@" not in err, err
    file.write_text(good, encoding="utf-8")
    status, out, err = score(str(file))
    assert status == 0 and "OVERALL" in out and "1.000  1.000  1.000" in out


def test_score_refuses_what_is_no_corpus(tmp_path):
    torn = tmp_path / "torn.gz"
    with open(CORPUS, "rb") as f:
        torn.write_bytes(f.read(100000))
    empty = tmp_path / "empty"
    empty.write_text("", encoding="utf-8")
    for words in [(str(torn),), (str(empty),), (str(tmp_path / "none"),), (), (CORPUS, CORPUS), (CORPUS, "--gazeteer", "x"),
                  (CORPUS, "--gazetteer", str(tmp_path / "none")), (CORPUS, "--predictions", "/none/x")]:
        status, out, err = score(*words)
        assert (status, out) == (2, "") and err, words
