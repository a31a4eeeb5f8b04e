"""Speech to text without any service: pocketsphinx and a grammar of what the flow expects. English only."""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Protocol

import trio
from attrs import define, field

from callengine.errors import ConfigError
from callengine.providers.audio import Sound, at_rate, pcm, read_wav
from callengine.providers.base import SpeechHints

RATE = 16_000
LONGEST_SECONDS = 60
"""What is said later in a recording is not heard: it bounds the time a thread works on one."""

MOST_GRAMMARS = 32
"""Kept ready; the least recently used goes first."""

# fmt: off
_OTHER_WORDS = (
    "a", "about", "and", "back", "but", "for", "great", "hello", "house", "how", "i",
    "is", "it", "last", "like", "money", "people", "seven", "talk", "that", "the", "there",
    "thing", "think", "today", "we", "week", "what", "why", "with",
)
# fmt: on
"""Common words of many sounds. Speech that is none of the expected phrases is drawn to a chain of these and so told apart."""

_OTHER_CHANCE = 1e-8
"""Of each further such word. Measured with pocketsphinx 5.1.1 on telephone-quality speech of espeak-ng, four voices: of 32
utterances that were no phrase of the grammar 4 were taken for one, and 16 without these words; of 32 that were a phrase 21
were known, and 22 without. What sounds alike stays alike: "hello" is taken for "no" where "no" is expected."""

_BEAMS: Mapping[str, float] = MappingProxyType({"beam": 1e-80, "wbeam": 1e-60, "pbeam": 1e-80})
"""Wide, and without a second pass over the words found: with pocketsphinx's own settings longer phrases lost their ends.
Of 30 phrases, two in five of several words, in six telephone-quality voices of espeak-ng, 26 are known and 21 were."""

_OTHER = "zz_"
_WORD = re.compile(r"[a-z']+")
_START, _END, _ASTRAY = 0, 1, 2
_FIRST_FREE = 3

Transition = tuple[int, int, float, str] | tuple[int, int, float]
"""From state, to state, probability, word; without a word one may pass in silence."""


class _Hypothesis(Protocol):
    hypstr: str


class _Decoder(Protocol):
    """What is used of `pocketsphinx.Decoder`, which comes without types."""

    def lookup_word(self, word: str) -> str | None: ...
    def add_word(self, word: str, phones: str, update: bool) -> int: ...
    def create_fsg(self, name: str, start_state: int, final_state: int, transitions: Sequence[Transition]) -> object: ...
    def add_fsg(self, name: str, fsg: object) -> None: ...
    def activate_search(self, search_name: str) -> None: ...
    def remove_search(self, search_name: str) -> None: ...
    def start_utt(self) -> None: ...
    def process_raw(self, data: bytes, *, full_utt: bool) -> int: ...
    def end_utt(self) -> None: ...
    def hyp(self) -> _Hypothesis | None: ...


def _load() -> _Decoder:
    try:
        from pocketsphinx import Decoder  # type: ignore[import-untyped]  # its wheel carries no types
    except ImportError:
        raise ConfigError("offline speech recognition needs pocketsphinx: pip install 'callengine[local]'") from None
    decoder: _Decoder = Decoder(lm=None, samprate=RATE, loglevel="FATAL", bestpath=False, **_BEAMS)
    for word in _OTHER_WORDS:
        phones = decoder.lookup_word(word)
        if phones is not None:
            decoder.add_word(_OTHER + word, phones, word == _OTHER_WORDS[-1])
    return decoder


