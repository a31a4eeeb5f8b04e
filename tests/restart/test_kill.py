"""An engine that is killed again and again, on a PBX that goes on: nobody called twice, nobody lost, no quota exceeded."""

import os
import pickle
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import trio

import callengine
from callengine.simulator import Kind, Record, audit
from tests.restart.world import BLOCKED, FLOW, LIMITS, LINES, NUMBERS, OPERATORS, OVERALL, PASSWORD

PATIENCE = 180.0
"""Seconds for the whole campaign."""

KILLS = 4
MOMENTS = ("call begins", "state ringing", "state up", "step connect", "outcome on_success", "result ")
"""Lines of the log at which the engine is killed: between them lie all commits of a call."""

ROOT = Path(__file__).parents[2]


def environment(folder: Path, port: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],  # noqa: TID251 - of the child, which is given no other
        "PYTHONPATH": f"{Path(callengine.__file__).parents[1]}:{ROOT}",
        "ARI_BASE_URL": f"http://127.0.0.1:{port}/ari",
        "ARI_USERNAME": "callengine",
        "ARI_PASSWORD": PASSWORD,
        "OUTBOUND_TRUNK": "trunk",
        "OUTBOUND_NUMBERS": ",".join(LINES),
        "OPERATOR_MOBILE_NUMBERS": ",".join(OPERATORS),
        "STATIC_CONTACTS": ",".join(NUMBERS),
        "SCENARIOS_DIR": str(folder / "scenarios"),
        "MAX_CONCURRENT_CALLS": str(LIMITS.concurrent),
        "MAX_CALLS_PER_MINUTE": str(LIMITS.per_minute),
        "MAX_CALLS_PER_DAY": str(LIMITS.per_day),
        "MAX_ORIGINATIONS_PER_SECOND_PER_LINE": str(LIMITS.per_second),
        "MAX_ORIGINATIONS_PER_SECOND": str(OVERALL),
        "ORIGINATION_TIMEOUT": "5",
        "FAIL_ALERT_THRESHOLD": "0",
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": "json",
    }


@asynccontextmanager
async def process(arguments: Sequence[str], folder: Path, said: Path, **environ: str) -> AsyncIterator[trio.Process]:
    """A child; killed at the end of the block if it still runs."""
    with said.open("wb") as output:
        child = await trio.lowlevel.open_process(
            [sys.executable, *arguments], cwd=folder, env=environ, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()
            await child.wait()


async def until_said(said: Path, text: str, times: int, child: trio.Process) -> None:
    """Until a child has written a text so often, or has ended. A file tells nobody that it has grown."""
    while said.read_text(encoding="utf-8").count(text) < times and child.poll() is None:
        await trio.sleep(0.01)


@asynccontextmanager
async def pbx(folder: Path) -> AsyncIterator[tuple[trio.Process, str]]:
    environ = {"PYTHONPATH": f"{Path(callengine.__file__).parents[1]}:{ROOT}", "PATH": os.environ["PATH"]}  # noqa: TID251
    async with process(["-m", "tests.restart.pbx_process", str(folder)], folder, folder / "pbx.out", **environ) as child:
        port = folder / "port"
        while not port.exists():
            assert child.poll() is None, (folder / "pbx.out").read_text(encoding="utf-8")
            await trio.sleep(0.02)
        yield child, port.read_text(encoding="ascii")


async def test_killed_again_and_again_it_calls_everybody_once_and_exceeds_nothing(tmp_path: Path) -> None:
    rng = Random(11)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "offer.yaml").write_text(FLOW, encoding="utf-8")
    with trio.fail_after(PATIENCE):
        async with pbx(tmp_path) as (exchange, port):
            environ = environment(tmp_path, port)
            dnc = ["-m", "callengine", "dnc", "add", BLOCKED]
            async with process(dnc, tmp_path, tmp_path / "dnc.out", **environ) as child:
                assert await child.wait() == 0, (tmp_path / "dnc.out").read_text(encoding="utf-8")
            for life in range(KILLS + 1):
                said = tmp_path / f"engine-{life}.out"
                async with process(["-m", "callengine", "run", "--until-done"], tmp_path, said, **environ) as engine:
                    if life == KILLS:
                        code = await engine.wait()
                        assert code == 0, said.read_text(encoding="utf-8")[-4000:]
                    else:
                        await until_said(said, rng.choice(MOMENTS), rng.randint(1, 2), engine)
                        engine.send_signal(signal.SIGKILL)
            exchange.send_signal(signal.SIGTERM)
            assert await exchange.wait() == 0
    log: list[Record] = pickle.loads((tmp_path / "log").read_bytes())
    _judge_calls(log)
    _judge_store(tmp_path / "callengine.db", log)


def customers(log: Sequence[Record]) -> Counter[str]:
    """How often each customer was called, by what the PBX was asked."""
    asked = (
        record.detail["endpoint"].removeprefix("PJSIP/").partition("@")[0] for record in log if record.kind is Kind.ORIGINATE
    )
    return Counter(number for number in asked if number not in OPERATORS)


def _judge_calls(log: Sequence[Record]) -> None:
    called = customers(log)
    assert max(called.values()) == 1, f"called twice: {[number for number, times in called.items() if times > 1]}"
    assert BLOCKED not in called
    # Who is left alone while no engine lives cannot be helped; the next one hangs them up.
    assert not audit(log, dict.fromkeys(LINES, LIMITS), overall_per_second=OVERALL, longest_alone=PATIENCE)


def _judge_store(path: Path, log: Sequence[Record]) -> None:
    with sqlite3.connect(path) as store:
        contacts = dict(store.execute("SELECT number, state FROM contacts"))
        open_attempts = store.execute("SELECT count(*) FROM attempts WHERE ended_at IS NULL").fetchone()[0]
        tried = {number for (number,) in store.execute("SELECT number FROM attempts WHERE state != 'never_placed'")}
    store.close()
    assert set(contacts) == set(NUMBERS)
    assert set(contacts.values()) == {"done"}
    assert open_attempts == 0
    assert set(customers(log)) <= tried, "every call was intended before it was placed"
