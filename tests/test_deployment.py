"""What is said of deployment holds: the files fit the program, and start as they are written."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app import Readiness, create_app
from gateway.assemble import assemble
from gateway.clientaddress import ClientAddress
from gateway.config import LogSettings, ServerSettings, Settings
from gateway.configfile import load
from gateway.frontdoor import REFUSALS, FrontDoor
from gateway.provenance.keys import throw_away_signer
from tests.docs.pages import command_help
from tests.paths import ROOT
from tests.upstream.redis_server import free_port

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "compose.yaml").read_text()
NGINX = (ROOT / "deploy/nginx.conf").read_text()
UNIT = (ROOT / "deploy/carbon-gateway.service").read_text()
RULES = (ROOT / "deploy/prometheus-rules.yaml").read_text()


def service(name: str) -> str:
    """The lines of one service of compose.yaml."""
    found = re.search(rf"^  {name}:\n((?:    .*\n|\n)+)", COMPOSE, re.MULTILINE)
    assert found is not None, name
    return found[1]


def words(instruction: str) -> list[str]:
    """The JSON list of the last such instruction of the Dockerfile."""
    text = DOCKERFILE.replace("\\\n", "")
    found = re.findall(rf"^{instruction} (\[.*\])$", text, re.MULTILINE)
    assert found, instruction
    value: list[str] = json.loads(found[-1])
    return value


def test_what_the_containers_run_are_commands_with_options_that_exist() -> None:
    assert words("ENTRYPOINT") == ["cgw"]
    commands = [words("CMD")]
    for name in ("demo", "keys"):
        found = re.search(r"command: (\[.*\])", service(name))
        assert found is not None
        commands.append(json.loads(found[1]))
    for command in commands:
        name = " ".join(word for word in command[:2] if word in ("serve", "demo", "keys", "new"))
        told = command_help(name)
        for option in [word for word in command if word.startswith("--")]:
            assert re.search(rf"{option}\b", told), (command, option)


def test_ports_and_probes_are_those_of_the_program() -> None:
    port = ServerSettings().port
    assert f"EXPOSE {port}\n" in DOCKERFILE
    assert f"http://127.0.0.1:{port}/healthz" in DOCKERFILE
    assert f"server 127.0.0.1:{port};" in NGINX
    for name in ("demo", "gateway"):
        assert f'ports: ["127.0.0.1:{port}:{port}"]' in service(name)
    assert "ports" not in service("valkey")


def test_the_environment_of_compose_is_settings_that_exist() -> None:
    given = dict(re.findall(r"^      (CGW_\w+): (.*)$", service("gateway"), re.MULTILINE))
    given["CGW_CACHE__REDIS_URL"] = re.sub(r"\$\{[^}]*\}", "s3cret", given["CGW_CACHE__REDIS_URL"])
    given["CGW_CURSOR_SECRET"] = "s" * 40
    assert load(None, given).cache.backend == "redis"
    # Each folder that is written has a volume, and belongs to the container's user from the start.
    made = re.findall(r"/(?:etc|var/lib)/cgw(?:/\w+)*", DOCKERFILE)
    for name in ("gateway", "keys"):
        for _volume, place in re.findall(r"^      - (\w+):(/[\w/]+)", service(name), re.MULTILINE):
            assert place in made, place
    mounted = re.findall(r"^      - \w+:(/[\w/]+)", service("gateway"), re.MULTILINE)
    folders = {
        given["CGW_SIGNING__KEYS_DIR"],
        given["CGW_SIGNING__RECIPES_DIR"],
        "/var/lib/cgw/log",
    }
    assert folders == set(mounted)
    for volume in ("keys", "recipes", "log"):
        assert re.search(rf"^volumes:\n(?:  \w+:\n)*  {volume}:$", COMPOSE, re.MULTILINE)


def test_every_container_has_a_read_only_root_no_rights_and_a_health_check() -> None:
    for name in ("demo", "keys", "gateway", "valkey"):
        text = service(name)
        assert "read_only: true" in text
        assert "cap_drop: [ALL]" in text
        assert "no-new-privileges:true" in text
    for name in ("demo", "gateway"):
        assert 'tmpfs: ["/tmp' in service(name)
    assert "healthcheck:" in service("valkey")
    assert "HEALTHCHECK" in DOCKERFILE
    assert re.search(r"^USER 10001$", DOCKERFILE, re.MULTILINE)
    grace = re.search(r"stop_grace_period: (\d+)s", service("gateway"))
    stop = re.search(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    server = ServerSettings()
    for found in (grace, stop):
        assert found is not None
        assert int(found[1]) > server.drain + server.drain_delay


def test_what_nginx_refuses_the_gateway_would_refuse_too() -> None:
    limits, server = Settings().limits, ServerSettings()

    def value(name: str) -> str:
        found = re.search(rf"^\s*{name}\s+([^;]+);", NGINX, re.MULTILINE)
        assert found is not None, name
        return found[1]

    assert value("client_max_body_size") == f"{limits.body_bytes // 1024}k"
    assert value("client_body_timeout") == f"{limits.body_timeout:g}s"
    assert value("client_header_timeout") == f"{server.header_timeout:g}s"
    count, size = value("large_client_header_buffers").split()
    assert int(count) * int(size.rstrip("k")) * 1024 == server.header_bytes
    assert int(value("proxy_read_timeout").rstrip("s")) > limits.timeout
    kept = re.findall(r"keepalive_timeout\s+(\d+)s", NGINX)
    assert int(kept[0]) < server.idle_timeout


def test_the_example_settings_are_settings(tmp_path: Path) -> None:
    shutil.copy(ROOT / "deploy/cgw.toml", tmp_path)
    found = load(tmp_path / "cgw.toml", {})
    assert found.signing.keys_dir == str(tmp_path / "keys")
    assert found.server.trusted_proxies
    state = re.search(r"^StateDirectory=(\S+)$", UNIT, re.MULTILINE)
    assert state is not None
    for path in (found.signing.recipes_dir, found.log.directory):
        assert str(path).startswith(f"/var/lib/{state[1]}/")


async def test_alerts_are_on_metrics_that_are_exported(tmp_path: Path) -> None:
    key = tmp_path / "log.pem"
    key.write_bytes(throw_away_signer().pem())
    key.chmod(0o600)
    server = ServerSettings(metrics=True)
    log = LogSettings(directory=str(tmp_path / "log"), key_file=str(key))
    gateway = assemble(Settings(server=server, log=log), signer=throw_away_signer())
    front = FrontDoor(server, ClientAddress((), "forwarded"), gateway.clock, 10)
    transport = httpx.ASGITransport(create_app(gateway, readiness=Readiness(front=front)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
        text = (await http.get("/metrics")).text
    await gateway.close()
    kinds = dict(re.findall(r"^# TYPE (\S+) (\w+)$", text, re.MULTILINE))
    exported = {
        f"{name}{end}"
        for name, kind in kinds.items()
        for end in (("_bucket", "_sum", "_count") if kind == "histogram" else ("",))
    }
    # Keys that never end, as the one of this test, have no time left to tell.
    exported |= {"cgw_signing_expiry_seconds", "cgw_signing_key_expiry_seconds"}
    rules = re.findall(r"^        expr: (.*)$", RULES, re.MULTILINE)
    assert len(rules) == RULES.count("- alert:") >= 10
    for rule in rules:
        named = re.findall(r"\bcgw_\w+", rule)
        assert named
        assert set(named) <= exported, rule
    for why in re.findall(r'why="(\w+)"', RULES):
        assert why in REFUSALS
    for code in re.findall(r'code="(\w+)"', RULES):
        assert code in (ROOT / "docs/http.md").read_text()


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("there is no systemd-analyze here")
    unit = tmp_path / "carbon-gateway.service"
    program = Path(sys.executable).with_name("cgw")
    unit.write_text(UNIT.replace("/opt/carbon-gateway/bin/cgw", str(program)))
    done = subprocess.run(
        [analyze, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    told = [line for line in done.stderr.splitlines() if "carbon-gateway" in line]
    assert told == []
    assert "RestartPreventExitStatus=78" in UNIT


# What a container's root looks like: nothing can be written but what is mounted for it. The
# programs of this machine stand in for the image's; a right to read all takes the place of files
# that everybody may read, and no other right is left.
READ_ONLY = r"""
set -e
for place in $WRITABLE; do mount --bind "$place" "$place"; done
mount -t tmpfs -o size=256m,mode=1777 tmpfs /tmp
awk '{print $5}' /proc/self/mountinfo | sort -u | while read -r place; do
  case " /proc /sys /dev /tmp $WRITABLE " in *" $place "*) continue ;; esac
  case "$place" in /proc/*|/sys/*|/dev/*) continue ;; esac
  mount -o remount,bind,ro "$place" 2>/dev/null || true
done
exec setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs \
  --bounding-set=-all,+dac_read_search --inh-caps=-all,+dac_read_search \
  --ambient-caps=-all,+dac_read_search \
  env -i PATH="$PATH" TMPDIR=/tmp PYTHONDONTWRITEBYTECODE=1 $GIVEN "$@"
"""


def in_container(
    *command: str, writable: tuple[Path, ...] = (), **given: str
) -> subprocess.Popen[str]:
    """The command as a container with a read-only root would run it."""
    needed = [shutil.which(name) for name in ("unshare", "setpriv", "mount")]
    allowed = os.geteuid() == 0 and all(needed)
    if allowed:
        probe = ["unshare", "-m", "sh", "-c", "mount -t tmpfs tmpfs /tmp"]
        allowed = subprocess.run(probe, capture_output=True, check=False).returncode == 0
    if not allowed:
        pytest.skip("mounts are not permitted here")
    environ = {
        **os.environ,
        "WRITABLE": " ".join(str(place) for place in writable),
        "GIVEN": " ".join(f"{name}={value}" for name, value in given.items()),
    }
    return subprocess.Popen(
        ["unshare", "-m", "--propagation", "private", "sh", "-c", READ_ONLY, "sh", *command],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
    )


@pytest.fixture
def etc() -> Iterator[Path]:
    """Folders as the Dockerfile makes them, outside of /tmp, which the container has of its own."""
    made = Path("/var/tmp") / f"cgw-deployment-{os.getpid()}"
    for name in ("keys", "recipes", "log"):
        (made / name).mkdir(parents=True, mode=0o750)
    yield made
    shutil.rmtree(made)


def cgw(*arguments: str) -> tuple[str, ...]:
    return (str(Path(sys.executable).with_name("cgw")), *arguments)


def test_the_demo_starts_on_a_read_only_root() -> None:
    running = in_container(*cgw("demo", "--once", "--port", "0"))
    out, err = running.communicate(timeout=110)
    assert running.returncode == 0, err[-2000:]
    assert "THIS IS A SANDBOX" in out


def test_the_gateway_starts_on_a_read_only_root_and_writes_to_its_volumes_only(etc: Path) -> None:
    log_key = etc / "keys" / "log.pem"
    log_key.write_bytes(throw_away_signer().pem())
    log_key.chmod(0o600)
    port = free_port()
    (etc / "cgw.toml").write_text(
        f"[server]\nport = {port}\n[signing]\nkeys_dir = 'keys'\nrecipes_dir = 'recipes'\n"
        "[log]\ndirectory = 'log'\nkey_file = 'keys/log.pem'\n"
    )
    for place in (etc, *etc.rglob("*")):
        os.chown(place, 10001, 10001)
    making = in_container(*cgw("keys", "new", "--dir", str(etc / "keys")), writable=(etc / "keys",))
    _, err = making.communicate(timeout=60)
    assert making.returncode == 0, err
    running = in_container(
        *cgw("serve", "--config", str(etc / "cgw.toml")),
        writable=(etc / "recipes", etc / "log"),
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as http:
            until = time.monotonic() + 60
            while running.poll() is None and time.monotonic() < until:
                try:
                    if http.get("/readyz").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.1)
            answer = http.post("/graphql", json={"query": "{ registries { key } }"})
    finally:
        running.terminate()
        _, err = running.communicate(timeout=60)
    assert running.returncode == 0, err[-2000:]
    assert answer.json()["extensions"]["provenance"]["signatures"]
    assert list((etc / "recipes").iterdir())
    assert (etc / "log" / "checkpoint").exists()
    assert '"exception"' not in err


@contextmanager
def nginx_before(port: int, folder: Path) -> Iterator[tuple[int, ssl.SSLContext]]:
    """nginx with the file of `deploy/`, before this port of loopback."""
    program = shutil.which("nginx")
    if program is None:
        pytest.skip("nginx is not installed (Debian: apt-get install nginx-light)")
    openssl = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    openssl += ["-nodes", "-days", "2", "-subj", "/CN=gateway.example"]
    openssl += ["-addext", "subjectAltName=DNS:gateway.example", "-keyout", "key.pem"]
    subprocess.run([*openssl, "-out", "cert.pem"], cwd=folder, check=True, capture_output=True)
    listening = free_port()
    site = (
        NGINX.replace("/etc/ssl/gateway.example/fullchain.pem", f"{folder}/cert.pem")
        .replace("/etc/ssl/gateway.example/privkey.pem", f"{folder}/key.pem")
        .replace("listen 443 ssl", f"listen 127.0.0.1:{listening} ssl")
        .replace("server 127.0.0.1:8000;", f"server 127.0.0.1:{port};")
    )
    folders = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{name}_temp_path {folder}/{name};\n" for name in folders)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;\n"
        f"events {{}}\nhttp {{ access_log off;\n{paths}{site}}}\n"
    )
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
    command += ["-e", str(folder / "error.log")]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + 20
        while running.poll() is None and time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", listening), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        assert running.poll() is None, running.communicate()[1]
        yield listening, ssl.create_default_context(cafile=str(folder / "cert.pem"))
    finally:
        running.terminate()
        running.communicate(timeout=20)


@pytest.mark.slow
def test_nginx_passes_questions_on_with_the_clients_address(tmp_path: Path) -> None:
    port = free_port()
    key = tmp_path / "key"
    key.write_bytes(throw_away_signer().pem())
    key.chmod(0o600)
    (tmp_path / "cgw.toml").write_text(
        f"[server]\nport = {port}\nissuer = 'https://gateway.example'\nmetrics = true\n"
        "trusted_proxies = ['127.0.0.1']\n[signing]\nkey_file = 'key'\n"
    )
    serving = subprocess.Popen(
        cgw("serve", "--config", str(tmp_path / "cgw.toml")), stderr=subprocess.PIPE, text=True
    )
    try:
        with nginx_before(port, tmp_path) as (listening, trust):
            found: dict[str, Any] = {}
            headers = {"host": "gateway.example", "x-forwarded-for": "6.6.6.6"}
            base = f"https://127.0.0.1:{listening}"
            named = {"sni_hostname": "gateway.example"}
            # Another address than nginx' own, which is trusted.
            way = httpx.HTTPTransport(verify=trust, local_address="127.0.0.9")
            with httpx.Client(base_url=base, transport=way, headers=headers, timeout=30) as http:
                until = time.monotonic() + 60
                while time.monotonic() < until:
                    if http.get("/healthz", extensions=named).status_code == 200:
                        break
                    time.sleep(0.1)
                question = {"query": "{ registries { key } }"}
                answer = http.post("/graphql", json=question, extensions=named)
                found["body"] = http.post(
                    "/graphql", content=b" " * 300_000, extensions=named
                ).status_code
                found["metrics"] = http.get("/metrics", extensions=named).status_code
    finally:
        serving.terminate()
        _, err = serving.communicate(timeout=60)
    assert answer.status_code == 200
    said = answer.json()["extensions"]["provenance"]["statement"]
    assert "https://gateway.example" in json.dumps(said)
    assert found == {"body": 413, "metrics": 404}
    lines = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    (asked,) = [line for line in lines if line.get("path") == "/graphql"]
    # What the client said of itself is not what nginx saw.
    assert asked["client"] == "127.0.0.9"
    assert answer.headers["x-request-id"] == asked["requestId"]
