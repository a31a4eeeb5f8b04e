"""Whether the PBX has what scenarios play."""

from collections.abc import Iterator
from functools import partial
from typing import Final

import trio

from callengine.ari import AriClient
from callengine.doctor.finding import Sheet
from callengine.doctor.patient import Patient
from callengine.errors import AriRefused
from callengine.providers.prompts import sources

WHAT: Final = "prompts"

MOST_NAMED: Final = 5
"""Prompts that are missing are named up to so many; the rest are counted."""

_SOUND: Final = "sound:"
_CUSTOM: Final = "custom/"


async def check_prompts(client: AriClient, patient: Patient, sheet: Sheet) -> None:
    """Ask the PBX for each sound that a scenario names. Those of AUDIO_SRC_DIR come there when a run begins.

    Raises:
        ConfigError: a folder of prompts cannot be read.
    """
    audio = patient.settings.audio
    found = await trio.to_thread.run_sync(partial(sources, audio.source_dir, audio.wav_dir), abandon_on_cancel=True)
    coming = {f"{_CUSTOM}{source.name}" for source in found}
    wanted = sorted(set(_named(patient)))
    absent = [name for name in wanted if not await has_sound(client, name)]
    missing = [name for name in absent if name not in coming]
    if missing:
        sheet.fail(
            WHAT,
            f"The PBX has no sound {_listed(missing)}",
            "Put the recordings into the PBX's folder of sounds under these names (into AUDIO_SRC_DIR for `callengine prompts"
            " sync`), or correct `prompts` in the scenarios",
        )
    elif absent:
        sheet.ok(WHAT, f"The PBX has all sounds that scenarios play, but for {_listed(absent)}, which a run brings there first")
    elif wanted:
        sheet.ok(WHAT, f"The PBX has all sounds that scenarios play: {len(wanted)}")


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _named(patient: Patient) -> Iterator[str]:
    uris = (uri for scenario in patient.scenarios for uri in scenario.prompts.values())
    return (uri.removeprefix(_SOUND) for uri in uris if uri.startswith(_SOUND) and "://" not in uri)


async def has_sound(client: AriClient, name: str) -> bool:
    """Whether the PBX has a sound: in a folder of a language, or in one beside those (see `AriClient.get_sound`)."""
    if await _languages(client, name):
        return True
    folder, _, rest = name.partition("/")
    return bool(rest) and folder in await _languages(client, rest)


async def _languages(client: AriClient, name: str) -> tuple[str, ...]:
    try:
        found = await client.get_sound(name)
    except AriRefused as error:
        if error.status == 404:
            return ()
        raise
    return tuple(each.language for each in found.formats)
