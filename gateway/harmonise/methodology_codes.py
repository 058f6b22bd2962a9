"""The codes inside methodology texts: where they stand, and their one spelling.

`ACM 0002`, `ACM0002.`, `VM00015`, `VCS-VM0007`, `AMS-1. D-`, `AMSI.D.` and `ams-i-d` are all met.
`AR-ACM0003` is not `ACM0003`, and `AMS-III.AU` is not `AMS-III.A`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

SUBJECT = "methodology-codes"
_GAP = r"[\s.\-\u2010-\u2015_:]*"
# A letter before a code is part of a word; an underscore is not ("BCR0001_CDM").
_START = r"(?<![A-Za-z0-9])"


@dataclass(frozen=True, slots=True)
class Code:
    """A code found in a text: its canonical spelling, its programme, and where it stands."""

    code: str
    program: str
    start: int
    end: int


def _roman(text: str) -> str:
    return {"1": "I", "2": "II", "3": "III"}.get(text, text.upper())


def _four(digits: str) -> str:
    return f"{int(digits):04d}"


def _large(found: re.Match[str]) -> str | None:
    afforestation, family, digits = found["ar"], found["family"].upper(), found["digits"]
    if afforestation:
        return f"AR-{family}{_four(digits)}"
    return None if family == "AMS" else f"{family}{_four(digits)}"


def _small(found: re.Match[str]) -> str | None:
    scope, letters, revision = _roman(found["scope"]), found["letters"].upper(), found["revision"]
    # Types I and II have one letter; type III went on from Z with AA to BP.
    if len(letters) == 2 and (scope != "III" or letters[0] not in "AB"):
        return None
    return f"AMS-{scope}.{letters}{revision}"


_Rule = tuple[re.Pattern[str], str, Callable[[re.Match[str]], str | None]]
_RULES: Final[tuple[_Rule, ...]] = (
    (
        re.compile(
            rf"{_START}(?P<ar>AR{_GAP})?(?P<family>ACM|AMS|AM){_GAP}(?P<digits>0\d{{3,4}})(?!\d)",
            re.IGNORECASE,
        ),
        "CDM",
        _large,
    ),
    (
        re.compile(
            rf"{_START}(?:AMS|ASM){_GAP}(?P<scope>III|II|I|[123]){_GAP}"
            r"(?P<letters>[A-Z]{1,2})(?P<revision>\d?)(?![A-Za-z0-9])",
            re.IGNORECASE,
        ),
        "CDM",
        _small,
    ),
    (
        re.compile(rf"{_START}(?P<family>VMR|VMD|VM){_GAP}(?P<digits>0\d{{2,4}})(?!\d)", re.I),
        "VCS",
        lambda found: f"{found['family'].upper()}{_four(found['digits'])}",
    ),
    (
        re.compile(rf"{_START}(?P<country>[A-Z]{{2}})[_\s-]AM(?P<digits>\d{{3}})(?!\d)"),
        "JCM",
        lambda found: f"{found['country']}_AM{found['digits']}",
    ),
    (
        re.compile(rf"{_START}SCM{_GAP}(?P<digits>\d{{4}})(?P<module>-M\d+)?(?!\d)", re.I),
        "SOCIALCARBON",
        lambda found: f"SCM{found['digits']}{(found['module'] or '').upper()}",
    ),
    (
        re.compile(rf"{_START}BCR{_GAP}(?P<digits>\d{{4}})(?!\d)", re.I),
        "BCR",
        lambda found: f"BCR{found['digits']}",
    ),
    (
        re.compile(rf"{_START}(?P<family>P[MTU])(?P<digits>\d{{3}})(?!\d)"),
        "PV",
        lambda found: f"{found['family']}{found['digits']}",
    ),
    (
        re.compile(rf"{_START}CCER-(?P<digits>\d{{2}}-\d{{3,4}})(?!\d)", re.I),
        "CCER",
        lambda found: f"CCER-{found['digits']}",
    ),
    (
        re.compile(rf"{_START}TERO\.?\s?(?P<digits>\d{{3}})(?!\d)", re.I),
        "TERO",
        lambda found: f"TERO.{found['digits']}",
    ),
    (
        re.compile(rf"{_START}NTC\s?(?P<digits>\d{{4}})(?!\d)", re.I),
        "NTC",
        lambda found: f"NTC {found['digits']}",
    ),
    (
        re.compile(
            rf"{_START}M/(?P<path>[A-Z]{{1,3}}(?:/[A-Z])?-(?:REDD\+?|[A-Z]{{1,2}}\d{{2,3}}))",
            re.IGNORECASE,
        ),
        "CCB",
        lambda found: f"M/{found['path'].upper()}",
    ),
)


def find_codes(text: str) -> tuple[Code, ...]:
    """Every code in the text, in the order in which they stand there."""
    found: list[Code] = []
    for pattern, program, spell in _RULES:
        for match in pattern.finditer(text):
            code = spell(match)
            if code is not None and not any(
                match.start() < other.end and other.start < match.end() for other in found
            ):
                found.append(Code(code, program, match.start(), match.end()))
    return tuple(sorted(found, key=lambda code: code.start))
