"""What is remembered of a log outside of its directory: that it was begun.

An emptied directory looks like a new one. To begin again in it under the same origin would be a
second log of one name, which nobody can tell from a forged one: proofs that were handed out would
lead nowhere, and who watches the log would see it shrink.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from gateway.errors import ConfigError
from gateway.provenance.durable import write_atomically


class Begun:
    """Notes in folders beside the log's own, one for each origin. They are written when the first
    checkpoint is, and never taken back."""

    def __init__(self, origin: str, folders: Sequence[Path]) -> None:
        self.kept = False
        self._origin = origin
        name = f"log-{sha256(origin.encode()).hexdigest()[:32]}.begun"
        self._notes = [folder / name for folder in folders]

    def refuse_anew(self, directory: Path) -> None:
        """Refuses to begin the log in a directory that has none where it was begun before.

        Raises:
            ConfigError: saying where that is known from, and what to do.
        """
        if (directory / "checkpoint").exists():
            return
        for note in self._notes:
            if note.exists():
                raise ConfigError(
                    f"log.directory: {directory} has no log, and the log {self._origin} was begun "
                    f"before ({note} says so); put its directory back from the backup, or begin a "
                    "new log with another log.origin and another log.key_file"
                )

    def keep(self) -> None:
        """Notes that the log was begun. Blocks.

        Raises:
            OSError: none of the folders takes the note.
        """
        problem: OSError | None = None
        for note in self._notes:
            try:
                if not note.exists():
                    write_atomically(note, f"{self._origin}\n".encode(), mode=0o644)
                self.kept = True
            except OSError as found:
                # A folder of keys may well be read-only.
                problem = found
        if not self.kept and problem is not None:
            raise problem
        self.kept = True
