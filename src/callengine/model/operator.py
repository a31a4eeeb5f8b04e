"""The humans that customers are connected to."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from attrs import frozen

from callengine.model.ids import OperatorId

Direction = Literal["inbound", "outbound"]
"""Who called: the customer, or we."""


@frozen
class Operator:
    """A human operator.

    Attributes:
        id: as the settings, a scenario or the panel know them.
        endpoint: where their telephone is, such as `PJSIP/200@pbx`.
        over_trunk: whether a leg to it takes a slot of a line.
        phone_number: as the source wrote it, empty where it named an endpoint; returned to the panel verbatim.
        reference: what the panel knows them by, as JSON text; empty where it did not name them.
    """

    id: OperatorId
    endpoint: str
    over_trunk: bool
    phone_number: str = ""
    reference: str = ""


@frozen
class Rosters:
    """Who may be rung for whom, in the order of their turns.

    Attributes:
        inbound: for customers who called us.
        outbound: for customers we called.
        of_scenarios: by scenario and direction; a scenario's own roster stands before the two above.
        fallback: where no roster says anybody.
    """

    inbound: tuple[Operator, ...] = ()
    outbound: tuple[Operator, ...] = ()
    of_scenarios: Mapping[tuple[str, Direction], tuple[Operator, ...]] = MappingProxyType({})
    fallback: tuple[Operator, ...] = ()

    def roster(self, direction: Direction, scenario: str) -> tuple[Operator, ...]:
        """Whom a call of this scenario may be connected to."""
        general = self.inbound if direction == "inbound" else self.outbound
        return self.of_scenarios.get((scenario, direction)) or general or self.fallback

    @property
    def everybody(self) -> tuple[Operator, ...]:
        """All who may be rung, each once."""
        general = (*self.roster("inbound", ""), *self.roster("outbound", ""))
        own = (operator for roster in self.of_scenarios.values() for operator in roster)
        return tuple({operator.id: operator for operator in (*general, *own)}.values())
