"""The letter-counting transformer: attention maps of every layer come with the answer."""

import math

import torch
from torch import Tensor, nn

from trainer.data.letters import ALPHABET, CLASSES, LENGTH
from trainer.settings import Settings


class LettersModel(nn.Module):
    """Single-head attention layers over a text, one class per position."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        width = settings.TRANSFORMER_D_MODEL
        self.embedding = nn.Embedding(len(ALPHABET), width)
        self.position = nn.Parameter(0.02 * torch.randn(LENGTH, width))
        self.layers = nn.ModuleList(
            AttentionLayer(width, width * settings.TRANSFORMER_FF_MULT, settings.DROPOUT_TRANS)
            for _ in range(settings.TRANSFORMER_LAYERS)
        )
        self.head = nn.Linear(width, CLASSES)

    def forward(self, texts: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Texts (batch, 20) -> log-probabilities (batch, 20, 3), maps (batch, 20, 20) a layer."""
        x, maps = self.embedding(texts) + self.position, []
        for layer in self.layers:
            x, attention = layer(x)
            maps.append(attention)
        return self.head(x).float().log_softmax(-1), maps


class AttentionLayer(nn.Module):
    """Pre-norm attention and feed-forward. Softmax makes the key's bias redundant."""

    def __init__(self, width: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.q_proj, self.k_proj = nn.Linear(width, width), nn.Linear(width, width)
        self.v_proj, self.out_proj = nn.Linear(width, width), nn.Linear(width, width)
        self.feed = nn.Sequential(nn.Linear(width, inner), nn.GELU(), nn.Linear(inner, width))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, time, width) -> the same shape, and the attention map, whose rows sum to 1."""
        y = self.norm1(x)
        scores = self.q_proj(y) @ self.k_proj(y).transpose(1, 2) / math.sqrt(y.shape[-1])
        attention = scores.float().softmax(-1)
        x = x + self.dropout(self.out_proj(attention.to(y.dtype) @ self.v_proj(y)))
        return x + self.dropout(self.feed(self.norm2(x))), attention
