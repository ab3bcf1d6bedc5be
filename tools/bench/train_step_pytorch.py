"""PyTorch's side of `adaptive-softmax bench train-step --peer pytorch`.

Speaks the line protocol of org.adaptivesoftmax.cli.bench.StepWorker: reads a step's sizes and targets as one line of
JSON, answers {"ready": ...} once the weights are in place, then answers each line "step" with the milliseconds of one
forward and backward pass of nn.AdaptiveLogSoftmaxWithLoss, and "memory" with the peak of the resident set above what it
was when ready. It ends with its input.
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


def start_memory():
    """The resident set now, freed memory returned and the peak so far forgotten; None where the system does not tell."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
        with open("/proc/self/clear_refs", "w") as clear:
            clear.write("5")
        return resident_kb("VmRSS")
    except (AttributeError, OSError):
        return None


def main():
    spec = json.loads(sys.stdin.readline())
    try:
        import torch
    except ImportError as missing:
        answer(error=f"{sys.executable} has no PyTorch: {missing}")
        return
    torch.set_num_threads(spec["threads"])
    torch.manual_seed(0)
    layer = torch.nn.AdaptiveLogSoftmaxWithLoss(
        spec["in_features"], spec["n_classes"], spec["cutoffs"], div_value=4.0
    )
    inputs = torch.randn(len(spec["targets"]), spec["in_features"], requires_grad=True)
    targets = torch.tensor(spec["targets"])

    start = start_memory()
    answer(ready="PyTorch " + torch.__version__)
    for line in sys.stdin:
        request = line.strip()
        if request == "step":
            begun = time.perf_counter()
            inputs.grad = None
            layer.zero_grad(set_to_none=True)
            layer(inputs, targets).loss.backward()
            answer(ms=(time.perf_counter() - begun) * 1e3)
        elif request == "memory":
            peak = None if start is None else (resident_kb("VmHWM") - start) * 1024 / 1e6
            answer(mb=peak)
        else:
            raise ValueError("no such request: " + request)


main()
