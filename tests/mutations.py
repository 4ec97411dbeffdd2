"""Damage to logs: what crashes, disks, editors and hands do to text. Deterministic by the seed."""

from __future__ import annotations

import random
from collections.abc import Callable

Damage = Callable[[list[bytes], random.Random], None]


def _cut(lines: list[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(lines))
    lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]


def _double(lines: list[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(lines))
    lines.insert(at, lines[at])


def _swap(lines: list[bytes], rng: random.Random) -> None:
    a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]


def _drop(lines: list[bytes], rng: random.Random) -> None:
    del lines[rng.randrange(len(lines))]
    lines.append(b"")


def _flip(lines: list[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(lines))
    raw = bytearray(lines[at])
    if raw:
        raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
        lines[at] = bytes(raw)


def _join(lines: list[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(lines) - 1) if len(lines) > 1 else 0
    lines[at : at + 2] = [b"".join(lines[at : at + 2])]


def _repeat_field(lines: list[bytes], rng: random.Random) -> None:
    at = rng.randrange(len(lines))
    fields = lines[at].split(b" | ")
    fields.insert(rng.randrange(len(fields) + 1), rng.choice(fields))
    lines[at] = b" | ".join(fields)


def _splice(lines: list[bytes], rng: random.Random) -> None:
    a, b = rng.choice(lines), rng.choice(lines)
    at = rng.randrange(len(lines))
    lines[at] = a[: rng.randrange(len(a) + 1)] + b[rng.randrange(len(b) + 1) :]


def _rubbish(lines: list[bytes], rng: random.Random) -> None:
    lines.insert(rng.randrange(len(lines) + 1), rng.randbytes(rng.randrange(40)))


DAMAGES: tuple[Damage, ...] = (
    _cut, _double, _swap, _drop, _flip, _flip, _join, _repeat_field, _splice, _rubbish,
)  # fmt: skip


def damaged(raw: bytes, rng: random.Random, *, times: int) -> bytes:
    """The log with some of the damages done to it."""
    lines = raw.split(b"\n")
    for _ in range(times):
        rng.choice(DAMAGES)(lines, rng)
    return b"\n".join(lines)
