"""What a registry on GreenTrace says of a project's or a block's state, by tables of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapters.greentrace_rows import DetailRow, HoldingRow, SummaryRow
from gateway.harmonise.statuses import (
    ACR_CANCELLATION,
    greentrace_list_decides,
    greentrace_project_status,
)
from gateway.harmonise.table import Table
from gateway.model.picklists import ProjectStatus, UnitStatus

SUBJECT = "greentrace"
_IN_HAND = frozenset({UnitStatus.HELD, UnitStatus.INACTIVE, UnitStatus.BUFFER})


@dataclass(frozen=True, slots=True)
class Statuses:
    """The rules of one registry.

    A row of the list has `projectStatus` alone. Where a project's own page could make another
    status of it, the list does not decide, and `listed` gives None.
    """

    listed: Callable[[SummaryRow], ProjectStatus | None]
    decides: Callable[[SummaryRow], bool]
    paged: Callable[[DetailRow], ProjectStatus | None]
    paged_text: Callable[[DetailRow], str | None]
    block: Callable[[HoldingRow], UnitStatus | None]


def statuses(projects: Table[ProjectStatus], units: Table[UnitStatus]) -> Statuses:
    """The rules by these tables."""

    def decides(row: SummaryRow) -> bool:
        return greentrace_list_decides(row.projectStatus, projects)

    def listed(row: SummaryRow) -> ProjectStatus | None:
        return projects(row.projectStatus) if decides(row) else None

    def paged(row: DetailRow) -> ProjectStatus | None:
        issued = row.projectHoldingsTotalQuantity or 0
        return greentrace_project_status(
            row.projectStatus, row.projectListingStatus, issued, projects
        )

    def paged_text(row: DetailRow) -> str | None:
        """Both texts, where the first alone does not decide."""
        alone = greentrace_list_decides(row.projectStatus, projects)
        texts = (row.projectStatus, None if alone else row.projectListingStatus)
        return "; ".join(text for text in texts if text) or None

    def block(row: HoldingRow) -> UnitStatus | None:
        """A conversion is booked as a cancellation; a reserve holding is in the buffer while it
        is neither retired nor cancelled."""
        status = units(row.holdingStatus)
        if status is UnitStatus.CANCELLED:
            reason = ACR_CANCELLATION(row.cancellationReason)
            return reason or ACR_CANCELLATION(row.cancellationReasonDisplayName) or status
        return UnitStatus.BUFFER if row.isReserve and status in _IN_HAND else status

    return Statuses(listed, decides, paged, paged_text, block)
