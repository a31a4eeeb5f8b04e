"""Logs: what stands in a line, and what must never stand in one."""

import io
import json
import logging
import logging.handlers
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import structlog
import trio
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from callengine import logs
from callengine.errors import ConfigError
from callengine.model import AttemptId, CallId, StepId
from callengine.settings import LogSettings

CANARY = 'canary 7f3a"\\+é'
NOISY_TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from("\n\r\x1b\u202e\u2028\x00"))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers.clear()
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [msgspec.json.decode(line, type=dict[str, object]) for line in stream.getvalue().splitlines()]


def test_a_line_tells_the_call_it_is_about_in_every_task_of_the_call() -> None:
    stream = io.StringIO()
    logs.configure(LogSettings(), stream=stream)
    log = structlog.get_logger()

    async def child() -> None:
        with logs.context(step=StepId("greet")):
            log.info("playing", prompt="hello")

    async def call(name: str) -> None:
        with logs.context(call_id=CallId(name), attempt_id=AttemptId(f"attempt of {name}")):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(child)

    async def both() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(call, "one")
            nursery.start_soon(call, "two")

    trio.run(both)
    log.info("over")
    told = sorted((str(line.get("call_id")), line.get("attempt_id"), line.get("step")) for line in lines(stream)[:2])
    assert told == [("one", "attempt of one", "greet"), ("two", "attempt of two", "greet")]
    assert {"call_id", "step"}.isdisjoint(lines(stream)[2])
    assert {"timestamp", "level", "event", "logger"} <= set(lines(stream)[2])


def test_people_on_a_terminal_get_plain_words_and_others_json() -> None:
    terminal, pipe = Terminal(), io.StringIO()
    logs.configure(LogSettings(), stream=terminal)
    structlog.get_logger().info("Loaded scenario", name="سلام")
    logs.configure(LogSettings(), stream=pipe)
    structlog.get_logger().info("Loaded scenario", name="سلام")
    assert "Loaded scenario" in terminal.getvalue() and "سلام" in terminal.getvalue()
    assert lines(pipe)[0]["name"] == "سلام"


def test_the_level_holds_for_us_and_for_libraries() -> None:
    stream = io.StringIO()
    logs.configure(LogSettings(level="WARNING"), stream=stream)
    structlog.get_logger().info("quiet")
    logging.getLogger("library").info("quiet")
    logging.getLogger("library").warning("loud %d", 1)
    assert [line["event"] for line in lines(stream)] == ["loud 1"]


def test_requests_of_the_http_library_are_not_told_besides() -> None:
    stream = io.StringIO()
    logs.configure(LogSettings(level="DEBUG"), stream=stream)
    logging.getLogger("httpx").info("HTTP Request: GET https://sms.example/key")
    assert not stream.getvalue()


@frozen
class Holder:
    token: str


@pytest.mark.parametrize("format_", ["console", "json"])
def test_a_secret_appears_nowhere(format_: str, tmp_path: Path) -> None:
    stream = io.StringIO()
    logs.configure(LogSettings(format=format_, dir=tmp_path), ["12345678", CANARY], stream=stream)
    log = structlog.get_logger()
    log.info(f"token {CANARY}", token=CANARY, nested={"list": [CANARY], CANARY: 1}, holder=Holder(CANARY), code=12345678)
    log.info("quoted", url="https://host/?key=canary%207f3a%22%5C%2B%C3%A9", raw=CANARY.encode(), body=json.dumps(CANARY))
    logging.getLogger("library").error("token %s", CANARY)
    try:
        raise OSError(CANARY)
    except OSError:
        log.exception("failed")
    written = stream.getvalue() + (tmp_path / "app.log").read_text(encoding="utf-8")
    assert "canary" not in written
    assert "12345678" not in written
    assert logs.MASK in written


@given(NOISY_TEXT, NOISY_TEXT)
def test_no_text_forges_a_line(message: str, value: str) -> None:
    stream = io.StringIO()
    logs.configure(LogSettings(format="console"), stream=stream)
    structlog.get_logger().info("said", heard=value)
    logging.getLogger("library").info("%s", message)
    assert len(stream.getvalue().splitlines()) == 2
    assert not set(stream.getvalue()) & set("\x1b\r\u202e\u2028\x00")


def test_a_traceback_stays_readable_but_cannot_pass_for_a_line() -> None:
    stream = io.StringIO()
    logs.configure(LogSettings(format="console"), stream=stream)
    try:
        raise ValueError("x\n2026-01-01 [info] forged")
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "    2026-01-01 [info] forged" in stream.getvalue().splitlines()


def test_a_log_folder_gets_a_file_that_rotates(tmp_path: Path) -> None:
    logs.configure(LogSettings(dir=tmp_path / "logs"), stream=io.StringIO())
    structlog.get_logger().info("kept")
    assert json.loads((tmp_path / "logs" / "app.log").read_text())["event"] == "kept"
    assert any(isinstance(handler, logging.handlers.RotatingFileHandler) for handler in logging.getLogger().handlers)


def test_a_log_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="LOG_DIR"):
        logs.configure(LogSettings(dir=tmp_path / "file"), stream=io.StringIO())
