"""An SSH server of a test's own, on a port of loopback: OpenSSH's, which lets this user in by key, to SFTP alone."""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import frozen

from tests.e2e.packages import require
from tests.e2e.processes import free_port, stop

BOOT = 10.0
"""Seconds it has to open its port."""


@frozen
class Keys:
    """What a server and its user are known by.

    Attributes:
        host: the server's private key.
        user: the user's private key.
    """

    host: Path
    user: Path

    def known(self, file: Path, port: int) -> Path:
        """Make a file in which the server at this port is known by its key."""
        public = self.host.with_suffix(".pub").read_text(encoding="utf-8")
        file.write_text(f"[127.0.0.1]:{port} {public}", encoding="utf-8")
        return file


def make_keys(folder: Path) -> Keys:
    """Fresh keys, in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = Keys(folder / "host", folder / "user")
    for key in (keys.host, keys.user):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    return keys


@contextmanager
def sshd(folder: Path, keys: Keys, port: int | None = None) -> Iterator[int]:
    """Serve until the block ends; gives the port.

    Raises:
        CannotFetch: there is no sshd, and none can be installed.
    """
    require("sshd")
    port = port or free_port(socket.SOCK_STREAM)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd does not start without it
    config = folder / "sshd_config"
    authorised = keys.user.with_suffix(".pub")
    lines = (
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {keys.host}",
        f"AuthorizedKeysFile {authorised}",
        "StrictModes no",
        "UsePAM no",
        "PermitRootLogin yes",
        "PasswordAuthentication yes",
        f"PidFile {folder}/sshd.pid",
        "Subsystem sftp internal-sftp",
        "ForceCommand internal-sftp",
    )
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    program = shutil.which("sshd")
    assert program is not None
    with (folder / "sshd.log").open("ab") as log:
        process = subprocess.Popen(
            [program, "-D", "-e", "-f", str(config)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait_until_open(port, process)
            yield port
        finally:
            for session in _children(process.pid):
                with suppress(ProcessLookupError):
                    os.kill(session, signal.SIGKILL)
            stop(process)


def _children(parent: int) -> list[int]:
    """The processes of its sessions: they would outlive it."""
    found = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True, check=False).stdout.split()
    return [each for child in map(int, found) for each in (*_children(child), child)]


def _wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + BOOT
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{process.args!r} does not listen on port {port}; exit status {process.poll()}") from None
            time.sleep(0.05)
        else:
            return


def user() -> str:
    """Who may log in."""
    return getpass.getuser()
