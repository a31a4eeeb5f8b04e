"""Generated flows, as bytes: what an author could write, sensible or not, that has no F0xx or F1xx error.

Each step type has a function in `WRITERS` that makes up the keys of a step besides its id and type.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import chain

from attrs import frozen
from hypothesis import strategies as st

from tests.fsm.files import with_flow

INTENTS = ("yes", "no", "hung_up", "send it")
KEYS = tuple("0123456789*#")
WORDS = ("یک", "بله لطفاً", "case 1", "otherwise", "send", "next", 'a "b" <c>')
CONTACT_FIELDS = {"city": "text", "debt": "number", "نام": "text"}
VARIABLES = ("v", "w", "سفارش")
COUNTERS = ("c", "d", "tries")
NAMES = (*CONTACT_FIELDS, *VARIABLES, *COUNTERS, "number", "transcript", "intent", "unheard of")
TEXTS = (
    "hello",
    "سلام {نام}",
    "{{v}} and {v}",
    "{number} owes {debt}",
    "{w}{سفارش}",
    "{tries} of {c}",
    "{intent}: {transcript}",
)

Keys = dict[str, object]


@frozen
class Writer:
    """Makes up the parts of a step, in a flow of `count`; its outcomes lead to `nearest` and beyond."""

    draw: st.DrawFn
    count: int
    nearest: int = 0

    def one_of(self, choices: Sequence[str]) -> str:
        return self.draw(st.sampled_from(choices))

    def some_of(self, choices: Sequence[str], least: int = 0, most: int = 3) -> list[str]:
        return self.draw(st.lists(st.sampled_from(choices), unique=True, min_size=least, max_size=most))

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def target(self) -> str:
        return f"id {self.number(self.nearest, self.count - 1)}"

    def to(self, *keys: str) -> Keys:
        return {key: self.target() for key in keys}

    def maybe(self, **keys: object) -> Keys:
        """Some of these."""
        return {key: value for key, value in keys.items() if self.draw(st.booleans())}

    def maybe_to(self, *keys: str) -> Keys:
        return self.to(*(key for key in keys if self.draw(st.booleans())))

    def text(self) -> str:
        return self.one_of(TEXTS)

    def utterance(self) -> Keys:
        said: Keys = {"text": self.text()} if self.draw(st.booleans()) else {"prompt": "hello"}
        return {**said, **self.maybe_to("on_failure")}

    def operator(self) -> Keys:
        whisper: Keys = self.draw(st.sampled_from([{}, {"whisper": "hello"}, {"whisper_text": "Call of {number} {v}"}]))
        kept = {"agent_type": self.one_of(("inbound", "outbound")), **self.maybe(accept_key=1)}
        return {**kept, **whisper, **self.to("on_success", "on_failure")}


def menu(writer: Writer) -> Keys:
    keys, words = writer.some_of(KEYS, least=1), writer.some_of(WORDS)
    options: list[Keys] = [{"key": key, **writer.to("next")} for key in keys]
    for word in words:
        place = writer.number(0, len(options))
        if place == len(options):
            options.append({"words": [word], **writer.to("next")})
        else:
            options[place].setdefault("words", []).append(word)  # type: ignore[attr-defined]
    other = writer.maybe(wait=2.5, barge_in=False, variable=writer.one_of(VARIABLES))
    return {"options": options, **writer.utterance(), **other, **writer.to("on_no_input", "on_no_match")}


def test_of(writer: Writer) -> Keys:
    """What stands in `when`."""
    hours = {"from": "22:00", "to": "06:30", **writer.maybe(days=["friday"], zone="Asia/Tehran")}
    if writer.number(0, 4) == 0:
        return {"time": hours}
    matchers: list[Keys] = [
        {"equals": writer.one_of(("Yazd", "yes", "5"))},
        {"in": ["Tehran", 5, True]},
        {"contains": "x"},
        {"at_least": 0.5, "at_most": 10},
        {"empty": True},
    ]
    return {"name": writer.one_of(NAMES), **writer.draw(st.sampled_from(matchers))}


test_of.__test__ = False  # type: ignore[attr-defined]


def branch(writer: Writer) -> Keys:
    cases = [
        {"when": [test_of(writer) for _ in range(writer.number(1, 2))], **writer.to("next")} for _ in range(writer.number(1, 3))
    ]
    return {"cases": cases, **writer.to("otherwise")}


def remembered(writer: Writer) -> Keys:
    values = {name: writer.text() for name in writer.some_of(VARIABLES)}
    counted = {name: writer.number(-2, 2) for name in writer.some_of(COUNTERS, least=0 if values else 1)}
    return {"values": values, "add": counted, **writer.to("next")}


def request(writer: Writer) -> Keys:
    url = writer.one_of(("https://crm.example.com", "http://[::1]:80/a/{number}?q={v}"))
    save = {name: {"path": "a.0", **writer.maybe(type="number")} for name in writer.some_of(VARIABLES)}
    other = writer.maybe(method="POST", body={"who": writer.text()}, prompt="hello", timeout=3)
    return {"url": url, "save": save, **other, **done(writer)}


def done(writer: Writer) -> Keys:
    return {**writer.to("next"), **writer.maybe_to("on_failure")}


def schedule_callback(writer: Writer) -> Keys:
    whens: list[Keys] = [{"after": 3600}, {"at": "09:30", "zone": "UTC"}, {"in_hours": writer.one_of(VARIABLES)}]
    return {**writer.draw(st.sampled_from(whens)), **writer.maybe(to="{w}"), **done(writer)}


def queue(writer: Writer) -> Keys:
    told: Keys = writer.draw(st.sampled_from([{}, {"prompt": "hello"}, {"position_text": "{position} before {v}"}]))
    leaving = {"leave_key": "#", **writer.to("on_leave")} if writer.draw(st.booleans()) else {}
    return {**writer.operator(), **told, **leaving, **writer.maybe(timeout=60, every=5), **writer.to("on_timeout")}


def check_retry_limit(writer: Writer) -> Keys:
    most = writer.number(0, 3)
    return {"counter": writer.one_of(COUNTERS[:2]), "max_count": most, **writer.to("within_limit", "exceeded")}


WRITERS: Mapping[str, Callable[[Writer], Keys]] = {
    "play_prompt": lambda writer: {"prompt": "hello", **writer.to("next")},
    "say": lambda writer: {"text": writer.text(), **done(writer)},
    "record": lambda writer: {**writer.to("next"), **writer.maybe_to("on_empty", "on_failure")},
    "menu": menu,
    "collect_digits": lambda writer: {
        "variable": writer.one_of(VARIABLES),
        **writer.utterance(),
        **writer.maybe(min_digits=2, max_digits=4, end_key="*", wait=1),
        **writer.to("next", "on_no_input", "on_invalid"),
    },
    "detect_machine": lambda writer: {
        **writer.maybe(initial_silence=1, longest_greeting=2.5, after_greeting=0.5),
        **writer.maybe(by=writer.one_of(("talk", "voice", "amd"))),
        **writer.to("human", "machine", "not_sure"),
    },
    "leave_message": lambda writer: {**writer.utterance(), **writer.maybe(wait=9, silence=1), **writer.to("next")},
    "classify_intent": lambda writer: {**done(writer), **writer.maybe(prompt="hello")},
    "route_by_intent": lambda writer: {"routes": writer.to(*writer.some_of((*INTENTS, "unknown"), most=5))},
    "branch": branch,
    "set": remembered,
    "check_retry_limit": check_retry_limit,
    "set_result": lambda writer: {"result": "unknown", **writer.to("next")},
    "request": request,
    "send_sms": lambda writer: {"text": writer.text(), **writer.maybe(to="{number}"), **done(writer)},
    "opt_out": done,
    "schedule_callback": schedule_callback,
    "transfer_to_operator": lambda writer: {**writer.operator(), **writer.maybe(wait=5)},
    "queue": queue,
    "disconnect": lambda writer: {},
    "hangup": lambda writer: {},
    "wait": lambda writer: {},
}
"""All types but `entry`, of which a flow has one."""

_ENDS = ("disconnect", "hangup", "wait")
_KINDS = tuple(chain(WRITERS, _ENDS))
"""Ends come twice as often: without one, a flow says little."""


@st.composite
def steps_of(draw: st.DrawFn, kinds: Sequence[str] = _KINDS) -> list[Keys]:
    """The steps of a flow, as mappings of their keys; the entry stands anywhere.

    Every other flow leads ahead only, begins with a result and ends with an end, so that lint may well find no error in it.
    """
    count, ahead = draw(st.integers(1, 6)), draw(st.booleans())
    steps: list[Keys] = []
    for number in range(count):
        last = number == count - 1
        kind = draw(st.sampled_from(_ENDS if ahead and last else ("set_result",) if ahead and number == 0 else kinds))
        keys = WRITERS[kind](Writer(draw, count, number + 1 if ahead and not last else 0))
        steps.append({"step": f"id {number}", "type": kind, **keys})
    steps.insert(draw(st.integers(0, count)), {"step": "model", "type": "entry", "next": "id 0"})
    return steps


@st.composite
def scenario_files(draw: st.DrawFn) -> bytes:
    steps = (json.dumps(step, ensure_ascii=False)[1:-1] for step in draw(steps_of()))
    fields = json.dumps(draw(st.sampled_from([{}, CONTACT_FIELDS])), ensure_ascii=False)
    intents = f"{{intent_categories: [{', '.join(INTENTS)}]}}"
    return with_flow(*steps, prompts="{hello: 'sound:hello'}", contact_fields=fields, llm=intents)
