"""Where scenario files and their flow tests are, and what is in them."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from callengine.fsm import MOST_BYTES

SUFFIXES = (".yaml", ".yml")
TEST_SUFFIXES = (".test.yaml", ".test.yml")

Look = tuple[tuple[str, ...], ...]
"""What can be seen of files from outside: another look is equal as long as nobody has touched them."""


def read(path: Path) -> bytes:
    """The bytes of a scenario file, though never more than are needed to see that it is too large.

    Raises:
        OSError: it cannot be read, or is no file: a pipe would keep us waiting.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def scenario_files(path: Path) -> Iterator[Path]:
    """The file itself, or the scenario files in a folder and the folders below, in the order of their names.

    Files named `*.test.yaml` are flow tests and left out, so that `flows/*.yaml` may be given too.

    Raises:
        OSError: there is no such path, or a folder cannot be read.
    """
    if path.is_dir():
        yield from _files_in(path, lambda name: name.endswith(SUFFIXES) and not name.endswith(TEST_SUFFIXES))
        return
    path.stat()
    if not path.name.endswith(TEST_SUFFIXES):
        yield path


def case_files(path: Path) -> Iterator[Path]:
    """The files of flow tests in a folder and the folders below, or the file itself; those beside it if it is a scenario.

    Raises:
        OSError: there is no such path, or a folder cannot be read.
    """
    if path.is_dir():
        yield from _files_in(path, lambda name: name.endswith(TEST_SUFFIXES))
        return
    path.stat()
    if path.name.endswith(TEST_SUFFIXES):
        yield path
    else:
        beside = (path.with_name(path.stem + suffix) for suffix in TEST_SUFFIXES)
        yield from (file for file in beside if file.is_file())


def _files_in(folder: Path, wanted: Callable[[str], bool]) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, onerror=_raise):
        folders.sort()
        yield from (Path(place, name) for name in sorted(names) if wanted(name))


def _raise(error: OSError) -> None:
    raise error


def reason(error: OSError) -> str:
    """Why a path cannot be read, for people."""
    return error.strerror or str(error)


def look_at(path: Path) -> Look:
    """Look at a scenario file, or those of a folder, without reading them. An error is a look, too."""
    try:
        return tuple(_seen(file) for file in scenario_files(path))
    except OSError as error:
        return ((str(path), reason(error)),)


def _seen(file: Path) -> tuple[str, ...]:
    """With the time of the last change of any kind: a file may be replaced by one of the same size and an older date."""
    try:
        facts = file.stat()
    except OSError as error:
        return str(file), reason(error)
    return str(file), f"{facts.st_mtime_ns}", f"{facts.st_ctime_ns}", f"{facts.st_size}"
