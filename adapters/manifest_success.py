"""Success: whether a body with a success status says that it failed all the same.

A status is the transport's word. What marks success or an error can be declared; where it is not,
the usual marks count, and only those that no list of rows has.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from adapters.contract import InvalidPayload
from adapters.manifest_select import Select, selector
from gateway.model.values import sentence

_FAILED = frozenset({"error", "err", "fail", "failed", "failure", "nok"})
_NO = frozenset({"false", "no", "0", "error", "fail", "failed"})
_MARKS = ("success", "ok", "succeeded", "isSuccess", "is_success")
_ERRORS = ("error", "errors", "Error", "errorMessage", "error_message", "fault")
_STATES = ("status", "state", "result")
_NUMBERS = ("status", "statusCode", "status_code", "code", "errorCode")


class Success:
    """What marks success at one endpoint; `success` and `error` are JMESPath expressions."""

    def __init__(self, success: str | None = None, error: str | None = None) -> None:
        self._success: Select | None = None if success is None else selector(success)
        self._error: Select | None = None if error is None else selector(error)

    def check(self, body: Any, *, row: bool = False) -> None:
        """Look for an error in a body with a success status. A `row` may have a status and an
        error of its own.

        Raises:
            InvalidPayload: the body says that the request failed, or not that it succeeded.
        """
        if self._success is None and self._error is None:
            found = _usual(body, row) if isinstance(body, dict) else None
        else:
            found = None
            if self._error is not None and (told := self._error(body)):
                found = Mark("error_selector selects something", sentence(told))
            if found is None and self._success is not None and not self._success(body):
                found = Mark("success_selector selects nothing that means yes")
        if found is not None:
            message = f"a success status with an error inside: {found.mark}"
            raise InvalidPayload(message, told=found.told)


class Mark(NamedTuple):
    """By what a body is known to have failed, and what it says about it, for the operator."""

    mark: str
    told: str = ""


def _usual(body: dict[str, Any], row: bool) -> Mark | None:
    """Whether the body failed, by the marks that many interfaces use."""
    for name in _MARKS:
        value = body.get(name)
        if value is False or (isinstance(value, str) and value.strip().lower() in _NO):
            return Mark(f"{name} is set to no", _why(body))
    if row:
        return None
    for name in _ERRORS:
        if body.get(name):
            return Mark(f"{name} is set", _why(body))
    for name in _STATES:
        value = body.get(name)
        if isinstance(value, str) and value.strip().lower() in _FAILED:
            return Mark(f"{name} tells of a failure", _why(body) or sentence(value))
    for name in _NUMBERS:
        value = body.get(name)
        if isinstance(value, int) and 400 <= value <= 599:
            return Mark(f"{name} is {value}", _why(body))
    return None


def _why(body: dict[str, Any]) -> str:
    """What the body says about it."""
    for name in (*_ERRORS, "message", "detail", "reason"):
        value = body.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict):
            value = value.get("message")
        if told := sentence(value):
            return told
    return ""
