"""`docs/contributing/first-hour.md` is done as it stands, block by block, in a copy of the tree."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway import client
from tests.adapters.installed import install
from tests.paths import DOCS, ROOT

PAGE = (DOCS / "contributing" / "first-hour.md").read_text("utf-8")
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
# Setting up is what the copy and the environment of this test stand for.
SET_UP = ("git clone ", "cd carbon-gateway", "make install", ". .venv/bin/activate")
PROGRAMS = {
    "cgw": ("-c", "from gateway.cli import main; main()"),
    "ruff": ("-m", "ruff"),
    "python": (),
}


class Copy:
    """A copy of the repository, in which the page's blocks are done one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False
        )
        if listed.returncode:
            pytest.skip("not a git checkout")
        for name in listed.stdout.decode().split("\0"):
            if name and (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, folder / name)

    def start(self, *command: str) -> subprocess.Popen[str]:
        """A command in the copy, by the modules of the copy."""
        path = os.pathsep.join((str(self.folder), str(self.folder / "coastal")))
        options = "-x -p no:cacheprovider"
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": path, "PYTEST_ADDOPTS": options},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def shell(self, line: str) -> None:
        """A line of a shell block; it fails where the page says so, and only there."""
        if line.startswith(SET_UP):
            return
        words = shlex.split(line, comments=True)
        if words[:3] == ["pip", "install", "-e"]:
            install(self.folder / words[3])
            return
        with self.start(*PROGRAMS[words[0]], *words[1:]) as running:
            said, _ = running.communicate()
        assert (running.returncode != 0) == line.endswith("# fails"), f"{line}\n{said}"

    def ask(self, question: str) -> Any:
        """What `make demo` answers."""
        with self.start(*PROGRAMS["cgw"], "demo", "--port", "0") as running:
            assert running.stdout is not None
            try:
                found = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in running.stdout)
                url = next(match[0] for match in found if match)
                return json.loads(client.ask(url, question))
            finally:
                running.send_signal(signal.SIGINT)
                running.communicate()

    def edit(self, name: str, diff: str) -> None:
        """The lines of the block that are there already, replaced by those that are to be."""
        lines = diff.splitlines()
        before = "\n".join(line[1:] for line in lines if line[:1] != "+") + "\n"
        after = "\n".join(line[1:] for line in lines if line[:1] != "-") + "\n"
        text = (self.folder / name).read_text("utf-8")
        assert text.count(before) == 1, f"{name} has not exactly one place of:\n{before}"
        (self.folder / name).write_text(text.replace(before, after), "utf-8")

    def write(self, name: str, text: str) -> None:
        """A new file."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, "utf-8")


def blocks() -> Iterator[tuple[str, str, str]]:
    """Language, title and text of each block of the page."""
    yield from BLOCK.findall(PAGE)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_newcomer_comes_from_the_clone_to_a_registry_with_tests(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    # What `cgw adapters new` writes passes as it is: tests/adapters/test_scaffold.py shows it.
    passed = "cgw adapters test coastal"
    question = ""
    for language, title, text in blocks():
        if language == "sh":
            for line in text.splitlines():
                if line == passed:
                    passed = ""
                    continue
                copy.shell(line)
        elif language == "diff":
            copy.edit(title, text)
        elif language == "python":
            copy.write(title, text)
        else:
            assert language == "graphql"
            question = text
    found = copy.ask(question)["data"]["projects"]
    assert found["coverage"] == [{"registry": "coastal", "outcome": "OK", "complete": True}]
    (first, *_) = found["nodes"]
    assert first["projectStatus"] == "WITHDRAWN"
    assert first["projectStatusRaw"] == "Withdrawn by proponent"
    assert first["projectDeveloper"]


def test_every_block_of_the_page_is_of_a_kind_that_is_done() -> None:
    kinds = {language for language, _, _ in blocks()}
    assert kinds == {"sh", "diff", "python", "graphql"}
    assert len(re.findall(r"^```\w", PAGE, re.MULTILINE)) == len(list(blocks()))
