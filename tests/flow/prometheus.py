"""Reads Prometheus' text format 0.0.4, as strictly as its specification; written apart from what prints it."""
import re

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"')
VALUE = re.compile(r"[+-]?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|Inf|NaN)")


def labels(text):
    found, at = {}, 0
    while at < len(text):
        m = LABEL.match(text, at)
        assert m, text
        assert m[1] not in found, text
        found[m[1]] = m[2]
        at = m.end()
        assert at == len(text) or text[at] == ",", text
        at += 1
    return found


def parse(page):
    """{name: {"type", "help", "samples": {labels as sorted pairs: value}}}"""
    assert page.endswith("\n") and "\r" not in page
    metrics, current = {}, None
    for line in page.splitlines():
        if line.startswith("# HELP "):
            name, _, text = line[7:].partition(" ")
            assert NAME.fullmatch(name) and text and name not in metrics, line
            current = metrics[name] = {"help": text, "type": None, "samples": {}}
        elif line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            assert metrics.get(name) is current and current["type"] is None and not current["samples"], line
            assert kind in ("counter", "gauge"), line
            current["type"] = kind
        else:
            m = re.fullmatch(r"([^ {]+)(?:\{(.*)\})? (\S+)", line)
            assert m and NAME.fullmatch(m[1]) and VALUE.fullmatch(m[3]), line
            assert metrics.get(m[1]) is current and current["type"], f"not under its own TYPE: {line}"
            key = tuple(sorted(labels(m[2] or "").items()))
            assert key not in current["samples"], f"twice: {line}"
            current["samples"][key] = float(m[3])
    for name, m in metrics.items():
        assert m["help"].endswith("."), name
        assert (m["type"] == "counter") == name.endswith("_total"), name
    return metrics


def reference(text):
    """Rows of the reference page: {name: (labels, kind, unit, meaning)}."""
    rows = re.findall(r"^\| `(tributary_\w+)(?:\{(\w+)\})?` \| (\w+) \| ([\w ]+) \| (.*) \|$", text, re.M)
    return {name: (label, kind, unit, meaning) for name, label, kind, unit, meaning in rows}
