"""Old events' bytes in files beside the database: rows stay where they are, so that every read finds them.

``putting.py`` moves bytes out and leaves a stub in each row's place; ``shelf.py`` gives connections what puts the bytes
back as a row is read; ``parquet.py`` is the form of the files. docs/decisions/archive.md says why it is done like this.
"""
