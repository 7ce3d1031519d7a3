"""The pages: one module each, with what it reads and the handler that shows it."""
