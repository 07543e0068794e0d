"""Feeds the sample feedback through all three kinds of source, as real senders would."""
import glob
import hashlib
import hmac
import json
import os
import shutil
import uuid

SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "samples")


def post_app(stack, region):
    with open(os.path.join(SAMPLES, region, "app.ndjson"), "rb") as f:
        body = f.read()
    token = stack.secret(region + "-app")
    return stack.post(region, "/v1/records", body,
                      {"Authorization": "Bearer " + token, "Content-Type": "application/x-ndjson"})


def post_hook(stack, region, event, payload):
    body = json.dumps(payload, ensure_ascii=False).encode()
    secret = stack.secret(region + "-github").encode()
    return stack.post(region, "/v1/hooks/github", body, {
        "Content-Type": "application/json", "X-GitHub-Event": event, "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()})


def drop_sheet(stack, region):
    """Under another name first: an inbox takes a file when it is whole."""
    inbox = stack.inbox(region)
    waiting = os.path.join(inbox, ".meetup.csv.part")
    shutil.copy(os.path.join(SAMPLES, region, "meetup.csv"), waiting)
    os.rename(waiting, os.path.join(inbox, "meetup.csv"))


def feed(stack, region):
    """Returns what was refused, if anything."""
    answers = [("app", post_app(stack, region))]
    for file in sorted(glob.glob(os.path.join(SAMPLES, region, "hook-*.json"))):
        hook = json.load(open(file, encoding="utf-8"))
        answers.append((os.path.basename(file), post_hook(stack, region, hook["event"], hook["payload"])))
    drop_sheet(stack, region)
    return [(name, status, body) for name, (status, body) in answers if status != 202]
