"""`cgw`, looked at while it works: a thousand times a second of processor time, where it is.

`sampled.py FILE serve ...`: SIGUSR1 writes what was seen since the last one, as JSON: places as
`module:function`, with how often each was seen. Code of the standard library counts for whoever
called it, and so does what is written in C.
"""

from __future__ import annotations

import json
import signal
import sys
import sysconfig
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType

from benchmarks.place import ROOT
from gateway.cli import main

# "<string>" is what dataclasses and named tuples write.
_STANDARD = (sysconfig.get_paths()["stdlib"], "<frozen ", "<string>")
_SITE = Path(sysconfig.get_paths()["purelib"])
_EVERY = 0.001

seen: Counter[str] = Counter()
_names: dict[CodeType, str | None] = {}


def look(_signal: int, frame: FrameType | None) -> None:
    """Counts the innermost place that is not the standard library's."""
    while frame is not None:
        code = frame.f_code
        name = _names[code] if code in _names else _names.setdefault(code, named(code))
        if name is not None:
            seen[name] += 1
            return
        frame = frame.f_back
    seen["python"] += 1


def named(code: CodeType) -> str | None:
    """Whose code it is; None for the standard library's and for what it has written itself."""
    file = Path(code.co_filename)
    for base in (_SITE, ROOT):
        if file.is_relative_to(base):
            parts = file.relative_to(base).with_suffix("").parts
            return f"{'.'.join(parts)}:{code.co_name}"
    made = code.co_filename.strip("<>")
    standard = code.co_filename.startswith(_STANDARD)
    return None if standard else f"{made}:{code.co_name}"


def tell(target: Path) -> None:
    """Writes what was seen, whole or not at all, and begins anew."""
    draft = target.with_suffix(".draft")
    draft.write_text(json.dumps(seen))
    seen.clear()
    draft.rename(target)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    signal.signal(signal.SIGUSR1, lambda *_: tell(place))
    signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)
    main(sys.argv[2:])
