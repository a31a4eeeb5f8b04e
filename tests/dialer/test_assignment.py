from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
import trio
from attrs import frozen
from structlog.testing import capture_logs
from trio.testing import MockClock, wait_all_tasks_blocked

from callengine.dialer import Assignment, ReadyScenario
from callengine.fsm import Condition, RateLimits
from callengine.lines.windows import OPEN
from callengine.model import ChartId, Contact, ContactId, ScenarioUse, SeededAmbient, digits_of


def contact(**fields: str) -> Contact:
    return Contact(ContactId("c1"), digits_of("09123456789"), "0912 345 6789", fields)


CONTACT = contact()


@frozen
class Flow:
    id: ChartId


def scenario(
    name: str,
    *conditions: Condition,
    inbound: bool = False,
    weight: float = 1.0,
    per_minute: int | None = None,
    per_day: int | None = None,
) -> ReadyScenario[Flow]:
    limits = RateLimits(max_calls_per_minute=per_minute, max_calls_per_day=per_day)
    inbound_flow = Flow(ChartId(f"{name}/in")) if inbound else None
    return ReadyScenario(name, Flow(ChartId(name)), inbound_flow, weight, conditions, limits)


def among(*scenarios: ReadyScenario[Flow]) -> Assignment[Flow]:
    return Assignment(scenarios, SeededAmbient(1, trio.current_time))


def take(assignment: Assignment[Flow], count: int, to: Contact = CONTACT) -> list[str]:
    """Assign, and place, so many calls; shorter where nobody was assigned."""
    chosen = [assignment.outbound(to) for _ in range(count)]
    for each in chosen:
        if each:
            each.charge.placed()
    return [each.scenario.name for each in chosen if each]


NOW = SeededAmbient(1, lambda: 0.0).wall()


def used(name: str, *ago: float | None) -> list[ScenarioUse]:
    """Calls with a scenario, so many seconds ago."""
    return [ScenarioUse(name, None if seconds is None else NOW - timedelta(seconds=seconds)) for seconds in ago]


async def test_scenarios_take_turns_and_say_so() -> None:
    assignment = among(scenario("sales"), scenario("survey"))
    with capture_logs() as logs:
        assert take(assignment, 3) == ["sales", "survey", "sales"]
    assert logs[0]["event"] == "Assigned scenario 'sales' to contact 09123456789"


async def test_weights_share_the_calls_out() -> None:
    assert take(among(scenario("a", weight=3), scenario("b")), 8) == [*"aaabaaab"]


async def test_callers_have_a_cursor_of_their_own_among_inbound_flows() -> None:
    assignment = among(scenario("a", inbound=True), scenario("b"), scenario("c", inbound=True))
    take(assignment, 1)
    inbound = [assignment.inbound("0912") for _ in range(3)]
    assert [each.name for each in inbound if each] == ["a", "c", "a"]
    assert take(assignment, 1) == ["b"]


async def test_no_inbound_flow_is_no_scenario() -> None:
    assert among(scenario("a")).inbound("0912") is None


class TestActive:
    async def test_switching_goes_on_after_the_last_one_served(self) -> None:
        assignment = among(scenario("a"), scenario("b"), scenario("c"))
        take(assignment, 2)
        with capture_logs() as logs:
            assert assignment.set_active(["b", "c"]) == ()
        assert [entry["event"] for entry in logs] == ["Active scenarios updated"]
        assert take(assignment, 2) == ["c", "b"]

    async def test_unknown_names_are_reported_and_nothing_else(self) -> None:
        assignment = among(scenario("a"), scenario("b"))
        with capture_logs() as logs:
            assert assignment.set_active(["nobody", "b"]) == ("nobody",)
        assert logs[0]["unknown"] == ("nobody",)
        assert take(assignment, 2) == ["b", "b"]
        assignment.set_active(None)
        assert assignment.active == ("a", "b")

    async def test_a_reload_keeps_what_the_panel_switched(self) -> None:
        assignment = among(scenario("a"), scenario("b"))
        assignment.set_active(["c", "b"])
        with capture_logs() as logs:
            assignment.load([scenario("a"), scenario("c")])
        assert assignment.active == ("c",)
        assert [entry["event"] for entry in logs] == ["Active scenarios updated"]

    async def test_with_none_active_one_waits_until_one_is(self) -> None:
        assignment = among(scenario("a"))
        assignment.set_active([])
        assert assignment.outbound(CONTACT) is None
        with trio.fail_after(5):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(assignment.wait_active)
                await wait_all_tasks_blocked()
                assignment.set_active(["a"])


