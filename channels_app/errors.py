"""The base of every refusal. Imports nothing, so that the pure packages can use it too."""


class DomainError(Exception):
    """Something a person asked for and may not have, with the sentence that says why and what to do.

    `code` is stable and for programs, `message` is for people (formatted with `details`),
    `field` names the input at fault where there is one.
    """

    code = "refused"
    message = "This cannot be done."

    def __init__(self, *, field: str | None = None, **details: object) -> None:
        self.field = field
        self.details = details
        super().__init__(self.message.format(**details))


class NotAllowed(DomainError):
    """The worker's permissions do not cover it; a manager may be able to."""

    code = "not_allowed"
    message = "{operation} needs a manager."


class Unavailable(DomainError):
    """An ordinary answer: what was asked for lives elsewhere and cannot be reached now."""

    code = "unavailable"
    message = "{what} cannot be reached right now. Go on without it, or try again in a moment."
