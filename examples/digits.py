"""The whole story: six networks learn handwritten digits, over-fit, are mended, and are used.

``python examples/digits.py`` takes some minutes; with ``--quick`` it trains less and takes some seconds.
"""

import sys

import inklings
from inklings.training import best_record

quick = "--quick" in sys.argv

# The data: 5,000 images of 20 x 20, split into 2,750 to learn from, 1,000 to choose by, 1,250 to test.
digits = inklings.open_dataset("digits")
for heading, text in inklings.describe(digits).lines():
    print(f"{heading:<12} {text}")
split = digits.split(seed=0)

# A network is layers that fit each other; a recipe is every other choice.
plan = inklings.preset("mlp", digits.image_shape, digits.class_count, hidden_units=100)
recipe = plan.recipe.with_settings(epochs=20 if quick else 200)
print(f"\n{plan.title}: {plan.network.parameter_count:,} parameters, {plan.network.operations:,} operations an image")

# Training it without any regularisation over-fits: the validation loss turns round while the training loss falls on.
fitted = inklings.fit(plan.network, recipe, split)
best, last = best_record(fitted.history), fitted.history[-1]
print(f"validation loss: {best.validation_loss:.3f} in epoch {best.epoch}, {last.validation_loss:.3f} at the end")
print(f"training loss at the end: {last.train_loss:.4f}")

# Stopping early takes the best epoch's weights.
stopped = inklings.fit(plan.network, recipe.with_settings(early_stopping=10), split)
print(f"stopped after {stopped.history[-1].epoch} epochs, with the weights of epoch {stopped.best_epoch}")

# What it has learnt can be used, saved and loaded again.
model = inklings.Model.from_fit(stopped, digits)
model.save("digits.inkling")
reads = inklings.load("digits.inkling").predict(split.test.images)
print(f"it reads {(reads == split.test.named_labels).mean():.1%} of the test images right")

# All experiments on the same split, each measured once on the test images; the page shows the curves.
comparison = inklings.compare(data=split, quick=quick)
for result in comparison.results:
    print(f"{result.title:<24} {result.test:.1%} ({result.interval.low:.1%} to {result.interval.high:.1%})")
print(f"report: {inklings.write_report(comparison, 'digits-report')}")
