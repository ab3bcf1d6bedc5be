"""Loads what PyTorchWriter writes into PyTorch's own module and compares their log-probabilities.

Each case of check_import.py whose classes are ranks is written with the reference implementation of safetensors, trained
on by TrainOn.java and written by it; the reference implementation reads that file, and a new module takes it as its
state dict. Prints a line per case and "N passed, M failed"; exits with 1 if any failed.
"""

import functools
import os
import pathlib
import subprocess
import tempfile

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import cases
from check_import import CASES, DTYPES, LAUNCHER, make_module, require, require_close

PROJECT = LAUNCHER.parents[1]
PROGRAM = pathlib.Path(__file__).resolve().parent / "TrainOn.java"


def train_on(case, before, after):
    target = PROJECT / "target"
    class_path = f"{target / 'classes'}:{(target / 'launcher.classpath').read_text()}"
    java = pathlib.Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    run = subprocess.run(
        [java, "-cp", class_path, PROGRAM, before, after, DTYPES[case.dtype], case.prefix],
        capture_output=True,
        text=True,
    )
    require(run.returncode == 0, f"exit code {run.returncode}: {run.stderr.strip()}")
    lines = [np.array(line.split(), np.float32) for line in run.stdout.splitlines()]
    return np.stack(lines[::2]), np.stack(lines[1::2])


def new_module(case):
    return torch.nn.AdaptiveLogSoftmaxWithLoss(
        case.in_features, case.n_classes, list(case.cutoffs), case.div_value, case.head_bias
    )


def check(case, seed):
    torch.manual_seed(seed)
    module = make_module(case)
    with tempfile.TemporaryDirectory() as directory:
        before, after = pathlib.Path(directory, "before"), pathlib.Path(directory, "after")
        save_file({case.prefix + name: value.to(case.dtype) for name, value in module.state_dict().items()}, before)
        inputs, log_prob = train_on(case, before, after)
        with safe_open(after, "pt") as file:
            require(file.metadata() == {"format": "pt"}, f"metadata is {file.metadata()}")
        state = load_file(after)
    types = {tensor.dtype for tensor in state.values()}
    require(types == {case.dtype}, f"types are {types}")
    require(all(name.startswith(case.prefix) for name in state), f"names are {list(state)}")
    trained = new_module(case)
    trained.load_state_dict({name[len(case.prefix):]: value for name, value in state.items()})
    require(not torch.equal(trained.head.weight, module.head.weight), "the head was not trained")
    with torch.no_grad():
        require_close("log_prob", log_prob, trained.log_prob(torch.from_numpy(inputs)).numpy())


def main():
    subprocess.run([LAUNCHER, "--version"], check=True, stdout=subprocess.DEVNULL)  # builds what is missing
    cases.run(
        (f"written: {case}", functools.partial(check, case, seed))
        for seed, case in enumerate(CASES)
        if not case.reordered
    )


if __name__ == "__main__":
    main()
