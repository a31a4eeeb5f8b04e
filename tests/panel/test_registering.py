"""What the panel is told at start, whatever mood it is in."""

import json
from itertools import pairwise

import pytest
import trio
from attrs import define, field
from structlog.testing import capture_logs
from trio.testing import MockClock

from callengine.errors import PanelRefused, PanelUnavailable
from callengine.model import LineId, LineSpec, MessageId, SeededAmbient
from callengine.panel import Registrar
from callengine.panel.registering import LONGEST_PAUSE

DOWN = PanelUnavailable("no route")


@define
class Panel:
    """Fails as it is told to, then takes everything.

    Attributes:
        told: path, body and key of each request, and when it came.
    """

    moods: list[Exception] = field(factory=list)
    told: list[tuple[str, object, str, float]] = field(factory=list)

    async def tell(self, path: str, body: str, key: MessageId) -> None:
        await trio.lowlevel.checkpoint()
        self.told.append((path, json.loads(body), key, trio.current_time()))
        if self.moods:
            raise self.moods.pop(0)


def registrar(panel: Panel, *, old_fields: bool = False) -> Registrar:
    return Registrar(panel, "salehi", SeededAmbient(1, trio.current_time), old_fields)


async def test_scenarios_and_lines_are_named_and_shown() -> None:
    panel = Panel()
    with capture_logs() as logs:
        await registrar(panel).scenarios([("spring", "Spring offer"), ("autumn", "")])
        await registrar(panel).lines([LineSpec(LineId("0211"), "0211", display_name="Main"), LineSpec(LineId("0212"), "0212")])
    assert [(path, body) for path, body, _, _ in panel.told] == [
        (
            "/api/dialer/register-scenarios",
            {
                "company": "salehi",
                "scenarios": [
                    {"name": "spring", "display_name": "Spring offer"},
                    {"name": "autumn", "display_name": "autumn"},
                ],
            },
        ),
        (
            "/api/dialer/register-outbound-lines",
            {
                "company": "salehi",
                "lines": [
                    {"phone_number": "0211", "display_name": "Main"},
                    {"phone_number": "0212", "display_name": "0212"},
                ],
            },
        ),
    ]
    assert [log["event"] for log in logs] == ["Registered 2 scenarios with panel", "Registered 2 outbound lines with panel"]


async def test_older_panels_get_names_alone() -> None:
    panel = Panel()
    await registrar(panel, old_fields=True).scenarios([("spring", "Spring offer")])
    assert panel.told[0][1] == {"company": "salehi", "scenarios": ["spring"]}


async def test_a_panel_that_is_down_is_tried_again_under_one_key_and_ever_less_often(autojump_clock: MockClock) -> None:
    panel = Panel([DOWN] * 20)
    await registrar(panel).scenarios([("spring", "")])
    times = [at for *_, at in panel.told]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) == 21
    assert len({key for _, _, key, _ in panel.told}) == 1
    assert pauses[0] <= 1.0
    assert max(pauses) <= LONGEST_PAUSE and min(pauses[-5:]) >= LONGEST_PAUSE / 2


@pytest.mark.parametrize(("asked", "waits"), [(40.0, 40.0), (10_000.0, LONGEST_PAUSE)])
async def test_it_waits_as_long_as_the_panel_asks_but_not_for_ever(
    asked: float, waits: float, autojump_clock: MockClock
) -> None:
    panel = Panel([PanelUnavailable("busy", status=503, retry_after=asked)])
    await registrar(panel).scenarios([("spring", "")])
    (*_, first), (*_, second) = panel.told
    assert second - first == pytest.approx(waits)


async def test_a_panel_that_will_not_hear_of_it_is_left_alone() -> None:
    panel = Panel([PanelRefused("unknown path", 404)])
    with capture_logs() as logs:
        await registrar(panel).scenarios([("spring", "")])
    assert len(panel.told) == 1
    assert logs[0]["log_level"] == "warning"
