"""What is said at start about the scenarios."""

import attrs
import pytest
from trio.testing import MockClock

from callengine.engine import Outfit
from callengine.engine.notes import connects, notes_on_doing, notes_on_machines, notes_on_texts, notes_on_transfers
from callengine.engine.rosters import rosters_of
from callengine.engine.wiring import line_pool
from callengine.fsm import RateLimits, Scenario
from callengine.model import SystemAmbient
from callengine.providers import IntentClassifier, Speaker
from callengine.providers.scripted import LoudnessJudge, Script, ScriptedMessenger, ScriptedSpeaker, ScriptedWeb
from callengine.providers.web import WebHosts
from callengine.settings import DialingSettings, LimitSettings, OperatorSettings, Settings, TestModeSettings
from tests.calls.stage import chart
from tests.engine.rig import SCENARIOS
from tests.engine.service import SILENT, A, B

ONE_SLOT = Settings(dialing=DialingSettings(outbound_numbers=("0211",), trunk="trunk"), limits=LimitSettings(concurrent=1))
MOBILE = OperatorSettings(mobile_numbers=("09121234567",))
WHISPERING = chart(
    "step: start, type: entry, next: connect",
    "step: connect, type: transfer_to_operator, agent_type: outbound, on_success: end, on_failure: end, whisper_text: Hello",
    "step: end, type: hangup",
).scenario


def notes(
    settings: Settings,
    *,
    operators: OperatorSettings = MOBILE,
    scenarios: tuple[Scenario, ...] = SCENARIOS,
    speaker: Speaker | None = None,
) -> list[str]:
    settings = attrs.evolve(settings, operators=operators)
    slots = line_pool(settings, SystemAmbient(), transfers_over_trunk=True).slots
    return list(notes_on_transfers(scenarios, rosters_of(settings, scenarios), slots, speaker))


def test_callers_who_go_straight_to_operators_are_transfers_too() -> None:
    silent = attrs.evolve(WHISPERING, flow=attrs.evolve(WHISPERING.flow, steps=()))
    assert connects((silent,))
    assert not connects((attrs.evolve(silent, inbound_flow=silent.flow),))
    assert connects(SCENARIOS)


@pytest.mark.parametrize("limits", [RateLimits(max_calls_per_minute=5), RateLimits(max_calls_per_day=100)])
def test_whoever_calls_beyond_the_rate_limits_of_all_scenarios_is_connected(limits: RateLimits) -> None:
    limited = attrs.evolve(A, rate_limits=limits)
    assert connects((limited,))
    assert connects((limited, attrs.evolve(B, rate_limits=limits)))
    assert connects((limited, SILENT)), "one without an inbound flow takes no caller"
    assert not connects((limited, B)), "somebody is always served by the other one"
    assert not connects((attrs.evolve(A, rate_limits=RateLimits()),))


async def test_who_is_connected_for_a_rate_limit_needs_an_operator(autojump_clock: MockClock) -> None:
    limited = attrs.evolve(A, rate_limits=RateLimits(max_calls_per_minute=5))
    assert not notes(ONE_SLOT, operators=OperatorSettings(), scenarios=(A,))
    [note] = notes(ONE_SLOT, operators=OperatorSettings(), scenarios=(limited,))
    assert "No operator is configured" in note
    [note] = notes(ONE_SLOT, scenarios=(limited,))
    assert "one slot in all" in note


@pytest.mark.parametrize(
    ("operators", "over_trunk"),
    [
        (OperatorSettings(mobile_numbers=("09121234567",)), True),
        (OperatorSettings(inbound=("Sara=09121234567",)), True),
        (OperatorSettings(outbound=("PJSIP/09121234567@trunk",)), True),
        (OperatorSettings(endpoint="PJSIP/09121234567@trunk"), True),
        (OperatorSettings(extension="7000", trunk="trunk"), True),
        (OperatorSettings(extension="7000", trunk="pbx"), False),
        (OperatorSettings(inbound=("PJSIP/200@pbx",)), False),
        (OperatorSettings(endpoint="PJSIP/200", extension="7000", trunk="trunk"), False),
        (OperatorSettings(inbound=("PJSIP/1@pbx",), outbound=("PJSIP/2@pbx",), mobile_numbers=("0912",)), False),
    ],
)
async def test_the_one_slot_counts_wherever_an_operator_is_rung_over_the_trunk(
    autojump_clock: MockClock, operators: OperatorSettings, over_trunk: bool
) -> None:
    assert any("one slot in all" in note for note in notes(ONE_SLOT, operators=operators)) is over_trunk


async def test_in_test_mode_operator_legs_take_no_slot(autojump_clock: MockClock) -> None:
    rehearsal = attrs.evolve(ONE_SLOT, test_mode=TestModeSettings(on=True, redirect_number="0913"))
    assert not notes(rehearsal)


