"""Whose turn it is among scenarios of different weights."""

from collections.abc import Iterable, Mapping

from attrs import define

DIGITS = 9
"""Decimal places at which two turns count as equally due: beyond them is the rounding of sums."""


@define
class _Share:
    weight: float
    credit: float = 0.0
    """Turns it is owed, or has had too many of (negative); all credits together are zero."""


class Rotation:
    """Turns in proportion to weights, spread evenly, without chance.

    The algorithm is earliest eligible virtual deadline first (Stoica and Abdel-Wahab, 1995) with the turn as its unit: each
    candidate earns its share of every turn, and of those who are owed something the one whose next whole turn is due first
    has it. So nobody is ever a whole turn ahead of its share or behind it, and with equal weights it is a plain round-robin.
    Who is no candidate for a turn neither earns nor owes anything of it.
    """

    def __init__(self) -> None:
        self._shares: dict[str, _Share] = {}

    def fill(self, weights: Mapping[str, float]) -> None:
        """Change who takes part. Newcomers begin with no credit; what those who leave are owed or owe falls to all others."""
        self._shares = {
            name: _Share(weight, self._shares[name].credit if name in self._shares else 0.0) for name, weight in weights.items()
        }
        left = -sum(share.credit for share in self._shares.values())
        self._spread(left, self._shares.values())

    def next(self, candidates: Iterable[str]) -> str | None:
        """Who has this turn; None if nobody is a candidate. Those due at once are taken in the order of `fill`."""
        wanted = set(candidates)
        taking_part = {name: share for name, share in self._shares.items() if name in wanted}
        if not taking_part:
            return None
        self._spread(1.0, taking_part.values())
        owed = [name for name, share in taking_part.items() if round(share.credit, DIGITS) > 0]
        chosen = min(owed or taking_part, key=self._due)
        self._shares[chosen].credit -= 1.0
        return chosen

    def _due(self, name: str) -> float:
        share = self._shares[name]
        return round((1.0 - share.credit) / share.weight, DIGITS)

    @staticmethod
    def _spread(turns: float, shares: Iterable[_Share]) -> None:
        shares = tuple(shares)
        whole = sum(share.weight for share in shares)
        for share in shares:
            share.credit += turns * share.weight / whole
