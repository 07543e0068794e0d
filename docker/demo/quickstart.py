"""quickstart.py up|down|status: what docker/quickstart runs once everything is installed and built."""
import argparse
import json
import os
import sys
import time

import feed
import report
from stack import PROJECT, REGIONS, Stack, StackError


def default_root():
    if os.environ.get("TRIBUTARY_QUICKSTART"):
        return os.environ["TRIBUTARY_QUICKSTART"]
    if os.geteuid() == 0:  # PostgreSQL will not run as root, and its user cannot enter root's home
        return "/var/lib/tributary-quickstart"
    return os.path.expanduser("~/.local/state/tributary/quickstart")


def open_stack(say=lambda text: None):
    return Stack(default_root(), os.path.join(PROJECT, "build", "release", "tributary"), say=say)


def settled(stack, seconds=60):
    """Waits until all that was captured has been judged, sent and receipted, and the inboxes are empty."""
    end = time.monotonic() + seconds
    waiting = []
    while time.monotonic() < end:
        waiting = []
        for code in stack.regions:
            s = stack.status(code)
            if s["pump"]["backlog"] or s["pump"]["in_flight"] or os.path.exists(
                    os.path.join(stack.inbox(code), "meetup.csv")):
                waiting.append(code)
        # The account follows the records by a second: a report before it would not add up.
        if not waiting:
            waiting = [row[0] for row in stack.sql(
                "SELECT DISTINCT region FROM tributary.completeness WHERE in_flight <> 0 OR missing <> 0")]
        if not waiting:
            return
        time.sleep(0.1)  # status is asked, not told
    raise StackError(f"after {seconds} s these regions are not done: {', '.join(waiting)} (see their logs in {stack.path('log')})")


def up(options):
    began = time.monotonic() - options.began

    def say(text):
        print(f"[{time.monotonic() - began:3.0f} s] {text}", flush=True)

    stack = open_stack(say)
    stack.start()
    say("feeding sample feedback: forms, GitHub, spreadsheets")
    refused = [(code, r) for code in REGIONS for r in feed.feed(stack, code)]
    for code, (name, status, body) in refused:
        print(f"refused: {code} {name}: {status} {json.dumps(body)}", file=sys.stderr)
    say("waiting until everything that may leave has arrived")
    settled(stack)
    say("done")
    report.show(stack)
    return 1 if refused else 0


def status(options):
    stack = open_stack()
    if not any(p.pid() for p in stack.agents.values()):
        print("The quick start is not running; start it with docker/quickstart up.")
        return 1
    if options.json:
        print(json.dumps(stack.endpoints(), indent=1))
        return 0
    for code in stack.regions:
        try:
            print(stack.status(code)["sentence"])
        except OSError:
            print(f"{code} does not answer; its log is {stack.agents[code].log}")
    print(f"\nKafka {stack.bootstrap}\npsql  '{stack.superuser()}'\nmore  docker/quickstart status --json")
    return 0


def down(options):
    stack = open_stack()
    stack.stop()
    if options.remove:
        stack.remove()
    print("stopped" + (" and removed" if options.remove else f"; what it kept is in {stack.root}"))
    return 0


def main():
    p = argparse.ArgumentParser(prog="docker/quickstart")
    p.add_argument("verb", choices=["up", "status", "down"])
    p.add_argument("--json", action="store_true")
    p.add_argument("--remove", action="store_true")
    p.add_argument("--began", type=float, default=0, help=argparse.SUPPRESS)
    options = p.parse_args()
    try:
        return {"up": up, "status": status, "down": down}[options.verb](options)
    except StackError as e:
        print(f"quickstart: {e}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
