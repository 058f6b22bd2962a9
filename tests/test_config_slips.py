"""Whatever is wrong with the configuration ends the program with 78 and one line that says what,
where, and what is right; nothing of it ends in a traceback."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import CONFIG_ERROR, main
from gateway.config import Settings
from gateway.configfile import load
from gateway.configtypes import FromFolder
from gateway.provenance.begun import Begun
from gateway.provenance.keys import throw_away_signer
from gateway.serve import Server
from tests.tools import sweep

KEYS = "[signing]\nkeys_dir = 'keys'\n"
OK = f"[server]\nport = 0\n{KEYS}"
LOG = f"{OK}[log]\ndirectory = 'log'\nkey_file = 'log.pem'\n"
SHARED = f"cursor_secret = '{'s' * 40}'\n{OK}[cache]\nbackend = 'redis'\n"
# What is written in the file, and what the line says.
SLIPS = {
    "no key at all": ("[server]\nport = 0\n", "set signing.keys_dir"),
    "a keys folder that is missing": (
        OK.replace("'keys'", "'kyes'"), "signing.keys_dir: there is no folder {folder}/kyes",
    ),
    "a keys folder that is a file": (OK.replace("'keys'", "'file'"), "signing.keys_dir: there is"),
    "a keys folder without keys": (OK.replace("'keys'", "'empty'"), "signing.keys_dir: "),
    "a key file that is missing": (
        "[server]\nport = 0\n[signing]\nkey_file = 'no.pem'\n", "signing.key_file: ",
    ),
    "a key file that is a folder": (
        "[server]\nport = 0\n[signing]\nkey_file = 'keys'\n", "signing.key_file: ",
    ),
    "a key file for everybody": (
        "[server]\nport = 0\n[signing]\nkey_file = 'file'\n", "run: chmod 600 {folder}/file",
    ),
    "a path with a null byte": (
        '[signing]\nkey_file = "a\\u0000b"\n', "line 2: signing.key_file: must be the path",
    ),
    "a path that is empty": ('[log]\ndirectory = ""\n', "line 2: log.directory: must be the path"),
    "the home of nobody": (
        "[signing]\nkey_file = '~nobody-of-that-name/x'\n", "no home directory",
    ),
    "a PEM that is none": ("[server]\nport = 0\n[signing]\nkey_pem = 'x'\n", "signing.key_pem"),
    "recipes in a file": (f"{OK}recipes_dir = 'file'\n", "signing.recipes_dir: "),
    "recipes below a file": (f"{OK}recipes_dir = 'file/x'\n", "signing.recipes_dir: "),
    "a log in a file": (LOG.replace("'log'", "'file'"), "log.directory: {folder}/file is a file"),
    "a log that was emptied": (f"{LOG}origin = 'emptied/log'\n", "put its directory back"),
    "a log without a key": (f"{OK}[log]\ndirectory = 'log'\n", "log.key_file is missing"),
    "a log key that is missing": (LOG.replace("log.pem", "no.pem"), "log.key_file: "),
    "a log that another one writes": (LOG.replace("'log'", "'taken'"), "another process writes"),
    "stamps without roots": (f"{LOG}tsa_url = 'https://a.example'\n", "log.tsa_roots is missing"),
    "roots that are missing": (
        f"{LOG}tsa_url = 'https://a.example'\ntsa_roots = 'no.pem'\n", "log.tsa_roots: ",
    ),
    "roots that are none": (
        f"{LOG}tsa_url = 'https://a.example'\ntsa_roots = 'file'\n", "log.tsa_roots: ",
    ),
    "manifests nowhere": (f"manifests = 'no'\n{OK}", "manifests: there is no folder {folder}/no"),
    "manifests in a file": (f"manifests = 'file'\n{OK}", "manifests: there is no folder"),
    "a credential that would never be sent": (
        f"{OK}[registries.gold-standard]\ncredential = 'x'\n",
        "registries.gold-standard.credential: this registry is read without one",
    ),
    "an option that nobody reads": (
        f"{OK}[registries.gold-standard]\noptions = {{ issuance_block = '5' }}\n",
        "registries.gold-standard.options.issuance_block: there is no such option.",
    ),
    "an option where there are none": (
        f"{OK}[registries.cdm]\noptions = {{ a = 'b' }}\n", "options.a: there is no such option.",
    ),
    "a credential of two lines": (
        f'{OK}[registries.verra]\ncredential = "a\\nb"\n', "registries.verra.credential: must be",
    ),
    "a header of two lines": (
        f'{OK}[registries.verra]\nheaders = {{ "x-k" = "a\\nb" }}\n', "registries.verra.headers",
    ),
    "a redis port of letters": (f"{SHARED}redis_url = 'redis://h:abc/0'\n", "cache.redis_url"),
    "a redis port beyond ports": (f"{SHARED}redis_url = 'redis://h:99999/0'\n", "cache.redis_url"),
    "half a redis host": (f"{SHARED}redis_url = 'redis://[::1'\n", "cache.redis_url"),
    "a redis database that is none": (f"{SHARED}redis_url = 'redis://h/²'\n", "cache.redis_url"),
    "a redis password with a slash": (
        f"{SHARED}redis_url = 'redis://:p/w@h/0'\n", "%2F for /",
    ),
    "redis nowhere": (SHARED, 'cache.backend = "redis" needs cache.redis_url'),
    "a port of letters in a URL": (
        f"{OK}[registries.verra]\nbase_url = 'https://h:abc'\n", "verra.base_url: must",
    ),
    "a port beyond ports in a URL": (
        f"{OK}[registries.verra]\nbase_url = 'https://h:99999'\n", "verra.base_url: must",
    ),
    "half a host": (f"{OK}[registries.verra]\nbase_url = 'https://[::1'\n", "must be a URL"),
    "a blank in a URL": (f"{OK}[registries.verra]\nbase_url = 'https://a b'\n", "without blanks"),
    "a line break in a URL": (
        f'{OK}[registries.verra]\nbase_url = "https://a\\n"\n', "or line breaks",
    ),
    "a host that no name can be": (
        f"{OK}[registries.verra]\nbase_url = 'https://{'a' * 70}.example'\n", "name of a host",
    ),
    "a folder for a registry of the web": (
        f"{OK}[registries.verra]\nbase_url = 'file:keys'\n", "registries.verra.base_url: this",
    ),
    "a folder of files that is missing": (
        f"{OK}[registries.cats]\nbase_url = 'file:no'\n", "registries.cats.base_url: there is no",
    ),
    "a database that is missing": (
        f"{OK}[registries.example-national-sql]\nbase_url = 'sqlite:no.sqlite'\n",
        "registries.example-national-sql.base_url: there is no file {folder}/no.sqlite",
    ),
    "an issuer that is no origin": (
        "[server]\nissuer = 'gateway.example'\n", "server.issuer: must be an origin such as",
    ),
    "an issuer with half a port": ("[server]\nissuer = 'https://h:x'\n", "server.issuer: must be"),
    "an address with a null byte": ('[server]\nhost = "a\\u0000"\n', "server.host: must be an"),
    "an address that is empty": ("[server]\nhost = ''\n", "server.host: must be an address"),
    "an address in brackets": ("[server]\nhost = '[::1]'\n", "without brackets"),
    "a name that has no code": ("[server]\nhost = 'ü..b'\n", "server.host: must be an address"),
    "an address of another machine": (
        f"[server]\nport = 0\nhost = '203.0.113.9'\n{KEYS}", "choose an address of this machine",
    ),
    "a port that is taken": (f"[server]\nport = {{port}}\n{KEYS}", "Choose another port"),
    "a port of letters": ("[server]\nport = 'http'\n", "line 2: server.port: input should be"),
    "a key that does not exist": (f"{OK}recipe_dir = 'x'\n", "did you mean recipes_dir?"),
    "a section that does not exist": (f"{OK}[loging]\na = 1\n", "did you mean log?"),
    "a number for a section": ("server = 1\n", "line 1: server: "),
    "a word that a choice does not have": ("[server]\nlog_level = 'warn'\n", "mean 'warning'?"),
    "another case of a choice": ("[cache]\nbackend = 'Redis'\n", "Did you mean 'redis'?"),
    "a registry that nobody knows": (f"{OK}[registries.vera]\nrate = 1\n", "mean 'verra'?"),
    "an adapter that nobody knows": (
        f"{OK}[registries.two]\nadapter = 'vera'\n", "registries.two.adapter: there is no adapter",
    ),
    "a registry that is there twice": (
        f"{OK}[registries.verra]\nrate = 1\n[registries.verra]\nrate = 2\n", "is not TOML",
    ),
    "a name that two registries have": (
        f"{OK}[registries.verra]\nknown_as = ['Gold Standard']\n", "both known as 'Gold Standard'",
    ),
    "only what is not there": (f"only = 'vera'\n{OK}", "only: there is no registry vera"),
    "a secret that is not there": (f"cursor_secret = '${{env:NO}}'\n{OK}", "NO is not set"),
    "a file that is not there": (f"cursor_secret = '${{file:no}}'\n{OK}", "the file no cannot be"),
    "no TOML": ("a =\n", "cgw.toml is not TOML"),
    "a timeout of thirty years": (
        "[server]\nheader_timeout = 1e9\n",
        "line 2: server.header_timeout: 1000000000.0 is out of range; it must be 0.01 to 3,600",
    ),
    "a timeout of nothing": (
        "[server]\nwrite_timeout = 0\n", "server.write_timeout: 0 is out of range; it must be 0.01",
    ),
    "a timeout without an end": ("[server]\nidle_timeout = inf\n", "inf is out of range"),
    "a timeout that is no number": ("[server]\nidle_timeout = nan\n", "nan is out of range"),
    "a limit of nothing": ("[limits]\ntokens = 0\n", "limits.tokens: 0 is out of range; it must"),
    "a limit that is true": ("[limits]\nroot_fields = true\n", "root_fields: must be a number"),
    "a limit of very many digits": (f"[limits]\ncost = {'9' * 900}\n", "limits.cost: 999"),
    "a limit of more digits than are read": (f"[limits]\ncost = {'9' * 9000}\n", "too many digits"),
    "a limit of as many digits in base 16": (
        f"[limits]\ncost = 0x{'f' * 9000}\n", "a number of very many digits is out of range",
    ),
    "a rate of nothing": (
        f"{OK}[registries.verra]\nrate = 0\n", "rate: 0 is out of range; it must be 0.000001 to",
    ),
    "everybody trusted": ("[server]\ntrusted_proxies = ['0.0.0.0/0']\n", "is everybody"),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("slips")
    with pytest.raises(SystemExit):
        main(["keys", "new", "--dir", str(made / "keys")])
    (made / "log.pem").write_bytes(throw_away_signer().pem())
    (made / "log.pem").chmod(0o600)
    (made / "file").write_text("text")
    (made / "empty").mkdir()
    Begun("emptied/log", [made]).keep()
    (made / "taken").mkdir()
    lock = os.open(made / "taken" / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    yield made
    os.close(lock)


@pytest.fixture(autouse=True)
def not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    async def serve(self: Any, sockets: Any = None) -> None:
        raise AssertionError("a configuration with a slip was served")

    monkeypatch.setattr(Server, "serve", serve)
    monkeypatch.delenv("CGW_CONFIG", raising=False)


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_ends_with_78_and_one_line(
    folder: Path, slip: str, capfd: pytest.CaptureFixture[str]
) -> None:
    text, told = SLIPS[slip]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = folder / "cgw.toml"
        config.write_text(text.replace("{port}", str(taken.getsockname()[1])), "utf-8")
        with pytest.raises(SystemExit) as ended:
            main(["serve", "--config", str(config)])
    assert ended.value.code == CONFIG_ERROR == 78
    lines = [line for line in capfd.readouterr().err.splitlines() if not line.startswith("{")]
    assert len(lines) == 1, lines
    assert lines[0].startswith("cgw: ")
    assert told.replace("{folder}", str(folder)) in lines[0]


@pytest.mark.parametrize("where", ["", "no.toml", "keys"])
def test_a_file_that_is_none_is_told_by_its_name(
    folder: Path, where: str, capfd: pytest.CaptureFixture[str]
) -> None:
    for command in ("serve", "check"):
        with pytest.raises(SystemExit) as ended:
            main([command, "--config", str(folder / where)])
        assert ended.value.code == CONFIG_ERROR
        (line,) = capfd.readouterr().err.splitlines()
        assert str(folder / where) in line


BLOCK = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == sys.argv[1]:
            raise ModuleNotFoundError(name)

for name in [one for one in sys.modules if one.partition(".")[0] == sys.argv[1]]:
    del sys.modules[name]
sys.meta_path.insert(0, Missing())
from gateway.cli import main
main(["serve", "--config", sys.argv[2]])
"""
EXTRAS = {
    "prometheus_client": ("metrics", f"[server]\nport = 0\nmetrics = true\n{KEYS}"),
    "redis": ("redis", f"{SHARED}redis_url = 'redis://h/0'\n"),
    "rfc3161_client": ("tsa", f"{LOG}tsa_url = 'https://a.example'\ntsa_roots = 'file'\n"),
    "asyncpg": (
        "sql",
        f"{OK}[registries.example-national-sql]\nbase_url = 'postgresql://u@127.0.0.1/d'\n"
        "allow_private = true\n",
    ),
}


