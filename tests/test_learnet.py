"""LEARNet is the published one, and pools its clip by rank."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")

from deadpan.models.alignment import rank_weights  # noqa: E402
from deadpan.models.training.learnet import PARAMETERS, LEARNet  # noqa: E402


def clips(n: int = 2, depth: int = 16) -> "torch.Tensor":
    torch.manual_seed(0)
    return torch.randint(0, 256, (n, depth, 112, 112, 3)).float()


def test_learned_numbers_are_the_published_networks() -> None:
    chain = (16 * 16 + 16) + (9 * 16 * 32 + 32) + (25 * 32 * 64 + 64)
    norms = 2 * (2 * (16 + 32) + 256)
    last = (4 * 4 * 256 * 256 + 256) + (256 * 3 + 3)
    by_hand = (9 * 3 * 16 + 16) + 4 * chain + norms + (9 * 256 * 256 + 256) + last
    assert sum(each.numel() for each in LEARNet().parameters()) == PARAMETERS == by_hand
    assert sum(each.numel() for each in LEARNet(classes=8).parameters()) == by_hand + 5 * 257


def test_maps_are_halved_as_published() -> None:
    network = LEARNet().eval()
    with torch.inference_mode():
        maps = network.stem(network.image(clips()))
        assert maps.shape == (2, 16, 56, 56)
        first = network.pairs[0]
        assert first.one(maps).shape == (2, 16, 28, 28)
        assert first.two(first.one(maps)).shape == (2, 32, 14, 14)
        assert first(maps).shape == (2, 128, 7, 7)
        assert network.join(torch.cat([pair(maps) for pair in network.pairs], 1)).shape == (2, 256, 4, 4)
        assert network(clips()).shape == (2, 3)


def test_the_image_is_the_rank_pooled_clip_stretched() -> None:
    levels = clips(depth=7)
    pooled = np.einsum("t,nthwc->nchw", rank_weights(7), levels.numpy().astype(float))
    low, high = pooled.min((1, 2, 3), keepdims=True), pooled.max((1, 2, 3), keepdims=True)
    image = LEARNet((7, 112, 112, 3)).image(levels).numpy()
    np.testing.assert_allclose(image, 2 * (pooled - low) / (high - low) - 1, atol=1e-4)
    assert (image.min(), image.max()) == (-1, pytest.approx(1))


def test_what_does_not_change_is_not_seen() -> None:
    network = LEARNet().eval()
    still = clips(depth=1).expand(-1, 16, -1, -1, -1)
    assert float(network.image(still).max()) < -0.99  # level, not noise that was stretched
    moving = clips() / 4
    torch.testing.assert_close(network.image(moving + still / 2), network.image(moving), atol=1e-4, rtol=0)


def test_two_chains_take_their_siblings_maps_in() -> None:
    torch.manual_seed(0)
    pair = LEARNet().eval().pairs[0]
    maps = torch.rand(2, 16, 56, 56)
    with torch.inference_mode():
        for silent in (pair.other_one, pair.other_two):
            silent[0].weight.zero_()
            silent[0].bias.zero_()
        end = pair(maps)[:, 64:]
        torch.testing.assert_close(end, pair.other_three(pair.second(pair.two(pair.one(maps)))))
        pair.other_two[0].weight.normal_()
        more = pair.other_two(pair.first(pair.one(maps)))
        torch.testing.assert_close(pair(maps)[:, 64:], pair.other_three(pair.second(pair.two(pair.one(maps)) + more)))
