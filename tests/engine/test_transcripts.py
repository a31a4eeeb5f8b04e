"""Logs of what customers said; the disk is real."""

import json
import tempfile
from functools import partial
from pathlib import Path

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from callengine.calls import Understood
from callengine.engine import transcripts
from callengine.engine.transcripts import Sorting, TranscriptLog, transcript_log
from callengine.logs import Cleaner
from callengine.model import CallId, Intent, StepId
from callengine.settings import Secret, Settings, SmsSettings, TranscriptLogSettings

SORTING = Sorting(frozenset({"yes"}), frozenset({"no"}), 1_000_000, 2)


def said(transcript: str, intent: str | None = "yes") -> Understood:
    meant = None if intent is None else Intent(intent)
    return Understood(CallId("c-1"), "sales", StepId("think"), transcript, meant, "keywords")


async def written(log: TranscriptLog, *all_said: Understood) -> None:
    """Note all of it, and end."""
    async with trio.open_nursery() as nursery:
        for each in all_said:
            log.note(each)
        nursery.start_soon(log.run)
        nursery.cancel_scope.cancel()


def lines(path: Path) -> list[dict[str, str | None]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


async def test_nothing_is_written_unless_somebody_asks_for_it() -> None:
    assert transcript_log(Settings()) is None


async def test_each_answer_goes_where_its_intent_belongs(tmp_path: Path) -> None:
    log = transcript_log(Settings(transcript_logs=TranscriptLogSettings(dir=tmp_path / "logs", positive=("yes", "sure"))))
    assert log is not None
    answers = [said("بله، ۰۹۱۲", "yes"), said("sure", "sure"), said("nein", "no"), said("eh", "unknown"), said("who", "number")]
    await written(log, *answers, said("down", None))
    assert [line["transcript"] for line in lines(tmp_path / "logs/positive_stt.log")] == ["بله، ۰۹۱۲", "sure"]
    assert [line["transcript"] for line in lines(tmp_path / "logs/negative_stt.log")] == ["nein"]
    unknown = lines(tmp_path / "logs/unknown_stt.log")
    assert [(line["transcript"], line["intent"]) for line in unknown] == [("eh", "unknown"), ("who", "number"), ("down", None)]
    assert (tmp_path / "logs").stat().st_mode & 0o077 == 0


async def test_a_line_says_when_where_and_by_what(tmp_path: Path) -> None:
    await written(TranscriptLog(tmp_path, SORTING, Cleaner(())), said("yes please"))
    [line] = lines(tmp_path / "positive_stt.log")
    assert line.pop("time")
    assert line == {
        "call": "c-1",
        "scenario": "sales",
        "step": "think",
        "transcript": "yes please",
        "intent": "yes",
        "by": "keywords",
    }


async def test_nobody_forges_a_line_or_reads_a_secret(tmp_path: Path) -> None:
    logs = TranscriptLogSettings(dir=tmp_path)
    log = transcript_log(Settings(transcript_logs=logs, sms=SmsSettings(api_key=Secret("canary-4410"))))
    assert log is not None
    await written(log, said('yes\n{"call": "forged"}\x1b[2J canary-4410'))
    [line] = lines(tmp_path / "positive_stt.log")
    assert line["call"] == "c-1"
    assert "canary-4410" not in (tmp_path / "positive_stt.log").read_text()
    assert "\x1b" not in str(line["transcript"])


async def test_a_disk_that_fails_is_told_once_and_hinders_nobody(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file", encoding="utf-8")
    with capture_logs() as told:
        await written(TranscriptLog(tmp_path / "logs", SORTING, Cleaner(())), said("yes"), said("no", "no"))
    assert [line["event"] for line in told] == ["TRANSCRIPT_LOG_DIR: lines are lost"]


async def test_a_disk_that_is_too_slow_loses_lines_and_nobodys_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcripts, "MOST_WAITING", 2)
    log = TranscriptLog(tmp_path, SORTING, Cleaner(()))
    with capture_logs() as told:
        await written(log, *(said(f"yes {number}") for number in range(5)))
    assert [line["transcript"] for line in lines(tmp_path / "positive_stt.log")] == ["yes 0", "yes 1"]
    assert len(told) == 1
    log.note(said("after the end"))


@settings(max_examples=20, deadline=None)
@given(texts=st.lists(st.text(max_size=200), max_size=40), most=st.integers(1_000, 4_000), files=st.integers(1, 3))
async def test_files_stay_within_their_size_and_number_and_keep_the_latest(texts: list[str], most: int, files: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = TranscriptLog(Path(folder), Sorting(frozenset({"yes"}), frozenset(), most, files), Cleaner(()))
        await written(log, *map(partial(said, intent="yes"), texts))
        found = sorted(Path(folder).iterdir(), key=lambda path: path.name)
        assert len(found) <= files + 1
        assert all(path.stat().st_size < max(most, 2_000) for path in found)
        newest_first = [line for path in found for line in reversed(lines(path))]
        kept = [Cleaner(()).value(text) for text in reversed(texts)]
        assert [line["transcript"] for line in newest_first] == kept[: len(newest_first)]
        assert len(newest_first) == len(texts) or len(found) == files + 1
