"""PyTorch's side of `adaptive-softmax bench language-model --peer pytorch`.

Speaks the line protocol of org.adaptivesoftmax.cli.bench.LanguageModelWorker: reads a model's sizes and the directory of
its text as one line of JSON, answers {"ready": ...} once the weights are in place, then answers each line "step" with
the mean milliseconds of some training steps of language_model_pytorch.py's model: forward, backward, clipping, SparseAdam
for the embedding and Adam for the rest. It ends with its input.
"""

import json
import pathlib
import sys
import time


def answer(**reply):
    print(json.dumps(reply), flush=True)


def main():
    spec = json.loads(sys.stdin.readline())
    try:
        import torch
    except ImportError as missing:
        answer(error=f"{sys.executable} has no PyTorch: {missing}")
        return
    import language_model_pytorch as language_model

    torch.set_num_threads(spec["threads"])
    torch.manual_seed(0)
    model = language_model.Model(
        spec["vocabulary"], spec["width"], spec["cutoffs"], spec["div_value"])
    optimizers = language_model.optimizers(model, spec["learning_rate"])
    ids = language_model.read(pathlib.Path(spec["text"]) / "train.int32")
    streams = language_model.training_streams(ids, spec["boundary"], spec["batch"])
    answer(ready="PyTorch " + torch.__version__)
    for line in sys.stdin:
        if line.strip() != "step":
            raise ValueError("no such request: " + line)
        rows = slice(spec["steps"] * spec["windows"])
        begun = time.perf_counter()
        language_model.train(
            model, optimizers, tuple(part[rows] for part in streams), spec["steps"])
        answer(ms=(time.perf_counter() - begun) * 1e3 / spec["windows"])


main()