VIP = Condition(field="tags", contains="vip")
IN_THE_NORTH = Condition(field="city", one_of=("Rasht", "Sari"))
MINE = Condition(field="number", equals="09123456789")


class TestConditions:
    @pytest.mark.parametrize(
        ("conditions", "fields", "fits"),
        [
            ((VIP,), {"tags": "new,vip"}, True),
            ((VIP,), {"tags": "VIP"}, False),
            ((VIP,), {}, False),
            ((IN_THE_NORTH,), {"city": "Sari"}, True),
            ((IN_THE_NORTH,), {"city": "Sari "}, False),
            ((VIP, IN_THE_NORTH), {"tags": "vip", "city": "Rasht"}, True),
            ((VIP, IN_THE_NORTH), {"tags": "vip", "city": "Qom"}, False),
            ((MINE,), {}, True),
            ((MINE,), {"number": "1"}, True),
            ((Condition(field="city", equals=""),), {"city": ""}, True),
            ((Condition(field="city", equals=""),), {}, False),
        ],
    )
    async def test_all_must_hold(self, conditions: tuple[Condition, ...], fields: Mapping[str, str], fits: bool) -> None:
        assignment = among(scenario("a", *conditions))
        assert assignment.serves(contact(**fields)) is fits
        assert (assignment.outbound(contact(**fields)) is not None) is fits

    async def test_others_get_whom_a_scenario_does_not_fit(self) -> None:
        assignment = among(scenario("vip", VIP), scenario("all"))
        assert take(assignment, 2) == ["all", "all"]
        assert sorted(take(assignment, 4, contact(tags="vip"))) == ["all", "all", "vip", "vip"]

    async def test_callers_need_not_pass_them(self) -> None:
        assert among(scenario("vip", VIP, inbound=True)).inbound("0912") is not None


class TestRateLimits:
    async def test_a_minute_is_any_sixty_seconds_since_the_call_was_placed(self, autojump_clock: MockClock) -> None:
        assignment = among(scenario("a", per_minute=2))
        assert take(assignment, 1) == ["a"]
        await trio.sleep(30)
        assert take(assignment, 2) == ["a"]
        await trio.sleep(29.9)
        assert take(assignment, 1) == []
        await trio.sleep(0.2)
        assert take(assignment, 2) == ["a"]

    async def test_a_day_ends_at_midnight(self, autojump_clock: MockClock) -> None:
        """The seeded world begins at nine in the morning."""
        assignment = among(scenario("a", per_day=1))
        assert take(assignment, 2) == ["a"]
        with trio.fail_after(15 * 3600 + 1), assignment.until_due([CONTACT]):
            await trio.sleep_forever()
        assert trio.current_time() >= 15 * 3600
        assert take(assignment, 2) == ["a"]

    async def test_a_call_that_was_never_placed_does_not_count(self) -> None:
        assignment = among(scenario("a", per_minute=1))
        assigned = assignment.outbound(CONTACT)
        assert assigned is not None
        assert assignment.outbound(CONTACT) is None, "it counts until it is known not to be placed"
        assigned.charge.release()
        assert take(assignment, 1) == ["a"]

    async def test_what_is_released_after_it_was_placed_counts(self) -> None:
        assignment = among(scenario("a", per_minute=1))
        assigned = assignment.outbound(CONTACT)
        assert assigned is not None
        assigned.charge.placed()
        assigned.charge.release()
        assert take(assignment, 1) == []

    async def test_callers_count_and_are_limited_too(self) -> None:
        assignment = among(scenario("a", inbound=True, per_minute=2))
        assert assignment.inbound("0912") is not None
        assert take(assignment, 2) == ["a"]
        assert assignment.inbound("0912") is None

    async def test_the_others_go_on(self) -> None:
        assert take(among(scenario("a", per_minute=1), scenario("b")), 4) == ["a", "b", "b", "b"]

    async def test_a_reload_changes_limits_and_forgets_no_call(self) -> None:
        assignment = among(scenario("a", per_minute=1))
        take(assignment, 1)
        assignment.load([])
        assignment.load([scenario("a", per_minute=2)])
        assert take(assignment, 2) == ["a"]


