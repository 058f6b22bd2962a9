"""THE contract: what every registry adapter is, and the one door it reaches its registry by.

An adapter is one module with one class. It declares what can be asked (`collections`), and
turns a `Question` into pages of records with the `Source` it is handed. It never sees sockets,
caches, clocks, retries or secrets. Rules that the conformance suite holds it to:

- Too many rows are allowed where a filter is declared inexact; wrong rows and silently missing
  rows never. A registry that ignores a filter, clamps a page or sends an error with status 200
  is detected and reported with `InvalidPayload`, not passed on.
- Rows of one walk come in a stable order, each key once.
- What the registry does not say stays None. An unknown picklist value is None, its raw text is
  kept; personal data named in the adapter's docstring is not decoded at all.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar, runtime_checkable

from adapters.apart import LIMITS, Limits
from gateway.errors import InvalidPayload, RegistryError
from gateway.model.entity import Entity
from gateway.model.question import Collection, Question
from gateway.model.record import Record

T = TypeVar("T")

__all__ = [
    "Adapter",
    "Answer",
    "Auth",
    "Code",
    "Collection",
    "InvalidPayload",
    "Opening",
    "Page",
    "Politeness",
    "Reference",
    "References",
    "Referring",
    "RegistryInfo",
    "Reply",
    "Request",
    "Source",
    "Troubled",
    "Unread",
]

# So many rows that could not be read are named; the others are counted.
MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Opening:
    """The step that a stateful registry wants before the question itself.

    `request` is read first, on a session of its own; `carry` takes from its reply the form
    fields that the question must send along, such as a token. Cookies of the session go to this
    registry only and are forgotten with the answer. Answers are cached without what is carried.

    `agree` is given that reply and the decoded answer, and raises `InvalidPayload` where the
    answer is not what the reply announced, such as a list with fewer rows.
    """

    request: Request
    carry: Callable[[Reply], tuple[tuple[str, str], ...]]
    agree: Callable[[Reply, Any], None] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One upstream read. `path` is relative to the configured base URL; nothing else is.

    `public` names the query parameters that provenance may print; others read `REDACTED`.
    `secret` headers are added by the door from configuration, never by the adapter.
    At most one of `json` and `form` may be given; a POST here is still a read. `allowed` are
    statuses besides 2xx that `decode` wants to see, such as 404 where it means "no such record".
    `once` is set where one answer does for a whole operation, as of a count: whoever asks the same
    again in it gets the answer of before.
    """

    path: str
    method: str = "GET"
    query: tuple[tuple[str, str], ...] = ()
    json: Any = None
    form: tuple[tuple[str, str], ...] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    public: frozenset[str] = frozenset()
    accept: str = "application/json"
    allowed: frozenset[int] = frozenset()
    opening: Opening | None = None
    once: bool = False


@dataclass(slots=True)
class Unread:
    """The rows of a body that could not be read: how many, and where and why the first of them."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, place: str, why: str) -> None:
        """Notes one; `place` is its JSON pointer, or whatever tells rows of the body apart."""
        self.count += 1
        if len(self.first) < MOST_NAMED:
            self.first.append(f"{place}: {why}")


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole upstream body with a success status, its content coding removed.

    `headers` has lower-case names. `status` is the HTTP status, 2xx or one the request allowed.
    `limits` are what the body may grow to while it is read.
    A decoder that leaves out a row notes it in `unread`: coverage then says that it is missing.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    unread: Unread = field(default_factory=Unread, compare=False, repr=False)
    limits: Limits = LIMITS


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A decoded body and the index of its exchange in the answer's list of sources."""

    value: T
    source: int
    headers: Mapping[str, str]


