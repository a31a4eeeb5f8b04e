"""The programs the end-to-end tests stand on, and where they come from.

On Debian and as root what is missing is installed with apt; elsewhere it must be on the PATH.
"""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

PACKAGE_OF = {
    "sipp": "sip-tester",
    "espeak-ng": "espeak-ng",
    "sox": "sox",
    "ffmpeg": "ffmpeg",
    "mmdebstrap": "mmdebstrap",
    "npm": "npm",
    "dot": "graphviz",
    "sshd": "openssh-server",
}
"""Program -> the Debian package that holds it."""

ATTEMPTS = 3
PAUSE = 5.0
"""Seconds between two attempts to fetch something."""

APT_FOLDER = Path("/etc/apt")


class CannotFetch(Exception):
    """A program is missing and cannot be had here: the end-to-end tests cannot run, which is no fault of the project."""


def can_install() -> bool:
    """Whether this is a Debian we may change."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None and "ID=debian" in os_release()


def os_release() -> list[str]:
    path = Path("/etc/os-release")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def require(*programs: str) -> None:
    """Make sure that these programs (keys of `PACKAGE_OF`) are on the PATH, installing them where that is possible.

    Raises:
        CannotFetch: a program is missing and could not be installed.
    """
    missing = [program for program in programs if shutil.which(program) is None]
    if not missing:
        return
    install(*(PACKAGE_OF[program] for program in missing))


def install(*packages: str) -> None:
    """Install Debian packages that are missing.

    Raises:
        CannotFetch: this is no Debian we may change, or they could not be installed.
    """
    if not can_install():
        raise CannotFetch(f"{', '.join(packages)}: not here, and only root on Debian may install packages")
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3"]
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    # A third party's source that does not answer fails the update, though Debian's own lists are fresh: the install judges.
    subprocess.run([*environment, *apt, "update"], capture_output=True, check=False)
    fetch([*environment, *apt, "install", "-y", "--no-install-recommends", *packages])


def fetch(command: list[str]) -> None:
    """Run a command that reads from the network, a few times if need be.

    Raises:
        CannotFetch: it failed every time; the message ends with its last line.
    """
    for attempt in range(1, ATTEMPTS + 1):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        if attempt < ATTEMPTS:
            time.sleep(PAUSE)
    said = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
    raise CannotFetch(f"{' '.join(command[:2])} failed {ATTEMPTS} times: {said}")


def mirror(folder: Path = APT_FOLDER) -> str:
    """The Debian mirror this machine itself uses.

    Raises:
        CannotFetch: the machine's apt sources name none.
    """
    deb822 = re.compile(r"^URIs:\s*(\S+)", re.MULTILINE)
    one_line = re.compile(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+)", re.MULTILINE)
    sources = folder / "sources.list.d"
    for path, pattern in [(sources / "debian.sources", deb822), (folder / "sources.list", one_line)]:
        if path.exists():
            for uri in pattern.findall(path.read_text(encoding="utf-8")):
                if uri.startswith(("http://", "https://", "file:")) and "security" not in uri:
                    return str(uri)
    raise CannotFetch(f"no Debian mirror in {sources / 'debian.sources'} or {folder / 'sources.list'}")
