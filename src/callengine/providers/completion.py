"""The bodies of chat completions: one JSON object, or the same in pieces as server-sent events."""

import msgspec

from callengine.errors import BalanceExhausted, ProviderUnavailable

QUOTA_TEXTS = ("pre_consume_token_quota_failed", "token quota is not enough", "insufficient_quota")
"""GapGPT's words for an empty account (with various statuses), and OpenAI's (with 429)."""


class _Message(msgspec.Struct):
    content: str | None = None


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
        ProviderUnavailable: it is something else, or breaks off.
    """
    try:
        if body.lstrip().startswith((b"data:", b"event:", b":")):
            return _of_events(body)
        return _of_object(body)
    except msgspec.DecodeError:
        if names_empty_account(body):
            raise BalanceExhausted("the language model's account is empty") from None
        raise ProviderUnavailable("what the language model sent is no completion") from None


def names_empty_account(body: bytes) -> bool:
    """Whether an error's body says that the quota is used up."""
    return any(text.encode() in body for text in QUOTA_TEXTS)


def _of_object(body: bytes) -> str:
    choices = msgspec.json.decode(body, type=_Completion).choices
    if not choices or choices[0].message.content is None:
        raise ProviderUnavailable("the language model's completion holds no text")
    return choices[0].message.content


def _of_events(body: bytes) -> str:
    pieces: list[str] = []
    for line in body.splitlines():
        if not line.startswith(b"data:"):
            continue
        data = line.removeprefix(b"data:").strip()
        if data == b"[DONE]":
            return _whole(pieces)
        for choice in msgspec.json.decode(data, type=_Completion).choices[:1]:
            pieces.append(choice.delta.content or choice.message.content or "")
            if choice.finish_reason:
                return _whole(pieces)
    raise ProviderUnavailable("the language model's completion broke off")


def _whole(pieces: list[str]) -> str:
    text = "".join(pieces)
    if not text:
        raise ProviderUnavailable("the language model's completion holds no text")
    return text
