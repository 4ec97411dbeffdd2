"""Writing files so that nobody ever reads half a record of ours."""

import os
from pathlib import Path

from trainer.errors import TrainerError


def append_text(path: Path, text: str) -> None:
    """Add whole lines to the end of a file, which is made if missing, as its folder is.

    One write for the whole text: a reader sees all of it or nothing. Raises TrainerError.
    """
    data = text.encode("utf-8", "backslashreplace")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab", buffering=0) as stream:
            written = stream.write(data)
    except OSError as problem:
        raise unwritable(path, problem) from None
    if written != len(data):
        raise TrainerError(f"{path}: cannot be written: only {written} of {len(data)} bytes fit")


def replace_text(path: Path, text: str) -> None:
    """Give a file a new content at once: after a kill it holds the old text or the new one.

    Its folder is made if missing. Raises TrainerError.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("w", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as problem:
        raise unwritable(path, problem) from None


def unwritable(path: Path, problem: OSError) -> TrainerError:
    """The error to raise when a file cannot be written: its path and the reason."""
    return TrainerError(f"{path}: cannot be written: {problem.strerror or problem}")
