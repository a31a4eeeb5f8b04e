"""The command line. A command is a module here that defines a function of its name; `COMMANDS` lists them.

A command returns its exit code; 2 stands for wrong usage and for paths that cannot be read.
"""

import os
import sys
from io import TextIOWrapper

from cyclopts import App, CycloptsError

COMMANDS = ("run", "lint", "draw", "simulate")
"""Imported when they are called: `lint` should not wait for what `run` needs."""

USAGE = 2
"""The exit code of wrong usage."""


def make_app() -> App:
    """All commands together. Commands that wait for something run on Trio."""
    app = App(
        name="callengine",
        help="Runs telephone calls that are described in YAML.",
        backend="trio",
        result_action="return_value",
        exit_on_error=False,
    )
    for command in COMMANDS:
        app.command(f"callengine.cli.{command}:{command}")
    return app


def execute(arguments: list[str] | None = None) -> int:
    """Run one command line (by default this process's) and return its exit code."""
    try:
        code = make_app()(arguments)
    except CycloptsError:  # cyclopts has told the user what is wrong
        return USAGE
    return code if isinstance(code, int) else 0


def main() -> None:
    """The `callengine` console command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may know neither Persian nor a file's odd name
    try:
        code = execute()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)
