"""Who answered, a person or a machine: judged from what is heard after the answer, and as early as it can be told.

Whoever speaks briefly and then waits is a person. Whoever speaks on, or beeps, is a machine. The more was said, the longer the
pause that makes it a whole greeting: people say "hello?" and listen, machines pause between sentences.
"""

from enum import StrEnum

from attrs import define, evolve, field, frozen

from callengine.providers.frames import SECONDS

# The figures below were chosen on one half of the greetings of `benchmarks/greetings.py`; docs/machines.md reports the other.

_BEGINS, _GOES_ON = 0.5, 0.35
"""How likely speech must be for a voice to begin, and to go on."""

_SHORTEST_VOICE = 0.09
"""Seconds: what is shorter is a click."""

_BREATH = 0.2
"""Seconds: a shorter gap is within a word, or between two."""

_BEEP = 0.15
"""Seconds a tone lasts at least to be a beep: no vowel keeps its pitch for so long."""

_STEADY = 0.03
"""The part of its frequency by which a tone may drift from frame to frame."""

_PAUSE, _PAUSE_A_SECOND = 0.75, 0.5
"""The pause that ends a greeting, in parts of `after_greeting`: so much, and so much more for every second that was spoken."""

_ENOUGH_AT_THE_END = 0.6
"""The part of that pause that will do where there is no more to hear."""

_SLOWEST = 1.5
"""Syllables a second: who speaks on in fewer is drawling, crying or singing, and no machine for that."""

_DIP = 0.6
"""A syllable is over when the loudness falls to this part of its peak, and the next begins when it has risen as much again."""


class Answerer(StrEnum):
    """Who answered a call."""

    PERSON = "person"
    MACHINE = "machine"
    NOT_SURE = "not sure"


@frozen
class GreetingRules:
    """What is expected of a person, in seconds.

    Attributes:
        initial_silence: in which they begin to speak.
        longest_greeting: that they speak at most, with the gaps between words and without longer pauses.
        after_greeting: of silence after a short greeting; after a longer one it is more.
        patience: after which it is `NOT_SURE`, whatever is heard.
    """

    initial_silence: float = 2.5
    longest_greeting: float = 2.0
    after_greeting: float = 0.8
    patience: float = 8.0

    def pause_after(self, spoken: float) -> float:
        """Seconds of silence that end a greeting in which somebody spoke for so many seconds."""
        return self.after_greeting * (_PAUSE + _PAUSE_A_SECOND * spoken)


@frozen
class Features:
    """What was heard so far; all times are seconds.

    Attributes:
        initial_silence: before the first voice; all of it where there is none.
        first_utterance: from there to the first pause.
        voiced: of voice in all.
        greeting: `voiced`, and the gaps between words.
        pauses: between utterances; a gap of less than 0.2 s is none.
        syllables: that the voice rose and fell by.
        beep: hertz of a machine's tone; 0 where there was none.
    """

    initial_silence: float = 0.0
    first_utterance: float = 0.0
    voiced: float = 0.0
    greeting: float = 0.0
    pauses: tuple[float, ...] = ()
    syllables: int = 0
    beep: float = 0.0

    def with_voice(self, began: float, ended: float, before: float) -> "Features":
        """These, and a voice from one moment to another; the voice before it ended at `before`."""
        length, gap = ended - began, began - before
        voiced, greeting = self.voiced + length, self.greeting + length
        if not self.voiced:
            return evolve(self, initial_silence=began, first_utterance=length, voiced=voiced, greeting=greeting)
        if gap >= _BREATH:
            return evolve(self, voiced=voiced, greeting=greeting, pauses=(*self.pauses, gap))
        first = self.first_utterance if self.pauses else self.first_utterance + gap + length
        return evolve(self, first_utterance=first, voiced=voiced, greeting=greeting + gap)


@frozen
class Judgement:
    """Who answered.

    Attributes:
        why: such as `spoke for 2.0 s`.
        at: seconds of sound after which it was clear.
    """

    who: Answerer
    why: str
    at: float
    features: Features


@define
class _Syllables:
    """Counts how often a voice rises and falls."""

    count: int = 0
    _rising: bool = True
    _turn: float = 0.0

    def hear(self, loudness: float) -> None:
        if self._rising:
            self._turn = max(self._turn, loudness)
            if loudness < _DIP * self._turn:
                self.count, self._rising, self._turn = self.count + 1, False, loudness
        else:
            self._turn = min(self._turn, loudness)
            if loudness > self._turn / _DIP:
                self._rising, self._turn = True, loudness


