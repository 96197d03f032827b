"""STSTNet (Liong et al. 2019, "Shallow Triple Stream Three-dimensional CNN"), the network behind `motion`."""

import torch
from torch import Tensor, nn

FILTERS = (3, 5, 8)
"""Of the three streams."""
PARAMETERS = 1683
"""Learned numbers: 27·16 + 16 of the convolutions, 2·16 of batch norm, 400·3 + 3 of the last layer."""


class STSTNet(nn.Module):
    """Three shallow streams over the same map, 3, 5 and 8 filters wide, joined before one linear layer.

    In: (n, 3, 28, 28) float32 (strain, v, u), from -1 to 1. Out: (n, classes) logits.
    """

    def __init__(self, classes: int = 3) -> None:
        """Weights are drawn from torch's global generator."""
        super().__init__()
        self.streams = nn.ModuleList(_stream(filters) for filters in FILTERS)
        self.pool = nn.AvgPool2d(2, 2)
        self.flatten = nn.Flatten()
        self.last = nn.Linear(sum(FILTERS) * 5 * 5, classes)

    def forward(self, maps: Tensor) -> Tensor:
        """See the class."""
        joined = torch.cat([stream(maps) for stream in self.streams], 1)
        logits: Tensor = self.last(self.flatten(self.pool(joined)))
        return logits


def _stream(filters: int) -> nn.Sequential:
    """28×28 → 30×30 (padding 2) → 10×10."""
    return nn.Sequential(
        nn.Conv2d(3, filters, 3, padding=2),
        nn.ReLU(),
        nn.BatchNorm2d(filters),
        nn.MaxPool2d(3, 3, padding=1),
        nn.Dropout(0.5),
    )
