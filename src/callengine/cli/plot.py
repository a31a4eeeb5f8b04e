"""Lines over time, as a picture (SVG) and as a few rows of text."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape

from attrs import frozen

WIDTH, HEIGHT = 820, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 64, 76, 48
COLOURS = ("#1f5fa8", "#c0392b", "#2e7d32", "#8e44ad")
BLOCKS = " ▁▂▃▄▅▆▇█"


@frozen
class Curve:
    """One line of a picture.

    Attributes:
        points: x and y, by x.
        right: its values are read on the scale at the right.
        dashed: a limit, not something that was measured.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    right: bool = False
    dashed: bool = False


@frozen
class Plot:
    """A picture of lines over the same x.

    Attributes:
        x_label, left_label, right_label: what stands at the axes.
        left_to, right_to: the ends of both scales, which begin at 0.
        x_to: the end of the x axis, in as many parts as it has whole units, at most twelve.
    """

    title: str
    x_label: str
    left_label: str
    right_label: str
    x_to: float
    left_to: float
    right_to: float
    curves: tuple[Curve, ...]

    def svg(self) -> str:
        """The picture as a document of its own."""
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
            ' font-family="sans-serif" font-size="13">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            _text(LEFT, 26, self.title, size=17),
            *self._grid(),
            *(self._curve(number, curve) for number, curve in enumerate(self.curves)),
            *self._legend(),
            "</svg>",
        ]
        return "\n".join(lines) + "\n"

    def _x(self, x: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, x / self.x_to)

    @staticmethod
    def _y(share: float) -> float:
        """Of a share of the scale; what lies beyond it is drawn at its end."""
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * max(0.0, min(1.0, share))

    def _grid(self) -> Iterable[str]:
        for part in range(6):
            y = self._y(part / 5)
            yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
            yield _text(LEFT - 8, y + 4, f"{self.left_to * part / 5:.0%}", anchor="end")
            yield _text(WIDTH - RIGHT + 8, y + 4, f"{self.right_to * part / 5:.1%}")
        parts = max(1, min(12, int(self.x_to)))
        for part in range(parts + 1):
            at = self.x_to * part / parts
            yield _text(self._x(at), HEIGHT - BOTTOM + 18, f"{at:.3g}", anchor="middle")
        yield _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, self.x_label, anchor="middle")
        middle = (TOP + HEIGHT - BOTTOM) / 2
        for x, label in ((16, self.left_label), (WIDTH - 8, self.right_label)):
            yield (
                f'<text x="{x}" y="{middle}" text-anchor="middle" transform="rotate(-90 {x} {middle})">{escape(label)}</text>'
            )
        yield f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}V{TOP}" fill="none" stroke="#555"/>'

    def _curve(self, number: int, curve: Curve) -> str:
        scale = self.right_to if curve.right else self.left_to
        points = " ".join(f"{self._x(x):.1f},{self._y(y / scale):.1f}" for x, y in curve.points)
        return f'<polyline points="{points}" fill="none" stroke="{_colour(number)}" stroke-width="2"{_dashes(curve)}/>'

    def _legend(self) -> Iterable[str]:
        width = (WIDTH - LEFT - RIGHT) / max(1, len(self.curves))
        for number, curve in enumerate(self.curves):
            x = LEFT + number * width
            yield f'<path d="M{x:.0f} 51h26" stroke="{_colour(number)}" stroke-width="2"{_dashes(curve)}/>'
            yield _text(x + 32, 55, curve.name)


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _dashes(curve: Curve) -> str:
    return ' stroke-dasharray="6 4"' if curve.dashed else ""


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 13) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(text)}</text>'


def bars(values: Sequence[float], most: float, width: int = 64, rows: int = 4) -> list[str]:
    """A chart of characters: one column for each stretch of values, as high as their mean, the highest row first.

    Args:
        most: the value that fills every row.
    """
    columns = min(width, len(values))
    edges = [len(values) * column // columns for column in range(columns + 1)] if columns else []
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    steps = len(BLOCKS) - 1
    heights = [round(min(1.0, max(0.0, mean / most)) * rows * steps) if most > 0.0 else 0 for mean in means]
    return ["".join(BLOCKS[min(steps, max(0, height - row * steps))] for height in heights) for row in reversed(range(rows))]
