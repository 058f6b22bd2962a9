"""Methodologies as registries write them, to one key per protocol, with its version apart.

A code in the text decides; a text without one goes by its title, in a table of the known ones
(from OffsetsDB and CDOP, see NOTICE). What neither tells keeps its text and has no code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import msgspec

from gateway.harmonise.load import load
from gateway.harmonise.methodology_codes import Code, find_codes
from gateway.harmonise.table import words
from gateway.harmonise.text import text_of, too_long
from gateway.harmonise.wordlist import read_words
from gateway.model.rule import numbered

SUBJECT = "methodologies"


@dataclass(frozen=True, slots=True)
class Methodology:
    """One methodology of a list.

    `code` is the key that equals for every spelling (`ACM0002`, `AMS-I.D`, `GS-TPDDTEC`), None
    where the text names none that we know. `program` is the programme that wrote it, in the
    prefixes of CAD Trust's picklist (`CDM`, `VCS`, `GS`, ...). `version` is `21.0` for "v21",
    "Version 21.0" and "ver: 21". `canonical` says that the code is in the published lists.
    """

    code: str | None
    name: str | None
    program: str | None
    version: str | None
    raw: str
    canonical: bool

    @property
    def picklist_value(self) -> str | None:
        """CAD Trust's own spelling of it (`CDM - AMS-I.D.`), where its list has it."""
        known = _protocols().get(self.code or "")
        return known.picklist if known else None


