"""Rows: how the bodies of JSON interfaces become typed rows, so that one odd row costs itself only.

    _page = Rows(Envelope[ProjectRow], ProjectRow)

    def read_page(reply: Reply) -> Envelope[ProjectRow]:
        return _page(reply)

The whole body is decoded at once, as it should be. Only where that fails are its rows read one by
one: a value of another kind than the row declares is then left out of it and kept as text
(`gateway.model.odd`), and a row that is none, or has no key, is left out of its list and noted in
the reply. What stands around the rows has to be right, and so has at least one of them: else the
interface has changed, and the body is no answer.

A row's required fields are what it cannot be told without: its key, as a rule, and nothing else.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from functools import partial, reduce
from operator import or_
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin, overload

import msgspec

from adapters.apart import Apart
from adapters.contract import InvalidPayload, Reply
from adapters.mended import mended
from adapters.odd_row import SomeInside, Unreadable, read_row
from gateway.model.globalid import MAX_KEY

T = TypeVar("T")

# What a record's key is made of: a row where it is empty, or longer than an id can be, has none.
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_KEY)]

# Numbers as they were written.
_encode = msgspec.json.Encoder(decimal_format="number").encode
BROKEN = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Some(list[T]):
    """The rows of a list of which others could not be read: `lost` are their places in it."""

    __slots__ = ("lost",)

    def __init__(self, rows: Sequence[T], lost: tuple[int, ...]) -> None:
        super().__init__(rows)
        self.lost = lost


def lost(rows: Sequence[Any]) -> tuple[int, ...]:
    """The places of the rows that came and could not be read."""
    return rows.lost if isinstance(rows, (Some, SomeInside)) else ()


def received(rows: Sequence[Any]) -> int:
    """How many rows came, also those that could not be read: pages and totals are counted so."""
    return len(rows) + len(lost(rows))


def placed(rows: Sequence[T]) -> Iterator[tuple[int, T]]:
    """The rows with their places in the list that came."""
    gone = frozenset(lost(rows))
    places = (place for place in range(received(rows)) if place not in gone)
    return zip(places, rows, strict=True)


class Rows(Generic[T]):
    """The decoder of one kind of body: `shape` is the whole of it, `row` the class of its rows.

    Long-lived and called with a reply, so that decoded bodies may be shared. The shape names the
    row by itself or as the argument of a generic struct, a list, or either in another. One that is
    given to a source itself, and not called by a function of a module, is known by a name
    (`module:name`), so that another process finds it.
    """

    @overload
    def __init__(self, shape: type[T], row: type[Any], known_as: str = "") -> None: ...

    @overload
    def __init__(self: Rows[Any], shape: Any, row: type[Any], known_as: str = "") -> None: ...

    def __init__(self, shape: Any, row: type[Any], known_as: str = "") -> None:
        self.apart = Apart(known_as, (), shape) if known_as else None
        self._whole: msgspec.json.Decoder[T] = msgspec.json.Decoder(shape)
        self._around: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_without(shape, row))
        self._row: msgspec.json.Decoder[Any] = msgspec.json.Decoder(row)
        self._class = row
        self._shape = shape
        self._optional = type(None) in get_args(shape)

    def __call__(self, reply: Reply) -> T:
        """The body as rows.

        Raises:
            InvalidPayload: it is not JSON of this shape, or none of its rows is one.
        """
        try:
            return self._whole.decode(reply.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            # Also for what is no JSON: a text in another encoding is one in the row that has it.
            try:
                return self._one_by_one(reply, reply.body)
            except InvalidPayload as refused:
                if str(error) in refused.message:
                    raise
                raise InvalidPayload(f"{refused.message} ({error})") from refused
        except RecursionError as error:
            raise InvalidPayload("the JSON nests too deep to be read") from error

    def convert(self, reply: Reply, value: Any) -> T:
        """The same for a body whose JSON stood inside something else, and was read already."""
        try:
            found: T = msgspec.convert(value, self._shape)
        except msgspec.ValidationError:
            return self._one_by_one(reply, _encode(value))
        return found

    def _one_by_one(self, reply: Reply, body: bytes) -> T:
        try:
            found: T = self._read(self._around.decode(body), reply, "")
        except msgspec.ValidationError as error:
            raise InvalidPayload(f"not the promised rows: {error}") from error
        except BROKEN as error:
            again = mended(body)
            if again is None:
                raise InvalidPayload(f"not the promised rows: {error}") from error
            return self._one_by_one(reply, again)
        return found

    def _read(self, value: Any, reply: Reply, pointer: str) -> Any:
        """The value with its rows read, which came as raw JSON."""
        if isinstance(value, msgspec.Raw):
            return self._single(value, reply, pointer)
        if isinstance(value, (list, tuple)):
            if value and isinstance(value[0], msgspec.Raw):
                return self._list(value, reply, pointer)
            return value
        if isinstance(value, dict):
            return {
                name: self._read(one, reply, f"{pointer}/{name}") for name, one in value.items()
            }
        if isinstance(value, msgspec.Struct):
            read = {
                field.name: self._read(
                    getattr(value, field.name), reply, f"{pointer}/{field.encode_name}"
                )
                for field in msgspec.structs.fields(value)
            }
            return msgspec.structs.replace(value, **read)
        return value

    def _single(self, raw: msgspec.Raw, reply: Reply, pointer: str) -> Any:
        if self._optional and bytes(raw).strip() == b"null":
            return None
        try:
            return self._one(raw, reply, pointer)
        except Unreadable as error:
            if self._optional and not error.foreign and bytes(raw).lstrip()[:1] == b"{":
                # It is the registry's record, and the fault is in its key: no answer of its own.
                reply.unread.add(pointer or "the record", str(error))
                return None
            where = f"{pointer}: " if pointer else ""
            raise InvalidPayload(f"not the promised row: {where}{error}") from error

    def _list(self, raws: Sequence[msgspec.Raw], reply: Reply, pointer: str) -> list[Any]:
        rows: list[Any] = []
        gone: list[int] = []
        why, foreign = "", False
        for place, raw in enumerate(raws):
            try:
                rows.append(self._one(raw, reply, f"{pointer}/{place}"))
            except Unreadable as error:
                gone.append(place)
                why, foreign = why or str(error), foreign or error.foreign
                reply.unread.add(f"{pointer}/{place}", str(error))
        if not gone:
            return rows
        if not rows and (foreign or len(gone) > 1):
            raise InvalidPayload(f"not one of {len(gone)} rows could be read: {why}")
        return Some(rows, tuple(gone))

    def _one(self, raw: msgspec.Raw, reply: Reply, pointer: str) -> Any:
        try:
            return self._row.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return read_row(self._class, bytes(raw), reply.unread, pointer)


def _without(shape: Any, row: type[Any]) -> Any:
    """The shape with raw JSON in the place of its rows.

    Raises:
        TypeError: the row is no part of the shape.
    """
    changed = _replaced(shape, row)
    if changed is shape:
        raise TypeError(f"{shape!r} has no {row.__name__} in it")
    return changed


def _replaced(shape: Any, row: type[Any]) -> Any:
    if shape is row:
        return msgspec.Raw
    arguments = get_args(shape)
    changed = tuple(map(partial(_replaced, row=row), arguments))
    if all(new is old for new, old in zip(changed, arguments, strict=True)):
        return shape
    origin = get_origin(shape)
    if origin in (Union, types.UnionType):
        # Raw JSON may be null as well.
        return msgspec.Raw if msgspec.Raw in changed else reduce(or_, changed)
    return origin[changed[0] if len(changed) == 1 else changed]
