"""Gradients and updates: the parameter lists, where gradients arrive, clipping, step sizes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from logparse.signals.gradients import clipping, dead, depth, listing, tensors, updates

if TYPE_CHECKING:
    from logparse.signals import Signals
    from logparse.signals.gradients.clipping import Clipping
    from logparse.signals.gradients.dead import Flow
    from logparse.signals.gradients.depth import DepthProfile
    from logparse.signals.gradients.listing import Listing
    from logparse.signals.gradients.tensors import TensorTable
    from logparse.signals.gradients.updates import Updates


class Gradients:
    """What the gradients and updates of one run tell, lazy and cached."""

    def __init__(self, signals: Signals) -> None:
        self.signals = signals
        self.run = signals.run

    @cached_property
    def tensors(self) -> TensorTable | None:
        """The parameter lists as one table of norms and update ratios; None without lists."""
        return tensors.tensor_table(self.run)

    @cached_property
    def listing(self) -> Listing | None:
        """How much of the gradient the parameter lists show; None without lists."""
        return None if self.tensors is None else listing.listing(self.run, self.tensors)

    @property
    def has_partial_lists(self) -> bool:
        """True when the lists leave out most of the gradient, or its largest tensor."""
        return self.listing is not None and self.listing.is_partial()

    @cached_property
    def flow(self) -> Flow:
        """Where the log shows that gradients arrive, and where they do not."""
        return dead.flow(self.run, self.tensors)

    @cached_property
    def depth_profile(self) -> DepthProfile | None:
        """Gradient norms along the depth; None when names do not tell the depth."""
        return depth.depth_profile(self.run, self.tensors)

    @cached_property
    def clipping(self) -> Clipping | None:
        """The limit on the gradient norm against the norms; None without one of them."""
        return clipping.clipping(self.signals)

    @cached_property
    def updates(self) -> Updates | None:
        """Steps as shares of the weights; None without parameter lists."""
        return updates.updates(self.signals)

    @cached_property
    def travel(self) -> float | None:
        """How far a run under Adam can take its weights at most, as a share of their size."""
        return updates.travel(self.signals)
