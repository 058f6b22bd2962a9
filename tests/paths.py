"""Where things lie that tests read: one place that knows how deep it stands itself."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
# Facts and captured payloads, which are not ours to publish; without them some tests are skipped.
SHARED = ROOT.parent / "shared"
