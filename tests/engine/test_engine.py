"""The engine as a whole: what must hold for a campaign, whatever happens to the PBX meanwhile."""

from random import Random

import attrs
import pytest
import trio
from trio.testing import MockClock

from callengine.errors import AriLost, AriRefused, ConfigError
from callengine.model import AttemptState
from callengine.settings import CallSettings, DialingSettings, Settings, TestModeSettings
from callengine.simulator import FAULTS, Kind, PbxConfig, leaked, random_people, run_virtually
from callengine.testing.campaign import numbers, simulation_settings
from callengine.testing.expected import phrases_of
from tests.engine.rig import SCENARIOS, Rig, rig

SETTINGS = simulation_settings()


def drained_within(seconds: float) -> Settings:
    return attrs.evolve(SETTINGS, calls=CallSettings(drain_seconds=seconds))


async def run_and_stop(here: Rig, *, after: float, times: int = 1) -> None:
    """Run the engine, and tell it to stop after so many seconds, so many times."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(here.engine.run)
        await trio.sleep(after)
        for _ in range(times):
            here.engine.stop()


async def test_everybody_is_called_once(autojump_clock: MockClock) -> None:
    async with rig(20) as here:
        before = trio.lowlevel.current_statistics().tasks_living
        await here.engine.run()
        await trio.sleep(1)
        assert trio.lowlevel.current_statistics().tasks_living == before
        here.judge()
        assert sorted(attempt.contact.number for attempt in here.attempts()) == sorted(numbers(20))
        assert set(here.results()) == {"not_interested"}
        assert here.engine.leaked.nothing


class TestStop:
    async def test_calls_in_progress_end_by_themselves(self, autojump_clock: MockClock) -> None:
        async with rig(50, settings=drained_within(60.0)) as here:
            began = trio.current_time()
            await run_and_stop(here, after=20)
            here.judge()
            assert max(record.at for record in here.records(Kind.ORIGINATE)) <= began + 20
            assert 5 < len(here.attempts()) < 50
            settled = [attempt for attempt in here.attempts() if attempt.state is AttemptState.SETTLED]
            assert {attempt.outcome.result for attempt in settled if attempt.outcome} == {"not_interested"}

    async def test_those_past_the_deadline_are_hung_up(self, autojump_clock: MockClock) -> None:
        async with rig(50, settings=drained_within(2.0)) as here:
            began = trio.current_time()
            await run_and_stop(here, after=20)
            assert trio.current_time() - began < 20 + 2 + 3
            here.judge()
            assert "failed:shutdown" in here.results()

    async def test_a_second_stop_hurries(self, autojump_clock: MockClock) -> None:
        async with rig(50, settings=drained_within(600.0)) as here:
            began = trio.current_time()
            await run_and_stop(here, after=20, times=2)
            assert trio.current_time() - began < 20 + 3
            here.judge()

    async def test_before_the_pbx_was_ever_reached(self, autojump_clock: MockClock) -> None:
        async with rig(5) as here:
            here.power.cancel()
            with trio.fail_after(60):
                await run_and_stop(here, after=20)
            assert not here.attempts()

    @pytest.mark.parametrize("after", [0.0, 0.5, 3.0])
    async def test_at_any_time_nothing_is_left(self, after: float, autojump_clock: MockClock) -> None:
        async with rig(30, settings=drained_within(0.5)) as here:
            await run_and_stop(here, after=after)
            here.judge()
            assert here.engine.leaked.nothing


class TestLink:
    async def test_wrong_credentials_are_told_plainly(self, autojump_clock: MockClock) -> None:
        wrong = attrs.evolve(SETTINGS, ari=attrs.evolve(SETTINGS.ari, username="somebody"))
        async with rig(5, settings=wrong) as here:
            with pytest.raises(AriRefused) as caught:
                await here.engine.run()
            assert caught.value.status == 401
            assert not here.attempts()

    async def test_a_dropped_socket_freezes_dialling_and_loses_nothing(self, autojump_clock: MockClock) -> None:
        async with rig(60) as here:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(here.engine.run)
                for _ in range(4):
                    await trio.sleep(7)
                    here.pbx.cut_event_sockets()
            here.judge()
            assert len(here.attempts()) == 60
            downs, ups = here.records(Kind.APP_DOWN), here.records(Kind.APP_UP)
            assert len(ups) == 5
            for down, up in zip(downs, ups[1:], strict=False):
                assert not [record for record in here.records(Kind.ORIGINATE) if down.at + 0.1 < record.at < up.at]
            assert here.engine.leaked.nothing

    async def test_a_restart_of_the_pbx_in_mid_campaign(self, autojump_clock: MockClock) -> None:
        async with rig(60) as here:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(here.engine.run)
                await trio.sleep(20)
                here.power.cancel()
                await trio.sleep(15)
                here.pbx.log.clear()
                await here.power_on()
            here.judge()
            assert len(here.attempts()) == len({attempt.contact.number for attempt in here.attempts()}) == 60
            assert "pbx_lost" in here.results()
            assert here.engine.leaked.nothing

    async def test_another_engine_on_our_application_ends_this_one(self, autojump_clock: MockClock) -> None:
        async with rig(60) as here:
            other = here.another_engine()
            async with trio.open_nursery() as nursery:

                @nursery.start_soon
                async def take_over() -> None:
                    await trio.sleep(20)
                    await other.run()

                began = trio.current_time()
                with pytest.raises(AriLost):
                    await here.engine.run()
                assert trio.current_time() - began < 20 + 3
            here.judge()
            assert not leaked(here.pbx.log).channels
            assert here.engine.leaked.nothing


async def test_chores_of_the_outfit_last_as_long_as_the_engine_runs(autojump_clock: MockClock) -> None:
    told: list[str] = []

    async def chore() -> None:
        told.append("begun")
        try:
            await trio.sleep_forever()
        finally:
            told.append(f"ended after {len(here.results())} calls")

    async with rig(3) as here:
        here.engine.outfit = attrs.evolve(here.engine.outfit, chores=(chore,))
        await here.engine.run()
    assert told == ["begun", "ended after 3 calls"]


@pytest.mark.parametrize("name", FAULTS)
async def test_mishaps_leave_nothing_and_exceed_nothing(name: str, autojump_clock: MockClock) -> None:
    people = random_people(Random(3), (*numbers(60), *SETTINGS.operators.mobile_numbers), phrases_of(SCENARIOS))
    async with rig(60, people=people, seed=3) as here:
        here.pbx.faults.extend(FAULTS[name])
        await here.engine.run()
        assert len(here.attempts()) == 60
        here.judge()


@pytest.mark.parametrize("latency", [0.002, 0.05, 0.5])
def test_all_mishaps_together(latency: float, seed: int) -> None:
    """Random people, some mishaps, an event socket that drops every half a minute: from a fresh seed."""
    run_virtually(seed, _storm, latency, seed)


async def _storm(latency: float, seed: int) -> None:
    rng = Random(seed)
    people = random_people(rng, (*numbers(60), *SETTINGS.operators.mobile_numbers), phrases_of(SCENARIOS))
    async with rig(60, people=people, pbx=PbxConfig(latency=latency), seed=seed) as here, trio.open_nursery() as nursery:
        here.pbx.faults += [fault for name in rng.sample(sorted(FAULTS), 2) for fault in FAULTS[name]]

        @nursery.start_soon
        async def drop() -> None:
            while True:
                await trio.sleep(rng.uniform(1, 60))
                here.pbx.cut_event_sockets()

        await here.engine.run()
        nursery.cancel_scope.cancel()
        assert len(here.attempts()) == 60, f"seed {seed}"
        here.judge()


async def test_in_test_mode_one_number_is_called_one_call_at_a_time(autojump_clock: MockClock) -> None:
    rehearsal = attrs.evolve(SETTINGS, test_mode=TestModeSettings(on=True, redirect_number="09121111111"))
    async with rig(5, settings=rehearsal) as here:
        await here.engine.run()
        here.judge()
        assert {record.detail["endpoint"] for record in here.records(Kind.ORIGINATE)} == {"PJSIP/09121111111@trunk"}
        ends = [record.at for record in here.records(Kind.DESTROYED)]
        begins = [record.at for record in here.records(Kind.ORIGINATE)]
        assert len(begins) == 5
        assert all(begin >= end for end, begin in zip(ends, begins[1:], strict=False))


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (attrs.evolve(SETTINGS, dialing=DialingSettings(trunk="trunk")), "OUTBOUND_NUMBERS"),
        (attrs.evolve(SETTINGS, dialing=attrs.evolve(SETTINGS.dialing, trunk="")), "OUTBOUND_TRUNK"),
    ],
)
async def test_settings_without_which_nobody_can_be_called(settings: Settings, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        async with rig(1, settings=settings):
            pass
