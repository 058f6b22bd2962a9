"""Logging as JSON lines: one object per event, with the request's id, never what was asked.

Documents, variables, header values and secrets are not logged anywhere; who logs, names things
by code, count, digest or key.
"""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

import msgspec

_encode = msgspec.json.Encoder(enc_hook=str).encode
_encode_ascii = json.JSONEncoder(default=str).encode

request_id: ContextVar[str] = ContextVar("request_id", default="")
# Which list of a registry is being read: projects, issuances or units.
listing: ContextVar[str] = ContextVar("listing", default="")


def event(logger: logging.Logger, level: int, message: str, **fields: Any) -> None:
    """Log a message with named fields."""
    # Not by `logger.log`, which first searches the stack for a place that nobody prints.
    if logger.isEnabledFor(level):
        extra = {"fields": fields}
        logger.handle(logger.makeRecord(logger.name, level, "", 0, message, (), None, extra=extra))


class JsonLines(logging.Formatter):
    """`{"time", "level", "logger", "message", "requestId", ...}`, one line each."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of ASCII JSON, so that no control character gets through."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if current := request_id.get():
            line["requestId"] = current
        if reading := listing.get():
            line["list"] = reading
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        text = _encode(line)
        return text.decode() if text.isascii() else _encode_ascii(line)


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every log record of the process to one stream (standard error)."""
    # None of these is printed, and each would be found out for every record.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
