"""The main job's language model in plain PyTorch, to measure both on one machine.

LSTM 256, embedding 256 with SparseAdam, nn.AdaptiveLogSoftmaxWithLoss, Adam at 2e-3 for the rest, batches of 32 streams
of 20 time steps. Prints one JSON line per epoch with tokens_per_second (training alone) and the validation perplexity,
every word counted once.

The text is a directory with train.int32 and validation.int32 (word ids by decreasing frequency, little-endian) and
text.json ({"vocabulary": words, "boundary": id}).
"""

import argparse
import array
import json
import math
import pathlib
import sys
import time

import torch
from torch import nn


def read(path):
    ids = array.array("i")
    ids.frombytes(path.read_bytes())
    if sys.byteorder == "big":
        ids.byteswap()
    return torch.tensor(ids, dtype=torch.long)


def training_streams(ids, boundary, batch):
    """Inputs and targets, each [length, batch], as the Java trainer cuts them."""
    length = len(ids) // batch
    targets = ids[: length * batch]
    inputs = torch.cat([torch.tensor([boundary]), targets[:-1]])
    return inputs.view(batch, length).t().contiguous(), targets.view(batch, length).t().contiguous()


def evaluation_streams(ids, boundary, batch):
    """The same with every word: the last stream is padded, the target there is -1."""
    length = -(-len(ids) // batch)
    padding = length * batch - len(ids)
    targets = torch.cat([ids, torch.full((padding,), -1)])
    inputs = torch.cat([torch.tensor([boundary]), targets[:-1].clamp(min=0)])
    return inputs.view(batch, length).t().contiguous(), targets.view(batch, length).t().contiguous()


class Model(nn.Module):
    def __init__(self, vocabulary, width, cutoffs, div_value=4.0):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width, sparse=True)
        self.lstm = nn.LSTM(width, width)
        if cutoffs:
            self.output = nn.AdaptiveLogSoftmaxWithLoss(width, vocabulary, cutoffs, div_value)
        else:
            self.output = nn.Linear(width, vocabulary, bias=False)

    def log_prob(self, inputs, targets, state):
        """The log-probability of each target, flat."""
        hidden, state = self.lstm(self.embedding(inputs), state)
        hidden = hidden.reshape(-1, hidden.shape[-1])
        if isinstance(self.output, nn.Linear):
            return -nn.functional.cross_entropy(
                self.output(hidden), targets.reshape(-1), reduction="none"), state
        return self.output(hidden, targets.reshape(-1)).output, state


def dense_parameters(model):
    return [p for n, p in model.named_parameters() if not n.startswith("embedding")]


def optimizers(model, learning_rate):
    return [
        torch.optim.SparseAdam(model.embedding.parameters(), lr=learning_rate),
        torch.optim.Adam(dense_parameters(model), lr=learning_rate),
    ]


def train(model, optimizers, streams, steps):
    """Trains on every whole window; words per second and seconds."""
    inputs, targets = streams
    state = None
    windows = len(inputs) // steps
    batch = inputs.shape[1]
    dense = dense_parameters(model)
    start = time.perf_counter()
    for window in range(windows):
        rows = slice(window * steps, (window + 1) * steps)
        for optimizer in optimizers:
            optimizer.zero_grad()
        log_prob, state = model.log_prob(inputs[rows], targets[rows], state)
        state = tuple(part.detach() for part in state)
        (-log_prob.mean()).backward()
        nn.utils.clip_grad_norm_(dense, 1.0)
        for optimizer in optimizers:
            optimizer.step()
        if (window + 1) % 500 == 0:
            rate = (window + 1) * steps * batch / (time.perf_counter() - start)
            print(f"{window + 1}/{windows} {rate:.0f} tokens/s", file=sys.stderr)
    seconds = time.perf_counter() - start
    return windows * steps * batch / seconds, seconds


@torch.no_grad()
def perplexity(model, streams, arguments):
    inputs, targets = streams
    state, nats, words = None, 0.0, 0
    for first in range(0, len(inputs), arguments.steps):
        rows = slice(first, first + arguments.steps)
        log_prob, state = model.log_prob(inputs[rows], targets[rows].clamp(min=0), state)
        counted = targets[rows].reshape(-1) >= 0
        nats -= log_prob[counted].double().sum().item()
        words += counted.sum().item()
    return math.exp(nats / words)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", type=pathlib.Path, help="directory of the word ids")
    parser.add_argument("--cutoffs", default="2000,12000", help="or 'none' for a full softmax")
    parser.add_argument("--div-value", type=float, default=4.0)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--max-tokens", type=int, help="train on the first tokens only")
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    about = json.loads((arguments.text / "text.json").read_text())
    cutoffs = [] if arguments.cutoffs == "none" else [int(c) for c in arguments.cutoffs.split(",")]
    model = Model(about["vocabulary"], arguments.width, cutoffs, arguments.div_value)
    both = optimizers(model, arguments.learning_rate)
    boundary = about["boundary"]
    text = read(arguments.text / "train.int32")[: arguments.max_tokens]
    training = training_streams(text, boundary, arguments.batch)
    validation = evaluation_streams(
        read(arguments.text / "validation.int32"), boundary, arguments.batch)
    for epoch in range(1, arguments.epochs + 1):
        rate, seconds = train(model, both, training, arguments.steps)
        print(json.dumps({
            "epoch": epoch,
            "perplexity": perplexity(model, validation, arguments),
            "tokens_per_second": rate,
            "train_seconds": seconds,
            "threads": arguments.threads,
            "torch": torch.__version__,
        }), flush=True)


if __name__ == "__main__":
    main()
