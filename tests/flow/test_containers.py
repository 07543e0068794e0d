"""The shipped Dockerfiles and docker/compose.yaml, built and run without a Docker engine: podman as root, with
storage, networks and settings of its own under build/containers. The base image is made from Debian's packages.

`tests/run containers` runs it (and installs podman first); images stay in build/containers for the next time."""
import json
import os
import shutil
import subprocess
import threading
import time

import pytest

from conftest import BUILD, PROJECT, until
from stack import free_port

HOME = os.path.join(BUILD, "containers")
COMPOSE = os.path.join(PROJECT, "docker", "compose.yaml")
BASE = "debian:bookworm-slim"
IMAGES = [("tributary", "docker/Dockerfile", "tributary"), ("tributary-setup", "docker/Dockerfile", "setup"),
          ("tributary-kafka", "docker/kafka/Dockerfile", None), ("tributary-postgres", "docker/postgres/Dockerfile", None)]
AGENTS = {"de-frankfurt": "DE_PORT", "jp-tokyo": "JP_PORT"}
DAEMONS = ["de-frankfurt", "jp-tokyo", "loader", "kafka", "postgres"]
NEEDED = ["podman", "podman-compose", "runc", "buildah", "mmdebstrap", "iptables", "curl"]

CONTAINERS_CONF = """[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
network_config_dir = "{home}/networks"
"""
STORAGE_CONF = """[storage]
driver = "overlay"
graphroot = "{home}/storage"
runroot = "{home}/run"
"""


def run(*words, timeout=300, check=True, **more):
    env = {**os.environ, "CONTAINERS_CONF": os.path.join(HOME, "containers.conf"),
           "CONTAINERS_STORAGE_CONF": os.path.join(HOME, "storage.conf"), **more}
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=timeout)
    assert not check or done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-2000:]}{done.stderr[-3000:]}"
    return done


def podman(*words, **more):
    return run("podman", *words, **more)


def cannot():
    """Why containers cannot be run here, or None."""
    if os.geteuid() != 0:
        return "podman needs root here"
    missing = [tool for tool in NEEDED if not shutil.which(tool)]
    if missing:
        return f"{', '.join(missing)} not installed; `tests/run containers` installs them"
    return None


def sources():
    """Where this machine's apt finds Debian."""
    found = [os.path.join(folder, name) for folder in ("/etc/apt/sources.list.d", "/etc/apt")
             if os.path.isdir(folder) for name in sorted(os.listdir(folder))
             if name.endswith((".sources", ".list"))]
    return [file for file in found if os.path.getsize(file)]


def make_base():
    if podman("image", "exists", BASE, check=False).returncode == 0:
        return
    tar, options = os.path.join(HOME, "base.tar"), os.path.join(HOME, "apt.conf")
    with open(options, "w", encoding="utf-8") as f:
        f.write(run("apt-config", "dump", "Acquire").stdout)
    made = run("mmdebstrap", "--variant=minbase", "--include=ca-certificates", "--aptopt=" + options, "bookworm", tar,
               *sources(), check=False)
    if made.returncode != 0:
        pytest.skip("containers cannot be built here: no base image: " + made.stderr.strip()[-300:])
    podman("import", "--change", "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
           "--change", 'CMD ["bash"]', tar, BASE)
    os.remove(tar)


def build(name, file, target):
    # What this machine's apt and Maven know of their mirrors is lent to the build; the files name no host.
    lent = ["/etc/apt:/etc/apt:O"]
    maven = os.path.expanduser("~/.m2")
    if os.path.isdir(maven):
        lent.append(maven + ":/root/.m2:O")
    podman("build", "--pull-never", "--format", "docker", "--network", "host", *[w for v in lent for w in ("-v", v)],
           *(["--target", target] if target else []), "-f", os.path.join(PROJECT, file), "-t", name, PROJECT, timeout=900)


