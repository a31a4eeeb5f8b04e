"""Short messages, and a service that will not send them."""

import httpx
import msgspec
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from callengine.errors import ConfigError, ProviderError, ProviderRefused, ProviderThrottled, ProviderUnavailable
from callengine.providers.melipayamak import MeliPayamakConfig, open_messenger, says_failed

KEY = "canary-5521"
URL = f"https://console.melipayamak.com/api/send/advanced/{KEY}"


async def send() -> None:
    async with open_messenger(MeliPayamakConfig(KEY, "50004")) as messenger:
        await messenger.send("09121234567", "سلام")


@respx.mock
async def test_a_message_is_sent_as_the_service_wants_it() -> None:
    asked = respx.post(URL).respond(json={"recIds": [1], "status": ""})
    await send()
    [call] = asked.calls
    assert msgspec.json.decode(call.request.content) == {"from": "50004", "to": ["09121234567"], "text": "سلام", "udh": ""}


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, ProviderRefused), (302, ProviderRefused), (429, ProviderThrottled), (500, ProviderUnavailable)],
)
@respx.mock
async def test_what_went_wrong_is_told_without_the_key(status: int, error: type[ProviderError]) -> None:
    respx.post(URL).respond(status, text=f"no {KEY}\nhere")
    with pytest.raises(error) as raised:
        await send()
    assert KEY not in str(raised.value)
    assert "\n" not in str(raised.value)


@respx.mock
async def test_a_link_that_fails_is_told_without_the_key() -> None:
    respx.post(URL).mock(side_effect=httpx.ConnectError(URL))
    with pytest.raises(ProviderUnavailable) as raised:
        await send()
    assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        ({"recIds": [5001], "status": ""}, True),
        ({"recIds": [3741437414], "status": "ارسال موفق بود"}, True),
        ({"recId": 3741437414, "status": "ارسال موفق بود"}, True),
        ({"recIds": ["3741437414"]}, True),
        ({"recIds": [], "status": "اعتبار کافی نمی باشد"}, False),
        ({"recIds": None, "status": "شماره فرستنده معتبر نمی باشد"}, False),
        ({"recIds": [0], "status": ""}, False),
        ({"recIds": [None], "status": "no such line"}, False),
        ({"recId": 0}, False),
        ({"recId": -5, "status": "ارسال موفق بود"}, False),
        ({"status": f"no key {KEY}"}, False),
        ({}, True),
        ({"status": ""}, True),
        ("queued", True),
        (None, True),
    ],
)
@respx.mock
async def test_a_success_may_say_that_nothing_was_sent(answer: object, sent: bool) -> None:
    respx.post(URL).respond(json=answer)
    if sent:
        await send()
        return
    with pytest.raises(ProviderRefused, match="did not send") as raised:
        await send()
    assert KEY not in str(raised.value)


@given(st.binary(max_size=80) | st.sampled_from([b"[" * 100_000, b'{"recIds":' * 2_000]))
def test_no_answer_is_too_odd_to_be_read(content: bytes) -> None:
    assert says_failed(content) in {True, False}


def test_a_key_that_cannot_be_one_is_told_of_at_start() -> None:
    for key in ("two words", ""):
        with pytest.raises(ConfigError, match="SMS_API_KEY"):
            MeliPayamakConfig(key, "50004")


CREDIT_URL = f"https://console.melipayamak.com/api/receive/credit/{KEY}"


@respx.mock
async def test_the_credit_is_told_and_nothing_sent() -> None:
    respx.get(CREDIT_URL).respond(json={"amount": 37414, "status": ""})
    async with open_messenger(MeliPayamakConfig(KEY, "50004")) as messenger:
        assert await messenger.credit() == 37414


@pytest.mark.parametrize("answer", [{"status": f"no {KEY}"}, {"amount": None, "status": "no"}])
@respx.mock
async def test_a_credit_that_is_not_told(answer: dict[str, str | None]) -> None:
    respx.get(CREDIT_URL).respond(json=answer)
    async with open_messenger(MeliPayamakConfig(KEY, "50004")) as messenger:
        with pytest.raises(ProviderRefused) as raised:
            await messenger.credit()
    assert KEY not in str(raised.value)
