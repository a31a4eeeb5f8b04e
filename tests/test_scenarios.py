"""The scenarios of a folder: what runs, what is left out, what is refused."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from callengine.errors import ConfigError
from callengine.scenarios import load_scenarios

FLOWS = Path(__file__).parents[1] / "flows"
GOOD = "scenario: {{name: {name}, company: {company}, flow: [{{step: a, type: entry, next: b}}, {{step: b, type: hangup}}]}}"


def write(folder: Path, file: str, name: str = "one", company: str = '""') -> None:
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_text(GOOD.format(name=name, company=company), encoding="utf-8")


def names(folder: Path, *, company: str = "", strict: bool = False) -> list[str]:
    return [scenario.name for scenario in load_scenarios(folder, company=company, strict=strict)]


def test_the_examples_load_without_a_finding() -> None:
    with capture_logs() as logs:
        assert names(FLOWS, strict=True) == ["appointment", "course_offer"]
    told = [entry["event"] for entry in logs]
    assert told[0].startswith("Loaded scenario 'appointment' from appointment.yaml"), "operators grep for these words"
    assert {entry["log_level"] for entry in logs} == {"info"}


def test_folders_below_count_and_flow_tests_do_not(tmp_path: Path) -> None:
    write(tmp_path, "b.yml", "two")
    write(tmp_path, "a.yaml", "one")
    write(tmp_path, "more/c.yaml", "three")
    write(tmp_path, "a.test.yaml", "never")
    (tmp_path / "notes.txt").write_text("no scenario", encoding="utf-8")
    assert names(tmp_path) == ["one", "two", "three"]


def test_what_cannot_run_is_left_out_and_told(tmp_path: Path) -> None:
    write(tmp_path, "good.yaml")
    (tmp_path / "broken.yaml").write_text(
        "scenario: {name: x, flow: [{step: a, type: entry, next: nowhere}]}", encoding="utf-8"
    )
    (tmp_path / "binary.yaml").write_bytes(b"\xff\x00\xfe")
    with capture_logs() as logs:
        assert names(tmp_path) == ["one"]
    failed = [entry["event"] for entry in logs if entry["log_level"] == "error"]
    assert [event.split(":")[0] for event in failed] == [
        "Failed to load scenario binary.yaml",
        "Failed to load scenario broken.yaml",
    ]
    assert any("broken.yaml:1:" in entry["event"] for entry in logs)


def test_files_of_another_company_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "ours.yaml", "ours", "acme")
    write(tmp_path, "anybodys.yaml", "anybodys")
    write(tmp_path, "theirs.yaml", "theirs", "other")
    assert names(tmp_path, company="acme") == ["anybodys", "ours"]


@pytest.mark.parametrize("company", ["", "nobody"])
def test_a_folder_without_a_usable_file_is_refused(company: str, tmp_path: Path) -> None:
    write(tmp_path, "theirs.yaml" if company else "a.test.yaml", "theirs", "other")
    with pytest.raises(ConfigError, match="callengine lint"):
        names(tmp_path, company=company)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere cannot be read"):
        names(tmp_path / "nowhere")


def test_two_scenarios_of_one_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml")
    write(tmp_path, "b.yaml")
    with pytest.raises(ConfigError, match=r"b\.yaml.*a\.yaml"):
        names(tmp_path)


def test_keys_that_change_nothing_yet_are_named(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml")
    text = (tmp_path / "a.yaml").read_text(encoding="utf-8")
    (tmp_path / "a.yaml").write_text(text.replace("{name: one,", "{name: one, weight: 2, operators: {inbound: [7001]},"))
    with capture_logs() as logs:
        assert names(tmp_path) == ["one"]
    warnings = [entry["event"] for entry in logs if entry["log_level"] == "warning"]
    assert warnings == [f"{tmp_path / 'a.yaml'}: not in force yet: weight, operators"]
