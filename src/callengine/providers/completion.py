"""The bodies of chat completions: one JSON object, or the same in pieces as server-sent events."""

import msgspec

from callengine.errors import BalanceExhausted, ProviderRefused, ProviderUnavailable

QUOTA_TEXTS = ("pre_consume_token_quota_failed", "token quota is not enough", "insufficient_quota")
"""GapGPT's words for an empty account (with various statuses), and OpenAI's (with 429)."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_BEGIN_EVENTS = (b"data:", b"event:", b"id:", b"retry:", b":")


class _Part(msgspec.Struct):
    text: str = ""


class _Message(msgspec.Struct):
    content: str | list[_Part] | None = None
    refusal: str | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "".join(part.text for part in self.content)
        return self.content or ""


class _Choice(msgspec.Struct):
    message: _Message = msgspec.field(default_factory=_Message)
    delta: _Message = msgspec.field(default_factory=_Message)
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]


def content_of(body: bytes) -> str:
    """Return the text of a successful response.

    GapGPT may answer with server-sent events although nobody asked for them.

    Raises:
        BalanceExhausted: it says, in place of a completion, that the account is empty.
        ProviderRefused: the model, or a filter of the service, will not answer.
        ProviderUnavailable: it is something else, holds no text, or breaks off.
    """
    body = body.removeprefix(_BYTE_ORDER_MARK).lstrip()
    return _of_events(body) if body.startswith(_BEGIN_EVENTS) else _of_object(body)


def names_empty_account(body: bytes) -> bool:
    """Whether an error's body says that the quota is used up. One that repeats what the caller said says nothing."""
    return b"transcript>" not in body and any(text.encode() in body for text in QUOTA_TEXTS)


def _of_object(body: bytes) -> str:
    choices = _choices(body)[:1]
    return _whole([choice.message for choice in choices], choices[0].finish_reason if choices else None)


def _of_events(body: bytes) -> str:
    messages: list[_Message] = []
    for line in body.splitlines():
        if not line.startswith(b"data:"):
            continue
        data = line.removeprefix(b"data:").strip()
        if data == b"[DONE]":
            return _whole(messages)
        for choice in _choices(data)[:1]:
            messages += (choice.delta, choice.message)
            if choice.finish_reason:
                return _whole(messages, choice.finish_reason)
    raise ProviderUnavailable("the language model's completion broke off")


def _choices(data: bytes) -> list[_Choice]:
    try:
        return msgspec.json.decode(data, type=_Completion).choices
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # A completion that breaks off may quote the caller, whose words must not stop the dialler.
        if names_empty_account(data) and b'"choices"' not in data:
            raise BalanceExhausted("the language model's account is empty") from None
        raise ProviderUnavailable("what the language model sent is no completion") from None


def _whole(messages: list[_Message], finish_reason: str | None = None) -> str:
    if finish_reason == "content_filter" or any(message.refusal for message in messages):
        raise ProviderRefused("the language model will not answer this")
    if finish_reason == "length":
        raise ProviderUnavailable("the language model's answer is cut off: it reached a limit of length")
    text = "".join(message.text for message in messages)
    if not text:
        raise ProviderUnavailable("the language model's completion holds no text")
    return text
