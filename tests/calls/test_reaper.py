"""The reaper: nothing is taken for gone without proof, and nothing is forgotten."""

from collections.abc import Awaitable, Callable

import pytest
import trio
from trio.testing import MockClock

from callengine.ari import AriUnavailable
from callengine.calls import Kind
from callengine.calls.estate import Entry, Estate
from callengine.calls.reaper import LOOK_AGAIN, TOLD_WITHIN, proves_absence
from callengine.errors import AriError, AriLost, AriRefused
from callengine.model import CallId
from callengine.simulator import Fault, Persona
from callengine.simulator import Kind as Happened
from tests.calls.stage import CUSTOMER, LINE, Cast, RememberedLease, Stage, stage

PATIENT = Persona(answers_after=1000.0)


def channel(here: Stage) -> tuple[Estate, Entry, RememberedLease]:
    """An estate of one channel that nothing has been asked for yet."""
    estate, lease = here.reaper.open(CallId("call")), RememberedLease()
    estate.hold(lease)
    return estate, estate.enter(Kind.CHANNEL, here.ambient.new_id(), lease), lease


def originate(here: Stage, entry: Entry) -> Callable[[], Awaitable[object]]:
    async def request() -> None:
        await here.client.originate(
            endpoint=f"PJSIP/{CUSTOMER}@trunk", channel_id=entry.id, caller_id=LINE.caller_id, timeout=1000
        )

    return request


@pytest.mark.parametrize(
    ("error", "absent"),
    [
        (AriUnavailable("no connection"), True),
        (AriRefused(400, "Invalid endpoint", "POST /channels"), True),
        (AriRefused(409, "already exists", "POST /channels"), True),
        (AriRefused(500, "Allocation failed", "POST /channels"), True),
        (AriRefused(500, "Internal Server Error", "POST /channels"), False),
        (AriRefused(502, "Bad Gateway", "POST /channels"), False),
        (AriLost("no answer within 10 s"), False),
    ],
)
def test_only_some_failures_prove_that_nothing_was_created(error: AriError, absent: bool) -> None:
    assert proves_absence(error) is absent


async def test_a_channel_is_hung_up_and_its_slot_given_back_on_proof(autojump_clock: MockClock) -> None:
    async with stage(Cast(PATIENT)) as here:
        estate, entry, lease = channel(here)
        await here.reaper.create(entry, originate(here, entry))
        assert not lease.released_at
        await here.reaper.take(estate).wait()
        [gone] = here.records(Happened.DESTROYED)
        assert lease.released_at[0] >= gone.at
        assert here.reaper.left == ()


async def test_an_estate_without_anything_is_buried_at_once(autojump_clock: MockClock) -> None:
    async with stage(Cast()) as here:
        estate, lease = here.reaper.open(CallId("call")), RememberedLease()
        estate.hold(lease)
        assert here.reaper.take(estate).is_set()
        assert lease.released_at == [trio.current_time()]
        await here.reaper.drained()


async def test_a_404_proves_nothing_for_what_was_only_requested(autojump_clock: MockClock) -> None:
    """The request is late: the DELETE comes first and finds nothing, then the channel appears."""
    async with stage(Cast(PATIENT, timeout=2.0)) as here:
        here.pbx.delay("POST /channels", 20.0)
        estate, entry, lease = channel(here)
        with pytest.raises(AriLost):
            await here.reaper.create(entry, originate(here, entry))
        asked = trio.current_time()
        buried = here.reaper.take(estate)
        await trio.sleep(17)
        assert not here.records(Happened.CREATED)
        assert not lease.released_at, "nothing is there, but it may come yet"
        await buried.wait()
        [created], [destroyed] = here.records(Happened.CREATED), here.records(Happened.DESTROYED)
        assert destroyed.at - created.at < 6.0
        assert destroyed.at <= lease.released_at[0] < asked + LOOK_AGAIN


async def test_what_never_appears_is_given_up_after_a_while(autojump_clock: MockClock) -> None:
    async with stage(Cast(timeout=2.0)) as here:
        here.pbx.faults.append(Fault("POST /channels", status=502))
        estate, entry, lease = channel(here)
        with pytest.raises(AriRefused):
            await here.reaper.create(entry, originate(here, entry))
        began = trio.current_time()
        await here.reaper.take(estate).wait()
        assert LOOK_AGAIN <= lease.released_at[0] - began <= LOOK_AGAIN + 6


async def test_the_requester_may_go_away_while_the_request_is_under_way(autojump_clock: MockClock) -> None:
    async with stage(Cast(PATIENT)) as here:
        here.pbx.delay("POST /channels", 5.0)
        estate, entry, lease = channel(here)
        with trio.move_on_after(1.0):
            await here.reaper.create(entry, originate(here, entry))
        await here.reaper.take(estate).wait()
        assert len(here.records(Happened.ORIGINATE)) == 1
        assert len(here.records(Happened.DESTROYED)) == 1
        assert len(lease.released_at) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault("DELETE /channels/*", status=500),
        Fault("DELETE /channels/*", status=503),
        Fault("DELETE /channels/*", unanswered=True, status=500),
        Fault("DELETE /channels/*", seconds=3600.0),
    ],
)
async def test_a_pbx_that_will_not_hang_up_keeps_its_slot(fault: Fault, autojump_clock: MockClock) -> None:
    async with stage(Cast(PATIENT)) as here:
        estate, entry, lease = channel(here)
        await here.reaper.create(entry, originate(here, entry))
        here.pbx.faults.append(fault)
        here.reaper.take(estate)
        await trio.sleep(600)
        assert not lease.released_at
        assert here.reaper.left == (entry,)
        here.pbx.faults.clear()
        with trio.fail_after(30):
            await here.reaper.drained()
        assert len(lease.released_at) == 1


