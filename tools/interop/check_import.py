"""Imports random PyTorch modules with import-pytorch and compares the SavedModels with PyTorch.

Each case makes an nn.AdaptiveLogSoftmaxWithLoss, writes its state dict as safetensors, imports it through the launcher,
loads the result with Python TensorFlow and compares every signature. Half-type weights are compared with a float32
module that holds the same rounded weights. Prints a line per case and "N passed, M failed"; exits with 1 if any failed.
"""

import dataclasses
import functools
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np
import tensorflow as tf
import torch

import cases

LAUNCHER = pathlib.Path(__file__).resolve().parents[1] / "adaptive-softmax"
DTYPES = {torch.float32: "F32", torch.bfloat16: "BF16", torch.float16: "F16"}
BATCHES = (0, 1, 7)
TOLERANCE = 1e-5  # relative; absolute for log-probabilities nearer to 0 than 1


@dataclasses.dataclass(frozen=True)
class Case:
    in_features: int
    n_classes: int
    cutoffs: tuple
    div_value: float = 4.0
    head_bias: bool = False
    dtype: torch.dtype = torch.float32
    prefix: str = ""
    top: int | None = None
    reordered: bool = False

    def __str__(self):
        parts = [
            f"{self.in_features} -> {self.n_classes}",
            f"cutoffs {list(self.cutoffs)}",
            f"div_value {self.div_value:g}",
            DTYPES[self.dtype],
        ]
        parts += ["head bias"] * self.head_bias
        parts += [f'prefix "{self.prefix}"'] * bool(self.prefix)
        parts += [f"top {self.top}"] * (self.top is not None)
        parts += ["class order"] * self.reordered
        return ", ".join(parts)


CASES = (
    Case(37, 1009, (100,)),
    Case(37, 1009, (100, 500), head_bias=True, prefix="model.softmax."),
    Case(64, 1009, (10, 100, 1000), div_value=2),
    Case(101, 2003, (50, 51, 700, 2002), div_value=1.5, head_bias=True, prefix="a.b.c."),
    Case(37, 1009, (1008,), div_value=2),
    Case(37, 1009, (1,), head_bias=True),
    Case(4, 5, (2,)),
    Case(8, 3, (1, 2), div_value=2, top=3, prefix="decoder."),
    Case(37, 1009, (200, 600), dtype=torch.bfloat16),
    Case(53, 997, (97, 331), dtype=torch.bfloat16, head_bias=True, div_value=2, prefix="lm."),
    Case(37, 1009, (200, 600), dtype=torch.float16, div_value=1.5),
    Case(53, 997, (996,), dtype=torch.float16, head_bias=True, prefix="lm."),
    Case(512, 20011, (2000, 10000), head_bias=True, top=1),
    Case(37, 1009, (10, 300), top=1009, reordered=True),
    Case(29, 211, (7, 50, 120, 210), div_value=1.5, head_bias=True, reordered=True),
)


def make_module(case):
    """A module whose classes differ clearly: PyTorch's own initial weights are nearly uniform."""
    module = torch.nn.AdaptiveLogSoftmaxWithLoss(
        case.in_features, case.n_classes, list(case.cutoffs), case.div_value, case.head_bias
    )
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.mul_(3).copy_(parameter.to(case.dtype).float())
    return module


