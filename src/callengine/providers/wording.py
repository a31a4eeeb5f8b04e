"""What the answers of a service mean, and words for what goes wrong with it that may stand in a log."""

from collections.abc import Callable

from attrs import field, frozen

from callengine.errors import (
    BalanceExhausted,
    NothingHeard,
    ProviderError,
    ProviderRefused,
    ProviderThrottled,
    ProviderUnavailable,
)

_PASSING_STATUSES = {408, 409, 425}
_LONGEST_REASON = 200

Tells = Callable[[int, bytes], bool]
"""Judges an answer by its status and body, a success or not."""


def never(_: int, __: bytes) -> bool:
    """Judge no answer to say so."""
    return False


@frozen
class ServiceWords:
    """How a service is called, and how it puts what matters.

    Attributes:
        name: for messages, such as `the language model`.
        secrets: that no message may show; some services repeat the key that they refuse.
        empty_account: tells whether the account is used up.
        no_speech: tells whether the audio holds no speech.
    """

    name: str
    secrets: tuple[str, ...] = field(default=(), repr=False)
    empty_account: Tells = field(default=never, repr=False)
    no_speech: Tells = field(default=never, repr=False)

    def telling(self, status: int, content: bytes) -> ProviderError | None:
        """The error for what a service may say with any status; None where it says neither."""
        reason = self.shown(content)
        if self.empty_account(status, content):
            also = " or its key lacks permission" if status == 403 else ""
            number = "" if status == 200 else f" ({status})"
            return BalanceExhausted(f"{self.name}: the account is empty{also}{number}: {reason}")
        if self.no_speech(status, content):
            return NothingHeard(f"{self.name} heard nothing: {reason}")
        return None

    def error(self, status: int, content: bytes, retry_after: str | None) -> ProviderError:
        """The error for an answer that is no success.

        Args:
            retry_after: the header of that name.
        """
        told = self.telling(status, content)
        if told is not None:
            return told
        reason = self.shown(content)
        if status == 429:
            return ProviderThrottled(f"{self.name} asks for patience: {reason}", _seconds(retry_after))
        if status >= 500 or status in _PASSING_STATUSES:
            return ProviderUnavailable(f"{self.name} failed ({status}): {reason}")
        return ProviderRefused(f"{self.name} refused ({status}): {reason}", status=status, answer=self._redacted(content))

    def not_an_answer(self, content: bytes) -> ProviderError:
        """The error for a success whose body is not what was asked for."""
        told = self.telling(200, content)
        return told or ProviderUnavailable(f"what {self.name} sent is not what was asked for: {self.shown(content)}")

    def shown(self, content: bytes) -> str:
        """A service's own words for a log line: without secrets, short, in ASCII and without line breaks."""
        return ascii(" ".join(self._redacted(content).split())[:_LONGEST_REASON])

    def _redacted(self, content: bytes) -> str:
        text = content.decode("utf-8", "replace")
        for secret in filter(None, self.secrets):
            text = text.replace(secret, "***")
        return text


def _seconds(retry_after: str | None) -> float | None:
    """Read Retry-After where it counts seconds (RFC 9110, 10.2.3); its other form, a date, is left unread."""
    if retry_after is None or not retry_after.strip().isascii() or not retry_after.strip().isdigit():
        return None
    return float(retry_after)
