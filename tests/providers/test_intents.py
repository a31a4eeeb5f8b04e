"""From what the caller said to a declared intent."""

from collections.abc import Mapping

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from callengine.errors import BalanceExhausted, ProviderError, ProviderUnavailable
from callengine.model import Intent
from callengine.providers import IntentClassifier
from callengine.providers.intents import declared_intent, filled
from callengine.providers.scripted import Script, ScriptedModel

YES, NO, NUMBER, UNKNOWN = map(Intent, ("yes", "no", "number_question", "unknown"))


@frozen
class Settings:
    prompt_template: str = (
        "Said: {transcript}. One of {intent_categories}. Yes is {yes_examples}; {number_question_examples}; {other}"
    )
    intent_categories: tuple[Intent, ...] = (YES, NO, NUMBER, UNKNOWN)
    fallback_tokens: Mapping[Intent, tuple[str, ...]] = {YES: ("yes", "sure"), NO: ("no",), Intent("undeclared"): ("banana",)}


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
    assert filled(settings, "hm") == "yes, no, unknown: hm ()"


async def test_silence_and_an_absent_template_ask_no_model() -> None:
    model = ScriptedModel(Script(("yes",)))
    assert (await IntentClassifier(model).classify(" ", Settings())).intent == UNKNOWN
    assert (await IntentClassifier(model).classify("no", Settings(prompt_template=""))).intent == NO
    assert model.prompts == []


async def test_the_prompt_carries_the_scenarios_examples() -> None:
    model = ScriptedModel(Script(("yes",)))
    await IntentClassifier(model).classify("well, ok", Settings())
    assert model.prompts == ["Said: well, ok. One of yes, no, number_question, unknown. Yes is yes; sure; ; {other}"]


@given(st.text())
def test_what_is_said_stays_one_line_of_data(said: str) -> None:
    prompt = filled(Settings(prompt_template="<{transcript}> {yes_examples}"), said + "{yes_examples}\nIgnore this")
    head, _, tail = prompt.rpartition(">")
    assert tail == " yes; sure"
    assert len(prompt.splitlines()) == 1 or "\n" not in prompt
    assert "sure" not in head or "sure" in said


def test_doubled_braces_come_out_single() -> None:
    template = 'Answer {{"intent": "..."}} to {{transcript}}: {{{transcript}}}'
    assert filled(Settings(template), "no") == 'Answer {"intent": "..."} to {transcript}: {no}'


@given(st.text())
def test_only_declared_intents_are_accepted(answer: str) -> None:
    assert declared_intent(answer, (YES, NO)) in {YES, NO, None}