def write_safetensors(path, tensors):
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, tensor in tensors.items():
        values = tensor.contiguous().view(torch.uint8).numpy().tobytes()
        header[name] = {
            "dtype": DTYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [len(data), len(data) + len(values)],
        }
        data += values
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def import_module(case, module, order, directory):
    weights, out = directory / "weights.safetensors", directory / "model"
    state = {case.prefix + name: value.to(case.dtype) for name, value in module.state_dict().items()}
    write_safetensors(weights, state | {"other.weight": torch.zeros(3, 2)})
    command = [LAUNCHER, "import-pytorch", "--json", "--weights", weights, "--out", out]
    if case.top is not None:
        command += ["--top", str(case.top)]
    if case.reordered:
        (directory / "order.txt").write_text("".join(f"{label}\n" for label in order))
        command += ["--class-order", directory / "order.txt"]
    run = subprocess.run(command, capture_output=True, text=True)
    require(run.returncode == 0, f"exit code {run.returncode}: {run.stderr.strip()}")
    require(run.stderr == "", f"standard error is not empty: {run.stderr.strip()}")
    result = json.loads(run.stdout)
    expected = {
        "model": str(out / "1"),
        "in_features": case.in_features,
        "n_classes": case.n_classes,
        "cutoffs": list(case.cutoffs),
        "head_bias": case.head_bias,
        "prefix": case.prefix,
        "parameters": sum(parameter.numel() for parameter in module.parameters()),
    }
    for key, value in expected.items():
        require(result[key] == value, f"{key} is {result[key]}, not {value}")
    return tf.saved_model.load(result["model"])


def compare(case, module, order, model, batch):
    by_label = np.argsort(order)
    inputs = torch.randn(batch, case.in_features) * 2
    ranks = torch.randint(case.n_classes, (batch,))
    with torch.no_grad():
        log_prob = module.log_prob(inputs).numpy()[:, by_label]
        predicted = order[module.predict(inputs).numpy()]
        score = module(inputs, ranks).output.numpy() if batch else np.zeros(0, np.float32)
    inputs = tf.constant(inputs.numpy())
    targets = tf.constant(order[ranks.numpy()], tf.int64)

    ours = call(model, "log_prob", inputs=inputs)["log_probs"]
    require_close("log_prob", ours, log_prob)
    require_close("score", call(model, "score", inputs=inputs, targets=targets)["log_probs"], score)
    classes = call(model, "predict", inputs=inputs)["classes"]
    require_same_classes("predict", classes[:, None], predicted[:, None], log_prob)

    top = call(model, "serving_default", inputs=inputs)
    k = min(10, case.n_classes) if case.top is None else case.top
    best = np.argsort(-log_prob, axis=1, kind="stable")[:, :k]
    require_close("top k", top["log_probs"], np.take_along_axis(log_prob, best, 1))
    require_same_classes("top k", top["classes"], best, log_prob)


def call(model, signature, **inputs):
    return {name: value.numpy() for name, value in model.signatures[signature](**inputs).items()}


def require(condition, message):
    if not condition:
        raise AssertionError(message)


def require_close(what, actual, expected):
    require(actual.dtype == np.float32, f"{what}: type {actual.dtype}")
    require(actual.shape == expected.shape, f"{what}: shape {actual.shape}, not {expected.shape}")
    error = np.abs(actual - expected) / np.maximum(1, np.abs(expected))
    require(np.all(error <= TOLERANCE), f"{what}: relative error {error.max(initial=0)}")


def require_same_classes(what, actual, expected, log_prob):
    """The same classes; where they differ they must be equally probable to within the tolerance."""
    require(actual.dtype == np.int64, f"{what}: type {actual.dtype}")
    require(actual.shape == expected.shape, f"{what}: shape {actual.shape}, not {expected.shape}")
    distinct = [len(set(row)) == len(row) for row in actual]
    require(all(distinct), f"{what}: a class stands twice in a row")
    require_close(
        f"{what}: classes differ",
        np.take_along_axis(log_prob, actual, 1),
        np.take_along_axis(log_prob, expected, 1),
    )


def check(case, seed):
    torch.manual_seed(seed)
    module = make_module(case)
    order = np.arange(case.n_classes)
    if case.reordered:
        order = np.random.default_rng(seed).permutation(order)
    with tempfile.TemporaryDirectory() as directory:
        model = import_module(case, module, order, pathlib.Path(directory))
        for batch in BATCHES:
            compare(case, module, order, model, batch)


def main():
    """Runs the cases whose description contains the arguments: all, if there are none."""
    wanted = " ".join(sys.argv[1:])
    cases.run((str(case), functools.partial(check, case, seed)) for seed, case in enumerate(CASES) if wanted in str(case))


if __name__ == "__main__":
    main()
