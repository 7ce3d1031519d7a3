"""The clerk under a deterministic simulation: PostgreSQL in memory, time that does not pass, failures by a seed."""
