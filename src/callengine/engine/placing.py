"""How a contact is called: the endpoint, the number shown, what the channel carries."""

from attrs import field, frozen

from callengine.calls import Placement
from callengine.engine.wiring import numbering_of
from callengine.errors import ConfigError
from callengine.model import Attempt, LineSpec, Numbering
from callengine.settings import Settings


@frozen
class Placing:
    """Builds placements from settings.

    Attributes:
        dial_string: made of `{number}`, `{e164}`, `{line}` and `{line_last4}`.
        redirect: the one number that is dialled in test mode.
    """

    trunk: str
    dial_string: str
    timeout: float
    redirect: str | None = None
    numbering: Numbering = field(factory=Numbering)

    def of(self, attempt: Attempt, line: LineSpec) -> Placement:
        """How this attempt is placed. The contact's number is digits only, so it cannot smuggle a dial string."""
        number = self.redirect or attempt.contact.number
        e164 = self.redirect or self.numbering.e164(attempt.contact.number)
        dialled = self.dial_string.format(number=number, e164=e164, line=line.id, line_last4=line.id[-4:])
        return Placement(
            endpoint=f"PJSIP/{dialled}@{self.trunk}",
            caller_id=line.caller_id,
            timeout=self.timeout,
            variables={"CALLENGINE_CALL": attempt.call, "CALLENGINE_LINE": line.id},
        )


def placing_of(settings: Settings) -> Placing:
    """How these settings want contacts called.

    Raises:
        ConfigError: no trunk is named, or REGION is no country.
    """
    if not settings.dialing.trunk:
        raise ConfigError("OUTBOUND_TRUNK is empty: name the PJSIP endpoint that calls leave by")
    return Placing(
        trunk=settings.dialing.trunk,
        dial_string=settings.dialing.dial_string,
        timeout=settings.dialing.origination_timeout,
        redirect=settings.test_mode.redirect_number if settings.test_mode.on else None,
        numbering=numbering_of(settings),
    )
