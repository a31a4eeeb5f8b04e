"""Scenario files on disk: which are found, and how much of them is read."""

from pathlib import Path

import pytest

from callengine.fsm import MOST_BYTES
from callengine.scenarios import case_files, read


def test_of_a_large_file_no_more_is_read_than_shows_that_it_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    assert len(read(path)) == MOST_BYTES + 1


def test_flow_tests_are_found_in_folders_and_beside_their_scenario(tmp_path: Path) -> None:
    for name in ("b.yaml", "b.test.yaml", "a.yml", "more/c.test.yml", "alone.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    tests = [tmp_path / "b.test.yaml", tmp_path / "more" / "c.test.yml"]
    assert list(case_files(tmp_path)) == tests
    assert list(case_files(tmp_path / "b.yaml")) == tests[:1]
    assert list(case_files(tests[1])) == tests[1:]
    assert list(case_files(tmp_path / "alone.yaml")) == []
    with pytest.raises(FileNotFoundError):
        list(case_files(tmp_path / "nothing.yaml"))
