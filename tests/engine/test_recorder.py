"""What is kept of calls under way."""

from datetime import UTC, datetime

import trio
from trio.testing import MockClock

from callengine.ari import Channel, ChannelDtmfReceived
from callengine.engine import Recorder
from callengine.model import CallId, ChartId, Moment, MomentKind, Received, SeededAmbient
from tests.engine.rig import rig

CALL = CallId("call")
OTHER = CallId("other")


def recorder(*, keep_spoken: bool = False, most: int = 2_000) -> Recorder:
    made = Recorder({"c": CALL, "b": OTHER}, SeededAmbient(1, trio.current_time), keep_spoken=keep_spoken, most=most)
    for call in (CALL, OTHER):
        made.receive(received(call))
    return made


def received(call: CallId) -> Received:

    return Received(call, "", "", None, "", ChartId("chart"), datetime(2026, 11, 25, tzinfo=UTC))


async def test_a_request_belongs_to_the_call_whose_object_it_names() -> None:
    kept = recorder()
    kept.request("POST", "/channels/c/play/p", 201, 0.01, "")
    kept.request("POST", "/bridges", 200, 0.01, "b")
    kept.request("GET", "/channels", None, 0.01, "")
    ours, theirs = kept.take(CALL), kept.take(OTHER)
    assert ours is not None and theirs is not None
    assert [(moment.name, moment.detail) for moment in ours.moments] == [("POST /channels/c/play/p", "201")]
    assert [moment.name for moment in theirs.moments] == ["POST /bridges"]
    assert kept.take(CALL) is None


async def test_keys_are_kept_only_where_what_people_say_is() -> None:
    pressed = ChannelDtmfReceived(channel=Channel(id="c", name="PJSIP/c"), digit="7")
    for keep_spoken, told in ((False, "c a key"), (True, "c 7")):
        kept = recorder(keep_spoken=keep_spoken)
        kept.event(pressed)
        timeline = kept.take(CALL)
        assert timeline is not None
        assert [moment.detail for moment in timeline.moments] == [told]


async def test_too_many_moments_are_counted_and_the_result_is_kept_all_the_same() -> None:
    kept = recorder(most=3)
    for name in "abcde":
        kept.note(Moment(CALL, 0.0, MomentKind.STEP, name))
    kept.note(Moment(CALL, 0.0, MomentKind.RESULT, "hangup", "words of an error"))
    timeline = kept.take(CALL)
    assert timeline is not None
    assert ([moment.name for moment in timeline.moments], timeline.cut) == (["a", "b", "c", "hangup"], 2)
    assert timeline.moments[-1].detail == ""


async def test_an_engine_forgets_whose_objects_were_when_calls_are_buried(autojump_clock: MockClock) -> None:
    async with rig(3) as here:
        await here.engine.run()
        assert not here.engine.reaper.owners
