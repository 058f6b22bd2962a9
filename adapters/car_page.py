"""A project's own page: labels and values in a table, the only place with its description."""

from __future__ import annotations

import html
import re

import msgspec

from adapters.apart import slow
from adapters.car_csv import text_of
from adapters.contract import InvalidPayload, Reply, Request

NONE = "Invalid URL"

_PAIR = re.compile(
    r"<td\b[^<>]*+>\s*+<b>([^<]*+)</b>\s*+</td>\s*+<td\b[^<>]*+>(.*?)</td>",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<[^<>]*+>")


class PageRow(msgspec.Struct, frozen=True):
    """What of the page the report does not have."""

    project_id: str
    description: str
    period_expires: str


def page(project_id: str) -> Request:
    """The page of a project; it needs no session."""
    number = project_id.removeprefix("CAR")
    return Request(
        "/mymodule/reg/prjView.asp",
        query=(("id1", number),),
        public=frozenset(("id1",)),
        accept="text/html",
    )


@slow
def read_page(reply: Reply) -> PageRow | None:
    """The page, None where the registry says, with status 200, that there is none.

    Raises:
        InvalidPayload: it is another page.
    """
    text = _without_comments(text_of(reply))
    said = {
        name.strip().removesuffix(":").rstrip(): " ".join(
            html.unescape(_TAG.sub(" ", value)).split()
        )
        for name, value in _PAIR.findall(text)
    }
    if "Project ID" in said and "</html>" in text.lower():
        return PageRow(
            said["Project ID"],
            said.get("Project Description", ""),
            said.get("Crediting Period Expires", ""),
        )
    if NONE in text:
        return None
    raise InvalidPayload("not the page of a project")


def _name(text: str) -> str:
    return text.strip().removesuffix(":").rstrip()


def _without_comments(text: str) -> str:
    """The page without its comments; one that is not closed is no comment."""
    kept, at = [], 0
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin + 4)) >= 0:
        kept.append(text[at:begin])
        at = end + 3
    return "".join([*kept, text[at:]])
