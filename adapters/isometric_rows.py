"""Isometric's GraphQL: the queries, and the nodes that they give."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from adapters.contract import InvalidPayload, Reply, Request
from adapters.rows import Key, Rows, Some, lost
from adapters.trouble import of_graphql

SUBJECT = "isometric"
T = TypeVar("T")

MAX_KEY = 200
SIZE = 100

_CODE = re.compile(r"\s*(?:ISO(?:METRIC)?[\s_-]+)?([0-9A-Z]{4,8})\s*", re.IGNORECASE)
_SERIAL = re.compile(r"ISO-\d+-[0-9A-Z]+-[A-Z]{3}-([0-9A-Z]+)-\d{4}-(\d{1,18})-(\d{1,18})")

# Arguments stand in the text, so that no name of an input type has to be known. The registry's
# own site always says which statuses it wants, and always passes `last: 0` for issuances.
_PROJECTS = """query Projects {
  projects(first: %(first)d%(after)s, filter: {statusIn: [UNDER_VALIDATION, VALIDATED, \
VALIDATION_UNSUCCESSFUL, CANCELLED]}) {
    nodes {
      id name shortCode status description shortDescription
      country { isoAlpha3Code name }
      location { name }
      process { pathway { shortName name } }
      supplier { id organisation { id name } }
      validatedAt creditingPeriodStart creditingPeriodEnd
    }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}"""
_BATCH = "id serialNumber issuedAt sequesteredOn status countryOfIssue"
_ISSUANCES = (
    """query Issuances {
  issuances(first: %(first)d%(after)s, last: 0) {
    nodes {
      id createdAt
      creditBatchSizeTotal { creditsKg }
      project {
        id name shortCode status
        country { isoAlpha3Code name }
        process { pathway { shortName name } }
      }
      supplier { id organisation { id name } }
      supplierCreditBatches { """
    + _BATCH
    + """ ccpApproved size { creditsKg } }
      bufferPoolCreditBatches { """
    + _BATCH
    + """ size { creditsKg } }
      ghgStatement { reportingPeriodStartAt reportingPeriodEndAt }
    }
    pageInfo { hasNextPage endCursor }
    totalCount
  }
}"""
)


class Wire(msgspec.Struct, frozen=True, rename="camel"):
    """Isometric writes its names in camel case."""


class NamedRow(Wire, frozen=True):
    name: str | None = None


class CountryRow(Wire, frozen=True):
    iso_alpha3_code: str | None = msgspec.field(default=None, name="isoAlpha3Code")
    name: str | None = None


class ProcessRow(Wire, frozen=True):
    pathway: NamedRow = NamedRow()


class SupplierRow(Wire, frozen=True):
    organisation: NamedRow = NamedRow()


class ProjectRow(Wire, frozen=True):
    """A project; inside an issuance it comes with less, and in old captures without its code."""

    id: Key
    short_code: str | None = None
    name: str | None = None
    status: str | None = None
    description: str | None = None
    short_description: str | None = None
    country: CountryRow | None = None
    location: NamedRow | None = None
    process: ProcessRow | None = None
    supplier: SupplierRow | None = None
    validated_at: str | None = None
    crediting_period_start: str | None = None
    crediting_period_end: str | None = None


class SizeRow(Wire, frozen=True):
    """Kilograms as text; the tonnes beside them are floats, and are not asked for."""

    credits_kg: str | None = None


class BatchRow(Wire, frozen=True):
    id: Key
    serial_number: str | None = None
    size: SizeRow = SizeRow()
    status: str | None = None
    sequestered_on: str | None = None
    ccp_approved: bool | None = False


class StatementRow(Wire, frozen=True):
    reporting_period_start_at: str | None = None
    reporting_period_end_at: str | None = None


class IssuanceRow(Wire, frozen=True):
    id: Key
    project: ProjectRow
    credit_batch_size_total: SizeRow = SizeRow()
    supplier: SupplierRow | None = None
    created_at: str | None = None
    supplier_credit_batches: tuple[BatchRow, ...] = ()
    buffer_pool_credit_batches: tuple[BatchRow, ...] = ()
    ghg_statement: StatementRow | None = None

    @property
    def batches(self) -> tuple[BatchRow, ...]:
        """The supplier's and the buffer's."""
        return (*self.supplier_credit_batches, *self.buffer_pool_credit_batches)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A credit batch with the issuance it is part of."""

    batch: BatchRow
    issuance: IssuanceRow
    buffered: bool


class PageInfo(Wire, frozen=True):
    has_next_page: bool
    end_cursor: str | None = None


class Connection(Wire, Generic[T], frozen=True):
    nodes: list[T]
    page_info: PageInfo
    total_count: int


class _Projects(Wire, Generic[T], frozen=True):
    projects: Connection[T]


class _Issuances(Wire, Generic[T], frozen=True):
    issuances: Connection[T]


class _Answer(Wire, Generic[T], frozen=True):
    data: T | None = None
    errors: list[Any] | None = None


_projects = Rows(_Answer[_Projects[ProjectRow]], ProjectRow)
_issuances = Rows(_Answer[_Issuances[IssuanceRow]], IssuanceRow)


def projects_request(first: int, after: str | None) -> Request:
    """A page of projects."""
    return _request("Projects", _PROJECTS, first, after)


def issuances_request(first: int, after: str | None) -> Request:
    """A page of issuances with their batches."""
    return _request("Issuances", _ISSUANCES, first, after)


def read_projects(reply: Reply) -> Connection[ProjectRow]:
    """The answer to `projects_request`."""
    return _answered(_projects, reply).projects


def read_issuances(reply: Reply) -> Connection[IssuanceRow]:
    """The answer to `issuances_request`; a project without its code has that of its serials."""
    found = _answered(_issuances, reply).issuances
    settled = [_settled(node) for node in found.nodes]
    gone = lost(found.nodes)
    return msgspec.structs.replace(found, nodes=Some(settled, gone) if gone else settled)


def project_code(text: str) -> str | None:
    """`68X8`, also for `ISO-68X8`."""
    found = _CODE.fullmatch(text)
    return found[1].upper() if found else None


def project_key(row: ProjectRow) -> str:
    """The short code that serials carry, else the registry's row id."""
    return row.short_code or row.id


def serial_range(serial: str | None) -> tuple[int, int] | None:
    """The first kilogram and the first one after the block: ranges are half-open."""
    found = _SERIAL.fullmatch(serial or "")
    if found is None or len(serial or "") > MAX_KEY:
        return None
    start, end = int(found[2]), int(found[3])
    return (start, end) if start < end else None


def unit_key(row: UnitRow) -> str:
    """The serial where it carries a range, else the batch's id."""
    serial = row.batch.serial_number
    return serial if serial and serial_range(serial) else row.batch.id


def _request(name: str, text: str, first: int, after: str | None) -> Request:
    # A JSON text is a GraphQL string as well.
    cursor = f", after: {json.dumps(after)}" if after else ""
    query = text % {"first": first, "after": cursor}
    return Request("", method="POST", json={"operationName": name, "query": query, "variables": {}})


def _answered(decoder: Rows[_Answer[T]], reply: Reply) -> T:
    answer = decoder(reply)
    if answer.errors:
        raise of_graphql(answer.errors)
    if answer.data is None:
        raise InvalidPayload("the query was answered with neither data nor an error")
    return answer.data


def _settled(node: IssuanceRow) -> IssuanceRow:
    if node.project.short_code:
        return node
    codes: set[Any] = {
        found[1]
        for batch in node.batches
        if (found := _SERIAL.fullmatch(batch.serial_number or ""))
    }
    if len(codes) != 1:
        return node
    project = msgspec.structs.replace(node.project, short_code=codes.pop())
    return msgspec.structs.replace(node, project=project)
