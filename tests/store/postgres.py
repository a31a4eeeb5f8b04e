"""A PostgreSQL server of our own, on a free port of loopback, for as long as a test session needs one."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from attrs import define

from tests.e2e.packages import install

STARTS_WITHIN = 60.0
"""Seconds, on a busy machine."""

SETTINGS = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "16MB", "max_connections": "50", "autovacuum": "off"}
"""No test pulls the plug of the machine: a killed process loses nothing that it had written."""


@define
class Server:
    """A running server.

    Attributes:
        port: on 127.0.0.1; anybody is let in as `postgres`.
    """

    port: int
    databases: int = 0

    def url(self, database: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def fresh(self) -> str:
        """The URL of a new, empty database."""
        self.databases += 1
        name = f"t{self.databases}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy".encode())
        return self.url(name)

    def end_connections(self) -> None:
        """End every connection but our own, as a restart does."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )


def binaries() -> Path:
    """Where initdb and postgres are; on Debian and as root they are installed if need be.

    Raises:
        CannotFetch: they are missing and cannot be installed.
    """
    found = _binaries()
    if found is None:
        install("postgresql")
        found = _binaries()
    assert found is not None, "the package postgresql holds no initdb"
    return found


def _binaries() -> Path | None:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    found = debian[-1] if debian else Path(on_path).resolve() if on_path else None
    return found.parent if found is not None else None


@contextmanager
def running_server(**settings: str) -> Iterator[Server]:
    """A server for the time of the block; as root it runs as the user postgres, since it refuses root.

    Args:
        settings: of the server, instead of those in `SETTINGS`.
    """
    programs = binaries()
    with TemporaryDirectory(prefix="postgres-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        _run(
            [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            folder,
        )
        port = _free_port()
        options = [word for key, value in {**SETTINGS, **settings}.items() for word in ("-c", f"{key}={value}")]
        listens = ["-c", "listen_addresses=127.0.0.1", "-c", f"port={port}", "-c", f"unix_socket_directories={folder}"]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [str(programs / "postgres"), "-D", str(data), *listens, *options],
                cwd=folder,
                stdout=log,
                stderr=log,
                user=_user(),
                group=_user(),
            )
        try:
            _wait(server, port, folder / "log")
            yield Server(port)
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _user() -> str | None:
    return "postgres" if os.geteuid() == 0 else None


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, user=_user(), group=_user())
    assert done.returncode == 0, f"{command[0]} failed: {done.stderr}"


def _wait(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres").close()
        except psycopg.OperationalError:
            assert server.poll() is None, f"the server did not start: {log.read_text(encoding='utf-8', errors='replace')}"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.05)
        else:
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
