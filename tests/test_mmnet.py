"""MMNet is the published one."""

import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")

from deadpan.models.training.mmnet import PARAMETERS, MMNet  # noqa: E402

SMALL = (2, 32, 32, 3)


def block(before: int, after: int) -> int:
    shortcut = before * after + 2 * after
    return 9 * before * after + 2 * after + after * after + 2 * after + (2 + 2) + shortcut


def test_learned_numbers_are_the_published_networks() -> None:
    stem = 27 * 180 + 2 * 180 + 9 * 180 * 128 + 2 * 128
    first = block(128, 128) - (128 * 128 + 2 * 128)  # at full size there is nothing to fit the shortcut to
    blocks = first + block(128, 128) + block(128, 256) + block(256, 512)
    layer = 2 * 1024 + (512 * 1536 + 1536) + (512 * 512 + 512) + (512 * 1024 + 1024) + (1024 * 512 + 512)
    position = (3 * 512 + 512) + 14 * 14 * 512 + 3 * layer + 1024
    last = 512 * 14 * 14 * 3 + 3
    assert (stem, blocks, position, last) == (212_836, 2_316_048, 6_411_776, 301_059)
    assert sum(each.numel() for each in MMNet().parameters()) == PARAMETERS == stem + blocks + position + last


def test_sizes_are_the_published_ones() -> None:
    network = MMNet().eval()
    with torch.inference_mode():
        maps, attention = network.stem(torch.zeros(1, 3, 224, 224)), None
        for each, (channels, side) in zip(network.blocks, ((128, 112), (128, 56), (256, 28), (512, 14)), strict=True):
            before = None if attention is None else network.pool(attention)
            maps, attention = each(maps, before)
            assert (maps.shape, attention.shape) == ((1, channels, side, side), (1, 1, side, side))
        assert network.small(torch.zeros(1, 3, 224, 224)).shape == (1, 3, 14, 14)
        assert network.position(torch.zeros(1, 3, 14, 14)).shape == (1, 512, 14, 14)


def test_smaller_pictures_give_a_smaller_last_layer_only() -> None:
    torch.manual_seed(0)
    network = MMNet(SMALL).eval()
    less = 192 * 512 * 4  # cells fewer, in the places and in three classes' weights
    assert sum(each.numel() for each in network.parameters()) == PARAMETERS - less
    with torch.inference_mode():
        assert network(torch.rand(3, *SMALL) * 255).shape == (3, 3)
    with pytest.raises(ValueError, match="multiple of 16"):
        MMNet((2, 100, 100, 3))


def test_attention_is_handed_on_and_position_comes_from_the_onset_alone() -> None:
    torch.manual_seed(0)
    network = MMNet(SMALL).eval()
    with torch.inference_mode():
        maps = torch.rand(2, 128, 16, 16)
        free, alone = network.blocks[1](maps, None)
        held, product = network.blocks[1](maps, torch.full((2, 1, 8, 8), 0.5))
        torch.testing.assert_close(product, alone / 2)
        torch.testing.assert_close(held, free / 2)
        moving = torch.rand(8, *SMALL) * 255
        for _ in range(10):  # so that batch norm brings the main branch to the size of the other
            network.train()(moving)
        network.eval()
        # Without change between onset and apex the main branch is the same for all onsets; what differs is position.
        still = (torch.rand(2, 1, 32, 32, 3) * 255).expand(-1, 2, -1, -1, -1)
        assert (network(still)[0] - network(still)[1]).abs().max() > 0.01
        network.position.embed.weight.zero_()
        torch.testing.assert_close(*network(still))
        assert (network(moving)[0] - network(moving)[1]).abs().max() > 0.01


def test_layers_are_left_out_in_training_only() -> None:
    torch.manual_seed(0)
    network = MMNet(SMALL)
    assert [layer.drop for layer in network.position.layers] == pytest.approx([0, 0.15, 0.3])
    onset = torch.rand(1, 3, 2, 2)
    with torch.no_grad():
        assert torch.equal(network.eval().position(onset), network.position(onset))
        said = torch.stack([network.train().position(onset) for _ in range(30)])
        assert len(torch.unique(said[:, 0, 0, 0, 0])) > 1
