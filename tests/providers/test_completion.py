"""What services send in place of a plain completion."""

import pytest

from callengine.errors import BalanceExhausted, ProviderError, ProviderRefused, ProviderUnavailable
from callengine.providers.completion import content_of

JSON = b'{"id": "1", "choices": [{"index": 0, "message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}]}'
BEGUN = b'data: {"choices": [{"delta": {"role": "assistant", "content": "number"}}]}\n\n'
EVENTS = BEGUN + b': ping\n\ndata: {"choices": [{"delta": {"content": "_question"}}]}\n\ndata: {"choices": []}\n\n'
DONE = b"data: [DONE]\n\n"
STOP = b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n'


def message(content: str, finish_reason: str = "stop", more: str = "") -> bytes:
    return f'{{"choices": [{{"message": {{"content": {content}{more}}}, "finish_reason": "{finish_reason}"}}]}}'.encode()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (JSON, "yes"),
        (b"\xef\xbb\xbf\r\n" + JSON, "yes"),
        (EVENTS + DONE, "number_question"),
        (EVENTS + STOP, "number_question"),
        ((EVENTS + DONE).replace(b"\n", b"\r\n"), "number_question"),
        (b"id: 1\nretry: 3000\nevent: message\n" + EVENTS + DONE, "number_question"),
        (b"data: " + JSON + b"\n\n", "yes"),
        (message('[{"type": "text", "text": "number"}, {"type": "text", "text": "_question"}]'), "number_question"),
        (message('[{"type": "reasoning", "summary": []}, {"type": "text", "text": "no"}]'), "no"),
        (message('"yes"', more=', "refusal": null, "tool_calls": []'), "yes"),
    ],
)
def test_every_way_to_send_a_completion_is_read(body: bytes, text: str) -> None:
    assert content_of(body) == text


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", ProviderUnavailable),
        (b"<!doctype html><html>maintenance</html>", ProviderUnavailable),
        (b"\xff\xfe", ProviderUnavailable),
        (b"[]", ProviderUnavailable),
        (b'{"x": ' + b"[" * 100_000, ProviderUnavailable),
        (b'{"choices": null}', ProviderUnavailable),
        (b'{"choices": []}', ProviderUnavailable),
        (b'{"choices": [{}]}', ProviderUnavailable),
        (message("null"), ProviderUnavailable),
        (message('""'), ProviderUnavailable),
        (message("[]"), ProviderUnavailable),
        (message('"ye"', "length"), ProviderUnavailable),
        (BEGUN + b'data: {"choices": [{"delta": {}, "finish_reason": "length"}]}\n\n', ProviderUnavailable),
        (EVENTS, ProviderUnavailable),
        (EVENTS[:-20], ProviderUnavailable),
        (DONE, ProviderUnavailable),
        (BEGUN + b'data: {"error": {"message": "overloaded"}}\n\n', ProviderUnavailable),
        (message("null", more=', "refusal": "I cannot help with that."'), ProviderRefused),
        (b'data: {"choices": [{"delta": {"refusal": "I cannot"}}]}\n\n' + STOP, ProviderRefused),
        (message('""', "content_filter"), ProviderRefused),
        (b'{"error": {"message": "token quota is not enough"}}', BalanceExhausted),
        (b'{"code": "pre_consume_token_quota_failed", "message": "..."}', BalanceExhausted),
        (b"token quota is not enough, token remain quota: 0", BalanceExhausted),
        (b'data: {"error": {"code": "insufficient_quota"}}\n\n', BalanceExhausted),
        (BEGUN + b'data: {"error": {"message": "token quota is not enough"}}\n\n', BalanceExhausted),
    ],
)
def test_everything_else_is_an_error_of_its_family(body: bytes, error: type[ProviderError]) -> None:
    with pytest.raises(error) as caught:
        content_of(body)
    assert type(caught.value) is error


@pytest.mark.parametrize("cut", range(len(JSON) - 1))
def test_json_that_breaks_off_anywhere_is_no_answer(cut: int) -> None:
    with pytest.raises(ProviderUnavailable):
        content_of(JSON[:cut])


def test_a_caller_who_speaks_of_quotas_stops_nobody() -> None:
    parroting = message('"token quota is not enough"')
    assert content_of(parroting) == "token quota is not enough"
    for body in (parroting[:-3], b"data: " + parroting[:-3]):
        with pytest.raises(ProviderUnavailable):
            content_of(body)
