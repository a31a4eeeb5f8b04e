"""What is said at start about transfers."""

import attrs
import pytest
from trio.testing import MockClock

from callengine.engine.notes import connects, notes_on_transfers
from callengine.engine.rosters import rosters_of
from callengine.engine.wiring import line_pool
from callengine.fsm import Scenario
from callengine.model import SystemAmbient
from callengine.providers import Speaker
from callengine.providers.scripted import ScriptedSpeaker
from callengine.settings import DialingSettings, LimitSettings, OperatorSettings, Settings, TestModeSettings
from tests.calls.stage import chart
from tests.engine.rig import SCENARIOS

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
