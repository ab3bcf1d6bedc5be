"""Holds every kind of export against Java's own answers, with Python TensorFlow and with saved_model_cli.

Each model is exported through the launcher; its command answer writes what Java answers to some requests. Python
TensorFlow loads the model and must give the same numbers and strings, and so must saved_model_cli run. Prints a line per
model and "N passed, M failed"; exits with 1 if any failed.
"""

import functools
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import tensorflow as tf

import cases

TOOLS = pathlib.Path(__file__).resolve().parents[1]
SOURCES = TOOLS.parent / "savedmodels" / "samples" / "sources"
OUTPUT_LAYER = ["import-pytorch", "--weights", "layer.safetensors", "--top", "5"]
LANGUAGE_MODEL = ["train", "--corpus", "sentences.txt", "--embedding", "8", "--hidden", "16", "--epochs", "5"]
EXPORTS = {
    "output layer": OUTPUT_LAYER,
    "output layer, int8 tails": [*OUTPUT_LAYER, "--tail-weights", "int8"],
    "output layer, bfloat16 tails": [*OUTPUT_LAYER, "--tail-weights", "bfloat16"],
    "language model": [*LANGUAGE_MODEL, "--cutoffs", "16,48"],
    "language model, int8 tails": [*LANGUAGE_MODEL, "--cutoffs", "16,48", "--tail-weights", "int8"],
    "language model, full softmax": [*LANGUAGE_MODEL, "--cutoffs", "16", "--softmax", "full"],
    "output layer, int8 tails": [
        "import-pytorch", "--weights", "layer.safetensors", "--top", "5", "--tail-weights", "int8",
    ],
    "language model, bfloat16 tails": [*LANGUAGE_MODEL, "--cutoffs", "16,48", "--tail-weights", "bfloat16"],
    "classifier": ["train-classifier", "--train", "intents.tsv", "--epochs", "3", "--top", "3"],
}
TOLERANCE = 1e-5  # relative; absolute for numbers nearer to 0 than 1
TEXTS = ("the old sailor mends the", "", "When does the last boat leave?", "of", "\u00fc unheard-of ' word", "the storm")
BATCHES = (1, len(TEXTS))


def export(command, directory):
    run = subprocess.run(
        [TOOLS / "adaptive-softmax", *command, "--json", "--out", directory / "model"],
        cwd=SOURCES,
        capture_output=True,
        text=True,
    )
    require(run.returncode == 0, f"exit code {run.returncode}: {run.stderr.strip()}")
    return pathlib.Path(json.loads(run.stdout)["model"])


def rows_of(signature, batch):
    """Values for each input of a signature, by their names and types."""
    generator = np.random.default_rng(batch)
    values = {}
    for name, spec in signature.structured_input_signature[1].items():
        if spec.dtype == tf.string:
            values[name] = list(TEXTS[:batch])
        elif name == "targets":
            values[name] = generator.integers(1000, size=batch).tolist()
        elif name == "seed":
            values[name] = list(range(batch))
        elif name == "temperature":
            values[name] = [0.5 + i / 4 for i in range(batch)]
        else:
            values[name] = generator.normal(size=(batch, *spec.shape[1:])).round(3).tolist()
    return values


def java_answers(path, requests, directory):
    """What the command answer says to each request, by its name."""
    (directory / "requests").mkdir()
    for name, request in requests.items():
        (directory / "requests" / f"{name}.json").write_text(json.dumps(request))
    files = sorted((directory / "requests").iterdir())
    run = subprocess.run(
        [TOOLS / "adaptive-softmax", "answer", "--model", path.parent, "--out", directory / "answers", *files],
        capture_output=True,
        text=True,
    )
    require(run.returncode == 0, f"answer: exit code {run.returncode}: {run.stderr.strip()}")
    return {file.stem: json.loads((directory / "answers" / file.name).read_text()) for file in files}


def request_of(key, values):
    if key == "classify":
        return {"signature_name": key, "examples": [{"text": text} for text in values["inputs"]]}
    return {"signature_name": key, "inputs": values}


