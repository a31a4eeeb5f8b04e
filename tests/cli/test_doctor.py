"""`callengine doctor` as an operator uses it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import trio

from callengine.cli import execute
from callengine.doctor import Finding, State
from callengine.testing.wire import Reply, open_wire

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty one to work in, and nothing configured."""
    monkeypatch.chdir(tmp_path)
    for name in tuple(os.environ):  # noqa: TID251 - of this process, for the command
        if name not in ("PATH", "HOME", "LANG"):
            monkeypatch.delenv(name)
    return tmp_path


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}  # noqa: TID251 - of the child
    return subprocess.Popen(
        [sys.executable, "-m", "callengine", "doctor", *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT / "src"), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def rows(captured: Captured) -> list[Finding]:
    return [Finding(**{**row, "state": State(row["state"])}) for row in json.loads(captured.readouterr().out)]


def test_where_nothing_is_configured_nothing_is_wrong(capsys: Captured, folder: Path) -> None:
    assert execute(["doctor"]) == 0
    out = capsys.readouterr().out
    assert "skipped  PBX: Calls would run on the simulated PBX" in out
    assert out.splitlines()[-1].endswith("skipped.")
    assert "\x1b" not in out
    assert list(folder.iterdir()) == []


def test_programs_get_a_list(capsys: Captured) -> None:
    assert execute(["doctor", "--format", "json"]) == 0
    found = rows(capsys)
    assert found[0].what == "settings" and found[0].state is State.OK
    assert [each.what for each in found if each.state is State.FAILED] == []


def test_all_settings_that_are_wrong_are_told_at_once(capsys: Captured, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_CONCURRENT_CALLS", "many")
    monkeypatch.setenv("SMS_API_KEY", "canary-5")
    (folder / ".env").write_text("STT_PROVIDER=openai\nARI_BASE_URL=nowhere\n", encoding="utf-8")
    assert execute(["doctor", "--format", "json"]) == 2
    found = rows(capsys)
    told = " ".join(each.sentence for each in found)
    assert [each.state for each in found] == [State.FAILED] * 3 + [State.SKIPPED]
    assert all(name in told for name in ("MAX_CONCURRENT_CALLS", "OPENAI_API_KEY", "ARI_BASE_URL"))
    assert "canary" not in told


def test_a_file_that_cannot_be_read(capsys: Captured) -> None:
    assert execute(["doctor", "--config", "nowhere.toml"]) == 2
    out = capsys.readouterr().out
    assert "failed   settings: nowhere.toml cannot be read" in out
    assert "to mend it:" in out


def test_what_fails_fails_the_command(capsys: Captured, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARI_BASE_URL", "http://127.0.0.1:9/ari")
    monkeypatch.setenv("ARI_PASSWORD", "canary-9")
    assert execute(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "failed   PBX: nothing listens at 127.0.0.1:9" in out
    assert "failed   scenarios:" in out
    assert "SCENARIOS_DIR" in out and "OUTBOUND_TRUNK" in out
    assert "canary" not in out
    assert execute(["doctor", "--simulate"]) == 0
    assert "simulated PBX" in capsys.readouterr().out


@pytest.mark.parametrize("within", ["0", "-1", "nan", "soon"])
def test_a_bound_that_is_none(within: str) -> None:
    assert execute(["doctor", "--within", within]) == 2


async def test_ctrl_c_ends_it_at_once(folder: Path) -> None:
    async with open_wire(Reply(held=-1)) as wire:
        key = {"GAPGPT_BASE_URL": f"{wire.url}/v1", "GAPGPT_API_KEY": "canary-1"}
        child = await trio.to_thread.run_sync(lambda: start(folder, **key))
        with trio.fail_after(PATIENCE):
            await wire.wait_asked()
            child.send_signal(signal.SIGINT)
            _, err = await trio.to_thread.run_sync(child.communicate)
    assert child.returncode == 130, err
    assert err.strip() == "callengine: interrupted"
