"""The fault run: real servers and the real PostgreSQL under load, while a nemesis breaks them; then the log is read."""
