"""What the ratios of the benches are to reach."""

from msgspec import Struct


class Goal(Struct, frozen=True):
    """A ratio that is to be at least, or at most, so much."""

    text: str
    """What is divided by what, in words."""
    at_least: float | None = None
    at_most: float | None = None

    def reached(self, figure: float) -> bool:
        """Whether a figure is on the right side."""
        low, high = self.at_least, self.at_most
        return (low is None or figure >= low) and (high is None or figure <= high)

    @property
    def bound(self) -> str:
        """The goal as it is written in tables."""
        return f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"

    def say(self, figure: float) -> str:
        """The goal, and whether a figure reaches it."""
        return f"goal {self.bound}: {'reached' if self.reached(figure) else 'not reached'}"


GOALS = {
    "clerk_per_stock_64": Goal("appends, 64 callers, per the eventsourcing library's recorder", at_least=35),
    "clerk_per_message_db_64": Goal("appends, 64 callers, per message-db with 1,000 categories", at_least=4),
    "clerk_per_insert_64": Goal("appends, 64 callers, per one INSERT a commit", at_least=1.4),
    "clerk_per_insert_16": Goal("appends, 16 callers, per one INSERT a commit", at_least=1),
    "clerk_per_insert_1": Goal("appends, 1 caller, per one INSERT a commit", at_least=0.8),
    "p50_per_insert_1": Goal("the median wait, 1 caller, per that INSERT's", at_most=1.3),
    "clerk_server_cpu_per_insert_64": Goal("the server's CPU per event, 64 callers, per that INSERT's", at_most=0.3),
    "hot_per_clerk_64": Goal("appends to one ledger, per appends to 1,000", at_least=1.3),
    "clerk_p99_per_p50_1": Goal("the slowest hundredth's wait per the median, 1 caller", at_most=4),
    "clerk_p99_per_p50_16": Goal("the slowest hundredth's wait per the median, 16 callers", at_most=4),
    "clerk_p99_per_p50_64": Goal("the slowest hundredth's wait per the median, 64 callers", at_most=4),
    "import_per_copy": Goal("an import, per COPY of the same rows at 500 a commit", at_least=0.2),
    "http_write_per_peer": Goal("HTTP writes per FastAPI + SQLAlchemy", at_least=25),
    "http_write_per_empty": Goal("HTTP writes per an empty Litestar handler", at_least=0.45),
    "http_read_per_peer": Goal("HTTP reads of a balance per FastAPI + SQLAlchemy", at_least=12),
    "http_read_per_empty": Goal("HTTP reads of a balance per an empty Litestar handler", at_least=0.75),
    "http_write_two_per_one": Goal("HTTP writes of two server processes per one", at_least=1.5),
    "memory_mb_64": Goal("megabytes of a server process, 64 callers", at_most=200),
    "rebuild_balance_per_group_by": Goal("rebuilding balances per SQL's GROUP BY over typed columns", at_least=0.5),
    "rebuild_payloads_per_group_by": Goal("rebuilding promises, which reads payloads, per that GROUP BY", at_least=0.1),
    "rebuild_memory_mb": Goal("megabytes of a process that rebuilds the longest log", at_most=150),
    "rebuild_memory_longest_per_shortest": Goal("memory, longest log per shortest", at_most=1.1),
    "growth_append_p50": Goal("an append's median wait, slowest size per fastest", at_most=1.25),
    "growth_append_p99": Goal("an append's slowest hundredth, slowest size per fastest", at_most=1.25),
    "growth_balance": Goal("a balance read, slowest size per fastest", at_most=1.25),
    "growth_audit": Goal("the audit of one party, slowest size per fastest", at_most=1.25),
    "storage_per_bare_row": Goal(
        "bytes stored per event, per the same event as one bare row with its key", at_most=1.5
    ),
}
