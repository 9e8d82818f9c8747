"""Curvature of a stored run by curvlinops and PyTorch, beside what lowland measured of it.

    python3 curvature.py NOTEBOOK

For every run of the notebook: the weights from safetensors, the examples from the dataset's own Parquet file, the matrices
by curvlinops in double precision, column by column, their eigenvalues by LAPACK. Fails unless the eigenvalues agree to
1e-5 and the estimates lie within three of their standard errors.
"""

import glob
import json
import sys

import numpy
import pandas
import torch
from curvlinops import GGNLinearOperator, HessianLinearOperator
from safetensors.torch import load_file

RELATIVE, ERRORS = 1e-5, 3.0


def network(weights, activation):
    """The dense network that these weights are of."""
    layers = []
    count = sum(name.endswith(".weight") for name in weights)
    for index in range(count):
        weight, bias = weights[f"layer.{index}.weight"], weights[f"layer.{index}.bias"]
        layer = torch.nn.Linear(weight.shape[1], weight.shape[0]).double()
        layer.weight.data, layer.bias.data = weight.double(), bias.double()
        layers += [layer, activation()] if index + 1 < count else [layer]
    return torch.nn.Sequential(*layers)


def examples(notebook, spec):
    """The training examples: the file's own rows in order, as the cell takes all of them and scales none."""
    rows = pandas.read_parquet(f"{notebook}/datasets/{spec['dataset']['name']}.parquet")
    rows = rows[rows["split"] == "train"]
    assert len(rows) == spec["dataset"]["train"], (len(rows), spec["dataset"]["train"])
    labels = torch.tensor(rows["label"].to_numpy().astype("int64"))
    pixels = [numpy.frombuffer(pixels, dtype="uint8") for pixels in rows["pixels"]]
    inputs = numpy.stack(pixels).astype("float64")
    return torch.tensor(inputs), labels


def dense(operator, n):
    """The matrix of an operator."""
    return numpy.asarray((operator @ torch.eye(n, dtype=torch.float64)).detach().numpy())


def matrices(model, spec, inputs, labels):
    """Hessian and Gauss-Newton matrix of lowland's loss."""
    if spec["loss"] == "cross_entropy":
        loss, targets, factor = torch.nn.CrossEntropyLoss(), labels, 1.0
    else:
        # Theirs is the mean over examples and outputs, ours half the sum over outputs.
        classes = model[-1].out_features
        loss, targets = torch.nn.MSELoss(), torch.nn.functional.one_hot(labels, classes).double()
        factor = classes / 2
    parameters = [parameter for parameter in model.parameters()]
    n = sum(parameter.numel() for parameter in parameters)
    data = [(inputs, targets)]
    make = lambda kind: factor * dense(kind(model, loss, parameters, data, check_deterministic=False), n)
    return make(HessianLinearOperator), make(GGNLinearOperator)


def check(what, ours, theirs, allowed):
    """One line per check; whether it holds."""
    off = abs(ours - theirs)
    verdict = "ok" if off <= allowed else "DIFFERS"
    print(f"  {what:34} {ours:18.10g} {theirs:18.10g}  off {off:.1e}, allowed {allowed:.1e}  {verdict}")
    return off <= allowed


def main():
    notebook = sys.argv[1]
    files = glob.glob(f"{notebook}/runs/summary/**/*.parquet", recursive=True)
    # A run that was measured after the fact is stored twice: each storing has some of its columns.
    summary = pandas.concat(map(pandas.read_parquet, files)).groupby("run", as_index=False).first()
    spectra = pandas.concat(map(pandas.read_parquet, glob.glob(f"{notebook}/runs/spectra/**/*.parquet", recursive=True)))
    activations = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}
    good = True
    for _, run in summary.iterrows():
        spec = json.loads(run["spec"])
        weights = load_file(f"{notebook}/runs/weights/{run['run']}.safetensors")
        model = network(weights, activations[spec["model"]["activation"]])
        inputs, labels = examples(notebook, spec)
        hessian, ggn = matrices(model, spec, inputs, labels)
        values = numpy.linalg.eigvalsh((hessian + hessian.T) / 2)[::-1]
        ggn_values = numpy.linalg.eigvalsh((ggn + ggn.T) / 2)[::-1]
        print(f"{spec['model']['activation']} {spec['loss']}, {len(values)} weights, {len(labels)} examples")
        own = spectra[spectra["run"] == run["run"]]
        top = own[own["quantity"] == "eigenvalues"]["value"].to_numpy()
        for index, value in enumerate(top):
            good &= check(f"eigenvalue {index + 1}", value, values[index], RELATIVE * abs(values[index]))
        every = numpy.sort(own[own["quantity"] == "full_spectrum"]["value"].to_numpy())[::-1]
        good &= check("largest difference of all", abs(every - values).max(), 0.0, RELATIVE * values[0])
        good &= check("smallest eigenvalue", run["lambda_min"], values[-1], RELATIVE * abs(values[-1]))
        good &= check("largest of Gauss-Newton", run["ggn_lambda_max"], ggn_values[0], RELATIVE * ggn_values[0])
        for name, exact in [
            ("hessian_trace", values.sum()),
            ("hutchpp_trace", values.sum()),
            ("ggn_trace", ggn_values.sum()),
            ("hessian_square", (values**2).sum()),
        ]:
            good &= check(name, run[name], exact, ERRORS * run[f"{name}_se"])
        nodes = own[own["quantity"] == "spectrum"]
        for power in (1, 2, 3):
            moments = (nodes["weight"] * nodes["value"] ** power).groupby(nodes["part"]).sum()
            error = moments.std(ddof=1) / len(moments) ** 0.5
            good &= check(f"moment {power} of the density", moments.mean(), (values**power).mean(), ERRORS * error)
        # Of a probe the quadrature is exact; over all of them the effective dimension is an estimate.
        alpha = 0.1
        good &= check("effective dimension", run["effective_dimension"], (ggn_values / (ggn_values + alpha)).sum(), 0.05 * len(values))
    sys.exit(0 if good else "lowland and curvlinops differ")


main()
