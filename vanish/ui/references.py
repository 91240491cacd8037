"""What the lessons draw on: one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Reference:
    """A publication."""

    authors: tuple[str, ...]
    year: int
    title: str
    venue: str

    @property
    def line(self) -> str:
        """As a list of references has it."""
        *others, last = self.authors
        return f"{', '.join(others)}{' and ' if others else ''}{last} ({self.year}). {self.title}. {self.venue}."

    @property
    def short(self) -> str:
        """As a sentence names it."""
        names = [author.split(",")[0] for author in self.authors]
        return f"{' and '.join(names) if len(names) < 3 else f'{names[0]} et al.'} ({self.year})"


REFERENCES: Mapping[str, Reference] = MappingProxyType(
    {
        "alpaydin1998": Reference(
            (
                "Alpaydin, E.",
                "Kaynak, C.",
            ),
            1998,
            "Optical recognition of handwritten digits",
            "UCI Machine Learning Repository",
        ),
        "bengio1994": Reference(
            (
                "Bengio, Y.",
                "Simard, P.",
                "Frasconi, P.",
            ),
            1994,
            "Learning long-term dependencies with gradient descent is difficult",
            "IEEE Transactions on Neural Networks 5(2), 157-166",
        ),
        "cho2014": Reference(
            (
                "Cho, K.",
                "van Merriënboer, B.",
                "Gulcehre, C.",
                "Bahdanau, D.",
                "Bougares, F.",
                "Schwenk, H.",
                "Bengio, Y.",
            ),
            2014,
            "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
            "EMNLP",
        ),
        "glorot2010": Reference(
            (
                "Glorot, X.",
                "Bengio, Y.",
            ),
            2010,
            "Understanding the difficulty of training deep feedforward neural networks",
            "AISTATS",
        ),
        "he2015": Reference(
            (
                "He, K.",
                "Zhang, X.",
                "Ren, S.",
                "Sun, J.",
            ),
            2015,
            "Delving deep into rectifiers: surpassing human-level performance on ImageNet classification",
            "ICCV",
        ),
        "hochreiter1991": Reference(
            ("Hochreiter, S.",),
            1991,
            "Untersuchungen zu dynamischen neuronalen Netzen",
            "Diploma thesis, Technische Universität München",
        ),
        "hochreiter1997": Reference(
            (
                "Hochreiter, S.",
                "Schmidhuber, J.",
            ),
            1997,
            "Long short-term memory",
            "Neural Computation 9(8), 1735-1780",
        ),
        "ioffe2015": Reference(
            (
                "Ioffe, S.",
                "Szegedy, C.",
            ),
            2015,
            "Batch normalization: accelerating deep network training by reducing internal covariate shift",
            "ICML",
        ),
        "micikevicius2018": Reference(
            (
                "Micikevicius, P.",
                "Narang, S.",
                "Alben, J.",
                "Diamos, G.",
                "Elsen, E.",
                "Garcia, D.",
                "Ginsburg, B.",
                "Houston, M.",
                "Kuchaiev, O.",
                "Venkatesh, G.",
                "Wu, H.",
            ),
            2018,
            "Mixed precision training",
            "ICLR",
        ),
        "pascanu2013": Reference(
            (
                "Pascanu, R.",
                "Mikolov, T.",
                "Bengio, Y.",
            ),
            2013,
            "On the difficulty of training recurrent neural networks",
            "ICML",
        ),
        "paszke2019": Reference(
            (
                "Paszke, A.",
                "Gross, S.",
                "Massa, F.",
                "Lerer, A.",
                "Bradbury, J.",
                "others",
            ),
            2019,
            "PyTorch: an imperative style, high-performance deep learning library",
            "NeurIPS; and the reference page of torch.nn.Linear",
        ),
        "poole2016": Reference(
            (
                "Poole, B.",
                "Lahiri, S.",
                "Raghu, M.",
                "Sohl-Dickstein, J.",
                "Ganguli, S.",
            ),
            2016,
            "Exponential expressivity in deep neural networks through transient chaos",
            "NeurIPS",
        ),
        "schoenholz2017": Reference(
            (
                "Schoenholz, S. S.",
                "Gilmer, J.",
                "Ganguli, S.",
                "Sohl-Dickstein, J.",
            ),
            2017,
            "Deep information propagation",
            "ICLR",
        ),
        "yang2019": Reference(
            (
                "Yang, G.",
                "Pennington, J.",
                "Rao, V.",
                "Sohl-Dickstein, J.",
                "Schoenholz, S. S.",
            ),
            2019,
            "A mean field theory of batch normalization",
            "ICLR",
        ),
    }
)
