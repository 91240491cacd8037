"""A network of the page as scripts to take home, folded away: nothing is written before it is asked for."""

from collections.abc import Callable

import streamlit as st

from vanish.choices.activations import ACTIVATIONS
from vanish.code import notebook, numpy_script, pytorch_lines, torch_script
from vanish.code.ask import MOST_MAGNITUDES
from vanish.code.torch_weights import is_ours
from vanish.code.write_torch import LOG, NETWORKS
from vanish.measure.remedies import NETWORK_REMEDIES, REMEDIES
from vanish.network.spec import NetworkSpec
from vanish.ui.kit.groups import Signal


def show(specs: tuple[NetworkSpec, ...], signal: Signal, magnitude: str) -> None:
    """The networks on screen, one of them at a time, with what is sent through it and measured."""
    folded = st.expander("Take this network home", on_change="rerun", key="home")
    if not folded.open:
        return
    with folded:
        by_name = {spec.activation: spec for spec in specs}
        chosen = next(iter(by_name))
        if len(by_name) > 1:
            chosen = st.segmented_control(
                "Network",
                list(by_name),
                default=chosen,
                required=True,
                format_func=lambda name: ACTIVATIONS[name].label,
                key=f"home_network_{'_'.join(by_name)}",
            )
        spec = by_name[chosen or next(iter(by_name))]
        _downloads(spec, signal, magnitude)
        st.caption(prints(spec))
        _remedy(spec)


def _downloads(spec: NetworkSpec, signal: Signal, magnitude: str) -> None:
    sent = (signal.seed, signal.batch_size, signal.inputs, signal.signal_scale, signal.signal_shift)
    magnitudes = tuple(dict.fromkeys((magnitude, *MOST_MAGNITUDES)))

    def plain() -> str:
        return numpy_script(spec, *sent, magnitudes)

    def framework() -> str:
        return torch_script(spec, *sent)

    files: dict[str, tuple[str, str, Callable[[], str]]] = {
        "NumPy (.py)": ("vanish_numpy.py", "text/x-python", plain),
        "PyTorch (.py)": ("vanish_torch.py", "text/x-python", framework),
        "Notebook (.ipynb)": ("vanish.ipynb", "application/x-ipynb+json", lambda: notebook([plain(), framework()])),
    }
    with st.container(horizontal=True):
        for label, (name, mime, text) in files.items():
            st.download_button(
                label,
                text,
                file_name=name,
                mime=mime,
                on_click="ignore",
                icon=":material/download:",
                key=f"home_{name}",
            )


def _remedy(spec: NetworkSpec) -> None:
    name = st.selectbox(
        "Lines of PyTorch that apply a remedy to it",
        NETWORK_REMEDIES,
        None,
        format_func=lambda one: REMEDIES[one].title,
        placeholder="none",
        help="They go behind the lines that build the network; the script marks the place.",
        key="home_remedy",
    )
    if name:
        st.code(pytorch_lines(name, spec), language="python")


def prints(spec: NetworkSpec) -> str:
    """What the scripts print."""
    numbers = (
        "the same numbers"
        if is_ours(spec)
        else f"medians over {NETWORKS} networks: it draws by the same rule, with PyTorch's own random numbers"
    )
    return (
        "The NumPy script prints this page's number for every layer, to rounding: the network of the first seed. "
        f"The PyTorch script prints {numbers}; it also logs what each parameter receives into {LOG}, which chapter "
        "Yours reads. The notebook holds both."
    )
