"""What the judges of a run find."""

from attrs import frozen


@frozen
class Violation:
    """Something that must never happen, and did.

    Attributes:
        rule: `I2` something is left over or somebody left alone, `I6` a quota was exceeded.
        at: seconds on the log's clock.
        subject: the line, or the object left over.
    """

    rule: str
    at: float
    subject: str
    message: str

    def __str__(self) -> str:
        return f"{self.rule} at {self.at:.3f} s: {self.subject}: {self.message}"
