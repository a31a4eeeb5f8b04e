"""What to say once at start about transfers: what cannot work as its author may expect."""

from collections.abc import Iterable, Iterator

from callengine.fsm import Queue, RateLimits, Scenario, ToOperator
from callengine.model import Rosters
from callengine.providers import Speaker


def transfer_steps(scenarios: Iterable[Scenario]) -> tuple[ToOperator, ...]:
    """Every step by which these scenarios connect customers to operators."""
    steps = (step for scenario in scenarios for flow in scenario.flows for step in flow.steps)
    return tuple(step for step in steps if isinstance(step, ToOperator))


def connects(scenarios: Iterable[Scenario]) -> bool:
    """Whether calls are connected to operators: by a step, or straight, where callers may come and no scenario serves them."""
    scenarios = tuple(scenarios)
    unlimited = RateLimits()
    return bool(transfer_steps(scenarios)) or not any(
        scenario.inbound_flow and scenario.rate_limits == unlimited for scenario in scenarios
    )


def transfers_over_trunk(scenarios: Iterable[Scenario], rosters: Rosters) -> bool:
    """Whether calls are connected to operators whose legs take slots."""
    return connects(scenarios) and any(operator.over_trunk for operator in rosters.everybody)


def notes_on_transfers(scenarios: Iterable[Scenario], rosters: Rosters, slots: int, speaker: Speaker | None) -> Iterator[str]:
    """Sentences for who runs the engine.

    Args:
        slots: of all lines.
    """
    steps = transfer_steps(scenarios)
    if not connects(scenarios):
        return
    if not rosters.everybody:
        yield (
            "No operator is configured (OUTBOUND_OPERATORS, OPERATOR_MOBILE_NUMBERS ...): every transfer takes on_failure,"
            " and callers whom no scenario serves are hung up on"
        )
    if slots == 1 and any(operator.over_trunk for operator in rosters.everybody):
        yield "There is one slot in all: a transfer to an operator over the trunk can never happen; raise MAX_CONCURRENT_CALLS"
    if speaker is None and any(step.whisper_text is not None for step in steps):
        yield "No text to speech is configured (TTS_PROVIDER): operators do not hear any whisper_text"
    if speaker is None and any(isinstance(step, Queue) and step.position_text is not None for step in steps):
        yield "No text to speech is configured (TTS_PROVIDER): customers do not hear any position_text"
