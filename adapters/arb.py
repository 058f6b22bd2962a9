"""Ids of California's compliance programme (ARB), which serves its projects by the registries that
it approves: ACR, CAR and others show its id beside their own, so that it names one project for all.
"""

from __future__ import annotations

import re

from adapters.contract import Code
from gateway.model.entity import Entity

SUBJECT = "arb"
SCHEME = "arb"
# CA, two letters for the kind of project, and a number: `CAFR5003`. Washington's begin with WA.
_ID = re.compile(r"(?:CA|WA)[A-Z]{2}\d{4,6}", re.ASCII)
CODE = Code(Entity.PROJECT, "CAMM9001", _ID.pattern, search="")


def arb_id(text: str | None) -> str | None:
    """The id, None where the text is none, such as the literal `N/A`."""
    told = " ".join((text or "").split()).upper()
    return told if _ID.fullmatch(told) else None
