"""`callengine run` as an operator uses it: processes of their own, on the simulated PBX."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path

import httpx
import pytest
import trio

from callengine.cli.run import run
from callengine.engine import Engine
from callengine.errors import AriLost
from callengine.model import SystemAmbient
from callengine.simulator import HangUp, Instead, Moment, People, Persona, SimulatedPbx

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds for a whole run; a handful of calls takes about eight."""


COMMAND = (sys.executable, "-m", "callengine", "run")


EXAMPLES = ["appointment", "course_offer", "debt_reminder", "reception", "survey"]


def environ(**given: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}  # noqa: TID251
    return {**inherited, "PYTHONPATH": str(ROOT / "src"), **given}


def start(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """`python -m callengine run` in an empty folder, with nothing in its environment but what is given."""
    return subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environ(**environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_three_contacts_on_the_simulated_pbx(tmp_path: Path) -> None:
    """It says that no PBX is configured, calls everybody, sums up, and reports."""
    engine = start(tmp_path, "--report", "r.json", STATIC_CONTACTS="09121110001,09121110002,0912 111 0003", LOG_LEVEL="INFO")
    out, err = engine.communicate(timeout=PATIENCE)
    assert engine.returncode == 0, err
    assert "No PBX is configured" in err
    assert "Loaded scenario 'appointment' from appointment.yaml" in err
    assert "Assigned scenario 'course_offer' to contact 09121110002" in err
    assert "Summary" in out
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert report["attempts"] == 3
    assert report["violations"] == []
    assert not any(report["leaked"].values())
    assert sum(report["dispositions"].values()) == 3
    assert set(report["counts"]) <= {"appointment", "course_offer", "survey"}
    assert sum(flow["steps"]["start"] for flows in report["counts"].values() for flow in flows.values()) >= 1
    assert report["counts"]["survey"]["flow"]["steps"]["start"] == 1, "the third is reached however the number is written"


def test_logs_carry_the_ids_of_call_and_attempt(tmp_path: Path) -> None:
    engine = start(tmp_path, STATIC_CONTACTS="09121110001", LOG_FORMAT="json")
    _, err = engine.communicate(timeout=PATIENCE)
    lines = [json.loads(line) for line in err.splitlines()]
    [begin] = [line for line in lines if line["event"] == "call begins"]
    [end] = [line for line in lines if line["event"].startswith("result ") and line["call_id"] == begin["call_id"]]
    assert begin["attempt_id"] == end["attempt_id"]


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_and_hangs_up(tmp_path: Path, sign: signal.Signals) -> None:
    """No new calls; those in progress end within the drain time or are hung up; exit code 0."""
    engine = start(tmp_path, "--report", "r.json", DRAIN_SECONDS="0.5", LOG_FORMAT="json")
    assert engine.stderr is not None
    for line in engine.stderr:
        if "call begins" in line:
            break
    engine.send_signal(sign)
    _, err = engine.communicate(timeout=PATIENCE)
    assert engine.returncode == 0, err
    assert "Traceback" not in err
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert 1 <= report["attempts"] < 20
    assert not any(report["leaked"].values())
    assert sum(report["dispositions"].values()) == report["attempts"]


def test_scenarios_are_read_again_on_a_signal_and_on_request(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    flows = tmp_path / "flows"
    shutil.copytree(ROOT / "flows", flows)
    url = f"http://127.0.0.1:{port}/admin/reload-scenarios"
    engine = start(tmp_path, ADMIN_PORT=str(port), ADMIN_TOKEN="s3cret", SCENARIOS_WATCH="0", LOG_FORMAT="json")
    assert engine.stderr is not None
    told = (json.loads(line) for line in engine.stderr)
    next(line for line in told if line["event"] == "call begins")
    (flows / "broken.yaml").write_text("scenario: [", encoding="utf-8")
    assert httpx.post(url).status_code == 401
    answer = httpx.post(url, headers={"Authorization": "Bearer s3cret"})
    assert (answer.status_code, answer.json()["kept"]) == (200, EXAMPLES)
    assert answer.json()["refused"][0]["path"] == str(flows / "broken.yaml")
    next(line for line in told if line["event"] == "Scenarios reloaded")
    (flows / "broken.yaml").unlink()
    engine.send_signal(signal.SIGHUP)
    assert next(line for line in told if line["event"] == "Scenarios reloaded")["refused"] == []
    engine.send_signal(signal.SIGTERM)
    engine.send_signal(signal.SIGTERM)
    _, err = engine.communicate(timeout=PATIENCE)
    assert engine.returncode == 0, err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        (["--config", "nowhere.toml"], {}, "nowhere.toml"),
        (["--contacts", "nowhere.csv"], {}, "nowhere.csv"),
        ([], {"MAX_CONCURRENT_CALLS": "many"}, "MAX_CONCURRENT_CALLS"),
        (
            ["--until-done"],
            {"ARI_BASE_URL": "http://127.0.0.1:9/ari", "SCENARIOS_DIR": str(ROOT / "flows")},
            "give --contacts FILE, or set STATIC_CONTACTS",
        ),
        (
            [],
            {"ARI_BASE_URL": "http://127.0.0.1:9/ari", "SCENARIOS_DIR": str(ROOT / "flows"), "STATIC_CONTACTS": "0912111000"},
            "OUTBOUND_TRUNK",
        ),
        (
            [],
            {
                "ARI_BASE_URL": "http://127.0.0.1:9/ari",
                "SCENARIOS_DIR": str(ROOT / "flows"),
                "STATIC_CONTACTS": "0912111000",
                "OUTBOUND_TRUNK": "trunk",
            },
            "OUTBOUND_NUMBERS",
        ),
        ([], {"ARI_BASE_URL": "http://127.0.0.1:9/ari", "SCENARIOS_DIR": "nowhere"}, "SCENARIOS_DIR"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], told: str
) -> None:
    engine = start(tmp_path, *arguments, **environment)
    _, err = engine.communicate(timeout=PATIENCE)
    assert engine.returncode == 2
    assert told in err
    assert "Traceback" not in err


def test_a_pbx_that_cannot_be_reached_is_waited_for_until_a_signal(tmp_path: Path) -> None:
    engine = start(
        tmp_path,
        ARI_BASE_URL="http://127.0.0.1:9/ari",
        SCENARIOS_DIR=str(ROOT / "flows"),
        STATIC_CONTACTS="0912111000",
        OUTBOUND_TRUNK="trunk",
        OUTBOUND_NUMBERS="02191302954",
        LOG_FORMAT="json",
    )
    assert engine.stderr is not None
    for line in engine.stderr:
        if "PBX cannot be reached" in line:
            break
    engine.send_signal(signal.SIGTERM)
    _, err = engine.communicate(timeout=PATIENCE)
    assert engine.returncode == 0, err


async def test_what_came_of_calls_is_told_when_the_engine_cannot_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing judged the run, so nothing is said of violations; the report keeps its keys."""
    called = Engine.run

    async def taken_over(self: Engine, *, stay: bool = False) -> None:
        await called(self, stay=stay)
        raise AriLost("taken over")

    monkeypatch.setattr(Engine, "run", taken_over)
    monkeypatch.chdir(tmp_path)
    report = tmp_path / "r.json"
    async with trio.open_nursery() as nursery:
        pbx = SimulatedPbx(SystemAmbient(), People(otherwise=Persona(answers_after=0.1, instead=Instead.BUSY)))
        await nursery.start(pbx.run)
        host, port = await nursery.start(pbx.serve_tcp, "127.0.0.1", 0)
        config = configuration(tmp_path, f"http://{host}:{port}/ari", contacts="09121110001")
        assert await run(config=config, until_done=True, report=report) == 1
        nursery.cancel_scope.cancel()
    told = capsys.readouterr()
    assert "taken over" in told.err
    assert "most slots held on 0219" in told.out and "violations" not in told.out
    figures = json.loads(report.read_text(encoding="utf-8"))
    assert figures["attempts"] == 1 and figures["violations"] == []


def configuration(folder: Path, ari: str, *, contacts: str = "") -> Path:
    """A callengine.toml for a simulated PBX that is reached as a real one is."""
    config = folder / "callengine.toml"
    config.write_text(
        f'[ari]\nbase_url = "{ari}"\nusername = "callengine"\npassword = "callengine"\n'
        f'[dialing]\ntrunk = "trunk"\noutbound_numbers = ["0219"]\n[contacts]\nstatic = "{contacts}"\n'
        f'[scenarios]\ndir = "{ROOT / "flows"}"\n',
        encoding="utf-8",
    )
    return config


async def test_without_contacts_callers_are_served(tmp_path: Path) -> None:
    async with trio.open_nursery() as nursery:
        pbx = SimulatedPbx(SystemAmbient(), People())
        await nursery.start(pbx.run)
        host, port = await nursery.start(pbx.serve_tcp, "127.0.0.1", 0)
        configuration(tmp_path, f"http://{host}:{port}/ari")
        command = partial(
            trio.run_process, [*COMMAND, "--report", "r.json"], cwd=tmp_path, env=environ(), stderr=subprocess.PIPE
        )
        engine: trio.Process = await nursery.start(command)
        assert engine.stderr is not None
        with trio.fail_after(PATIENCE):
            await pbx.wait_listened_to()
            pbx.ring_in(Persona(hangs_up=HangUp(Moment.ANSWER, seconds=0.1)), "0219", "09131112233")
            told = b""
            while b"result inbound_call" not in told:
                told += await engine.stderr.receive_some()
            engine.send_signal(signal.SIGTERM)
            await engine.wait()
        nursery.cancel_scope.cancel()
    figures = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (figures["attempts"], figures["inbound"]) == (0, {"inbound_call": 1})
    [flows] = figures["counts"].values()
    assert flows["inbound_flow"]["steps"]["start"] == 1


def test_a_signal_before_there_is_an_engine_ends_the_start(tmp_path: Path) -> None:
    """Reading the contacts takes a while; a supervisor that stops the service then gets a clean end."""
    pipe = tmp_path / "people.csv"
    os.mkfifo(pipe)
    engine = start(tmp_path, "--contacts", "people.csv", LOG_FORMAT="json")
    assert engine.stderr is not None
    for line in engine.stderr:
        if "Loaded scenario 'course_offer'" in line:
            break
    engine.send_signal(signal.SIGTERM)
    pipe.write_text("09121110001\n", encoding="utf-8")
    _, err = engine.communicate(timeout=PATIENCE)
    assert "Traceback" not in err
    assert engine.returncode == 0, err


def test_contacts_of_whom_none_can_be_dialled_are_not_replaced_by_the_demos(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("phone_number\nnobody\n", encoding="utf-8")
    engine = start(tmp_path, "--contacts", "people.csv")
    _, err = engine.communicate(timeout=PATIENCE)
    assert engine.returncode == 2
    assert "nobody to call" in err


def test_a_report_that_cannot_be_written_is_told_before_anybody_is_called(tmp_path: Path) -> None:
    engine = start(tmp_path, "--report", "/nowhere/report.json")
    out, err = engine.communicate(timeout=PATIENCE)
    assert engine.returncode == 2
    assert "--report" in err
    assert "call begins" not in err
    assert out == ""
