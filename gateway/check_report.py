"""What a check says of a registry, and of each kind of its records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.check_quality import Quality, sentences
from gateway.errors import Outcome
from gateway.model.entity import Entity

# What is told as wrong: clocks this far apart, and certificates that end this soon.
SKEW_SECONDS = 120
CERTIFICATE_DAYS = 14


@dataclass(frozen=True, slots=True)
class KindReport:
    """One kind of record: its first rows, and what they say of the rest.

    `total` is None where the registry does not count, `unknown` where the rows are no JSON.
    `scan_minutes` is what reading everything takes at the polite rate. `shares` says in how many
    of the rows a harmonised value is known.
    """

    kind: Entity
    outcome: Outcome
    message: str = ""
    remedy: str = ""
    rows: int = 0
    total: int | None = None
    expected: tuple[int, int | None] | None = None
    unknown: Mapping[str, int] | None = None
    unmapped: Mapping[tuple[str, str], int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    scan_calls: int | None = None
    scan_minutes: float | None = None
    quality: Quality = field(default_factory=Quality)
    shares: tuple[str, ...] = ()

    @property
    def as_expected(self) -> bool | None:
        """Whether there are as many rows as there should be; None where nobody can tell."""
        if self.total is None or self.expected is None:
            return None
        least, most = self.expected
        return self.total >= least and (most is None or self.total <= most)


@dataclass(frozen=True, slots=True)
class RegistryReport:
    """One registry. `auth` is `none`, `accepted`, `refused`, `missing` or `unknown`.

    `clock_skew` is how many seconds its clock is ahead of ours.
    """

    registry: str
    name: str
    configured: bool
    auth: str
    why_not: str = ""
    latency_ms: int | None = None
    certificate_ends: datetime | None = None
    clock_skew: int | None = None
    duplicate_keys: Mapping[str, int] = field(default_factory=dict)
    kinds: tuple[KindReport, ...] = ()
    asked_by_name: bool = False
    checked_at: datetime | None = None

    @property
    def reachable(self) -> bool | None:
        """Whether every question was answered; None where none could be asked."""
        if not self.configured:
            return None
        return all(kind.outcome is Outcome.OK for kind in self.kinds)

    @property
    def problems(self) -> list[str]:
        """What is wrong, one sentence each; empty where all is well."""
        return list(self._problems())

    @property
    def notes(self) -> list[str]:
        """What is worth knowing and wrong with nothing."""
        return list(self._notes())

    def _problems(self) -> Iterator[str]:
        if not self.configured and self.asked_by_name:
            yield self.why_not
        if self.auth == "refused":
            yield "the registry refused the credential, or wants one"
        for kind in self.kinds:
            if kind.outcome is not Outcome.OK:
                told = f". {kind.remedy}." if kind.remedy else ""
                yield f"{kind.kind.value}: {kind.outcome.value}: {kind.message.rstrip('.')}{told}"
            if kind.as_expected is False:
                yield f"{kind.kind.value}: {kind.total} rows, expected {span(kind.expected)}"
            for name, rows in sorted((kind.unknown or {}).items()):
                yield f"{kind.kind.value}: unknown field {name!r} in {rows} rows"
        for name in sorted(self.duplicate_keys):
            yield f"the key {name!r} stands twice in one object"
        if self.clock_skew is not None and abs(self.clock_skew) > SKEW_SECONDS:
            yield f"the registry's clock is {self.clock_skew:+d} seconds from ours"
        if self.certificate_ends is not None and self.checked_at is not None:
            days = (self.certificate_ends - self.checked_at).days
            if days < CERTIFICATE_DAYS:
                yield f"the certificate ends in {days} days"

    def _notes(self) -> Iterator[str]:
        if not self.configured and not self.asked_by_name:
            yield self.why_not
        for kind in self.kinds:
            for (name, raw), rows in by_count(kind.unmapped):
                yield f"{kind.kind.value}: no table has {name} {raw!r} ({rows} rows)"
            for told in (*kind.shares, *sentences(kind.quality)):
                yield f"{kind.kind.value}: {told}"
            for warning in kind.warnings:
                yield f"{kind.kind.value}: {warning}"


def by_count(unmapped: Mapping[tuple[str, str], int]) -> list[tuple[tuple[str, str], int]]:
    """Texts that no table has, the most frequent first."""
    return sorted(unmapped.items(), key=lambda item: (-item[1], item[0]))


def span(expected: tuple[int, int | None] | None) -> str:
    """An expectation in words."""
    if expected is None:
        return ""
    least, most = expected
    return f"at least {least}" if most is None else f"{least} to {most}"
