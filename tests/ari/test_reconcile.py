from hypothesis import given, settings
from hypothesis import strategies as st

from callengine.ari import Bridge, Channel, Dialplan, Held, reconcile

NOTHING = Held()


def ours(channel: str) -> Channel:
    return Channel(channel, dialplan=Dialplan(app_name="Stasis", app_data="callengine,inbound,123"))


def held(*, confirmed: str = "", requested: str = "") -> Held:
    return Held(frozenset(confirmed.split()), frozenset(requested.split()))


def test_what_was_confirmed_and_is_not_listed_is_gone() -> None:
    now = held(confirmed="a b", requested="c")
    found = reconcile("callengine", (ours("a"),), (), before=now, after=now)
    assert (found.gone, found.doubtful) == (("b",), ("c",))
    assert (found.adopt, found.hang_up, found.delete) == ((), (), ())


def test_what_was_made_meanwhile_is_neither_gone_nor_a_stranger() -> None:
    """One channel came to be before the list was made, one after."""
    found = reconcile("callengine", (ours("a"),), (), before=NOTHING, after=held(confirmed="a b"))
    assert (found.gone, found.hang_up) == ((), ())


def test_what_ended_meanwhile_is_not_hung_up() -> None:
    found = reconcile("callengine", (ours("a"),), (), before=held(confirmed="a"), after=NOTHING)
    assert found.hang_up == ()


def test_channels_of_an_earlier_life_are_for_adoption_whatever_they_do() -> None:
    ringing = Channel("a", state="Ringing")
    found = reconcile("callengine", (ringing, ours("b")), (), before=NOTHING, after=NOTHING, intended={"a", "b", "z"})
    assert found.adopt == (ringing, ours("b"))
    assert found.hang_up == ()


def test_our_orphans_are_hung_up_and_strangers_left_alone() -> None:
    other = Channel("b", dialplan=Dialplan(app_name="Stasis", app_data="callengine-2"))
    dialplan = Channel("c", dialplan=Dialplan(app_name="Dial", app_data="callengine"))
    found = reconcile("callengine", (ours("a"), other, dialplan, Channel("d")), (), before=NOTHING, after=NOTHING)
    assert found.hang_up == ("a",)


def test_our_bridges_that_nobody_holds_are_deleted() -> None:
    bridges = (
        Bridge("kept", name="callengine", creator="Stasis"),
        Bridge("lost", name="callengine", creator="Stasis"),
        Bridge("theirs", name="other", creator="Stasis"),
        Bridge("dialplan", name="callengine", creator="ConfBridge"),
    )
    now = held(confirmed="kept")
    assert reconcile("callengine", (), bridges, before=now, after=now).delete == ("lost",)


Ids = frozenset[str]
ids = st.frozensets(st.sampled_from("abcdef"))


@settings(deadline=None)
@given(listed=ids, confirmed=ids, requested=ids, later=ids, intended=ids)
def test_every_channel_of_ours_has_one_fate(
    listed: frozenset[str],
    confirmed: frozenset[str],
    requested: frozenset[str],
    later: frozenset[str],
    intended: frozenset[str],
) -> None:
    before, after = Held(confirmed, requested - confirmed), Held(later)
    channels = tuple(ours(each) for each in sorted(listed))
    found = reconcile("callengine", channels, (), before=before, after=after, intended=intended)
    fates = [*found.gone, *found.doubtful, *(each.id for each in found.adopt), *found.hang_up]
    assert len(fates) == len(set(fates))
    assert set(fates) == (confirmed | requested) - listed | listed - confirmed - requested - later
    assert set(found.gone) == confirmed - listed
    assert not set(found.hang_up) & intended
