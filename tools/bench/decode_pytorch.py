"""PyTorch's side of `adaptive-softmax bench decode --peer pytorch`.

Speaks the line protocol of org.adaptivesoftmax.cli.bench.DecodeWorker: reads a layer's sizes as one line of JSON, answers
{"ready": ...} once the weights are in place, then answers each line "step" with the milliseconds of one
nn.AdaptiveLogSoftmaxWithLoss.log_prob(x).topk(k), among calls one after the other that take 100 ms together. It ends
with its input.
"""

import json
import sys
import time

BLOCK_SECONDS = 0.1


def answer(**reply):
    print(json.dumps(reply), flush=True)


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
        spec["in_features"], spec["n_classes"], spec["cutoffs"], div_value=spec["div_value"])
    inputs = torch.randn(spec["rows"], spec["in_features"])

    def decode():
        layer.log_prob(inputs).topk(spec["k"])

    answer(ready="PyTorch " + torch.__version__)
    with torch.inference_mode():
        for line in sys.stdin:
            if line.strip() != "step":
                raise ValueError("no such request: " + line.strip())
            decode()
            begun = time.perf_counter()
            calls = 0
            while calls == 0 or time.perf_counter() - begun < BLOCK_SECONDS:
                decode()
                calls += 1
            answer(ms=(time.perf_counter() - begun) * 1e3 / calls)


main()
