"""How long a customer waits for an operator and talks with one, and when that counts as abandoned."""

from attrs import define

from callengine.model import CallResult, TransferOutcome


@define
class Waiting:
    """The wait for operators in one call. All times are trio's.

    Attributes:
        wanted_at: when the first step began that rings an operator.
        over_at: when both were bridged, or the last such step gave up; None while the customer waits.
        talked: seconds bridged, in conversations that are over.
    """

    wanted_at: float | None = None
    over_at: float | None = None
    talked: float = 0.0
    _bridged_at: float | None = None
    _was_bridged: bool = False

    def wanted(self, now: float) -> None:
        """A step begins to look for an operator. Who has talked with one already is passed on, and waits no more."""
        if self.wanted_at is None:
            self.wanted_at = now
        if not self._was_bridged:
            self.over_at = None

    def given_up(self, now: float) -> None:
        """The step has found nobody."""
        if not self._was_bridged:
            self.over_at = now

    def bridged(self, now: float) -> None:
        """Customer and operator talk."""
        self.given_up(now)
        self._bridged_at, self._was_bridged = now, True

    def parted(self, now: float) -> None:
        """They talk no more."""
        self.talked, self._bridged_at = self.talked_by(now), None

    def waited_by(self, now: float) -> float | None:
        """Seconds of waiting so far; None if nobody was looked for."""
        if self.wanted_at is None:
            return None
        return (now if self.over_at is None else self.over_at) - self.wanted_at

    def talked_by(self, now: float) -> float:
        """Seconds of conversation so far."""
        return self.talked + (0.0 if self._bridged_at is None else now - self._bridged_at)


def abandoned(result: CallResult, after: float) -> bool:
    """Whether a call counts as abandoned: a live answer that was to talk with an operator and had none in time.

    Who hangs up sooner than that has left of themselves.

    Args:
        after: seconds that a customer may wait.
    """
    if not result.answered or result.waited is None:
        return False
    connected = result.transfer is TransferOutcome.COMPLETED or result.talked > 0.0
    if connected or result.transfer is TransferOutcome.CUSTOMER_LEFT:
        return result.waited > after
    return True
