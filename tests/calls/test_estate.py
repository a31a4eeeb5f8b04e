import pytest

from callengine.calls.estate import Entry, Estate, Kind
from callengine.model import CallId
from tests.calls.stage import RememberedLease


@pytest.fixture
def estate() -> Estate:
    return Estate(CallId("call"))


@pytest.fixture
def lease(estate: Estate) -> RememberedLease:
    lease = RememberedLease()
    estate.hold(lease)
    return lease


async def test_a_slot_without_a_request_is_given_back_at_once(estate: Estate, lease: RememberedLease) -> None:
    estate.release_unused()
    estate.release_unused()
    assert len(lease.released_at) == 1


async def test_a_slot_with_a_request_waits_for_proof(estate: Estate, lease: RememberedLease) -> None:
    entry = estate.enter(Kind.CHANNEL, "channel", lease)
    estate.release_unused()
    assert not lease.released_at
    entry.bury()
    assert len(lease.released_at) == 1


async def test_what_is_gone_stays_gone(estate: Estate, lease: RememberedLease) -> None:
    entry = estate.enter(Kind.CHANNEL, "channel", lease)
    entry.bury()
    entry.confirm()
    entry.bury()
    assert entry.buried
    assert len(lease.released_at) == 1


async def test_what_others_created_is_known_to_exist(estate: Estate) -> None:
    entry = estate.adopt(Kind.CHANNEL, "forwarded")
    assert (entry.state, entry.answered.is_set()) == ("confirmed", True)


async def test_what_remains_is_told_by_kind(estate: Estate) -> None:
    channel, bridge = estate.enter(Kind.CHANNEL, "channel"), estate.enter(Kind.BRIDGE, "bridge")
    gone: Entry = estate.enter(Kind.BRIDGE, "gone")
    gone.bury()
    assert list(estate.remaining(Kind.CHANNEL)) == [channel]
    assert list(estate.remaining(Kind.BRIDGE)) == [bridge]
    assert not list(estate.remaining(Kind.RECORDING))
