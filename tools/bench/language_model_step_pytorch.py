"""PyTorch's side of `adaptive-softmax bench language-model` and `bench distributed`, both with --peer pytorch.

Speaks the line protocol of org.adaptivesoftmax.bench.LanguageModelWorker and ClusterWorker: reads a model's sizes, the
directory of its text and, for one process of several, its place in the cluster as one line of JSON, answers
{"ready": ...} once the weights are in place, then answers each line "step" with the mean milliseconds of some training
steps of language_model_pytorch.py's model: forward, backward, clipping, SparseAdam for the embedding and Adam for the
rest. With several processes the gradients are DistributedDataParallel's over gloo; a batch without a word of some cluster
leaves its weights unused, which needs find_unused_parameters. It ends with its input.
"""

import json
import os
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

    class Forward(torch.nn.Module):
        def __init__(self, model):
            super().__init__()
            self.model = model

        def forward(self, *arguments):
            return self.model.log_prob(*arguments)

    class Distributed:
        """The model as train() takes it, with gradients averaged over the processes."""

        def __init__(self, model):
            self.model = model
            self.log_prob = torch.nn.parallel.DistributedDataParallel(
                Forward(model), find_unused_parameters=True)

        def named_parameters(self):
            return self.model.named_parameters()

    torch.set_num_threads(spec["threads"])
    torch.manual_seed(0)
    model = language_model.Model(
        spec["vocabulary"], spec["width"], spec["cutoffs"], spec["div_value"])
    optimizers = language_model.optimizers(model, spec["learning_rate"])
    ids = language_model.read(pathlib.Path(spec["text"]) / "train.int32")
    streams = language_model.training_streams(ids, spec["boundary"], spec["batch"])
    replicas = spec.get("replicas", 1)
    if replicas > 1:
        host, port = spec["jobs"]["compute"][0].rsplit(":", 1)
        os.environ.update(MASTER_ADDR=host, MASTER_PORT=port)
        torch.distributed.init_process_group(
            "gloo", rank=spec["task"], world_size=replicas)
        own = spec["batch"] // replicas
        columns = slice(spec["task"] * own, (spec["task"] + 1) * own)
        streams = tuple(part[:, columns].contiguous() for part in streams)
        model = Distributed(model)
    answer(ready="PyTorch " + torch.__version__)
    for line in sys.stdin:
        if line.strip() != "step":
            raise ValueError("no such request: " + line)
        rows = slice(spec["steps"] * spec["windows"])
        begun = time.perf_counter()
        language_model.train(
            model, optimizers, tuple(part[rows] for part in streams), spec["steps"])
        answer(ms=(time.perf_counter() - begun) * 1e3 / spec["windows"])
    if replicas > 1:
        # Without the goodbye of destroy_process_group, which waits for the others.
        os._exit(0)


main()
