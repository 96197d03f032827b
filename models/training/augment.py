"""What may happen to a motion map without changing its label: the differences between a data set and a live camera."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from deadpan.models.training.recipes import Augment

CELLS = 9
"""Grains of the noise along a side: dense flow errs over areas a few cells wide, not cell by cell."""


def augmented(maps: Tensor, amounts: Augment) -> Tensor:
    """Changed copies of `maps`, (n, 3, h, w) float32 from -1 to 1 (strain, v, u), stretched as a live map would be."""
    if amounts.flip:
        maps = torch.where(_draw(torch.rand(len(maps))) < amounts.flip, mirror(maps), maps)
    if not any((amounts.shift, amounts.scale, amounts.turn, amounts.head, amounts.noise)):
        return maps
    if amounts.shift or amounts.scale or amounts.turn:
        maps = _moved(maps, amounts)
    if amounts.head:
        maps = _with_head_motion(maps, amounts.head)
    if amounts.noise:
        maps = maps + _draw(torch.rand(len(maps))) * amounts.noise * _smooth_noise(maps.shape)
    return stretched(maps)


def mirror(maps: Tensor) -> Tensor:
    """The same motion seen in a mirror: columns in reverse, and u (to the right) becomes -u."""
    return maps.flip(-1) * maps.new_tensor([1.0, 1.0, -1.0]).view(1, 3, 1, 1)


def stretched(maps: Tensor) -> Tensor:
    """Each channel of each map brought to -1…1; a constant channel becomes -1, as it becomes level 0 live."""
    low = maps.amin(dim=(2, 3), keepdim=True)
    span = maps.amax(dim=(2, 3), keepdim=True) - low
    return (maps - low) * (2 / span.clamp_min(1e-6)) - 1


def _draw(values: Tensor) -> Tensor:
    """One value a map, in a shape that spreads over its channels, rows and columns."""
    return values.view(-1, 1, 1, 1)


def _moved(maps: Tensor, amounts: Augment) -> Tensor:
    """The field under another crop and another roll of the head."""
    count = len(maps)
    angle = torch.randn(count) * math.radians(amounts.turn)
    cos, sin = angle.cos(), angle.sin()
    across, down = 1 + torch.randn(2, count) * amounts.scale
    # grid_sample's frame runs from -1 to 1: a fraction of the side is twice as much there.
    x, y = torch.randn(2, count) * amounts.shift * 2
    rows = torch.stack([across * cos, -down * sin, x, across * sin, down * cos, y], dim=1)
    grid = functional.affine_grid(rows.view(count, 2, 3), list(maps.shape), align_corners=False)
    moved = functional.grid_sample(maps, grid, padding_mode="border", align_corners=False)
    if not amounts.turn:
        return moved
    # Where skin is still is not level 0: the median is where most of a face lies. The grid turns by +angle, so what
    # it shows turns by -angle. u and v were stretched apart and have no common unit; small angles can live with that.
    strain, field = moved[:, :1], moved[:, 1:]
    still = field.flatten(2).median(dim=2).values[:, :, None, None]
    v, u = (field - still).unbind(1)
    c, s = cos.view(-1, 1, 1), sin.view(-1, 1, 1)
    return torch.cat([strain, torch.stack([c * v - s * u, c * u + s * v], dim=1) + still], dim=1)


def _with_head_motion(maps: Tensor, amount: float) -> Tensor:
    """(v, u) with a linear field on top. Strain is left alone: that of a small rotation or translation is nought."""
    count, _, height, width = maps.shape
    down = torch.linspace(-1, 1, height).view(1, 1, height, 1)
    right = torch.linspace(-1, 1, width).view(1, 1, 1, width)
    along_down, along_right = torch.randn(2, count, 2, 1, 1) * amount
    return torch.cat([maps[:, :1], maps[:, 1:] + along_down * down + along_right * right], dim=1)


def _smooth_noise(shape: torch.Size) -> Tensor:
    """Normal noise of standard deviation 1 with the grain of dense flow."""
    count, channels, height, width = shape
    coarse = torch.randn(count, channels, CELLS, CELLS)
    noise = functional.interpolate(coarse, (height, width), mode="bicubic", align_corners=False)
    return noise / noise.std()
