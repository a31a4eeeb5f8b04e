"""What is examined."""

from attrs import field, frozen

from callengine.fsm import Scenario
from callengine.settings import Settings


@frozen
class Patient:
    """Everything the checks look at.

    Attributes:
        store: the address of the store a run would use.
        scenarios: those that can be run.
        simulated: whether calls would run on the simulated PBX.
    """

    settings: Settings
    store: str = field(repr=False)
    scenarios: tuple[Scenario, ...] = ()
    simulated: bool = False
