"""Documentation that is written from the code, and the tests that it is up to date."""
