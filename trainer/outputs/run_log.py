"""The run log: a text file that grows by a header for each run and a block for each epoch."""

from pathlib import Path

from trainer.errors import TrainerError
from trainer.outputs.files import append_text
from trainer.outputs.run_epoch import epoch_block
from trainer.outputs.run_header import header
from trainer.records import EpochRecord, RunHeader

__all__ = ["DIALECTS", "RunLogWriter", "epoch_block", "header"]

DIALECTS = ("F2", "G")
"""F2 follows two layers by name; G lists the features and says where an epoch was saved."""


class RunLogWriter:
    """Appends the blocks of runs to one file, each with a single write.

    A run that is continued is a run of its own in the log: call `start` again, and go on with
    the epoch that follows.
    """

    def __init__(self, path: Path, dialect: str = "F2") -> None:
        """Raises TrainerError for a dialect that is none of DIALECTS; nothing is written yet."""
        if dialect not in DIALECTS:
            raise TrainerError(f"run log dialect must be {' or '.join(DIALECTS)}, not {dialect!r}")
        self._path = path
        self._dialect = dialect
        self._counts: tuple[int, ...] | None = None
        self._first: dict[str, float] | None = None

    def start(self, known: RunHeader) -> None:
        """Write the header of a run; raises TrainerError."""
        append_text(self._path, header(known, self._dialect))
        self._counts, self._first = known.group_counts, None

    def epoch(self, record: EpochRecord) -> None:
        """Write the block of an epoch; raises TrainerError."""
        block = epoch_block(record, self._dialect, self._first, self._counts)
        append_text(self._path, block)
        if self._first is None:
            self._first = {tensor.name: tensor.grad_norm for tensor in record.parameters}
