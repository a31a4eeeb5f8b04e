"""`callengine lint`, as a shell sees it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from callengine.cli import execute
from callengine.cli.lint import MOST_SHOWN

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "fsm" / "data"
CLEAN = ROOT / "flows" / "appointment.yaml"
BROKEN = DATA / "structure.yaml"

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def warned(tmp_path: Path) -> Path:
    path = tmp_path / "warned.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + CLEAN.read_bytes())
    return path


def test_a_clean_file(capsys: Captured) -> None:
    assert execute(["lint", str(CLEAN)]) == 0
    assert capsys.readouterr().out == "1 file checked: no findings.\n"


def test_a_file_with_errors_says_each_and_sums_up(capsys: Captured) -> None:
    assert execute(["lint", str(BROKEN), str(CLEAN)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{BROKEN}:53:17: F101 error: step 'record_response': ")
    assert lines[1:4] == ["    53 |       on_empty: hangup_empty", "       |                 ^", ""]
    assert lines[-1] == "2 files checked: 7 errors."


def test_colours_are_for_terminals(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    for variable in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(variable, raising=False)
    execute(["lint", str(BROKEN)])
    assert "\x1b" not in capsys.readouterr().out
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    execute(["lint", str(BROKEN)])
    assert "\x1b[1;31merror\x1b[0m" in capsys.readouterr().out


def test_of_very_many_findings_people_see_the_first(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "many.yaml"
    prompts = "".join(f"p{number}: x, " for number in range(MOST_SHOWN + 7))
    greeting = "{step: a, type: entry, next: b}, {step: b, type: play_prompt, prompt: p0, next: c}"
    flow = f"[{greeting}, {{step: c, type: set_result, result: unknown, next: d}}, {{step: d, type: hangup}}]"
    path.write_text(f"scenario: {{name: x, prompts: {{{prompts}}}, flow: {flow}}}")
    assert execute(["lint", str(path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert sum("F106" in line for line in lines) == MOST_SHOWN
    assert lines[-3] == f"{path}: 7 more findings; mend these first, or see them all with --format json"
    assert lines[-1] == f"1 file checked: {MOST_SHOWN + 7} errors."


def test_a_log_for_code_hosts(capsys: Captured) -> None:
    assert execute(["lint", str(BROKEN), str(CLEAN), "--format", "sarif"]) == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["F101"] * 7


def test_warnings_fail_only_when_strict(warned: Path, capsys: Captured) -> None:
    assert execute(["lint", str(warned)]) == 0
    assert execute(["lint", "--strict", str(warned)]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 file checked: 1 warning."


def test_rows_for_programs(capsys: Captured) -> None:
    assert execute(["lint", str(BROKEN), "--format", "json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert rows[0].pop("message").startswith("step 'record_response': `on_empty` leads to 'hangup_empty'")
    assert rows[0] == {
        "path": str(BROKEN),
        "line": 53,
        "column": 17,
        "code": "F101",
        "severity": "error",
        "flow": "flow",
        "step": "record_response",
    }
    assert execute(["lint", str(CLEAN), "--format=json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_folders_are_searched_for_scenarios_but_not_for_flow_tests(tmp_path: Path, capsys: Captured) -> None:
    for name in ("b.yaml", "a/c.yml", "a/c.test.yaml", "a/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(BROKEN.read_bytes())
    execute(["lint", str(tmp_path), "--format", "json"])
    paths = [row["path"] for row in json.loads(capsys.readouterr().out)]
    assert list(dict.fromkeys(paths)) == [str(tmp_path / "b.yaml"), str(tmp_path / "a" / "c.yml")]


@pytest.mark.parametrize(
    "arguments",
    [["lint"], ["lint", "no/such.yaml"], ["lint", str(CLEAN), "no/such"], ["lint", "--format", "xml", str(CLEAN)], ["lnit"]],
)
def test_wrong_usage_and_unreadable_paths(arguments: list[str], capsys: Captured) -> None:
    assert execute(arguments) == 2
    assert capsys.readouterr().err


def test_a_flow_test_named_among_scenarios_is_left_out(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "one.test.yaml"
    path.write_text("cases: []")
    assert execute(["lint", str(CLEAN), str(path)]) == 0
    assert capsys.readouterr().out == "1 file checked: no findings.\n"


def test_a_folder_without_scenarios_is_a_mistake(tmp_path: Path, capsys: Captured) -> None:
    assert execute(["lint", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"callengine: no scenario file in {tmp_path}\n"


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(2**40)
    assert execute(["lint", str(path)]) == 1
    assert "F002" in capsys.readouterr().out


def test_a_device_is_no_scenario_file(capsys: Captured) -> None:
    assert execute(["lint", "/dev/zero"]) == 2
    assert "not a regular file" in capsys.readouterr().err


def test_the_command_as_a_process_that_knows_no_persian(tmp_path: Path) -> None:
    path = tmp_path / "نام.yaml"
    path.write_text("scenario: {نام: x}", encoding="utf-8")
    environment = {"PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "callengine", "lint", str(path)]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 1
    assert done.stderr == b""
    assert b"F013" in done.stdout


def test_a_pipe_is_no_scenario_file(tmp_path: Path, capsys: Captured) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert execute(["lint", str(tmp_path / "pipe.yaml")]) == 2
    assert "not a regular file" in capsys.readouterr().err


def test_neither_a_file_nor_its_name_plays_tricks_on_a_terminal(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "a\x1b[2J\u202e.yaml"
    path.write_bytes("scenario: {name: \x1b[2J\x00\u202e, flow: &a !b }".encode())
    assert execute(["lint", str(path)]) == 1
    written = capsys.readouterr().out
    assert "F003" in written
    assert all(char.isprintable() or char == "\n" for char in written)


def test_links_that_lead_nowhere_are_refused(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "up").symlink_to("..")
    (tmp_path / "folder" / "b.yaml").write_bytes(BROKEN.read_bytes())
    assert execute(["lint", str(tmp_path)]) == 2
    written = capsys.readouterr()
    assert "levels of symbolic links" in written.err
    assert written.out.endswith("1 file checked: 7 errors.\n"), "the others are checked all the same, each once"


@pytest.mark.parametrize(("redirection", "code"), [(">&-", 0), (">/dev/full", 2)])
def test_an_output_that_cannot_be_written_gives_no_traceback(redirection: str, code: int) -> None:
    command = f"{sys.executable} -m callengine lint {ROOT / 'flows'} {redirection}"
    environment = {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(["sh", "-c", command], capture_output=True, env=environment, check=False)
    assert b"Traceback" not in done.stderr
    assert done.returncode == code


def test_explain_tells_the_longest_call_and_the_longest_silence_with_their_ways(capsys: Captured) -> None:
    assert execute(["lint", "--explain", str(ROOT / "flows" / "course_offer.yaml")]) == 0
    told = capsys.readouterr().out
    assert "course_offer.yaml: flow: longest call 1,785 s\n  start > say_hello (120 s) > listen (45 s)" in told
    assert "course_offer.yaml: inbound_flow: longest silence 0 s" in told


def test_nothing_is_explained_of_a_file_that_cannot_run(tmp_path: Path, capsys: Captured) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("scenario: {}\n", encoding="utf-8")
    assert execute(["lint", "--explain", str(broken)]) == 1
    assert "longest" not in capsys.readouterr().out
