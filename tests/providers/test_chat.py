"""Answers in a form, where the service knows forms."""

import httpx
import msgspec
import pytest

from callengine.errors import ProviderError, ProviderRefused
from callengine.providers import IntentClassifier, Question
from callengine.providers.chat import Structured
from callengine.providers.openai import OpenAiConfig, open_model
from tests.providers.test_intents import NO, Settings

QUESTION = Question("Which is it?", "<transcript>hm</transcript>", ("yes", "no"))
GOOD = b'{"choices": [{"message": {"content": "{\\"intent\\": \\"no\\", \\"confidence\\": 0.9}"}}]}'
REFUSAL = b'{"error": {"message": "Invalid parameter: \'response_format\' of type \'json_schema\' is not supported."}}'


class Service:
    """A service that knows forms, or refuses them; `asked` keeps the bodies of requests."""

    def __init__(self, status: int = 200, refusal: bytes = REFUSAL) -> None:
        self.status = status
        self.refusal = refusal
        self.asked: list[dict[str, object]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = msgspec.json.decode(request.content, type=dict[str, object])
        self.asked.append(body)
        if self.status != 200 and "response_format" in body:
            return httpx.Response(self.status, content=self.refusal)
        return httpx.Response(200, content=GOOD)

    @property
    def in_form(self) -> list[bool]:
        return ["response_format" in body for body in self.asked]


async def ask(service: Service, *questions: Question, structured: Structured = "auto") -> list[str | ProviderError]:
    config = OpenAiConfig("https://llm.test/v1", "sk", structured=structured)
    answers: list[str | ProviderError] = []
    async with open_model(config, httpx.MockTransport(service)) as model:
        for question in questions:
            try:
                answers.append(await model.complete(question))
            except ProviderError as error:
                answers.append(error)
    return answers


async def test_the_form_has_the_choices_and_a_confidence() -> None:
    service = Service()
    await ask(service, QUESTION)
    [body] = service.asked
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {
            "name": "intent",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": {
                    "intent": {"type": "string", "enum": ["yes", "no"]},
                    "confidence": {"type": "number", "description": "How sure you are of the intent, from 0 to 1."},
                },
                "required": ["intent", "confidence"],
                "additionalProperties": False,
            },
        },
    }
    assert body["messages"] == [
        {"role": "system", "content": "Which is it?"},
        {"role": "user", "content": "<transcript>hm</transcript>"},
    ]


@pytest.mark.parametrize("status", [400, 422])
async def test_a_service_that_refuses_the_form_is_asked_without_it_from_then_on(status: int) -> None:
    service = Service(status)
    assert await ask(service, QUESTION, QUESTION, QUESTION) == [GOOD_TEXT] * 3
    assert service.in_form == [True, False, False, False]


async def test_what_one_model_refuses_another_may_know() -> None:
    service = Service(400)
    other = Question(QUESTION.instructions, QUESTION.material, QUESTION.choices, "other")
    await ask(service, QUESTION, other, other)
    assert [(body["model"], form) for body, form in zip(service.asked, service.in_form, strict=True)] == [
        ("gpt-4o-mini", True),
        ("gpt-4o-mini", False),
        ("other", True),
        ("other", False),
        ("other", False),
    ]


async def test_another_refusal_is_a_refusal() -> None:
    for service in (Service(400, b"prompt is too long"), Service(401, REFUSAL)):
        [answer] = await ask(service, QUESTION)
        assert isinstance(answer, ProviderRefused)
        assert service.in_form == [True]


async def test_who_insists_on_the_form_hears_of_the_refusal() -> None:
    service = Service(400)
    [answer] = await ask(service, QUESTION, structured="on")
    assert isinstance(answer, ProviderRefused)
    assert "response_format" in str(answer)


async def test_no_form_is_asked_for_where_none_is_wanted() -> None:
    service = Service()
    await ask(service, QUESTION, structured="off")
    await ask(service, Question("Hello?"))
    assert service.in_form == [False, False]


async def test_a_scenario_names_its_model_and_hears_its_confidence() -> None:
    service = Service()
    async with open_model(OpenAiConfig("https://llm.test/v1", "sk"), httpx.MockTransport(service)) as model:
        understood = await IntentClassifier(model).classify("hm", Settings(model="large"))
    assert (understood.intent, understood.confidence) == (NO, 0.9)
    assert [body["model"] for body in service.asked] == ["large"]


GOOD_TEXT = '{"intent": "no", "confidence": 0.9}'
