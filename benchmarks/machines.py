"""Who answered: how often each way of telling people from machines is right, and how long it takes."""

import time
from collections.abc import Iterable, Iterator, Sequence
from math import nan
from statistics import median

import trio
from attrs import frozen

from benchmarks.amd import AsteriskMissing, amd_verdicts
from benchmarks.figures import MILLI, Figure
from benchmarks.greetings import RATE, Greeting, each_greeting
from callengine.fsm import DetectMachine
from callengine.model import StepId
from callengine.providers import Answerer, GreetingRules
from callengine.providers.audio import write_wav
from callengine.providers.silero import SileroJudge

_END = StepId("end")
BY_VOICE = DetectMachine(id=StepId("who"), by="voice", human=_END, machine=_END, not_sure=_END)
BY_TALK = DetectMachine(id=StepId("who"), human=_END, machine=_END, not_sure=_END)
RULES = GreetingRules(BY_VOICE.initial_silence, BY_VOICE.longest, BY_VOICE.after_greeting, BY_VOICE.patience)

ROUNDS = 7

LONGER = 2.0
"""Seconds of the longest greeting: as by voice, for those that ship with less."""
MORE_WORDS = f",{LONGER * MILLI:.0f},,,,,20"
"""The same for AMD, without its limit of a few words: that would decide before."""

FRAME = RATE // 50
LOUD = 256
"""What TALK_DETECT hears: frames of 20 ms whose samples are louder than this in the mean."""


@frozen
class Verdict:
    """What one of them said of one greeting.

    Attributes:
        after: seconds from the answer.
    """

    greeting: Greeting
    who: Answerer
    after: float


def measure() -> Iterable[Figure]:
    greetings = tuple(each_greeting(reported=True))
    yield Figure("greetings of people", sum(not each.machine for each in greetings), "")
    yield Figure("greetings of machines", sum(each.machine for each in greetings), "")
    began = time.process_time()
    voice = trio.run(_by_voice, greetings)
    cpu = (time.process_time() - began) / len(greetings)
    yield from _table("voice", voice)
    yield Figure("voice: CPU of a greeting", cpu * MILLI, "ms CPU")
    yield Figure("voice: longest stall of the loop", trio.run(_longest_stall, greetings[0]) * MILLI, "ms CPU", "<= 5")
    yield from _table("talk", [_by_talk(each, BY_TALK.longest) for each in greetings])
    yield from _table("talk, 2 s", [_by_talk(each, LONGER) for each in greetings])
    try:
        shipped, longer = amd_verdicts(greetings, ("", MORE_WORDS))
        yield from _table("AMD", [Verdict(*each) for each in shipped])
        yield from _table("AMD, 2 s", [Verdict(*each) for each in longer])
    except AsteriskMissing as missing:
        yield Figure(f"AMD: {missing}", nan, "")


def _table(name: str, verdicts: Sequence[Verdict]) -> Iterator[Figure]:
    people = [each for each in verdicts if not each.greeting.machine]
    machines = [each for each in verdicts if each.greeting.machine]
    right = _count(people, Answerer.PERSON) + _count(machines, Answerer.MACHINE)
    yield Figure(f"{name}: right", 100 * right / len(verdicts), "%")
    yield Figure(f"{name}: people taken for machines", 100 * _count(people, Answerer.MACHINE) / len(people), "%")
    yield Figure(f"{name}: machines taken for people", 100 * _count(machines, Answerer.PERSON) / len(machines), "%")
    yield Figure(f"{name}: people not sure of", 100 * _count(people, Answerer.NOT_SURE) / len(people), "%")
    yield Figure(f"{name}: machines not sure of", 100 * _count(machines, Answerer.NOT_SURE) / len(machines), "%")
    yield Figure(f"{name}: a person, median", median(each.after for each in people), "s from the answer")
    yield Figure(f"{name}: a machine, median", median(each.after for each in machines), "s from the answer")


def _count(verdicts: Iterable[Verdict], who: Answerer) -> int:
    return sum(each.who is who for each in verdicts)


async def _by_voice(greetings: Sequence[Greeting]) -> list[Verdict]:
    judge = SileroJudge.load()
    verdicts = []
    for greeting in greetings:
        async with judge.listen(RULES) as ear:
            judgement = await ear.hear(write_wav(greeting.sound)) or ear.end()
        verdicts.append(Verdict(greeting, judgement.who, judgement.at))
    return verdicts


async def _longest_stall(greeting: Greeting) -> float:
    """CPU seconds of the event loop in one pass, while ten calls are answered at once: the median of rounds."""
    return median([await _stall_of_a_round(greeting) for _ in range(ROUNDS)])


async def _stall_of_a_round(greeting: Greeting) -> float:
    judge, wav, worst = SileroJudge.load(), write_wav(greeting.sound), 0.0

    async def listen() -> None:
        async with judge.listen(RULES) as ear:
            await ear.hear(wav)

    async with trio.open_nursery() as ears:
        for _ in range(10):
            ears.start_soon(listen)
        last = time.thread_time()
        while ears.child_tasks:
            await trio.lowlevel.checkpoint()
            worst, last = max(worst, time.thread_time() - last), time.thread_time()
    return worst


def _by_talk(greeting: Greeting, longest: float) -> Verdict:
    """As `detect_machine` has it from the events of TALK_DETECT: a model of them."""
    samples = greeting.sound.samples
    loud = [sum(map(abs, samples[at : at + FRAME])) >= LOUD * FRAME for at in range(0, len(samples) - FRAME + 1, FRAME)]
    seconds = FRAME / RATE
    begins = next((place for place, each in enumerate(loud) if each), len(loud)) * seconds
    if begins >= BY_TALK.initial_silence:
        return Verdict(greeting, Answerer.NOT_SURE, BY_TALK.initial_silence)
    last = begins
    for place, each in enumerate(loud):
        now = (place + 1) * seconds
        if now - begins > longest + BY_TALK.after_greeting:
            break
        if each:
            last = now
        elif now > begins and now - last >= BY_TALK.after_greeting:
            return Verdict(greeting, Answerer.PERSON, now)
    return Verdict(greeting, Answerer.MACHINE, begins + longest + BY_TALK.after_greeting)
