"""Trains small networks in PyTorch and writes their gradients as each tool does, with the truth beside them.

    python tests/logs/make_fixtures.py

Each kind of log is one file, or one folder of files, in ``fixtures/made``; ``truth.json`` holds per kind the
parameters, their shapes, what the last step's gradients truly were (RMS, and the size that the log speaks of), and the
verdict on the weights that follows from them.
"""

import json
import math
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import torch
from torch import nn

MADE = Path(__file__).parent / "fixtures" / "made"

Gradients = dict[str, torch.Tensor | None]

SIZES: dict[str, Callable[[torch.Tensor], float]] = {
    "rms": lambda g: float(g.double().square().mean().sqrt()),
    "norm": lambda g: float(g.double().norm()),
    "mean_abs": lambda g: float(g.double().abs().mean()),
    "max_abs": lambda g: float(g.double().abs().max()),
    "std": lambda g: float(g.double().std(correction=0)),
    "zeros": lambda g: float((g == 0).double().mean()),
}


@dataclass(frozen=True)
class Run:
    """A gradient of every parameter at every step, and what the loss was multiplied by."""

    steps: tuple[Gradients, ...]
    losses: tuple[float, ...]
    scales: tuple[float, ...]
    shapes: dict[str, tuple[int, ...]]

    def rows(self, size: str) -> list[dict[str, float | None]]:
        """A size of every parameter at every step."""
        return [{n: None if g is None else SIZES[size](g) for n, g in step.items()} for step in self.steps]


def trained(model: nn.Module, inputs: torch.Tensor, steps: int = 4, scale: float = 1.0, weight: float = 1.0) -> Run:
    """Plain gradient descent; with a loss scale, a step that overflows is left out, and halves it."""
    targets = torch.randn(model(inputs).shape).to(inputs.dtype) if inputs.is_floating_point() else inputs
    seen, losses, scales = [], [], []
    for _ in range(steps):
        model.zero_grad(set_to_none=True)
        outputs = model(inputs)
        loss = (
            (outputs.float() - targets).square().mean() * weight
            if inputs.is_floating_point()
            else nn.functional.cross_entropy(outputs.flatten(0, 1), targets.flatten())
        )
        (loss * scale).backward()
        gradients = {n: None if p.grad is None else p.grad.clone() for n, p in model.named_parameters()}
        seen.append(gradients)
        losses.append(float(loss.detach()))
        scales.append(scale)
        if all(g is None or g.isfinite().all() for g in gradients.values()):
            with torch.no_grad():
                for p in model.parameters():
                    if p.grad is not None:
                        p -= (1e-3 / scale) * p.grad
        else:
            scale /= 2
    shapes = {n: tuple(p.shape) for n, p in model.named_parameters()}
    return Run(tuple(seen), tuple(losses), tuple(scales), shapes)


def plain(activation: type[nn.Module], depth: int, width: int = 32) -> nn.Sequential:
    """Layers 0, 2, 4, ... are linear."""
    sizes = [16, *[width] * (depth - 1), 4]
    layers = [part for a, b in pairwise(sizes) for part in (nn.Linear(a, b), activation())]
    return nn.Sequential(*layers[:-1])


class Block(nn.Module):
    """Pre-norm attention and MLP, with GPT-2's names."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = nn.ModuleDict({"c_attn": nn.Linear(width, 3 * width), "c_proj": nn.Linear(width, width)})
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(width, 4 * width), "c_proj": nn.Linear(4 * width, width)})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        q, k, v = self.attn["c_attn"](self.ln_1(x)).chunk(3, dim=-1)
        x = x + self.attn["c_proj"](nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True))
        return x + self.mlp["c_proj"](nn.functional.gelu(self.mlp["c_fc"](self.ln_2(x))))


class Transformer(nn.Module):
    """A language model of 24 blocks: 293 parameters."""

    def __init__(self, width: int = 8, blocks: int = 24, tokens: int = 20) -> None:
        super().__init__()
        self.transformer = nn.ModuleDict(
            {
                "wte": nn.Embedding(tokens, width),
                "wpe": nn.Embedding(12, width),
                "h": nn.ModuleList([Block(width) for _ in range(blocks)]),
                "ln_f": nn.LayerNorm(width),
            }
        )
        self.lm_head = nn.Linear(width, tokens, bias=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.transformer["wte"](tokens) + self.transformer["wpe"](torch.arange(tokens.shape[1]))
        for block in self.transformer["h"]:
            x = block(x)
        return self.lm_head(self.transformer["ln_f"](x))


class Detector(nn.Module):
    """Named as a detector's parts are; its second head takes no part in the loss."""

    def __init__(self) -> None:
        super().__init__()
        self.model = nn.ModuleList(
            [nn.Sequential(nn.Conv2d(3 if n == 0 else 8, 8, 3, padding=1), nn.SiLU()) for n in range(12)]
        )
        self.head = nn.ModuleDict({"cv2": nn.Linear(8, 4), "cv3": nn.Linear(8, 4)})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for part in self.model:
            x = part(x)
        return self.head["cv2"](x.mean((2, 3)))