class Source(Protocol):
    """One registry, as one operation may use it: deadline, pacing and cache are behind it."""

    @property
    def registry(self) -> str:
        """The registry's key."""
        ...

    @property
    def options(self) -> Mapping[str, str]:
        """Public per-registry options from the configuration, such as an organisation id."""
        ...

    async def read(self, request: Request, decode: Callable[[Reply], T]) -> Answer[T]:
        """The decoded body of one read.

        `decode` must be a module-level function or a method of a long-lived object, free of side
        effects: its result may be shared by other operations that get the same bytes. It raises
        `InvalidPayload` for a body that is no answer; such a body is never cached.

        Raises:
            RegistryError: of the kind that coverage shows (timeout, 429, ...).
        """
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """One upstream page of records, in the registry's order.

    `token` asks for this page again, `next` for the one after it (None: this was the last).
    Tokens are short texts of the adapter's own; they travel in signed cursors, so they hold
    parameters, never URLs or secrets. `total` is how many rows match what was pushed down,
    where the registry says so. `warnings` are for people.

    `whole` is None, or why the source itself says or shows, in the last answer that was read, that
    rows may be missing. `unknown` names columns that nobody declared; None leaves it to `cgw check`
    to look for them. `refused` has, by key, why a record is not known to be there or not.
    """

    records: Sequence[Record[Any]]
    token: str = ""
    next: str | None = None
    total: int | None = None
    warnings: tuple[str, ...] = ()
    whole: str | None = None
    unknown: tuple[str, ...] | None = None
    refused: Mapping[str, RegistryError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Politeness:
    """How a registry wants to be asked; the defaults of its configuration.

    At most `rate` requests go out in any `period` seconds, `burst` of them at once. `fresh_for`
    is how long a body may be answered from the cache when the registry's headers say nothing;
    `stale_if_error` how long an old body may stand in, labelled, for a failed one (seconds).
    """

    rate: float = 1.0
    period: float = 1.0
    burst: int = 1
    concurrency: int = 4
    fresh_for: float = 60.0
    stale_if_error: float = 86_400.0
    timeout: float = 20.0
    max_bytes: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Auth:
    """How the credential is sent, in the words of dlt's REST source.

    `api_key` sends it as `name`, in a header or in the query (`location`); `bearer` and
    `http_basic` send it in `Authorization`. `oauth2_client_credentials` trades it for a token at
    `token_url` (absolute or relative to the base URL) first. The credential of the last two reads
    `name:secret`. The door does all this; adapters never see the secret.
    """

    type: Literal["api_key", "bearer", "http_basic", "oauth2_client_credentials"]
    name: str = "authorization"
    location: Literal["header", "query"] = "header"
    token_url: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A scheme of codes: of which kind of record, with one that is spelled as records show it, or
    the pattern that all of them fit.

    `search` is set where a code is no key: the filter by which its records are found, or the empty
    text where all of them are read for it. `lookup_key` then gives None. `within` is the filter on
    a text that holds the code, where the code is a part of one.
    """

    entity: Entity
    example: str = ""
    pattern: str = ""
    search: str | None = None
    within: str = ""


@dataclass(frozen=True, slots=True)
class RegistryInfo:
    """Who the registry is and on what terms its data is shown.

    `known_as` are the names under which CAD Trust records speak of it. `base_url` is the public
    host, empty where there is none. `credential` names the header or parameter of a secret that
    the registry demands, empty where reading is open; `auth` says how it is sent, None for the
    header as it is. `credential_or` are other headers that open the registry as well. `verified`
    is the date of the captured payloads that the decoder was checked against, empty where there
    are none.

    `codes` says of each of the `schemes` what its codes are. `by_code` names the filter that finds
    a record by what it shows as `projectId` or `unitSerialId`, for kinds whose key is another.
    `strict_project_keys` says that every project's key is what `project_key` makes of it, so that
    a key of another form is nobody's; where registries may send any text it stays False.
    """

    key: str
    name: str
    operator: str
    url: str
    base_url: str
    terms: str
    attribution: str
    countries: tuple[str, ...] = ()
    known_as: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    credential: str = ""
    auth: Auth | None = None
    credential_or: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    verified: str = ""
    notes: str = ""
    codes: Mapping[str, Code] = field(default_factory=dict)
    by_code: Mapping[Entity, str] = field(default_factory=dict)
    strict_project_keys: bool = False


@runtime_checkable
class Troubled(Protocol):
    """An adapter that can read its registry's error bodies."""

    def trouble(self, reply: Reply) -> RegistryError | None:
        """What the registry means by this answer with an error status; None: what the status says.

        A passing state is `RegistryUnavailable` (asked again, counts against the registry), "too
        often" `RegistryRateLimited` with `retry_after`, a wrong question `RegistryHttpError`. Texts
        of the registry go through `sentence` before they become part of a message.
        """
        ...


class Adapter(Protocol):
    """One registry. Instances are stateless and shared by all operations."""

    @property
    def info(self) -> RegistryInfo:
        """Who the registry is."""

    @property
    def politeness(self) -> Politeness:
        """How it wants to be asked."""

    @property
    def collections(self) -> Mapping[Entity, Collection]:
        """What can be asked of it."""

    @property
    def views(self) -> Mapping[Entity, tuple[type[Record[Any]], ...]]:
        """The record types that its pages hold, by entity."""

    def pages(
        self, source: Source, question: Question, token: str | None = None
    ) -> AsyncIterator[Page]:
        """The pages that answer the question, from `token` (None: the first) to the last.

        The question holds only predicates that `collections` accepts. Consumers may stop early.

        Raises:
            BadCursor: the token is no place of this adapter's paging.
            RegistryError: of the kind that coverage shows; `InvalidPayload` for an answer that
                does not fit the question, such as one that ignored a filter.
        """

    async def by_keys(self, source: Source, entity: Entity, keys: Sequence[str]) -> Page:
        """The records of these keys, in any order; unknown keys are left out.

        Takes any number of keys; the adapter splits them into as many calls as it needs.

        Raises:
            RegistryError: of the kind that coverage shows; `InvalidPayload` for records of other
                keys.
        """

    def project_key(self, text: str) -> str | None:
        """The registry's own project key for any public spelling of it (`VCS-1529`), or None."""

    def lookup_key(self, scheme: str, value: str) -> tuple[Entity, str] | None:
        """Which record of this registry the identifier names, where that can be told offline."""

    def belongs(self, unit: Record[Any], issuance: Record[Any]) -> bool | None:
        """Whether the unit is part of the issuance: by key where the rows say it, else by batch
        and block containment within the same project; None where the rows cannot tell."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A unit whose serial holds another registry's code for the project: `project` is the key of
    the unit's own, `scheme` and `value` are the code."""

    project: str
    unit: Record[Any]
    scheme: str
    value: str


@dataclass(frozen=True, slots=True)
class References:
    """Those found; `left` says what was not read."""

    found: Sequence[Reference]
    left: str = ""


class Referring(Protocol):
    """An adapter whose units' serials hold codes of another registry, and which can be asked for
    them. `refers` is the codes' scheme."""

    @property
    def refers(self) -> str:
        """The scheme of the codes."""
        ...

    async def references(self, source: Source, keys: Sequence[str]) -> References:
        """What the units of these projects refer to."""
        ...

    async def referring(self, source: Source, values: Sequence[str]) -> References:
        """The units that refer to these codes."""
        ...


class Naming(Protocol):
    """An adapter whose projects name the same activity in other programmes, in a column that the
    registry can be asked by."""

    async def naming(self, source: Source, codes: Sequence[str]) -> Page:
        """The projects that name any of these ids of another programme."""
        ...


def naming_of(adapter: Adapter) -> Naming | None:
    """The adapter as one that can be asked for what its projects name elsewhere, where it can."""
    found: Any = adapter
    return found if getattr(adapter, "naming", None) else None


def referring_of(adapter: Adapter) -> Referring | None:
    """The adapter as one that can be asked for references, where it can."""
    # Adapters are also handed on inside others, which know no more than the contract.
    found: Any = adapter
    return found if getattr(adapter, "refers", None) else None