def build_all():
    """The program's two images after each other (they share stages), the others beside them."""
    failed = []

    def several(images):
        try:
            for image in images:
                build(*image)
        except Exception as e:  # told by the thread that waits
            failed.append(e)

    threads = [threading.Thread(target=several, args=(images,)) for images in (IMAGES[:2], IMAGES[2:])]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if failed:
        raise failed[0]


def sweep():
    """Only what lies in our own storage, which podman leaves mounted on itself."""
    podman("rm", "-a", "-f", "-t", "0", check=False)
    run("buildah", "rm", "--all", check=False)
    podman("volume", "prune", "-f", check=False)
    podman("network", "prune", "-f", check=False)
    run("umount", os.path.join(HOME, "storage", "overlay"), check=False)


class Site:
    project = "tributarytest"

    def __init__(self):
        self.ports = {code: free_port() for code in AGENTS}
        self.env = {variable: str(self.ports[code]) for code, variable in AGENTS.items()}

    def compose(self, *words, **more):
        return run("podman-compose", "-f", COMPOSE, "-p", self.project, *words, **self.env, **more)

    def name(self, service):
        return f"{self.project}_{service}_1"

    def inside(self, service, *words, check=True):
        return podman("exec", self.name(service), *words, check=check)

    def inspect(self, service):
        return json.loads(podman("inspect", self.name(service)).stdout)[0]

    def exit_of(self, service):
        state = self.inspect(service)["State"]
        return None if state["Running"] else state["ExitCode"]

    def healthy(self, service):
        return podman("healthcheck", "run", self.name(service), check=False).returncode == 0

    def post(self, code, *records):
        """As the page for operators says: the token and the authority from the container, curl over TLS."""
        authority = os.path.join(HOME, "ca.crt")
        with open(authority, "w", encoding="ascii") as f:
            f.write(self.inside(code, "cat", "/run/secrets/ca.crt").stdout)
        token = self.inside(code, "cat", "/run/secrets/app").stdout.strip()
        body = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)
        return run("curl", "-s", "-w", "%{http_code}", "-o", os.devnull, "--cacert", authority,
                   "-H", "Authorization: Bearer " + token, "-H", "Content-Type: application/x-ndjson", "--data-binary", body,
                   f"https://localhost:{self.ports[code]}/v1/records").stdout

    def sql(self, statement):
        done = self.inside("postgres", "psql", "-X", "-A", "-t", "-F", "|", "-d", "community", "-c", statement, check=False)
        return [line.split("|") for line in done.stdout.splitlines()]

    def logs(self):
        return "\n".join(f"== {s}\n" + podman("logs", "--tail", "20", self.name(s), check=False).stderr
                         for s in DAEMONS + ["secrets", "prepare-hub"])


def words(i, **more):
    return {"id": str(i), "kind": "feedback", "occurred_at": "2026-11-20T10:00:00Z", "lang": "en", "product": "db",
            "title": "about import", "body": f"the import is slow ({i}), write to anna@firma.example", **more}


@pytest.fixture(scope="module")
def site(request):
    why = cannot()
    if why:
        pytest.skip("containers cannot be built here: " + why)
    os.makedirs(os.path.join(HOME, "networks"), exist_ok=True)
    for name, text in (("containers.conf", CONTAINERS_CONF), ("storage.conf", STORAGE_CONF)):
        with open(os.path.join(HOME, name), "w", encoding="utf-8") as f:
            f.write(text.format(home=HOME))
    sweep()
    make_base()
    probe = podman("run", "--rm", "--network", "none", BASE, "true", check=False)
    if probe.returncode != 0:
        pytest.skip("containers cannot be run here: " + probe.stderr.strip()[-300:])
    build_all()
    s = Site()
    before = request.session.testsfailed
    try:
        s.compose("up", "-d", "--no-build")
        for service in ("secrets", "prepare-hub"):
            until(lambda: s.exit_of(service) is not None, 120)
            assert s.exit_of(service) == 0, podman("logs", s.name(service)).stdout
        for service in DAEMONS:
            until(lambda: s.healthy(service), 90, every=0.5)
        yield s
    finally:
        if request.session.testsfailed > before:
            print(s.logs())
        sweep()


