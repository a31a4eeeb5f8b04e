"""Tries, hedging, and leaving a service alone that fails."""

from collections.abc import Awaitable, Callable

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from callengine.errors import (
    BalanceExhausted,
    NothingHeard,
    ProviderError,
    ProviderRefused,
    ProviderThrottled,
    ProviderUnavailable,
)
from callengine.providers import ONCE, Bounds, Complaints, Patience
from callengine.providers.breaker import Breaker

DOWN = ProviderUnavailable("down")


def bounds(patience: Patience | None = None, places: int = 2, timeout: float = 10.0) -> Bounds:
    return Bounds("the model", trio.CapacityLimiter(places), timeout, patience=patience or Patience())


def turns(*steps: str | ProviderError | float) -> Callable[[], Awaitable[str]]:
    """A use that takes its steps in turn: a number is seconds it takes before the next one."""
    rest = iter(steps)

    async def use() -> str:
        step = next(rest)
        if isinstance(step, float):
            await trio.sleep(step)
            step = next(rest)
        if isinstance(step, ProviderError):
            raise step
        assert isinstance(step, str)
        return step

    return use


async def test_what_may_succeed_the_next_time_is_tried_again(autojump_clock: trio.testing.MockClock) -> None:
    assert await bounds().run(turns(DOWN, "yes")) == "yes"
    assert trio.current_time() == pytest.approx(0.2)


async def test_tries_have_an_end(autojump_clock: trio.testing.MockClock) -> None:
    with pytest.raises(ProviderUnavailable, match="down"):
        await bounds().run(turns(DOWN, DOWN, "yes"))


@pytest.mark.parametrize("error", [ProviderRefused("no"), BalanceExhausted("nothing is left"), NothingHeard("silence")])
async def test_what_would_fail_again_is_not_repeated(error: ProviderError) -> None:
    with pytest.raises(type(error)):
        await bounds().run(turns(error, "yes"))


async def test_nothing_is_sent_twice(autojump_clock: trio.testing.MockClock) -> None:
    with pytest.raises(ProviderUnavailable):
        await bounds(ONCE).run(turns(DOWN, "sent again"))


async def test_tries_are_within_the_time(autojump_clock: trio.testing.MockClock) -> None:
    with pytest.raises(ProviderUnavailable, match="did not deliver within 10 s"):
        await bounds().run(turns(6.0, DOWN, 6.0, "yes"))
    assert trio.current_time() == pytest.approx(10.0)


async def test_patience_that_is_asked_for_is_had_where_it_fits(autojump_clock: trio.testing.MockClock) -> None:
    assert await bounds().run(turns(ProviderThrottled("wait", 3.0), "yes")) == "yes"
    assert trio.current_time() == pytest.approx(3.0)
    with pytest.raises(ProviderThrottled):
        await bounds().run(turns(ProviderThrottled("wait", 30.0), "yes"))
    assert trio.current_time() == pytest.approx(3.0), "and nobody waits in vain"


async def test_the_callers_own_silence_counts_too(autojump_clock: trio.testing.MockClock) -> None:
    with trio.move_on_after(2.0), pytest.raises(ProviderThrottled):
        await bounds().run(turns(ProviderThrottled("wait", 3.0), "yes"))
    assert trio.current_time() == 0.0


async def test_patience_holds_for_every_call(autojump_clock: trio.testing.MockClock) -> None:
    service = bounds()
    with pytest.raises(ProviderThrottled):
        await service.run(turns(ProviderThrottled("wait", 30.0)))
    with pytest.raises(ProviderThrottled, match="asked for patience and is left alone for another 30 s"):
        await service.run(turns("yes"))
    await trio.sleep(30.0)
    assert await service.run(turns("yes")) == "yes"


