"""Optimisers that take all training images in every step: BFGS, L-BFGS and conjugate gradients."""
