"""How a command says what went wrong."""

import sys


def complain(message: str) -> None:
    """Say what went wrong on standard error."""
    print(f"callengine: {message}", file=sys.stderr)
