"""Project types as registries write them, to CAD Trust's picklist.

One vocabulary: that of data dictionary 2.0.2, which is the UNFCCC's list of activity types
(UNEP-DTU's, CDOP's), because Article 6 reporting asks for it and v1's list covers forests and
methane only. "Fossil fuel switch", which only the list for authorisations has, is taken too, and
so are v1's "Energy Demand" and "Ozone Depleting Substances", for which v2 has no word.
Registries' types and v1's values map where every project of the type is of one activity. A type
that gathers several ("Other", "Energy Efficiency - Domestic" with its cookstoves, filters and
boreholes) has the activity that all of them share, or none.
"""

from __future__ import annotations

import re
from typing import Final

from gateway.harmonise import project_type_data as data
from gateway.harmonise.table import Table, words
from gateway.harmonise.text import text_of, too_long
from gateway.harmonise.wordlist import NOTHING, Words, list_of
from gateway.model.values import raw_text

SUBJECT = "project-types"
PROJECT_TYPES: Final = data.PROJECT_TYPES
NO_TYPE: Final = frozenset(words(text) for text in data.NO_TYPE)

TABLE: Final[Table[str]] = Table(
    "project-type",
    {**{text: text for text in PROJECT_TYPES}, **data.SPELLINGS},
    fold=words,
)
_AT_CAPITALS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
CODES: Final[Table[str]] = Table("acr-project-type-code", data.ACR_CODES)


def project_type(raw: object) -> str | None:
    """The picklist's spelling of one type; None if unknown, or if it names no one activity."""
    return TABLE(raw)


def project_types(raw: object) -> tuple[str, ...]:
    """The types of a list such as "ARR, WRC", each once, in order."""
    return type_words(raw).values


def type_words(raw: object) -> Words[str]:
    """The types of a list, and the parts of it that we do not know.

    What is known to name no one activity ("Other") is neither.
    """
    if long := too_long(raw):
        return Words((), (long,))
    text = text_of(raw)
    if not text:
        return NOTHING
    found = list_of(text, TABLE, NO_TYPE)
    if found.unknown and (parted := _AT_CAPITALS.sub(" ", text)) != text:
        # Words that a program's names ran together: `LandfillFlaring`.
        again = list_of(parted, TABLE, NO_TYPE)
        return found if again.unknown else again
    return found


def names_no_type(raw: object) -> bool:
    """Whether the text is known to name no one activity: "Other", "Renewable energy"."""
    text = raw_text(raw)
    return text is None or not text.strip() or words(text) in NO_TYPE
