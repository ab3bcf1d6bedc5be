"""Trains small language models with train and compares the SavedModels with the equations, written in NumPy.

Each case trains through the launcher, loads the result with Python TensorFlow, reads the same weights from its checkpoint
and compares every signature. Prints a line per case and "N passed, M failed"; exits with 1 if any failed.
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
CASES = (("adaptive", (5,)), ("adaptive", (5, 30, 100)), ("full", (10, 40)))
TOLERANCE = 1e-4
TEMPERATURES = (1, 0.5, 2)
DRAWS = 1500
TEXTS = ("the w1 of w2 w3", "", "The W1 , w2 ; unheard-of w100", "w7", "of")


def write_corpus(path):
    generator = random.Random(3)
    words = [f"w{i}" for i in range(150)] + ["the", "of", ",", "a"] * 30
    lines = (" ".join(generator.choices(words, k=generator.randint(1, 15))) for _ in range(800))
    path.write_text("\n".join(lines) + "\n")


def train(softmax, cutoffs, directory):
    corpus = directory / "corpus.txt"
    write_corpus(corpus)
    command = [LAUNCHER, "train", "--json", "--softmax", softmax, "--epochs", "1"]
    command += ["--cutoffs", ",".join(map(str, cutoffs))]
    command += ["--corpus", corpus, "--out", directory / "model"]
    run = subprocess.run(command, capture_output=True, text=True)
    require(run.returncode == 0, f"exit code {run.returncode}: {run.stderr.strip()}")
    return pathlib.Path(json.loads(run.stdout)["model"])


class Reference:
    """One text and one word at a time, in float64."""

    def __init__(self, path, cutoffs):
        reader = tf.train.load_checkpoint(str(path / "variables" / "variables"))
        names = reader.get_variable_to_shape_map()
        self.weights = {name: reader.get_tensor(name).astype(np.float64) for name in names}
        self.words = (path / "assets" / "vocabulary.txt").read_text().splitlines()
        self.cutoffs = cutoffs

    def log_probs(self, text):
        """Of every word after the boundary and after each word of the text; and the text's ranks."""
        unknown = self.words.index("<unk>")
        ranks = [
            self.words.index(word) if word in self.words else unknown
            for word in text.lower().split()
        ]
        hidden = cell = np.zeros(self.weights["lstm/bias"].size // 4)
        rows = []
        for rank in [self.words.index("</s>")] + ranks:
            read = np.concatenate([self.weights["embedding/rows"][rank], hidden])
            gates = read @ self.weights["lstm/weights"] + self.weights["lstm/bias"]
            i, f, g, o = np.split(gates, 4)
            cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
            hidden = sigmoid(o) * np.tanh(cell)
            rows.append(self.softmax(hidden))
        return np.array(rows), np.array(ranks, int)

    def softmax(self, hidden):
        if "full_softmax.weight" in self.weights:
            return log_softmax(self.weights["full_softmax.weight"] @ hidden)
        head = log_softmax(self.weights["adaptive_softmax.head.weight"] @ hidden)
        parts = [head[: self.cutoffs[0]]]
        for tail in range(len(self.cutoffs)):
            name = f"adaptive_softmax.tail.{tail}"
            projected = self.weights[f"{name}.0.weight"] @ hidden
            within = log_softmax(self.weights[f"{name}.1.weight"] @ projected)
            parts.append(head[self.cutoffs[0] + tail] + within)
        return np.concatenate(parts)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def log_softmax(z):
    return z - z.max() - np.log(np.exp(z - z.max()).sum())


def compare(reference, model):
    expected = [reference.log_probs(text) for text in TEXTS]
    following = np.array([rows[-1] for rows, _ in expected])
    require_close("log_prob", call(model, "log_prob", TEXTS)["log_probs"], following)

    top = call(model, "serving_default", TEXTS)
    best = np.argsort(-following, axis=1, kind="stable")[:, :10]
    require_close("top k", top["log_probs"], np.take_along_axis(following, best, 1))
    named = np.vectorize(lambda word: reference.words.index(word.decode()))(top["words"])
    chosen = np.take_along_axis(following, named, 1)
    require_close("top k: words differ", chosen, np.take_along_axis(following, best, 1))

    score = call(model, "score", TEXTS)
    sums = [rows[np.arange(len(ranks)), ranks].sum() for rows, ranks in expected]
    require_close("score", score["log_probs"], np.array(sums))
    require(list(score["words"]) == [len(ranks) for _, ranks in expected], "score: words")

    compare_sample(reference, model, following)

    end = reference.words.index("</s>")
    counts = np.zeros((len(TEXTS), len(reference.cutoffs) + 1), int)
    sums = np.zeros(counts.shape)
    for text, (rows, ranks) in enumerate(expected):
        for place, rank in enumerate([*ranks, end] if len(ranks) else []):
            cluster = np.searchsorted(reference.cutoffs, rank, side="right")
            counts[text, cluster] += 1
            sums[text, cluster] += rows[place, rank]
    score = call(model, "score_by_cluster", TEXTS)
    require_close("score_by_cluster", score["log_probs"], sums)
    require(np.array_equal(score["words"], counts), "score_by_cluster: words")


def compare_sample(reference, model, following):
    """Draws of one batch, each text at each temperature, against the distribution."""
    texts = np.repeat(np.arange(len(TEXTS)), len(TEMPERATURES) * DRAWS)
    temperatures = np.tile(np.repeat(TEMPERATURES, DRAWS), len(TEXTS))
    drawn = call_sample(model, [TEXTS[text] for text in texts], np.arange(len(texts)), temperatures)
    ranks = np.array([reference.words.index(word.decode()) for word in drawn["words"]])
    require_close("sample", drawn["log_probs"], following[texts, ranks])
    for text in range(len(TEXTS)):
        for temperature in TEMPERATURES:
            own = ranks[(texts == text) & (temperatures == temperature)]
            counts = np.bincount(own, minlength=len(reference.words))
            expected = DRAWS * np.exp(log_softmax(following[text] / temperature))
            require_fits(f"sample of {TEXTS[text]!r} at {temperature}", counts, expected)


def require_fits(what, counts, expected):
    """Pearson's test; words too rare for it are taken together. One in 100,000 right answers fails."""
    often = expected >= 5
    counts = np.append(counts[often], counts[~often].sum())
    expected = np.append(expected[often], max(expected[~often].sum(), 1e-9))
    cells = expected > 1
    statistic = ((counts - expected)[cells] ** 2 / expected[cells]).sum()
    freedom = max(1, cells.sum() - 1)
    spread = 2 / (9 * freedom)
    require(statistic <= freedom * (1 - spread + 4.265 * spread**0.5) ** 3, f"{what}: chi-squared {statistic}")


def call_sample(model, texts, seeds, temperatures):
    answer = model.signatures["sample"](
        text=tf.constant(texts, tf.string),
        seed=tf.constant(seeds, tf.int64),
        temperature=tf.constant(temperatures, tf.float32),
    )
    return {name: value.numpy() for name, value in answer.items()}


def compare_edges(reference, model):
    for signature in ("serving_default", "log_prob", "score", "score_by_cluster"):
        for name, values in call(model, signature, ()).items():
            require(len(values) == 0, f"{signature}: {name} of an empty batch: {values.shape}")
    for name, values in call_sample(model, (), (), ()).items():
        require(len(values) == 0, f"sample: {name} of an empty batch: {values.shape}")
    alone = call_sample(model, ["of"], [1], [1])
    for temperature in (0, -1, np.inf, np.nan):
        # A row that has no answer is answered alone; the others are what they are by themselves.
        both = call_sample(model, ["of", "of"], [1, 2], [1, temperature])
        require(both["words"][0] == alone["words"][0], f"sample beside temperature {temperature}: {both}")
        require(
            both["words"][1] == b"" and np.isnan(both["log_probs"][1]),
            f"sample: temperature {temperature} was taken: {both}",
        )
    malformed = call(model, "score", [b"\xff\xfe of \xc3"])
    require(np.isfinite(malformed["log_probs"]).all(), "a text that is not UTF-8")


def call(model, signature, texts):
    answer = model.signatures[signature](text=tf.constant(texts, tf.string))
    return {name: value.numpy() for name, value in answer.items()}


def require(condition, message):
    if not condition:
        raise AssertionError(message)


def require_close(what, actual, expected):
    require(actual.shape == expected.shape, f"{what}: shape {actual.shape}, not {expected.shape}")
    error = np.abs(actual - expected) / np.maximum(1, np.abs(expected))
    require(np.all(error <= TOLERANCE), f"{what}: relative error {error.max(initial=0)}")


def check(softmax, cutoffs):
    with tempfile.TemporaryDirectory() as directory:
        path = train(softmax, cutoffs, pathlib.Path(directory))
        reference = Reference(path, cutoffs)
        model = tf.saved_model.load(str(path))
        compare(reference, model)
        compare_edges(reference, model)


def main():
    cases.run(
        (f"{softmax}, cutoffs {list(cutoffs)}", functools.partial(check, softmax, cutoffs)) for softmax, cutoffs in CASES
    )


if __name__ == "__main__":
    main()
