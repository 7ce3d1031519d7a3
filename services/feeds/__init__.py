"""Telling what a ledger records as it is recorded: to readers that stay connected, and to whoever waits for work."""
