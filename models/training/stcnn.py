"""MicroExpSTCNN (Reddy et al. 2019, "… using 3D Spatiotemporal Convolutional Neural Networks"): the paper's STCNN."""

from torch import Tensor, nn

SIDE = 64
KERNEL = (15, 3, 3)
"""Pictures, rows, columns."""


class STCNN(nn.Module):
    """One convolution over pictures, rows and columns, and two linear layers.

    In: (n, d, 64, 64, 1) float32 levels, 0–255, of d ≥ 17 pictures. Out: (n, classes) logits.

    From the paper and its authors' public code. One thing differs: levels are centred and scaled by 127.5, where theirs
    subtracts the training set's mean and divides by its largest value.
    """

    def __init__(self, sample: tuple[int, int, int, int] = (18, SIDE, SIDE, 1), classes: int = 3) -> None:
        """Weights are drawn from torch's global generator; `sample` is the shape of one clip."""
        super().__init__()
        self.convolution = nn.Sequential(nn.Conv3d(1, 32, KERNEL), nn.ReLU(), nn.MaxPool3d(3), nn.Dropout(0.5))
        first, self.last = nn.Linear(flattened(sample), 128), nn.Linear(128, classes)
        self.hidden = nn.Sequential(nn.Flatten(), first, nn.ReLU(), nn.Dropout(0.5))
        for linear in (first, self.last):  # Keras' "normal"
            nn.init.normal_(linear.weight, std=0.05)
            nn.init.zeros_(linear.bias)

    def forward(self, levels: Tensor) -> Tensor:
        """See the class."""
        video = (levels - 127.5).div(127.5).permute(0, 4, 1, 2, 3)
        logits: Tensor = self.last(self.hidden(self.convolution(video)))
        return logits


def flattened(sample: tuple[int, int, int, int]) -> int:
    """Numbers that are left of one clip of that shape after the pooling."""
    sizes = [(size - kernel + 1) // 3 for size, kernel in zip(sample, KERNEL, strict=False)]
    return 32 * sizes[0] * sizes[1] * sizes[2]


def parameters(sample: tuple[int, int, int, int], classes: int = 3) -> int:
    """Learned numbers: of the convolution, and of the two linear layers."""
    return (135 + 1) * 32 + (flattened(sample) + 1) * 128 + (128 + 1) * classes
