"""LEARNet (Verma et al. 2020, "LEARNet: Dynamic Imaging Network for Micro Expression Recognition")."""

import torch
from torch import Tensor, nn

from deadpan.models.alignment import rank_weights

SIDE = 112
PARAMETERS = 1_865_539
"""Learned numbers with three classes: 448 of the stem, 4 · 56,176 of the chains, 704 of batch norm, 590,080 of the
joining convolution, 1,048,832 and 771 of the two linear layers."""


class LEARNet(nn.Module):
    """One dynamic image of a clip, read by four chains of convolutions, two of which take their sibling's maps in.

    In: (n, d, 112, 112, 3) float32 levels, 0–255. Out: (n, classes) logits.

    From the paper and its authors' public code. Three things differ: padding is symmetric, where Keras' "same" adds the
    odd row below; the weights of the pooling are Bilen's, where theirs lack a 1; and the dynamic image, stretched to
    0–255 as theirs, is then brought to −1…1. The clip is pooled in here, so that whoever asks cannot pool otherwise.
    """

    weights: Tensor

    def __init__(self, sample: tuple[int, int, int, int] = (16, SIDE, SIDE, 3), classes: int = 3) -> None:
        """Weights are drawn from torch's global generator; `sample` is the shape of one clip."""
        super().__init__()
        self.register_buffer("weights", torch.tensor(rank_weights(sample[0]), dtype=torch.float32))
        self.stem = _convolution(3, 16, 3)  # 112 → 56
        self.pairs = nn.ModuleList([_Pair(), _Pair()])
        self.norm = nn.BatchNorm2d(4 * 64)
        self.join = _convolution(4 * 64, 256, 3)  # 7 → 4
        self.hidden = nn.Sequential(nn.Flatten(), nn.Linear(256 * 4 * 4, 256), nn.ReLU(), nn.Dropout(0.5))
        self.last = nn.Linear(256, classes)

    def forward(self, levels: Tensor) -> Tensor:
        """See the class."""
        maps = self.stem(self.image(levels))
        ends = torch.cat([pair(maps) for pair in self.pairs], 1)
        logits: Tensor = self.last(self.hidden(self.join(self.norm(ends))))
        return logits

    def image(self, levels: Tensor) -> Tensor:
        """(n, 3, 112, 112): the clip's dynamic image, each stretched to −1…1; one that is level is −1."""
        pooled = (levels * self.weights.view(1, -1, 1, 1, 1)).sum(1).permute(0, 3, 1, 2)
        low = pooled.amin(dim=(1, 2, 3), keepdim=True)
        span = pooled.amax(dim=(1, 2, 3), keepdim=True) - low
        # A clip in which nothing changes pools to rounding errors, which must not be stretched to a picture.
        return (pooled - low) * (2 / span.clamp_min(1.0)) - 1


class _Pair(nn.Module):
    """Two chains, one plain and one that adds the plain one's maps to its own after its first and second convolution.

    1×1, 3×3 and 5×5 convolutions of 16, 32 and 64 filters, each halving the maps: 56 → 28 → 14 → 7.
    """

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.three = _chain()
        self.other_one, self.other_two, self.other_three = _chain()
        self.first, self.second = nn.BatchNorm2d(16), nn.BatchNorm2d(32)

    def forward(self, maps: Tensor) -> Tensor:
        """(n, 128, 7, 7): the ends of both."""
        one = self.one(maps)
        two = self.two(one)
        other = self.other_two(self.first(one + self.other_one(maps)))
        return torch.cat([self.three(two), self.other_three(self.second(two + other))], 1)


def _chain() -> tuple[nn.Module, nn.Module, nn.Module]:
    return _convolution(16, 16, 1), _convolution(16, 32, 3), _convolution(32, 64, 5)


def _convolution(before: int, after: int, side: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(before, after, side, stride=2, padding=side // 2), nn.ReLU())
