"""Labels as registries write them, to one spelling each, with what an authorisation is for.

CORSIA's Scope and Eligible stay apart: a unit in a phase's scope may be used only once its host
country has authorised it, an eligible one may be used now, and a pending one waits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gateway.harmonise.table import fold, words
from gateway.harmonise.text import text_of, too_long
from gateway.harmonise.unit_types import kind
from gateway.model.picklists import LabelType
from gateway.model.rule import rule
from gateway.model.values import raw_text

SUBJECT = "labels"
NDC, IMP, OP, OIMP = "NDC", "IMP", "OP", "OIMP"

_NO_LABEL = frozenset(
    ("", "n a", "no", "none", "not applicable", "not eligible", "false", "0", "null")
)


@dataclass(frozen=True, slots=True)
class LabelFact:
    """One label: our spelling, CAD Trust's type, the registry's text, and authorised uses.

    `uses` holds CAD Trust's codes for the purposes of an Article 6 authorisation: `NDC`, `IMP`
    (international mitigation purposes), `OP` (other purposes), `OIMP` (other international
    mitigation purposes); it is empty for every other label.
    """

    label: str
    label_type: LabelType | None
    raw: str
    uses: tuple[str, ...] = ()


_PHASES: Final = (
    (("pilot", "2021 2023"), "Pilot Phase, 2021-2023"),
    (("first", "phase 1", "2024 2026"), "First Phase, 2024-2026"),
    (("2030 2032",), "Second Phase, 2030-2032"),
    (("2033 2035",), "Second Phase, 2033-2035"),
    (("second", "phase 2", "2027 2029"), "Second Phase, 2027-2029"),
)
_CCB = re.compile(
    r"ccb\w?(?: standards?)?(?: (biodiversity|climate|community))?(?: (gold|silver|approved))?"
)
_CCB_ALL = re.compile(r"climate community (?:and )?biodiversity(?: standards?)?(?: (gold|silver))?")
_USES: Final = (
    (re.compile(r"\bndc\b|nationally determined"), NDC),
    (re.compile(r"\boimp\b|other international mitigation"), OIMP),
    (
        re.compile(
            r"\bimp\b|(?<!other )\bint(?:erna)?t?l? mitigation|(?<!other )international mitigation"
        ),
        IMP,
    ),
    (re.compile(r"\bop\b|other purposes?"), OP),
)
_PLAIN: Final[dict[str, tuple[str, LabelType]]] = {
    "sd vista": ("SD VISta", LabelType.CERTIFICATION),
    "sdvista": ("SD VISta", LabelType.CERTIFICATION),
    "sustainable development verified impact standard": ("SD VISta", LabelType.CERTIFICATION),
    "social carbon": ("Social Carbon", LabelType.CERTIFICATION),
    "socialcarbon": ("Social Carbon", LabelType.CERTIFICATION),
    "w+": ("W+", LabelType.CERTIFICATION),
    "w+ standard": ("W+", LabelType.CERTIFICATION),
    "ccb no distinction": ("CCB-No Distinction", LabelType.CERTIFICATION),
    "abacus": ("ABACUS", LabelType.CERTIFICATION),
    "letter of approval": ("Letter of Approval", LabelType.LETTER_OF_APPROVAL),
    "letter of authorization": ("Letter of Authorization", LabelType.LETTER_OF_AUTHORIZATION),
    "letter of authorisation": ("Letter of Authorization", LabelType.LETTER_OF_AUTHORIZATION),
    "letter of qualification": ("Letter of Qualification", LabelType.LETTER_OF_QUALIFICATION),
    "host country letter of authorization": (
        "Letter of Authorization",
        LabelType.LETTER_OF_AUTHORIZATION,
    ),
}
_CCP = frozenset(
    (
        "ccp",
        "icvcm ccp",
        "ccp approved",
        "ccp eligible",
        "icvcm ccp eligible",
        "icvcm ccp approved",
        "ccp label",
        "core carbon principles",
        "icvcm core carbon principles",
    )
)
# A comma parts labels in Gold Standard's column, but also stands inside "First Phase, 2024-2026".
_COMMA = re.compile(r",(?!\s*(?:19|20)\d{2})")


def corsia(phase: str, state: str) -> str:
    """Our spelling of a CORSIA label: `corsia("First Phase, 2024-2026", "Eligible")`."""
    return f"CORSIA - {phase} {state}"


def label(raw: str) -> LabelFact | None:
    """The one label of a text; None where the text says that there is none ("N/A", "No")."""
    if long := too_long(raw):
        return LabelFact(long, None, long)
    return _label(raw)


@lru_cache(maxsize=4096)
def _label(raw: str) -> LabelFact | None:
    text = (text_of(raw) or "").strip()
    plain = words(text)
    if plain in _NO_LABEL:
        return None
    if plain in _CCP:
        return LabelFact("ICVCM CCP", LabelType.CERTIFICATION, raw)
    known = _PLAIN.get(plain)
    if known:
        return LabelFact(known[0], known[1], raw)
    if "corsia" in plain:
        return _corsia(plain, text, raw)
    if plain.startswith("article 6") or plain.startswith("article six") or "itmo" in plain.split():
        return _article6(plain, text, raw)
    found = _CCB.fullmatch(plain) or _CCB_ALL.fullmatch(plain)
    if found:
        levels = " ".join(part.capitalize() for part in found.groups() if part)
        return LabelFact(f"CCB-{levels}" if levels else "CCB", LabelType.CERTIFICATION, raw)
    return LabelFact(" ".join(text.split()), None, raw)


def labels(raw: object) -> tuple[LabelFact, ...]:
    """The labels of a text or list, each once, in order; split on ";", and on "," where safe.

    Unknown text stays a label of its own, of no type.
    """
    if isinstance(raw, (list, tuple)):
        parts = [text for item in raw if (text := raw_text(item))]
    elif long := too_long(raw):
        return (LabelFact(long, None, long),)
    else:
        text = text_of(raw) or ""
        parts = [part for part in re.split(r"[;|\n]", text) if part.strip()]
        parts = [piece for part in parts for piece in _split_commas(part)]
    found: dict[str, LabelFact] = {}
    for part in parts:
        fact = label(part.strip())
        if fact is not None:
            found.setdefault(fold(fact.label), fact)
    return tuple(found.values())


def flag(name: str, raw: object) -> LabelFact | None:
    """The label of a yes/no column named like it: `flag("ICVCM CCP Eligible", "Yes")`.

    "Yes", "True", "Eligible" and "Approved" are yes; all else is no label.
    """
    text = words(text_of(raw) or "")
    if text not in ("yes", "true", "eligible", "approved", "authorized", "authorised", "1"):
        return None
    found = label(name)
    return None if found is None else LabelFact(found.label, found.label_type, name, found.uses)


def _split_commas(part: str) -> list[str]:
    """The labels of a list parted by commas; the uses of an authorisation stay with it."""
    pieces: list[str] = []
    for piece in _COMMA.split(part):
        if pieces and _authorises(pieces[-1]) and _is_use(piece):
            pieces[-1] += f",{piece}"
        elif piece.strip():
            pieces.append(piece)
    if len(pieces) > 1 and any(_is_known(piece.strip()) for piece in pieces):
        return pieces
    return [part]


def _is_known(piece: str) -> bool:
    fact = label(piece)
    return fact is not None and (fact.label_type is not None or kind(piece) is not None)


def _authorises(piece: str) -> bool:
    return words(piece).startswith(("article 6", "article six"))


def _is_use(piece: str) -> bool:
    plain = words(piece)
    return any(pattern.search(plain) for pattern, _ in _USES) and "corsia" not in plain


@rule("corsia-text")
def _corsia(plain: str, text: str, raw: str) -> LabelFact:
    phase = next((name for marks, name in _PHASES if any(mark in plain for mark in marks)), None)
    if "not eligible" in plain or "ineligible" in plain:
        return LabelFact(" ".join(text.split()), None, raw)
    if "pending" in plain:
        state = "Pending"
    elif "scope" in plain:
        state = "Scope"
    elif "eligible" in plain or "approved" in plain:
        state = "Eligible"
    else:
        return LabelFact(" ".join(text.split()), None, raw)
    spelled = corsia(phase, state) if phase else f"CORSIA {state}"
    # Nothing is certified yet while it is pending.
    return LabelFact(spelled, None if state == "Pending" else LabelType.CERTIFICATION, raw)


def _article6(plain: str, text: str, raw: str) -> LabelFact:
    uses = tuple(code for pattern, code in _USES if pattern.search(plain))
    if "approv" in plain:
        return LabelFact("Article 6 Approved", LabelType.ARTICLE_6_LETTER_OF_APPROVALS, raw)
    if "qualif" in plain:
        return LabelFact(
            "Article 6 Letter of Qualification", LabelType.ARTICLE_6_LETTER_OF_QUALIFICATION, raw
        )
    if "endors" in plain:
        return LabelFact("Article 6 Endorsed", LabelType.ARTICLE_6_ENDORSEMENT, raw)
    if "not applicable" in plain or "not authori" in plain:
        return LabelFact(" ".join(text.split()), None, raw)
    if "authori" in plain or "authoris" in plain:
        spelled = "Article 6 Authorized"
        if uses:
            spelled += " - " + ", ".join(uses)
        return LabelFact(spelled, LabelType.ARTICLE_6_AUTHORISATION, raw, uses)
    return LabelFact(" ".join(text.split()), None, raw)
