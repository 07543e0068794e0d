"""A newcomer's hour for each of the four users, word for word from README.md.

The world in which the README's paths and ports are true: namespaces of our own, with temporary folders at its
paths and nothing else on the loopback; `tributary` on PATH; regions/ and policies/ as shipped, with this machine's
Kafka (two brokers, as one is refused) and PostgreSQL in hub.cfg. readme.py says how blocks are read.
"""
import base64
import ctypes
import fcntl
import json
import os
import re
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import tempfile

import pytest

import readme
from conftest import BINARY, PROJECT, Deployment, until
from feed import SAMPLES
from stack import MARKER, Process, free_port, run, save

README = readme.blocks(open(os.path.join(PROJECT, "README.md"), encoding="utf-8").read())
USERS = ["For operators", "For compliance officers", "For community managers", "For product teams"]
PATHS = ["/var/lib/tributary", "/run/secrets", "/media/usb", "/etc/tributary"]
# Engines that no test machine has; their commands have a test of their own.
NOT_HERE = {"docker", "podman", "kubectl", "systemctl", "git"}
POLICY = {"protects", "purposes", "records", "subject", "fields", "find", "children", "rules", "transfers", "keep"}


# ---- Namespaces ------------------------------------------------------------------------------------
CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


class Elsewhere:
    """This thread, and what it starts, in a mount and a network namespace of its own, until left."""

    def __enter__(self):
        self.before = [(os.open(f"/proc/thread-self/ns/{name}", os.O_RDONLY), flag)
                       for name, flag in (("mnt", CLONE_NEWNS), ("net", CLONE_NEWNET))]
        self.folder, self.made = os.getcwd(), []
        root = any(line.split()[4] == "/" for line in open("/proc/self/mountinfo", encoding="utf-8"))  # not in a chroot
        if not root or os.geteuid() != 0 or libc.unshare(CLONE_NEWNS | CLONE_NEWNET) != 0:
            pytest.skip("not root, or no namespaces here: the README's paths cannot be made true")
        run("mount", "--make-rprivate", "/")
        with socket.socket() as s:  # lo up
            fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))
        return self

    def bind(self, folder, path):
        if not os.path.exists(path):
            os.makedirs(path)
            self.made.append(path)
        os.makedirs(folder, exist_ok=True)
        run("mount", "--bind", folder, path)

    def __exit__(self, *_):
        for fd, flag in self.before:
            libc.setns(fd, flag)
            os.close(fd)
        os.chdir(self.folder)
        for path in self.made:
            os.rmdir(path)


# ---- The world -------------------------------------------------------------------------------------
def region_of(chapter):
    named = [c for b in README if b.chapter in (chapter, *USERS) for c in re.findall(r"--region ([a-z-]+)", b.text)]
    return named[0]


