"""Everything that does I/O: the ledger clerk, the database, HTTP, the command line."""
