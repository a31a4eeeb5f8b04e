"""Settings of the engine's own HTTP port."""

import ipaddress

from attrs import field, frozen
from typed_settings.types import Secret

from callengine.settings import kinds
from callengine.settings.about import NOT_SET, about

_PORTS = range(65536)


def _port(value: str | int) -> int:
    """A TCP port, or 0 for none."""
    try:
        number = kinds.whole(value)
    except ValueError:
        number = -1
    if number not in _PORTS:
        raise ValueError("give a port, 1 to 65535, or 0 for none")
    return number


@frozen
class AdminSettings:
    """The engine's own HTTP port, for those who run it."""

    host: str = field(
        default="127.0.0.1", converter=kinds.text, metadata=about("Address the engine's own HTTP port listens on", "ADMIN_HOST")
    )
    port: int = field(default=0, converter=_port, metadata=about("The engine's own HTTP port. 0: it has none", "ADMIN_PORT"))
    token: Secret[str] = field(
        default=NOT_SET,
        converter=kinds.secret,
        metadata=about(
            "Bearer token that requests to the HTTP port must carry; needed where others than this machine reach it",
            "ADMIN_TOKEN",
        ),
    )

    @property
    def for_this_machine_alone(self) -> bool:
        """Whether nobody else can reach the port."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"
