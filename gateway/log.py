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

_encode = json.JSONEncoder(default=str).encode

request_id: ContextVar[str] = ContextVar("request_id", default="")


def event(logger: logging.Logger, level: int, message: str, **fields: Any) -> None:
    """Log a message with named fields."""
    logger.log(level, message, extra={"fields": fields})


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
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _encode(line)


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every log record of the process to one stream (standard error)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"
