"""Debian's PostgreSQL on a free loopback port, for the tests that need a real one."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.upstream.redis_server import free_port

PASSWORD = "no-real-secret"


def binaries() -> Path | None:
    """Where the server's programs are; they may not be on the path."""
    found = shutil.which("initdb")
    if found and shutil.which("postgres"):
        return Path(found).resolve().parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return places[-1].parent if places else None


@contextmanager
def postgres_server() -> Iterator[int]:
    """The port of a running server whose `postgres` role has PASSWORD."""
    where = binaries()
    if where is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    # The server refuses to run as root.
    account = next((a for a in pwd.getpwall() if a.pw_name in ("postgres", "nobody")), None)
    lower: dict[str, Any] = {}
    folder = Path(tempfile.mkdtemp(prefix="cgw-postgres-"))
    try:
        if os.getuid() == 0:
            if account is None:
                pytest.skip("PostgreSQL needs an account other than root")
            lower = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": ()}
            os.chown(folder, account.pw_uid, account.pw_gid)
        (folder / "password").write_text(PASSWORD)
        (folder / "password").chmod(0o644)
        data = str(folder / "data")
        made = [str(where / "initdb"), "-D", data, "-U", "postgres", "-A", "scram-sha-256"]
        made += ["--pwfile", str(folder / "password"), "-N", "-E", "UTF8", "--locale", "C.UTF-8"]
        subprocess.run(made, check=True, capture_output=True, cwd=folder, **lower)
        port = free_port()
        command = [str(where / "postgres"), "-D", data, "-p", str(port), "-h", "127.0.0.1"]
        command += ["-k", str(folder), "-F", "-c", "max_connections=12"]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **lower
        )
        try:
            _wait(where, port)
            yield port
        finally:
            process.send_signal(2)
            process.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(where: Path, port: int) -> None:
    until = time.monotonic() + 20
    ready = [str(where / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-q"]
    while subprocess.run(ready, check=False).returncode != 0:
        if time.monotonic() > until:
            raise TimeoutError("PostgreSQL does not start")
        time.sleep(0.05)
