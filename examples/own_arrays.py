"""Train on arrays of your own, and predict raw pixels afterwards.

python examples/own_arrays.py
"""

import warnings

import numpy as np

import inklings

# Stands for what you have: bytes, dark ink on light paper, as a scanner gives them.
digits = inklings.open_dataset("digits")
pixels = np.round(255 * (1 - digits.images[..., 0].clip(0, 1))).astype(np.uint8)
labels = digits.named_labels
known, new = slice(0, None, 2), slice(1, None, 2)

with warnings.catch_warnings():
    warnings.simplefilter("ignore", inklings.DataWarning)  # the notes below say the same
    data = inklings.from_arrays(pixels[known], labels[known])
for note in data.notes:
    print("note:", note)

split = data.split()
plan = inklings.preset("mlp", data.image_shape, data.class_count, hidden_units=100, dropout=True)
recipe = plan.recipe.with_settings(epochs=20)
fitted = inklings.fit(plan.network, recipe, split)
print(fitted)

model = fitted.to_model()
model.save("mine.inkling")
answers = inklings.load("mine.inkling").predict(pixels[new])  # as they came: the model inverts and scales them
print(f"{np.mean(answers == labels[new]):.1%} of {len(answers):,} new images are right")
