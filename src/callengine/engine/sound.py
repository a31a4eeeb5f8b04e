"""How sound goes between the PBX and the providers, as the settings say."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import structlog
import trio

from callengine.errors import ConfigError
from callengine.fsm import Scenario
from callengine.providers import SpeechToText
from callengine.providers.enhancing import CopiedSpeechToText, Copies, EnhancedSpeechToText
from callengine.providers.ffmpeg import REMEDY, Ffmpeg
from callengine.providers.prompts import Placed, PromptSync, sources, unheard
from callengine.providers.shelves import FolderShelf, HttpShelf, Shelf
from callengine.providers.shelves.sftp import open_sftp_shelf
from callengine.providers.shelves.ssh import SftpConfig
from callengine.settings import AudioSettings, Settings, SftpSettings

ENHANCED_WITHIN: Final = 5.0
"""Seconds for a recording, the wait for a turn included; a quarter of a second is usual."""

CONVERTED_WITHIN: Final = 60.0
"""Seconds for a prompt."""

MIB: Final = 1024 * 1024

log = structlog.get_logger()


@asynccontextmanager
async def open_shelf(settings: Settings) -> AsyncIterator[Shelf | None]:
    """Where sound lies for the PBX; None where the settings name no place.

    Raises:
        ConfigError: SFTP is asked for without its library.
    """
    match settings.media.delivery:
        case "http":
            yield HttpShelf(settings.media.base_url, settings.media.token.get_secret_value())
        case "sftp":
            async with open_sftp_shelf(_sftp(settings.sftp)) as shelf:
                yield shelf
        case "folder":
            yield FolderShelf(settings.audio.sound_dir) if settings.audio.sound_dir else None


def _sftp(settings: SftpSettings) -> SftpConfig:
    return SftpConfig(
        host=settings.host,
        port=settings.port,
        user=settings.user,
        key_file=settings.key_file,
        password=settings.password.get_secret_value() or None,
        folder=settings.dir,
        known_hosts=settings.known_hosts or Path.home() / ".ssh" / "known_hosts",
    )


def clearly_heard(ears: SpeechToText, settings: Settings, copies: Copies | None) -> SpeechToText:
    """A recogniser that is given what the settings want it to be given.

    Enhancement and copies come before its bounds: they are done once, however often a service is asked. A call's own bound on
    hearing holds for both together.
    """
    if copies is not None:
        ears = CopiedSpeechToText(ears, copies)
    enhance = settings.audio.enhance
    if enhance == "off" or (enhance == "auto" and settings.stt.service == "local"):
        return ears
    ffmpeg = Ffmpeg(timeout=ENHANCED_WITHIN)
    if not ffmpeg.installed:
        log.warning(f"There is no ffmpeg ({REMEDY}): recordings are recognised as they are")
        return ears
    return EnhancedSpeechToText(ears, ffmpeg)


def copies_of(settings: AudioSettings) -> Copies | None:
    """Where copies of what is recognised are kept; None where nobody asks for any."""
    if settings.enhanced_dir is None:
        return None
    return Copies(settings.enhanced_dir, settings.enhanced_days, settings.enhanced_max_mb * MIB)


def sound_folders(settings: AudioSettings) -> tuple[Path, ...]:
    """The PBX's folders of custom sounds: those that are named, and beside a single one those it has for other languages.

    Asterisk plays a sound from the folder of the call's language before it plays the one beside: what is older there would be
    heard instead of what is new here. So `sounds/custom` stands for `sounds/en/custom` too, where that exists, and the other
    way round.
    """
    if len(settings.sound_dir) != 1:
        return settings.sound_dir
    [named] = settings.sound_dir
    root = next((above for above in named.parents[:2] if above.name == "sounds"), None)
    if root is None:
        return (named,)
    try:
        others = sorted(each / named.name for each in (root, *root.iterdir()) if (each / named.name).is_dir())
    except OSError:
        others = []
    return tuple(dict.fromkeys((named, *others)))


async def sync_prompts(
    settings: Settings, shelf: Shelf | None, *, look_only: bool = False, told: Callable[[Placed], None] = lambda _: None
) -> tuple[Placed, ...]:
    """Convert the prompts of the settings, and put what has changed onto the shelf.

    Args:
        shelf: None where they are converted alone.
        look_only: change nothing.
        told: of each prompt as it is done.

    Raises:
        ConfigError: a folder cannot be read, or two files are the same prompt.
    """
    audio = settings.audio
    found = await trio.to_thread.run_sync(sources, audio.source_dir, audio.wav_dir)
    shelves: tuple[Shelf, ...] = () if shelf is None else (shelf,)
    if settings.media.delivery == "folder":
        shelves = tuple(FolderShelf((folder,)) for folder in sound_folders(audio))
    sync = PromptSync(found, audio.wav_dir, shelves, Ffmpeg(timeout=CONVERTED_WITHIN))
    return await sync.run(look_only=look_only, told=told)


def unheard_prompts(scenarios: Iterable[Scenario], settings: Settings) -> tuple[str, ...]:
    """The media URIs of prompts that the PBX's folders of custom sounds on this machine do not have."""
    if settings.media.delivery != "folder":
        return ()
    uris = (uri for scenario in scenarios for uri in scenario.prompts.values())
    return tuple(unheard(uris, settings.audio.sound_dir))


async def prompts_at_start(settings: Settings, shelf: Shelf | None) -> None:
    """Put prompts where the PBX plays them, before the first call; what fails is said, and calls are made all the same."""
    try:
        placed = await sync_prompts(settings, shelf)
    except ConfigError as error:
        log.warning("Prompts are not put where the PBX plays them", reason=str(error))
        return
    states = [each.state for each in placed]
    if placed:
        log.info(
            "Prompts for the PBX", put=states.count("put"), unchanged=states.count("the same"), failed=states.count("failed")
        )
    failed: dict[str, list[str]] = {}
    for each in placed:
        if each.state == "failed":
            failed.setdefault(each.detail, []).append(each.name)
    for reason, names in failed.items():
        log.warning("Prompts are not put where the PBX plays them", prompts=", ".join(names), reason=reason)