def test_the_compose_file_builds_what_was_built_here(site):
    text = open(COMPOSE, encoding="utf-8").read()
    for name, file, target in IMAGES:
        stage = f", target: {target}" if target else ""
        assert f"image: {name}\n" in text and f"dockerfile: {file}{stage} }}" in text


def test_one_small_image_without_root_for_agent_and_loader(site):
    image = json.loads(podman("image", "inspect", "tributary").stdout)[0]
    assert image["User"] == "10001:10001" and image["Config"]["StopSignal"] == "SIGTERM"
    assert image["Config"]["Entrypoint"] == ["tributary"] and "health" in str(image["Healthcheck"]["Test"])
    assert site.inspect("loader")["Image"] == site.inspect("jp-tokyo")["Image"]
    for tool in ("gcc", "cmake", "python3", "curl"):
        assert podman("run", "--rm", "--network", "none", "--entrypoint", "sh", "tributary", "-c", f"command -v {tool}",
                      check=False).returncode != 0, tool
    assert "usage: tributary" in podman("run", "--rm", "--network", "none", "--read-only", "tributary").stdout


@pytest.mark.parametrize("service", DAEMONS)
def test_a_daemon_has_no_root_no_capability_and_a_read_only_system(site, service):
    pid1 = dict(line.split(":\t", 1) for line in site.inside(service, "cat", "/proc/1/status").stdout.splitlines())
    assert pid1["Uid"].split()[0] in ("10001", "10002", "10003") and pid1["NoNewPrivs"] == "1"
    assert {int(pid1[kind], 16) for kind in ("CapEff", "CapPrm", "CapBnd", "CapInh")} == {0}
    assert site.inside(service, "touch", "/usr/local/bin/x", check=False).returncode != 0
    assert site.inside(service, "sh", "-c", "echo x >/run/secrets/x", check=False).returncode != 0
    facts = site.inspect(service)
    assert facts["HostConfig"]["ReadonlyRootfs"] and facts["HostConfig"]["Memory"] > 0 < facts["HostConfig"]["PidsLimit"]
    published = [p for ports in facts["NetworkSettings"]["Ports"].values() for p in ports or []]
    assert {p["HostIp"] for p in published} <= {"127.0.0.1"} and bool(published) == (service in AGENTS)


def test_each_party_has_its_own_secrets_only(site):
    def listed(service):
        return set(site.inside(service, "ls", "/run/secrets").stdout.split())
    assert "app" in listed("de-frankfurt") and not listed("de-frankfurt") & {"owner", "loader", "warehouse-owner", "ca.key"}
    assert "warehouse-loader" in listed("loader") and not listed("loader") & {"app", "warehouse-owner", "ca.key"}
    tokens = {site.inside(code, "cat", "/run/secrets/app").stdout for code in AGENTS}
    assert len(tokens) == 2


def test_what_both_regions_say_is_in_the_warehouse_masked(site):
    for code in AGENTS:
        assert site.post(code, *(words(i) for i in range(20))) == "202"
    for code in AGENTS:
        until(lambda: site.sql(f"SELECT count(*) FROM community.record WHERE region = '{code}'") == [["20"]], 60)
    bodies = site.sql("SELECT DISTINCT region, body FROM community.record WHERE body LIKE '%(7)%' ORDER BY region")
    assert bodies == [[code, "the import is slow (7), write to [email 1]"] for code in AGENTS]
    assert "is well" in site.inside("jp-tokyo", "tributary", "status", "--region", "jp-tokyo").stdout
    done = site.inside("jp-tokyo", "tributary", "doctor", "--region", "jp-tokyo", check=False)
    assert done.returncode == 0 and "ends in 824 days" in done.stdout and "Kafka's clock is not ahead" in done.stdout, done.stdout


