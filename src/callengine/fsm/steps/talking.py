"""Steps in which the caller hears something, or is heard."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar

from attrs import frozen

from callengine.fsm.declarations import TRANSCRIPT, Airtime, Type, flow_variable
from callengine.fsm.kinds import Bounds, Identifier, Key, Name, Sentence
from callengine.fsm.outcomes import NEXT, ON_EMPTY, ON_FAILURE, ON_INVALID, ON_NO_INPUT, ON_NO_MATCH
from callengine.fsm.placeholders import read_by
from callengine.fsm.step import Step, Variables
from callengine.fsm.steps.limits import LONGEST_PROMPT, LONGEST_SYNTHESIS, LONGEST_THOUGHT
from callengine.fsm.wording import normalise
from callengine.model import Outcome, Result, StepId


@frozen(kw_only=True)
class PlayPrompt(Step):
    """Plays one of the scenario's prompts to its end.

    Attributes:
        prompt: a key of `prompts`.
        next: the step that follows.
    """

    type: ClassVar[str] = "play_prompt"
    outcomes: ClassVar[tuple[Outcome, ...]] = (NEXT,)
    air: ClassVar[Airtime] = Airtime(audible=LONGEST_PROMPT)
    plays: ClassVar[tuple[str, ...]] = ("prompt",)
    prompt: Name
    next: StepId


@frozen(kw_only=True)
class Say(Step):
    """Speaks a text to its end.

    Attributes:
        text: a sentence; `{number}` is the caller's number, `{name}` what is known under this name: a field of the contact, a
            variable or a counter.
        next: the step that follows.
        on_failure: the step that follows when the text could not be spoken.
    """

    type: ClassVar[str] = "say"
    outcomes: ClassVar[tuple[Outcome, ...]] = (NEXT, ON_FAILURE)
    defaults: ClassVar[Mapping[Outcome, Result]] = {ON_FAILURE: Result("failed:say")}
    air: ClassVar[Airtime] = Airtime(before=LONGEST_SYNTHESIS, audible=LONGEST_PROMPT)
    text: Sentence
    next: StepId
    on_failure: StepId | None = None

    def reading(self) -> Variables:
        return read_by(self.text)


@frozen(kw_only=True)
class Record(Step):
    """Records what the caller says and turns it into text.

    Attributes:
        next: the step that follows when something was said.
        on_empty: the step that follows when nothing was said.
        on_failure: the step that follows when it could not be recorded or turned into text.
    """

    type: ClassVar[str] = "record"
    outcomes: ClassVar[tuple[Outcome, ...]] = (NEXT, ON_EMPTY, ON_FAILURE)
    defaults: ClassVar[Mapping[Outcome, Result]] = {
        ON_EMPTY: Result("hangup"),
        ON_FAILURE: Result("failed:record"),
    }
    defines: ClassVar[Mapping[Outcome, Variables]] = {NEXT: (TRANSCRIPT,)}
    next: StepId
    on_empty: StepId | None = None
    on_failure: StepId | None = None

    def airtime(self, recording: float) -> Airtime:
        return Airtime(turn=recording, after=LONGEST_THOUGHT)


@frozen(kw_only=True)
class Uttering(Step):
    """Begins by saying something: a prompt, or a text that is spoken.

    Attributes:
        prompt: a key of `prompts`.
        text: a sentence that is spoken instead, as by `say`.
        on_failure: the step that follows when the text could not be spoken, or the caller's words could not be understood.
    """

    plays: ClassVar[tuple[str, ...]] = ("prompt",)
    prompt: Name | None = None
    text: Sentence | None = None
    on_failure: StepId | None = None

    def __attrs_post_init__(self) -> None:
        if (self.prompt is None) == (self.text is None):
            raise ValueError("needs exactly one of the keys `prompt` and `text`; keep the one that is meant")

    @property
    def may_fail(self) -> bool:
        """Whether a provider has a part in it."""
        return self.text is not None

    def targets(self) -> Mapping[Outcome, StepId | None]:
        ways = dict(super().targets())
        if self.on_failure is not None or self.may_fail:
            ways[ON_FAILURE] = self.on_failure
        return ways

    def default_result(self, outcome: Outcome) -> Result:
        return Result(f"failed:{self.type}")

    def reading(self) -> Variables:
        return read_by(self.text or "")

    @property
    def synthesis(self) -> float:
        """Seconds of silence, at most, before the text is spoken."""
        return 0.0 if self.text is None else LONGEST_SYNTHESIS


@frozen(kw_only=True)
class Option:
    """One answer to a menu.

    Attributes:
        next: the step that follows.
        key: the key that chooses it.
        words: words or phrases of which one chooses it, when the caller says it.
    """

    next: StepId
    key: Key | None = None
    words: tuple[Name, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.key is None and not self.words:
            raise ValueError("needs `key` or `words`; say how the caller chooses it")
        if self.name in (*Menu.outcomes, ON_FAILURE):
            raise ValueError(f"cannot be called {self.name}, as an outcome is; put another of its words first")

    @property
    def name(self) -> Outcome:
        """Its key, or else the first of its words."""
        return Outcome(self.words[0] if self.key is None else self.key)

    @property
    def choices(self) -> Iterable[str]:
        """All that chooses it, each once; words in the spelling in which they are compared."""
        keys = () if self.key is None else (self.key,)
        return dict.fromkeys((*keys, *map(normalise, self.words)))


@frozen(kw_only=True)
class Menu(Uttering):
    """Lets the caller choose, by a key or by a word.

    Attributes:
        options: what can be chosen.
        on_no_input: the step that follows when the caller pressed and said nothing.
        on_no_match: the step that follows when what they pressed or said is no option, or several alike.
        wait: seconds in which a key may be pressed after the prompt; with `words`, `stt.max_silence` says how long one waits.
        barge_in: whether a key is taken while the prompt still plays, which ends it.
        variable: remembers what was chosen, by its key or the first of its words.
    """

    type: ClassVar[str] = "menu"
    outcomes: ClassVar[tuple[Outcome, ...]] = (ON_NO_INPUT, ON_NO_MATCH)
    options: tuple[Option, ...]
    on_no_input: StepId
    on_no_match: StepId
    wait: Annotated[float, Bounds(1, 60)] = 5.0
    barge_in: bool = True
    variable: Identifier | None = None

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if not self.options:
            raise ValueError("needs at least one item in `options`")
        chosen = Counter(choice for option in self.options for choice in option.choices)
        twice = next((choice for choice, options in chosen.items() if options > 1), None)
        if twice is not None:
            raise ValueError(f"has two options for {twice!r}; keep one of them")

    @property
    def listens(self) -> bool:
        """Whether the caller may say what they choose: then they are recorded, and a key may be pressed meanwhile."""
        return any(option.words for option in self.options)

    @property
    def may_fail(self) -> bool:
        return super().may_fail or self.listens

    def targets(self) -> Mapping[Outcome, StepId | None]:
        return {**{option.name: option.next for option in self.options}, **super().targets()}

    def defining(self, outcome: Outcome) -> Variables:
        chosen = self.variable is not None and any(option.name == outcome for option in self.options)
        return (flow_variable(self.variable, Type.TEXT),) if chosen and self.variable else ()

    def airtime(self, recording: float) -> Airtime:
        thought = LONGEST_THOUGHT if self.listens else 0.0
        turn = recording if self.listens else self.wait
        return Airtime(before=self.synthesis, audible=LONGEST_PROMPT, turn=turn, after=thought)

    def key_path(self, outcome: Outcome) -> tuple[str | int, ...]:
        places = {option.name: place for place, option in enumerate(self.options)}
        return ("options", places[outcome], "next") if outcome in places else (outcome,)


@frozen(kw_only=True)
class CollectDigits(Uttering):
    """Has the caller key in a number, such as that of an order. Other keys than digits and the end key count for nothing.

    Attributes:
        variable: remembers the digits.
        next: the step that follows when there are enough.
        on_no_input: the step that follows when no digit was pressed.
        on_invalid: the step that follows when there are too few.
        min_digits: how many are needed.
        max_digits: after so many nobody waits for more.
        end_key: the key that says there are no more; it is not kept.
        wait: seconds in which each key may be pressed.
        barge_in: whether a key is taken while the prompt still plays, which ends it.
    """

    type: ClassVar[str] = "collect_digits"
    outcomes: ClassVar[tuple[Outcome, ...]] = (NEXT, ON_NO_INPUT, ON_INVALID)
    variable: Identifier
    next: StepId
    on_no_input: StepId
    on_invalid: StepId
    min_digits: Annotated[int, Bounds(1, 32)] = 1
    max_digits: Annotated[int, Bounds(1, 32)] = 16
    end_key: Key = "#"
    wait: Annotated[float, Bounds(1, 60)] = 5.0
    barge_in: bool = True

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.min_digits > self.max_digits:
            raise ValueError(f"needs {self.min_digits} digits, but takes at most {self.max_digits}; raise `max_digits`")

    def defining(self, outcome: Outcome) -> Variables:
        return (flow_variable(self.variable, Type.TEXT),) if outcome == NEXT else ()

    def airtime(self, recording: float) -> Airtime:
        return Airtime(before=self.synthesis, audible=LONGEST_PROMPT, turn=self.wait * self.max_digits)
