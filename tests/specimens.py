"""Networks that together have every layer with every option, and objectives that have every term."""

from inklings import (
    Activation,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalPool,
    Initializer,
    MaxPool2D,
    Network,
)
from inklings.engines import Objective

WIDE = Initializer("uniform", 0.5)
END = Dense(3, "softmax", WIDE, WIDE)


def flat(*layers):
    return Network((5, 4, 1), (Flatten(), *layers, END))


def picture(*layers, shape=(7, 6, 2)):
    return Network(shape, (*layers, Flatten(), END))


NETWORKS = {
    "softmax": flat(),
    "without biases": flat(Dense(6, "tanh", WIDE, None)),
    **{
        activation: flat(Dense(7, activation, WIDE, WIDE))
        for activation in ("linear", "relu", "leaky_relu", "elu", "sigmoid", "tanh")
    },
    "activation alone": flat(Dense(6, "linear", WIDE, WIDE), Activation("elu")),
    "softmax alone": Network((5, 4, 1), (Flatten(), Dense(3, "linear", WIDE, WIDE), Activation("softmax"))),
    "dropout": flat(Dropout(0.2), Dense(9, "relu", WIDE, WIDE), Dropout(0.5)),
    "normalised": flat(Dense(6, "linear", WIDE, WIDE), BatchNorm(0.8, 1e-2), Activation("tanh")),
    **{
        f"convolution {padding} {kernel} by {stride}": picture(Conv2D(3, kernel, padding, stride, "tanh", WIDE, WIDE))
        for padding in ("same", "valid")
        for kernel in (3, (2, 3))
        for stride in (1, 2, (2, 1))
    },
    "convolution without biases": picture(Conv2D(3, 3, "same", 1, "elu", WIDE, None)),
    **{
        f"pooling {padding} {size} by {stride}": picture(
            Conv2D(3, 3, "same", 1, "relu", WIDE, WIDE), MaxPool2D(size, stride, padding), shape=(7, 5, 1)
        )
        for padding in ("same", "valid")
        for size, stride in ((2, None), (3, 2), ((3, 2), (1, 2)))
    },
    "pooling alone": picture(MaxPool2D(2)),
    "average": Network((6, 6, 1), (Conv2D(4, 3, "same", 1, "relu", WIDE, WIDE), GlobalPool("average"), END)),
    "largest": Network((6, 6, 1), (Conv2D(4, 3, "valid", 1, "tanh", WIDE, WIDE), GlobalPool("max"), END)),
    "convolution normalised": picture(
        Conv2D(3, 3, "same", 1, "linear", WIDE), BatchNorm(), Activation("relu"), MaxPool2D(2), Dropout(0.3)
    ),
    "fully convolutional": Network(
        (6, 6, 3), (Conv2D(3, 3, "valid", 1, "linear", WIDE, WIDE), GlobalPool(), Activation("softmax"))
    ),
    "sigmoid outputs": Network(
        (5, 4, 1), (Flatten(), Dense(6, "sigmoid", WIDE, WIDE), Dense(3, "sigmoid", WIDE, WIDE))
    ),
}


def objective_for(network, **settings):
    loss = "crossentropy" if network.output_activation == "softmax" else "binary_crossentropy"
    return Objective(loss, **settings)


OBJECTIVES = {
    "mean": {},
    "sum": {"reduction": "sum"},
    "smoothed": {"label_smoothing": 0.2},
    "weighted": {"class_weights": (0.5, 1.0, 3.0)},
    "weighted sum": {"class_weights": (0.5, 1.0, 3.0), "reduction": "sum"},
    "l1": {"l1": 0.01, "penalised": ("dense_1/weights",)},
    "l2": {"l2": 0.03, "penalised": ("dense_1/weights", "dense_2/weights")},
}
