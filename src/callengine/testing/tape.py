"""What happens on one call, in order: what the PBX saw, what the call's timeline tells, what providers did."""

from collections.abc import Callable, Mapping
from enum import Enum

import trio
from attrs import define, field, frozen

from callengine.model import Attempt, Moment, MomentKind, Received
from callengine.simulator import Kind, Record

CALLER = "caller"
OPERATOR = "operator"
"""Each operator rung is another one: `operator 1`, `operator 2`."""


class What(Enum):
    """What can happen."""

    CALLS = "calls"
    RINGS = "rings"
    ANSWERS = "answers"
    HEARS = "hears"
    IS_TOLD = "is told"
    GREETS = "greets"
    LISTENED_TO = "is listened to"
    SAYS = "says"
    NOT_LISTENED_TO = "is no longer listened to"
    PRESSES = "presses"
    CONNECTED = "is connected"
    HANGS_UP = "hangs up"
    HUNG_UP_ON = "is hung up on"
    GONE = "is gone"
    STT_HEARS = "stt hears"
    STT_FAILS = "stt fails"
    LLM_ANSWERS = "llm answers"
    LLM_FAILS = "llm fails"
    TTS_FAILS = "tts fails"
    SMS_FAILS = "sms fails"
    IS_SENT = "is sent"
    BOOK_FAILS = "book fails"
    OPTED_OUT = "is opted out"
    CALLED_BACK = "is to be called back at"
    REQUEST_ANSWERS = "request answers"
    REQUEST_FAILS = "request fails"
    STEP = "step"
    OUTCOME = "outcome"
    TRANSFER = "transfer"
    RESULT = "result"


WORDED = (What.IS_TOLD, What.IS_SENT)
"""What is known by a part of its words."""


@frozen
class Happening:
    """One thing that happened.

    Attributes:
        at: seconds after the beginning of the call.
        who: `caller`, `operator 2`, or empty where it is nobody on the phone.
        text: which prompt, which words, which step.
        step: where in its flow the call was.
        also: other names of the same: a scenario may play one recording under several.
    """

    at: float
    who: str
    what: What
    text: str = ""
    step: str = ""
    also: tuple[str, ...] = ()

    def is_about(self, text: str) -> bool:
        """Whether the text, or another name of the same, is this one; of words, whether it is a part of them."""
        if self.what in WORDED:
            return text in self.text
        return text == self.text or text in self.also


_MOMENTS = {
    MomentKind.STEP: What.STEP,
    MomentKind.OUTCOME: What.OUTCOME,
    MomentKind.TRANSFER: What.TRANSFER,
    MomentKind.RESULT: What.RESULT,
}

_RECORDS = {
    Kind.RINGING: What.RINGS,
    Kind.ANSWERED: What.ANSWERS,
    Kind.PLAYBACK: What.HEARS,
    Kind.RECORDING: What.LISTENED_TO,
    Kind.RECORDING_ENDED: What.NOT_LISTENED_TO,
    Kind.KEY: What.PRESSES,
    Kind.BRIDGE_ENTERED: What.CONNECTED,
    Kind.DESTROYED: What.GONE,
    Kind.REFUSED: What.GONE,
}
_TEXTS = {Kind.PLAYBACK: "media", Kind.RECORDING_ENDED: "said", Kind.KEY: "digit", Kind.DESTROYED: "cause"}


@define(eq=False)
class Tape:
    """The record of one call; a timeline, and the listener of a PBX's log.

    Attributes:
        prompts: keys of prompts by media URI, where several have the same all of them.
        spoken: the words of texts that were spoken, by media URI.
        step: the call is at.
        visits: of steps, so far.
    """

    prompts: Mapping[str, tuple[str, ...]]
    happenings: list[Happening] = field(factory=list, init=False)
    spoken: dict[str, str] = field(factory=dict, init=False)
    visits: int = field(default=0, init=False)
    _channels: dict[str, str] = field(factory=dict, init=False)
    step: str = field(default="", init=False)
    over: trio.Event = field(factory=trio.Event, init=False)
    _people: dict[str, str] = field(factory=dict, init=False)
    _began: float | None = field(default=None, init=False)
    _waiting: trio.lowlevel.ParkingLot = field(factory=trio.lowlevel.ParkingLot, init=False)

    def begin(self, attempt: Attempt) -> None:
        """Nothing has happened on the phone yet."""

    def receive(self, received: Received) -> None:
        """The PBX has told of the caller already."""

    def note(self, moment: Moment) -> None:
        """Add what the timeline tells."""
        what = _MOMENTS.get(moment.kind)
        if what is None:
            return
        if what is What.STEP:
            self.step = moment.name
            self.visits += 1
        self.add("", what, moment.detail if what is What.TRANSFER else moment.name)
        if what is What.RESULT:
            self.over.set()

    def hear(self, record: Record) -> None:
        """Add what the PBX saw."""
        if record.kind is Kind.ORIGINATE:
            self._meet(record.id, CALLER if not self._people else f"{OPERATOR} {len(self._people)}")
        elif record.kind is Kind.CREATED and "line" in record.detail:
            self._meet(record.id, CALLER)
            self.add(CALLER, What.CALLS)
        who = self._people.get(record.detail.get("channel", record.id))
        if who is None:
            return
        if record.kind is Kind.HANGUP:
            self.add(who, What.HANGS_UP if record.detail["by"] == "person" else What.HUNG_UP_ON)
        elif record.kind in _RECORDS and "overhears" not in record.detail:
            text = record.detail.get(_TEXTS.get(record.kind, ""), "")
            if record.kind is Kind.PLAYBACK and text in self.spoken:
                self.add(who, What.IS_TOLD, self.spoken[text])
                return
            self.add(who, _RECORDS[record.kind], *self.prompts.get(text, (text,)))

    def add(self, who: str, what: What, text: str = "", *also: str) -> None:
        """Something happens now."""
        now = trio.current_time()
        if self._began is None:
            self._began = now
        self.happenings.append(Happening(round(now - self._began, 6), who, what, text, self.step, also))
        self._waiting.unpark_all()

    async def grown_past(self, length: int) -> None:
        """Wait until more has happened than so many things."""
        while len(self.happenings) <= length:
            await self._waiting.park()

    def channel(self, who: str) -> str:
        """The channel of the caller, or of the operator who was rung last; empty where there is none."""
        return next((channel for each, channel in reversed(self._channels.items()) if each.startswith(who)), "")

    def _meet(self, channel: str, who: str) -> None:
        self._people[channel] = who
        self._channels[who] = channel


Match = Callable[[Happening], bool]


@define(eq=False)
class Reader:
    """Reads a tape from its beginning, and waits for it to go on.

    Attributes:
        read: happenings that have been passed.
    """

    tape: Tape
    read: int = 0

    async def next(self, match: Match) -> Happening | None:
        """Pass over everything up to the next match; None, and nothing passed, if the call is over without one."""
        place = self.read
        while True:
            for happening in self._rest(place):
                place += 1
                if match(happening):
                    self.read = place
                    return happening
            if self.tape.over.is_set():
                return None
            await self.tape.grown_past(place)

    def _rest(self, place: int) -> list[Happening]:
        return self.tape.happenings[place:]