async def test_a_place_is_free_while_a_use_waits_for_its_next_try(autojump_clock: trio.testing.MockClock) -> None:
    service = bounds(places=1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(service.run, turns(ProviderUnavailable("down"), "yes"))
        await trio.sleep(0.1)
        assert service.limiter.borrowed_tokens == 0


async def test_a_service_that_keeps_failing_is_left_alone_and_tried_by_one(autojump_clock: trio.testing.MockClock) -> None:
    service = bounds(Patience(attempts=1, failures=3, rest=30.0))
    for _ in range(3):
        with pytest.raises(ProviderUnavailable, match="down"):
            await service.run(turns(DOWN))
    with pytest.raises(ProviderUnavailable, match="the model failed 3 times in a row and is left alone for another 30 s"):
        await service.run(turns("yes"))
    assert service.figures().resting
    await trio.sleep(30.0)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(service.run, turns(1.0, "yes"))
        await trio.sleep(0.5)
        with pytest.raises(ProviderUnavailable, match="is being tried again by another call"):
            await service.run(turns("yes"))
    assert await service.run(turns("yes")) == "yes"


async def test_a_failed_probe_rests_it_again(autojump_clock: trio.testing.MockClock) -> None:
    service = bounds(Patience(attempts=2, failures=1, rest=30.0))
    for moment in (0.0, 30.0):
        assert trio.current_time() == pytest.approx(moment), "no further try of a service that is left alone"
        with pytest.raises(ProviderUnavailable, match="down"):
            await service.run(turns(DOWN, "yes"))
        await trio.sleep(30.0)


async def test_a_probe_whose_caller_hangs_up_leaves_the_way_free(autojump_clock: trio.testing.MockClock) -> None:
    service = bounds(Patience(attempts=1, failures=1, rest=1.0))
    with pytest.raises(ProviderUnavailable):
        await service.run(turns(DOWN))
    await trio.sleep(1.0)
    with trio.move_on_after(1.0):
        await service.run(turns(5.0, "yes"))
    assert await service.run(turns("yes")) == "yes"


async def test_a_service_out_of_time_has_failed_but_callers_who_hang_up_are_no_failure(
    autojump_clock: trio.testing.MockClock,
) -> None:
    service = bounds(Patience(attempts=1, failures=1), timeout=5.0)
    with trio.move_on_after(1.0):
        await service.run(turns(9.0, "yes"))
    assert not service.figures().resting
    with pytest.raises(ProviderUnavailable):
        await service.run(turns(9.0, "yes"))
    assert service.figures().resting


async def test_refusals_rest_nobody() -> None:
    service = bounds(Patience(attempts=1, failures=1))
    for _ in range(3):
        with pytest.raises(ProviderRefused):
            await service.run(turns(ProviderRefused("no")))
    assert await service.run(turns("yes")) == "yes"


async def test_hedging_is_off_unless_asked_for(autojump_clock: trio.testing.MockClock) -> None:
    assert await bounds().run(turns(8.0, "late")) == "late"
    assert trio.current_time() == pytest.approx(8.0)


async def test_a_second_request_overtakes_a_slow_one(autojump_clock: trio.testing.MockClock) -> None:
    service = bounds(Patience(hedge_after=1.0))
    times = iter((8.0, 0.5))

    async def use() -> str:
        seconds = next(times)
        await trio.sleep(seconds)
        return f"after {seconds}"

    assert await service.run(use) == "after 0.5"
    assert trio.current_time() == pytest.approx(1.5)
    assert service.limiter.borrowed_tokens == 0


async def test_hedging_takes_no_place_that_is_not_free(autojump_clock: trio.testing.MockClock) -> None:
    service = bounds(Patience(hedge_after=1.0), places=1)
    assert await service.run(turns(3.0, "yes")) == "yes"
    assert service.figures().uses == {"ok": 1}


async def test_the_first_error_counts_where_both_fail(autojump_clock: trio.testing.MockClock) -> None:
    service = bounds(Patience(attempts=1, hedge_after=1.0))
    with pytest.raises(ProviderRefused, match="first"):
        await service.run(turns(2.0, 5.0, ProviderRefused("first"), ProviderRefused("second")))


async def test_uses_are_counted_by_how_they_end(autojump_clock: trio.testing.MockClock) -> None:
    service = bounds(Patience(attempts=1))
    await service.run(turns(0.3, "yes"))
    for error in (DOWN, ProviderRefused("no"), ProviderThrottled("wait"), BalanceExhausted("empty"), NothingHeard("silence")):
        with pytest.raises(ProviderError):
            await service.run(turns(error))
    with trio.move_on_after(1.0):
        await service.run(turns(2.0, "yes"))
    figures = service.figures()
    names = ("ok", "unavailable", "refused", "throttled", "balance", "nothing_heard", "cancelled")
    assert figures.uses == dict.fromkeys(names, 1)
    assert figures.took.count == 7
    assert figures.took.seconds == pytest.approx(1.3)


async def test_the_last_error_is_heard_of_once(autojump_clock: trio.testing.MockClock) -> None:
    heard: list[str] = []
    service = Bounds("the model", trio.CapacityLimiter(1), 5.0, Complaints(lambda error: heard.append(str(error))))
    assert await service.run(turns(DOWN, "yes")) == "yes"
    assert heard == []
    with pytest.raises(ProviderUnavailable):
        await service.run(turns(DOWN, DOWN))
    assert heard == ["down"]


@given(st.lists(st.tuples(st.sampled_from(["ok", "down", "refused"]), st.floats(0.0, 20.0)), max_size=40), st.integers(1, 4))
async def test_a_breaker_is_open_just_after_enough_failures(uses: list[tuple[str, float]], most: int) -> None:
    clock = trio.testing.MockClock()

    def play() -> None:
        trio.run(_play, uses, most, clock, clock=clock)

    await trio.to_thread.run_sync(play)


async def _play(uses: list[tuple[str, float]], most: int, clock: trio.testing.MockClock) -> None:
    breaker, failures, open_until = Breaker("it", most, 10.0), 0, 0.0
    for outcome, later in uses:
        clock.jump(later)
        now = trio.current_time()
        error = {"down": DOWN, "refused": ProviderRefused("no")}.get(outcome)
        reached = False
        try:
            with breaker.use():
                reached = True
                if error is not None:
                    raise error
        except ProviderError:
            pass
        assert reached == (failures < most or now >= open_until)
        if reached:
            failures = failures + 1 if outcome == "down" else 0
            if failures >= most:
                open_until = now + 10.0
