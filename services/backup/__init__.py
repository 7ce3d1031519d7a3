"""Backup and restore: everything but the keys in one file, the keys in another, and erasures that hold after both."""
