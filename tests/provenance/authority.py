"""A local time-stamping authority, made with openssl, behind a real loopback port."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tests.tools import needed

CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = Test authority
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[tsa]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa_main]
serial = {home}/serial
signer_cert = {home}/tsa.pem
signer_key = {home}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
ess_cert_id_alg = sha256
"""


def openssl(home: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=home, check=True, capture_output=True, timeout=60)


def make_authority(home: Path) -> None:
    """A CA and a TSA certificate under it, in the directory."""
    needed("openssl")
    (home / "tsa.cnf").write_text(CONFIG.format(home=home))
    (home / "serial").write_text("01\n")
    new = ("req", "-new", "-newkey", "rsa:2048", "-nodes", "-config", "tsa.cnf")
    ca = ("-x509", "-days", "3650", "-extensions", "ca", "-subj", "/CN=Test CA")
    openssl(home, *new, *ca, "-keyout", "ca.key", "-out", "ca.pem")
    openssl(home, *new, "-subj", "/CN=Test TSA", "-keyout", "tsa.key", "-out", "tsa.csr")
    sign = ("x509", "-req", "-days", "3650", "-CA", "ca.pem", "-CAkey", "ca.key")
    extra = ("-CAcreateserial", "-extfile", "tsa.cnf", "-extensions", "tsa")
    openssl(home, *sign, *extra, "-in", "tsa.csr", "-out", "tsa.pem")


def stamp(home: Path, request: bytes) -> bytes:
    """The authority's response to a TimeStampReq."""
    (home / "request.tsq").write_bytes(request)
    reply = ("ts", "-reply", "-config", "tsa.cnf", "-section", "tsa_main")
    openssl(home, *reply, "-queryfile", "request.tsq", "-out", "response.tsr")
    return (home / "response.tsr").read_bytes()


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The address of the authority."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            found = stamp(home, self.rfile.read(size))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(found)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
