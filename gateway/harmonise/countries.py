"""Country names as registries write them, to ISO 3166-1 alpha-2; our own frozen table.

`XK` stands for Kosovo, which ISO has no code for. The nations of the United Kingdom are `GB`.
"""

from __future__ import annotations

import re
from functools import cache

import msgspec

from gateway.harmonise.load import load
from gateway.harmonise.table import Table, words
from gateway.harmonise.text import text_of, too_long
from gateway.model.values import CountryCode, raw_text

SUBJECT = "countries"
_LIST = re.compile(r"[;|/]|,(?=\s*+[A-Z]{2}\b(?![A-Za-z]))")
_STOPWORDS = frozenset(("the", "of", "and"))


class _Country(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    alpha3: str
    name: str
    names: tuple[str, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    note: str
    not_countries: tuple[str, ...]
    countries: tuple[_Country, ...]


def country_key(text: str) -> str:
    """What of a country's name is compared: its words, in any order, without "the", "of", "and".

    Registries drop the comma of ISO's inverted names ("Korea Republic of"). Codes keep their
    case, since "No" and "in" are words and `NO` and `IN` are codes.
    """
    text = text.strip()
    if len(text) in (2, 3) and text.isascii() and text.isupper() and text.isalpha():
        return text
    plain = words(text.replace("'", "").replace("\u2019", ""))
    parts = {w for w in plain.split() if w not in _STOPWORDS}
    return " ".join(sorted(parts)) or fold_marks(text)


def fold_marks(text: str) -> str:
    """Texts of marks alone, such as `--`, are keys as they are."""
    return "".join(text.split())


@cache
def _file() -> _File:
    return load("countries.json", _File)


@cache
def table() -> Table[CountryCode]:
    """The whole alias table, as `registries` and provenance publish it."""
    entries: dict[str, CountryCode] = {}
    for found in _file().countries:
        code = CountryCode(found.code)
        for text in (found.code, found.alpha3, found.name, *found.names):
            entries[text] = code
    return Table("country", entries, fold=country_key)


@cache
def _not_countries() -> Table[bool]:
    return Table("not-a-country", dict.fromkeys(_file().not_countries, True), fold=country_key)


@cache
def _names() -> dict[str, str]:
    return {found.code: found.name for found in _file().countries}


def country(raw: object) -> CountryCode | None:
    """The code of one country's name, alpha-2 or alpha-3 code; None where there is none."""
    return table()(raw)


def countries(raw: object) -> tuple[CountryCode, ...]:
    """The codes of a list such as `BI; ET; KE`, each once, in order; unknown parts are left out."""
    return tuple(code for code, _ in country_parts(raw) if code is not None)


def country_parts(raw: object) -> tuple[tuple[CountryCode | None, str], ...]:
    """The parts of such a list, each with its country's code, None where no table knows it."""
    if long := too_long(raw):
        return ((None, long),)
    text = text_of(raw)
    if not text or not text.strip():
        return ()
    one = country(text)
    if one is not None:
        return ((one, text),)
    parts = (part.strip() for part in _LIST.split(text) if part and part.strip())
    found = {(country(part) or f"?{part}"): part for part in parts}
    return tuple((country(part), part) for part in found.values())


def is_not_a_country(raw: object) -> bool:
    """Whether the text is known to name no country: "International", `XZ`, `--`, an empty one."""
    text = raw_text(raw)
    return text is None or not text.strip() or _not_countries()(text) is True


def country_name(code: str) -> str | None:
    """The English short name of an alpha-2 code."""
    return _names().get(code)
