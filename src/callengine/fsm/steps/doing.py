"""Steps that have something done beside the conversation."""

from collections.abc import Mapping
from itertools import chain
from typing import Annotated, ClassVar, Literal

from attrs import field, frozen

from callengine.fsm.declarations import Airtime, Type, Variable, flow_variable
from callengine.fsm.kinds import Bounds, Identifier, Name, Sentence, TimeOfDay, Url, Zone
from callengine.fsm.outcomes import NEXT, ON_FAILURE
from callengine.fsm.placeholders import named, read_by
from callengine.fsm.step import Step, Variables
from callengine.fsm.steps.limits import LONGEST_DELAY, LONGEST_PROMPT, LONGEST_SENDING, LONGEST_THOUGHT
from callengine.model import Outcome, Result, StepId

NUMBER = "{number}"
"""The text that stands for the customer's number."""


@frozen(kw_only=True)
class Doing(Step):
    """What these steps have in common.

    Attributes:
        next: the step that follows when it is done.
        on_failure: the step that follows when it could not be done.
    """

    outcomes: ClassVar[tuple[Outcome, ...]] = (NEXT, ON_FAILURE)
    air: ClassVar[Airtime] = Airtime(after=LONGEST_SENDING)
    next: StepId
    on_failure: StepId | None = None


@frozen(kw_only=True)
class SavedField:
    """A part of an answer that is remembered.

    Attributes:
        path: names that lead to it, from the outermost, such as `customer.balance`; a number is a place in a list, from 0.
        type: `text`, or `number`.
    """

    path: Name
    type: Literal["text", "number"] = "text"


@frozen(kw_only=True)
class Request(Doing):
    """Asks a web service, and remembers parts of its answer; `prompt` plays meanwhile.

    It is done when the answer is 2xx and has every part that is to be remembered. Only hosts that the engine's settings allow
    are asked.

    Attributes:
        url: of the service; `{name}` in its path or query stands for what is known under this name.
        method: of the request.
        body: sent as a JSON object; `{name}` in a text stands for what is known under this name.
        save: which part of the JSON answer each variable remembers.
        prompt: a key of `prompts`; played meanwhile.
        timeout: seconds the answer is waited for.
    """

    type: ClassVar[str] = "request"
    defaults: ClassVar[Mapping[Outcome, Result]] = {ON_FAILURE: Result("failed:request")}
    plays: ClassVar[tuple[str, ...]] = ("prompt",)
    url: Url
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    body: Mapping[Name, Sentence] = field(factory=dict)
    save: Mapping[Identifier, SavedField] = field(factory=dict)
    prompt: Name | None = None
    timeout: Annotated[float, Bounds(0.5, LONGEST_THOUGHT)] = 10.0

    def reading(self) -> Variables:
        return tuple(dict.fromkeys(chain(read_by(self.url), *map(read_by, self.body.values()))))

    def defining(self, outcome: Outcome) -> Variables:
        return tuple(map(self._variable, self.save)) if outcome == NEXT else ()

    def _variable(self, name: str) -> Variable:
        return flow_variable(name, Type.NUMBER if self.save[name].type == "number" else Type.TEXT)

    def airtime(self, recording: float) -> Airtime:
        return Airtime(audible=0.0 if self.prompt is None else LONGEST_PROMPT, after=self.timeout)


@frozen(kw_only=True)
class SendSms(Doing):
    """Sends a short message.

    Attributes:
        text: what it says; `{name}` stands for what is known under this name.
        to: whom it is sent to; the customer if it is left out.
    """

    type: ClassVar[str] = "send_sms"
    defaults: ClassVar[Mapping[Outcome, Result]] = {ON_FAILURE: Result("failed:send_sms")}
    text: Sentence
    to: Sentence = NUMBER

    def reading(self) -> Variables:
        return tuple(dict.fromkeys((*read_by(self.text), *read_by(self.to))))


@frozen(kw_only=True)
class OptOut(Doing):
    """Puts the customer's number on the do-not-dial list."""

    type: ClassVar[str] = "opt_out"
    defaults: ClassVar[Mapping[Outcome, Result]] = {ON_FAILURE: Result("failed:opt_out")}


@frozen(kw_only=True)
class ScheduleCallback(Doing):
    """Has the customer called back, at a time of theirs.

    Exactly one of `after`, `at` and `in_hours` says when.

    Attributes:
        after: seconds from now.
        at: a time of day, the next one from now.
        in_hours: a variable that holds the hours from now, such as digits that were keyed in: 1 to 720, or it fails.
        zone: of `at`, such as `Asia/Tehran`; the engine's own if it is left out.
        to: which number is called; the customer's if it is left out.
    """

    type: ClassVar[str] = "schedule_callback"
    defaults: ClassVar[Mapping[Outcome, Result]] = {ON_FAILURE: Result("failed:schedule_callback")}
    after: Annotated[float, Bounds(60, LONGEST_DELAY)] | None = None
    at: TimeOfDay | None = None
    in_hours: Identifier | None = None
    zone: Zone | None = None
    to: Sentence = NUMBER

    def __attrs_post_init__(self) -> None:
        if [self.after, self.at, self.in_hours].count(None) != 2:
            raise ValueError("needs exactly one of the keys `after`, `at` and `in_hours`; keep the one that is meant")
        if self.zone is not None and self.at is None:
            raise ValueError("has `zone` without `at`; take it out")

    def reading(self) -> Variables:
        hours = () if self.in_hours is None else (named(self.in_hours),)
        return (*hours, *read_by(self.to))
