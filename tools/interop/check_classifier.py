"""Trains small classifiers with train-classifier and compares the SavedModels with the equations, written in NumPy.

Each case trains through the launcher, loads the result with Python TensorFlow, reads the same weights from its checkpoint
and compares both signatures. A pretrained encoder's is held against a BERT in NumPy, with the same weights, on the texts and
ids that the tests' golden numbers have from Hugging Face. Prints a line per case and "N passed, M failed"; exits with 1 if any failed.
"""

import functools
import json
import math
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
    ("entmax-1.5", ["--loss", "entmax15"], 5),
)
ENCODER = LAUNCHER.parents[1] / "src" / "test" / "resources" / "encoder"
ENCODER_CASES = (
    ("an encoder with softmax", []),
    ("an encoder with AS-Softmax", ["--loss", "as-softmax", "--skip-finished-rows", "speculative"]),
    ("an encoder in bfloat16", ["--precision", "bfloat16", "--freeze-layers", "0"]),
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


class EncoderReference:
    """BERT's equations for one sequence of ids at a time, in float64."""

    def __init__(self, path):
        reader = tf.train.load_checkpoint(str(path / "variables" / "variables"))
        self.weights = {name: reader.get_tensor(name).astype(np.float64) for name in reader.get_variable_to_shape_map()}
        self.configuration = json.loads((ENCODER / "config.json").read_text())
        self.labels = (path / "assets" / "labels.txt").read_text().splitlines()

    def dense(self, name, x):
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def norm(self, name, x):
        centred = x - x.mean(-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(-1, keepdims=True) + self.configuration["layer_norm_eps"])
        return centred / scale * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def heads(self, name, x):
        heads = self.configuration["num_attention_heads"]
        return self.dense(name, x).reshape(len(x), heads, -1).transpose(1, 0, 2)

    def attention(self, name, x):
        q, k, v = (self.heads(f"{name}.self.{part}", x) for part in ("query", "key", "value"))
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[-1])
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        attended = weights / weights.sum(-1, keepdims=True) @ v
        return self.dense(f"{name}.output.dense", attended.transpose(1, 0, 2).reshape(x.shape))

    def layer(self, name, x):
        x = self.norm(f"{name}.attention.output.LayerNorm", x + self.attention(f"{name}.attention", x))
        wide = self.dense(f"{name}.intermediate.dense", x)
        wide = wide * (1 + np.vectorize(math.erf)(wide / math.sqrt(2))) / 2
        return self.norm(f"{name}.output.LayerNorm", x + self.dense(f"{name}.output.dense", wide))

    def log_probs(self, ids):
        tables = {kind: self.weights[f"embeddings.{kind}_embeddings.weight"] for kind in ("word", "position", "token_type")}
        x = tables["word"][ids] + tables["position"][: len(ids)] + tables["token_type"][0]
        x = self.norm("embeddings.LayerNorm", x)
        for number in range(self.configuration["num_hidden_layers"]):
            x = self.layer(f"encoder.layer.{number}", x)
        logits = self.weights["output/weights"] @ x.mean(0) + self.weights["output/bias"]
        return logits - logits.max() - np.log(np.exp(logits - logits.max()).sum())


def train_encoder(options, directory):
    """The label is a word of the text."""
    generator = random.Random(3)
    words = ["hello", "fox", "word"]
    lines = []
    for i in range(400):
        text = [words[i % 3]] + generator.choices(["a", "b", "c", "1", ","], k=generator.randint(0, 9))
        lines.append(f"{words[i % 3]}\t{' '.join(text)}\n")
    examples = directory / "texts.tsv"
    examples.write_text("".join(lines))
    command = [LAUNCHER, "train-classifier", "--json", "--encoder", ENCODER, "--train", examples, "--epochs", "1"]
    command += ["--learning-rate", "5e-3", "--max-length", "48", "--out", directory / "model", *options]
    run = subprocess.run(command, capture_output=True, text=True)
    require(run.returncode == 0, f"exit code {run.returncode}: {run.stderr.strip()}")
    return pathlib.Path(json.loads(run.stdout)["model"])


def check_encoder(options):
    golden = json.loads((ENCODER / "golden.json").read_text())
    known = golden["sequences"]
    texts = [golden["texts"][golden["uncased"].index(ids)] for ids in known]
    with tempfile.TemporaryDirectory() as directory:
        path = train_encoder(options, pathlib.Path(directory))
        model = tf.saved_model.load(str(path))
        reference = EncoderReference(path)
        expected = np.array([reference.log_probs(ids) for ids in known])
        best = -np.sort(-expected, axis=1)
        width = max(map(len, known))
        ids = np.array([list(row) + [0] * (width - len(row)) for row in known], np.int64)
        mask = np.array([[1] * len(row) + [0] * (width - len(row)) for row in known], np.int64)
        by_tokens = model.signatures["tokens"](input_ids=tf.constant(ids), attention_mask=tf.constant(mask))
        by_text = call(model, "serving_default", text=texts)
        classified = call(model, "classify", inputs=[serialized(text) for text in texts])
        for name, found in (("tokens", by_tokens["log_probs"].numpy()), ("text", by_text["log_probs"])):
            require_close(f"log_probs by {name}", found, best)
        require_close("scores", classified["scores"], np.exp(best))
        for answer in (by_text, classified, {key: value.numpy() for key, value in by_tokens.items()}):
            named = np.vectorize(lambda label: reference.labels.index(label.decode()))(answer["classes"])
            require_close("classes", np.take_along_axis(expected, named, 1), best)
        compare_edges(model)


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
    checks = [(name, functools.partial(check, options, k)) for name, options, k in CASES]
    cases.run(checks + [(name, functools.partial(check_encoder, options)) for name, options in ENCODER_CASES])


if __name__ == "__main__":
    main()
