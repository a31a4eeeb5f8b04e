"""A connection to a server whose key is known."""

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from callengine.errors import ProviderUnavailable

if TYPE_CHECKING:
    from paramiko import SSHClient


@frozen
class SftpConfig:
    """How a server is reached.

    Attributes:
        folder: the PBX's folder of custom sounds, as the server calls it.
        known_hosts: keys of servers that are trusted; a server with another key, or none, is not spoken to.
        key_file: of the user's private key, without a passphrase; None where a password is given.
        timeout: seconds for each exchange with the server.
    """

    host: str
    user: str
    folder: str
    known_hosts: Path
    port: int = 22
    key_file: Path | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 10.0

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.host}, port {self.port}"

    @property
    def keyscan(self) -> str:
        """What prints the server's key."""
        return f"`ssh-keyscan -p {self.port} {self.host}`"


def connect(config: SftpConfig) -> "SSHClient":
    """Connect and log in; blocks.

    Raises:
        ProviderUnavailable: the server is not the one that is known, does not let us in, or a file cannot be read.
        OSError, EOFError, paramiko.SSHException: the server cannot be spoken to.
    """
    from paramiko import AuthenticationException, BadHostKeyException, RejectPolicy, SSHClient, SSHException

    client, limit = SSHClient(), config.timeout
    _load_known(config, client)
    client.set_missing_host_key_policy(RejectPolicy())
    try:
        client.connect(
            config.host,
            config.port,
            config.user,
            config.password,
            key_filename=_key(config),
            timeout=limit,
            banner_timeout=limit,
            auth_timeout=limit,
            channel_timeout=limit,
            allow_agent=False,
            look_for_keys=False,
        )
    except AuthenticationException:
        why = f"the user {config.user} is not let in: check SFTP_USER, SFTP_KEY_FILE and SFTP_PASSWORD"
    except BadHostKeyException:
        why = f"its key is another than {config.known_hosts} says: somebody may stand between, or it was set up anew"
    except SSHException as error:
        if "not found in known_hosts" not in str(error):
            client.close()
            raise
        why = f"{config.known_hosts} does not know its key: add what {config.keyscan} prints, once you have compared it"
    except (OSError, EOFError):
        client.close()
        raise
    else:
        return client
    client.close()
    raise ProviderUnavailable(f"SFTP to {config.where}: {why}")


def _load_known(config: SftpConfig, client: "SSHClient") -> None:
    try:
        client.load_host_keys(str(config.known_hosts))
    except OSError as error:
        raise ProviderUnavailable(
            f"SFTP_KNOWN_HOSTS: {config.known_hosts} cannot be read ({error.strerror}): put the server's key there, as"
            f" {config.keyscan} prints it, once you have compared it"
        ) from None


def _key(config: SftpConfig) -> str | None:
    if config.key_file is None:
        return None
    try:
        config.key_file.read_bytes()
    except OSError as error:
        raise ProviderUnavailable(f"SFTP_KEY_FILE: {config.key_file} cannot be read ({error.strerror})") from None
    return str(config.key_file)
