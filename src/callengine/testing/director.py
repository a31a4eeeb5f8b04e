"""Carries out the script of a flow test: one performer for each act, and the one table of them.

A performer waits for what is to happen first, then acts for the person. What never comes about before the call is over makes
the act fail, and those after it do not take place.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from operator import attrgetter

import trio
from attrs import define, field

from callengine.fsm.acts import Act, Does
from callengine.model import TransferOutcome
from callengine.simulator import BETWEEN_KEYS, SimulatedPbx, speech_seconds
from callengine.testing.cast import Cast
from callengine.testing.providers import Prompter, Prompters
from callengine.testing.tape import CALLER, OPERATOR, Happening, Reader, Tape, What

BEFORE_SPEAKING = 0.4
"""Seconds before somebody begins to speak."""

Performer = Callable[["Director", Act], Awaitable[bool]]
"""Carries out one act; False if it did not come about."""


@define(eq=False)
class Director:
    """Takes a script to its end, or to the act that does not come about.

    Attributes:
        done: for each act carried out, how many happenings had been on the tape by then.
    """

    script: Sequence[Act]
    pbx: SimulatedPbx
    tape: Tape
    cast: Cast
    prompters: Prompters
    done: list[int] = field(factory=list, init=False)
    reader: Reader = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.reader = Reader(self.tape)

    @property
    def missed(self) -> Act | None:
        """The act that did not come about."""
        return self.script[len(self.done)] if len(self.done) < len(self.script) else None

    async def run(self) -> None:
        """Carry out the script."""
        for act in self.script:
            if not await PERFORMERS[act.does](self, act):
                return
            self.done.append(self.reader.read)

    async def seen(self, who: str, what: What, text: str | None = None) -> bool:
        """Wait until something is seen to happen; `operator` is any of them."""

        def match(happening: Happening) -> bool:
            fits = happening.who.startswith(who) and happening.what is what
            return fits and (text is None or happening.is_about(text))

        return await self.reader.next(match) is not None


async def _begins(director: Director, act: Act) -> bool:
    return await director.seen(CALLER, What.ANSWERS)


async def _turns_down(director: Director, act: Act, who: str = CALLER) -> bool:
    return await director.seen(who, What.GONE)


async def _calls(director: Director, act: Act) -> bool:
    return director.tape.channel(CALLER) != ""


async def _hears(director: Director, act: Act, who: str = CALLER) -> bool:
    return await director.seen(who, What.HEARS, act.value)


async def _is_told(director: Director, act: Act) -> bool:
    return await director.seen(CALLER, What.IS_TOLD, act.value)


async def _greets(director: Director, act: Act) -> bool:
    """Whoever picked up begins to speak to nobody in particular, and goes on while other things happen."""
    await trio.sleep(BEFORE_SPEAKING)
    if not director.pbx.talk(director.tape.channel(CALLER), act.seconds):
        return False
    director.tape.add(CALLER, What.GREETS, f"for {act.seconds:g} s")
    return True


async def _says(director: Director, act: Act) -> bool:
    """Into the recording that is running, or the next one: words said into none are heard by nobody."""
    while await director.seen(CALLER, What.LISTENED_TO):
        await trio.sleep(BEFORE_SPEAKING)
        if director.pbx.say(director.tape.channel(CALLER), act.value):
            director.tape.add(CALLER, What.SAYS, act.value)
            await director.seen(CALLER, What.SAYS)
            await trio.sleep(speech_seconds(act.value))
            return True
    return False


async def _says_nothing(director: Director, act: Act) -> bool:
    return await director.seen(CALLER, What.LISTENED_TO) and await director.seen(CALLER, What.NOT_LISTENED_TO, "")


async def _presses(director: Director, act: Act, who: str = CALLER) -> bool:
    for place, digit in enumerate(act.value):
        await trio.sleep(BETWEEN_KEYS if place else 0.0)
        if not director.pbx.press(director.tape.channel(who), digit):
            return False
    return True


async def _waits(director: Director, act: Act) -> bool:
    """The time passes whatever happens, but not beyond the end of the call."""
    with trio.move_on_after(act.seconds) as waiting:
        await director.tape.over.wait()
    return waiting.cancelled_caught


async def _comes_to(director: Director, act: Act) -> bool:
    return await director.seen("", What.STEP, act.value)


async def _is_connected(director: Director, act: Act) -> bool:
    """Both are bridged: the PBX tells of one after the other."""
    return await director.seen("", What.TRANSFER, TransferOutcome.COMPLETED.value)


async def _hangs_up(director: Director, act: Act, who: str = CALLER) -> bool:
    return director.pbx.hang_up(director.tape.channel(who))


async def _operator_answers(director: Director, act: Act) -> bool:
    return await director.seen(OPERATOR, What.ANSWERS)


async def _operators_are_busy(director: Director, act: Act) -> bool:
    director.cast.busy_at = director.tape.visits
    return True


def _fails(who: Callable[[Prompters], Prompter]) -> Performer:
    async def fails(director: Director, act: Act) -> bool:
        prompter = who(director.prompters)
        prompter.fail()
        return await director.seen("", prompter.fails)

    return fails


def _answers(who: Callable[[Prompters], Prompter]) -> Performer:
    async def answers(director: Director, act: Act) -> bool:
        prompter = who(director.prompters)
        prompter.tell(act.value)
        return prompter.answers is not None and await director.seen("", prompter.answers, act.value)

    return answers


PERFORMERS: Mapping[Does, Performer] = {
    Does.CALLS: _calls,
    Does.ANSWERS: _begins,
    Does.IS_BUSY: _turns_down,
    Does.DECLINES: _turns_down,
    Does.DOES_NOT_ANSWER: _turns_down,
    Does.IS_SWITCHED_OFF: _turns_down,
    Does.CANNOT_BE_REACHED: _turns_down,
    Does.HEARS: _hears,
    Does.IS_TOLD: _is_told,
    Does.GREETS: _greets,
    Does.SAYS: _says,
    Does.SAYS_NOTHING: _says_nothing,
    Does.PRESSES: _presses,
    Does.WAITS: _waits,
    Does.COMES_TO: _comes_to,
    Does.IS_CONNECTED: _is_connected,
    Does.HANGS_UP: _hangs_up,
    Does.OPERATOR_ANSWERS: _operator_answers,
    Does.OPERATOR_IS_BUSY: partial(_turns_down, who=OPERATOR),
    Does.OPERATOR_DECLINES: partial(_turns_down, who=OPERATOR),
    Does.OPERATOR_DOES_NOT_ANSWER: partial(_turns_down, who=OPERATOR),
    Does.OPERATOR_HEARS: partial(_hears, who=OPERATOR),
    Does.OPERATOR_PRESSES: partial(_presses, who=OPERATOR),
    Does.OPERATOR_HANGS_UP: partial(_hangs_up, who=OPERATOR),
    Does.OPERATORS_ARE_BUSY: _operators_are_busy,
    Does.STT_FAILS: _fails(attrgetter("stt")),
    Does.STT_HEARS: _answers(attrgetter("stt")),
    Does.LLM_FAILS: _fails(attrgetter("llm")),
    Does.LLM_ANSWERS: _answers(attrgetter("llm")),
    Does.TTS_FAILS: _fails(attrgetter("tts")),
    Does.SMS_FAILS: _fails(attrgetter("sms")),
    Does.BOOK_FAILS: _fails(attrgetter("book")),
    Does.REQUEST_FAILS: _fails(attrgetter("web")),
    Does.REQUEST_ANSWERS: _answers(attrgetter("web")),
}
