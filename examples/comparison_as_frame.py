"""Compare networks and classifiers that are none on several splits, and look at the results as a data frame.

python examples/comparison_as_frame.py
"""

import inklings

digits = inklings.open_dataset("digits")
small = inklings.Network(
    digits.image_shape,
    (inklings.Flatten(), inklings.Dense(30, "relu"), inklings.Dense(10, "softmax")),
)
mine = inklings.Plan("small", "", small, inklings.Recipe("adam", epochs=15))

compared = inklings.compare(["softmax", mine, "knn"], digits, repeats=3, quick=True)
frame = compared.to_frame()  # of pandas, or of polars where there is no pandas
print(frame[["title", "test", "interval_low", "interval_high", "seconds"]].round(3).to_string())
for sentence in compared.sentences:
    print(sentence)

axes = inklings.plots.plot_accuracies(compared)
axes.figure.savefig("accuracies.png")
history = compared.repeats[0].trained_networks[0].fitted.history.to_frame()
print(history[["epoch", "train_loss", "validation_loss"]].tail(3).round(3).to_string())
