from pathlib import Path

import pytest

from tests.e2e.packages import CannotFetch, fetch, mirror

DEB822 = (
    "Types: deb\n# a comment\nURIs: http://mirror.invalid/debian-security\n\nTypes: deb\nURIs: http://mirror.invalid/debian\n"
)
ONE_LINE = "deb cdrom:[disc]/ stable main\ndeb [signed-by=/key.gpg] http://old.invalid/debian stable main\n"


def apt_folder(folder: Path, *, deb822: str = "", one_line: str = "") -> Path:
    (folder / "sources.list.d").mkdir()
    if deb822:
        (folder / "sources.list.d/debian.sources").write_text(deb822)
    if one_line:
        (folder / "sources.list").write_text(one_line)
    return folder


def test_the_mirror_is_the_machines_own(tmp_path: Path) -> None:
    assert mirror(apt_folder(tmp_path, deb822=DEB822, one_line=ONE_LINE)) == "http://mirror.invalid/debian"


def test_the_mirror_of_an_old_sources_list(tmp_path: Path) -> None:
    assert mirror(apt_folder(tmp_path, one_line=ONE_LINE)) == "http://old.invalid/debian"


def test_a_machine_without_a_mirror_cannot_fetch(tmp_path: Path) -> None:
    with pytest.raises(CannotFetch, match="no Debian mirror"):
        mirror(apt_folder(tmp_path))


def test_what_fails_every_time_says_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.e2e.packages.PAUSE", 0.0)
    with pytest.raises(CannotFetch, match="failed 3 times: no route"):
        fetch(["sh", "-c", "echo trying; echo no route >&2; exit 1"])
