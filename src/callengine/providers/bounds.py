"""What every service is held to: uses at once, time, tries, rest. It is here once, so that adapters only speak protocols."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar, TypeVarTuple

import stamina
import trio
from attrs import define, field, frozen
from attrs.validators import ge, gt

from callengine.errors import (
    BalanceExhausted,
    NothingHeard,
    ProviderError,
    ProviderRefused,
    ProviderThrottled,
    ProviderUnavailable,
)
from callengine.model import ServiceFigures, Times
from callengine.providers.breaker import Breaker
from callengine.providers.hedging import hedged

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

FIRST_PAUSE = 0.2
"""Seconds before the second try; it doubles with each further one."""

_NAMES: dict[type[ProviderError], str] = {
    ProviderUnavailable: "unavailable",
    ProviderRefused: "refused",
    ProviderThrottled: "throttled",
    BalanceExhausted: "balance",
    NothingHeard: "nothing_heard",
}


@define(eq=False)
class Complaints:
    """Where errors of providers are heard of, whichever call they happen in.

    Attributes:
        listener: is told of each; set by whoever wants to know.
    """

    listener: Callable[[ProviderError], None] = field(default=lambda _: None)


@frozen
class Patience:
    """How a service that is slow or fails is treated.

    Attributes:
        attempts: times it is asked at most for one use. Only what may succeed the next time is asked again, and only while the
            caller's silence may last.
        hedge_after: seconds after which a second request races a first one that is slow; 0 for never.
        failures: uses in a row that it may fail until it is left alone; 0 for any number.
        rest: seconds that it is left alone.
    """

    attempts: int = field(default=2, validator=ge(1))
    hedge_after: float = field(default=0.0, validator=ge(0))
    failures: int = field(default=5, validator=ge(0))
    rest: float = field(default=30.0, validator=gt(0))


ONCE = Patience(attempts=1)
"""For what must not be done twice, such as sending a message."""


@define(eq=False)
class Bounds:
    """How much of a service is used at once, how long one use may take, and how often it is tried.

    Attributes:
        service: its name, for messages.
        limiter: uses at once.
        timeout: seconds, counted from the request for a place: waiting for one and further tries are within.
        complaints: hear of every error.
    """

    service: str
    limiter: trio.CapacityLimiter
    timeout: float = field(validator=gt(0))
    complaints: Complaints = field(factory=Complaints)
    patience: Patience = field(factory=Patience)
    _breaker: Breaker = field(init=False)
    _uses: Counter[str] = field(factory=Counter, init=False)
    _took: Times = field(factory=Times, init=False)

    def __attrs_post_init__(self) -> None:
        self._breaker = Breaker(self.service, self.patience.failures, self.patience.rest)

    async def run(self, use: Callable[[*Ts], Awaitable[T]], *args: *Ts) -> T:
        """Await `use(*args)` while holding a place among the service's uses; again, if it may succeed the next time.

        Raises:
            ProviderUnavailable: the time is up, in the queue or in the service, or the service is left alone for a while.
            ProviderError: as `use`.
        """
        began, outcome = trio.current_time(), "cancelled"
        try:
            answer = await self._in_time(partial(use, *args))
            outcome = "ok"
        except ProviderError as error:
            outcome = _NAMES.get(type(error), "unavailable")
            self.complaints.listener(error)
            raise
        finally:
            self._uses[outcome] += 1
            self._took.add(trio.current_time() - began)
        return answer

    async def _in_time(self, use: Callable[[], Awaitable[T]]) -> T:
        with trio.move_on_after(self.timeout) as time:
            async for attempt in stamina.retry_context(
                on=self._pause, attempts=self.patience.attempts, timeout=None, wait_initial=FIRST_PAUSE, wait_jitter=0.0
            ):
                with attempt:
                    return await self._once(use, time)
        raise ProviderUnavailable(f"{self.service} did not deliver within {self.timeout:g} s")

    async def _once(self, use: Callable[[], Awaitable[T]], time: trio.CancelScope) -> T:
        after = self.patience.hedge_after
        async with self.limiter:
            with self._breaker.use():
                try:
                    return await (hedged(use, after, self.limiter) if after else use())
                finally:
                    if time.cancel_called:  # it was the service that took too long, no caller who hung up
                        self._breaker.failed()

    def _pause(self, error: Exception) -> bool | timedelta:
        """Whether a use is tried again after an error, or the time until then."""
        if isinstance(error, ProviderThrottled):
            seconds = FIRST_PAUSE if error.retry_after is None else error.retry_after
            in_time = trio.current_time() + seconds < trio.current_effective_deadline()
            return timedelta(seconds=seconds) if in_time else False
        return isinstance(error, ProviderUnavailable) and not self._breaker.resting

    def figures(self) -> ServiceFigures:
        """As of now."""
        load = self.limiter.statistics()
        return ServiceFigures(
            service=self.service,
            uses=dict(self._uses),
            took=self._took.spread(),
            in_use=load.borrowed_tokens,
            waiting=load.tasks_waiting,
            resting=self._breaker.resting,
        )
