"""What every test asks at its end: whether anything is left, and how long after a hangup all was clean."""

import time

import pytest
import trio

from callengine.lines import OperatorState
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import Asterisk, Leftovers
from tests.e2e.cases import Case
from tests.e2e.engine import Campaign

HANGUP_SECONDS = 2.0
"""From the PBX's word of a hangup to a call that is over, with nothing left."""

PACKETS_A_SECOND = 50
"""Of sound in one direction, each of 20 ms."""


async def assert_nothing_left(campaign: Campaign, asterisk: Asterisk) -> None:
    """Neither on the PBX nor in the engine; and every operator may be rung again, now or after a rest."""
    assert await asterisk.leftovers() == Leftovers()
    assert trio.lowlevel.current_statistics().tasks_living == campaign.tasks
    assert campaign.engine.leaked.nothing
    assert campaign.engine.reaper.left == ()
    assert {load.state for load in campaign.engine.operators.snapshot()} <= {OperatorState.READY, OperatorState.WRAP_UP}


async def assert_sound_both_ways(asterisk: Asterisk, one: str, other: str) -> None:
    """Two bridged channels: in the next second each telephone sends sound, and gets the other's and nothing besides."""
    before, began = [await asterisk.packets(channel) for channel in (one, other)], time.monotonic()
    await trio.sleep(1.0)
    after, seconds = [await asterisk.packets(channel) for channel in (one, other)], time.monotonic() - began
    for earlier, later in zip(before, after, strict=True):
        assert later.received - earlier.received == pytest.approx(PACKETS_A_SECOND * seconds, rel=0.25)
        assert later.sent - earlier.sent == pytest.approx(PACKETS_A_SECOND * seconds, rel=0.25)


def hung_up(channel_log: ChannelLog, *numbers: str) -> float:
    """When the first of the channels of these people was asked to end, by Asterisk's own account."""
    records = [record for record in channel_log.channels.values() if record.party in numbers]
    asked = [record.asked_to_end for record in records if record.asked_to_end is not None]
    assert len(asked) == len(records) >= len(numbers)
    return min(asked)


def late(channel_log: ChannelLog, *numbers: str) -> float:
    """Seconds from the first hangup among these people to the end of the last of their channels, by Asterisk's own account."""
    records = [record for record in channel_log.channels.values() if record.party in numbers]
    ended = [record.ended for record in records if record.ended is not None]
    assert len(ended) == len(records), "a channel is still there"
    return max(ended) - hung_up(channel_log, *numbers)


def hold_to_golden(campaign: Campaign, case: Case, *, record: bool) -> None:
    """The call went as the file says; or it is what the file says from now on."""
    told = campaign.told(case.person.digits)
    if record:
        case.golden.write_text(told, encoding="utf-8")
    assert told == case.golden.read_text(encoding="utf-8")
