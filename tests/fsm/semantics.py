"""What single steps do, told once more for the tests, apart from what the classes declare: time, reading and remembering."""

import re
from collections.abc import Iterator, Mapping

from attrs import frozen

from callengine.fsm import Chart, Step
from callengine.fsm.steps import (
    Branch,
    CheckRetryLimit,
    ClassifyIntent,
    CollectDigits,
    DetectMachine,
    Doing,
    LeaveMessage,
    Menu,
    PlayPrompt,
    Queue,
    Record,
    Request,
    RouteByIntent,
    Say,
    ScheduleCallback,
    SendSms,
    Set,
    ToOperator,
    Uttering,
)
from callengine.model import Outcome

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@frozen
class Time:
    """Seconds: of silence at first, in which the caller hears something or is asked for it, of silence at the end."""

    before: float = 0.0
    engaged: float = 0.0
    after: float = 0.0

    @property
    def whole(self) -> float:
        return self.before + self.engaged + self.after


def time_of(step: Step, chart: Chart) -> Time:
    """How long a step takes at most."""
    recording = chart.scenario.stt.max_duration + 5
    match step:
        case PlayPrompt():
            return Time(0.0, 120.0)
        case Record():
            return Time(0.0, recording, 30.0)
        case Say() | Menu() | CollectDigits():
            return _time_of_conversing(step, recording)
        case DetectMachine():
            if step.by == "amd":
                return Time()
            greeting = (step.longest_greeting or (2.0 if step.by == "voice" else 1.5)) + step.after_greeting
            return Time(0.0, step.initial_silence + greeting * (2 if step.by == "voice" else 1))
        case LeaveMessage():
            return Time(max(step.wait, 10.0 if step.text else 0.0), 120.0)
        case ClassifyIntent() | Request():
            return Time(0.0, 120.0 if step.prompt else 0.0, step.timeout if isinstance(step, Request) else 30.0)
        case Doing():
            return Time(after=10.0)
        case ToOperator():
            return Time(0.0, (step.timeout if isinstance(step, Queue) else 300.0) + 300.0)
        case _:
            return Time()


def _time_of_conversing(step: Say | Menu | CollectDigits, recording: float) -> Time:
    before = 10.0 if step.text else 0.0
    if isinstance(step, Say):
        return Time(before, 120.0)
    if isinstance(step, CollectDigits):
        return Time(before, 120.0 + step.wait * step.max_digits)
    if any(option.words for option in step.options):
        return Time(before, 120.0 + recording, 30.0)
    return Time(before, 120.0 + step.wait)


def texts_of(step: Step) -> Iterator[str]:
    """The texts that are filled when a call comes to a step."""
    match step:
        case Say() | SendSms():
            yield step.text
        case Uttering():
            yield step.text or ""
        case Request():
            yield from (step.url, *step.body.values())
        case ToOperator():
            yield step.whisper_text or ""
    if isinstance(step, Queue):
        yield (step.position_text or "").replace("{position}", "")
    if isinstance(step, SendSms | ScheduleCallback):
        yield step.to


def names_asked(text: str) -> list[str]:
    """The names of a text's placeholders."""
    return PLACEHOLDER.findall(text.replace("{{", "").replace("}}", ""))


def names_read(step: Step) -> Iterator[str]:
    """The names whose value a step asks for."""
    for text in texts_of(step):
        yield from names_asked(text)
    match step:
        case Set():
            pairs = list(step.values.items())
            while pairs:  # a text may ask for what those before it set, so the last is looked at first
                _, text = pairs.pop()
                yield from set(names_asked(text)) - dict(pairs).keys()
        case ClassifyIntent():
            yield "transcript"
        case RouteByIntent():
            yield "intent"
        case Branch():
            yield from (test.name for case in step.cases for test in case.when if test.name)
        case ScheduleCallback(in_hours=str() as name):
            yield name


def names_set(step: Step, outcome: Outcome) -> Iterator[str]:
    """The names that have a value when a step has ended so, and may have had none before."""
    match step:
        case Record() if outcome == "next":
            yield "transcript"
        case ClassifyIntent() if outcome == "next":
            yield "intent"
        case ToOperator() if outcome == "on_success":
            yield "operator"
        case Set():
            yield from step.values
        case CollectDigits() if outcome == "next":
            yield step.variable
        case Request() if outcome == "next":
            yield from step.save
        case Menu(variable=str() as name) if outcome not in ("on_no_input", "on_no_match", "on_failure"):
            yield name


def known_after(step: Step, outcome: Outcome, known: frozenset[str]) -> frozenset[str]:
    """What has a value after a step; an operator is let go of before the next is rung."""
    kept = known - {"operator"} if isinstance(step, ToOperator) else known
    return kept.union(names_set(step, outcome))


def names_to_set(chart: Chart) -> frozenset[str]:
    """The names that have no value before a step of the flow gives them one: all others are counters, or the contact's."""
    ways = ((step, outcome) for name, step in chart.steps.items() for outcome in chart.outcomes[name])
    found = frozenset(name for step, outcome in ways for name in names_set(step, outcome))
    return (found - names_counted(chart) - frozenset(chart.scenario.contact_fields)) | {"transcript", "intent"}


def names_counted(chart: Chart) -> frozenset[str]:
    """The counters, which begin at 0."""
    return frozenset(name for step in chart.steps.values() for name in added(step))


def added(step: Step) -> Mapping[str, int]:
    """What a step adds to counters."""
    if isinstance(step, CheckRetryLimit):
        return {step.counter: 1}
    return step.add if isinstance(step, Set) else {}


def names_of_nothing(chart: Chart) -> frozenset[str]:
    """The names that steps ask for, and that neither the flow nor the contacts of this scenario give a value."""
    declared = chart.scenario.contact_fields
    if not declared:
        return frozenset()
    read = {name for step in chart.steps.values() for name in names_read(step)}
    return frozenset(read - names_to_set(chart) - names_counted(chart) - {*declared, "number"})
