"""What a language model's answer says, if it says anything that counts."""

import re

import msgspec
from attrs import frozen

from callengine.fsm.wording import normalise
from callengine.model import Intent

_FENCE = re.compile(r"^```\w*\s*|\s*```$")
_LABEL = re.compile(r"^intent\s*[:=]\s*", re.IGNORECASE)
_AROUND = " \t\r\n\"'`«»“”‘’.,;:!?،؛؟*()[]"
_SEPARATORS = re.compile(r"[\s_-]+")


@frozen
class Verdict:
    """A declared intent.

    Attributes:
        confidence: how sure the model says it is, 0 to 1; None where it does not say.
    """

    intent: Intent
    confidence: float | None = None


class _Answer(msgspec.Struct):
    intent: str
    confidence: object = None
    """Whatever JSON holds there: a model that writes "high" has named an intent all the same."""


def verdict_of(answer: str, declared: tuple[Intent, ...]) -> Verdict | None:
    """Return the declared intent a model's answer is, or None.

    The bare word will do in any case, quoted, with a full stop, after `intent:`, or as JSON `{"intent": ...}`, where a
    `confidence` counts too. A sentence that merely contains an intent does not.
    """
    text = _FENCE.sub("", answer.strip())
    confidence = None
    try:
        read = msgspec.json.decode(text.encode("utf-8", "replace"), type=_Answer)
        text, confidence = read.intent, _share(read.confidence)
    except (msgspec.DecodeError, RecursionError):
        text = _LABEL.sub("", text.strip(_AROUND))
    said = _key(text)
    intent = next((intent for intent in declared if _key(intent) == said), None)
    return None if intent is None else Verdict(intent, confidence)


def repeats(answer: str, verdict: Verdict, transcript: str) -> bool:
    """Whether an answer is but a piece of what the caller said, such as the JSON they dictated.

    The bare name of an intent is not: who says "yes" and nothing else means it.
    """
    words = normalise(answer)
    return words != normalise(verdict.intent) and f" {words} " in f" {normalise(transcript)} "


def _share(confidence: object) -> float | None:
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 <= confidence <= 1:
        return None
    return float(confidence)


def _key(text: str) -> str:
    return _SEPARATORS.sub("_", text.strip(_AROUND)).casefold()
