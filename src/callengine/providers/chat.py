"""The bodies of requests for chat completions, with the form of the answer where the service knows forms."""

from typing import Literal

from attrs import define, field

from callengine.errors import ProviderRefused
from callengine.providers.base import Json
from callengine.providers.question import Question

Structured = Literal["auto", "on", "off"]

_REFUSING_STATUSES = {400, 422}
_NAMES_OF_FORM = ("response_format", "json_schema")


@define(eq=False)
class Forms:
    """Whether models are asked to answer in a form, as `response_format` says it, and which models will not have it.

    Attributes:
        mode: `on`: always. `off`: never. `auto`: until the service refuses it for a model.
    """

    mode: Structured = "auto"
    _without: set[str] = field(factory=set, init=False)

    def wanted(self, question: Question, model: str) -> bool:
        """Whether this model is asked for the form this time."""
        return bool(question.choices) and self.mode != "off" and model not in self._without

    def refused(self, model: str, refusal: ProviderRefused) -> bool:
        """Whether the service said that it will not have the form, and the question may be asked again without it.

        That it said so is remembered.
        """
        names_form = any(name in refusal.answer for name in _NAMES_OF_FORM)
        if self.mode != "auto" or refusal.status not in _REFUSING_STATUSES or not names_form:
            return False
        self._without.add(model)
        return True


def request_of(question: Question, model: str, *, in_form: bool) -> dict[str, Json]:
    """The body of a request. Instructions and material travel in messages of different roles."""
    if question.material:
        said = {"system": question.instructions, "user": question.material}
    else:
        said = {"user": question.instructions}
    messages: list[Json] = [{"role": role, "content": content} for role, content in said.items()]
    body: dict[str, Json] = {"model": model, "messages": messages, "temperature": 0, "stream": False}
    if in_form:
        body["response_format"] = _form(question.choices)
    return body


def _form(choices: tuple[str, ...]) -> Json:
    """One of the choices, and how sure the model is of it.

    No bounds on the number: some services refuse schemas that have them, and who reads the answer checks it anyway.
    """
    intents: list[Json] = list(choices)
    properties: dict[str, Json] = {
        "intent": {"type": "string", "enum": intents},
        "confidence": {"type": "number", "description": "How sure you are of the intent, from 0 to 1."},
    }
    schema: Json = {
        "type": "object",
        "properties": properties,
        "required": ["intent", "confidence"],
        "additionalProperties": False,
    }
    return {"type": "json_schema", "json_schema": {"name": "intent", "strict": True, "schema": schema}}
