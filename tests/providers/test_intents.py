"""From what the caller said to a declared intent."""

from collections.abc import Mapping

import pytest
from attrs import frozen

from callengine.errors import BalanceExhausted, ProviderError, ProviderUnavailable
from callengine.model import Intent
from callengine.providers import IntentClassifier
from callengine.providers.scripted import Script, ScriptedModel

YES, NO, NUMBER, UNKNOWN = map(Intent, ("yes", "no", "number_question", "unknown"))


@frozen
class Settings:
    prompt_template: str = (
        "Said: {transcript}. One of {intent_categories}. Yes is {yes_examples}; {number_question_examples}; {other}"
    )
    intent_categories: tuple[Intent, ...] = (YES, NO, NUMBER, UNKNOWN)
    fallback_tokens: Mapping[Intent, tuple[str, ...]] = {YES: ("yes", "sure"), NO: ("no",), Intent("undeclared"): ("banana",)}
    model: str = ""
    min_confidence: float = 0.0


def classifier(*turns: str | ProviderError) -> IntentClassifier:
    return IntentClassifier(ScriptedModel(Script(turns)))


@pytest.mark.parametrize(
    "answer",
    [
        "no",
        "NO",
        ' "No." ',
        "`no`",
        "intent: no",
        '{"intent": "no"}',
        '```json\n{"intent": "no", "sure": 1}\n```',
        "«no»",
    ],
)
async def test_the_models_answer_counts_however_it_is_dressed(answer: str) -> None:
    understood = await classifier(answer).classify("sure", Settings())
    assert (understood.intent, understood.source, understood.error) == (NO, "model", None)


@pytest.mark.parametrize(
    "answer", ["", "maybe", "yes or no", "yes\nno", "http://x/no", '{"intent": 3}', '{"intent": "sip:1"}', "[]", "no" * 999]
)
async def test_anything_else_gives_way_to_keywords(answer: str) -> None:
    understood = await classifier(answer).classify("sure", Settings())
    assert (understood.intent, understood.source) == (YES, "keywords")
    assert "no declared intent" in understood.detail


async def test_a_failing_provider_gives_way_and_stays_visible() -> None:
    understood = await classifier(BalanceExhausted("empty")).classify("no thanks", Settings())
    assert (understood.intent, understood.source) == (NO, "keywords")
    assert isinstance(understood.error, BalanceExhausted)
    assert "BalanceExhausted: empty" in understood.detail


async def test_when_the_provider_fails_and_no_keyword_was_said_there_is_no_intent() -> None:
    understood = await classifier(ProviderUnavailable("down")).classify("hm", Settings())
    assert understood.intent is None
    assert isinstance(understood.error, ProviderUnavailable)


async def test_without_a_model_keywords_decide() -> None:
    understood = await IntentClassifier().classify("yes", Settings())
    assert (understood.intent, understood.source, understood.detail) == (YES, "keywords", "")


@pytest.mark.parametrize("declared", [(YES, NO), (YES, NO, UNKNOWN)])
async def test_an_answer_that_fits_nothing_is_unknown_declared_or_not(declared: tuple[Intent, ...]) -> None:
    settings = Settings("{intent_categories}: {transcript} ({unknown_examples})", declared)
    assert (await IntentClassifier().classify("banana", settings)).intent == UNKNOWN
    for answer in ("unknown", "beside the point"):
        assert (await classifier(answer).classify("hm", settings)).intent == UNKNOWN


async def test_silence_and_an_absent_template_ask_no_model() -> None:
    model = ScriptedModel(Script(("yes",)))
    assert (await IntentClassifier(model).classify(" ", Settings())).intent == UNKNOWN
    assert (await IntentClassifier(model).classify("no", Settings(prompt_template=""))).intent == NO
    assert model.questions == []


@pytest.mark.parametrize(
    ("answer", "intent", "source", "way"),
    [
        ('{"intent": "no", "confidence": 0.7}', NO, "model", "intent by model, confidence 0.70"),
        ('{"intent": "no", "confidence": 0.69}', YES, "keywords", "intent by keywords, the model's confidence 0.69"),
        ('{"intent": "no", "confidence": 1}', NO, "model", "intent by model, confidence 1.00"),
        ('{"intent": "no", "confidence": "high"}', NO, "model", "intent by model"),
        ("no", NO, "model", "intent by model"),
    ],
)
async def test_a_model_that_is_not_sure_enough_gives_way(answer: str, intent: Intent, source: str, way: str) -> None:
    understood = await classifier(answer).classify("sure", Settings(min_confidence=0.7))
    assert (understood.intent, understood.source, understood.way) == (intent, source, way)


async def test_an_unsure_model_without_a_keyword_leaves_unknown() -> None:
    understood = await classifier('{"intent": "yes", "confidence": 0.2}').classify("hm", Settings(min_confidence=0.5))
    assert (understood.intent, understood.confidence) == (UNKNOWN, 0.2)
    assert understood.detail == "the model answered yes with a confidence of 0.2, which is too little"


async def test_without_a_threshold_every_confidence_will_do() -> None:
    understood = await classifier('{"intent": "yes", "confidence": 0}').classify("hm", Settings())
    assert (understood.intent, understood.source, understood.confidence) == (YES, "model", 0.0)
