"""DINOv2's networks: the same numbers as PyTorch's own transformer, and the published names and sizes."""

import pytest
import torch
from torch import Tensor, nn

from dcgan.scoring.dinov2 import SHAPES, DinoV2, Shape

MEAN, DEVIATION = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])


def _network(shape: Shape) -> DinoV2:
    """With random weights."""
    torch.manual_seed(0)
    network = DinoV2(shape).eval().requires_grad_(False)
    for name, weights in network.named_parameters():
        weights.copy_(torch.randn_like(weights) / 10 + (1 if "norm" in name and name.endswith("weight") else 0))
    return network


def _by_pytorch(network: DinoV2, images: Tensor) -> Tensor:
    """The features by PyTorch's encoder layers, whose projections take the scales of what is added."""
    model = network.model
    seen = (images / 255 - MEAN.view(3, 1, 1)) / DEVIATION.view(3, 1, 1)
    patches = model.patch_embed["proj"](seen).flatten(2).transpose(1, 2)
    grid = model.pos_embed[:, 1:].transpose(1, 2).view(1, -1, 37, 37)
    scale = 16.1 / 37
    grid = nn.functional.interpolate(grid, scale_factor=(scale, scale), mode="bicubic")
    tokens = torch.cat([model.cls_token.expand(len(images), -1, -1), patches], dim=1)
    tokens = tokens + torch.cat([model.pos_embed[:, :1], grid.flatten(2).transpose(1, 2)], dim=1)
    for block in model.blocks:
        width = tokens.shape[2]
        layer = nn.TransformerEncoderLayer(
            width, block.attn.heads, 4 * width, 0.0, "gelu", 1e-6, batch_first=True, norm_first=True
        )
        state = {
            "self_attn.in_proj_weight": block.attn.qkv.weight,
            "self_attn.in_proj_bias": block.attn.qkv.bias,
            "self_attn.out_proj.weight": block.ls1.gamma[:, None] * block.attn.proj.weight,
            "self_attn.out_proj.bias": block.ls1.gamma * block.attn.proj.bias,
            "linear1.weight": block.mlp.fc1.weight,
            "linear1.bias": block.mlp.fc1.bias,
            "linear2.weight": block.ls2.gamma[:, None] * block.mlp.fc2.weight,
            "linear2.bias": block.ls2.gamma * block.mlp.fc2.bias,
            **{f"norm1.{name}": value for name, value in block.norm1.state_dict().items()},
            **{f"norm2.{name}": value for name, value in block.norm2.state_dict().items()},
        }
        layer.load_state_dict(state)
        tokens = layer.train(False)(tokens)
    return model.norm(tokens)[:, 0]


def test_its_features_are_those_of_a_plain_transformer() -> None:
    network = _network(Shape(features=24, blocks=3, heads=3))
    images = torch.randint(0, 256, (2, 3, 224, 224), dtype=torch.uint8)
    (features,) = network(images)
    torch.testing.assert_close(features, _by_pytorch(network, images), rtol=1e-4, atol=1e-4)  # sums of 24 to 96 floats
    assert features.std() > 0.1


def test_a_gated_block_is_silu_of_one_half_times_the_other() -> None:
    network = _network(Shape(features=12, blocks=1, heads=2, gated=True))
    gated, tokens = network.model.blocks[0].mlp, torch.randn(1, 5, 12)
    half = gated.w3.in_features
    assert (half, gated.w12.out_features) == (32, 64)
    first, second = gated.w12(tokens)[..., :half], gated.w12(tokens)[..., half:]
    torch.testing.assert_close(gated(tokens), gated.w3(first * torch.sigmoid(first) * second))


@pytest.mark.parametrize(
    ("kind", "millions"),
    [("dinov2-vit-s-14", 22.06), ("dinov2-vit-b-14", 86.58), ("dinov2-vit-l-14", 304.37), ("dinov2-vit-g-14", 1136.48)],
)
def test_it_has_the_published_number_of_weights(kind: str, millions: float) -> None:
    with torch.device("meta"):
        network = DinoV2(SHAPES[kind])
    count = sum(weights.numel() for weights in network.parameters()) / 1e6
    assert count == pytest.approx(millions, abs=0.005)
    names = set(network.model.state_dict())
    assert {"cls_token", "pos_embed", "mask_token", "patch_embed.proj.bias", "norm.weight"} <= names
    ends = {name.removeprefix("blocks.0.") for name in names if name.startswith("blocks.0.")}
    mlp = {"mlp.w12", "mlp.w3"} if SHAPES[kind].gated else {"mlp.fc1", "mlp.fc2"}
    layers = {"norm1", "attn.qkv", "attn.proj", "norm2", *mlp}
    assert ends == {f"{layer}.{part}" for layer in layers for part in ("weight", "bias")} | {"ls1.gamma", "ls2.gamma"}
