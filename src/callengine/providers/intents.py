"""What the caller wants, out of what the caller said: by language model, else by keywords."""

import re
from collections.abc import Mapping
from typing import Literal, Protocol

import msgspec
from attrs import frozen

from callengine.errors import ProviderError
from callengine.fsm import UNKNOWN
from callengine.fsm.placeholders import fill
from callengine.model import Intent
from callengine.providers.base import LanguageModel
from callengine.providers.keywords import intent_of

LONGEST_TRANSCRIPT = 2000
"""Characters given to a model: minutes of speech, and a bound on what a call can cost."""

_FENCE = re.compile(r"^```\w*\s*|\s*```$")
_LABEL = re.compile(r"^intent\s*[:=]\s*", re.IGNORECASE)
_AROUND = " \t\r\n\"'`«»“”‘’.,;:!?،؛؟*()[]"
_SEPARATORS = re.compile(r"[\s_-]+")


class IntentSettings(Protocol):
    """What a scenario says of intents."""

    @property
    def prompt_template(self) -> str: ...

    @property
    def intent_categories(self) -> tuple[Intent, ...]: ...

    @property
    def fallback_tokens(self) -> Mapping[Intent, tuple[str, ...]]: ...


@frozen
class Classification:
    """An answer understood.

    Attributes:
        intent: one the scenario declares, or `unknown`, which every scenario has; None where the model's provider failed
            and no keyword was said: then it is the service that did not understand, not the caller who was unclear.
        source: which way gave it.
        detail: why the model was not heeded, for people; empty if it was, or if there is none.
        error: what the model's provider failed with, such as `BalanceExhausted`.
    """

    intent: Intent | None
    source: Literal["model", "keywords"]
    detail: str = ""
    error: ProviderError | None = None


@frozen
class IntentClassifier:
    """Classifies answers.

    Attributes:
        model: asked first; None where no language model is configured.
    """

    model: LanguageModel | None = None

    async def classify(self, transcript: str, settings: IntentSettings) -> Classification:
        """Name the intent of a transcript. A model that fails or answers beside the point gives way to keywords.

        Where they find nothing either it is `unknown`; after a failure of the provider there is none.
        """
        if self.model is None or not settings.prompt_template or not transcript.strip():
            return by_keywords(transcript, settings)
        try:
            answer = await self.model.complete(filled(settings, transcript))
        except ProviderError as error:
            return by_keywords(transcript, settings, f"{type(error).__name__}: {error}", error)
        intent = declared_intent(answer, _declared(settings))
        if intent is None:
            return by_keywords(transcript, settings, f"the model answered {answer[:80]!r}, which is no declared intent")
        return Classification(intent, "model")


def by_keywords(
    transcript: str, settings: IntentSettings, detail: str = "", error: ProviderError | None = None
) -> Classification:
    """Name the intent by the scenario's `fallback_tokens` alone; without a match `unknown`, or none after an error."""
    declared = _declared(settings)
    phrases = {intent: tokens for intent, tokens in settings.fallback_tokens.items() if intent in declared}
    intent = intent_of(transcript, phrases)
    if intent is None and error is None:
        intent = UNKNOWN
    return Classification(intent, "keywords", detail, error)


def filled(settings: IntentSettings, transcript: str) -> str:
    """Put transcript, intents and examples into the scenario's prompt.

    The template is read once: braces in what the caller said fill nothing, and its line breaks become spaces, so that
    speech stays one line of data.
    """
    values = {f"{intent}_examples": "; ".join(tokens) for intent, tokens in settings.fallback_tokens.items()}
    declared = _declared(settings)
    for intent in declared:
        values.setdefault(f"{intent}_examples", "")
    values["intent_categories"] = ", ".join(declared)
    values["transcript"] = " ".join(transcript.split())[:LONGEST_TRANSCRIPT]
    return fill(settings.prompt_template, values)


def _declared(settings: IntentSettings) -> tuple[Intent, ...]:
    return tuple(dict.fromkeys((*settings.intent_categories, UNKNOWN)))


class _Answer(msgspec.Struct):
    intent: str


def declared_intent(answer: str, declared: tuple[Intent, ...]) -> Intent | None:
    """Return the declared intent a model's answer is, or None.

    The bare word will do in any case, quoted, with a full stop, after `intent:`, or as JSON `{"intent": ...}`. A sentence
    that merely contains an intent does not.
    """
    text = _FENCE.sub("", answer.strip())
    try:
        text = msgspec.json.decode(text, type=_Answer).intent
    except msgspec.DecodeError:
        text = _LABEL.sub("", text.strip(_AROUND))
    said = _key(text)
    return next((intent for intent in declared if _key(intent) == said), None)


def _key(text: str) -> str:
    return _SEPARATORS.sub("_", text.strip(_AROUND)).casefold()
