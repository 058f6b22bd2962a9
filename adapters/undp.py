"""UNDP's national carbon registry: programmes, and credits held, exported and cancelled.

Source: the open-source software of https://github.com/undp/carbon-registry and its successor
https://github.com/undp/undp-national-carbon-registry (NestJS over PostgreSQL), which countries
run on hosts of their own: `base_url` is the country's, with what stands before `/national`. Not
verified against a live host: everything here follows the published code. Quirks:

- Nothing can be read without an account: a JSON web token of a user, sent as `Authorization:
  Bearer ...`, or an API key, sent as `api_key`. Tokens end after hours; a key opens the old list
  of programmes only. A developer's account sees its own projects, a certifier's those that it
  certifies, and the answer does not say so: set the option `account = "government"` where it is
  one. Anything else is told as a part of the register.
- Lists are POST requests with a QueryDto: numbered pages, `filterAnd` and `filterOr` that go into
  SQL as they are, one column to sort by. `like` heeds upper and lower case, so texts are compared
  here. Answers have the status 201.
- Numbers and instants may be JSON numbers or texts. Instants are milliseconds since 1970, but
  a programme's start and end are seconds.
- The second generation of the software keeps the first's list of programmes, which alone has
  `cadtId`, the record's id in CAD Trust. Where a deployment fills its own list instead, set the
  option `projects = "projectManagement"`: it says less.
- Credits are in the second generation's lists. A retirement is a request until it is completed;
  other requests are left out. The first generation has no list of credits, and gives an error.
- Issuances have no list of their own.

Personal data: a company's e-mail, telephone and address, and users' names, are not decoded.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters import lists
from adapters.contract import Auth, Code, Page, Politeness, RegistryInfo, Reply, Source
from adapters.one_by_one import one_by_one
from adapters.trouble import meant
from adapters.undp_asks import (
    COLLECTIONS,
    SIZE,
    of_keys,
    programme_asks,
    project_asks,
    unit_asks,
)
from adapters.undp_rows import (
    BALANCE,
    PROGRAMME,
    PROJECT,
    RETIREMENT,
    Kind,
    block,
    project_code,
)
from adapters.undp_views import (
    SERIAL,
    UndpBalance,
    UndpProgramme,
    UndpProject,
    UndpRetirement,
)
from adapters.undp_walk import Ask, Place, Step, place, walk
from gateway.errors import ConfigError, RegistryError
from gateway.model.entity import Entity
from gateway.model.question import Question
from gateway.model.record import Origin, Record

PROJECTS = "projects"
ACCOUNT = "account"
# Whose account it is, and what it does not see.
_ACCOUNTS = {
    "government": None,
    "developer": "The account is a developer's, which sees its own projects and units only.",
    "certifier": "The account is a certifier's, which sees the projects that it certifies only.",
    "": "Which rows the account may see is not said; options.account names whose it is.",
}

INFO = RegistryInfo(
    key="undp",
    name="UNDP National Carbon Registry",
    operator="The government whose registry it is",
    url="https://github.com/undp/undp-national-carbon-registry",
    base_url="",
    terms="Set by the government that runs the registry; reading needs an account of its own.",
    attribution="The national registry, as its operator names it",
    known_as=("UNDP National Carbon Registry",),
    schemes=(SERIAL,),
    codes={
        SERIAL: Code(Entity.UNIT, "CA0NNN-NA-XX-904-2670-6146-2018"),
    },
    by_code={Entity.UNIT: "unit_serial_id"},
    credential="Authorization",
    auth=Auth("bearer"),
    credential_or=("api_key",),
    options={PROJECTS: "programme", ACCOUNT: ""},
    notes="Not verified against a live host. Set base_url to the country's host, and credential to "
    "a token, or the header api_key to a key. "
    "Option projects: programme (with CAD Trust ids) or projectManagement. Option account: "
    "government, developer or certifier; only a government's sees all rows, and without the "
    "option no answer is told as complete.",
)

_VIEWS: dict[Kind[Any], type[Record[Any]]] = {
    PROGRAMME: UndpProgramme,
    PROJECT: UndpProject,
    BALANCE: UndpBalance,
    RETIREMENT: UndpRetirement,
}
# The id of a balance is the beginning of its serial, `CA0NNN-NG-XX-1-1`, in any letters.
_ROW_KEY = re.compile(r"(balance|retirement)-(.{1,180})", re.DOTALL)

# One status for several causes; a 500 to a question that asks for the same each time does not heal.
_MEANINGS = {
    400: "the account's role may not ask this, as a certifier's may not ask for credits, or the "
    "question has a form that the software does not take",
    401: "the token is missing or has ended (tokens live two hours by default), or a key was given "
    "where only a token is taken: a key opens the old list of programmes alone",
    403: "the account's role has no right to this list",
    500: "the software could not make a statement of the question, and will not another time",
}


class Undp:
    """A national registry that runs UNDP's software."""

    politeness = Politeness(rate=2, period=1, concurrency=2, fresh_for=60)
    collections = COLLECTIONS
    views: Mapping[Entity, tuple[type[Record[Any]], ...]] = {
        Entity.PROJECT: (UndpProgramme, UndpProject),
        Entity.UNIT: (UndpBalance, UndpRetirement),
    }

    def __init__(self, info: RegistryInfo = INFO) -> None:
        self.info = info

    async def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        """Pages in the order of the rows' ids, list after list."""
        asks = self._asks(source, question)
        if not asks:
            yield Page((), total=0, whole=_seen(source))
            return
        first, rest = lists.resume(token, len(asks))
        size = max(10, min(question.want, SIZE))
        for number in range(first, len(asks)):
            async for step in walk(source, asks[number], place(rest, size)):
                yield Page(
                    _records(source, asks[number], step),
                    token=lists.token(number, step.place),
                    next=lists.following(number, len(asks), step.next),
                    total=step.total if len(asks) == 1 else None,
                    whole=_seen(source),
                )
            rest = None

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        """Projects by id, blocks by list and row id, or by serial, as ids had them before."""
        wanted = sorted(set(keys))

        async def read(ask: Ask[Any]) -> list[Record[Any]]:
            found: list[Record[Any]] = []
            async for step in walk(source, ask, Place(size=SIZE)):
                found += [
                    record
                    for record in _records(source, ask, step)
                    if record.key in wanted or not set(record.former_keys).isdisjoint(wanted)
                ]
            return found

        asks = self._of_keys(source, entity, wanted)
        others = set(wanted).difference(*(meant for meant, _ in asks))
        return replace(await one_by_one(asks, read, others), whole=_seen(source))

    def trouble(self, reply: Reply) -> RegistryError | None:
        """What the software's statuses mean, of which none says which of its causes it was."""
        return meant(reply, _MEANINGS)

    def project_key(self, text: str) -> str | None:
        """The id as the registry writes it, such as `001`."""
        return project_code(text)

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        """Serials of both generations."""
        text = value.strip()
        return (Entity.UNIT, text) if scheme == SERIAL and block(text) else None

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool:
        """No: there are no issuances to belong to."""
        return False

    def _asks(self, source: Source, question: Question) -> list[Ask[Any]]:
        if question.entity is Entity.UNIT:
            return unit_asks(question)
        first = _projects(source) is PROGRAMME
        return programme_asks(question) if first else project_asks(question)

    def _of_keys(
        self, source: Source, entity: Entity, keys: Sequence[str]
    ) -> list[tuple[Sequence[str], Ask[Any]]]:
        if entity is Entity.PROJECT:
            kind = _projects(source)
            codes = [key for key in keys if project_code(key) == key]
            return of_keys(kind, kind.id_column, codes, lambda row: row.id)
        serials = [key for key in keys if block(key)]
        numbered = [found for key in keys if (found := _ROW_KEY.fullmatch(key))]
        asks: list[tuple[Sequence[str], Ask[Any]]] = []
        for kind in (BALANCE, RETIREMENT):
            asks += of_keys(kind, "serialNumber", serials, lambda row: row.serial_number)
            ids = [found[2] for found in numbered if found[1] == kind.name]
            by_id = of_keys(kind, "id", ids, lambda row: str(row.id))
            asks += [([f"{kind.name}-{one}" for one in some], ask) for some, ask in by_id]
        return asks


