"""The transparency log that the settings ask for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from gateway.clock import Clock
from gateway.config import LogSettings
from gateway.errors import ConfigError
from gateway.provenance.keys import signer_from_file
from gateway.provenance.log import Log, open_log
from gateway.provenance.timestamp import Stamper

_logger = logging.getLogger(__name__)


def configured_log(
    settings: LogSettings, issuer: str, clock: Clock, *, beside: Sequence[str | None] = ()
) -> Log | None:
    """The log, or None where no directory is set. `beside` are other folders that are kept, in
    which is noted that it was begun, as in the one of its key.

    Raises:
        ConfigError: a key that is missing or unfit, or an authority that cannot be used.
    """
    if settings.directory is None:
        return None
    if settings.key_file is None:
        raise ConfigError(
            "log.key_file is missing: a log has a key of its own; make one with "
            "`openssl genpkey -algorithm ed25519 -out log.pem && chmod 600 log.pem`"
        )
    if Path(settings.directory).exists() and not Path(settings.directory).is_dir():
        raise ConfigError(f"log.directory: {settings.directory} is a file; name a folder")
    stamper = None
    if settings.tsa_url is not None:
        if settings.tsa_roots is None:
            raise ConfigError("log.tsa_roots is missing: a PEM of the authority's CA certificates")
        try:
            roots = _read(settings.tsa_roots)
            stamper = Stamper(settings.tsa_url, roots, every=settings.tsa_every)
        except ConfigError as error:
            raise ConfigError(f"log.tsa_roots: {error.message}") from None
    try:
        signer = signer_from_file(settings.key_file)
    except ConfigError as error:
        raise ConfigError(f"log.key_file: {error.message}") from None
    return open_log(
        settings.directory,
        settings.origin or f"{urlsplit(issuer).netloc}/log",
        signer,
        clock,
        required=settings.required,
        stamper=stamper,
        beside=[*map(Path, filter(None, beside)), Path(settings.key_file).parent],
        trouble=_logger.error,
    )


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