@define
class PocketsphinxSpeechToText:
    """A `SpeechToText` that knows the phrases of its hints and nothing else.

    A phrase with a word its dictionary does not have is left out. What matches none of the others, as a whole, is "".
    Whether anything was said is for the caller to judge first, with `heard_nothing`: faint noise can pass for a short word.

    It works on one recording at a time, some 100 ms in a thread: its decoder has a state. A caller who hangs up or runs out
    of time does not wait for the thread; the next recording does, because the turn is the thread's and not the task's.
    """

    _decoder: _Decoder = field(repr=False)
    _turn: trio.CapacityLimiter = field(factory=lambda: trio.CapacityLimiter(1), init=False, repr=False)
    _grammars: "OrderedDict[tuple[str, ...], str]" = field(factory=OrderedDict, init=False, repr=False)
    _built: int = field(default=0, init=False, repr=False)

    @classmethod
    async def load(cls) -> "PocketsphinxSpeechToText":
        """Load the acoustic model.

        Raises:
            ConfigError: pocketsphinx is not installed.
        """
        return cls(await trio.to_thread.run_sync(_load))

    async def transcribe(self, audio: bytes, hints: SpeechHints) -> str:
        """Return the phrase of `hints.phrases` that was said, as it is written there; "" for none."""
        listen = partial(self._listen, audio, hints.phrases)
        return await trio.to_thread.run_sync(listen, abandon_on_cancel=True, limiter=self._turn)

    def _listen(self, audio: bytes, phrases: tuple[str, ...]) -> str:
        known = self._known(phrases)
        sound = _readable(audio)
        if not known or sound is None or not sound.samples:
            return ""
        self._choose(tuple(known))
        start = Sound(sound.rate, sound.samples[: sound.rate * LONGEST_SECONDS])
        self._decoder.start_utt()
        self._decoder.process_raw(pcm(at_rate(start, RATE)), full_utt=True)
        self._decoder.end_utt()
        heard = self._decoder.hyp()
        return known.get(heard.hypstr, "") if heard is not None else ""

    def _known(self, phrases: tuple[str, ...]) -> dict[str, str]:
        """The phrases the dictionary can spell: from their bare words to how the flow writes them."""
        known: dict[str, str] = {}
        for phrase in phrases:
            words = phrase.casefold().replace("’", "'").split()
            bare = [word.strip(".,;:!?\"'") for word in words]
            if bare and all(_WORD.fullmatch(word) and self._decoder.lookup_word(word) for word in bare):
                known.setdefault(" ".join(bare), phrase)
        return known

    def _choose(self, sentences: tuple[str, ...]) -> None:
        """Make the grammar of these sentences the active one, building it where it is not kept."""
        if sentences not in self._grammars:
            self._built += 1
            name = f"grammar{self._built}"
            self._decoder.add_fsg(name, self._decoder.create_fsg(name, _START, _END, transitions_of(sentences)))
            self._grammars[sentences] = name
        self._grammars.move_to_end(sentences)
        self._decoder.activate_search(self._grammars[sentences])
        if len(self._grammars) > MOST_GRAMMARS:
            _, oldest = self._grammars.popitem(last=False)
            self._decoder.remove_search(oldest)


def _readable(audio: bytes) -> Sound | None:
    try:
        return read_wav(audio)
    except ValueError:
        return None


def transitions_of(sentences: tuple[str, ...]) -> list[Transition]:
    """Return the grammar as a graph: one path a sentence, and beside them a loop of other words that leads astray."""
    transitions: list[Transition] = []
    free = _FIRST_FREE
    expected: set[str] = set()
    for sentence in sentences:
        words = sentence.split()
        expected.update(words)
        states = [_START, *range(free, free + len(words) - 1), _END]
        free += len(words) - 1
        chances = [1.0 / len(sentences)] + [1.0] * (len(words) - 1)
        transitions += zip(states, states[1:], chances, words, strict=False)
    for word in _OTHER_WORDS:
        if word not in expected:
            transitions.append((_START, _ASTRAY, _OTHER_CHANCE, _OTHER + word))
            transitions.append((_ASTRAY, _ASTRAY, _OTHER_CHANCE, _OTHER + word))
    transitions.append((_ASTRAY, _END, 1.0))
    return transitions