def test_the_page_of_commands_holds(site):
    """docker/README.md's block word for word, but for the port and the engine's name."""
    page = open(os.path.join(PROJECT, "docker", "README.md"), encoding="utf-8").read()
    block = page.split("## Containers")[1].split("```")[1]
    commands = block.replace("\\\n", "").strip().splitlines()
    asked = [c for c in commands if " exec " in c or c.startswith("curl") or c.endswith(" ps")]
    assert len(asked) == 5 and all(" -T " in c for c in asked if " exec " in c), commands
    # podman-compose's own words on stdout would be in what `exec` prints: podman itself is asked there.
    engine = ("docker() { shift 3; [ \"$1\" = exec ] || { podman-compose -f " + COMPOSE + " -p " + site.project +
              " \"$@\"; return; }; shift 2; local to=" + site.project + "_$1_1; shift; podman exec $to \"$@\"; }\n")
    text = "\n".join(asked[:-1]).replace("localhost:8443", f"localhost:{site.ports['de-frankfurt']}")
    done = run("bash", "-ec", f"cd {HOME}\n{engine}{text}", **site.env)
    assert '"accepted":1' in done.stdout and "de-frankfurt is well" in done.stdout, done.stdout + done.stderr
    until(lambda: "the import is slow\n" in run("bash", "-ec", engine + asked[-1], **site.env).stdout, 30, every=0.5)


def test_kafka_lets_no_stranger_in(site):
    """Whoever is inside the network, but without a certificate of the authority, is refused in the handshake."""
    done = podman("run", "--rm", "--network", site.project + "_inside", "-v", f"{site.project}_secrets-jp:/run/secrets:ro",
                  "tributary-setup", "sh", "-c", "echo | openssl s_client -tls1_2 -connect kafka:9093 -CAfile "
                  "/run/secrets/ca.crt -verify_return_error 2>&1; for c in '' '-cert /run/secrets/server.crt -key "
                  "/run/secrets/server.key'; do sleep 1 | openssl s_client -tls1_2 -connect kafka:9093 $c >/dev/null 2>&1; "
                  "echo status=$?; done", check=False)
    assert "Verification: OK" in done.stdout, "the broker's own certificate is of the authority"
    assert done.stdout.split("status=")[1:] == ["1\n", "0\n"], done.stdout[-1500:]


def test_a_loader_that_cannot_commit_is_not_healthy_and_nothing_is_lost(site):
    podman("kill", "--signal", "KILL", site.name("loader"))
    podman("stop", "-t", "20", site.name("postgres"))
    assert site.post("de-frankfurt", *(words(f"away-{i}", tags=["away"]) for i in range(20))) == "202"
    assert site.healthy("de-frankfurt"), "an agent accepts durably without a hub"
    until(lambda: site.exit_of("loader") is not None or site.inspect("loader")["State"]["Running"], 20)
    podman("start", site.name("loader"))
    until(lambda: not site.healthy("loader"), 30, every=0.5)
    said = site.inside("loader", "tributary", "health", check=False)
    assert said.returncode == 1 and "PostgreSQL cannot be reached" in said.stdout
    podman("start", site.name("postgres"))
    until(lambda: site.healthy("loader"), 60, every=0.5)
    until(lambda: site.sql("SELECT count(*) FROM community.record WHERE tags @> '{away}'") == [["20"]], 60)


def test_sigterm_drains_an_agent_which_goes_on_where_it_was(site):
    assert site.post("jp-tokyo", *(words(f"last-{i}", tags=["last"]) for i in range(50))) == "202"
    began = time.monotonic()
    podman("stop", "-t", "30", site.name("jp-tokyo"))
    assert time.monotonic() - began < 25 and site.exit_of("jp-tokyo") == 0
    podman("start", site.name("jp-tokyo"))
    until(lambda: site.healthy("jp-tokyo"), 30, every=0.5)
    assert site.post("jp-tokyo", words("last-0", tags=["last"]), words("after", tags=["last"])) == "202"
    until(lambda: site.sql("SELECT count(*) FROM community.record WHERE tags @> '{last}'") == [["51"]], 60)
