"""Graphviz, which makes pictures of DOT text."""

import shutil

import trio

from callengine.errors import CallEngineError

PATIENCE = 30.0
"""Seconds Graphviz gets: some hundred steps take it one, thousands take it minutes."""


class CannotDraw(CallEngineError):
    """There is no drawing; the message says why and what to do."""


async def render_svg(text: str, otherwise: str) -> str:
    """DOT text as a picture, made by Graphviz in a child process that ends with us or after `PATIENCE`.

    Args:
        otherwise: what to do where there can be no picture, as in "use --format mermaid".

    Raises:
        CannotDraw: Graphviz is missing, refuses the text or takes too long.
    """
    program = shutil.which("dot")
    if program is None:
        raise CannotDraw(f"there is no `dot` to make an SVG: install the package graphviz, or {otherwise}")
    with trio.move_on_after(PATIENCE):
        done = await trio.run_process(
            [program, "-Tsvg"], stdin=text.encode(), capture_stdout=True, capture_stderr=True, check=False
        )
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit status {done.returncode}"]
            raise CannotDraw(f"Graphviz failed: {said[-1]}; {otherwise}")
        return done.stdout.decode()
    raise CannotDraw(f"Graphviz took more than {PATIENCE:.0f} s: the flow is too large for it; {otherwise}")
