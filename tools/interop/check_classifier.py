"""Trains small classifiers with train-classifier and compares the SavedModels with the equations, written in NumPy.

Each case trains through the launcher, loads the result with Python TensorFlow, reads the same weights from its checkpoint
and compares both signatures. Prints a line per case and "N passed, M failed"; exits with 1 if any failed.
"""

import functools
import json
import pathlib
import random
import subprocess
import tempfile

import numpy as np
import tensorflow as tf

import cases

LAUNCHER = pathlib.Path(__file__).resolve().parents[1] / "adaptive-softmax"
CASES = (
    ("softmax", ["--loss", "softmax"], 5),
    ("AS-Softmax", ["--loss", "as-softmax", "--delta", "0.3", "--skip-finished-rows"], 5),
    ("AS-Speed", ["--loss", "as-softmax", "--accumulate", "3", "--top", "7"], 7),
)
CLASSES = 7
TOLERANCE = 1e-5
TEXTS = ("w1 w8 of w15", "", "The W3 , w10 ; unheard-of w100", "w6", "nothing known here", "w2 w9 w16 w2 w9 w16 of the")


def write_examples(path, seed):
    generator = random.Random(seed)
    lines = []
    for i in range(700):
        label = i % CLASSES
        words = [f"w{label + CLASSES * generator.randrange(5)}" for _ in range(generator.randint(1, 6))]
        words += generator.choices(["the", "of", ",", "a"], k=generator.randint(0, 4))
        generator.shuffle(words)
        lines.append(f"class {label}\t{' '.join(words)}")
    path.write_text("\n".join(lines) + "\n")
    return path


def train(options, directory):
    command = [LAUNCHER, "train-classifier", "--json", "--epochs", "2", "--out", directory / "model"]
    for seed, part in enumerate(("train", "validation", "test")):
        command += [f"--{part}", write_examples(directory / f"{part}.tsv", seed)]
    run = subprocess.run(command + options, capture_output=True, text=True)
    require(run.returncode == 0, f"exit code {run.returncode}: {run.stderr.strip()}")
    return pathlib.Path(json.loads(run.stdout)["model"])


class Reference:
    """One text at a time, in float64."""

    def __init__(self, path):
        reader = tf.train.load_checkpoint(str(path / "variables" / "variables"))
        names = reader.get_variable_to_shape_map()
        self.weights = {name: reader.get_tensor(name).astype(np.float64) for name in names}
        lines = (path / "assets" / "ngrams.txt").read_text().splitlines()
        self.ranks = {ngram: rank for rank, ngram in enumerate(lines)}
        self.labels = (path / "assets" / "labels.txt").read_text().splitlines()

    def log_probs(self, text):
        words = text.lower().split()
        ngrams = words + [" ".join(pair) for pair in zip(words, words[1:])]
        rows = [self.ranks[ngram] for ngram in ngrams if ngram in self.ranks]
        table = self.weights["embedding/rows"]
        pooled = table[rows].sum(0) / np.sqrt(max(len(rows), 1))
        hidden = np.maximum(self.weights["hidden/weights"] @ pooled + self.weights["hidden/bias"], 0)
        logits = self.weights["output/weights"] @ hidden + self.weights["output/bias"]
        return logits - logits.max() - np.log(np.exp(logits - logits.max()).sum())


def serialized(text):
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[text.encode()]))
    return tf.train.Example(features=tf.train.Features(feature={"text": feature})).SerializeToString()


def compare(reference, model, k):
    expected = np.array([reference.log_probs(text) for text in TEXTS])
    best = np.take_along_axis(expected, np.argsort(-expected, axis=1)[:, :k], 1)
    predicted = call(model, "serving_default", text=TEXTS)
    classified = call(model, "classify", inputs=[serialized(text) for text in TEXTS])
    require_close("log_probs", predicted["log_probs"], best)
    require_close("scores", classified["scores"], np.exp(best))
    for answer in (predicted, classified):
        named = np.vectorize(lambda label: reference.labels.index(label.decode()))(answer["classes"])
        require_close("classes", np.take_along_axis(expected, named, 1), best)


def compare_edges(model):
    for answer in (call(model, "serving_default", text=()), call(model, "classify", inputs=())):
        for name, values in answer.items():
            require(len(values) == 0, f"{name} of an empty batch: {values.shape}")
    malformed = call(model, "serving_default", text=[b"\xff\xfe of \xc3"])
    require(np.isfinite(malformed["log_probs"]).all(), "a text that is not UTF-8")


def call(model, signature, **inputs):
    tensors = {name: tf.constant(values, tf.string) for name, values in inputs.items()}
    return {name: value.numpy() for name, value in model.signatures[signature](**tensors).items()}


def require(condition, message):
    if not condition:
        raise AssertionError(message)


def require_close(what, actual, expected):
    require(actual.shape == expected.shape, f"{what}: shape {actual.shape}, not {expected.shape}")
    error = np.abs(actual - expected) / np.maximum(1, np.abs(expected))
    require(np.all(error <= TOLERANCE), f"{what}: relative error {error.max(initial=0)}")


def check(options, k):
    with tempfile.TemporaryDirectory() as directory:
        path = train(options, pathlib.Path(directory))
        model = tf.saved_model.load(str(path))
        compare(Reference(path), model, k)
        compare_edges(model)


def main():
    cases.run((name, functools.partial(check, options, k)) for name, options, k in CASES)


if __name__ == "__main__":
    main()
