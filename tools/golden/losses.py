#!/usr/bin/env python3
"""Golden numbers of sparsemax, entmax-1.5 and the focal loss, from their definitions, in float64 (Python and NumPy).

    python3 tools/golden/losses.py > src/test/resources/golden/losses.json

Entmax (Peters et al., 2019): p_i = max((alpha - 1) z_i - tau, 0)^(1 / (alpha - 1)), tau found by bisection until p sums to 1;
the loss is p.z - z_t + H(p) with Tsallis' entropy H(p) = (1 - sum p_i^alpha) / (alpha (alpha - 1)), its gradient p - e_t.
Sparsemax (Martins and Astudillo, 2016) is alpha = 2. The focal loss (Lin et al., 2017) is -(1 - p_t)^gamma log p_t of a
softmax, its gradient by complex steps.
"""

import json

import numpy as np


def entmax(z, alpha):
    x = (alpha - 1) * z
    low, high = x.max() - 1, x.max()
    for _ in range(200):
        tau = (low + high) / 2
        total = (np.maximum(x - tau, 0) ** (1 / (alpha - 1))).sum()
        low, high = (tau, high) if total > 1 else (low, tau)
    return np.maximum(x - high, 0) ** (1 / (alpha - 1))


def entmax_loss(z, t, alpha):
    p = entmax(z, alpha)
    entropy = (1 - (p**alpha).sum()) / (alpha * (alpha - 1))
    return p @ z - z[t] + entropy, p - np.eye(len(z))[t]


def focal(z, t, gamma):
    e = np.exp(z - z.real.max())
    p = e / e.sum()
    return -((1 - p[t]) ** gamma) * np.log(p[t])


def focal_loss(z, t, gamma):
    step = 1e-30
    gradient = [focal(z + 1j * step * row, t, gamma).imag / step for row in np.eye(len(z))]
    return focal(z, t, gamma), np.array(gradient)


def rows(case, loss):
    found = [loss(z, t) for z, t in zip(case["logits"], case["labels"])]
    return {"losses": [float(l) for l, _ in found], "gradients": [list(map(float, g)) for _, g in found]}


def main():
    random = np.random.default_rng(14)
    batches = {
        "papers": [[1.2, 0.3, -0.5], [0.1, 1.1, 0.2], [0, 0, 0], [3, -1, 2.9]],
        "ties": [[1, 1, 1, 1, 1], [2, 2, 0, 0, -5], [0, 1, 1, 1, 0.5], [-3, -3, -3, 4, 4]],
        "two_classes": [[0, 0.2], [5, -5], [-0.4, 0.6]],
        "many_classes": random.normal(0, 2, (4, 100)),
        "wide_support": random.normal(0, 0.02, (2, 300)),
    }
    cases = []
    for name, logits in batches.items():
        logits = np.array(logits, dtype=np.float64)
        labels = [int(random.integers(logits.shape[1])) for _ in logits]
        case = {"name": name, "logits": logits, "labels": labels}
        out = {"name": name, "logits": logits.tolist(), "labels": labels}
        for mapping, alpha in (("sparsemax", 2.0), ("entmax15", 1.5)):
            out[mapping] = rows(case, lambda z, t, a=alpha: entmax_loss(z, t, a))
            out[mapping]["probabilities"] = [entmax(z, alpha).tolist() for z in logits]
        for gamma in (0.5, 2.0, 5.0):
            out[f"focal_{gamma:g}"] = rows(case, lambda z, t, g=gamma: focal_loss(z, t, g))
        cases.append(out)
    print(json.dumps({"source": "tools/golden/losses.py", "cases": cases}))


if __name__ == "__main__":
    main()
