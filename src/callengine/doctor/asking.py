"""Something tiny is asked of a service, and what it fails with becomes a sentence and a remedy."""

from collections.abc import Awaitable, Callable

import trio
from attrs import frozen

from callengine.doctor.finding import Sheet
from callengine.doctor.reach import reach
from callengine.errors import (
    BalanceExhausted,
    ConfigError,
    NothingHeard,
    ProviderError,
    ProviderRefused,
    ProviderThrottled,
)
from callengine.providers import ffmpeg

LONGEST = 25.0
"""Seconds that a service gets, however patient calls are with it."""

_KEY = (401, 403)
_NOT_THERE = (404, 405)


@frozen
class Service:
    """Who is asked.

    Attributes:
        what: it does for us.
        name: of the service or program.
        key: the setting that holds its key; empty where there is none.
        address: the setting that holds its address.
        url: where it is asked; empty for a program of this machine.
        details: settings that a refusal may be about.
        timeout: the setting that bounds an answer, and its seconds.
        verify: whether its certificate matters.
    """

    what: str
    name: str
    key: str = ""
    address: str = ""
    url: str = ""
    details: str = ""
    timeout: tuple[str, float] = ("HTTP_TIMEOUT", 10.0)
    verify: bool = True


async def asked(service: Service, sheet: Sheet, ask: Callable[[], Awaitable[str | None]]) -> None:
    """Ask, and write down what came of it.

    Args:
        ask: returns a sentence about what the service answered; None where it has written one down itself.
    """
    setting, seconds = service.timeout
    patience = min(seconds, LONGEST)
    began = trio.current_time()
    try:
        with trio.fail_after(patience):
            said = await ask()
    except trio.TooSlowError:
        sheet.fail(
            service.what,
            f"{service.name} did not answer within {patience:g} s",
            f"See whether it is overloaded or far away; {setting} says how long calls wait",
        )
    except ConfigError as error:
        sheet.fail(
            service.what, str(error), f"Correct {service.key or service.details or service.address}, or install what is missing"
        )
    except NothingHeard:
        sheet.ok(
            service.what, f"{service.name} answers, and heard no speech in a tone, as it should: address and key are right"
        )
    except ProviderThrottled as error:
        sheet.warn(
            service.what,
            f"{service.name} answers that there are too many requests at the moment: {error}",
            f"Have fewer run at once (MAX_PARALLEL_...), or ask {service.name} for a larger allowance",
        )
    except ProviderError as error:
        sheet.fail(service.what, *await _told(error, service))
    else:
        if said is not None:
            sheet.ok(service.what, f"{said}, in {trio.current_time() - began:.1f} s")


async def _told(error: ProviderError, service: Service) -> tuple[str, str]:
    """What went wrong, and how to mend it."""
    said, name = str(error), service.name
    if isinstance(error, BalanceExhausted):
        return said, f"Top up the account of {name}; if it has money, see that {service.key} is the key of that account"
    if isinstance(error, ProviderRefused):
        return said, _corrected(error.status, service)
    if ffmpeg.REMEDY in said:
        return said, f"Install ffmpeg, which makes what {name} sends playable; {ffmpeg.REMEDY}"
    if not service.url:
        return said, f"Install {name}, and see that it runs"
    unreached = await reach(service.url, service.address, verify=service.verify)
    if unreached is not None:
        return f"{name}: {unreached.sentence}", unreached.remedy
    return said, f"Try again in a while; if it stays so, see that {service.address} is the address of {name}"


def _corrected(status: int | None, service: Service) -> str:
    if status in _KEY and service.key:
        return f"Copy {service.key} again from {service.name}, whole and without spaces, and see that it may do this"
    settings = ", ".join(filter(None, (service.details, service.key)))
    if status is not None and service.address and (300 <= status < 400 or status in _NOT_THERE):
        return f"See that {service.address} is right to the last letter, and then {settings}"
    return f"Correct what it complains about: {settings}" if settings else f"See what {service.name} complains about"
