"""What of calls is kept because the settings ask for it, and for how long."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

import structlog
import trio
from attrs import frozen

from callengine.ari import AriClient
from callengine.dialer import Over, Unit
from callengine.errors import AriError, StoreError
from callengine.model import Ambient, Book, KeptRecording, Store
from callengine.settings import KeepSettings

LOOK_EVERY = 3600.0
"""Seconds between two looks for what has been kept long enough."""

log = structlog.get_logger()


@frozen
class Keeping:
    """Notes which recordings stay on the PBX, and deletes them, and transcripts, when their time is over.

    What was kept before the settings changed their mind still ends in time.
    """

    settings: KeepSettings
    store: Store
    client: AriClient
    ambient: Ambient

    def unit(self, over: Over) -> Unit | None:
        """What a call that is over leaves on the PBX."""
        recordings = over.outcome.recordings if over.outcome is not None else ()
        now = self.ambient.wall()
        kept = [KeptRecording(name, over.call, now) for name in recordings]

        def write(book: Book) -> None:
            for recording in kept:
                book.keeping.keep_recording(recording)

        return write if kept else None

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Look until cancelled."""
        task_status.started()
        while True:
            try:
                await self.clear()
            except (AriError, StoreError) as error:
                log.warning("What was kept long enough is still there", reason=str(error))
            await trio.sleep(LOOK_EVERY)

    async def clear(self) -> None:
        """Delete what has been kept long enough.

        Raises:
            AriError: the PBX did not delete a recording.
            StoreError: the store cannot be read or written.
        """
        now = self.ambient.wall()
        transcripts_until = now - timedelta(days=self.settings.transcript_days)
        recordings_until = now - timedelta(days=self.settings.recording_days)
        erased = await self.store.write(lambda book: book.keeping.forget_transcripts(transcripts_until))
        deleted = 0
        while old := await self.store.read(lambda book: book.keeping.recordings_before(recordings_until)):
            for recording in old:
                await self.client.delete_stored(recording.name)
            await self.store.write(partial(_forget, old))
            deleted += len(old)
        if erased or deleted:
            log.info("Kept long enough, and erased", transcripts=erased, recordings=deleted)


def _forget(recordings: Iterable[KeptRecording], book: Book) -> None:
    for recording in recordings:
        book.keeping.forget_recording(recording.name)
