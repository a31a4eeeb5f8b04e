from callengine.calls.estate import Estate, Kind
from callengine.model import CallId
from tests.calls.stage import RememberedLease


def estate() -> Estate:
    return Estate(CallId("call"))


def test_a_slot_is_given_back_when_its_channel_is_gone() -> None:
    owned, lease = estate(), RememberedLease()
    owned.hold(lease)
    entry = owned.enter(Kind.CHANNEL, "channel", lease)
    owned.release_unused()
    entry.confirm()
    assert list(owned.remaining(Kind.CHANNEL)) == [entry]