@pytest.mark.parametrize("module", sweep(EXTRAS, ["redis"]))
def test_an_extra_that_is_needed_and_not_installed_is_told_at_the_start(
    folder: Path, module: str
) -> None:
    extra, text = EXTRAS[module]
    config = folder / "cgw.toml"
    config.write_text(text, "utf-8")
    run = subprocess.run(
        [sys.executable, "-c", BLOCK, module, str(config)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == CONFIG_ERROR, run.stderr
    (line,) = [one for one in run.stderr.splitlines() if not one.startswith("{")]
    assert f"carbon-gateway[{extra}]" in line


def paths() -> Iterator[tuple[str, str]]:
    """Every setting that is a path, by its section and name."""
    for section, field in Settings.model_fields.items():
        if FromFolder in repr_of(field):
            yield "", section
        inner = getattr(field.annotation, "model_fields", {})
        for name, one in inner.items():
            if FromFolder in repr_of(one):
                yield section, name


def repr_of(field: Any) -> list[Any]:
    found, left = [*field.metadata], [field.annotation]
    while left:
        kind = left.pop()
        found.append(kind)
        left += [*getattr(kind, "__args__", ()), *getattr(kind, "__metadata__", ())]
    return found


def test_every_path_is_relative_to_the_file_that_it_stands_in(tmp_path: Path) -> None:
    found = list(paths())
    assert len(found) >= 7
    for section, name in found:
        head = f"[{section}]\n" if section else ""
        for given, meant in (
            ("sub/x", tmp_path / "etc" / "sub" / "x"),
            ("../x", tmp_path / "etc" / ".." / "x"),
            ("/abs/x", Path("/abs/x")),
        ):
            (tmp_path / "etc").mkdir(exist_ok=True)
            file = tmp_path / "etc" / "cgw.toml"
            file.write_text(f"{head}{name} = '{given}'\n")
            loaded: Any = load(file, {})
            value = getattr(getattr(loaded, section) if section else loaded, name)
            assert value == str(meant), (section, name)


def test_no_setting_that_is_a_path_goes_by_another_type() -> None:
    words = ("_file", "_dir", "directory", "_roots", "manifests")
    known = {name for _, name in paths()}
    for _section, field in Settings.model_fields.items():
        for name in (_section, *getattr(field.annotation, "model_fields", {})):
            assert not name.endswith(words) or name in known, name
