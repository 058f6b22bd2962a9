"""The registries of the benchmark: nginx on the other core, with the bodies made beforehand.

One port for each way in which bodies behave: changed at every request (nginx writes a new text
and new digits into every row), unchanged (asked each time, 304 to who sends the entity tag), and
fresh (may be kept). POSTs get the same static bodies as GETs.
"""

from __future__ import annotations

import os
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from benchmarks import tools
from benchmarks.bodies import PROJECTS, TEXT_MARK, TIME_MARK, Bodies
from benchmarks.place import BenchError, free_port


class Mode(StrEnum):
    """How the bodies behave; the value is what the report calls it."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FRESH = "fresh"


_CONF = """
worker_processes 1;
worker_rlimit_nofile 4096;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  types {{ application/json json; }}
  default_type application/json;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 100000000;
  keepalive_timeout 600s;
  open_file_cache max=100;
  map $msec $ms {{ ~\\.(?<found>\\d\\d\\d)$ $found; default 000; }}
{servers}
}}
"""
_SERVER = """
  server {{
    listen 127.0.0.1:{port} backlog=1024;
    root {root};
    {how}
    location ~ ^/verra/.*/project/ {{ error_page 405 =200 /verra-projects.json; return 405; }}
    location ~ ^/verra/.*/retirements/ {{
      error_page 405 =200 /verra-retirements.json; return 405;
    }}
    location = /cad-trust/v1/projects {{
      if ($arg_warehouseProjectId) {{ rewrite ^ /cad-trust-project.json last; }}
      rewrite ^ /cad-trust-projects.json last;
    }}
    location = /gold-standard/projects {{ rewrite ^ /gold-standard-projects.json last; }}
    location = /gold-standard-projects.json {{
      {how}
      add_header X-Total-Count {projects};
    }}
    location ~ \\.json$ {{ }}
    location = /requests {{ stub_status; }}
  }}
"""
_HOW = {
    Mode.CHANGED: (
        f"add_header Cache-Control no-cache; etag off; if_modified_since off; "
        f"sub_filter_types application/json; output_buffers 1 2m; sendfile off; "
        f"sub_filter_once off; "
        f"sub_filter '{TEXT_MARK}' '$request_id'; sub_filter '{TIME_MARK}' '$ms';"
    ),
    Mode.UNCHANGED: "add_header Cache-Control no-cache; etag on;",
    Mode.FRESH: "add_header Cache-Control max-age=86400; etag on;",
}


@dataclass(slots=True)
class Nginx:
    """A running nginx; `url` gives the origin for a mode."""

    process: subprocess.Popen[bytes]
    ports: dict[Mode, int]
    questions: int = 0

    def url(self, mode: Mode) -> str:
        """Where the registries are, each under a path of its own."""
        return f"http://127.0.0.1:{self.ports[mode]}"

    def requests(self) -> int:
        """How many requests it has had so far, those of this question left out."""
        with urllib.request.urlopen(f"{self.url(Mode.FRESH)}/requests", timeout=10) as response:
            counted = int(response.read().split(b"requests")[1].split()[2])
        self.questions += 1
        return counted - self.questions

    def stop(self) -> None:
        """Ends it."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


def start(bodies: Bodies, folder: Path, core: int) -> Nginx:
    """Starts nginx and waits until it answers.

    Raises:
        BenchError: it does not, with its own words.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ports = {mode: free_port() for mode in Mode}
    servers = "".join(
        _SERVER.format(
            port=ports[mode],
            root=bodies.changing if mode is Mode.CHANGED else bodies.same,
            how=_HOW[mode],
            projects=PROJECTS,
        )
        for mode in Mode
    )
    conf = folder / "nginx.conf"
    conf.write_text(_CONF.format(folder=folder, servers=servers))
    if os.geteuid() == 0:
        conf.write_text("user root;\n" + conf.read_text())
    command = ["taskset", "-c", str(core), tools.program("nginx"), "-c", str(conf)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    nginx = Nginx(process, ports)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if process.poll() is not None:
            told = process.stderr.read().decode() if process.stderr else ""
            raise BenchError(f"nginx ended: {told}")
        try:
            with urllib.request.urlopen(
                f"{nginx.url(Mode.FRESH)}/cad-trust/v1/projects", timeout=2
            ):
                return nginx
        except OSError:
            time.sleep(0.05)
    nginx.stop()
    raise BenchError("nginx did not answer within ten seconds")
