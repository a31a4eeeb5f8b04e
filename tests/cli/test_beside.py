"""`callengine contacts` and `callengine dnc` beside an engine in a process of its own, on a file and on PostgreSQL."""

import csv
from io import StringIO
from pathlib import Path

import pytest

from callengine.cli import execute
from tests.cli.test_run import PATIENCE, start

CALLED_FIRST, BLOCKED_ALONE, BLOCKED_BY_FILE, BLOCKED_AND_FREED = (f"0912000000{place}" for place in range(1, 5))
IMPORTED, IMPORTED_AND_BLOCKED = "09130000001", "09130000002"

FLOW = """
scenario:
  name: offer
  flow:
    - {step: start, type: entry, next: bye}
    - {step: bye, type: hangup}
"""


@pytest.fixture
def environment(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The same settings for the commands, which run here, and for the engine, which runs in a process of its own."""
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "offer.yaml").write_text(FLOW, encoding="utf-8")
    given = {
        "STORE_URL": url,
        "REGION": "IR",
        "SCENARIOS_DIR": str(tmp_path / "flows"),
        "STATIC_CONTACTS": ",".join((CALLED_FIRST, BLOCKED_ALONE, BLOCKED_BY_FILE, BLOCKED_AND_FREED)),
        "ORIGINATION_TIMEOUT": "2",
        "LOG_FORMAT": "json",
    }
    monkeypatch.chdir(tmp_path)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return given


def test_numbers_blocked_beside_a_running_engine_are_not_dialled_and_contacts_imported_are(
    tmp_path: Path, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The engine has read its contacts, and is paused while the list and the do-not-dial list change."""

    def callengine(*arguments: str) -> str:
        code = execute(list(arguments))
        told = capsys.readouterr()
        assert code == 0, told.err
        return told.out

    (tmp_path / "more.csv").write_text(
        f"phone_number,name\n+98 {IMPORTED[1:]},Sara\n{IMPORTED_AND_BLOCKED},\n", encoding="utf-8"
    )
    (tmp_path / "never.csv").write_text(f"{BLOCKED_BY_FILE}\n{IMPORTED_AND_BLOCKED}\n", encoding="utf-8")
    callengine("campaign", "pause")
    engine = start(tmp_path, "--simulate", "--until-done", **environment)
    try:
        assert engine.stderr is not None
        for line in engine.stderr:
            if "PBX reached" in line:
                break
        assert callengine("dnc", "add", f"0098{BLOCKED_ALONE[1:]}", BLOCKED_AND_FREED) == (
            "2 added, 0 were on the list already.\n"
        )
        assert callengine("dnc", "import", "never.csv") == "never.csv: 2 accepted, 0 repeated, 0 refused.\n"
        assert callengine("dnc", "remove", BLOCKED_AND_FREED) == "1 removed, 0 were not on the list.\n"
        assert callengine("contacts", "import", "more.csv") == "more.csv: 2 accepted, 0 repeated, 0 refused.\n"
        pending = [line.split("\t")[0] for line in callengine("contacts", "list", "--state", "pending").splitlines()]
        assert pending == [*environment["STATIC_CONTACTS"].split(","), IMPORTED, IMPORTED_AND_BLOCKED]
        callengine("campaign", "resume")
        _, said = engine.communicate(timeout=PATIENCE)
        assert engine.returncode == 0, said
    finally:
        engine.kill()
        engine.wait()

    called = {line.split("\t")[2] for line in callengine("calls", "list").splitlines() if "do_not_dial" not in line}
    assert called == {CALLED_FIRST, BLOCKED_AND_FREED, IMPORTED}
    blocked = {line.split("\t")[0] for line in callengine("dnc", "list").splitlines()}
    assert blocked == {BLOCKED_ALONE, BLOCKED_BY_FILE, IMPORTED_AND_BLOCKED}
    exported = list(csv.DictReader(StringIO(callengine("contacts", "export", "--state", "done"))))
    tried = {row["phone_number"].lstrip("'"): (row["contact_tried"], row["contact_result"]) for row in exported}
    assert len(tried) == 6
    assert {number for number, (_, result) in tried.items() if result == "failed:do_not_dial"} == blocked
    assert {tries for tries, result in tried.values() if result == "failed:do_not_dial"} == {"0"}
    assert [row["name"] for row in exported if row["name"]] == ["Sara"]
