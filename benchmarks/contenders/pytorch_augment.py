"""The race's augmentation as PyTorch's users write it: on a whole batch, by an affine grid and ``grid_sample``."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from distortion import spline_basis
from torch import Tensor
from torch.nn import functional


class Distort:
    """Turn, scale, slant, shift and bend images (n, channels, height, width), and change their strokes."""

    def __init__(self, size: tuple[int, int], settings: Mapping[str, float]) -> None:
        self.settings = settings
        self.rows, self.columns = (torch.from_numpy(spline_basis(length)) for length in size)
        height, width = size
        centre = torch.tensor([width - 1, height - 1]) / 2
        y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        self.places, self.scale = torch.stack([x, y], dim=-1) - centre, 1 / centre

    def __call__(self, images: Tensor) -> Tensor:
        """Return changed images."""
        count, s = len(images), self.settings
        draws = torch.rand(count, 6) * 2 - 1
        angles, factors = torch.deg2rad(s["rotate"] * draws[:, 0]), 1 + s["scale"] * draws[:, 1]
        cosine, sine = torch.cos(angles) / factors, torch.sin(angles) / factors
        slant = torch.tan(torch.deg2rad(s["shear"] * draws[:, 2]))
        # (x, y): the inverse of turning, scaling and slanting.
        matrices = torch.stack([cosine + slant * sine, slant * cosine - sine, sine, cosine], dim=1).view(-1, 2, 2)
        controls = s["elastic"] * torch.randn(count, *(basis.shape[1] for basis in (self.rows, self.columns)), 2)
        field = torch.einsum("ya,nabi,xb->nyxi", self.rows, controls, self.columns)
        from_centre = self.places - (s["shift"] * draws[:, None, None, 3:5])
        grid = torch.einsum("nij,nyxj->nyxi", matrices, from_centre) + field
        changed = functional.grid_sample(images, grid * self.scale, "bilinear", "zeros", align_corners=True)
        share = s["stroke"] * draws[:, 5].view(-1, 1, 1, 1)
        thicker = functional.max_pool2d(changed, 3, 1, 1)
        thinner = -functional.max_pool2d(-changed, 3, 1, 1)
        return changed + share.abs() * (torch.where(share > 0, thicker, thinner) - changed)
