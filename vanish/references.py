"""One table of what vanish draws on; everything else refers to it by key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Reference:
    """A publication; ``authors`` are separated by semicolons, surnames first."""

    authors: str
    year: int
    title: str
    venue: str

    @property
    def line(self) -> str:
        """As a list of references has it."""
        *others, last = self.authors.split("; ")
        return f"{', '.join(others)}{' and ' if others else ''}{last} ({self.year}). {self.title}. {self.venue}."

    @property
    def short(self) -> str:
        """As a sentence names it."""
        names = [author.split(",")[0] for author in self.authors.split("; ")]
        return f"{' and '.join(names) if len(names) < 3 else f'{names[0]} et al.'} ({self.year})"


REFERENCES: Mapping[str, Reference] = MappingProxyType(
    {
        "alpaydin1998": Reference(
            "Alpaydin, E.; Kaynak, C.",
            1998,
            "Optical recognition of handwritten digits",
            "UCI Machine Learning Repository, CC BY 4.0",
        ),
        "arjovsky2016": Reference(
            "Arjovsky, M.; Shah, A.; Bengio, Y.", 2016, "Unitary evolution recurrent neural networks", "ICML"
        ),
        "ba2016": Reference("Ba, J. L.; Kiros, J. R.; Hinton, G. E.", 2016, "Layer normalization", "arXiv:1607.06450"),
        "bachlechner2021": Reference(
            "Bachlechner, T.; Majumder, B. P.; Mao, H.; Cottrell, G.; McAuley, J.",
            2021,
            "ReZero is all you need: fast convergence at large depth",
            "UAI",
        ),
        "balduzzi2017": Reference(
            "Balduzzi, D.; Frean, M.; Leary, L.; Lewis, J. P.; Ma, K. W.-D.; McWilliams, B.",
            2017,
            "The shattered gradients problem: if resnets are the answer, then what is the question?",
            "ICML",
        ),
        "bengio1994": Reference(
            "Bengio, Y.; Simard, P.; Frasconi, P.",
            1994,
            "Learning long-term dependencies with gradient descent is difficult",
            "IEEE Transactions on Neural Networks 5(2), 157-166",
        ),
        "cho2014": Reference(
            "Cho, K.; van Merriënboer, B.; Gulcehre, C.; Bahdanau, D.; Bougares, F.; Schwenk, H.; Bengio, Y.",
            2014,
            "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
            "EMNLP",
        ),
        "gers2000": Reference(
            "Gers, F. A.; Schmidhuber, J.; Cummins, F.",
            2000,
            "Learning to forget: continual prediction with LSTM",
            "Neural Computation 12(10), 2451-2471",
        ),
        "glorot2010": Reference(
            "Glorot, X.; Bengio, Y.",
            2010,
            "Understanding the difficulty of training deep feedforward neural networks",
            "AISTATS",
        ),
        "glorot2011": Reference(
            "Glorot, X.; Bordes, A.; Bengio, Y.", 2011, "Deep sparse rectifier neural networks", "AISTATS"
        ),
        "he2015": Reference(
            "He, K.; Zhang, X.; Ren, S.; Sun, J.",
            2015,
            "Delving deep into rectifiers: surpassing human-level performance on ImageNet classification",
            "ICCV",
        ),
        "he2016": Reference(
            "He, K.; Zhang, X.; Ren, S.; Sun, J.", 2016, "Deep residual learning for image recognition", "CVPR"
        ),
        "hochreiter1991": Reference(
            "Hochreiter, S.",
            1991,
            "Untersuchungen zu dynamischen neuronalen Netzen",
            "Diploma thesis, Technische Universität München",
        ),
        "hochreiter1997": Reference(
            "Hochreiter, S.; Schmidhuber, J.", 1997, "Long short-term memory", "Neural Computation 9(8), 1735-1780"
        ),
        "ioffe2015": Reference(
            "Ioffe, S.; Szegedy, C.",
            2015,
            "Batch normalization: accelerating deep network training by reducing internal covariate shift",
            "ICML",
        ),
        "le2015": Reference(
            "Le, Q. V.; Jaitly, N.; Hinton, G. E.",
            2015,
            "A simple way to initialize recurrent networks of rectified linear units",
            "arXiv:1504.00941",
        ),
        "maas2013": Reference(
            "Maas, A. L.; Hannun, A. Y.; Ng, A. Y.",
            2013,
            "Rectifier nonlinearities improve neural network acoustic models",
            "ICML Workshop on Deep Learning for Audio, Speech and Language Processing",
        ),
        "micikevicius2018": Reference(
            "Micikevicius, P.; Narang, S.; Alben, J.; Diamos, G.; Elsen, E.; Garcia, D.; Ginsburg, B.; Houston, M.; "
            "Kuchaiev, O.; Venkatesh, G.; Wu, H.",
            2018,
            "Mixed precision training",
            "ICLR",
        ),
        "mishkin2016": Reference("Mishkin, D.; Matas, J.", 2016, "All you need is a good init", "ICLR"),
        "nair2010": Reference(
            "Nair, V.; Hinton, G. E.", 2010, "Rectified linear units improve restricted Boltzmann machines", "ICML"
        ),
        "pascanu2013": Reference(
            "Pascanu, R.; Mikolov, T.; Bengio, Y.",
            2013,
            "On the difficulty of training recurrent neural networks",
            "ICML",
        ),
        "paszke2019": Reference(
            "Paszke, A.; Gross, S.; Massa, F.; Lerer, A.; Bradbury, J.; others",
            2019,
            "PyTorch: an imperative style, high-performance deep learning library",
            "NeurIPS; and the reference page of torch.nn.Linear",
        ),
        "poole2016": Reference(
            "Poole, B.; Lahiri, S.; Raghu, M.; Sohl-Dickstein, J.; Ganguli, S.",
            2016,
            "Exponential expressivity in deep neural networks through transient chaos",
            "NeurIPS",
        ),
        "saxe2014": Reference(
            "Saxe, A. M.; McClelland, J. L.; Ganguli, S.",
            2014,
            "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
            "ICLR",
        ),
        "schoenholz2017": Reference(
            "Schoenholz, S. S.; Gilmer, J.; Ganguli, S.; Sohl-Dickstein, J.",
            2017,
            "Deep information propagation",
            "ICLR",
        ),
        "yang2019": Reference(
            "Yang, G.; Pennington, J.; Rao, V.; Sohl-Dickstein, J.; Schoenholz, S. S.",
            2019,
            "A mean field theory of batch normalization",
            "ICLR",
        ),
        "zhang2019": Reference("Zhang, B.; Sennrich, R.", 2019, "Root mean square layer normalization", "NeurIPS"),
    }
)


def cite(keys: Iterable[str]) -> str:
    """Several publications as a sentence names them."""
    return "; ".join(REFERENCES[key].short for key in keys)
