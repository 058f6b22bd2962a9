"""One row of which something is odd, read field by field.

A value that means the same in the kind that was declared is taken: the text `2016` where a number
should be, a number where a text should be. Any other is left out and kept as text. What decides
how much of other fields can be believed, such as a unit of weight, says so where it is declared:

    is_kg: Annotated[int | None, odd(spoils=("quantity",))] = 0
    is_public: Annotated[bool | None, odd(instead=False)] = None
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from adapters.contract import Unread
from adapters.mended import ODD_TEXT
from gateway.model.odd import ODD, told

_INSTEAD, _SPOILS, _PRIVATE = "instead", "spoils", "private"
_NOT_SHOWN = "(not shown)"
_MOST_TEXT = 1_000
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,39})(?:\.[0-9]{1,40})?")
_NO_FRACTION = re.compile(r"(-?(?:0|[1-9][0-9]{0,17}))\.0{1,20}")
# A value that was no JSON, as it was made into some.
_MENDED = re.compile(rf'\{{"{ODD_TEXT}":("(?:[^"\\]|\\.)*+")\}}')
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_items = msgspec.json.Decoder(list[msgspec.Raw])
_text = msgspec.json.Decoder(str)


class Unreadable(Exception):
    """The row is none: it is no object, or it lacks what it cannot be told without.

    `foreign` is an object of which no other field can be read either: it is of something else.
    """

    def __init__(self, why: str, *, foreign: bool = False) -> None:
        super().__init__(why)
        self.foreign = foreign


class SomeInside(tuple[Any, ...]):
    """What of a list inside a row could be read: `lost` are the places of the rest."""

    lost: tuple[int, ...]

    def __new__(cls, items: Iterable[Any], lost: tuple[int, ...]) -> SomeInside:
        made = super().__new__(cls, items)
        made.lost = lost
        return made


def odd(
    *, instead: Any = None, spoils: tuple[str, ...] = (), private: bool = False
) -> msgspec.Meta:
    """What an odd value of the field means: the value taken `instead` of none, and the fields of
    the same row that cannot be believed without it. Of a `private` field the text is not kept,
    since the row says by another one whether it may be shown."""
    return msgspec.Meta(extra={_INSTEAD: instead, _SPOILS: spoils, _PRIVATE: private})


@dataclass(frozen=True, slots=True)
class _Member:
    """A field of a row, and how it is read."""

    name: str
    key: str
    kinds: tuple[Any, ...]
    required: bool
    empty: Callable[[], Any]
    decode: Callable[[bytes], Any]
    instead: Any
    spoils: tuple[str, ...]
    private: bool


def read_row(row: Any, raw: bytes, unread: Unread, pointer: str) -> Any:
    """The row with its odd values left out; of a subclass of `row` that has their texts.

    A row inside it that has a key of its own, and cannot be read, is noted in `unread`.

    Raises:
        Unreadable: it is no object, or a required field of it cannot be read.
    """
    try:
        found = _members.decode(raw)
    except _BROKEN as error:
        raise Unreadable(f"it is no object but {_shown(text_of(raw))}") from error
    values: dict[str, Any] = {}
    texts: dict[str, str] = {}
    inner = False
    members, odd_class = _plan(row)
    for member in members:
        one = found.get(member.key)
        if one is None:
            if member.required:
                raise Unreadable(f"it has no {member.key}", foreign=_foreign(found, members))
            continue
        value, text = _read(member, bytes(one), unread, f"{pointer}/{member.key}")
        if text is not None and member.required:
            why = f"its {member.key} is {_shown(text)}"
            raise Unreadable(why, foreign=_foreign(found, members))
        values[member.name] = value
        if text is not None:
            texts[member.name] = _NOT_SHOWN if member.private else text
        inner = inner or _is_inner(value)
    for member in members:
        if member.name in texts:
            _spoil(member, values, texts, members)
    if not texts and not inner:
        return row(**values)
    return odd_class(**values, **{ODD: texts})


def _foreign(found: Mapping[str, msgspec.Raw], members: tuple[_Member, ...]) -> bool:
    """Whether nothing that such a row has can be read of an object."""
    for member in members:
        raw = found.get(member.key)
        if raw is None or member.required:
            continue
        value, text = _read(member, bytes(raw), Unread(), "")
        if text is None and value not in (None, (), []):
            return False
    return True


def text_of(raw: bytes) -> str:
    """A value of JSON as text: of a text its letters, of anything else what was written."""
    plain = raw.strip()
    if plain[:1] == b'"':
        try:
            text = _text.decode(plain)
        except _BROKEN:
            text = plain[1:-1].decode("utf-8", "replace")
    else:
        text = plain[: 4 * _MOST_TEXT].decode("utf-8", "replace")
        text = _MENDED.sub(lambda found: str(_text.decode(found[1].encode())), text)
    return text if len(text) <= _MOST_TEXT else f"{text[: _MOST_TEXT - 1]}…"


def _read(member: _Member, raw: bytes, unread: Unread, pointer: str) -> tuple[Any, str | None]:
    """The field's value, and the text of what could not be read of it."""
    try:
        value = member.decode(raw)
    except _BROKEN:
        pass
    else:
        # Texts such as `NaN` pass for numbers.
        if not isinstance(value, Decimal) or value.is_finite():
            return value, None
    if raw.strip() == b"null":
        return member.empty(), "null" if member.required else None
    for kind in member.kinds:
        if get_origin(kind) in (tuple, list):
            found = _list(kind, raw, unread, pointer)
        elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            found = _inner(kind, raw, unread, pointer)
        else:
            found = _as(kind, raw, member)
        if found is not None:
            return found
    return member.instead if member.instead is not None else member.empty(), text_of(raw)


