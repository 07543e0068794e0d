"""What became of the samples, in under a screen."""
import json
import os

import feed

SHOWN = "jp-tokyo"


def cut(text, width):
    """Cuts to a width on the screen, on which CJK characters take two columns."""
    out, used = "", 0
    for c in text.replace("\n", " "):
        used += 2 if ord(c) >= 0x1100 else 1
        if used > width:
            return out + "…"
        out += c
    return out


def before_and_after(stack):
    with open(os.path.join(feed.SAMPLES, SHOWN, "app.ndjson"), encoding="utf-8") as f:
        before = json.loads(f.readline())
    after = stack.sql("SELECT title, body, coalesce(subject::text, '-'), policy, policy_version, basis, redactions::text "
                      f"FROM community.record WHERE region = '{SHOWN}' AND title = '{before['title']}'")
    print(f"One record, {SHOWN}, before:  {cut(before['body'], 92)}")
    print(f"    by {before['author']['name']} <{before['author']['email']}>")
    for title, body, subject, policy, version, basis, redactions in after:
        print(f"  after, in the warehouse:     {cut(body, 92)}")
        print(f"    by {subject[:13]}…  let out by policy {policy} v{version}: {cut(basis, 60)}")


def account(stack):
    rows = stack.sql("""SELECT region, sum(captured), sum(loaded + superseded), sum(held), sum(stayed), sum(discarded)
                        FROM tributary.completeness GROUP BY region ORDER BY region""")
    cleaned = dict(stack.sql("SELECT region, count(*) FILTER (WHERE redactions::text NOT IN ('[]', '{}')) "
                             "FROM community.record GROUP BY region"))
    print(f"\n{'region':14} {'came in':>8} {'left':>6} {'cleaned':>8} {'held':>6} {'kept home':>10} {'destroyed':>10}")
    for region, captured, left, held, stayed, discarded in rows:
        print(f"{region:14} {captured:>8} {left:>6} {cleaned.get(region, '0'):>8} {held:>6} {stayed:>10} {discarded:>10}")


def reasons(stack):
    print("\nHeld for a person, or kept at home, and by which line:")
    seen = {}
    for code in stack.regions:
        for r in stack.exact(code)["decisions"]:
            if r["file"]:
                key = (r["outcome"], os.path.basename(r["file"]), r["line"], r["because"] or f'its line "{r["rule"]}"')
                seen[key] = seen.get(key, 0) + r["count"]
    shown = sorted(seen.items(), key=lambda item: -item[1])
    for (outcome, file, line, because), count in shown[:8]:
        print(f"  {count:3} {outcome:7} {file}:{line:<4} {cut(because, 70)}")
    if len(shown) > 8:
        print(f"  ... and by {len(shown) - 8} more lines: docker/quickstart status --json has the agents")


READER = "reader_product_de" # of regions/hub.cfg: a product team in Germany

QUERIES = [
    ("What is asked most, by product?",
     "SELECT coalesce(product, '(none named)'), count(*) AS voices, count(DISTINCT region) AS regions FROM community.voice_feedback "
     "GROUP BY 1 ORDER BY voices DESC, 1 LIMIT 3"),
    ("Who is unhappy, and about what?",
     "SELECT region, rating, left(body, 40) AS words FROM community.voice_feedback WHERE rating <= 5 "
     "ORDER BY rating, region LIMIT 3"),
    ("What do people say of 8.5.0?",
     "SELECT region, lang, left(title, 36) AS title FROM community.voice_feedback WHERE version = '8.5.0' "
     "ORDER BY region LIMIT 4"),
]


def queries(stack):
    for question, statement in QUERIES:
        rows = stack.sql(f"SET ROLE {READER}; {statement}")
        print(f"\n{question}\n  " + "\n  ".join(" | ".join(row) for row in rows))


def show(stack):
    print()
    before_and_after(stack)
    account(stack)
    reasons(stack)
    queries(stack)
    print(f"\nLook further:  psql '{stack.superuser()} options=-crole={READER}'   as a product team in Germany:")
    print("               community.voice_feedback, voice_discussion, voice_contribution, completeness")
    print(f"               {os.path.relpath(stack.binary)} status --states {stack.path('state')} --regions {stack.path('regions')}")
    print("               docker/quickstart status --json      every endpoint, token and folder")
    print("Stop:          docker/quickstart down [--remove]")
