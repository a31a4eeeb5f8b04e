"""Whether sound gets to where the PBX plays it."""

from contextlib import suppress
from functools import partial
from hashlib import sha256
from typing import Final
from uuid import uuid4

import trio

from callengine.ari import AriClient
from callengine.doctor.finding import Sheet
from callengine.doctor.listening import tone
from callengine.doctor.patient import Patient
from callengine.doctor.prompts import has_sound
from callengine.doctor.reach import reach
from callengine.engine.sound import open_shelf
from callengine.errors import ProviderUnavailable
from callengine.providers.shelves import FolderShelf, Shelf
from callengine.settings import Settings

WHAT: Final = "sounds"

_ELSEWHERE: Final = {
    "folder": "Let callengine write there as said, or name another folder of the PBX's sounds in AST_SOUND_DIR",
    "sftp": "Correct SFTP_HOST, SFTP_USER, SFTP_KEY_FILE or SFTP_DIR; `sftp USER@HOST` by hand shows what the server says",
}
_URI: Final = "sound:"


async def check_delivery(patient: Patient, sheet: Sheet) -> None:
    """Put a sound where those for the PBX go."""
    settings, delivery = patient.settings, patient.settings.media.delivery
    if delivery == "http":
        await _check_port(settings, sheet)
        return
    async with open_shelf(settings) as shelf:
        if shelf is None:
            sheet.skip(WHAT, "AST_SOUND_DIR is empty: nothing is put where the PBX plays it")
            return
        try:
            await _taken_away(shelf, await _put(shelf))
        except ProviderUnavailable as error:
            sheet.fail(WHAT, str(error), _ELSEWHERE[delivery])
        else:
            sheet.ok(WHAT, f"A sound was put into {_place(settings)}")


async def check_played(client: AriClient, patient: Patient, sheet: Sheet) -> None:
    """See that the PBX finds what is put there."""
    settings = patient.settings
    if settings.media.delivery == "http":
        return
    async with open_shelf(settings) as shelf:
        if shelf is None:
            return
        try:
            file = await _put(shelf)
            try:
                found = await has_sound(client, shelf.media(file).removeprefix(_URI))
            finally:
                await _taken_away(shelf, file)
        except ProviderUnavailable:  # `check_delivery` says so
            return
    if found:
        sheet.ok(WHAT, f"The PBX finds what is put into {_place(settings)}")
    else:
        setting = "AST_SOUND_DIR" if settings.media.delivery == "folder" else "SFTP_DIR"
        sheet.fail(
            WHAT,
            f"The PBX does not find what is put into {_place(settings)}",
            f"Set {setting} to a folder within the PBX's own folder of sounds (its astdatadir, then sounds), such as"
            " /var/lib/asterisk/sounds/custom, and let Asterisk's user read it",
        )


def _place(settings: Settings) -> str:
    if settings.media.delivery == "sftp":
        return f"{settings.sftp.dir} on {settings.sftp.host}"
    return " and ".join(map(str, settings.audio.sound_dir))


async def _put(shelf: Shelf) -> str:
    """Put a sound there, as speech: that is deleted after a day where nobody else does it."""
    name = uuid4().hex if isinstance(shelf, FolderShelf) else "doctor"
    file = f"callengine/{sha256(name.encode()).hexdigest()}.wav"
    await shelf.put(file, tone())
    return file


async def _taken_away(shelf: Shelf, file: str) -> None:
    """Delete it where that is ours to do."""
    if isinstance(shelf, FolderShelf):
        with trio.CancelScope(shield=True), suppress(OSError):
            for folder in shelf.folders:
                await trio.to_thread.run_sync(partial((folder / file).unlink, missing_ok=True))


async def _check_port(settings: Settings, sheet: Sheet) -> None:
    """The PBX fetches from a running engine; without one there is nothing to try."""
    if await reach(settings.media.base_url, "MEDIA_BASE_URL") is None:
        sheet.ok(WHAT, f"{settings.media.base_url} can be reached from here; whether the PBX reaches it was not tried")
    else:
        sheet.skip(
            WHAT,
            f"The PBX fetches sound from {settings.media.base_url}, where nobody answers while no engine runs: look again when"
            " one does",
        )