@define
class _Tone:
    """Follows a tone for as long as it is steady."""

    _hertz: float = 0.0
    _seconds: float = 0.0

    def is_beep(self, hertz: float) -> bool:
        steady = hertz > 0 and abs(hertz - self._hertz) <= _STEADY * hertz
        self._hertz, self._seconds = hertz, SECONDS + (self._seconds if steady else 0.0)
        return hertz > 0 and self._seconds >= _BEEP


@define
class GreetingListener:
    """Hears frame after frame until it can tell who answered; what comes after that changes nothing.

    Attributes:
        judgement: None until then.
    """

    rules: GreetingRules = field(factory=GreetingRules)
    judgement: Judgement | None = field(default=None, init=False)
    _features: Features = field(factory=Features, init=False)
    _syllables: _Syllables = field(factory=_Syllables, init=False)
    _tone: _Tone = field(factory=_Tone, init=False)
    _frames: int = field(default=0, init=False)
    _began: float | None = field(default=None, init=False)
    """When the voice began that is heard now."""
    _ended: float = field(default=0.0, init=False)
    """When the last voice did."""

    def hear(self, voice: float, loudness: float, tone: float) -> Judgement | None:
        """Hear the next frame.

        Args:
            voice: how likely it is speech, from 0 to 1.
            loudness: as of a `Frame`.
            tone: as of a `Frame`.
        """
        if self.judgement is None:
            self._frames += 1
            if self._tone.is_beep(tone):
                self._features = evolve(self._features, beep=tone)
            self._follow(0.0 if tone else voice)
            if self._began is not None or self._features.voiced:
                self._syllables.hear(loudness)
            self.judgement = self._judged()
        return self.judgement

    @property
    def clear_in(self) -> float:
        """Seconds after which it is clear if they stay silent then, or speak on."""
        told, rules = self._told(), self.rules
        if self.judgement is not None:
            return 0.0
        if self._began is not None:
            pause, more = rules.pause_after(told.greeting), rules.longest_greeting - told.greeting
            return SECONDS + (min(pause, more) if more > 0 else pause)
        if not told.voiced:
            return rules.initial_silence - self._now
        return SECONDS + rules.pause_after(told.greeting) - self._pause

    def end(self) -> Judgement:
        """The judgement on what was heard, when there is no more to hear."""
        if self.judgement is None:
            told = self._told()
            if not told.voiced:
                self.judgement = self._found(Answerer.NOT_SURE, "said nothing")
            elif not self._speaking and self._pause >= _ENOUGH_AT_THE_END * self.rules.pause_after(told.greeting):
                self.judgement = self._found(Answerer.PERSON, f"spoke for {told.greeting:.1f} s and was silent")
            else:
                self.judgement = self._found(Answerer.NOT_SURE, f"spoke for {told.greeting:.1f} s without coming to an end")
        return self.judgement

    @property
    def _now(self) -> float:
        return self._frames * SECONDS

    @property
    def _pause(self) -> float:
        """Seconds since the last voice."""
        return self._now - self._ended

    @property
    def _speaking(self) -> bool:
        return self._began is not None and self._now - self._began >= _SHORTEST_VOICE

    def _follow(self, voice: float) -> None:
        """Find where voices begin and end."""
        if self._began is None:
            if voice >= _BEGINS:
                self._began = self._now - SECONDS
        elif voice < _GOES_ON:
            began, ended, self._began = self._began, self._now - SECONDS, None
            if ended - began >= _SHORTEST_VOICE:
                self._features, self._ended = self._features.with_voice(began, ended, self._ended), ended

    def _told(self) -> Features:
        """Everything so far, with the voice that is heard now."""
        told = evolve(self._features, syllables=self._syllables.count)
        if self._began is not None and self._speaking:
            return told.with_voice(self._began, self._now, self._ended)
        return told if told.voiced else evolve(told, initial_silence=self._now)

    def _judged(self) -> Judgement | None:
        told, rules = self._told(), self.rules
        if told.beep:
            return self._found(Answerer.MACHINE, f"beeped at {told.beep:.0f} Hz")
        if told.greeting > rules.longest_greeting and told.syllables >= _SLOWEST * told.greeting:
            return self._found(Answerer.MACHINE, f"spoke for {told.greeting:.1f} s")
        if not told.voiced and self._began is None and self._now >= rules.initial_silence:
            return self._found(Answerer.NOT_SURE, "said nothing")
        if told.voiced and not self._speaking and self._pause >= rules.pause_after(told.greeting):
            return self._found(Answerer.PERSON, f"spoke for {told.greeting:.1f} s and was silent")
        return self.end() if self._now >= rules.patience else None

    def _found(self, who: Answerer, why: str) -> Judgement:
        return Judgement(who, why, self._now, self._told())
