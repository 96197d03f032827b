"""The network behind `motion-large`: it keeps where on the face it saw what."""

from torch import Tensor, nn


class RegionNet(nn.Module):
    """Cells of 4×4 made into 7×7 regions, mixed with their neighbours, and weighed each for itself.

    In: (n, 3, 28, 28) float32 (strain, v, u), from -1 to 1. Out: (n, classes) logits. 7 × 7 is about as fine as the 14
    regions of the face; averaging over the whole map would forget which of them moved.
    """

    def __init__(self, classes: int = 3, width: int = 48, depth: int = 2, keep: int = 12, dropout: float = 0.5) -> None:
        """Weights are drawn from torch's global generator."""
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, width, 6, stride=4, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
        self.mixers = nn.ModuleList(_mixer(width) for _ in range(depth))
        self.squeeze = nn.Sequential(nn.Conv2d(width, keep, 1, bias=False), nn.BatchNorm2d(keep), nn.ReLU())
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(dropout)
        self.last = nn.Linear(keep * 49, classes)

    def forward(self, maps: Tensor) -> Tensor:
        """See the class."""
        regions = self.stem(maps)
        for mixer in self.mixers:
            regions = regions + mixer(regions)
        logits: Tensor = self.last(self.dropout(self.flatten(self.squeeze(regions))))
        return logits


def _mixer(width: int) -> nn.Sequential:
    """Each region with its eight neighbours, channel by channel; then the channels with each other."""
    return nn.Sequential(
        nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False),
        nn.BatchNorm2d(width),
        nn.Conv2d(width, width, 1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
    )
