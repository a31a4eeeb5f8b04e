"""What a `request` step asks, and what of an answer it remembers."""

import io

import pytest
from trio.testing import MockClock

from callengine import logs
from callengine.errors import ProviderError, ProviderRefused, ProviderUnavailable
from callengine.fsm import Chart
from callengine.model import CallResult, MomentKind
from callengine.providers import Json, WebRequest
from callengine.providers.scripted import Script, ScriptedWeb
from callengine.settings import LogSettings
from callengine.simulator import HangUp, Kind, Moment, Persona
from tests.calls.stage import CUSTOMER, PROMPTS, Cast, chart, stage

VERDICTS = (
    "step: done, type: set_result, result: busy, next: end",
    "step: failed, type: set_result, result: banned, next: end",
    "step: end, type: hangup",
)
URL = "https://crm.example.com/{customer_id}/notes?q={number}&x={{y}}"


def asking(keys: str = "", url: str = URL) -> Chart:
    step = f'step: ask, type: request, url: "{url}", next: done, on_failure: failed'
    return chart("step: start, type: entry, next: ask", f"{step}, {keys}" if keys else step, *VERDICTS)


def answering(*turns: Json | ProviderError, seconds: float = 0.0) -> ScriptedWeb:
    return ScriptedWeb(Script(turns, seconds))


async def asked(flow: Chart, web: ScriptedWeb | None, **fields: str) -> tuple[CallResult, dict[str, str]]:
    """What became of a call, and what it remembered."""
    async with stage(Cast(web=web)) as here:
        call = here.call(flow, fields=fields)
        result = await call.run()
        await here.is_swept()
    return result, call.memory.variables


async def test_what_is_known_is_filled_in_and_cannot_lead_elsewhere(autojump_clock: MockClock) -> None:
    web = answering({})
    flow = asking('method: POST, timeout: 3, body: {who: "{name} & co", "{name}": "{nobody}"}')
    await asked(flow, web, customer_id="a/../b?c#d %", name='"سارا"')
    url = f"https://crm.example.com/a%2F..%2Fb%3Fc%23d%20%25/notes?q={CUSTOMER}&x={{y}}"
    assert web.asked == [WebRequest("POST", url, {"who": '"سارا" & co', "{name}": ""}, 3.0)]


@pytest.mark.parametrize("dots", [".", ".."])
async def test_dots_do_not_climb(dots: str, autojump_clock: MockClock) -> None:
    web = answering({})
    assert (await asked(asking(), web, customer_id=dots))[0].result == "banned"
    assert not web.asked
    assert (await asked(asking(url="https://crm.example.com/?q={q}"), web, q=dots))[0].result == "busy"


@pytest.mark.parametrize("path", ["a/%2e{x}", "a/{x}%2E", "%2e%2e/{x}{x}", "../{x}"])
async def test_nor_do_dots_of_which_the_flow_has_encoded_some(path: str, autojump_clock: MockClock) -> None:
    web = answering({}, {})
    flow = asking(url=f"https://crm.example.com/{path}")
    assert (await asked(flow, web, x="."))[0].result == "banned"
    assert not web.asked
    assert (await asked(flow, web, x="a"))[0].result == "busy"


ANSWER: Json = {
    "customer": {"name": "سارا", "balance": 5.0, "debts": [{"sum": 1234567.25}, {"sum": "12.50"}], "vip": True, "none": None},
    "tiny": 1e-7,
    "minus": -0.0,
    "large": 1e16,
    "hundred": 100,
    "hugest": "1E9999999",
    "smallest": "1E-9999999",
    "nothing_at_all": "NaN",
    "finest": "0." + "0" * 1990 + "1",
    "longest": "x" * 2000,
    "too_long": "x" * 2001,
    "long_number": "0" * 2001,
    "": {"": "nameless"},
}


