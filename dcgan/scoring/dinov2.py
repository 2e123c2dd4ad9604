"""DINOv2's vision transformers, written here: torch-fidelity has them run by code that it fetches and does not check.

M. Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision", https://arxiv.org/abs/2304.07193; the
weights are those that the authors publish, by their names of layers.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x

_PATCH = 14  # pixels a side
_SIDE = 16  # patches a side of what the network sees: 224 pixels
_TRAINED_SIDE = 37  # patches a side of the published positions: 518 pixels
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's colours, in [0, 1]
_EPSILON = 1e-6
_OFFSET = 0.1  # patches, with which the authors scale positions down, against rounding


class Shape(NamedTuple):
    """The features of a token, the blocks, the attention heads, and whether a block's own network is gated (SwiGLU)."""

    features: int
    blocks: int
    heads: int
    gated: bool = False


SHAPES = {
    "dinov2-vit-s-14": Shape(384, 12, 6),
    "dinov2-vit-b-14": Shape(768, 12, 12),
    "dinov2-vit-l-14": Shape(1024, 24, 16),
    "dinov2-vit-g-14": Shape(1536, 40, 24, gated=True),
}


class DinoV2(nn.Module):
    """uint8 images (n, 3, H, W) to one layer of features (n, d): the class token, normalised.

    Images are brought to 224 x 224 as torch-fidelity does it. `model` has the weights, under their published names.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.model = _Transformer(shape)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        side = _SIDE * _PATCH
        pixels = interpolate_bilinear_2d_like_tensorflow1x(images.float(), size=(side, side), align_corners=False)
        mean, deviation = (255 * pixels.new_tensor(colour).view(3, 1, 1) for colour in (_MEAN, _DEVIATION))
        return (self.model((pixels - mean) / deviation),)


class _Transformer(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, shape.features))
        self.pos_embed = nn.Parameter(torch.zeros(1, _TRAINED_SIDE**2 + 1, shape.features))
        self.mask_token = nn.Parameter(torch.zeros(1, shape.features))  # published, and of use in training alone
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(3, shape.features, _PATCH, stride=_PATCH)})
        self.blocks = nn.Sequential(*(_Block(shape) for _ in range(shape.blocks)))
        self.norm = nn.LayerNorm(shape.features, eps=_EPSILON)

    def forward(self, pixels: Tensor) -> Tensor:
        patches = self.patch_embed["proj"](pixels).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.cls_token.expand(len(pixels), -1, -1), patches], dim=1) + self._positions()
        features: Tensor = self.norm(self.blocks(tokens))[:, 0]
        return features

    def _positions(self) -> Tensor:
        """The learned positions (1, 1 + 16 * 16, d), those of the patches scaled down from 37 x 37."""
        own, grid = self.pos_embed[:, :1], self.pos_embed[:, 1:]
        grid = grid.transpose(1, 2).view(1, -1, _TRAINED_SIDE, _TRAINED_SIDE)
        scale = (_SIDE + _OFFSET) / _TRAINED_SIDE
        smaller = functional.interpolate(grid, scale_factor=(scale, scale), mode="bicubic")
        return torch.cat([own, smaller.flatten(2).transpose(1, 2)], dim=1)


class _Block(nn.Module):
    """Attention and a network of its own for each token; what each of them adds is scaled, feature by feature."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(shape.features, eps=_EPSILON)
        self.attn = _Attention(shape)
        self.ls1 = _Scale(shape.features)
        self.norm2 = nn.LayerNorm(shape.features, eps=_EPSILON)
        self.mlp = (_Gated if shape.gated else _Perceptron)(shape.features)
        self.ls2 = _Scale(shape.features)

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens + self.ls1(self.attn(self.norm1(tokens)))
        changed: Tensor = tokens + self.ls2(self.mlp(self.norm2(tokens)))
        return changed


class _Scale(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(features))

    def forward(self, tokens: Tensor) -> Tensor:
        scaled: Tensor = tokens * self.gamma
        return scaled


class _Attention(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.qkv = nn.Linear(shape.features, 3 * shape.features)
        self.proj = nn.Linear(shape.features, shape.features)

    def forward(self, tokens: Tensor) -> Tensor:
        by_head = (
            self.qkv(tokens).view(*tokens.shape[:2], 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        )  # (3, n, heads, tokens, d)
        mixed = functional.scaled_dot_product_attention(*by_head)
        projected: Tensor = self.proj(mixed.transpose(1, 2).flatten(2))
        return projected


class _Perceptron(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(features, 4 * features)
        self.fc2 = nn.Linear(4 * features, features)

    def forward(self, tokens: Tensor) -> Tensor:
        projected: Tensor = self.fc2(functional.gelu(self.fc1(tokens)))
        return projected


class _Gated(nn.Module):
    """SwiGLU: two thirds of the perceptron's width, in whole eights, since it has three matrices for two."""

    def __init__(self, features: int) -> None:
        super().__init__()
        width = -(-(4 * features * 2 // 3) // 8) * 8
        self.w12 = nn.Linear(features, 2 * width)
        self.w3 = nn.Linear(width, features)

    def forward(self, tokens: Tensor) -> Tensor:
        gate, value = self.w12(tokens).chunk(2, dim=2)
        projected: Tensor = self.w3(functional.silu(gate) * value)
        return projected
