"""`callengine run` as its operator knows it: a process with an environment, an Asterisk, a report and an exit code."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
import trio
from attrs import frozen

import callengine
from callengine.model import Leaked, Report
from callengine.providers.audio import read_wav
from tests.e2e import people
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import Asterisk, Leftovers
from tests.e2e.bare import bare_client
from tests.e2e.configuration import tcp_port
from tests.e2e.conftest import fetching
from tests.e2e.engine import FLOWS, LINES
from tests.e2e.packages import require
from tests.e2e.people import CROWD

PATIENCE = 60.0
"""Seconds for a whole run."""


@frozen
class Run:
    """A `callengine run` under way.

    Attributes:
        folder: its working folder, with what it wrote.
    """

    process: trio.Process
    folder: Path

    @property
    def said(self) -> str:
        """What it wrote to standard error so far: its log, and its complaints."""
        return (self.folder / "stderr").read_text(encoding="utf-8")

    async def wait_until_said(self, text: str) -> None:
        """Wait for a line of its log: a file tells nobody that it has grown, so it is read again and again."""
        with trio.fail_after(PATIENCE):
            while text not in self.said:
                await trio.sleep(0.05)

    async def exit_code(self) -> int:
        with trio.fail_after(PATIENCE):
            return await self.process.wait()

    def report(self) -> Report:
        """What `--report` wrote."""
        figures = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        return Report(**{**figures, "leaked": Leaked(**figures["leaked"]), "violations": tuple(figures["violations"])})


@asynccontextmanager
async def run(asterisk: Asterisk, folder: Path, numbers: Sequence[str], **environment: str) -> AsyncIterator[Run]:
    """`python -m callengine run --until-done` on a PBX; killed at the end of the block if it still runs."""
    username, password = asterisk.credentials
    usual = {
        "PATH": os.environ["PATH"],  # noqa: TID251 - of the child, which is given no other
        "PYTHONPATH": str(Path(callengine.__file__).parents[1]),
        "ARI_BASE_URL": asterisk.ari_url,
        "ARI_USERNAME": username,
        "ARI_PASSWORD": password,
        "ARI_APP_NAME": asterisk.app,
        "OUTBOUND_TRUNK": "trunk",
        "OUTBOUND_NUMBERS": ",".join(LINES),
        "STATIC_CONTACTS": ",".join(numbers),
        "SCENARIOS_DIR": str(FLOWS),
        "STT_PROVIDER": "local",
        "ORIGINATION_TIMEOUT": "4",
    }
    command = [sys.executable, "-m", "callengine", "run", "--until-done", "--report", "report.json"]
    with (folder / "stderr").open("wb") as stderr, (folder / "stdout").open("wb") as stdout:
        process = await trio.lowlevel.open_process(
            command, cwd=folder, env={**usual, **environment}, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr
        )
    try:
        yield Run(process, folder)
    finally:
        process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()


async def test_everybody_is_called_and_reported(asterisk: Asterisk, channel_log: ChannelLog, tmp_path: Path) -> None:
    called = (people.SAYS_YES, people.SAYS_NO, people.ASKS_THEN_NO, people.BUSY, people.NEVER_ANSWERS)
    async with run(asterisk, tmp_path, [person.digits for person in called]) as child:
        assert await child.exit_code() == 0, child.said
        report = child.report()
    assert (report.attempts, report.answered) == (5, 3)
    assert report.dispositions == {"busy": 1, "disconnected": 1, "missed": 1, "not_interested": 2}
    assert report.leaked.nothing
    await channel_log.wait_quiet()
    assert len(channel_log.channels) == 5
    assert report.max_concurrent == {line: channel_log.most_at_once(line) for line in LINES}
    assert await asterisk.leftovers() == Leftovers()
    assert "Traceback" not in child.said
    assert "not_interested" in (tmp_path / "stdout").read_text(encoding="utf-8")


async def test_what_the_settings_ask_of_sound_is_done(
    asterisk: Asterisk, channel_log: ChannelLog, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """Prompts are converted and put, recordings enhanced and copied, transcripts logged by intent."""
    with fetching(pytestconfig):
        require("ffmpeg", "espeak-ng")
    made = tmp_path / "made"
    made.mkdir()
    subprocess.run(["espeak-ng", "-w", str(made / "offer.wav"), "an offer"], check=True)
    asked = {
        "AUDIO_SRC_DIR": "made",
        "AST_SOUND_DIR": str(asterisk.sounds),
        "AUDIO_ENHANCE": "on",
        "AUDIO_ENHANCED_DIR": "copies",
        "TRANSCRIPT_LOG_DIR": "transcripts",
    }
    async with run(asterisk, tmp_path, [people.SAYS_YES.digits, people.SAYS_NO.digits], **asked) as child:
        assert await child.exit_code() == 0, child.said
        assert child.report().dispositions == {"disconnected": 1, "not_interested": 1}
    assert {path.name for path in asterisk.sounds.glob("offer.*")} == {"offer.wav", "offer.wav16"}
    copies = list((tmp_path / "copies").iterdir())
    assert len(copies) == 2 and all(read_wav(path.read_bytes()).rate == 16_000 for path in copies)
    for name, transcript in (("positive", "yes"), ("negative", "no")):
        [line] = (tmp_path / f"transcripts/{name}_stt.log").read_text(encoding="utf-8").splitlines()
        assert json.loads(line)["transcript"] == transcript
    assert "recognised as it is" not in child.said and "Traceback" not in child.said
    await channel_log.wait_quiet()


@pytest.mark.parametrize(
    ("drain_seconds", "dispositions"),
    [("0.5", {"failed:shutdown": 2}), ("30", {"disconnected": 1, "not_interested": 1})],
    ids=["calls are hung up", "calls come to their end"],
)
async def test_sigterm_in_the_middle_of_calls(
    asterisk: Asterisk, channel_log: ChannelLog, tmp_path: Path, drain_seconds: str, dispositions: dict[str, int]
) -> None:
    numbers = [people.SAYS_YES.digits, people.SAYS_NO.digits, *(person.digits for person in CROWD)]
    async with run(asterisk, tmp_path, numbers, MAX_CONCURRENT_CALLS="1", DRAIN_SECONDS=drain_seconds) as child:
        await channel_log.wait_answered(2)
        child.process.send_signal(signal.SIGTERM)
        assert await child.exit_code() == 0, child.said
        report = child.report()
    assert (report.attempts, report.dispositions, report.leaked) == (2, dispositions, Leaked())
    await channel_log.wait_quiet()
    assert len(channel_log.channels) == 2
    assert await asterisk.leftovers() == Leftovers()
    assert "Traceback" not in child.said


async def test_a_second_sigterm_hangs_up_at_once(asterisk: Asterisk, channel_log: ChannelLog, tmp_path: Path) -> None:
    async with run(asterisk, tmp_path, [people.SAYS_NOTHING.digits], DRAIN_SECONDS="60") as child:
        await channel_log.wait_answered(1)
        child.process.send_signal(signal.SIGTERM)
        await child.wait_until_said("Stopping")
        child.process.send_signal(signal.SIGTERM)
        with trio.fail_after(3.0):
            assert await child.exit_code() == 0, child.said
        assert child.report().dispositions == {"failed:shutdown": 1}
    await channel_log.wait_quiet()
    assert await asterisk.leftovers() == Leftovers()


async def test_another_engine_takes_the_application_over(asterisk: Asterisk, channel_log: ChannelLog, tmp_path: Path) -> None:
    """Whatever happens from now on is told to the other one, so calls are hung up, and no new ones placed."""
    numbers = [people.SAYS_NOTHING.digits, *(person.digits for person in CROWD)]
    async with run(asterisk, tmp_path, numbers, MAX_CONCURRENT_CALLS="1", DRAIN_SECONDS="60") as child:
        await channel_log.wait_answered(2)
        async with bare_client(asterisk):
            assert await child.exit_code() == 1
    assert "another engine has taken our application over" in child.said
    assert "Traceback" not in child.said
    await channel_log.wait_quiet()
    assert len(channel_log.channels) == 2
    assert await asterisk.leftovers() == Leftovers()


async def test_what_a_killed_engine_left_is_cleared_by_the_next(
    asterisk: Asterisk, channel_log: ChannelLog, tmp_path: Path
) -> None:
    async with run(asterisk, tmp_path, [people.SAYS_NOTHING.digits]) as child:
        await channel_log.wait_answered(1)
        child.process.kill()
        await child.exit_code()
    left = await asterisk.leftovers()
    assert len(left.channels) == 1
    async with run(asterisk, tmp_path, [people.BUSY.digits]) as child:
        assert await child.exit_code() == 0, child.said
    await channel_log.wait_quiet()
    assert await asterisk.leftovers() == Leftovers()


async def test_killed_again_and_again_it_calls_nobody_twice_and_loses_nobody(
    asterisk: Asterisk, channel_log: ChannelLog, tmp_path: Path
) -> None:
    numbers = [people.SAYS_YES.digits, people.SAYS_NO.digits, people.BUSY.digits, *(person.digits for person in CROWD[:12])]
    without_minutes = {"MAX_CALLS_PER_MINUTE": "0"}  # nobody is to wait for a minute to pass
    for moment in ("call begins", "state up", "result "):
        async with run(asterisk, tmp_path, numbers, LOG_LEVEL="DEBUG", **without_minutes) as child:
            await child.wait_until_said(moment)
            child.process.kill()
            await child.exit_code()
    async with run(asterisk, tmp_path, numbers, **without_minutes) as child:
        assert await child.exit_code() == 0, child.said
    await channel_log.wait_quiet()
    assert max(len(channel_log.calls_to(number)) for number in numbers) == 1
    assert all(channel_log.most_at_once(line) <= 2 for line in LINES)
    assert await asterisk.leftovers() == Leftovers()
    with closing(sqlite3.connect(tmp_path / "callengine.db")) as store:
        assert dict(store.execute("SELECT state, count(*) FROM contacts GROUP BY state")) == {"done": len(numbers)}
    assert "Traceback" not in child.said


async def test_a_wrong_password_is_told(asterisk: Asterisk, tmp_path: Path) -> None:
    async with run(asterisk, tmp_path, [people.SAYS_YES.digits], ARI_PASSWORD="not-the-password") as child:
        assert await child.exit_code() == 1
        assert "the PBX does not know our credentials" in child.said
        assert "Traceback" not in child.said
        assert "not-the-password" not in child.said


async def test_a_pbx_that_is_not_there_is_waited_for(asterisk: Asterisk, tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{tcp_port()}/ari"
    async with run(asterisk, tmp_path, [people.SAYS_YES.digits], ARI_BASE_URL=nowhere) as child:
        await child.wait_until_said("PBX cannot be reached")
        assert "all attempts to connect" in child.said
        child.process.send_signal(signal.SIGTERM)
        with trio.fail_after(3.0):
            assert await child.exit_code() == 0, child.said
        assert child.report().attempts == 0
        assert "Traceback" not in child.said