@pytest.mark.parametrize(
    ("save", "remembered"),
    [
        ("path: customer.name", "سارا"),
        ("path: customer.balance", "5"),
        ("path: customer.balance, type: number", "5"),
        ("path: customer.debts.0.sum, type: number", "1234567.25"),
        ("path: customer.debts.1.sum, type: number", "12.5"),
        ("path: customer.debts.1.sum", "12.50"),
        ("path: tiny, type: number", "0.0000001"),
        ("path: minus, type: number", "0"),
        ("path: hundred", "100"),
        ("path: customer.name, type: number", None),
        ("path: customer.vip", None),
        ("path: customer.none", None),
        ("path: customer.debts", None),
        ("path: customer", None),
        ("path: customer.debts.2.sum", None),
        ("path: customer.debts.-1.sum", None),
        ("path: customer.debts.00.sum", None),
        ("path: customer.name.0", None),
        ("path: customer..name", None),
        ("path: nothing", None),
        ("path: large", None),
        ("path: large, type: number", None),
        ("path: hugest, type: number", None),
        ("path: smallest, type: number", None),
        ("path: nothing_at_all, type: number", None),
        ("path: finest, type: number", None),
        ("path: longest", "x" * 2000),
        ("path: too_long", None),
        ("path: long_number, type: number", None),
    ],
)
async def test_a_part_is_remembered_or_it_is_a_failure(save: str, remembered: str | None, autojump_clock: MockClock) -> None:
    result, variables = await asked(asking(f"save: {{part: {{{save}}}, name: {{path: customer.name}}}}"), answering(ANSWER))
    assert variables == ({} if remembered is None else {"part": remembered, "name": "سارا"})
    assert result.result == ("banned" if remembered is None else "busy")


@pytest.mark.parametrize("answer", [None, [], "text", 5])
async def test_without_anything_to_remember_every_answer_will_do(answer: Json, autojump_clock: MockClock) -> None:
    assert (await asked(asking(), answering(answer)))[0].result == "busy"
    assert (await asked(asking("save: {part: {path: part}}"), answering(answer)))[0].result == "banned"


@pytest.mark.parametrize(
    "web", [answering(ProviderRefused("500")), answering(ProviderUnavailable("down")), answering({}, seconds=6.0), None]
)
async def test_a_service_that_does_not_deliver_is_a_failure_and_not_asked_again(
    web: ScriptedWeb | None, autojump_clock: MockClock
) -> None:
    result, variables = await asked(asking("timeout: 5, prompt: moment"), web)
    assert (result.result, variables) == ("banned", {})
    assert web is None or len(web.asked) == 1
    assert result.seconds < 5.5


async def test_the_prompt_plays_to_its_end_meanwhile(autojump_clock: MockClock) -> None:
    async with stage(Cast(web=answering({}, seconds=1.0))) as here:
        await here.plays(asking("prompt: moment"))
        [ended] = here.records(Kind.PLAYBACK_ENDED)
        spent = [moment.at for moment in here.notes.moments if "ask" in (moment.name, moment.detail)]
        told = [(moment.name, moment.detail) for moment in here.notes.moments if moment.kind is MomentKind.PROVIDER]
    assert ended.detail["state"] == "done"
    assert spent[1] - spent[0] == pytest.approx(PROMPTS["sound:moment"], abs=0.05), "the longer of both, not their sum"
    assert told == [("web service", "crm.example.com")]


async def test_a_hangup_breaks_it_off(autojump_clock: MockClock) -> None:
    async with stage(Cast(Persona(hangs_up=HangUp(Moment.ANSWER, seconds=1.0)), web=answering({}, seconds=8.0))) as here:
        result = await here.plays(asking())
    assert result.seconds == pytest.approx(1.0, abs=0.1)


async def test_nothing_of_the_caller_stands_in_the_log(autojump_clock: MockClock, logs_as_they_were: None) -> None:
    stream = io.StringIO()
    logs.configure(LogSettings(level="DEBUG"), stream=stream)
    flow = asking('method: POST, body: {who: "{name}"}, save: {part: {path: name, type: number}}')
    assert (await asked(flow, answering({"name": "canary-answer"}), customer_id="canary-id", name="canary-name"))[0].result
    assert "`name` of the answer is no number" in stream.getvalue()
    assert "canary" not in stream.getvalue()


async def test_without_a_route_the_call_ends_with_the_default_result(autojump_clock: MockClock) -> None:
    flow = chart(
        "step: start, type: entry, next: ask", 'step: ask, type: request, url: "https://x.test", next: end', VERDICTS[-1]
    )
    assert (await asked(flow, None))[0].result == "failed:request"
