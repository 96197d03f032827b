"""STSTNet (Liong et al. 2019, "Shallow Triple Stream Three-dimensional CNN"), the network behind `motion`."""

from torch import Tensor, nn

FILTERS = (3, 5, 8)
"""Of the three streams."""
PARAMETERS = 1683
"""Learned numbers: 27·16 + 16 of the convolutions, 2·16 of batch norm, 400·3 + 3 of the last layer."""


class STSTNet(nn.Module):
    """Three shallow streams over the same map, 3, 5 and 8 filters wide, joined before one linear layer.

    In: (n, 3, 28, 28) float32 (strain, v, u), from -1 to 1. Out: (n, classes) logits.
    The streams meet before anything mixes their channels, so that one convolution of 3 + 5 + 8 filters is the very
    same function, initialised and regularised alike, in half the time.
    """

    def __init__(self, classes: int = 3) -> None:
        """Weights are drawn from torch's global generator."""
        super().__init__()
        self.streams = nn.Sequential(
            nn.Conv2d(3, sum(FILTERS), 3, padding=2),  # 28 → 30
            nn.ReLU(),
            nn.BatchNorm2d(sum(FILTERS)),
            nn.MaxPool2d(3, 3, padding=1),  # 30 → 10
            nn.Dropout(0.5),
        )
        self.pool = nn.AvgPool2d(2, 2)  # 10 → 5
        # Fully connected, 16 · 5 · 5 = 400 → classes, written as a convolution as large as the map: torch's
        # gradients keep their memory layout through it, and a training takes a third of the time.
        self.last = nn.Conv2d(sum(FILTERS), classes, 5)
        self.flatten = nn.Flatten()

    def forward(self, maps: Tensor) -> Tensor:
        """See the class."""
        logits: Tensor = self.flatten(self.last(self.pool(self.streams(maps))))
        return logits
