"""The world's randomness and time: real when calls are real, seeded when a campaign is simulated."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Protocol
from uuid import UUID

from attrs import field, frozen


class Ambient(Protocol):
    """What a room may ask of the world besides its own input."""

    @property
    def rng(self) -> Random:
        """The generator every random choice is drawn from."""
        ...

    def wall(self) -> datetime:
        """The time of day, with its zone."""
        ...

    def local(self, moment: datetime) -> datetime:
        """What clocks here show at a moment, with the offset they have then."""
        ...

    def moment(self, local: datetime) -> datetime:
        """The moment at which clocks here show `local`, which has no zone; its `fold` tells the second of two such moments."""
        ...

    def new_id(self) -> str:
        """A fresh UUID in its 36-character form.

        Fixed length matters: Asterisk compares channel ids by prefix (seen on 22.10.1).
        """
        ...


def _uuid(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))


@frozen
class SystemAmbient:
    """The real world."""

    rng: Random = field(factory=Random)

    def wall(self) -> datetime:
        return datetime.now(UTC).astimezone()

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone()

    def moment(self, local: datetime) -> datetime:
        return local.astimezone()

    def new_id(self) -> str:
        return _uuid(self.rng)


@frozen
class SeededAmbient:
    """A world that is the same again for the same seed.

    Args:
        seed: of the generator.
        elapsed: seconds since the world began, such as `trio.current_time` under a virtual clock.
        epoch: the time of day at which it began.
    """

    seed: int
    elapsed: Callable[[], float]
    epoch: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    rng: Random = field(init=False)

    @rng.default
    def _seeded(self) -> Random:
        return Random(self.seed)

    def wall(self) -> datetime:
        return self.epoch + timedelta(seconds=self.elapsed())

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.epoch.tzinfo)

    def moment(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.epoch.tzinfo)

    def new_id(self) -> str:
        return _uuid(self.rng)
