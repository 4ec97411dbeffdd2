"""Four small logs of the reference trainer, each with what is known to be true of its run.

They are copies of corpus logs of one model and one seed, so that they can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """A log of the demo: the scenario of the corpus that it plays, and its truth in a line."""

    name: str
    scenario: str
    truth: str

    def log(self) -> bytes:
        """The log, as the trainer wrote it."""
        import lzma
        from importlib.resources import files

        return lzma.decompress((files(__name__) / f"{self.name}.log.xz").read_bytes())


SAMPLES = (
    Sample("healthy", "healthy-plateau", "nothing was done wrong"),
    Sample("early-lr-drop", "early-lr-drop-plateau", "the learning rate is cut while it learns"),
    Sample("overfitting", "overfitting", "192 windows, no regularisation, 60 epochs"),
    Sample("vanishing-gradient", "vanishing-deep-sigmoid", "ten sigmoid layers before the output"),
)
"""In the order of the tour; the first two differ in nothing but their learning rate."""