async def test_a_channel_that_goes_by_itself_is_proof_even_if_nothing_answers(autojump_clock: MockClock) -> None:
    async with stage(Cast(Persona(answers_after=1000.0, rings_after=0.0))) as here:
        estate, entry, lease = channel(here)
        await here.reaper.create(entry, originate(here, entry))
        here.pbx.faults.append(Fault("DELETE /channels/*", seconds=3600.0))
        here.reaper.take(estate)
        with trio.fail_after(1100):
            await here.reaper.drained()
        [gone] = here.records(Happened.DESTROYED)
        assert lease.released_at[0] == pytest.approx(gone.at, abs=0.1)


async def test_lost_events_make_it_look_at_once(autojump_clock: MockClock) -> None:
    async with stage(Cast(PATIENT)) as here:
        estate, entry, lease = channel(here)
        await here.reaper.create(entry, originate(here, entry))
        refuses = Fault("DELETE /channels/*", status=500)
        here.pbx.faults.append(refuses)
        here.reaper.take(estate)
        await trio.sleep(101.3)
        here.pbx.faults.clear()
        here.pbx.cut_event_sockets()
        with trio.fail_after(5):
            await here.reaper.drained()
        assert len(lease.released_at) == 1


async def test_bridges_and_recordings_go_after_the_channels(autojump_clock: MockClock) -> None:
    async with stage(Cast(Persona(answers_after=0.0, says=("yes please",)))) as here:
        estate, entry, _ = channel(here)
        await here.reaper.create(entry, originate(here, entry))
        await trio.sleep(1)
        name, bridge = here.ambient.new_id(), here.ambient.new_id()
        recording = estate.enter(Kind.RECORDING, name)
        await here.reaper.create(recording, lambda: here.client.record(entry.id, name))
        await here.reaper.create(estate.enter(Kind.BRIDGE, bridge), lambda: here.client.create_bridge(bridge))
        await trio.sleep(0.5)
        await here.reaper.take(estate).wait()
        kinds = [record.kind for record in here.pbx.log]
        assert kinds.index(Happened.DESTROYED) < kinds.index(Happened.BRIDGE_DELETED) < kinds.index(Happened.RECORDING_DELETED)


async def test_clean_up_of_what_is_gone_is_a_success(autojump_clock: MockClock) -> None:
    async with stage(Cast(Persona(rings_after=0.1, answers_after=0.1))) as here:
        estate, entry, lease = channel(here)
        await here.reaper.create(entry, originate(here, entry))
        await here.client.hangup(entry.id)
        await trio.sleep(1)
        with trio.fail_after(0.1):
            await here.reaper.take(estate).wait()
        assert len(lease.released_at) == 1


async def test_a_channel_that_is_no_longer_listed_has_a_moment_to_be_told_of(autojump_clock: MockClock) -> None:
    """The slot is not given back in between: the next call would be one too many on the line, as the PBX counts."""
    async with stage(Cast(Persona(rings_after=0.1, answers_after=0.1))) as here:
        estate, entry, lease = channel(here)
        await here.reaper.create(entry, originate(here, entry))
        await here.client.hangup(entry.id)
        await trio.sleep(1)
        here.reaper.take(estate)
        await trio.sleep(0.9 * TOLD_WITHIN)
        assert not lease.released_at
        await trio.sleep(0.2 * TOLD_WITHIN)
        assert len(lease.released_at) == 1


async def test_a_thousand_estates_at_once(autojump_clock: MockClock) -> None:
    async with stage(Cast(PATIENT)) as here:
        estates = [channel(here) for _ in range(1000)]
        async with trio.open_nursery() as nursery:
            for _, entry, _ in estates:
                nursery.start_soon(here.reaper.create, entry, originate(here, entry))
        began = trio.current_time()
        for estate, _, _ in estates:
            here.reaper.take(estate)
        await here.reaper.drained()
        assert trio.current_time() - began < 5.0
        assert len(here.records(Happened.DESTROYED)) == 1000
        assert all(len(lease.released_at) == 1 for _, _, lease in estates)


async def test_a_fault_of_ours_in_a_request_reaches_who_asked_and_nobody_else(autojump_clock: MockClock) -> None:
    async with stage(Cast(PATIENT)) as here:
        estate, entry, lease = channel(here)

        async def broken() -> None:
            raise ValueError("no such thing")

        with pytest.raises(ValueError, match="no such thing"):
            await here.reaper.create(entry, broken)
        other, second, _ = channel(here)
        await here.reaper.create(second, originate(here, second))
        here.reaper.take(other)
        await here.reaper.take(estate).wait()
        await here.reaper.drained()
        assert len(lease.released_at) == 1
