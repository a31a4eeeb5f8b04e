"""The doctor on a real Asterisk: what it says of one that is well, and of what people get wrong."""

from pathlib import Path

import attrs
import pytest

from callengine.doctor import State
from callengine.settings import (
    AriSettings,
    AudioSettings,
    DialingSettings,
    OperatorSettings,
    ScenarioSettings,
    Secret,
    Settings,
)
from tests.doctor.ward import examined
from tests.e2e.ami import ChannelLog
from tests.e2e.asterisk import Asterisk, Leftovers
from tests.e2e.conftest import fetching
from tests.e2e.engine import DESK, LINES, OFFICE
from tests.e2e.packages import require


@pytest.fixture(autouse=True)
def ffmpeg(request: pytest.FixtureRequest) -> None:
    with fetching(request.config):
        require("ffmpeg")


def settings_on(asterisk: Asterisk, ari: AriSettings) -> Settings:
    return Settings(
        ari=attrs.evolve(ari, ws_url=f"ws{ari.base_url.removeprefix('http')}/events"),
        dialing=DialingSettings(trunk="trunk", outbound_numbers=LINES),
        operators=OperatorSettings(endpoint=DESK),
        scenarios=ScenarioSettings(dir=OFFICE),
        audio=AudioSettings(sound_dir=(asterisk.sounds,)),
    )


async def test_a_pbx_that_is_well(asterisk: Asterisk, ari: AriSettings, channel_log: ChannelLog, tmp_path: Path) -> None:
    found = await examined(settings_on(asterisk, ari), tmp_path)
    wrong = [(each.what, each.sentence) for each in found.wrong if each.what != "scenarios"]
    assert wrong == []
    well = {each.what for each in found.findings if each.state is State.OK}
    assert {"PBX", "clock", "modules", "recordings", "application", "event socket", "trunk", "operators", "prompts"} <= well
    assert "The PBX finds what is put into" in found.of("sounds")[-1].sentence
    assert channel_log.channels == {}
    assert await asterisk.leftovers() == Leftovers()


async def test_what_people_get_wrong(asterisk: Asterisk, ari: AriSettings, tmp_path: Path) -> None:
    well = settings_on(asterisk, ari)
    refused = await examined(attrs.evolve(well, ari=attrs.evolve(well.ari, password=Secret("canary-wrong"))), tmp_path)
    assert "ARI_USERNAME and ARI_PASSWORD" in refused.one("PBX").remedy
    elsewhere = attrs.evolve(well.ari, base_url=well.ari.base_url.removesuffix("/ari") + "/other")
    assert "no REST interface" in (await examined(attrs.evolve(well, ari=elsewhere), tmp_path)).one("PBX").sentence
    (tmp_path / "custom").mkdir()
    (tmp_path / "flows").mkdir()
    office = next(OFFICE.glob("*.yaml")).read_text(encoding="utf-8")
    (tmp_path / "flows" / "other.yaml").write_text(office.replace("sound:custom/", "sound:custom/not-"), encoding="utf-8")
    ill = attrs.evolve(
        well,
        dialing=DialingSettings(trunk="nowhere", outbound_numbers=LINES),
        audio=AudioSettings(sound_dir=(tmp_path / "custom",)),
        scenarios=ScenarioSettings(dir=tmp_path / "flows"),
    )
    found = await examined(ill, tmp_path)
    assert "The PBX has no endpoint PJSIP/nowhere" in found.one("trunk").sentence
    assert "does not find" in found.one("sounds").sentence
    assert "custom/not-" in found.one("prompts").sentence
