"""PyTorch's side of `adaptive-softmax bench train-step --peer pytorch`.

Speaks the line protocol of org.adaptivesoftmax.cli.bench.StepWorker: reads a step's sizes and targets as one line of
JSON, answers {"ready": ...} once the weights are in place, then answers each line "step" with the milliseconds of one
forward and backward pass of nn.AdaptiveLogSoftmaxWithLoss, and "memory" with the peak of the resident set during the
steps: less what the process held before there were weights and inputs, less these. It ends with its input.
"""

import ctypes
import gc
import json
import sys
import time


def answer(**reply):
    print(json.dumps(reply), flush=True)


def resident_kb(key):
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(key + ":"):
                return int(line.split()[1])
    raise OSError("no " + key)


def forget_peak():
    """Returns freed memory to the system and forgets the peak of the resident set; false where that is not possible."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
        with open("/proc/self/clear_refs", "w") as clear:
            clear.write("5")
        return True
    except (AttributeError, OSError):
        return False


class Step:
    def __init__(self, torch, in_features, n_classes, cutoffs, targets):
        self.layer = torch.nn.AdaptiveLogSoftmaxWithLoss(in_features, n_classes, cutoffs, div_value=4.0)
        self.inputs = torch.randn(len(targets), in_features, requires_grad=True)
        self.targets = torch.tensor(targets)

    def run(self):
        self.inputs.grad = None
        self.layer.zero_grad(set_to_none=True)
        self.layer(self.inputs, self.targets).loss.backward()

    def held_mb(self):
        tensors = [*self.layer.parameters(), self.inputs, self.targets]
        return sum(t.numel() * t.element_size() for t in tensors) / 1e6


def main():
    spec = json.loads(sys.stdin.readline())
    try:
        import torch
    except ImportError as missing:
        answer(error=f"{sys.executable} has no PyTorch: {missing}")
        return
    torch.set_num_threads(spec["threads"])
    torch.manual_seed(0)
    # What PyTorch needs for itself is there before memory is measured.
    Step(torch, 64, 100, [10, 40], [0, 20, 60]).run()
    start_kb = resident_kb("VmRSS") if forget_peak() else None
    step = Step(torch, spec["in_features"], spec["n_classes"], spec["cutoffs"], spec["targets"])
    forget_peak()
    answer(ready="PyTorch " + torch.__version__)
    for line in sys.stdin:
        request = line.strip()
        if request == "step":
            begun = time.perf_counter()
            step.run()
            answer(ms=(time.perf_counter() - begun) * 1e3)
        elif request == "memory":
            risen = None if start_kb is None else (resident_kb("VmHWM") - start_kb) * 1024 / 1e6
            answer(mb=None if risen is None else risen - step.held_mb())
        else:
            raise ValueError("no such request: " + request)


main()
