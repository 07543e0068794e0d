"""A whole Tributary on one machine: Kafka, PostgreSQL, agents of several regions, loaders.

The quick start and the flow tests both stand on this. Everything lives under one folder, on loopback, with
free ports that are remembered, so that a second start finds what the first one made. Nothing outside the
folder is touched; each process is ended by its own pid.
"""
import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REGIONS = ["cn-beijing", "us-virginia", "de-frankfurt", "jp-tokyo", "id-jakarta", "in-mumbai"]
MARKER = "# ---- This deployment"

# How the sheets of the sample user groups name their columns and dates.
SHEETS = {
    "cn-beijing": dict(columns=["编号", "日期", "产品", "意见", "评分", "邮箱", "同意"], time="%Y/%m/%d %H:%M",
                       yes="是", lang="zh"),
    "us-virginia": dict(columns=["id", "date", "product", "comment", "score", "email", "ok"],
                        time="%Y-%m-%d %H:%M", yes="yes", lang="en"),
    "de-frankfurt": dict(columns=["Nr", "Datum", "Produkt", "Meinung", "Note", "E-Mail", "Einverstanden"],
                         time="%d.%m.%Y %H:%M", yes="ja", lang="de", delimiter=";"),
    "jp-tokyo": dict(columns=["番号", "日時", "製品", "意見", "点数", "メール", "同意"], time="%Y/%m/%d %H:%M",
                     yes="はい", lang="ja"),
    "id-jakarta": dict(columns=["no", "tanggal", "produk", "pendapat", "nilai", "surel", "setuju"],
                       time="%d/%m/%Y %H:%M", yes="ya", lang="id"),
    "in-mumbai": dict(columns=["id", "date", "product", "comment", "score", "email", "ok"],
                      time="%d-%m-%Y %H:%M", yes="yes", lang="en"),
}


class StackError(Exception):
    pass


def free_port():
    """Below those that the kernel gives to clients: one of theirs may sit there when a daemon comes back."""
    while True:
        port = random.randrange(10000, 20000)
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) != 0:
                return port