def runs() -> dict[str, Run]:
    """One training a kind of network."""
    made = {}
    torch.manual_seed(1)
    x = torch.randn(32, 16)
    made["sigmoid"] = trained(plain(nn.Sigmoid, 8), x)
    made["tanh"] = trained(plain(nn.Tanh, 6), x)
    frozen = plain(nn.Tanh, 8)
    for parameter in list(frozen.parameters())[:6]:
        parameter.requires_grad_(False)
    made["frozen"] = trained(frozen, x)
    half = plain(nn.Tanh, 6).half()
    made["half"] = trained(half, x.half(), steps=9, scale=2.0**16, weight=64.0)
    made["transformer"] = trained(Transformer(), torch.randint(20, (4, 12)), steps=2)
    made["detector"] = trained(Detector(), torch.randn(4, 3, 8, 8), steps=3)
    return made


# How each tool writes. A writer gives one text, or a text a file.


def text_of(value: float | None, form: str = "") -> str:
    return "" if value is None else format(value, form) if form else repr(value)


def table(rows: Iterable[Iterable[object]], separator: str = ",") -> str:
    return "".join(separator.join(map(str, row)) + "\n" for row in rows)


def lightning(run: Run) -> str:
    """``CSVLogger``: sorted columns, training and validation in rows of their own, the norm of all beside them."""
    rows = run.rows("norm")
    keys = {f"grad_2.0_norm/{n}": n for n in rows[0]}
    columns = sorted([*keys, "grad_2.0_norm_total", "epoch", "step", "train_loss", "val_loss"])
    lines = []
    for step, row in enumerate(rows):
        whole = math.sqrt(sum(v * v for v in row.values() if v is not None))
        cells = {k: row[n] for k, n in keys.items()} | {"grad_2.0_norm_total": whole, "epoch": step // 2, "step": step}
        lines.append(cells | {"train_loss": run.losses[step]})
        if step % 2:
            lines.append({"epoch": step // 2, "step": step, "val_loss": run.losses[step]})
    return table([columns, *([text_of(line.get(c)) for c in columns] for line in lines)])


def lightning_older(run: Run) -> str:
    """Before 1.9: no slash, ``_step`` and ``_epoch`` behind the name, an epoch's mean in a row of its own."""
    rows = run.rows("norm")
    columns = ["epoch", *(f"grad_2.0_norm_{n}_{when}" for n in rows[0] for when in ("epoch", "step")), "step"]
    lines = []
    for step, row in enumerate(rows):
        cells = {f"grad_2.0_norm_{n}_step": v for n, v in row.items()}
        lines.append(cells | {"epoch": step // 2, "step": step})
        if step % 2:
            pairs = {n: [rows[step - 1][n], v] for n, v in row.items()}
            means = {f"grad_2.0_norm_{n}_epoch": sum(pair) / 2 for n, pair in pairs.items()}
            lines.append(means | {"epoch": step // 2, "step": step})
    return table([columns, *([text_of(line.get(c)) for c in columns] for line in lines)])


def wandb_export(run: Run) -> str:
    """Everything in quotes, two runs side by side that logged at other steps, the extremes of each point beside it."""
    rows = run.rows("norm")
    names = [f"{name} - grad_norm/{n}" for n in rows[0] for name in ("swift-dawn-7", "brisk-lake-8")]
    columns = ["Step", *(c for n in names for c in (n, f"{n}__MIN", f"{n}__MAX"))]
    lines = []
    for step, row in enumerate(rows):
        for first in (True, False):
            cells = [str(2 * step + (not first))]
            for value in row.values():
                own, other = text_of(value), text_of(None if value is None else 3 * value)
                cells += [own] * 3 + [""] * 3 if first else [""] * 3 + [other] * 3
            lines.append(cells)
    return table([[f'"{c}"' for c in columns], *([f'"{c}"' for c in line] for line in lines)])


def wandb_history(run: Run) -> str:
    """What ``wandb.watch`` logs: a histogram of 64 bins a parameter, as ``run.scan_history()`` gives it."""
    lines = []
    for step, gradients in enumerate(run.steps):
        record: dict[str, object] = {"loss": run.losses[step], "_step": step, "_runtime": 1.5, "_timestamp": 1.7e9}
        for name, g in gradients.items():
            if g is not None and "weight" in name and step >= len(run.steps) - 2:
                low, high = float(g.min()), float(g.max())
                counts = torch.histc(g, 64, low, high).int().tolist()
                bins = torch.linspace(low, high, 65).tolist()
                record[f"gradients/{name}"] = {"_type": "histogram", "values": counts, "bins": bins}
        lines.append(json.dumps(record))
    return "\n".join(lines) + "\n"


def tensorboard(run: Run) -> dict[str, str]:
    """The dashboard's download: a file a tag, a slash of the tag is an underscore in the file's name."""
    rows = run.rows("norm")
    return {
        f"run-exp1_version_0-tag-grad_norm_{n}.csv": table(
            [["Wall time", "Step", "Value"], *([f"170000000{s}.25", s, f"{r[n]:.8g}"] for s, r in enumerate(rows))]
        )
        for n in rows[0]
    }


def statistics(run: Run) -> dict[str, str]:
    """A file a parameter, with epochs of two batches that are counted from 0 in each."""
    files = {}
    for n in run.steps[0]:
        rows = []
        for step, gradients in enumerate(run.steps):
            g = gradients[n].double()
            low, high = float(g.abs().min()), float(g.abs().max())
            measured = [float(g.mean()), float(g.var()), float(g.min()), low, float(g.max()), high, float(g.norm())]
            rows.append([step // 2, step % 2, *measured])
        files[f"{n}.csv"] = table(
            [["epoch", "batch", "mean", "var", "min", "abs_min", "max", "abs_max", "l2.0"], *rows]
        )
    return files


def wide(run: Run) -> str:
    rows = run.rows("mean_abs")
    return table([["step", *rows[0]], *([s, *(text_of(v, ".6e") for v in r.values())] for s, r in enumerate(rows))])


def european(run: Run) -> str:
    rows = run.rows("rms")
    lines = [["Epoche", *rows[0]], *([s, *(text_of(v, ".9f") for v in r.values())] for s, r in enumerate(rows))]
    return "\ufeff" + table(lines, ";").replace(".w", "@w").replace(".b", "@b").replace(".", ",").replace(
        "@", "."
    ).replace("\n", "\r\n")


def long_table(run: Run) -> str:
    """Batches are counted from 0 in each epoch; frozen parameters are empty."""
    lines = [["epoch", "batch", "param", "shape", "grad_rms", "grad_max_abs"]]
    for step, gradients in enumerate(run.steps):
        for n, g in gradients.items():
            measured = ["", ""] if g is None else [f"{SIZES['rms'](g):.6g}", f"{SIZES['max_abs'](g):.6g}"]
            lines.append([step // 2, step % 2, n, '"' + str(list(run.shapes[n])) + '"', *measured])
    return table(lines)


def two_columns(run: Run) -> str:
    return table([["parameter", "grad_norm"], *([n, text_of(v)] for n, v in run.rows("norm")[-1].items())])


def lists(run: Run) -> str:
    return json.dumps([[v for n, v in row.items() if "weight" in n] for row in run.rows("rms")])


def records(run: Run) -> str:
    return json.dumps([{"step": s, "train_loss": run.losses[s], **row} for s, row in enumerate(run.rows("rms"))])


def dict_of_lists(run: Run) -> str:
    rows = run.rows("norm")
    return json.dumps({n: [row[n] for row in rows] for n in rows[0]}, indent=1)


def grad_flow(run: Run) -> str:
    """``plot_grad_flow``'s three lists; biases are left out there."""
    last = {n: g for n, g in run.steps[-1].items() if g is not None and "bias" not in n}
    ave, largest = ([float(f"{SIZES[s](g):.9g}") for g in last.values()] for s in ("mean_abs", "max_abs"))
    return json.dumps({"layers": list(last), "ave_grads": ave, "max_grads": largest})


def epochs(run: Run) -> str:
    rows = run.rows("mean_abs")
    return json.dumps(
        [{"epoch": e + 1, "lr": 1e-3, "loss": run.losses[e], "mean_abs_grad": row} for e, row in enumerate(rows)]
    )


def nested_modules(run: Run) -> str:
    """Modules in modules, as a tree."""
    trees = []
    for row in run.rows("norm"):
        tree: dict[str, object] = {}
        for n, v in row.items():
            *above, last = n.split(".")
            node = tree
            for part in above:
                node = node.setdefault(part, {})
            node[last] = v
        trees.append({"grad_norm": tree})
    return json.dumps(trees)


def json_lines(run: Run) -> str:
    """What the README's hook writes."""
    lines = []
    for step, gradients in enumerate(run.steps):
        for n, g in gradients.items():
            said = {"step": step, "name": n, "loss_scale": run.scales[step], "entries": math.prod(run.shapes[n])}
            if g is not None:
                said |= {"rms": SIZES["rms"](g), "zeros": SIZES["zeros"](g), "max_abs": SIZES["max_abs"](g)}
            else:
                said |= {"rms": None}
            lines.append(json.dumps(said))
    return "\n".join(lines) + "\n"


def makemore(run: Run) -> str:
    """The course's two print-outs: of layers' output gradients, and of weights."""
    lines = []
    for g in run.steps[-1].values():
        if g.ndim == 2:
            shape = str(tuple(g.shape))
            lines.append(
                f"weight {shape:>10} | mean {float(g.mean()):+f} | std {SIZES['std'](g):e} | grad:data ratio {0.5:e}"
            )
    return "\n".join(lines) + "\n"


def hooks(run: Run) -> str:
    """``print(name, p.grad.abs().mean())``, and ``None`` where there is none."""
    lines = []
    for step, row in enumerate(run.rows("mean_abs")):
        lines.append(f"Epoch [{step + 1}/{len(run.steps)}], Loss: {run.losses[step]:.4f}")
        lines += [f"{n} {'None' if v is None else f'tensor({v:.4e})'}" for n, v in row.items()]
    return "\n".join(lines) + "\n"


def bars(run: Run) -> str:
    """Between progress bars that overwrite themselves."""
    lines = []
    for step, row in enumerate(run.rows("norm")):
        lines.append("\n      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size\n")
        lines.append(
            f"\r        {step + 1}/3      2.65G      1.184      1.393      1.222         61        640: "
            f"100%|##########| 12/12 [00:02<00:00,  5.87it/s]\n"
        )
        lines += [f"grad_norm/{n}: {'None' if v is None else f'{v:.6g}'}\n" for n, v in row.items()]
        lines.append("                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95)\n")
    return "".join(lines)


def scaled_prints(run: Run) -> str:
    """Before ``unscale_``: the first steps overflow, nothing says by how much the loss was multiplied."""
    return "".join(
        f"step {s}: {n} grad norm {v:.5g}\n" for s, row in enumerate(run.rows("norm")) for n, v in row.items()
    )


def overflow_report() -> tuple[str, dict[str, float]]:
    """Hugging Face's ``DebugUnderflowOverflow``, whose frames are these lines; weights grow until float16 overflows."""
    torch.manual_seed(2)
    x = torch.randn(4, 16).half()
    lines = [
        "Detected inf/nan during batch_number=0",
        "Last 8 forward frames:",
        f"{'abs min':8} {'abs max':8} metadata",
    ]
    truth = {}

    def line(value: torch.Tensor, what: str) -> str:
        value = value.detach()
        return f"{float(value.abs().min()):8.2e} {float(value.abs().max()):8.2e} {what}"

    for block in range(8):
        layer = nn.Linear(16, 16, bias=block % 2 == 0).half()
        layer.weight.data *= 16
        name = f"encoder.block.{block}.layer.1.wo"
        y = layer(x).detach()
        lines += [f"{'':17} {name} Linear", line(layer.weight, "weight")]
        lines += [line(layer.bias, "bias")] if layer.bias is not None else []
        lines += [line(x, "input[0]"), line(y, "output"), f"{'None':>17} output[1]"]
        truth[name] = float(y.abs().max())
        x = y
        if not y.isfinite().all():
            break
    return "\n".join(lines) + "\n", truth


# The kind of log: its file (a folder where there are several), the run, the size that it speaks of, how far the last
# digit is to be trusted, and the writer.
KINDS: dict[str, tuple[str, str, float, Callable[[Run], str | dict[str, str]]]] = {
    "lightning.csv": ("sigmoid", "norm", 1e-10, lightning),
    "lightning_older.csv": ("tanh", "norm", 1e-10, lightning_older),
    "wandb_export.csv": ("sigmoid", "norm", 1e-10, wandb_export),
    "wandb_history.jsonl": ("tanh", "rms", 0.02, wandb_history),
    "tensorboard": ("tanh", "norm", 1e-6, tensorboard),
    "statistics": ("tanh", "norm", 1e-10, statistics),
    "wide.csv": ("transformer", "mean_abs", 1e-6, wide),
    "european.csv": ("tanh", "rms", 1e-3, european),
    "long.csv": ("frozen", "rms", 1e-5, long_table),
    "two_columns.csv": ("tanh", "norm", 1e-10, two_columns),
    "lists.json": ("sigmoid", "rms", 1e-10, lists),
    "records.json": ("frozen", "rms", 1e-10, records),
    "dict_of_lists.json": ("sigmoid", "norm", 1e-10, dict_of_lists),
    "grad_flow.json": ("transformer", "mean_abs", 1e-8, grad_flow),
    "epochs.json": ("tanh", "mean_abs", 1e-10, epochs),
    "nested_modules.json": ("transformer", "norm", 1e-10, nested_modules),
    "hook.jsonl": ("half", "rms", 1e-10, json_lines),
    "hook_detector.jsonl": ("detector", "rms", 1e-10, json_lines),
    "makemore.txt": ("tanh", "std", 1e-6, makemore),
    "hooks.txt": ("frozen", "mean_abs", 1e-4, hooks),
    "bars.txt": ("detector", "norm", 1e-5, bars),
    "scaled.txt": ("half", "norm", 1e-4, scaled_prints),
}

# What a log leaves out, or calls by other names: the truth is told in the log's own.
ONLY = {
    "wandb_history.jsonl": lambda n: "weight" in n,
    "lists.json": lambda n: "weight" in n,
    "makemore.txt": lambda n: "weight" in n,
    "grad_flow.json": lambda n: "bias" not in n,
}
RENAMED = {"lists.json": "layer {}", "makemore.txt": "weight {}"}


def verdict(sizes: list[float | None]) -> str:
    """From the weights' true sizes per entry, the input's side first."""
    if None in sizes:
        return "missing"
    if not all(map(math.isfinite, sizes)):
        return "overflow"
    ratio = sizes[0] / sizes[-1] if sizes[-1] else math.nan
    return "dead" if 0 in sizes else "vanishing" if ratio < 1e-2 else "exploding" if ratio > 1e2 else "healthy"


def truth_of(kind: str, run: Run) -> dict[str, object]:
    """By the names and the size of the log: what was there at the last step."""
    _, size, precision, _ = KINDS[kind]
    kept = [n for n in run.steps[-1] if ONLY.get(kind, lambda _: True)(n)]
    called = {n: RENAMED.get(kind, n).format(place) for place, n in enumerate(kept, 1)}
    last = {called[n]: run.steps[-1][n] for n in kept}
    weights = [n for n in kept if n.endswith("weight") and not any(part in n for part in ("ln_", "wte", "wpe"))]
    rms = [None if run.steps[-1][n] is None else SIZES["rms"](run.steps[-1][n]) for n in weights]
    return {
        "size": size,
        "said": "unknown" if kind in UNSAID else size,
        "precision": precision,
        "steps": 2 if kind == "wandb_history.jsonl" else 1 if kind in LAST_STEP else len(run.steps),
        "loss_scale": run.scales[-1],
        "verdict": verdict(rms),
        "weights": [called[n] for n in weights],
        "shapes": {called[n]: list(run.shapes[n]) for n in kept},
        "sizes": {n: None if g is None else digits(SIZES[size](g)) for n, g in last.items()},
        "rms": {
            n: None if g is None else digits(SIZES["rms"](g) / run.scales[-1])
            for n, g in last.items()
            if size == "norm"
        },
    }


def digits(value: float) -> float:
    """Enough of them."""
    return float(f"{value:.11g}")


# Nothing in these says which size it is.
UNSAID = ("wide.csv", "european.csv", "lists.json", "records.json", "dict_of_lists.json", "hooks.txt")
LAST_STEP = ("two_columns.csv", "grad_flow.json", "makemore.txt")


def main() -> None:
    torch.set_num_threads(1)
    shutil.rmtree(MADE, ignore_errors=True)
    MADE.mkdir(parents=True)
    trainings, truth = runs(), {}
    for kind, (network, _, _, write) in KINDS.items():
        run = trainings[network]
        written = write(run)
        files = {kind: written} if isinstance(written, str) else {f"{kind}/{n}": t for n, t in written.items()}
        for file, text in files.items():
            path = MADE / file
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, newline="")
        truth[kind] = truth_of(kind, run)
    text, largest = overflow_report()
    (MADE / "overflow.txt").write_text(text)
    truth["overflow.txt"] = {"forward": {n: v if math.isfinite(v) else "inf" for n, v in largest.items()}}
    (MADE / "truth.json").write_text(json.dumps(truth).replace("}, ", "},\n"))


if __name__ == "__main__":
    main()
