"""The operators that the settings describe, and how their telephones are reached."""

from callengine.settings.rosters import RosterEntry
from callengine.settings.tree import Settings


def fallback(settings: Settings) -> tuple[RosterEntry, ...]:
    """Who is rung where no roster says anybody: the mobile numbers, else the endpoint, else the extension."""
    operators = settings.operators
    targets = operators.mobile_numbers
    if not targets and operators.endpoint:
        targets = (operators.endpoint,)
    if not targets and operators.extension and operators.trunk:
        targets = (f"PJSIP/{operators.extension}@{operators.trunk}",)
    return tuple(RosterEntry(target, target) for target in targets)


def endpoint_of(target: str, settings: Settings) -> str:
    """A target in Asterisk's words: an endpoint is one already, a number is rung over the trunk.

    The technology comes in capitals: Asterisk minds no case there, and one telephone must not be taken for two.
    """
    technology, slash, resource = target.partition("/")
    return f"{technology.upper()}/{resource}" if slash else f"PJSIP/{target}@{settings.dialing.trunk}"


def over_trunk(target: str, settings: Settings) -> bool:
    """Whether a leg to the target takes a slot of a line. In test mode operator legs are not counted."""
    _, _, resource = endpoint_of(target, settings).partition("/")
    aor, slash, _ = resource.partition("/")  # PJSIP/<trunk>/sip:number@host is another way to write number@trunk
    leaves_by = aor if slash else resource.rpartition("@")[2]
    return not settings.test_mode.on and leaves_by == settings.dialing.trunk
