"""The progress bar of commands that take long."""

import pytest

from callengine.cli import bar


@pytest.mark.parametrize(("shows_after", "shown"), [(-1.0, True), (60.0, False)])
def test_it_appears_on_a_terminal_when_the_work_takes_long(
    shows_after: float, shown: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(bar, "SHOWS_AFTER", shows_after)
    with bar.bar_over(2, "phone calls") as progress:
        progress.advance()
    assert ("phone calls" in capsys.readouterr().err) is shown


def test_a_file_is_spared(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(bar, "SHOWS_AFTER", -1.0)
    with bar.bar_over(2, "phone calls") as progress:
        progress.advance()
    assert capsys.readouterr().err == ""
