"""The two ways in which a call comes about."""

from collections.abc import Awaitable, Callable, Mapping

from attrs import field, frozen

from callengine.calls.legs import LegState, Placement
from callengine.calls.pbx import always
from callengine.model import ChannelId, Lease


@frozen
class Outbound:
    """We call the customer.

    Attributes:
        cleared: waits until the customer may be called. It raises DoNotDial if they must not be called any more.
        lease: the line's slot; the call, and after it the reaper, own it from here on.
        channel: the id that the customer's channel will have.
        watch: is told each state of the customer's leg; `dialling` right before the originate request.
        fields: what is known of the contact besides the number.
        still_clear: whether `cleared` would return at once; asked right before the originate request. It may raise
            DoNotDial too.
    """

    number: str
    channel: ChannelId
    placement: Placement
    cleared: Callable[[], Awaitable[None]]
    lease: Lease
    watch: Callable[[LegState], None]
    fields: Mapping[str, str] = field(factory=dict)
    still_clear: Callable[[], bool] = always


@frozen
class Inbound:
    """The customer called us, and the channel waits in our application.

    Attributes:
        number: theirs; empty where it is withheld.
        slot: waits for a slot of the line that was called, and raises ConfigError when the line is ours no longer; None where
            it is no line of ours.
        patience: seconds the customer waits for it.
        fields: nothing is known of a caller besides the number.
    """

    number: str
    channel: ChannelId
    slot: Callable[[], Awaitable[Lease]] | None
    patience: float
    fields: Mapping[str, str] = field(factory=dict, init=False)
