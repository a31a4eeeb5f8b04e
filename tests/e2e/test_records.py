"""Slots and bridges as they follow from records, without any PBX."""

from tests.e2e.records import ChannelRecord, Period, Stay, shared, slots


def channel(began: float, ended: float | None, *, inbound: bool = False, answered: float | None = None) -> ChannelRecord:
    return ChannelRecord("id", "name", inbound, "5550001", began, answered_at=answered, ended=ended)


def test_a_caller_holds_a_slot_from_our_answer_on() -> None:
    records = [channel(1.0, 9.0), channel(2.0, 8.0, inbound=True, answered=5.0), channel(3.0, 4.0, inbound=True)]
    assert slots(records) == ((1.0, 1), (5.0, 2), (8.0, 1), (9.0, 0))


def test_a_slot_is_free_at_the_moment_its_channel_ends() -> None:
    assert slots([channel(2.0, None), channel(1.0, 2.0)]) == ((1.0, 1), (2.0, 0), (2.0, 1))


def test_only_the_time_in_one_bridge_is_shared() -> None:
    stays = [
        Stay("hold", "caller", 0.0, 2.0),
        Stay("hold", "operator", 3.0, 4.0),
        Stay("talk", "caller", 2.0),
        Stay("talk", "operator", 5.0, 7.0),
        Stay("talk", "operator", 8.0),
    ]
    assert shared(stays, ["caller"], ["operator"]) == (Period(5.0, 7.0), Period(8.0, None))
