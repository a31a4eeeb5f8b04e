"""The command line. A command is a module here that defines a function of its name; `COMMANDS` lists them.

A group of commands is a module that defines an `App` as `app`; `GROUPS` lists them.

A command returns its exit code; 2 stands for wrong usage and for paths that cannot be read.
"""

import os
import sys
from importlib import import_module
from io import TextIOWrapper

from cyclopts import App, CycloptsError

from callengine import __version__
from callengine.cli.complaint import complain

COMMANDS = ("run", "doctor", "lint", "draw", "test", "simulate", "schema", "intents", "lines", "operators")

GROUPS = ("contacts", "dnc", "campaign", "calls", "pacing", "prompts")

USAGE = 2
"""The exit code of wrong usage."""

INTERRUPTED = 130
BROKEN_PIPE = 141
"""What a shell reports for a process that SIGINT or SIGPIPE ended."""


def make_app(*, overview: bool) -> App:
    """All commands together. Commands that wait for something run on Trio.

    Args:
        overview: import every command, to show what it says of itself. Otherwise a command is imported when it is called:
            `lint` should not wait for what `run` needs.
    """
    app = App(
        name="callengine",
        help="Runs telephone calls that are described in YAML.",
        version=__version__,
        backend="trio",
        result_action="return_value",
        exit_on_error=False,
        suppress_keyboard_interrupt=False,  # `main` tells of it
    )
    for command in COMMANDS:
        home = f"callengine.cli.{command}"
        app.command(getattr(import_module(home), command) if overview else f"{home}:{command}")
    for group in GROUPS:
        home = f"callengine.cli.{group}"
        app.command(import_module(home).app if overview else f"{home}:app", name=group)
    return app


def execute(arguments: list[str] | None = None) -> int:
    """Run one command line (by default this process's) and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        code = make_app(overview=arguments[:1] in ([], ["--help"], ["-h"]))(arguments)
    except CycloptsError:  # cyclopts has told the user what is wrong
        return USAGE
    return code if isinstance(code, int) else 0


def main() -> None:
    """The `callengine` console command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may know neither Persian nor a file's odd name
    code = INTERRUPTED
    try:
        code = _execute_and_flush()
    except* KeyboardInterrupt:
        complain("interrupted")
    sys.exit(code)


def _execute_and_flush() -> int:
    try:
        code = execute()
        if sys.stdout is not None:  # closed by whoever started us
            sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        complain(f"cannot write: {error.strerror}")
        return USAGE
    return code