def outputs_of(answer, signature):
    """Java's answer by output."""
    names = list(signature.structured_outputs)
    if "results" in answer:
        pairs = answer["results"]
        return {
            "classes": [[label for label, _ in row] for row in pairs],
            "scores": [[score for _, score in row] for row in pairs],
        }
    return answer["outputs"] if len(names) > 1 else {names[0]: answer["outputs"]}


def tensors_of(key, values, signature):
    if key == "classify":
        return {"inputs": tf.constant([serialized(text) for text in values["inputs"]])}
    specs = signature.structured_input_signature[1]
    return {name: tf.constant(value, specs[name].dtype) for name, value in values.items()}


def serialized(text):
    feature = tf.train.Feature(bytes_list=tf.train.BytesList(value=[text.encode()]))
    return tf.train.Example(features=tf.train.Features(feature={"text": feature})).SerializeToString()


def compare(what, actual, expected):
    require(set(actual) == set(expected), f"{what}: outputs {sorted(actual)}, Java's {sorted(expected)}")
    for name, values in expected.items():
        wanted, given = np.array(values), np.array(actual[name])
        require(given.shape == wanted.shape, f"{what}: {name}: shape {given.shape}, Java's {wanted.shape}")
        if wanted.dtype.kind == "U":
            given = np.array([text.decode() for text in given.ravel()]).reshape(given.shape)
        if wanted.dtype.kind in "Ub":
            require(np.array_equal(given, wanted), f"{what}: {name}: {given}, Java's {wanted}")
        else:
            error = np.abs(given - wanted) / np.maximum(1, np.abs(wanted))
            require(np.all(error <= TOLERANCE), f"{what}: {name}: relative error {error.max()}")


def cli(*arguments):
    script = pathlib.Path(sys.executable).with_name("saved_model_cli")
    run = subprocess.run([script, *arguments], capture_output=True, text=True)
    require(run.returncode == 0, f"saved_model_cli {arguments[0]}: exit code {run.returncode}: {run.stderr[-500:]}")
    return run.stdout


def check_cli(path, key, values, expected, directory):
    out = directory / f"cli-{key}"
    if key == "classify":
        given = ["--input_examples", f"inputs={[{'text': [text]} for text in values['inputs']]}"]
    else:
        given = ["--input_exprs", ";".join(f"{name}={value}" for name, value in values.items())]
    cli("run", "--dir", path, "--tag_set", "serve", "--signature_def", key, *given, "--outdir", out)
    compare(f"saved_model_cli run, {key}", {f.stem: np.load(f, allow_pickle=True) for f in out.iterdir()}, expected)


def check(command, directory):
    path = export(command, directory)
    model = tf.saved_model.load(str(path))
    keys = sorted(key for key in model.signatures if not key.startswith("__"))  # not the initializer
    rows = {(key, batch): rows_of(model.signatures[key], batch) for key in keys for batch in BATCHES}
    answers = java_answers(
        path, {f"{key}-{batch}": request_of(key, values) for (key, batch), values in rows.items()}, directory
    )
    for (key, batch), values in rows.items():
        signature = model.signatures[key]
        actual = {name: value.numpy() for name, value in signature(**tensors_of(key, values, signature)).items()}
        compare(f"{key}, batch {batch}", actual, outputs_of(answers[f"{key}-{batch}"], signature))
    shown = cli("show", "--all", "--dir", path)
    for key in keys:
        require(f"signature_def['{key}']" in shown, f"saved_model_cli show: no {key}")
        expected = outputs_of(answers[f"{key}-1"], model.signatures[key])
        check_cli(path, key, rows[key, 1], expected, directory)


def require(condition, message):
    if not condition:
        raise AssertionError(message)


def check_in_temporary_directory(command):
    with tempfile.TemporaryDirectory() as directory:
        check(command, pathlib.Path(directory))


def main():
    cases.run((kind, functools.partial(check_in_temporary_directory, command)) for kind, command in EXPORTS.items())


if __name__ == "__main__":
    main()
