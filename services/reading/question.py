"""How a question that makes no sense is turned down. One about what is not there raises ``Refusal``."""


class BadQuestionError(ValueError):
    """A parameter of a question does not fit: ``parameter`` names it, the message says what would be right."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.message = message
