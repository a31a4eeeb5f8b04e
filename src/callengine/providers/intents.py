"""What the caller wants, out of what the caller said: by language model, else by keywords."""

from typing import Literal

from attrs import evolve, frozen

from callengine.errors import ProviderError
from callengine.fsm import UNKNOWN
from callengine.model import Intent
from callengine.providers.base import LanguageModel
from callengine.providers.instructing import IntentSettings, as_data, declared, question_about
from callengine.providers.keywords import intent_of
from callengine.providers.verdicts import repeats, verdict_of


@frozen
class Classification:
    """An answer understood.

    Attributes:
        intent: one the scenario declares, or `unknown`, which every scenario has; None where the model's provider failed
            and no keyword was said: then it is the service that did not understand, not the caller who was unclear.
        source: which way gave it.
        detail: why the model was not heeded, for people; empty if it was, or if there is none.
        error: what the model's provider failed with, such as `BalanceExhausted`.
        confidence: how sure the model said it was, 0 to 1, whether it was heeded or not; None where it did not say.
    """

    intent: Intent | None
    source: Literal["model", "keywords"]
    detail: str = ""
    error: ProviderError | None = None
    confidence: float | None = None

    @property
    def way(self) -> str:
        """Which way gave it and how sure the model was, in words."""
        if self.confidence is None:
            return f"intent by {self.source}"
        whose = "confidence" if self.source == "model" else "the model's confidence"
        return f"intent by {self.source}, {whose} {self.confidence:.2f}"


@frozen
class IntentClassifier:
    """Classifies answers.

    Attributes:
        model: asked first; None where no language model is configured.
    """

    model: LanguageModel | None = None

    async def classify(self, transcript: str, settings: IntentSettings) -> Classification:
        """Name the intent of a transcript.

        A model that fails, answers beside the point, repeats what the caller said or is not sure enough gives way to
        keywords. Where they find nothing either it is `unknown`; after a failure of the provider there is none.
        """
        if self.model is None or not settings.prompt_template or not transcript.strip():
            return by_keywords(transcript, settings)
        try:
            answer = await self.model.complete(question_about(transcript, settings))
        except ProviderError as error:
            return by_keywords(transcript, settings, f"{type(error).__name__}: {error}", error)
        return _judged(answer, transcript, settings)


def _judged(answer: str, transcript: str, settings: IntentSettings) -> Classification:
    verdict = verdict_of(answer, declared(settings))
    if verdict is None:
        return by_keywords(transcript, settings, f"the model answered {answer[:80]!r}, which is no declared intent")
    if repeats(answer, verdict, as_data(transcript)):
        return by_keywords(transcript, settings, "the model repeated what the caller said")
    if verdict.confidence is not None and verdict.confidence < settings.min_confidence:
        unsure = f"the model answered {verdict.intent} with a confidence of {verdict.confidence:g}, which is too little"
        return evolve(by_keywords(transcript, settings, unsure), confidence=verdict.confidence)
    return Classification(verdict.intent, "model", confidence=verdict.confidence)


def by_keywords(
    transcript: str, settings: IntentSettings, detail: str = "", error: ProviderError | None = None
) -> Classification:
    """Name the intent by the scenario's `fallback_tokens` alone; without a match `unknown`, or none after an error."""
    intents = declared(settings)
    phrases = {intent: tokens for intent, tokens in settings.fallback_tokens.items() if intent in intents}
    intent = intent_of(transcript, phrases)
    if intent is None and error is None:
        intent = UNKNOWN
    return Classification(intent, "keywords", detail, error)