async def test_transfers_without_operators(autojump_clock: MockClock) -> None:
    [note] = notes(ONE_SLOT, operators=OperatorSettings())
    assert "OPERATOR_MOBILE_NUMBERS" in note
    silent = attrs.evolve(WHISPERING, flow=attrs.evolve(WHISPERING.flow, steps=()))
    assert not notes(ONE_SLOT, operators=OperatorSettings(), scenarios=(attrs.evolve(silent, inbound_flow=silent.flow),))


async def test_a_whisper_nobody_can_speak(autojump_clock: MockClock) -> None:
    desk = OperatorSettings(endpoint="PJSIP/200@pbx")
    [note] = notes(ONE_SLOT, operators=desk, scenarios=(WHISPERING,))
    assert "TTS_PROVIDER" in note
    assert not notes(ONE_SLOT, operators=desk, scenarios=(WHISPERING,), speaker=ScriptedSpeaker())


DOING = chart(
    "step: start, type: entry, next: ask",
    'step: ask, type: request, url: "https://crm.example.com/{name}", next: also, on_failure: also',
    'step: also, type: request, url: "https://crm.example.com/", next: other, on_failure: other',
    'step: other, type: request, url: "http://intern.test:8080/", next: tell, on_failure: tell',
    "step: tell, type: send_sms, text: hello, next: later, on_failure: later",
    "step: later, type: schedule_callback, after: 60, next: again, on_failure: again",
    "step: again, type: schedule_callback, after: 90, next: end, on_failure: end",
    "step: end, type: hangup",
).scenario


def test_steps_that_cannot_do_what_they_say_are_told_of_once() -> None:
    silent = Outfit(None, IntentClassifier())
    crm, intern, messages = notes_on_doing((DOING, WHISPERING), silent)
    assert crm.startswith("REQUEST_HOSTS does not name crm.example.com:")
    assert intern.startswith("REQUEST_HOSTS does not name intern.test:8080:")
    assert "every `send_sms` of scenario 'test' takes on_failure" in messages
    assert "SMS_API_KEY and SMS_FROM, or SMS_WEBHOOK_URL" in messages


def test_what_works_is_not_told_of() -> None:
    web = ScriptedWeb(Script((None,)))
    some = Outfit(None, IntentClassifier(), None, ScriptedMessenger(), web, WebHosts(frozenset({"crm.example.com"})))
    assert ["intern.test:8080" in note for note in notes_on_doing((DOING,), some)] == [True]
    assert not list(notes_on_doing((DOING,), attrs.evolve(some, hosts=None)))
    assert not list(notes_on_doing((WHISPERING,), Outfit(None, IntentClassifier())))


@pytest.mark.parametrize(
    "asks",
    [
        "type: say, text: Hello, next: end",
        "type: menu, text: One?, options: [{key: 1, next: end}], on_no_input: end, on_no_match: end",
        "type: collect_digits, text: Number?, variable: it, next: end, on_no_input: end, on_invalid: end",
    ],
)
def test_texts_nobody_can_speak(asks: str) -> None:
    speaking = chart("step: start, type: entry, next: ask", f"step: ask, {asks}", "step: end, type: hangup").scenario
    [note] = notes_on_texts((*SCENARIOS, speaking, speaking), None)
    assert "TTS_PROVIDER, AST_SOUND_DIR" in note
    assert "ask in test" in note
    assert not list(notes_on_texts((speaking,), ScriptedSpeaker()))


def detecting(by: str) -> Scenario:
    return chart(
        "step: start, type: entry, next: who",
        f"step: who, type: detect_machine, by: {by}, human: end, machine: end, not_sure: end",
        "step: end, type: hangup",
    ).scenario


def test_machines_that_cannot_be_told_by_their_voice() -> None:
    [note] = notes_on_machines((*SCENARIOS, detecting("voice"), detecting("talk")), None)
    assert "pip install 'callengine[vad]'" in note
    assert note.endswith("in test")
    assert not list(notes_on_machines((detecting("voice"),), LoudnessJudge()))
    assert not list(notes_on_machines((detecting("talk"), detecting("amd")), None))


def test_prompts_need_nobody_to_speak() -> None:
    assert not list(notes_on_texts((*SCENARIOS, WHISPERING), None))


async def test_a_place_in_line_nobody_can_speak(autojump_clock: MockClock) -> None:
    queueing = chart(
        "step: start, type: entry, next: line",
        "step: line, type: queue, agent_type: outbound, on_success: end, on_failure: end, on_timeout: end,"
        ' position_text: "{position}"',
        "step: end, type: hangup",
    ).scenario
    desk = OperatorSettings(endpoint="PJSIP/200@pbx")
    [note] = notes(ONE_SLOT, operators=desk, scenarios=(queueing,))
    assert "position_text" in note
    assert not notes(ONE_SLOT, operators=desk, scenarios=(queueing,), speaker=ScriptedSpeaker())
