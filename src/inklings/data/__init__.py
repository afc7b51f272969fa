"""Labelled images: where they come from, what they hold, how they are split."""
