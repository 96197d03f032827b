"""The network behind `motion-large`: it keeps where on the face it saw what."""

from torch import Tensor, nn


class RegionNet(nn.Module):
    """Two convolutions that bring the map to 7×7 regions, each of which is then weighed for itself.

    In: (n, 3, 28, 28) float32 (strain, v, u), from -1 to 1. Out: (n, classes) logits. 7 × 7 is about as fine as the 14
    regions of the face; averaging over the whole map would forget which of them moved.
    """

    def __init__(self, classes: int = 3, width: int = 48, keep: int = 16, dropout: float = 0.5) -> None:
        """Weights are drawn from torch's global generator."""
        super().__init__()
        self.stem = _convolution(3, width, 5, stride=2)  # 28 → 14
        self.pool = nn.MaxPool2d(2, 2)  # 14 → 7
        self.mix = _convolution(width, width, 3)
        self.squeeze = _convolution(width, keep, 1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(dropout)
        self.last = nn.Linear(keep * 7 * 7, classes)

    def forward(self, maps: Tensor) -> Tensor:
        """See the class."""
        regions = self.squeeze(self.mix(self.pool(self.stem(maps))))
        logits: Tensor = self.last(self.dropout(self.flatten(regions)))
        return logits


def _convolution(before: int, after: int, side: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, side, stride=stride, padding=side // 2, bias=False), nn.BatchNorm2d(after), nn.ReLU()
    )
