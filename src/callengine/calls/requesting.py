"""How a web service is asked, and what of its answer is remembered."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from urllib.parse import quote, unquote, urlsplit

import structlog
import trio

from callengine.calls.context import CallContext
from callengine.calls.texts import LONGEST_REMEMBERED, values_of
from callengine.errors import ProviderError
from callengine.fsm import Request, SavedField
from callengine.fsm.matchers import is_number
from callengine.fsm.placeholders import fill
from callengine.model import MomentKind
from callengine.providers import Json, WebRequest

LARGEST_NUMBER = 10**15
"""As tests of numbers take them."""
MOST_DECIMALS = 10

log = structlog.get_logger()


class Unfit(Exception):
    """An answer, or what is to be asked, is not as the step needs it; the message has nothing in it that a caller said."""


async def remembered(call: CallContext, step: Request) -> bool:
    """Ask a web service while the prompt plays; whether everything that was to be remembered is."""
    async with call.beside(partial(_saved, call, step)) as asking:
        if step.prompt is not None:
            await call.talk.play(call.media(step.prompt))
        saved = await asking.result()
    if saved is None:
        return False
    call.memory.variables.update(saved)
    return True


async def _saved(call: CallContext, step: Request) -> Mapping[str, str] | None:
    """What is to be remembered, by variable; None for a failure. Its log line has neither address nor body: both may tell
    of the caller.
    """
    host, web = urlsplit(step.url).netloc, call.services.web
    try:
        if web is None:
            raise Unfit("no web service may be asked")
        request = _filled(call, step)
        call.note(MomentKind.PROVIDER, "web service", host)
        with trio.fail_after(step.timeout):
            answer = await web.ask(request)
        return {name: _written(answer, part) for name, part in step.save.items()}
    except trio.TooSlowError:
        log.warning("request failed", step=step.id, host=host, error=f"no answer within {step.timeout:g} s")
    except (ProviderError, Unfit) as error:
        log.warning("request failed", step=step.id, host=host, error=str(error))
    return None


def _filled(call: CallContext, step: Request) -> WebRequest:
    values = {name: quote(text, safe="", errors="replace") for name, text in values_of(step.url, call.known()).items()}
    url = fill(step.url, values)
    if _climbs(url) > _climbs(fill(step.url, dict.fromkeys(values, "x"))):
        raise Unfit("a text of dots would lead to another path")
    body = {name: call.text(text) for name, text in step.body.items()}
    return WebRequest(step.method, url, body or None, step.timeout)


def _climbs(url: str) -> int:
    """How many parts of a path stand for a folder itself or the one above it: quoting leaves dots as they are."""
    return sum(unquote(part) in (".", "..") for part in urlsplit(url).path.split("/"))


def _written(answer: Json, part: SavedField) -> str:
    """A part of an answer as the text that is remembered."""
    value = _found(answer, part.path)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Unfit(f"`{part.path}` of the answer is neither text nor a number")
    if isinstance(value, str) and len(value) > LONGEST_REMEMBERED:
        raise Unfit(f"`{part.path}` of the answer is longer than {LONGEST_REMEMBERED} characters")
    if part.type == "text" and isinstance(value, str):
        return value
    if isinstance(value, str) and not is_number(value):
        raise Unfit(f"`{part.path}` of the answer is no number")
    return _plain(Decimal(str(value).strip()), part.path)


def _found(answer: Json, path: str) -> Json:
    for name in path.split("."):
        if isinstance(answer, dict) and name in answer:
            answer = answer[name]
        elif isinstance(answer, list) and name in map(str, range(len(answer))):
            answer = answer[int(name)]
        else:
            raise Unfit(f"the answer has no `{path}`")
    return answer


def _plain(number: Decimal, path: str) -> str:
    """Digits alone: 5 and not 5.0, no exponents."""
    if number.copy_abs() > LARGEST_NUMBER:
        raise Unfit(f"`{path}` of the answer is too large a number")
    digits = f"{round(number, MOST_DECIMALS):f}".rstrip("0").rstrip(".")
    return "0" if digits == "-0" else digits
