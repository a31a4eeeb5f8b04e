"""What calls ask for that is carried out though they end: entries in the book, short messages."""

from collections.abc import Awaitable, Callable

import structlog
import trio
from attrs import define, field

from callengine.errors import CallEngineError
from callengine.fsm.steps import LONGEST_SENDING

MOST_AT_ONCE = 1000
"""Errands of calls that have ended may go on for `LONGEST_SENDING`; beyond so many, further ones are not begun."""

log = structlog.get_logger()


@define(eq=False)
class Errand:
    """One of them.

    Attributes:
        done: whether it was carried out, as far as is known.
    """

    done: bool = False
    over: trio.Event = field(factory=trio.Event)


@define(eq=False)
class Errands:
    """A service that outlives the calls; start it with `nursery.start(errands.run)`."""

    _nursery: trio.Nursery = field(init=False, repr=False)
    _under_way: set[Errand] = field(factory=set, init=False)
    _open: bool = field(default=False, init=False)

    async def run(self, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled."""
        try:
            async with trio.open_nursery() as self._nursery:
                self._open = True
                task_status.started()
                await trio.sleep_forever()
        finally:
            self._open = False

    async def carry_out(self, what: str, work: Callable[[], Awaitable[None]]) -> bool:
        """Whether something could be done within `LONGEST_SENDING`. It goes on even if the caller is cancelled meanwhile.

        Args:
            what: in the words of logs.
        """
        errand = self.begin(what, work)
        await errand.over.wait()
        return errand.done

    def begin(self, what: str, work: Callable[[], Awaitable[None]]) -> Errand:
        """Have something done without waiting for it; one that cannot be begun is over at once."""
        errand = Errand()
        if not self._open or len(self._under_way) >= MOST_AT_ONCE:
            log.error(f"{what}: not begun, the engine ends or too many are under way", under_way=len(self._under_way))
            errand.over.set()
        else:
            self._under_way.add(errand)
            self._nursery.start_soon(self._carry_out, errand, what, work)
        return errand

    async def drained(self) -> None:
        """Wait until none is under way."""
        while self._under_way:
            await next(iter(self._under_way)).over.wait()

    async def _carry_out(self, errand: Errand, what: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            with trio.fail_after(LONGEST_SENDING):
                await work()
            errand.done = True
        except trio.TooSlowError:
            log.error(f"{what}: no answer, it may have been done", seconds=LONGEST_SENDING)
        except trio.Cancelled:
            log.error(f"{what}: cut off, it may have been done")
            raise
        except CallEngineError as error:
            log.error(f"{what}: not done", error=str(error))
        except Exception:  # a fault of ours: the call that asked pays for it, not the others
            log.exception(f"{what}: not done")
        finally:
            self._under_way.remove(errand)
            errand.over.set()
