"""Pure: what the PBX lists against what we hold.

Lists and events are not ordered against each other, so what we hold is taken twice, before the lists were asked for and after
they came. Something we made in between is then neither taken for gone nor for a stranger.
"""

from collections.abc import Set as AbstractSet

from attrs import frozen

from callengine.ari.resources import Bridge, Channel

_OUR_BRIDGES = "Stasis"


@frozen
class Held:
    """The ids of the channels and bridges we answer for.

    Attributes:
        confirmed: known to have existed at the PBX.
        requested: asked for; nothing yet proves that they came to be. Inbound calls nobody has taken up belong here too.
    """

    confirmed: frozenset[str] = frozenset()
    requested: frozenset[str] = frozenset()


@frozen
class Reconciliation:
    """What to do, in a fixed order.

    Attributes:
        gone: confirmed once and not listed now: proof of their end.
        doubtful: requested and not listed: proves nothing, a request may still be on its way.
        adopt: channels listed that nobody holds but an earlier life of ours intended.
        hang_up: channels in our application that nobody holds and nobody intended.
        delete: bridges of ours that nobody holds.
    """

    gone: tuple[str, ...]
    doubtful: tuple[str, ...]
    adopt: tuple[Channel, ...]
    hang_up: tuple[str, ...]
    delete: tuple[str, ...]


def reconcile(
    app: str,
    channels: tuple[Channel, ...],
    bridges: tuple[Bridge, ...],
    *,
    before: Held,
    after: Held,
    intended: AbstractSet[str] = frozenset(),
) -> Reconciliation:
    """Compare the PBX's lists with what we hold. Channels and bridges of strangers are left alone.

    Args:
        app: ours; a channel in Stasis names its application, a bridge of ours bears its name.
        before: what we held before the lists were asked for.
        after: what we held once they had come.
        intended: channel ids that an earlier life of ours wrote down before it asked for them.
    """
    listed = {each.id for each in channels} | {each.id for each in bridges}
    held = before.confirmed | before.requested | after.confirmed | after.requested
    loose = [each for each in channels if each.id not in held]
    return Reconciliation(
        gone=tuple(sorted(before.confirmed - listed)),
        doubtful=tuple(sorted(before.requested - listed)),
        adopt=tuple(each for each in loose if each.id in intended),
        hang_up=tuple(each.id for each in loose if each.id not in intended and application_of(each) == app),
        delete=tuple(each.id for each in bridges if each.id not in held and each.creator == _OUR_BRIDGES and each.name == app),
    )


def application_of(channel: Channel) -> str | None:
    """The Stasis application that a channel is in; None where it is in none."""
    plan = channel.dialplan
    return plan.app_data.partition(",")[0] if plan.app_name == "Stasis" else None
