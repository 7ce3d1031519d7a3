"""How a rule says no."""


class Refusal(Exception):  # noqa: N818 - the domain's own word: a refusal is an answer, not a fault
    """A rule refused a command; nothing was recorded.

    ``code`` is stable and meant for programs. ``message`` says what was wrong and what would be right, and never
    repeats words that a person typed. ``allowed`` names the acts that are open now, where that helps.
    """

    def __init__(self, code: str, message: str, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.allowed = allowed
