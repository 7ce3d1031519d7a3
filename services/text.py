"""What holds for every text that comes in, whichever way it comes."""


def has_nul(value: object) -> bool:
    """Whether a text in plain values has the NUL character, which many systems that read ours cannot take."""
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(map(has_nul, value.values()))
        case list() | tuple():
            return any(map(has_nul, value))
        case _:
            return False
