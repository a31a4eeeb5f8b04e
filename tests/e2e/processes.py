"""Child processes of a test session: ports for them, and an end of each that leaves nothing running."""

import socket
import subprocess
import time


def free_port(kind: socket.SocketKind) -> int:
    """A port on loopback that was free a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def taken(port: int) -> bool:
    """Whether somebody listens on this UDP port of loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def wait_until_taken(port: int, process: subprocess.Popen[bytes], seconds: float = 10.0) -> None:
    """Wait until this process has its UDP port.

    Raises:
        RuntimeError: it ended, or took too long.
    """
    deadline = time.monotonic() + seconds
    while not taken(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} does not listen on port {port}; exit status {process.poll()}")
        time.sleep(0.05)


def stop(process: subprocess.Popen[bytes], seconds: float = 10.0) -> None:
    """End this process, and this one only: asked first, killed after `seconds`."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
