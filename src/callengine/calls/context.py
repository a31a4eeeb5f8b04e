"""What a step may use: the customer, the ears and the mind, and what the call remembers."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import trio
from attrs import define, field, frozen

from callengine.calls.beside import Beside
from callengine.calls.legs import Leg
from callengine.calls.pbx import Pbx
from callengine.calls.talk import Talk
from callengine.fsm import Chart
from callengine.model import CallId, Cause, Intent, Lines, MomentKind, Result
from callengine.providers import IntentClassifier, SpeechToText


@frozen
class OperatorEndpoint:
    """Where a human operator can be reached.

    Attributes:
        name: how logs call the operator.
        endpoint: such as `PJSIP/200@pbx`.
        over_trunk: whether the leg takes a slot of a line.
    """

    name: str
    endpoint: str
    over_trunk: bool


@frozen
class CallRules:
    """What holds for every call, whatever its flow says.

    Attributes:
        longest_call: seconds after the answer.
        most_steps: a flow that takes more is taken to loop.
        operators: tried in this order.
        operator_timeout: seconds an operator's phone rings.
        operator_slot_wait: seconds an operator leg waits for a slot before the operator counts as out of reach.
        operator_caller_id: shown to operators where the customer's number is not known.
        result_overrides: rows that replace those of the table from Q.850 causes to results.
    """

    longest_call: float = 900.0
    most_steps: int = 500
    operators: tuple[OperatorEndpoint, ...] = ()
    operator_timeout: float = 30.0
    operator_slot_wait: float = 15.0
    operator_caller_id: str = ""
    result_overrides: Mapping[int, Result] = MappingProxyType({})


@frozen
class Services:
    """What calls share.

    Attributes:
        ears: speech to text; without it every reply counts as empty.
    """

    pbx: Pbx
    lines: Lines
    classifier: IntentClassifier
    ears: SpeechToText | None = None
    rules: CallRules = field(factory=CallRules)


@define
class Memory:
    """The variables of a flow, as far as the call has set them."""

    transcript: str = ""
    intent: Intent | None = None
    counters: dict[str, int] = field(factory=dict)
    result: Result | None = None
    transferring: bool = False


@frozen
class CallContext:
    """One call, as its steps see it.

    Attributes:
        talk: with the customer.
        customer_number: what an operator is shown.
        tasks: the call's nursery; what runs in it ends with the call.
        end: ends the call; the first cause wins.
        note: adds to the call's timeline.
    """

    id: CallId
    chart: Chart
    services: Services
    customer: Leg
    talk: Talk
    customer_number: str
    tasks: trio.Nursery
    beside: Beside
    end: Callable[[Cause], None]
    note: Callable[[MomentKind, str, str], None]
    memory: Memory = field(factory=Memory)

    def media(self, prompt: str) -> str:
        """The media URI of a prompt."""
        return self.chart.scenario.prompts[prompt]
