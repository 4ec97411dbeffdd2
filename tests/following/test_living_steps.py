"""A log with several lines an epoch, while it grows."""

from __future__ import annotations

from logparse.following.clocks import Clocks
from logparse.following.living import LivingRun
from logparse.run import Run
from logparse.session import Session


def grown(epochs: int) -> Run:
    session = Session("log.jsonl", rules=())
    for epoch in range(epochs):
        for step in range(10):
            line = f'{{"epoch": {epoch}, "step": {10 * epoch + step}, "loss": {1 / (epoch + 1)}}}\n'
            session.feed(line.encode())
    return session.so_far()[0]()


def test_the_newest_epoch_of_several_lines_waits_for_the_next() -> None:
    living = LivingRun(Session("log"), Clocks())
    assert living.take(grown(9), is_quiet=False) and living.complete == 8
    assert not living.take(grown(9), is_quiet=False)
    assert living.take(grown(9), is_quiet=True) and living.complete == 9


def test_rows_that_turn_from_steps_to_epochs_are_judged_anew() -> None:
    living = LivingRun(Session("log"), Clocks())
    assert living.take(grown(6), is_quiet=False) and living.complete == 60
    assert living.take(grown(9), is_quiet=False) and living.complete == 8