class World(Deployment):
    """Two brokers, PostgreSQL, the shipped files; the daemons are the README's."""

    def __init__(self, root):
        super().__init__(root, BINARY, regions=[])
        self.home, self.daemons, self.status = self.path("home"), [], {}
        for folder in ("home", "bin"):
            os.makedirs(self.path(folder))
        os.symlink(BINARY, self.path("bin", "tributary"))
        save(self.path("bin", "sudo"), '#!/bin/sh\nexec "$@"\n', 0o755)
        save(self.path("bin", ".curlrc"), "silent\nshow-error\nfail-with-body\n")

    def start_kafka(self):
        cluster = base64.urlsafe_b64encode(b"k" + secrets.token_bytes(15)).decode().rstrip("=")
        script = os.path.join(PROJECT, "docker", "kafka", "kafka")
        run(script, "start", self.path("kafka"), env={**os.environ, "KAFKA_CLUSTER": cluster})
        voter = open(self.path("kafka", "controller-port")).read().strip()
        port = free_port()
        run(script, "start", self.path("kafka-2"), str(port), env={**os.environ, "KAFKA_CLUSTER": cluster,
            "KAFKA_CONFIG": f"process.roles=broker\nnode.id=2\ncontroller.quorum.voters=1@127.0.0.1:{voter}\n"
                            f"listeners=PLAINTEXT://127.0.0.1:{port}\n"})

    def write_files(self):
        for folder in ("regions", "policies"):
            shutil.copytree(os.path.join(PROJECT, folder), os.path.join(self.home, folder))
        hub = os.path.join(self.home, "regions", "hub.cfg")
        shipped = open(hub, encoding="utf-8").read().split(MARKER)[0]
        save(hub, shipped + self.hub_part().replace("replicas = 1;", "replicas = 2;"), 0o644)
        for where, _, files in os.walk(os.path.join(self.home, "regions")):
            for text in (open(os.path.join(where, f), encoding="utf-8").read() for f in files):
                self.make_secrets(text)
        for b in README:
            self.make_secrets(b.text)

    def make_secrets(self, text):
        made_by_add = set(re.findall(r"--secret-file (\S+)", text))
        for path in set(re.findall(r"/run/secrets/[\w.-]+", text)) - made_by_add:
            if not os.path.exists(path):
                save(path, secrets.token_hex(24))

    def put_samples(self):
        """What people name in commands lies in the folder where they work: each region's sheet, tests/data."""
        os.makedirs(os.path.join(self.home, "tests"))
        os.symlink(os.path.join(PROJECT, "tests", "data"), os.path.join(self.home, "tests", "data"))
        shutil.copytree(SAMPLES, os.path.join(self.home, "samples"))
        shutil.copy(os.path.join(SAMPLES, region_of(USERS[0]), "meetup.csv"), os.path.join(self.home, "meetup.csv"))

    # ---- Running what is written ------------------------------------------------------------------
    def environment(self):
        return {**os.environ, "PATH": self.path("bin") + ":" + os.environ["PATH"], "HOME": self.home,
                "CURL_HOME": self.path("bin"), "PGHOST": self.path("pg"), "PGPORT": str(self.ports["postgres"]),
                "PGDATABASE": "community", "PGUSER": "reader_product_de"}

    def shell(self, command):
        """Variables and folder go over to the next command, as in a terminal."""
        state = self.path("shell")
        script = f'[ ! -e {state} ] || . {state}\n{command}\nrc=$?\n{{ export -p; echo "cd \\"$PWD\\""; }} >{state}\nexit $rc'
        return subprocess.run(["bash", "-c", script], cwd=self.home, env=self.environment(), text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)

    def start_daemon(self, command):
        role = command.split()[1]
        p = Process(self, f"{role}-{len(self.daemons)}", ["bash", "-c", f"cd {self.home} && exec {command}"],
                    f" {role}: ready")
        p.start(env=self.environment())
        self.daemons.append(p)

    def start_region(self, code):
        """Somebody else's region, of which the README only asks."""
        if os.path.exists("/var/lib/tributary/" + code):
            return
        done = self.shell(f"tributary keygen --region {code} --recovery-out {self.path(code + '.key')}")
        assert done.returncode == 0, done.stdout
        self.start_daemon(f"tributary agent --region {code}")

    def restart_agents(self, text):
        for p in self.daemons:
            if p.name.startswith("agent-") and text in p.command[-1]:
                assert p.stop() == 0, p.tail_of_log()
                p.start(env=self.environment())

    def stop_daemons(self):
        for p in self.daemons:
            p.stop()

    def drop_kafka(self):
        for name in ("kafka", "kafka-2"):
            try:
                os.kill(int(open(self.path(name, "pid")).read()), signal.SIGKILL)
            except (FileNotFoundError, ProcessLookupError):
                pass


@pytest.fixture(scope="module")
def world(request):
    root = tempfile.mkdtemp(prefix="tributary-readme-")
    os.chmod(root, 0o755)  # PostgreSQL's user must be able to enter
    before = request.session.testsfailed
    with Elsewhere() as there:
        w = World(root)
        try:
            for path in PATHS:
                there.bind(w.path("at", path.strip("/").replace("/", "-")), path)
            w.start_kafka()
            w.start_postgres()
            w.write_files()
            w.put_samples()
            yield w
        finally:
            w.stop_daemons()
            w.stop_postgres()
            w.drop_kafka()
            if request.session.testsfailed == before:
                shutil.rmtree(root, ignore_errors=True)


