"""What becomes of calls that a restart finds."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from callengine.adoption import Cut, Decisions, Found, Vanished, decide
from callengine.ari import Bridge, CallerId, Channel, Dialplan
from callengine.model import (
    Attempt,
    AttemptId,
    AttemptState,
    CallId,
    ChannelId,
    ChartId,
    Contact,
    ContactId,
    Digits,
    LineId,
    Placement,
    Received,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=5)
LINE = LineId("02191302000")
NUMBER = Digits("09121234567")
ATTEMPT = Attempt(
    AttemptId("a"),
    Contact(ContactId("1"), NUMBER, NUMBER),
    CallId("out"),
    LINE,
    "s",
    ChartId("x"),
    EARLIER,
    channel=ChannelId("c"),
)
CALLER = Received(CallId("in"), "09130000001", LINE, LINE, "s", ChartId("x"), EARLIER, channel=ChannelId("77.1"))


def rang_us(name: str, seconds: int = 0) -> Channel:
    """A channel of one caller, so many seconds after the first."""
    return Channel(
        name,
        state="Up",
        caller=CallerId(number="09130000001"),
        dialplan=Dialplan(app_name="Stasis", app_data=f"us,inbound,{LINE}"),
        creationtime=EARLIER + timedelta(seconds=seconds),
    )


RANG_US = rang_us("77.1")
OPERATOR = Channel("o", state="Up")
LEG = Placement("o", LINE, EARLIER)


def customer(state: str = "Up") -> Channel:
    return Channel("c", state=state)


def bridge(*channels: str) -> Bridge:
    return Bridge("b", name="us", creator="Stasis", channels=channels)


def decided(
    *channels: Channel, bridges: tuple[Bridge, ...] = (), began: datetime = EARLIER, held: frozenset[str] = frozenset()
) -> Decisions:
    found = Found("us", channels, bridges, began - timedelta(seconds=1), held)
    attempts = () if any(each.id == "77.1" for each in channels) else (ATTEMPT,)
    return decide(attempts, () if attempts else (CALLER,), found, placements=(LEG,), now=NOW)


def result(decisions: Decisions) -> str:
    ends: list[Cut | Vanished] = [*decisions.cuts, *decisions.vanished]
    [end] = ends
    assert end.call.outcome is not None
    return end.call.outcome.result


def test_customer_and_operator_who_talk_stay() -> None:
    [talk] = decided(customer(), OPERATOR, bridges=(bridge("c", "o"),)).talks
    assert (talk.customer, talk.operator, talk.bridge, talk.operator_line) == ("c", "o", "b", LINE)


@pytest.mark.parametrize(
    ("made", "talked"),
    [
        (NOW - timedelta(seconds=90), 90.0),
        (NOW + timedelta(seconds=5), 0.0),
        (EARLIER - timedelta(hours=1), 300.0),
        (None, 0.0),
    ],
    ids=["a while ago", "by a clock that is ahead", "by one that is behind", "nobody knows when"],
)
def test_they_have_talked_since_their_bridge_was_made_but_no_longer_than_the_call_is_old(
    made: datetime | None, talked: float
) -> None:
    there = Bridge("b", name="us", creator="Stasis", channels=("c", "o"), creationtime=made)
    [talk] = decided(customer(), OPERATOR, bridges=(there,)).talks
    assert talk.talked == talked


def test_so_do_callers() -> None:
    [talk] = decided(RANG_US, OPERATOR, bridges=(bridge("o", "77.1"),)).talks
    assert (talk.call, talk.customer, talk.operator) == (CALLER, "77.1", "o")


def test_a_customer_whose_operator_has_left_was_served() -> None:
    assert result(decided(customer(), bridges=(bridge("c"),))) == "connected_to_operator"


def test_a_customer_nobody_talks_with_is_hung_up() -> None:
    assert result(decided(customer())) == "answered_unserved"
    assert result(decided(customer("Ringing"))) == "failed:restart"


def test_their_operator_is_hung_up_too_and_takes_a_slot_until_then() -> None:
    [leg] = decided(customer(), OPERATOR).loose
    assert (leg.channel, leg.line) == ("o", LINE)


def test_bridges_of_other_applications_are_no_talks() -> None:
    theirs = Bridge("b", name="them", creator="Stasis", channels=("c", "o"))
    assert not decided(customer(), OPERATOR, bridges=(theirs,)).talks


def test_calls_of_before_the_pbx_was_restarted_are_lost_with_it() -> None:
    decisions = decided(began=NOW)
    assert result(decisions) == "pbx_lost"
    assert decisions.vanished[0].may_appear == ""


def test_what_nobody_knows_is_said_so_and_may_still_appear() -> None:
    [vanished] = decided().vanished
    assert isinstance(vanished.call, Attempt)
    assert vanished.call.state is AttemptState.UNKNOWN
    assert vanished.may_appear == "c"
    assert vanished.call.placed_at == NOW, "it counts in the line's windows, as of the latest moment it can have been placed"


def test_who_called_since_the_restart_is_not_taken_for_a_caller_of_before() -> None:
    decisions = decided(RANG_US, held=frozenset({"77.1"}))
    assert not decisions.cuts
    assert result(decisions) == "failed:unconfirmed"


def callers(*calls: Received, there: tuple[Channel, ...]) -> dict[str, str]:
    """Whose channel is which, by the calls' ids; of those who are gone, the result."""
    decisions = decide((), calls, Found("us", there, (), EARLIER - timedelta(hours=1)), now=NOW)
    gone = {str(each.call.call): str(each.call.outcome.result) for each in decisions.vanished if each.call.outcome}
    return gone | {str(each.call.call): each.channel for each in decisions.cuts}


def caller(name: str, seconds: int, channel: str | None) -> Received:
    arrived = EARLIER + timedelta(seconds=seconds)
    return attrs.evolve(CALLER, call=CallId(name), arrived_at=arrived, channel=None if channel is None else ChannelId(channel))


def test_callers_are_known_again_by_their_channels_whoever_else_calls_from_the_same_number() -> None:
    there = (rang_us("77.3", 20), rang_us("77.1", 0))
    first, second, third = caller("1", 0, "77.1"), caller("2", 10, "77.2"), caller("3", 20, "77.3")
    assert callers(third, first, second, there=there) == {"1": "77.1", "2": "failed:unconfirmed", "3": "77.3"}


def test_callers_whom_an_older_version_wrote_down_are_known_by_their_order() -> None:
    there = (rang_us("77.1", 0), rang_us("77.2", 10), rang_us("77.3", 20))
    old, older, named = caller("old", 10, None), caller("older", 0, None), caller("named", 20, "77.3")
    assert callers(old, named, older, there=there) == {"older": "77.1", "old": "77.2", "named": "77.3"}
