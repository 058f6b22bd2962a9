"""A manifest written out again: what it says, without comments and what is not for everybody."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml(tree: Mapping[str, Any]) -> str:
    """The tree as TOML, one key of its root on a line; reading it gives the tree again."""
    return "".join(f"{_key(name)} = {_value(value)}\n" for name, value in tree.items())


def shown(tree: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The tree without headers and without addresses that are not public, and what was left out."""
    client, hidden = dict(tree["client"]), []
    if not str(client.get("base_url", "https:")).startswith("https:"):
        hidden.append("client.base_url")
        del client["base_url"]
    if client.pop("headers", None):
        hidden.append("client.headers")
    if "access_token_url" in (auth := client.get("auth") or {}):
        hidden.append("client.auth.access_token_url")
        client["auth"] = {**auth, "access_token_url": "https://hidden.invalid/"}
    return {**tree, "client": client}, hidden


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    # JSON's escapes are among TOML's, which also wants DEL escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
