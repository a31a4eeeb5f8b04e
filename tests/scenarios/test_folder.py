"""The scenarios of a folder: what runs, what is left out, what is refused."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from callengine.errors import ConfigError
from callengine.fsm import Scenario
from callengine.scenarios import Reading, ScenarioFolder, load_scenarios

FLOWS = Path(__file__).parents[2] / "flows"
GOOD = (
    "scenario: {{name: {name}, company: {company}, prompts: {{p: 'sound:p'}}, flow: [{{step: a, type: entry, next: b}},"
    " {{step: b, type: play_prompt, prompt: p, next: c}}, {{step: c, type: set_result, result: unknown, next: d}},"
    " {{step: d, type: hangup}}]}}"
)


def write(folder: Path, file: str, name: str = "one", company: str = '""') -> None:
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_text(GOOD.format(name=name, company=company), encoding="utf-8")


def append(file: Path, line: str) -> None:
    with file.open("a", encoding="utf-8") as text:
        text.write(f"\n{line}\n")


def names(folder: Path, *, company: str = "", strict: bool = False) -> list[str]:
    return [scenario.name for scenario in load_scenarios(folder, company=company, strict=strict)]


def test_the_examples_load_without_a_finding() -> None:
    with capture_logs() as logs:
        assert names(FLOWS, strict=True) == ["appointment", "course_offer", "debt_reminder", "reception", "survey"]
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


def test_what_runs_only_within_the_budgets_of_a_call_is_told_and_kept_out_on_request(tmp_path: Path) -> None:
    write(tmp_path, "good.yaml", "good")
    endless = (
        "scenario: {name: endless, flow: [{step: a, type: entry, next: b}, {step: b, type: record, next: b, on_empty: b}]}"
    )
    (tmp_path / "endless.yaml").write_text(endless, encoding="utf-8")
    with capture_logs() as logs:
        assert names(tmp_path) == ["endless", "good"]
    assert any("F203 error" in entry["event"] for entry in logs if entry["log_level"] == "warning")
    assert names(tmp_path, strict=True) == ["good"]


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


class TestReread:
    """A folder that is in force, and what its files are changed to meanwhile."""

    def folder(self, path: Path, *files: str) -> ScenarioFolder:
        for name in files or ("one", "two"):
            write(path, f"{name}.yaml", name)
        folder = ScenarioFolder(path)
        folder.load()
        return folder

    def reread(self, folder: ScenarioFolder) -> Reading:
        reading = folder.reread()
        folder.take_up(reading)
        return reading

    def test_what_nobody_touched_is_the_same_object(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        before = folder.scenarios
        reading = self.reread(folder)
        assert (reading.loaded, reading.kept, reading.removed, reading.refused) == ((), ("one", "two"), (), ())
        assert all(old is new for old, new in zip(before, folder.scenarios, strict=True))

    def test_new_changed_and_removed_files(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path, "one", "two", "three")
        write(tmp_path, "four.yaml", "four")
        append(tmp_path / "two.yaml", "# changed")
        (tmp_path / "one.yaml").unlink()
        with capture_logs() as logs:
            reading = self.reread(folder)
        assert (reading.loaded, reading.kept, reading.removed) == (("four", "two"), ("three",), ("one",))
        assert [entry["event"].split(" from ")[0] for entry in logs] == ["Loaded scenario 'four'", "Loaded scenario 'two'"]

    @pytest.mark.parametrize("spoilt", [b"scenario: [", b"scenario: {name: x, flow: [{step: a, type: entry, next: nowhere}]}"])
    def test_a_file_with_errors_replaces_nothing_and_says_so(self, tmp_path: Path, spoilt: bytes) -> None:
        folder = self.folder(tmp_path)
        old = folder.scenarios
        (tmp_path / "one.yaml").write_bytes(spoilt)
        for _ in range(2):
            with capture_logs() as logs:
                reading = self.reread(folder)
            assert folder.scenarios == old
            [refusal] = reading.refused
            assert (refusal.path, refusal.kept) == (str(tmp_path / "one.yaml"), "one")
            assert refusal.reasons[0].startswith(f"{tmp_path / 'one.yaml'}:1:")
            assert "Failed to load scenario one.yaml: 1 findings; 'one' stays" in logs[-1]["event"]
        write(tmp_path, "one.yaml", "one")
        append(tmp_path / "one.yaml", "# mended")
        assert self.reread(folder).loaded == ("one",)

    def test_a_new_file_with_errors_is_left_out(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        (tmp_path / "new.yaml").write_text("scenario: [", encoding="utf-8")
        reading = self.reread(folder)
        assert [(refusal.path, refusal.kept) for refusal in reading.refused] == [(str(tmp_path / "new.yaml"), "")]
        assert [scenario.name for scenario in folder.scenarios] == ["one", "two"]

    def test_a_file_that_cannot_be_read_keeps_its_version(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        (tmp_path / "one.yaml").unlink()
        (tmp_path / "one.yaml").symlink_to(tmp_path / "nowhere")
        [refusal] = self.reread(folder).refused
        assert (refusal.kept, refusal.reasons) == ("one", ("No such file or directory",))

    def test_a_folder_that_cannot_be_read_keeps_them_all(self, tmp_path: Path) -> None:
        path = tmp_path / "flows"
        path.mkdir()
        folder = self.folder(path)
        path.rename(tmp_path / "away")
        reading = self.reread(folder)
        assert (reading.kept, reading.removed) == (("one", "two"), ())
        assert [refusal.path for refusal in reading.refused] == [str(path)]

    def test_what_the_engine_cannot_use_is_refused(self, tmp_path: Path) -> None:
        def unusable(scenario: Scenario) -> None:
            raise ConfigError("nobody is called Ali")

        folder = self.folder(tmp_path)
        append(tmp_path / "two.yaml", "# changed")
        reading = folder.reread(unusable)
        assert [(refusal.reasons, refusal.kept) for refusal in reading.refused] == [(("nobody is called Ali",), "two")]

    def test_who_has_a_name_keeps_it(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        write(tmp_path, "a.yaml", "one")
        reading = self.reread(folder)
        assert reading.kept == ("one", "two")
        [refusal] = reading.refused
        assert refusal.path == str(tmp_path / "a.yaml")
        assert "stands in" in refusal.reasons[0]

    def test_one_that_takes_anothers_name_falls_back(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        write(tmp_path, "one.yaml", "two")
        reading = self.reread(folder)
        assert reading.kept == ("one", "two")
        assert [refusal.kept for refusal in reading.refused] == ["one"]

    def test_two_may_change_names(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        write(tmp_path, "one.yaml", "two")
        write(tmp_path, "two.yaml", "one")
        reading = self.reread(folder)
        assert (sorted(reading.loaded), reading.removed, reading.refused) == (["one", "two"], (), ())

    def test_a_file_may_be_renamed(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        (tmp_path / "one.yaml").rename(tmp_path / "uno.yaml")
        reading = self.reread(folder)
        assert (reading.loaded, reading.kept, reading.removed, reading.refused) == (("one",), ("two",), (), ())

    def test_looks_differ_as_soon_as_a_file_was_touched(self, tmp_path: Path) -> None:
        folder = self.folder(tmp_path)
        assert folder.look() == folder.look_when_read
        append(tmp_path / "one.yaml", "# changed")
        assert folder.look() != folder.look_when_read
        self.reread(folder)
        assert folder.look() == folder.look_when_read
