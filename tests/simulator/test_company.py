"""Who is left alone, by hand-made logs."""

import pytest
import trio
from trio.testing import MockClock

from callengine.simulator import Kind, People, Record, audit
from tests.simulator.client import running

BRIDGED = [
    Record(1.0, Kind.BRIDGE_ENTERED, "b", {"channel": "customer"}),
    Record(4.0, Kind.BRIDGE_ENTERED, "b", {"channel": "operator"}),
    Record(9.0, Kind.BRIDGE_LEFT, "b", {"channel": "operator"}),
]
"""The customer waits for the operator for a while, which is no fault; then the operator leaves."""


def asked(at: float, channel: str, customer: str = "") -> Record:
    return Record(at, Kind.ORIGINATE, channel, {"line": "a", "endpoint": "PJSIP/1", "customer": customer})


def ended(at: float, channel: str, by: str = "person") -> list[Record]:
    return [Record(at, Kind.HANGUP, channel, {"by": by}), Record(at, Kind.DESTROYED, channel, {"cause": "16"})]


def told(log: list[Record]) -> list[str]:
    return [str(violation) for violation in audit(log, {}) if violation.rule == "I2"]


@pytest.mark.parametrize(("until", "violations"), [(10.9, []), (12.0, ["I2 at 9.000 s: b: one channel was alone"])])
def test_nobody_stays_in_a_bridge_alone(until: float, violations: list[str]) -> None:
    log = [*BRIDGED, Record(until, Kind.BRIDGE_LEFT, "b", {"channel": "customer"})]
    assert [sentence[:39] for sentence in told(log)] == violations


def test_whoever_is_alone_when_the_log_ends_is_found() -> None:
    assert told([*BRIDGED, Record(99.0, Kind.APP_DOWN, "callengine")]) == [
        "I2 at 9.000 s: b: one channel was alone in this bridge for 90.0 s"
    ]


def test_time_in_which_nobody_listens_does_not_count() -> None:
    """An engine that has lost its event socket cannot know; once it listens again, it has its time."""
    lost = [Record(9.5, Kind.APP_DOWN, "callengine"), Record(30.0, Kind.APP_UP, "callengine")]
    in_time, too_late = ([Record(at, Kind.BRIDGE_LEFT, "b", {"channel": "customer"})] for at in (31.5, 33.0))
    assert told([*BRIDGED, *lost, *in_time]) == []
    assert told([*BRIDGED, *lost, *too_late]) == ["I2 at 9.000 s: b: one channel was alone in this bridge for 24.0 s"]


def test_another_operator_may_come_in_time() -> None:
    log = [
        *BRIDGED,
        Record(10.0, Kind.BRIDGE_ENTERED, "b", {"channel": "another"}),
        Record(90.0, Kind.BRIDGE_LEFT, "b", {"channel": "another"}),
        Record(90.0, Kind.BRIDGE_LEFT, "b", {"channel": "customer"}),
    ]
    assert told(log) == []


@pytest.mark.parametrize(("until", "violations"), [(10.5, []), (13.0, ["outlived its customer by 4.0 s"])])
def test_an_operator_does_not_ring_on_for_nobody(until: float, violations: list[str]) -> None:
    log = [
        asked(1.0, "customer"),
        Record(3.0, Kind.ANSWERED, "customer"),
        asked(5.0, "operator", customer="customer"),
        asked(6.0, "somebody"),
        *ended(9.0, "customer"),
        *ended(until, "operator", by="app"),
        *ended(50.0, "somebody"),
    ]
    assert [sentence[-30:] for sentence in told(log)] == violations


def test_operators_who_are_tried_in_turn_for_a_caller_are_not_each_others_customers() -> None:
    log = [
        asked(1.0, "first", customer="caller"),
        Record(3.0, Kind.ANSWERED, "first"),
        asked(8.0, "second", customer="caller"),
        *ended(8.1, "first"),
        *ended(30.0, "second"),
    ]
    assert told(log) == []


async def test_the_log_names_the_customer_of_each_operator(autojump_clock: MockClock) -> None:
    async with running(People()) as (pbx, client):
        await client.originate(channel="a" * 36, variables={"CALLENGINE_CUSTOMER": "customer-1"})
        await client.originate(channel="b" * 36)
        await trio.sleep(1)
        assert [record.detail["customer"] for record in pbx.log if record.kind is Kind.ORIGINATE] == ["customer-1", ""]
