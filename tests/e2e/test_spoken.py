"""What is spoken to somebody, by way of a real Asterisk: they hear it, though they talk with an operator."""

from callengine.providers import Speaker
from callengine.providers.local import PocketsphinxSpeechToText
from callengine.settings import AriSettings
from tests.e2e import people
from tests.e2e.asterisk import Asterisk
from tests.e2e.checks import assert_nothing_left
from tests.e2e.ears import recording
from tests.e2e.engine import LINES, VOICE, on_asterisk, running, settings_for
from tests.e2e.listening import hear
from tests.e2e.people import PROMPT_SECONDS
from tests.e2e.phones import Phones

KEY = 1.0
"""Seconds from the answer to the key that ends the question."""


async def test_it_is_heard_as_soon_as_a_key_has_ended_the_question(
    asterisk: Asterisk, ari: AriSettings, ears: PocketsphinxSpeechToText, speaker: Speaker, phones: Phones
) -> None:
    settings = settings_for(ari, operators=[people.PRESSES_NOTHING.digits])
    campaign = on_asterisk(settings, [], ears, VOICE, speaker)
    async with running(campaign):
        became = await phones.call(LINES[0], people.CHOOSES_WHILE_CONNECTED, asterisk.settings.sip_port)
        await campaign.notebook.wait_results(1)
    answered = became.began + (became.answered_after or 0.0)
    after = [each for each in became.heard if KEY < each.at - answered < KEY + 2 * PROMPT_SECONDS]
    assert hear(recording(after), ("sure", "no", "yes")) == "sure"
    await assert_nothing_left(campaign, asterisk)
