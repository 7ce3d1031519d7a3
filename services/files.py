"""Small files that have to be there whole or not at all, also through a power cut."""

import contextlib
import os
import pathlib
import secrets
from collections.abc import Iterator


def write_whole(path: pathlib.Path, data: bytes) -> None:
    """Write a file for this user's eyes alone, in the place of one that may be there."""
    with _draft(path, data) as draft:
        draft.replace(path)


def make_once(path: pathlib.Path, data: bytes) -> None:
    """Make a file for this user's eyes alone; where another process was first, its file stays."""
    with _draft(path, data) as draft, contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)  # unlike a rename, it never replaces


@contextlib.contextmanager
def _draft(path: pathlib.Path, data: bytes) -> Iterator[pathlib.Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, so that the mode is right from the start
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: pathlib.Path) -> None:
    """Make the new name last. Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