class TestRestored:
    """What was used before a restart counts again."""

    async def test_a_call_counts_for_what_is_left_of_its_minute(self, autojump_clock: MockClock) -> None:
        assignment = among(scenario("a", per_minute=2))
        assignment.restore(used("a", 70, 59, 20), NOW)
        assert take(assignment, 1) == []
        await trio.sleep(1.2)
        assert take(assignment, 2) == ["a"]

    @pytest.mark.parametrize("ago", [None, -500.0], ids=["without a time", "with one to come"])
    async def test_one_whose_time_is_not_known_counts_as_of_now(self, ago: float | None, autojump_clock: MockClock) -> None:
        assignment = among(scenario("a", per_minute=1))
        assignment.restore(used("a", ago), NOW)
        await trio.sleep(59.9)
        assert take(assignment, 1) == []
        await trio.sleep(0.3)
        assert take(assignment, 1) == ["a"]

    async def test_calls_of_today_count_and_those_of_yesterday_do_not(self, autojump_clock: MockClock) -> None:
        """It is nine in the morning."""
        assignment = among(scenario("a", per_day=3))
        assignment.restore(used("a", 3600, 8 * 3600, 10 * 3600), NOW)
        assert take(assignment, 2) == ["a"]

    async def test_each_scenario_counts_its_own_and_one_that_is_not_loaded_yet_does_too(
        self, autojump_clock: MockClock
    ) -> None:
        assignment = among(scenario("a", per_minute=1))
        assignment.restore([*used("b", 5), *used("gone", 5)], NOW)
        assert take(assignment, 1) == ["a"]
        assignment.load([scenario("b", per_minute=1)])
        assert take(assignment, 1) == []

    async def test_who_waits_is_let_go_no_later_than_what_was_restored_allows(self, autojump_clock: MockClock) -> None:
        assignment = among(scenario("a", per_minute=1))
        take(assignment, 1)
        with trio.fail_after(120), assignment.until_due([CONTACT]):
            await trio.sleep(10)
            assignment.restore(used("a", 0), NOW)
            await trio.sleep_forever()
        assert trio.current_time() == pytest.approx(70, abs=0.5)
        assert take(assignment, 1) == ["a"]


class TestDue:
    async def test_a_contact_nobody_serves_is_due(self) -> None:
        assert among(scenario("vip", VIP)).due_at(CONTACT) == OPEN

    async def test_with_none_active_nobody_is_due(self) -> None:
        assignment = among(scenario("a"))
        assignment.set_active([])
        assert assignment.due_at(CONTACT) == float("inf")

    @pytest.mark.parametrize("change", ["release", "load", "set_active"])
    async def test_a_change_ends_the_wait(self, change: str, autojump_clock: MockClock) -> None:
        assignment = among(scenario("a", per_day=1), scenario("b"))
        assignment.set_active(["a"])
        assigned = assignment.outbound(CONTACT)
        assert assigned is not None
        changes: Mapping[str, Callable[[], object]] = {
            "release": assigned.charge.release,
            "load": lambda: assignment.load([scenario("a")]),
            "set_active": lambda: assignment.set_active(None),
        }
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._wait_until_due, assignment)
            await trio.sleep(5)
            changes[change]()
        assert trio.current_time() < 6

    async def _wait_until_due(self, assignment: Assignment[Flow]) -> None:
        with assignment.until_due([CONTACT]):
            await trio.sleep_forever()
