"""Keras 3 on TensorFlow, with each of its settings that may be the fastest on a processor.

A setting is a list of words. ``fit`` is Keras's own loop, all steps of a turn in one execution; ``function`` calls a
``tf.function`` that takes one step, ``epoch`` one that takes all. ``jit`` compiles them with XLA; ``bfloat16`` is the
mixed precision policy; ``one-thread``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf
from keras import layers
from tensorflow_augment import Distort
from turns import Contest, Task, serve


def mlp(task: Task) -> keras.Model:
    """400-800-10 with dropout of a fifth of the input and half of the hidden units."""
    return keras.Sequential(
        [
            keras.Input(task.train_images.shape[1:]),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(task.hidden_units, "relu"),
            layers.Dropout(0.5),
            layers.Dense(10, dtype="float32"),
        ]
    )


def cnn2(task: Task) -> keras.Model:
    """Two convolutions with pooling, 1,024 rectified units with dropout."""
    start: dict[str, Any] = {
        "kernel_initializer": keras.initializers.TruncatedNormal(stddev=0.1),
        "bias_initializer": keras.initializers.Constant(0.1),
    }
    return keras.Sequential(
        [
            keras.Input(task.train_images.shape[1:]),
            layers.Conv2D(32, 5, padding="same", activation="relu", **start),
            layers.MaxPooling2D(2, padding="same"),
            layers.Conv2D(64, 5, padding="same", activation="relu", **start),
            layers.MaxPooling2D(2, padding="same"),
            layers.Flatten(),
            layers.Dense(1024, "relu", **start),
            layers.Dropout(0.5),
            layers.Dense(10, dtype="float32", **start),
        ]
    )


def best(task: Task) -> keras.Model:
    """Five convolutions with batch normalisation, two poolings between them and one of the whole image behind."""
    parts: list[keras.Layer] = [keras.Input(task.train_images.shape[1:])]
    for number, filters in enumerate((32, 32, 64, 64, 128)):
        if number in (2, 4):
            parts.append(layers.MaxPooling2D(2))
        convolution = layers.Conv2D(filters, 3, padding="same", use_bias=False)
        parts += [convolution, layers.BatchNormalization(momentum=0.9), layers.ReLU()]
    return keras.Sequential([*parts, layers.GlobalAveragePooling2D(), layers.Dense(10, dtype="float32")])


class Trainer:
    """A network, an optimiser, and images in memory."""

    def __init__(
        self, task: Task, build: Callable[[Task], keras.Model], optimiser: Callable[[], keras.Optimizer]
    ) -> None:
        threads = 1 if "one-thread" in task.setting else task.threads
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
        keras.utils.set_random_seed(task.seed)
        if "bfloat16" in task.setting:
            keras.mixed_precision.set_global_policy("mixed_bfloat16")
        self.task, self.network = task, build(task)
        self.images, self.labels = tf.constant(task.train_images), tf.constant(task.train_labels)
        self.loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        jit = "jit" in task.setting
        self.network.compile(optimiser(), self.loss, jit_compile=jit, steps_per_execution=task.steps)
        self.network.optimizer.build(self.network.trainable_variables)
        self.step = tf.function(self._step, jit_compile=jit, reduce_retracing=True)
        self.epoch = tf.function(self._epoch, jit_compile=jit)
        self.read = tf.function(lambda images: self.network(images, training=False), jit_compile=jit)
        self.batches = task.batches()
        self.change: Callable[[tf.Tensor], tf.Tensor] = lambda images: images
        if "augmentation" in task.options:
            self.change = Distort(task.train_images.shape[1:3], task.augmentation)

    def train(self) -> None:
        """Take the steps of a turn."""
        if "fit" in self.task.setting:
            size = self.task.batch_size
            count = self.task.steps * size
            whole = len(self.task.train_images) // size * size
            epochs, rest = divmod(count, whole)
            images, labels = self.task.train_images[:whole], self.task.train_labels[:whole]
            if epochs:
                self.network.fit(images, labels, batch_size=size, epochs=epochs, verbose=0, shuffle=True)
            if rest:
                self.network.fit(images[:rest], labels[:rest], batch_size=size, verbose=0, shuffle=True)
        elif "epoch" in self.task.setting:
            self.epoch(tf.constant([next(self.batches) for _ in range(self.task.steps)])).numpy()
        else:
            loss = tf.constant(0.0)
            for _ in range(self.task.steps):
                loss = self.step(tf.constant(next(self.batches)))
            loss.numpy()

    def _step(self, rows: tf.Tensor) -> tf.Tensor:
        images, labels = tf.gather(self.images, rows), tf.gather(self.labels, rows)
        with tf.GradientTape() as tape:
            loss = self.loss(labels, self.network(self.change(images), training=True))
        gradients = tape.gradient(loss, self.network.trainable_variables)
        self.network.optimizer.apply(gradients, self.network.trainable_variables)
        return loss

    def _epoch(self, order: tf.Tensor) -> tf.Tensor:
        loss = tf.constant(0.0)
        for number in tf.range(len(order)):
            loss = self._step(order[number])
        return loss

    def predict(self, images: tf.Tensor, size: int = 500) -> tf.Tensor:
        """Give probabilities."""
        return tf.concat([tf.nn.softmax(self.read(images[i : i + size])) for i in range(0, len(images), size)], 0)

    def accuracy(self) -> float:
        """Read the test images."""
        found = self.predict(tf.constant(self.task.test_images)).numpy().argmax(1)
        return float((found == self.task.test_labels).mean())


def nesterov() -> keras.Optimizer:
    """Build the optimiser of the multi-layer perceptron."""
    return keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True)


def adamw(task: Task) -> keras.Optimizer:
    """Build that of the network with batch normalisation, whose weights alone decay."""
    rate: Any = task.rate(0)
    if "epochs" in task.options:
        rate = keras.optimizers.schedules.CosineDecay(rate, task.epochs * task.steps, alpha=task.final)
    optimiser = keras.optimizers.AdamW(rate, weight_decay=0.01, epsilon=1e-8)
    optimiser.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimiser


def train_mlp(task: Task) -> Contest:
    trainer = Trainer(task, mlp, nesterov)
    return Contest(trainer.train, trainer.accuracy)


def train_cnn2(task: Task) -> Contest:
    trainer = Trainer(task, cnn2, lambda: keras.optimizers.Adam(1e-4))
    return Contest(trainer.train, trainer.accuracy)


def train_best(task: Task) -> Contest:
    trainer = Trainer(task, best, lambda: adamw(task))
    return Contest(trainer.train, trainer.accuracy)


def build(task: Task) -> Trainer:
    """Prepare the network that a task names, with the settings that need the fewest steps."""
    if task.network == "mlp":
        return Trainer(task, mlp, nesterov)
    if task.network == "best":
        return Trainer(task, best, lambda: adamw(task))
    return Trainer(task, cnn2, lambda: keras.optimizers.Adam(1e-3))


def predict(task: Task) -> Contest:
    """Read as many images as a turn says, with a network that was trained a little."""
    trainer = build(task)
    trainer.train()
    images = trainer.images[: task.count]
    return Contest(lambda: [trainer.predict(images).numpy() for _ in range(task.repeats)], trainer.accuracy)


def reach(task: Task) -> Contest:
    """Train until the accuracy that is asked for is reached on the test images."""
    trainer = build(task)

    def run() -> None:
        for _ in range(task.most):
            trainer.train()
            if trainer.accuracy() >= task.accuracy:
                return

    return Contest(run, trainer.accuracy)


if __name__ == "__main__":
    works = {"mlp": train_mlp, "cnn2": train_cnn2, "best": train_best, "predict": predict, "reach": reach}
    serve(works, lambda: f"Keras {keras.__version__} on TensorFlow {tf.__version__}")
