"""Where Asterisk lives: a Debian root folder of its own, so that nothing of the host changes; or the host's own.

Debian 12 ships no Asterisk, its unstable suite does. The folder is built once and kept in the user's cache.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from tests.e2e.packages import CannotFetch, can_install, fetch, mirror, require

SUITE = "sid"
INCLUDED = "asterisk,asterisk-core-sounds-en,asterisk-modules"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


@frozen
class Home:
    """A place Asterisk can be started from.

    Attributes:
        root: the folder that is `/` to it.
        version: as `asterisk -V` says.
        runs: a folder below `root` in which every run makes its own.
    """

    root: Path
    version: str
    runs: Path

    @property
    def prefix(self) -> list[str]:
        """What to put in front of a command to run it here."""
        return [] if self.root == Path("/") else ["chroot", str(self.root)]

    def inside(self, path: Path) -> str:
        """A path of the host, as Asterisk sees it."""
        return f"/{path.relative_to(self.root)}"


def find_home() -> Home:
    """The cached root folder, built if need be; where we may not build one, the `asterisk` on the PATH.

    Raises:
        CannotFetch: neither is to be had.
    """
    if can_install():
        root = cached_root()
        # Asterisk looks up its own host's name for every call, and asks the DNS if there is no entry.
        (root / "etc/hosts").write_text(f"127.0.0.1 localhost {socket.gethostname()}\n", encoding="utf-8")
        return Home(root, (root / "asterisk-version").read_text(encoding="utf-8").strip(), root / "srv")
    if shutil.which("asterisk") is None:
        raise CannotFetch("no asterisk on the PATH, and only root on Debian may build a root folder for it")
    return Home(Path("/"), version_of(Path("/")), Path(tempfile.gettempdir()))


def cache_folder() -> Path:
    """This user's cache of things the tests build; made if need be."""
    folder = Path(os.getenv("XDG_CACHE_HOME") or Path.home() / ".cache") / "callengine"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`: of two sessions at once the second waits for the first one's work."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def cached_root() -> Path:
    """The root folder with Asterisk in it. Built aside and renamed: what stands under the final name is whole.

    Raises:
        CannotFetch: the packages could not be read from the mirror.
    """
    cache = cache_folder()
    root = cache / f"asterisk-{SUITE}"
    with locked(cache / f"asterisk-{SUITE}.lock"):
        if not root.exists():
            require("mmdebstrap")
            building = cache / f"asterisk-{SUITE}.building"
            remove(building)
            try:
                build(building)
                building.rename(root)
            finally:
                remove(building)
    return root


def build(root: Path) -> None:
    options = ["--mode=root", "--variant=minbase", f"--include={INCLUDED}"]
    apt = ['--aptopt=Acquire::Check-Valid-Until "false"', '--aptopt=Acquire::Retries "3"']
    source = f"deb [signed-by={KEYRING}] {mirror()} {SUITE} main"
    fetch(["mmdebstrap", *options, *apt, SUITE, str(root), source])
    (root / "asterisk-version").write_text(version_of(root), encoding="utf-8")


def version_of(root: Path) -> str:
    command = [*Home(root, "", root).prefix, "asterisk", "-V"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def remove(folder: Path) -> None:
    # Never into another file system: a build that was killed may have left /dev or /proc mounted below.
    subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)
