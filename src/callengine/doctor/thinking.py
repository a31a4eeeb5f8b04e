"""Whether a language model understands what somebody wants: one short sentence is to be put under one of two words."""

from typing import Final

import attrs
import trio

from callengine.doctor.asking import Service, asked
from callengine.doctor.finding import Sheet
from callengine.doctor.patient import Patient
from callengine.engine.outfit import OPENAI, language_model_of
from callengine.model import Intent
from callengine.providers.question import Question
from callengine.providers.verdicts import verdict_of
from callengine.settings import Settings

WHAT: Final = "language model"

_QUESTION: Final = Question(
    instructions="Does the caller agree? Answer with one word, yes or no.", material="Yes, please.", choices=("yes", "no")
)
_DECLARED: Final = (Intent("yes"), Intent("no"))


async def check_model(patient: Patient, sheet: Sheet) -> None:
    """Have each model that is named classify something: that of the settings, and those of scenarios."""
    settings = patient.settings
    if not settings.llm.api_key and not settings.llm.openai_api_key:
        sheet.skip(WHAT, "No language model is configured (GAPGPT_API_KEY): intents come from each scenario's fallback_tokens")
        return
    named = (settings.llm.model, *(scenario.llm.model for scenario in patient.scenarios))
    async with trio.open_nursery() as nursery:
        for model in dict.fromkeys(filter(None, named)):
            nursery.start_soon(_check, settings, model, sheet)


async def _check(settings: Settings, name: str, sheet: Sheet) -> None:
    once = attrs.evolve(settings, http=attrs.evolve(settings.http, attempts=1, hedge_seconds=0.0))

    async def ask() -> str | None:
        async with language_model_of(once) as model:
            assert model is not None
            answer = await model.complete(attrs.evolve(_QUESTION, model=name))
        if verdict_of(answer, _DECLARED) is not None:
            return f"{name} answers"
        sheet.warn(
            WHAT,
            f"{name} answers {answer[:60]!r} where one of two words was asked for: then keywords decide",
            "Name a model in LLM_MODEL that keeps to what it is asked, or set LLM_STRUCTURED=on",
        )
        return None

    await asked(_service(settings), sheet, ask)


def _service(settings: Settings) -> Service:
    llm = settings.llm
    timeout = ("LLM_TIMEOUT", llm.timeout)
    if llm.api_key:
        return Service(WHAT, llm.base_url, "GAPGPT_API_KEY", "GAPGPT_BASE_URL", llm.base_url, "LLM_MODEL", timeout)
    return Service(WHAT, "OpenAI", "OPENAI_API_KEY", "OPENAI_API_KEY", OPENAI, "LLM_MODEL", timeout)