def _as(kind: Any, raw: bytes, member: _Member) -> tuple[Any, str | None] | None:
    """The value in one of the plain kinds that the field may have; None where it is none."""
    text = text_of(raw)
    if raw.lstrip()[:1] == b'"':
        if not text.strip() and (kind is int or kind is Decimal):
            # What registries write for "no value".
            return member.empty(), "" if member.required else None
        if kind is int and _WHOLE.fullmatch(text):
            return int(text), None
    elif kind is str and not member.required and _NUMBER.fullmatch(text):
        return text, None
    elif kind is int and (whole := _NO_FRACTION.fullmatch(text)):
        return int(whole[1]), None
    return None


def _inner(
    kind: type[msgspec.Struct], raw: bytes, unread: Unread, pointer: str
) -> tuple[Any, str | None] | None:
    """A row inside the row; None where it is none."""
    plain = raw.strip()
    keyed = any(member.required for member in _plan(kind)[0])
    try:
        if plain[:1] != b"{" or _MENDED.match(plain[:40].decode("utf-8", "replace")):
            raise Unreadable(f"it is no object but {_shown(text_of(raw))}")
        return read_row(kind, raw, unread, pointer), None
    except Unreadable as error:
        if keyed:
            unread.add(pointer, str(error))
        return None


def _list(kind: Any, raw: bytes, unread: Unread, pointer: str) -> tuple[Any, str | None] | None:
    """A list without what cannot be read of it; None where it is none."""
    try:
        raws = _items.decode(raw)
    except _BROKEN:
        return None
    item = _item(get_args(kind)[0])
    found: list[Any] = []
    lost: str | None = None
    gone: list[int] = []
    for place, one in enumerate(raws):
        value, text = _read(item, bytes(one), unread, f"{pointer}/{place}")
        if text is None:
            found.append(value)
        else:
            gone.append(place)
            lost = lost if lost is not None else text
    made = get_origin(kind)(found)
    return (SomeInside(made, tuple(gone)) if gone and isinstance(made, tuple) else made), lost


def _spoil(
    member: _Member,
    values: dict[str, Any],
    texts: dict[str, str],
    members: tuple[_Member, ...],
) -> None:
    for other in members:
        if other.name in member.spoils and values.get(other.name) is not None:
            value = values.pop(other.name)
            texts.setdefault(other.name, str(value))


def _is_inner(value: Any) -> bool:
    """Whether the value is a row, or a list of rows, of which one has odd values."""
    if isinstance(value, (list, tuple)):
        return any(told(one) is not None for one in value)
    return told(value) is not None


def odd_class(row: Any) -> type[Any]:
    """The class of such rows with odd values."""
    return _plan(row)[1]


@cache
def _plan(row: Any) -> tuple[tuple[_Member, ...], type[Any]]:
    """How the row's fields are read, and the class of such rows with odd values."""
    made = msgspec.defstruct(
        f"Odd{row.__name__}",
        [(ODD, Mapping[str, str])],
        bases=(row,),
        module=row.__module__,
        frozen=row.__struct_config__.frozen,
        kw_only=True,
        gc=row.__struct_config__.gc,
    )
    return tuple(map(_member, msgspec.structs.fields(row))), made


def _member(field: msgspec.structs.FieldInfo) -> _Member:
    extra: Mapping[str, Any] = {}
    kind = field.type
    if get_origin(kind) is Annotated:
        for meta in get_args(kind)[1:]:
            extra = {**extra, **(getattr(meta, "extra", None) or {})}
    empty: Callable[[], Any] = _nothing
    if field.default_factory is not msgspec.NODEFAULT:
        empty = field.default_factory
    elif field.default is not msgspec.NODEFAULT:
        default = field.default
        empty = lambda: default  # noqa: E731
    return _Member(
        name=field.name,
        key=field.encode_name,
        kinds=_kinds(kind),
        required=field.required,
        empty=empty,
        decode=msgspec.json.Decoder(kind).decode,
        instead=extra.get(_INSTEAD),
        spoils=extra.get(_SPOILS, ()),
        private=extra.get(_PRIVATE, False),
    )


@cache
def _item(kind: Any) -> _Member:
    """An item of a list, which has to be of its kind."""
    decode = msgspec.json.Decoder(kind).decode
    return _Member("", "", _kinds(kind), True, _nothing, decode, None, (), private=False)


def _nothing() -> None:
    return None


def _kinds(kind: Any) -> tuple[Any, ...]:
    if get_origin(kind) is Annotated:
        return _kinds(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return tuple(one for inner in get_args(kind) for one in _kinds(inner))
    return (kind,)


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:59]}…")
