import trio
from attrs import frozen
from structlog.testing import capture_logs
from trio.testing import wait_all_tasks_blocked

from callengine.dialer import Assignment, ReadyScenario
from callengine.model import ChartId, Contact, ContactId, digits_of

CONTACT = Contact(ContactId("c1"), digits_of("09123456789"), "0912 345 6789")


@frozen
class Flow:
    id: ChartId


def scenario(name: str, *, inbound: bool = False) -> ReadyScenario[Flow]:
    return ReadyScenario(name, Flow(ChartId(name)), Flow(ChartId(f"{name}/in")) if inbound else None)


def take(assignment: Assignment[Flow], count: int) -> list[str]:
    chosen = [assignment.outbound(CONTACT) for _ in range(count)]
    return [each.name for each in chosen if each]


def test_scenarios_take_turns_and_say_so() -> None:
    assignment = Assignment([scenario("sales"), scenario("survey")])
    with capture_logs() as logs:
        assert take(assignment, 3) == ["sales", "survey", "sales"]
    assert logs[0]["event"] == "Assigned scenario 'sales' to contact 09123456789"


def test_callers_have_a_cursor_of_their_own_among_inbound_flows() -> None:
    assignment = Assignment([scenario("a", inbound=True), scenario("b"), scenario("c", inbound=True)])
    take(assignment, 1)
    inbound = [assignment.inbound("0912") for _ in range(3)]
    assert [each.name for each in inbound if each] == ["a", "c", "a"]
    assert take(assignment, 1) == ["b"]


def test_no_inbound_flow_is_no_scenario() -> None:
    assert Assignment([scenario("a")]).inbound("0912") is None


def test_switching_goes_on_after_the_last_one_served() -> None:
    assignment = Assignment([scenario("a"), scenario("b"), scenario("c")])
    take(assignment, 2)
    with capture_logs() as logs:
        assert assignment.set_active(["b", "c"]) == ()
    assert [entry["event"] for entry in logs] == ["Active scenarios updated"]
    assert take(assignment, 2) == ["c", "b"]


def test_unknown_names_are_reported_and_nothing_else() -> None:
    assignment = Assignment([scenario("a"), scenario("b")])
    with capture_logs() as logs:
        assert assignment.set_active(["nobody", "b"]) == ("nobody",)
    assert logs[0]["unknown"] == ("nobody",)
    assert take(assignment, 2) == ["b", "b"]
    assignment.set_active(None)
    assert assignment.active == ("a", "b")


def test_a_reload_keeps_what_the_panel_switched() -> None:
    assignment = Assignment([scenario("a"), scenario("b")])
    assignment.set_active(["c", "b"])
    assignment.load([scenario("a"), scenario("c")])
    assert assignment.active == ("c",)


async def test_with_none_active_one_waits_until_one_is() -> None:
    assignment = Assignment([scenario("a")])
    assignment.set_active([])
    assert assignment.outbound(CONTACT) is None
    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(assignment.wait_active)
            await wait_all_tasks_blocked()
            assignment.set_active(["a"])