# ---- One block of each kind ------------------------------------------------------------------------
def run_commands(w, block):
    said = ""
    for command in block.commands():
        place, word = f"README.md:{block.line}: {command}", re.sub(r"^sudo ", "", command)
        if word.split()[0] in NOT_HERE:
            continue
        if re.match(r"tributary (agent|loader)\b", word):
            w.start_daemon(re.sub(r"\s+#.*", "", word).rstrip("& "))
            continue
        for code in re.findall(r"--region ([a-z-]+)", word):
            if "keygen" not in word:
                w.start_region(code)
        done = w.shell(command)
        assert done.returncode in block.status(word), f"{place}\nended with {done.returncode}:\n{done.stdout}"
        assert done.stdout.strip() or not word.startswith(("tributary", "curl", "psql")), place + "\nsaid nothing"
        assert "Usage:" not in done.stdout and "unknown option" not in done.stdout, place + "\n" + done.stdout
        said += done.stdout
    return said


def ask(w, block):
    """Each statement is answered to some reader of the hub, and all of them together see something."""
    hub = open(os.path.join(w.home, "regions", "hub.cfg"), encoding="utf-8").read()
    roles = [block.mark("as")] if block.mark("as") else re.findall(r'role = "(\w+)"', hub) + ["tributary_loader"]
    seen = ""
    for statement in block.statements():
        answers = []
        for role in roles:
            try:
                answers.append(w.rows(statement, user=role))
            except Exception as e:  # psycopg2's; which of them says who may not
                if "permission denied" not in str(e):
                    raise AssertionError(f"README.md:{block.line}: {statement}\n{e}") from e
        assert answers, f"README.md:{block.line}: nobody may ask\n{statement}"
        seen += "".join(str(row) for rows in answers for row in rows)
    assert seen, f"README.md:{block.line}: all of it is empty"
    return seen


def paste(w, block):
    """Into the file that the mark names; else into the region's, or into the region's policy."""
    code = region_of(block.chapter)
    policy = POLICY & {name for name, _, _ in readme.groups(block.text)}
    name = block.mark("file") or (f"policies/{policy_of(w, code)}.cfg" if policy else f"regions/{code}.cfg")
    path = os.path.join(w.home, name)
    if not os.path.exists(path):
        save(path, block.text + "\n", 0o644)
    else:
        save(path, readme.spliced(open(path, encoding="utf-8").read(), block.text), 0o644)
    done = w.shell("tributary policy check" if name.startswith("policies/") else "tributary check")
    assert done.returncode == 0, f"README.md:{block.line} in {name}:\n{done.stdout}"
    w.restart_agents(code)
    return done.stdout


def policy_of(w, code):
    return re.search(r'^policy = "(\w+)"', open(os.path.join(w.home, "regions", code + ".cfg")).read(), re.M).group(1)


def write(w, block):
    save(os.path.join(w.home, block.mark("file")), block.text + "\n", 0o644)
    return ""


def enough_to_read(w):
    """What other people said meanwhile, and the newcomer's own record, are in the warehouse."""
    region = region_of(USERS[0])
    with open(os.path.join(SAMPLES, region, "app.ndjson"), encoding="utf-8") as f:
        save(w.path("sample"), f.read())
    token = re.search(r"\$\(cat (/run/secrets/[\w-]+)\)", "".join(b.text for b in README)).group(1)
    url = re.search(r"http://127\.0\.0\.1:\d+/v1/records", "".join(b.text for b in README)).group()
    done = w.shell(f'curl -H "Authorization: Bearer $(cat {token})" -H "Content-Type: application/x-ndjson" '
                   f'--data-binary @{w.path("sample")} {url}')
    assert done.returncode == 0, done.stdout
    sent = json.loads(done.stdout)
    until(lambda: w.rows("SELECT count(*) FROM community.voice_feedback", user="reader_product_de")[0][0] > 0 and
          w.rows("SELECT count(*) FROM tributary.completeness WHERE captured > 0")[0][0] > 0, 60)
    assert sent


@pytest.mark.parametrize("chapter", USERS)
def test_an_hour(world, chapter):
    ours = [b for b in README if b.chapter == chapter]
    assert ours, f'README.md has no chapter "{chapter}" with commands'
    if chapter == USERS[-1]:
        enough_to_read(world)
    for block in ours:
        kinds = {"sh": run_commands, "sql": ask, "cfg": paste}
        does = kinds.get(block.language, write if block.mark("file") else None)
        if block.mark("skip") or not does:
            continue
        said = does(world, block)
        for words in block.expects():
            assert words in said, f"README.md:{block.line}: \"{words}\" is not in\n{said}"


def test_all_daemons_end_well(world):
    assert world.daemons and [p.stop() for p in world.daemons] == [0] * len(world.daemons)
