"""Every error callengine raises: one root, a family for each room that can fail.

What may be tried again reads off the type: `AriRefused` says our request was wrong, `AriLost` that link or peer failed.
Errors of foreign libraries (httpx, h11, trio-websocket, ruamel) are translated by the package that owns the library.
"""


class CallEngineError(Exception):
    """The root of every error callengine raises on purpose."""


class ConfigError(CallEngineError):
    """A setting, an option or a file named by one is wrong; the message names it and says what to do."""


class WrongSettings(ConfigError):
    """Settings that cannot be used.

    Attributes:
        problems: a sentence for each, which names the setting, where it stands and what to do.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        told = problems[0] if len(problems) == 1 else "\n- ".join((f"{len(problems)} settings are wrong:", *problems))
        super().__init__(told)
        self.problems = problems


class FlowError(CallEngineError):
    """A scenario cannot be compiled or run; `lint` says where and why."""


class AriError(CallEngineError):
    """The PBX's REST interface did not do what was asked."""


class AriRefused(AriError):
    """The PBX answered and said no. A 4xx stays a no; after a 5xx what was asked for may exist all the same.

    Attributes:
        status: the HTTP status code.
        reason: the PBX's own words.
        request: method and path, without query and credentials.
    """

    def __init__(self, status: int, reason: str, request: str) -> None:
        super().__init__(f"{request} answered {status}: {reason}")
        self.status = status
        self.reason = reason
        self.request = request


class AriLost(AriError):
    """The link or the PBX failed: whether the request was carried out is not known."""


class ProviderError(CallEngineError):
    """A speech, language or message provider did not deliver."""


class ProviderUnavailable(ProviderError):
    """No answer, a broken one, or an error of the provider's own: another try may succeed."""


class ProviderRefused(ProviderError):
    """The provider understood the request and will not serve it (credentials, arguments).

    Attributes:
        status: the HTTP status code; None where there was none.
        answer: what it said, without secrets; long, and not meant for people.
    """

    def __init__(self, message: str, *, status: int | None = None, answer: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.answer = answer


class ProviderThrottled(ProviderError):
    """The provider asks for patience.

    Attributes:
        retry_after: seconds it asks us to wait, or None when it did not say.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BalanceExhausted(ProviderError):
    """The account is empty: no request will succeed until somebody pays."""


class NothingHeard(ProviderError):
    """The audio holds no speech."""


class PanelError(CallEngineError):
    """The panel did not do what was asked."""


class PanelUnavailable(PanelError):
    """The link or the panel failed, or it asks for patience: what was asked for may have been done.

    Attributes:
        status: the HTTP status code; None where no answer came.
        retry_after: seconds the panel asks us to wait, or None when it did not say.
    """

    def __init__(self, message: str, *, status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class PanelRefused(PanelError):
    """The panel answered and said no (credentials, address, arguments).

    Attributes:
        status: the HTTP status code.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class WrongShape(PanelError):
    """The panel answered something else than what was agreed: nothing of it is used.

    Attributes:
        reason: a sentence for people.
        body: what it answered, as text.
    """

    def __init__(self, reason: str, body: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.body = body


class StoreError(CallEngineError):
    """The book of attempts could not be read or written."""


class DoNotDial(StoreError):
    """The number is on the do-not-dial list: the attempt was not written and must not be placed."""


class ContactTaken(StoreError):
    """The contact is not pending any more: the attempt was not written."""


class NumberBusy(StoreError):
    """The number is being dialled for another contact right now: the attempt was not written."""


def first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one error that matters to who runs the engine; a nursery wraps it in a group for each service it passes.

    A group that holds anything but errors of ours stays whole: that is a fault nobody should miss.
    """
    ours, others = group.split(CallEngineError)
    if ours is None or others is not None:
        return group
    return innermost(ours)


def innermost(error: BaseException) -> BaseException:
    """The error itself, or the first of those that ended a nursery."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
