"""Language models behind the OpenAI-compatible chat completions API: GapGPT, OpenAI, local servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from attrs import Factory, field, frozen
from attrs.validators import gt

from callengine.errors import ProviderRefused
from callengine.providers.chat import Forms, Structured, request_of
from callengine.providers.completion import content_of, names_empty_account
from callengine.providers.http import HttpService, checked_key, checked_url, open_service
from callengine.providers.question import Question


@frozen
class OpenAiConfig:
    """Where the model is and who pays.

    Attributes:
        base_url: up to and without `/chat/completions`.
        api_key: never shown, in no error either.
        model: the service's name for it, for questions that name none.
        timeout: seconds for each wait for the network; `Bounds` limit the whole.
        setting: that names the address, for messages.
        structured: whether the service is asked to answer in a form; `auto`: until it refuses to.
    """

    base_url: str
    api_key: str = field(repr=False)
    model: str = "gpt-4o-mini"
    timeout: float = field(default=20.0, validator=gt(0))
    setting: str = "GAPGPT_BASE_URL"
    structured: Structured = "auto"

    def __attrs_post_init__(self) -> None:
        checked_key(self.api_key, "the API key of the language model")
        checked_url(self.base_url, self.setting)


@frozen
class OpenAiModel:
    """A `LanguageModel`; made by `open_model`, which owns the connections."""

    config: OpenAiConfig
    service: HttpService
    forms: Forms = field(default=Factory(lambda self: Forms(self.config.structured), takes_self=True), init=False)

    async def complete(self, question: Question) -> str:
        """Return the model's answer.

        Raises:
            BalanceExhausted: the account is empty.
            ProviderThrottled: too many requests.
            ProviderRefused: the request or the key is wrong.
            ProviderUnavailable: the network or the service failed, or what came is no answer.
        """
        model = question.model or self.config.model
        in_form = self.forms.wanted(question, model)
        url = self.config.base_url.rstrip("/") + "/chat/completions"
        request = self.service.post(url, request_of(question, model, in_form=in_form))
        try:
            return content_of(await self.service.ask(request))
        except ProviderRefused as error:
            if not in_form or not self.forms.refused(model, error):
                raise
        return await self.complete(question)


@asynccontextmanager
async def open_model(config: OpenAiConfig, transport: httpx.AsyncBaseTransport | None = None) -> AsyncIterator[OpenAiModel]:
    """Hold the connections to the service while the block runs.

    Args:
        config: where and who.
        transport: instead of the network, for tests.
    """
    opened = open_service(
        "the language model",
        patience=config.timeout,
        headers={"Authorization": f"Bearer {config.api_key}"},
        secrets=(config.api_key,),
        empty_account=says_empty,
        transport=transport,
    )
    async with opened as service:
        yield OpenAiModel(config, service)


def says_empty(status: int, content: bytes) -> bool:
    """Whether an answer says that the account is used up: 403 is GapGPT's word for it, other services refuse a key so."""
    return status in {402, 403} or names_empty_account(content)
