"""MMNet (Li et al. 2022, "MMNet: Muscle Motion-Guided Network for Micro-Expression Recognition")."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

SIDE = 224
PARAMETERS = 9_241_719
"""Learned numbers with three classes at 224²: 212,836 of the stem; 164,356, 180,996, 394,756 and 1,575,940 of the
blocks; 6,411,776 of the position branch; 301,059 of the last layer. The authors' public code also holds some that no
output depends on."""
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's pictures, red first, levels 0–1."""


class MMNet(nn.Module):
    """What changed from onset to apex, read by blocks that hand their attention on; and where the face has what.

    In: (n, 2, s, s, 3) float32 levels, 0–255, onset and apex, s = 224 as published, or another multiple of 16. Out: (n,
    classes) logits. From the paper and its authors' public code, with the position branch of their three classes; the
    onset is made small for it by means over cells, and the stem's first convolution has no groups: their file for three
    classes says two, which three channels cannot have, their file for five says none.
    """

    mean: Tensor
    spread: Tensor

    def __init__(self, sample: tuple[int, int, int, int] = (2, SIDE, SIDE, 3), classes: int = 3) -> None:
        """Weights are drawn from torch's global generator; `sample` is the shape of one clip."""
        super().__init__()
        if sample[1] % 16:
            raise ValueError(f"pictures of {sample[1]} rows; expected a multiple of 16")
        cells = sample[1] // 16
        self.register_buffer("mean", 255 * torch.tensor(MEAN))
        self.register_buffer("spread", 255 * torch.tensor(SPREAD))
        self.stem = nn.Sequential(
            *(nn.Conv2d(3, 180, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(180), nn.ReLU()),
            *(nn.Conv2d(180, 128, 3, padding=1, bias=False), nn.BatchNorm2d(128), nn.ReLU()),
        )
        sizes = (128, 128, 1), (128, 128, 2), (128, 256, 2), (256, 512, 2)
        self.blocks = nn.ModuleList([_Block(*each) for each in sizes])
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        for module in [*list(self.stem)[3:], *self.blocks.modules()]:
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        self.small = nn.AvgPool2d(16)
        self.position = _Position(cells)
        self.last = nn.Linear(512 * cells * cells, classes)

    def forward(self, levels: Tensor) -> Tensor:
        """See the class."""
        both = ((levels - self.mean) / self.spread).permute(0, 1, 4, 2, 3)
        onset, apex = both[:, 0], both[:, 1]
        maps, attention = self.stem(apex - onset), None
        for block in self.blocks:
            before = None if attention is None else self.pool(attention)
            maps, attention = block(maps, before)
        logits: Tensor = self.last((maps + self.position(self.small(onset))).flatten(1))
        return logits


class _Block(nn.Module):
    """A continuous-attention block: two convolutions with a shortcut, and one attention map times that of before."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.change = nn.Sequential(
            *(nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()),
            *(nn.Conv2d(after, after, 1, bias=False), nn.BatchNorm2d(after)),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1:
            self.shortcut = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))
        self.attend = nn.Sequential(nn.Conv2d(2, 1, 1, bias=False), nn.BatchNorm2d(1), nn.Sigmoid())

    def forward(self, maps: Tensor, before: Tensor | None) -> tuple[Tensor, Tensor]:
        """(n, after, h, w) maps and their (n, 1, h, w) attention; `before` is the last block's, as large as they."""
        maps = functional.relu(self.change(maps) + self.shortcut(maps))
        attention = self.attend(torch.cat([maps.mean(1, keepdim=True), maps.amax(1, keepdim=True)], 1))
        if before is not None:
            attention = attention * before
        return maps * attention, attention


class _Position(nn.Module):
    """A transformer over the onset's cells, 512 numbers each: three layers of four heads."""

    def __init__(self, cells: int, depth: int = 3, drop: float = 0.3) -> None:
        super().__init__()
        self.cells = cells
        self.embed = nn.Conv2d(3, 512, 1)
        self.place = nn.Parameter(torch.zeros(1, cells * cells, 512))
        self.layers = nn.Sequential(*[_Layer(drop * number / (depth - 1)) for number in range(depth)])
        self.norm = nn.LayerNorm(512, eps=1e-6)
        nn.init.trunc_normal_(self.place, std=0.02)
        for module in self.layers.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)

    def forward(self, onset: Tensor) -> Tensor:
        """(n, 512, cells, cells) from (n, 3, cells, cells)."""
        tokens = self.embed(onset).flatten(2).transpose(1, 2) + self.place
        placed: Tensor = self.norm(self.layers(tokens))
        return placed.transpose(1, 2).reshape(-1, 512, self.cells, self.cells)


class _Layer(nn.Module):
    """Attention among the cells, then a small network at each; in training, each left out of `drop` of the samples."""

    def __init__(self, drop: float, size: int = 512, heads: int = 4) -> None:
        super().__init__()
        self.drop, self.heads = drop, heads
        self.norms = nn.ModuleList([nn.LayerNorm(size, eps=1e-6), nn.LayerNorm(size, eps=1e-6)])
        self.ask, self.tell = nn.Linear(size, 3 * size), nn.Linear(size, size)
        self.think = nn.Sequential(nn.Linear(size, 2 * size), nn.GELU(), nn.Linear(2 * size, size))

    def forward(self, tokens: Tensor) -> Tensor:
        """(n, cells, size) to the same."""
        tokens = tokens + self._kept(self._attend(self.norms[0](tokens)))
        return tokens + self._kept(self.think(self.norms[1](tokens)))

    def _attend(self, tokens: Tensor) -> Tensor:
        cells, size = tokens.shape[1:]
        heads = self.ask(tokens).reshape(-1, cells, 3, self.heads, size // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = heads[0], heads[1], heads[2]
        looks = (query @ key.transpose(2, 3) / math.sqrt(size // self.heads)).softmax(-1)
        told: Tensor = self.tell((looks @ value).transpose(1, 2).reshape(-1, cells, size))
        return told

    def _kept(self, change: Tensor) -> Tensor:
        if not self.training or not self.drop:
            return change
        return change * (torch.rand(len(change), 1, 1) >= self.drop) / (1 - self.drop)