def run(*command, env=None, check=True, **more):
    done = subprocess.run(command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    if check and done.returncode != 0:
        raise StackError(f"{' '.join(command[:4])} ... ended with {done.returncode}:\n{done.stderr[-2000:]}{done.stdout[-500:]}")
    return done


def save(path, text, mode=0o600):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as f:
        f.write(text)


class Process:
    """A daemon with a log and a pid file; it outlives us unless stopped."""

    def __init__(self, stack, name, command, ready):
        self.stack, self.name, self.command, self.ready = stack, name, command, ready
        self.log = os.path.join(stack.root, "log", name + ".log")
        self.pid_file = os.path.join(stack.root, "run", name + ".pid")

    def pid(self):
        try:
            pid = int(open(self.pid_file).read())
            os.kill(pid, 0)
            with open(f"/proc/{pid}/stat") as f:
                return None if f.read().rsplit(") ", 1)[1][0] == "Z" else pid
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return None

    def start(self, wait=True, env=None):
        if self.pid():
            return self
        os.makedirs(os.path.dirname(self.log), exist_ok=True)
        os.makedirs(os.path.dirname(self.pid_file), exist_ok=True)
        self.from_byte = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                          start_new_session=True, env={**os.environ, **(env or {})})
        save(self.pid_file, str(self.child.pid))
        if wait:
            self.await_ready()
        return self

    def await_ready(self, timeout=60):
        """Returns at the log line that says ready, or raises with the log's end when the process is gone."""
        tail = subprocess.Popen(["tail", "-c", f"+{self.from_byte + 1}", f"--pid={self.child.pid}", "-F", self.log],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        timer = threading.Timer(timeout, tail.kill)
        timer.start()
        threading.Thread(target=lambda: (self.child.wait(), tail.kill()), daemon=True).start()
        try:
            for line in tail.stdout:
                if self.ready in line:
                    return
        finally:
            timer.cancel()
            tail.kill()
            tail.wait()
        raise StackError(f"{self.name} did not become ready:\n{self.tail_of_log()}")

    def tail_of_log(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return "".join(f.readlines()[-15:])

    def kill(self, number=signal.SIGKILL):
        pid = self.pid()
        if pid:
            os.kill(pid, number)
            self.wait(pid)

    def wait(self, pid):
        if getattr(self, "child", None) and self.child.pid == pid:
            return self.child.wait()
        subprocess.run(["tail", f"--pid={pid}", "-s", "0.1", "-f", "/dev/null"])
        return None

    def stop(self):
        self.kill(signal.SIGTERM)
        if os.path.exists(self.pid_file):
            os.remove(self.pid_file)
        return getattr(getattr(self, "child", None), "returncode", None)


class Stack:
    def __init__(self, root, binary, regions=None, loaders=2, partitions=4, policies=None, say=lambda text: None,
                 kafka_config=""):
        self.root, self.binary, self.say = os.path.abspath(root), binary, say
        self.regions = regions or REGIONS
        self.policies = policies or os.path.join(PROJECT, "policies")
        self.partitions = partitions
        self.kafka_config = kafka_config
        os.makedirs(self.root, mode=0o755, exist_ok=True)
        self.ports = self.remembered_ports()
        self.agents = {code: self.agent_process(code) for code in self.regions}
        self.loaders = [Process(self, f"loader-{i + 1}", [binary, "loader", "--regions", self.path("regions")],
                                " loader: ready") for i in range(loaders)]

    def path(self, *parts):
        return os.path.join(self.root, *parts)

    def agent_process(self, code):
        return Process(self, "agent-" + code,
                       [self.binary, "agent", "--region", code, "--regions", self.path("regions"),
                        "--policies", self.policies, "--state", self.path("state", code)], " agent: ready")

    def remembered_ports(self):
        file = self.path("ports.json")
        ports = json.load(open(file)) if os.path.exists(file) else {}
        for name in ["postgres"] + [kind + code for code in self.regions for kind in ("public-", "internal-")]:
            ports.setdefault(name, free_port())
        save(file, json.dumps(ports))
        return ports

    # ---- Kafka and PostgreSQL ------------------------------------------------------------------
    @property
    def bootstrap(self):
        if os.environ.get("KAFKA_BOOTSTRAP"):
            return os.environ["KAFKA_BOOTSTRAP"]
        return run(os.path.join(PROJECT, "docker", "kafka", "kafka"), "address", self.path("kafka")).stdout.strip()

    def start_kafka(self):
        if not os.environ.get("KAFKA_BOOTSTRAP"):
            run(os.path.join(PROJECT, "docker", "kafka", "kafka"), "start", self.path("kafka"),
                env={**os.environ, "KAFKA_CONFIG": self.kafka_config})

    def stop_kafka(self):
        run(os.path.join(PROJECT, "docker", "kafka", "kafka"), "stop", self.path("kafka"))

    def start_postgres(self, *settings):
        script = os.path.join(PROJECT, "docker", "postgres", "postgres")
        if not self.postgres_runs():
            run(script, "start", self.path("pg"), str(self.ports["postgres"]), *settings)
        self.make_roles()

    def postgres_runs(self):
        return run("pg_isready", "-q", "-h", self.path("pg"), "-p", str(self.ports["postgres"]), check=False).returncode == 0

    def stop_postgres(self):
        if self.postgres_runs():
            run(os.path.join(PROJECT, "docker", "postgres", "postgres"), "stop", self.path("pg"))

    def superuser(self, database="community"):
        return f"host={self.path('pg')} port={self.ports['postgres']} user=postgres dbname={database}"

    def warehouse(self, role="tributary_loader"):
        return f"host=127.0.0.1 port={self.ports['postgres']} user={role} dbname=community"

    def password(self, role):
        return self.secret("pg-" + role)

    def sql(self, statement, database="community"):
        """Rows of text, as the superuser over the cluster's own socket."""
        done = run("psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-F", "\t", "-d",
                   self.superuser(database), "-c", statement)
        return [line.split("\t") for line in done.stdout.splitlines() if line]

    def make_roles(self):
        for role, more in (("tributary_owner", "CREATEROLE"), ("tributary_loader", "")):
            if not self.sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'", "postgres"):
                self.sql(f"CREATE ROLE {role} LOGIN {more} PASSWORD '{self.password(role)}'", "postgres")
        if not self.sql("SELECT 1 FROM pg_database WHERE datname = 'community'", "postgres"):
            self.sql("CREATE DATABASE community OWNER tributary_owner", "postgres")

    # ---- Files of the deployment ---------------------------------------------------------------
    def secret(self, name):
        file = self.path("secrets", name)
        if not os.path.exists(file):
            save(file, secrets.token_hex(24))
        return open(file).read()

    def write_files(self):
        for code in self.regions:
            shipped = open(os.path.join(PROJECT, "regions", code + ".cfg"), encoding="utf-8").read()
            save(self.path("regions", code + ".cfg"), shipped.split(MARKER)[0] + self.region_part(code), 0o644)
        shipped = open(os.path.join(PROJECT, "regions", "hub.cfg"), encoding="utf-8").read()
        save(self.path("regions", "hub.cfg"), shipped.split(MARKER)[0] + self.hub_part(), 0o644)

    def region_part(self, code):
        sheet = SHEETS[code]
        names = sheet["columns"]
        fields = ["", "occurred_at", "product", "body", "rating", "author.email"]
        columns = ",\n                    ".join(
            f'{{ column = "{c}"; field = "{f}"; }}' for c, f in zip(names, fields) if f)
        for name in ("app", "github"):
            self.secret(f"{code}-{name}")
        return f"""# ---- Written by the quick start ----
listen = {{ port = {self.ports['public-' + code]}; }};
internal = {{ port = {self.ports['internal-' + code]}; }};
pump = {{ account_every = "1 s"; }};
vault = {{ max_bytes = "2 GiB"; min_free = "64 MiB"; }};
sources = (
        {{ name = "app";  type = "api";  secret_file = "{self.path('secrets', code + '-app')}"; }},
        {{ name = "github";  type = "github";  secret_file = "{self.path('secrets', code + '-github')}"; }},
        {{ name = "meetup";  type = "folder";  kind = "feedback";  lang = "{sheet['lang']}";
          inbox = "{self.path('inbox', code)}";
          delimiter = "{sheet.get('delimiter', ',')}";
          columns = ( {columns} );
          id_from = ["{names[0]}"];
          time_format = "{sheet['time']}";
          timezone = "{self.timezone(code)}";
          consent = {{ column = "{names[6]}";  yes = ["{sheet['yes']}"];  purpose = "research"; }}; }}
);
"""

    def timezone(self, code):
        shipped = open(os.path.join(PROJECT, "regions", code + ".cfg"), encoding="utf-8").read()
        return shipped.split('timezone = "')[1].split('"')[0]

    def hub_part(self):
        for role in ("tributary_owner", "tributary_loader"):
            self.password(role)
        return f"""# ---- Written by the quick start ----
partitions = {self.partitions};
replicas = 1;
kafka = ( {{ set = "bootstrap.servers"; to = "{self.bootstrap}"; }} );
warehouse = "{self.warehouse()}";
warehouse_password_file = "{self.path('secrets', 'pg-tributary_loader')}";
migrate = "{self.warehouse('tributary_owner')}";
migrate_password_file = "{self.path('secrets', 'pg-tributary_owner')}";
loader = {{ batch_wait = "200 ms"; }};
"""

    # ---- Tributary -----------------------------------------------------------------------------
    def tributary(self, *words, check=True):
        return run(self.binary, *words, "--regions", self.path("regions"), "--policies", self.policies, check=check)

    def make_keys(self):
        for code in self.regions:
            if not os.path.exists(self.path("state", code, "keys")):
                os.makedirs(self.path("recovery"), mode=0o700, exist_ok=True)
                self.tributary("keygen", "--region", code, "--state", self.path("state", code),
                               "--recovery-out", self.path("recovery", code + ".key"))

    def prepare(self):
        """Everything but the daemons."""
        self.say("starting Kafka and PostgreSQL")
        kafka = threading.Thread(target=self.catching, args=(self.start_kafka,))
        self.failed = None
        kafka.start()
        self.start_postgres()
        kafka.join()
        if self.failed:
            raise self.failed
        self.say("writing regions, making keys, topics and the warehouse's schema")
        self.write_files()
        self.make_keys()
        self.tributary("topics", "apply", "--allow-single")
        self.tributary("warehouse", "migrate", "--loader-role", "tributary_loader")

    def catching(self, call):
        try:
            call()
        except Exception as e:  # told by the thread that waits
            self.failed = e

    def start(self):
        self.prepare()
        self.say(f"starting {len(self.agents)} agents and {len(self.loaders)} loaders")
        all_processes = self.loaders + list(self.agents.values())
        fresh = [p for p in all_processes if not p.pid()]
        for p in fresh:
            p.start(wait=False)
        for p in fresh:
            p.await_ready()
        return self

    def stop_daemons(self):
        running = [(p, p.pid()) for p in [*self.agents.values(), *self.loaders] if p.pid()]
        for _, pid in running:
            os.kill(pid, signal.SIGTERM)  # all at once, then one after the other is waited for
        for p, pid in running:
            p.wait(pid)
            p.stop()

    def stop(self):
        self.stop_daemons()
        self.stop_postgres()
        if not os.environ.get("KAFKA_BOOTSTRAP"):
            self.stop_kafka()

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)

    # ---- Talking to agents ---------------------------------------------------------------------
    def url(self, code, path=""):
        return f"http://127.0.0.1:{self.ports['public-' + code]}{path}"

    def status(self, code):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['internal-' + code]}/v1/status", timeout=10) as r:
            return json.load(r)

    def exact(self, code):
        """The same from the control socket, where small counts are as they are."""
        done = self.tributary("status", "--region", code, "--state", self.path("state", code), "--json", check=False)
        return json.loads(done.stdout)["agents"][0]

    def post(self, code, path, body, headers):
        request = urllib.request.Request(self.url(code, path), data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as r:
                return r.status, json.loads(r.read() or b"{}")
        except urllib.error.HTTPError as e:
            text = e.read()
            try:
                return e.code, json.loads(text or b"{}")
            except ValueError:
                return e.code, {"text": text.decode(errors="replace")}

    def inbox(self, code):
        return self.path("inbox", code)

    def endpoints(self):
        return {
            "version": 1,
            "kafka": {"bootstrap": self.bootstrap},
            "postgres": {"conninfo": self.warehouse("tributary_owner"),
                         "password_file": self.path("secrets", "pg-tributary_owner"),
                         "superuser": self.superuser()},
            "regions": self.path("regions"),
            "policies": self.policies,
            "agents": {code: {
                "url": self.url(code), "internal": f"http://127.0.0.1:{self.ports['internal-' + code]}",
                "token_file": self.path("secrets", code + "-app"),
                "github_secret_file": self.path("secrets", code + "-github"),
                "inbox": self.inbox(code), "state": self.path("state", code),
                "log": self.agents[code].log, "pid": self.agents[code].pid()} for code in self.regions},
            "loaders": [{"pid": p.pid(), "log": p.log} for p in self.loaders],
        }


if __name__ == "__main__":
    print(__doc__, file=sys.stderr)
    sys.exit(2)
