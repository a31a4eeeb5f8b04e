"""The panel over HTTP, in good and bad moods."""

import httpx
import pytest
import trio
from trio.testing import MockClock

from callengine.errors import ConfigError, PanelRefused, PanelUnavailable
from callengine.model import MessageId
from callengine.panel import REPORT_RESULT, PanelConfig, open_panel
from callengine.panel.client import LARGEST_ANSWER
from tests.panel.server import FakePanel, serving

TOKEN = "canary-7741"


def config(url: str = "http://panel.test/") -> PanelConfig:
    return PanelConfig(url, TOKEN, "salehi")


async def answered(response: httpx.Response) -> bytes:
    async with open_panel(config(), httpx.MockTransport(lambda _: response)) as panel:
        return await panel.next_batch(None)


async def test_every_request_names_the_company_and_shows_the_token() -> None:
    async with serving(FakePanel()) as server, open_panel(config(server.url)) as panel:
        await panel.next_batch(10)
        await panel.next_batch(None)
        await panel.tell(REPORT_RESULT, '{"company": "salehi"}', MessageId("m1"))
    sized, free, report = server.told
    assert sized.target == "/api/dialer/next-batch?size=10&company=salehi"
    assert free.target == "/api/dialer/next-batch?company=salehi"
    assert report.key == "m1"
    assert {told.headers["authorization"] for told in server.told} == {f"Bearer {TOKEN}"}


async def test_a_connection_that_breaks_off_is_no_answer() -> None:
    async with serving(FakePanel(batches=[None])) as server, open_panel(config(server.url)) as panel:
        with pytest.raises(PanelUnavailable):
            await panel.next_batch(None)


@pytest.mark.parametrize("status", [301, 400, 401, 404, 422])
async def test_a_no_is_told_without_the_token_on_one_line(status: int) -> None:
    with pytest.raises(PanelRefused) as raised:
        await answered(httpx.Response(status, text=f"{TOKEN}\n\x1b[0m", headers={"Location": "http://evil.test"}))
    assert raised.value.status == status
    assert TOKEN not in str(raised.value)
    assert str(raised.value).isprintable()


@pytest.mark.parametrize(("after", "seconds"), [("30", 30.0), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("9" * 400, None)])
async def test_a_panel_that_asks_for_patience_is_unavailable(after: str, seconds: float | None) -> None:
    with pytest.raises(PanelUnavailable) as raised:
        await answered(httpx.Response(429, headers={"Retry-After": after}))
    assert raised.value.retry_after == seconds


async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    with pytest.raises(PanelRefused, match="longer than"):
        await answered(httpx.Response(200, content=b" " * (LARGEST_ANSWER + 1)))


async def test_a_panel_that_says_nothing_is_given_up(autojump_clock: MockClock) -> None:
    async def silent(_: httpx.Request) -> httpx.Response:
        await trio.sleep_forever()
        raise AssertionError

    async with open_panel(config(), httpx.MockTransport(silent)) as panel:
        with pytest.raises(PanelUnavailable, match="10 s"):
            await panel.next_batch(None)


def test_settings_that_cannot_work_are_told_of_by_name() -> None:
    with pytest.raises(ConfigError, match="PANEL_API_TOKEN"):
        PanelConfig("http://panel.test", "two words", "c")
    with pytest.raises(ConfigError, match="PANEL_BASE_URL"):
        PanelConfig("panel.test", TOKEN, "c")
