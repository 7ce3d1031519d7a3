"""Processes are replaced while others serve: by the same version, and by a newer one that migrates the database."""
