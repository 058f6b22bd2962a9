"""Selection: JMESPath expressions, compiled when a manifest is loaded, over exact numbers.

JSON numbers with a fraction are Decimals here, which JMESPath's own functions do not know; and
its `to_number` and `avg` would make binary fractions of them. So the functions are taught.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Annotated, Any

import jmespath
import msgspec
from jmespath import exceptions, functions
from pydantic import AfterValidator

from adapters.mended import ODD_TEXT, mended
from adapters.odd_cell import OddCell
from gateway.errors import InvalidPayload
from gateway.model.values import raw_text

Select = Callable[[Any], Any]

# Stands for a letter that cannot be read.
_LOST = "\ufffd"
_json = msgspec.json.Decoder(float_hook=Decimal)


def read_json(body: bytes) -> Any:
    """The JSON document, its numbers as int and Decimal; what no JSON has (`NaN`, halves of
    letters, letters of another encoding) as `OddCell`, since it costs one value.

    Raises:
        InvalidPayload: it is none.
    """
    try:
        return _json.decode(body)
    except (msgspec.MsgspecError, InvalidOperation, UnicodeDecodeError) as error:
        again = _nearly(body)
        if again is None:
            raise _no_json(error) from error
        return again
    except RecursionError as error:
        raise _no_json(error) from error


def _no_json(error: Exception) -> InvalidPayload:
    return InvalidPayload(f"the body is not JSON ({type(error).__name__})")


def _nearly(body: bytes) -> Any:
    """The document of a body that is JSON but for single values; None where it is not."""
    lost = False
    try:
        body.decode()
    except UnicodeDecodeError:
        body, lost = body.decode("utf-8", "replace").encode(), _LOST.encode() not in body
    again = mended(body)
    try:
        return _marked(_json.decode(body if again is None else again), lost=lost)
    except (msgspec.MsgspecError, InvalidOperation, UnicodeDecodeError, RecursionError):
        return None


def _marked(value: Any, *, lost: bool) -> Any:
    """The value with an `OddCell` for each value that was mended, and for each text of which
    letters were lost."""
    if isinstance(value, dict):
        if len(value) == 1 and isinstance(text := value.get(ODD_TEXT), str):
            return OddCell(text)
        return {name: _marked(one, lost=lost) for name, one in value.items()}
    if isinstance(value, list):
        return [_marked(one, lost=lost) for one in value]
    return OddCell(value) if lost and isinstance(value, str) and _LOST in value else value


def has_odd(value: Any) -> bool:
    """Whether anything in the document is what no JSON has."""
    if isinstance(value, dict):
        return any(map(has_odd, value.values()))
    return any(map(has_odd, value)) if isinstance(value, list) else isinstance(value, OddCell)


class ExactFunctions(functions.Functions):  # type: ignore[misc]
    """JMESPath's functions, with Decimals among the numbers and no float among the results."""

    def _get_allowed_pytypes(self, types: Any) -> tuple[list[str], list[tuple[str, ...]]]:
        allowed, inner = super()._get_allowed_pytypes(types)
        if "int" in allowed:
            allowed.append("Decimal")
        return allowed, [(*one, "Decimal") if "int" in one else one for one in inner]

    def _convert_to_jmespath_type(self, pyobject: str) -> str:
        return "number" if pyobject == "Decimal" else super()._convert_to_jmespath_type(pyobject)

    @functions.signature({"types": []})  # type: ignore[untyped-decorator]
    def _func_to_number(self, value: Any) -> int | Decimal | None:
        if isinstance(value, bool):
            return None
        if isinstance(value, (int, Decimal)):
            return value
        try:
            found = Decimal(value) if isinstance(value, str) else None
        except InvalidOperation:
            return None
        return found if found is not None and found.is_finite() else None

    @functions.signature({"types": []})  # type: ignore[untyped-decorator]
    def _func_to_string(self, value: Any) -> str:
        if isinstance(value, (list, dict)):
            return msgspec.json.encode(value).decode()
        return raw_text(value) or ("null" if value is None else "")

    @functions.signature({"types": ["array-number"]})  # type: ignore[untyped-decorator]
    def _func_avg(self, values: list[Any]) -> Decimal | None:
        return Decimal(sum(values)) / len(values) if values else None

    @functions.signature({"types": []})  # type: ignore[untyped-decorator]
    def _func_type(self, value: Any) -> Any:
        return "number" if isinstance(value, Decimal) else super()._func_type(value)


_OPTIONS = jmespath.Options(custom_functions=ExactFunctions())


@cache
def selector(expression: str) -> Select:
    """What the expression selects from a value; null where it selects nothing.

    Raises:
        ValueError: it is no JMESPath, or names a number that has no exact form.
    """
    try:
        compiled = jmespath.compile(expression)
    except exceptions.JMESPathError as error:
        first, *_ = str(error).splitlines()
        raise ValueError(f"{expression!r} is not JMESPath: {first}") from None
    _check(compiled.parsed, expression)
    parsed = compiled.parsed
    if parsed["type"] == "field":
        name = parsed["value"]
        return lambda value: value.get(name) if isinstance(value, dict) else None

    def select(value: Any) -> Any:
        try:
            return compiled.search(value, _OPTIONS)
        except (exceptions.JMESPathError, ArithmeticError, TypeError) as error:
            raise InvalidPayload(f"`{expression}` cannot be read from this answer") from error

    return select


def names(expression: str) -> frozenset[str]:
    """Every field name that stands in the expression."""
    found: set[str] = set()

    def look(node: Mapping[str, Any]) -> None:
        if node["type"] == "field":
            found.add(str(node["value"]))
        for child in node.get("children", ()):
            look(child)

    look(jmespath.compile(expression).parsed)
    return frozenset(found)


def _check(node: Mapping[str, Any], expression: str) -> None:
    if node["type"] == "literal" and _inexact(node["value"]):
        raise ValueError(
            f"{expression!r} holds a number with a fraction, which would not be exact; "
            "write it as a text and compare with to_number()"
        )
    if node["type"] == "function_expression":
        name = node["value"]
        if name not in ExactFunctions.FUNCTION_TABLE:
            raise ValueError(f"{expression!r}: JMESPath has no function {name}()")
    for child in node.get("children", ()):
        if isinstance(child, Mapping):
            _check(child, expression)


def _inexact(value: Any) -> bool:
    if isinstance(value, (list, dict)):
        return any(map(_inexact, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float)


def _checked(expression: str) -> str:
    selector(expression)
    return expression


Expression = Annotated[str, AfterValidator(_checked)]
