"""Imports: files of commands, or of rows that a mapping turns into commands, given to the clerk like any other."""
