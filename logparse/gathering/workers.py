"""Many sources at once, by processes of their own."""

from __future__ import annotations

import signal
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

from logparse.gathering.reading import read
from logparse.sources import STDIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from logparse.gathering.reading import Job, Taken

BYTES_A_WORKER = 5 << 20
"""A process takes about as long to start as it takes to read and judge so much of a log."""


def read_all(jobs: Sequence[Job], most: int = 1) -> Iterator[Taken]:
    """As `read` of each, in order; up to `most` processes are started where it is worth it."""
    workers = min(most, len(jobs), sum(map(_size, jobs)) // BYTES_A_WORKER)
    if workers < 2:
        yield from map(read, jobs)
        return
    # Spawned, not forked: the caller may have threads.
    pool = ProcessPoolExecutor(workers, get_context("spawn"))
    try:
        with _uninterrupted():
            futures = [_handed(job, pool) for job in jobs]
        for job, future in zip(jobs, futures, strict=True):
            yield _result(job, future)
    finally:
        pool.shutdown(cancel_futures=True)


def _size(job: Job) -> int:
    """Bytes on disk, 0 where there are none."""
    size = 0
    for name in job.lot.bundle.files:
        with suppress(OSError, ValueError):
            size += Path(name).stat().st_size
    return size


def _handed(job: Job, pool: ProcessPoolExecutor) -> Future[Taken] | None:
    """The job's future; None for standard input, which workers lack, and if they are gone."""
    try:
        return None if job.lot.name == STDIN else pool.submit(read, job)
    except RuntimeError:
        return None


def _result(job: Job, future: Future[Taken] | None) -> Taken:
    try:
        return read(job) if future is None else future.result()
    except Exception:  # a worker was killed, or failed: what is wrong with the job shows here
        return read(job)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Processes that start here are never interrupted: what becomes of them is their parent's."""
    if current_thread() is not main_thread():  # which cannot choose
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
