"""When a contact is called again."""

from attrs import frozen


@frozen
class RetryRule:
    """For one result.

    Attributes:
        attempts: in all, the first one included.
        delay: seconds from the end of one attempt until the contact is due again.
    """

    attempts: int
    delay: float
