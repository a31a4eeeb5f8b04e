"""People a program acts for in the middle of a call: they speak, press keys and hang up when they are told to."""

import pytest
import trio
from trio.testing import MockClock

from callengine.simulator import Kind, Log, Record, speech_seconds
from tests.simulator.client import running
from tests.simulator.test_media import CHANNEL, record, said_in, talker


async def test_somebody_speaks_in_the_middle_of_a_recording(autojump_clock: MockClock) -> None:
    async with running(talker()) as (pbx, client), trio.open_nursery() as nursery:
        await client.answered()
        assert not pbx.say(CHANNEL, "nobody listens yet")
        began = trio.current_time()
        nursery.start_soon(record, client)
        await trio.sleep(1.5)
        assert pbx.say(CHANNEL, "yes please")
        assert not pbx.say(CHANNEL, "once is enough")
        await client.wait("RecordingFinished")
        assert trio.current_time() - began == pytest.approx(1.5 + speech_seconds("yes please") + 2, abs=0.1)
        assert said_in((await client.request("GET", "/recordings/stored/r/file")).body) == "yes please"
        assert not pbx.say(CHANNEL, "too late")


async def test_somebody_presses_a_key_and_hangs_up(autojump_clock: MockClock) -> None:
    async with running(talker()) as (pbx, client):
        assert not pbx.press(CHANNEL, "1")
        assert not pbx.hang_up(CHANNEL)
        await client.answered()
        assert pbx.press(CHANNEL, "#")
        assert (await client.wait("ChannelDtmfReceived"))["digit"] == "#"
        assert pbx.hang_up(CHANNEL)
        assert not pbx.press(CHANNEL, "1"), "they are hanging up"
        assert not pbx.hang_up(CHANNEL)
        assert (await client.wait("ChannelDestroyed"))["cause"] == 16


async def test_a_listener_is_told_each_record(autojump_clock: MockClock) -> None:
    told: list[Record] = []
    log = Log(told.append)
    log.note(Kind.KEY, CHANNEL, digit="1")
    assert told == list(log)
