"""How a command that uses the store ends: errors of ours in one sentence, and their exit code."""

from collections.abc import Iterator
from contextlib import contextmanager

from attrs import define

from callengine.cli.complaint import complain
from callengine.errors import CallEngineError, ConfigError, first_of


@define
class Verdict:
    """The exit code: 0, 1 where the store failed or what was asked for is not so, 2 where a setting or an argument is wrong."""

    code: int = 0


@contextmanager
def told() -> Iterator[Verdict]:
    """Say what went wrong in the block."""
    verdict = Verdict()
    try:
        yield verdict
    except CallEngineError as error:
        _complain(verdict, error)
    except BaseExceptionGroup as group:
        first = first_of(group)
        if not isinstance(first, CallEngineError):
            raise
        _complain(verdict, first)


def _complain(verdict: Verdict, error: CallEngineError) -> None:
    complain(str(error))
    verdict.code = 2 if isinstance(error, ConfigError) else 1