class _Protocol(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    program: str
    title: str | None = None
    titles: tuple[str, ...] = ()
    picklist: str | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    note: str
    none: tuple[str, ...]
    protocols: tuple[_Protocol, ...]


_VERSION = re.compile(
    r"(?<![A-Za-z])(?:version|ver|v)[\s.:,&\u2010-\u2015-]*(\d{1,3}(?:\.\d{1,3})?|NA\b)",
    re.IGNORECASE,
)
# CDM's bulk file: "AM0001 2.0"; and one registrant's "ACM0002&20.0".
_BARE_VERSION = re.compile(r"[.\s]*+(?:&\s*+|(?<=\s))(\d{1,2}(?:\.\d{1,2})?)\s*+(?=$|[;,)])")
_VERSION_OF = re.compile(r"version\s*(\d{1,3}(?:\.\d{1,3})?)\s+of\s*$", re.IGNORECASE)
_ONLY_VERSION = re.compile(r"[\s.,()-]*(?:version|ver|v)[\s.:-]*\d[\d.\s()]*", re.IGNORECASE)
_TITLE_VERSION = re.compile(
    r"(?:(?<![\s,(\[\u2010-\u2015-])[\s,(\[\u2010-\u2015-]++)?+(?<![A-Za-z])(?:version|ver|v)[\s.:-]*(\d{1,3}(?:\.\d{1,3})?|NA)\.?"
    r"[\s)\]]*$",
    re.IGNORECASE,
)
# S&P's platform closes each methodology of a list with its version: "... (Version NA), ...".
_AFTER_VERSION = re.compile(r"(\(Version [^()]{1,20}\))\s*,\s*", re.IGNORECASE)
_EDITION = re.compile(r",\s*(?:edition\s*)?((?:19|20)\d\d)(?:\s*v\d+)?\s*$", re.IGNORECASE)
_PROGRAM_PREFIX = re.compile(
    r"\s*(CDM|VCS|GS|ACR|CAR|ISO|PURO|PV|CCB|CCER|JCM|ART|BCR|FCPF)\s*[-\u2013]\s+", re.IGNORECASE
)
_SEMICOLON = re.compile(r"[;\n|]+")
_SLASH = re.compile(r"(?<!\s)\s++/\s+")


def methodologies(raw: object) -> tuple[Methodology, ...]:
    """The methodologies of a text such as "ACM0001; AMS-I.D.", each once, in order.

    Texts that say that there is none ("Other", "Not provided") give an empty list. A title that
    several programmes share ("Biochar") has no code here; see `methodologies_of`.
    """
    return _read_raw(raw, "")


def methodologies_of(program: str) -> Rule:
    """The same for a registry of one programme: its own titles win (`CAR`, `ISO`, `PURO`)."""
    return Rule(program)


class Rule:
    """`methodologies` with a programme in mind, for `mapped` fields."""

    __slots__ = ("program", "rule")

    def __init__(self, program: str) -> None:
        self.program = program
        self.rule = numbered(f"table.methodologies-{program.lower()}", 1)

    def __call__(self, raw: object) -> tuple[Methodology, ...]:
        return _read_raw(raw, self.program)


def methodology(raw: object) -> str | None:
    """The key of the first methodology in the text, else None."""
    return next((one.code for one in methodologies(raw) if one.code), None)


def methodology_keys(raw: object) -> tuple[str, ...]:
    """What filters compare, one per methodology of the text: its code, else its folded text."""
    return tuple(dict.fromkeys(one.code or words(one.raw) for one in methodologies(raw)))


def methodology_key(raw: object) -> str | None:
    """What filters compare: equal for every spelling of one protocol; of a list, the first's."""
    keys = methodology_keys(raw)
    return keys[0] if keys else None


_KEPT = 512


@cache
def known_texts() -> tuple[str, ...]:
    """The codes and titles of all protocols that the table knows."""
    return tuple(
        dict.fromkeys(
            text
            for known in _file().protocols
            for text in (known.code, known.title, *known.titles)
            if text
        )
    )


@cache
def _file() -> _File:
    return load("protocols.json", _File)


@cache
def _protocols() -> dict[str, _Protocol]:
    return {known.code: known for known in _file().protocols}


@cache
def _titles() -> dict[str, dict[str, _Protocol]]:
    found: dict[str, dict[str, _Protocol]] = {}
    for known in _file().protocols:
        for text in (known.code, known.title, *known.titles):
            if text:
                found.setdefault(words(text), {})[known.program] = known
    return found


@cache
def _none() -> frozenset[str]:
    return frozenset(words(text) for text in _file().none)


def _read_raw(raw: object, program: str) -> tuple[Methodology, ...]:
    if long := too_long(raw):
        return (Methodology(None, long, None, None, long, False),)
    text = text_of(raw)
    if not text:
        return ()
    # What is that long hardly comes again, and would be kept.
    return _read(text, program) if len(text) <= _KEPT else _read.__wrapped__(text, program)


@lru_cache(maxsize=8192)
def _read(text: str, program: str) -> tuple[Methodology, ...]:
    found: list[Methodology] = []
    for part in _parts(text, program):
        codes = find_codes(part)
        if codes:
            found.extend(_coded(part, codes))
        elif found and _ONLY_VERSION.fullmatch(part):
            last = found[-1]
            if last.version is None:
                found[-1] = Methodology(
                    last.code, last.name, last.program, _version(part), last.raw, last.canonical
                )
        else:
            found.extend(_titled(part, program))
    once: dict[str, Methodology] = {}
    for one in found:
        once.setdefault(one.code or words(one.raw), one)
    return tuple(once.values())


def _parts(text: str, program: str) -> list[str]:
    """The texts of single methodologies, as far as the signs between them tell."""
    if _by_title(text, program):
        return [text]
    parts = []
    for hard in _SEMICOLON.split(text):
        for part in _AFTER_VERSION.sub("\\1\n", hard).split("\n"):
            parts.extend(_titles_in(part, program))
    return parts


def _titles_in(part: str, program: str) -> list[str]:
    """A list of titles, where every comma in it that could part two does so or stands in one."""
    if "," not in part or find_codes(part):
        return [part]
    said = read_words(part, lambda text: text if _names(text, program) else None)
    return [*said.values, *said.unknown] if said.values else [part]


def _names(text: str, program: str) -> bool:
    return _says_none(text) or _by_title(text, program) is not None


def _says_none(text: str) -> bool:
    plain = words(_TITLE_VERSION.sub("", text))
    return plain != "" and plain in _none()


def _coded(part: str, codes: tuple[Code, ...]) -> list[Methodology]:
    found = []
    for index, code in enumerate(codes):
        begin = 0 if index == 0 else code.start
        end = codes[index + 1].start if index + 1 < len(codes) else len(part)
        tail = part[code.end : end]
        ahead = _VERSION_OF.search(part[: code.start])
        known = _protocols().get(code.code)
        found.append(
            Methodology(
                code=code.code,
                name=known.title if known else None,
                program=code.program,
                version=_number(ahead[1]) if ahead else _version(tail) or _bare(tail),
                raw=part.strip() if len(codes) == 1 else part[begin:end].strip(" \t,;&/-\u2013"),
                canonical=known is not None,
            )
        )
    return found


def _titled(part: str, program: str) -> list[Methodology]:
    found = []
    pieces = [part] if _by_title(part, program) else _SLASH.split(part)
    for piece in pieces:
        if not words(piece) or _says_none(piece):
            continue
        known = _by_title(piece, program)
        edition = _TITLE_VERSION.search(piece)
        version = _number(edition[1]) if edition else None
        if known is None:
            found.append(Methodology(None, piece.strip(), None, version, piece.strip(), False))
        else:
            found.append(
                Methodology(known.code, known.title, known.program, version, piece.strip(), True)
            )
    return found


def _by_title(text: str, program: str) -> _Protocol | None:
    prefix = _PROGRAM_PREFIX.match(text)
    said = prefix[1].upper() if prefix else program
    bare = text[prefix.end() :] if prefix else text
    for candidate in (
        text,
        bare,
        _TITLE_VERSION.sub("", bare),
        _EDITION.sub("", bare),
    ):
        found = _titles().get(words(candidate))
        if not found:
            continue
        if said in found:
            return found[said]
        # CDM's own texts carry their code: a bare title that others share is not CDM's.
        others = [known for owner, known in found.items() if owner != "CDM"] or [*found.values()]
        if len(others) == 1:
            return others[0]
    return None


def _version(tail: str) -> str | None:
    found = _VERSION.search(tail)
    return _number(found[1]) if found else None


def _bare(tail: str) -> str | None:
    found = _BARE_VERSION.match(tail)
    return _number(found[1]) if found else None


def _number(text: str) -> str | None:
    if not text[0].isdigit():
        return None
    major, _, minor = text.partition(".")
    return f"{int(major)}.{minor.rstrip('0') or '0'}"
