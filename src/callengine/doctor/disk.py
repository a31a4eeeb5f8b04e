"""The store, and the folders that the engine writes to."""

import os
from functools import partial
from pathlib import Path

import trio

from callengine.doctor.finding import Sheet
from callengine.doctor.patient import Patient
from callengine.errors import ConfigError, StoreError
from callengine.store import free_mib, look_at_store

_SAID = {
    "absent": "is not there yet; the first run makes it",
    "old": "was written by an earlier version; the next run brings its tables up to date",
    "ready": "can be read, and its tables are those of this version",
}
_ELSEWHERE = "See that it is there and that callengine may write to it, or name another place in STORE_URL"


async def check_store(patient: Patient, sheet: Sheet) -> None:
    """Look at the store, and at the room that is left for it. Neither a running engine nor the tables are touched."""
    try:
        found = await trio.to_thread.run_sync(partial(look_at_store, patient.store), abandon_on_cancel=True)
        free = await trio.to_thread.run_sync(partial(free_mib, patient.store), abandon_on_cancel=True)
    except (ConfigError, StoreError) as error:
        sheet.fail("store", str(error), _ELSEWHERE)
        return
    sheet.ok("store", f"{found.name} {_SAID[found.state]}")
    least = patient.settings.store.min_free_mb
    if free is None:
        return
    if free < least:
        sheet.fail(
            "disk",
            f"{free:,} MiB are free where the store is, and below {least:,} nobody is called (STORE_MIN_FREE_MB)",
            "Make room on that disk, or keep the store on another one (STORE_URL)",
        )
    else:
        sheet.ok("disk", f"{free:,} MiB are free where the store is; dialling pauses below {least:,}")


async def check_folders(patient: Patient, sheet: Sheet) -> None:
    """See that what is configured to be written can be."""
    for setting, folder in folders_of(patient):
        why = await trio.to_thread.run_sync(partial(_unwritable, folder), abandon_on_cancel=True)
        if why:
            sheet.fail(
                "folders", f"{setting}: {why}", f"Let the user that callengine runs as write to {folder}, or name another"
            )
        else:
            sheet.ok("folders", f"{folder} can be written to ({setting})")


def folders_of(patient: Patient) -> list[tuple[str, Path]]:
    """The folders that are written to, each with its setting."""
    settings = patient.settings
    named = (
        ("LOG_DIR", settings.logs.dir),
        ("AUDIO_WAV_DIR", settings.audio.wav_dir),
        ("AUDIO_ENHANCED_DIR", settings.audio.enhanced_dir),
        ("TRANSCRIPT_LOG_DIR", settings.transcript_logs.dir),
    )
    return [(setting, folder) for setting, folder in named if folder is not None]


def _unwritable(folder: Path) -> str:
    """Why a folder cannot be written to; empty if it can, or if it can be made."""
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    if not there.is_dir():
        return f"{there} is no folder"
    return "" if os.access(there, os.W_OK | os.X_OK) else f"{there} may not be written to by this user"
