"""The stages of a generated flow that is correct: each begins with a prompt, so that no silence adds up."""

from collections.abc import Callable
from random import Random

from attrs import define, evolve, field

from callengine.fsm import CheckRetryLimit, PlayPrompt, SetResult, Step, TransferToOperator, Wait
from callengine.fsm.matchers import Hours, Test
from callengine.fsm.steps import (
    Branch,
    BranchCase,
    CollectDigits,
    DetectMachine,
    LeaveMessage,
    Menu,
    Option,
    OptOut,
    Queue,
    Request,
    SavedField,
    Say,
    ScheduleCallback,
    SendSms,
    Set,
)
from callengine.model import Result, StepId

REFUSED, GIVEN_UP, BYE, END = StepId("refused"), StepId("given up"), StepId("bye"), StepId("end")
MORNING = Hours(start="09:00", end="12:30", days=("saturday", "sunday"), zone="Asia/Tehran")


@define
class Steps:
    """The steps of a flow as they are written.

    Attributes:
        whole: whether each step that may be left out is written.
    """

    rng: Random
    whole: bool
    steps: list[Step] = field(factory=list, kw_only=True)

    def add(self, step: Step) -> StepId:
        self.steps.append(step)
        return step.id

    def prompt(self, name: str, then: StepId) -> StepId:
        return self.add(PlayPrompt(id=StepId(name), prompt="hello", next=then))

    def perhaps(self) -> bool:
        return self.whole or self.rng.random() < 0.5

    def back_to(self, first: StepId, counter: str) -> StepId:
        """A limited way back."""
        again = StepId(f"{counter} again")
        most = self.rng.randint(1, 2)
        return self.add(CheckRetryLimit(id=again, counter=counter, max_count=most, within_limit=first, exceeded=GIVEN_UP))


Stage = Callable[[Steps, StepId], StepId]
"""Writes the steps that lead to the given one, and returns the first of them."""


def answered(author: Steps, then: StepId) -> StepId:
    left = author.add(SetResult(id=StepId("left"), result=Result("unknown"), next=END))
    message = LeaveMessage(id=StepId("message"), text="{name}, call us", next=left, on_failure=left)
    if not author.perhaps():
        message = LeaveMessage(id=StepId("message"), prompt="hello", next=left)
    author.add(message)
    unsure = author.rng.choice((then, message.id))
    return author.add(DetectMachine(id=StepId("detect"), human=then, machine=message.id, not_sure=unsure))


def greeting(author: Steps, then: StepId) -> StepId:
    texts = ("Hello {name} of {city}", "سلام {name}، شماره {number}", "{{name}} {debt}")
    say = author.add(Say(id=StepId("greet"), text=author.rng.choice(texts), next=then, on_failure=then))
    return author.prompt("greeting", say)


def choice(author: Steps, then: StepId) -> StepId:
    first, menu = StepId("choose"), StepId("menu")
    again = author.back_to(first, "chosen")
    options = [Option(key="1", next=then), Option(key="*", next=REFUSED)]
    if author.perhaps():
        options += [Option(words=("yes please", "بله"), next=then), Option(key="#", words=("again",), next=again)]
    asked = Menu(
        id=menu,
        prompt="hello",
        options=tuple(options),
        variable="choice",
        on_no_input=again,
        on_no_match=again,
        on_failure=GIVEN_UP if len(options) > 2 else None,
    )
    if author.perhaps():
        asked = evolve(asked, prompt=None, text="{name}, press 1", on_failure=GIVEN_UP)
    author.add(asked)
    return author.prompt("choose", menu)


def order(author: Steps, then: StepId) -> StepId:
    decide, lookup, tell = StepId("decide"), StepId("lookup"), StepId("tell")
    again = author.back_to(StepId("asking"), "keyed")
    digits = CollectDigits(
        id=StepId("digits"), prompt="hello", variable="order", min_digits=2, next=lookup, on_no_input=again, on_invalid=again
    )
    saved = {"balance": SavedField(path="a.balance", type="number"), "status": SavedField(path="status")}
    url, other = "https://crm.example.com/{order}?n={number}", author.rng.choice((then, GIVEN_UP))
    author.add(digits)
    author.add(Request(id=lookup, url=url, body={"c": "{city}"}, save=saved, prompt="moment", next=decide, on_failure=other))
    owing = BranchCase(when=(Test(name="balance", at_least=100), Test(name="status", equals="open")), next=StepId("telling"))
    author.add(Branch(id=decide, cases=(owing, BranchCase(when=(Test(time=MORNING),), next=then)), otherwise=then))
    author.add(Say(id=tell, text="You owe {balance} for {order}", next=then, on_failure=then))
    author.prompt("telling", tell)
    return author.prompt("asking", digits.id)


def remembering(author: Steps, then: StepId) -> StepId:
    tests = (
        Test(name="visits", at_least=1, at_most=3),
        Test(name="city", one_of=("Tehran", "Yazd")),
        Test(name="note", empty=False),
    )
    cases = tuple(BranchCase(when=(test,), next=then) for test in tests)
    branch = author.add(Branch(id=StepId("sort"), cases=cases, otherwise=then))
    values = {"note": "{name} again", "remark": "{note} and again"}
    return author.add(Set(id=StepId("note"), values=values, add={"visits": 1}, next=branch))


STAGES: tuple[Stage, ...] = (answered, greeting, choice, order, remembering)


def connection(author: Steps) -> None:
    connected, failed, talk = StepId("connected"), StepId("failed"), StepId("talk")
    connect = StepId("connect")
    if author.perhaps():
        author.add(
            Queue(
                id=connect,
                agent_type="outbound",
                whisper_text="{name} of {city}",
                position_text="{position} before you",
                leave_key="#",
                on_leave=failed,
                on_success=connected,
                on_failure=failed,
                on_timeout=failed,
            )
        )
    else:
        author.add(TransferToOperator(id=connect, agent_type="outbound", on_success=connected, on_failure=failed))
    author.add(SetResult(id=connected, result=Result("connected_to_operator"), next=talk))
    author.add(Wait(id=talk))
    author.add(SetResult(id=failed, result=Result("disconnected"), next=calling_back(author) if author.perhaps() else BYE))


def calling_back(author: Steps) -> StepId:
    sms = author.add(SendSms(id=StepId("sms"), text="We call {name} in {hours} hours", next=BYE, on_failure=BYE))
    later = ScheduleCallback(id=StepId("later"), in_hours="hours", next=sms, on_failure=sms)
    if not author.perhaps():
        later = evolve(later, in_hours=None, at="09:30", zone="Asia/Tehran")
    return author.add(Set(id=StepId("hours"), values={"hours": "24"}, next=author.add(later)))


def refusal(author: Steps) -> None:
    then = BYE
    if author.perhaps():
        then = author.prompt("sorry", author.add(OptOut(id=StepId("opt out"), next=BYE, on_failure=BYE)))
    author.add(SetResult(id=REFUSED, result=Result("not_interested"), next=then))
