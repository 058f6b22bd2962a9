"""How one CAD Trust field is read from a registry's own row: declared, never executed twice.

A view class is a list of these declarations. One declaration serves four readers: the lazy view
(attribute access), the compiled projection (which inlines it), `notPublished` (what is not
declared is never given) and the mapping recipe that provenance publishes.

    class VerraProject(ProjectRecord[ProjectRow]):
        project_name = wire("projectName")                  # as the registry wrote it
        project_status = mapped("status", VERRA_STATUS)     # and project_status_raw by itself
        program = constant("VCS")
        project_link = computed(link, "vcsProjectId")       # link(row)

A field is in one of three states: said (it has a value), said but not mapped (the registry wrote
a text that no rule knows a value for: `View.unmapped` gives it), and not said.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from gateway.model.odd import texts
from gateway.model.rule import rule_name
from gateway.model.values import raw_text

SUBJECT = "field"
Convert = Callable[[Any], Any]
# What of a row's texts for one field has no value, in the registry's own words.
Unmapped = Callable[[Any], tuple[str, ...]]


class Field:
    """One field of a view: `read(row)` gives its value, `inputs` names the wire fields used."""

    __slots__ = ("inputs", "name", "read")

    def __init__(self, read: Convert, inputs: tuple[str, ...]) -> None:
        self.read = read
        self.inputs = inputs
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        if not self.name:
            self.name = name

    def __get__(self, record: Any, owner: type | None = None) -> Any:
        return self if record is None else self.read(record.row)

    def recipe(self) -> dict[str, Any]:
        """This field's entry in the published mapping recipe."""
        return {"from": list(self.inputs), "rule": self.rule()}

    def rule(self) -> str:
        """The name of the rule that turns the inputs into the value."""
        raise NotImplementedError(type(self).__name__)


class Wire(Field):
    """The wire field as it is; `""` becomes null, since registries write it for "no value"."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path
        get = attrgetter(path)

        def read(row: Any) -> Any:
            value = get(row)
            return None if value == "" else value

        super().__init__(read, (path,))

    def rule(self) -> str:
        return "as-is"


class Constant(Field):
    """The same for every row: what being in this registry says."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value
        super().__init__(lambda row: value, ())

    def rule(self) -> str:
        value = getattr(self.value, "value", self.value)
        return f"constant:{raw_text(value)}"


class Mapped(Field):
    """One wire field through a rule; the raw text is kept beside it as `<name>_raw`."""

    __slots__ = ("convert", "path", "raw_value")

    def __init__(self, path: str, convert: Convert) -> None:
        self.path = path
        self.convert = convert
        self.raw_value = attrgetter(path)
        get = self.raw_value

        def read(row: Any) -> Any:
            raw = get(row)
            return None if raw is None else convert(raw)

        super().__init__(read, (path,))

    def rule(self) -> str:
        return rule_name(self.convert)

    def unmapped(self, row: Any) -> tuple[str, ...]:
        """The raw text where there is one but the rule knows no value for it."""
        raw = self.raw_value(row)
        if raw is None or raw == "" or self.convert(raw) not in (None, ()):
            return ()
        text = raw_text(raw)
        return (text,) if text and text.strip() else ()


class Listed(Mapped):
    """One wire field that may hold several values in one text: `unknown` gives the parts of it that
    have no value, whether or not others have."""

    __slots__ = ("unknown",)

    def __init__(
        self, path: str, convert: Convert, unknown: Callable[[Any], tuple[str, ...]]
    ) -> None:
        self.unknown = unknown
        super().__init__(path, convert)

    def unmapped(self, row: Any) -> tuple[str, ...]:
        """The parts of the text that the rule knows no value for."""
        raw = self.raw_value(row)
        return () if raw is None or raw == "" else self.unknown(raw)


class Computed(Field):
    """A function of the whole row, for what one wire field alone cannot say.

    `unmapped` gives the texts of a row that the function has no value for, where its raw sibling
    cannot tell: a list of which one part is unknown, a text that means "not said".
    """

    __slots__ = ("function", "unmapped")

    def __init__(
        self, function: Convert, inputs: tuple[str, ...], unmapped: Unmapped | None = None
    ) -> None:
        self.function = function
        self.unmapped = unmapped
        super().__init__(function, inputs)

    def rule(self) -> str:
        return rule_name(self.function)


class Raw(Field):
    """The registry's own text for the field that it stands beside."""

    __slots__ = ()

    def __init__(self, *paths: str) -> None:
        gets = tuple((path, attrgetter(path)) for path in paths)

        def told(row: Any, path: str, get: Convert) -> str | None:
            value = raw_text(get(row))
            # What could not be read is not there, and its text is.
            return value if value else next(iter(texts(row, path)), value)

        def one(row: Any) -> str | None:
            return told(row, *gets[0])

        def several(row: Any) -> str | None:
            found = [told(row, path, get) for path, get in gets]
            return "; ".join(t for t in found if t) or None

        super().__init__(one if len(paths) == 1 else several, paths)

    def rule(self) -> str:
        return "raw-text"


def wire(path: str) -> Any:
    """The wire field `path` (dots reach into nested rows) as it is."""
    return Wire(path)


def constant(value: object) -> Any:
    """The same value for every row."""
    return Constant(value)


def mapped(path: str, convert: Convert) -> Any:
    """The wire field through a table or converter that gives None for what it does not know."""
    return Mapped(path, convert)


def listed(path: str, convert: Convert, unknown: Callable[[Any], tuple[str, ...]]) -> Any:
    """The wire field through a converter that reads several values; `unknown` tells the rest."""
    return Listed(path, convert, unknown)


def computed(function: Convert, *inputs: str, unmapped: Unmapped | None = None) -> Any:
    """`function(row)`; `inputs` names the wire fields it reads, for the recipe.

    Where the raw text beside the field is there and the value is not, the text counts as not
    mapped; `unmapped` says it otherwise.
    """
    return Computed(function, inputs, unmapped)


def silent(row: Any) -> tuple[str, ...]:
    """For `unmapped`: what stands beside the field is no text of its own, so a null is not said."""
    return ()


def beside(read: Convert, text: Convert) -> Unmapped:
    """The text that stands beside a field where the field has no value."""

    def unmapped(row: Any) -> tuple[str, ...]:
        if read(row) not in (None, (), ""):
            return ()
        told = text(row)
        return (told,) if told and told.strip() else ()

    return unmapped


def raw(*paths: str) -> Any:
    """Raw text for a computed field (mapped fields have theirs by themselves)."""
    return Raw(*paths)
