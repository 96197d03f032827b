"""STCNN is the published one, whatever the number of pictures."""

import pytest

torch = pytest.importorskip("torch", reason="torch comes with the extra `train`")

from deadpan.models.training.stcnn import STCNN, flattened, parameters  # noqa: E402


def test_learned_numbers_are_the_published_networks() -> None:
    """18 pictures, SMIC-HS: 62 × 62 × 4 windows, pooled to 20 × 20 × 1; 96, CAS(ME)²: 62 × 62 × 82, to 20 × 20 × 27."""
    smic, square = (18, 64, 64, 1), (96, 64, 64, 1)
    assert (flattened(smic), flattened(square)) == (32 * 20 * 20 * 1, 32 * 20 * 20 * 27)
    convolution = 32 * 3 * 3 * 15 + 32
    assert parameters(smic) == convolution + (12_800 * 128 + 128) + (128 * 3 + 3) == 1_643_267
    assert parameters(square) == convolution + (345_600 * 128 + 128) + (128 * 3 + 3) == 44_241_667
    assert sum(each.numel() for each in STCNN(smic).parameters()) == parameters(smic)


@pytest.mark.parametrize("depth", [17, 18, 24])
def test_it_takes_as_many_pictures_as_it_was_made_for(depth: int) -> None:
    sample = (depth, 64, 64, 1)
    network = STCNN(sample).eval()
    levels = torch.rand(2, *sample) * 255
    with torch.inference_mode():
        video = levels.permute(0, 4, 1, 2, 3)
        assert network.convolution(video).flatten(1).shape == (2, flattened(sample))
        assert network(levels).shape == (2, 3)
        assert not torch.equal(network(levels), network(levels.flip(1)))  # the order of the pictures counts