def _projects(source: Source) -> Kind[Any]:
    """The list that projects are read from.

    Raises:
        ConfigError: the option names none.
    """
    told = source.options.get(PROJECTS, INFO.options[PROJECTS])
    kinds: dict[str, Kind[Any]] = {"programme": PROGRAMME, "projectManagement": PROJECT}
    if told not in kinds:
        raise ConfigError(
            f"registries.{source.registry}.options.{PROJECTS} must be programme or "
            "projectManagement"
        )
    return kinds[told]


def _seen(source: Source) -> str | None:
    """Why the account that is used does not see all rows; None where it does.

    Raises:
        ConfigError: the option names no kind of account.
    """
    told = source.options.get(ACCOUNT, INFO.options[ACCOUNT])
    if told not in _ACCOUNTS:
        known = ", ".join(kind for kind in _ACCOUNTS if kind)
        raise ConfigError(f"registries.{source.registry}.options.{ACCOUNT} must be one of {known}")
    return _ACCOUNTS[told]


def _records(source: Source, ask: Ask[Any], step: Step[Any]) -> list[Record[Any]]:
    origin = Origin(source.registry, step.source, "/data")
    view = _VIEWS[ask.kind]
    return [view(row, origin, index) for index, row in step.rows]


adapter = Undp()
