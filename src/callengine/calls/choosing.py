"""What the customer chooses: `menu`, by a key or a word, and `collect_digits`."""

from functools import partial

from callengine.calls.asking import Keys, Pressed, ask, keys_of, unless_pressed
from callengine.calls.context import CallContext
from callengine.calls.hearing import hear
from callengine.fsm.outcomes import NEXT, ON_FAILURE, ON_INVALID, ON_NO_INPUT, ON_NO_MATCH
from callengine.fsm.steps import CollectDigits, Menu
from callengine.model import Outcome
from callengine.providers.keywords import meant_by

DIGITS = frozenset("0123456789")


async def menu(call: CallContext, step: Menu) -> Outcome:
    with keys_of(call) as keys:
        outcome = await _chosen(call, step, keys)
    if step.variable is not None and any(option.name == outcome for option in step.options):
        call.memory.variables[step.variable] = outcome
    return outcome


async def _chosen(call: CallContext, step: Menu, keys: Keys) -> Outcome:
    asked = await ask(call, step, keys)
    if isinstance(asked, Pressed):
        return _by_key(step, asked.key)
    if not asked:
        return ON_FAILURE
    if step.listens:
        return await _said(call, step, keys)
    key = await keys.within(step.wait)
    return ON_NO_INPUT if key is None else _by_key(step, key)


async def _said(call: CallContext, step: Menu, keys: Keys) -> Outcome:
    """Listen to the customer; a key counts until their words are understood."""
    phrases = tuple(word for option in step.options for word in option.words)
    said = await unless_pressed(keys, partial(hear, call, phrases), partial(call.talk.recording, call.beside))
    match said:
        case Pressed(key=key):
            return _by_key(step, key)
        case None:
            return ON_FAILURE
        case "":
            return ON_NO_INPUT
        case words:
            return _by_words(step, words)


def _by_key(step: Menu, key: str) -> Outcome:
    return next((option.name for option in step.options if option.key == key), ON_NO_MATCH)


def _by_words(step: Menu, transcript: str) -> Outcome:
    """The option with the longest word in the transcript; of two that could be meant as well, none is taken."""
    match meant_by(transcript, {option.name: option.words for option in step.options}):
        case (only,):
            return only
        case _:
            return ON_NO_MATCH


async def collect_digits(call: CallContext, step: CollectDigits) -> Outcome:
    """Keys that are no digits, but for the end key, count for nothing: they end no prompt and prolong no wait."""
    with keys_of(call, wanted=DIGITS | {step.end_key}) as keys:
        asked = await ask(call, step, keys)
        if not asked:
            return ON_FAILURE
        digits = await _digits(step, keys, asked.key if isinstance(asked, Pressed) else None)
    if not digits:
        return ON_NO_INPUT
    if len(digits) < step.min_digits:
        return ON_INVALID
    call.memory.variables[step.variable] = digits
    return NEXT


async def _digits(step: CollectDigits, keys: Keys, first: str | None) -> str:
    digits, key = "", first or await keys.within(step.wait)
    while key is not None and key != step.end_key:
        digits += key
        if len(digits) == step.max_digits:
            break
        key = await keys.within(step.wait)
    return digits
