"""What a verification found, in plain words and for machines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gateway.errors import ProvenanceError

VALID, INVALID, INCOMPLETE, USAGE = 0, 1, 2, 64


class Mark(StrEnum):
    """How one check ended. NOTE tells something that is not a check."""

    HOLDS = "HOLDS"
    FAILS = "FAILS"
    UNCHECKED = "UNCHECKED"
    NOTE = "NOTE"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its stable name, how it ended, and a sentence for people."""

    check: str
    mark: Mark
    text: str


@dataclass(slots=True)
class Verdict:
    """All findings, in the order of the checks."""

    findings: list[Finding] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Whether something was checked and nothing failed."""
        marks = [finding.mark for finding in self.findings]
        return Mark.HOLDS in marks and Mark.FAILS not in marks

    @property
    def complete(self) -> bool:
        """Whether everything that should have been checked could be."""
        return all(finding.mark is not Mark.UNCHECKED for finding in self.findings)

    @property
    def exit_code(self) -> int:
        """0 valid, 1 invalid, 2 valid but with incomplete evidence."""
        if not self.valid:
            return INVALID
        return VALID if self.complete else INCOMPLETE

    def holds(self, check: str, text: str) -> None:
        """Notes a check that holds."""
        self.findings.append(Finding(check, Mark.HOLDS, text))

    def fails(self, check: str, text: str) -> None:
        """Notes a check that fails; the whole is then invalid."""
        self.findings.append(Finding(check, Mark.FAILS, text))

    def unchecked(self, check: str, text: str) -> None:
        """Notes what could not be checked; the evidence is then incomplete."""
        self.findings.append(Finding(check, Mark.UNCHECKED, text))

    def note(self, check: str, text: str) -> None:
        """Notes a fact that a reader should know."""
        self.findings.append(Finding(check, Mark.NOTE, text))

    def judge(self, check: str, ok: bool, good: str, bad: str) -> bool:
        """Notes how a yes-or-no check ended, and returns it."""
        (self.holds if ok else self.fails)(check, good if ok else bad)
        return ok

    def attempt(self, check: str, step: Callable[[], str]) -> bool:
        """Runs a check that returns its good news and raises its bad news."""
        try:
            self.holds(check, step())
        except ProvenanceError as problem:
            self.fails(check, _sentence(problem.message))
            return False
        return True

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "valid": self.valid,
            "complete": self.complete,
            "exitCode": self.exit_code,
            "findings": [
                {"check": found.check, "result": found.mark.value, "text": found.text}
                for found in self.findings
            ],
        }

    def as_text(self) -> str:
        """For people: one line per finding, the verdict last."""
        signs = {Mark.HOLDS: "ok  ", Mark.FAILS: "FAIL", Mark.UNCHECKED: "?   ", Mark.NOTE: "note"}
        lines = [f"{signs[found.mark]}  {found.text}" for found in self.findings]
        lines.append(self._last_line())
        return "\n".join(lines)

    def _last_line(self) -> str:
        if not self.valid:
            return "INVALID: do not rely on this."
        if not self.complete:
            return "VALID, BUT INCOMPLETE: nothing is wrong, and not everything could be checked."
        return "VALID: it is what the gateway received and said."


def _sentence(message: str) -> str:
    text = message[:1].upper() + message[1:]
    return text if text.endswith(".") else f"{text}."
