"""Every work that vanish cites, once.  Tables refer to it by key, prose by names and year; a test reads both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

VERSION = "1.0.0"


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
        stop = "" if self.title.endswith("?") else "."
        return f"{', '.join(others)}{' and ' if others else ''}{last} ({self.year}). {self.title}{stop} {self.venue}."

    @property
    def short(self) -> str:
        """As a sentence names it."""
        names = self.surnames
        return f"{' and '.join(names) if len(names) < 3 else f'{names[0]} et al.'} ({self.year})"

    @property
    def surnames(self) -> list[str]:
        """Of all its authors, in the order of the publication."""
        return [author.split(",")[0] for author in self.authors.split("; ")]


REFERENCES: Mapping[str, Reference] = MappingProxyType(
    {
        "abramowitz1964": Reference(
            "Abramowitz, M.; Stegun, I. A.",
            1964,
            "Handbook of mathematical functions with formulas, graphs, and mathematical tables",
            "National Bureau of Standards",
        ),
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
        "brown1994": Reference(
            "Brown, F. B.",
            1994,
            "Random number generation with arbitrary strides",
            "Transactions of the American Nuclear Society 71, 202-203",
        ),
        "brownlee2019": Reference(
            "Brownlee, J.",
            2019,
            "How to fix vanishing gradients using the rectified linear activation function",
            "Machine Learning Mastery",
        ),
        "cho2009": Reference("Cho, Y.; Saul, L. K.", 2009, "Kernel methods for deep learning", "NeurIPS"),
        "cho2014": Reference(
            "Cho, K.; van Merriënboer, B.; Gulcehre, C.; Bahdanau, D.; Bougares, F.; Schwenk, H.; Bengio, Y.",
            2014,
            "Learning phrase representations using RNN encoder-decoder for statistical machine translation",
            "EMNLP",
        ),
        "cover1967": Reference(
            "Cover, T. M.; Hart, P. E.",
            1967,
            "Nearest neighbor pattern classification",
            "IEEE Transactions on Information Theory 13(1), 21-27",
        ),
        "de2020": Reference(
            "De, S.; Smith, S. L.",
            2020,
            "Batch normalization biases residual blocks towards the identity function in deep networks",
            "NeurIPS",
        ),
        "gers2000": Reference(
            "Gers, F. A.; Schmidhuber, J.; Cummins, F.",
            2000,
            "Learning to forget: continual prediction with LSTM",
            "Neural Computation 12(10), 2451-2471",
        ),
        "gil-pelaez1951": Reference("Gil-Pelaez, J.", 1951, "Note on the inversion theorem", "Biometrika 38"),
        "glorot2010": Reference(
            "Glorot, X.; Bengio, Y.",
            2010,
            "Understanding the difficulty of training deep feedforward neural networks",
            "AISTATS",
        ),
        "glorot2011": Reference(
            "Glorot, X.; Bordes, A.; Bengio, Y.", 2011, "Deep sparse rectifier neural networks", "AISTATS"
        ),
        "goyal2017": Reference(
            "Goyal, P.; Dollár, P.; Girshick, R.; Noordhuis, P.; Wesolowski, L.; Kyrola, A.; Tulloch, A.; Jia, Y.; "
            "He, K.",
            2017,
            "Accurate, large minibatch SGD: training ImageNet in 1 hour",
            "arXiv:1706.02677",
        ),
        "hanin2018": Reference(
            "Hanin, B.",
            2018,
            "Which neural net architectures give rise to exploding and vanishing gradients?",
            "NeurIPS",
        ),
        "hanin2018b": Reference(
            "Hanin, B.; Rolnick, D.",
            2018,
            "How to start training: the effect of initialization and architecture",
            "NeurIPS",
        ),
        "hanin2020": Reference(
            "Hanin, B.; Nica, M.",
            2020,
            "Products of many large random matrices and gradients in deep neural networks",
            "Communications in Mathematical Physics 376",
        ),
        "hayou2019": Reference(
            "Hayou, S.; Doucet, A.; Rousseau, J.",
            2019,
            "On the impact of the activation function on deep neural networks training",
            "ICML",
        ),
        "hayou2021": Reference(
            "Hayou, S.; Clerico, E.; He, B.; Deligiannidis, G.; Doucet, A.; Rousseau, J.",
            2021,
            "Stable ResNet",
            "AISTATS",
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
        "hinton2012": Reference(
            "Hinton, G. E.",
            2012,
            "Neural networks for machine learning, lecture 6e: divide the gradient by a running average of its recent "
            "magnitude",
            "Coursera",
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
        "ieee2019": Reference("IEEE", 2019, "IEEE standard for floating-point arithmetic", "IEEE Std 754-2019"),
        "ioffe2015": Reference(
            "Ioffe, S.; Szegedy, C.",
            2015,
            "Batch normalization: accelerating deep network training by reducing internal covariate shift",
            "ICML",
        ),
        "jozefowicz2015": Reference(
            "Jozefowicz, R.; Zaremba, W.; Sutskever, I.",
            2015,
            "An empirical exploration of recurrent network architectures",
            "ICML",
        ),
        "karpathy2022": Reference(
            "Karpathy, A.",
            2022,
            "Building makemore part 3: activations and gradients, BatchNorm",
            "Neural networks: zero to hero, lecture 4",
        ),
        "kingma2015": Reference("Kingma, D. P.; Ba, J. L.", 2015, "Adam: a method for stochastic optimization", "ICLR"),
        "klambauer2017": Reference(
            "Klambauer, G.; Unterthiner, T.; Mayr, A.; Hochreiter, S.",
            2017,
            "Self-normalizing neural networks",
            "NeurIPS",
        ),
        "le2015": Reference(
            "Le, Q. V.; Jaitly, N.; Hinton, G. E.",
            2015,
            "A simple way to initialize recurrent networks of rectified linear units",
            "arXiv:1504.00941",
        ),
        "lecun1998": Reference(
            "LeCun, Y.; Bottou, L.; Orr, G. B.; Müller, K.-R.",
            1998,
            "Efficient backprop",
            "Neural Networks: Tricks of the Trade, Springer",
        ),
        "lee2018": Reference(
            "Lee, J.; Bahri, Y.; Novak, R.; Schoenholz, S. S.; Pennington, J.; Sohl-Dickstein, J.",
            2018,
            "Deep neural networks as Gaussian processes",
            "ICLR",
        ),
        "li2016": Reference(
            "Li, F.-F.; Karpathy, A.; Johnson, J.",
            2016,
            "CS231n: convolutional neural networks for visual recognition, lecture 5",
            "Stanford University",
        ),
        "loshchilov2017": Reference(
            "Loshchilov, I.; Hutter, F.", 2017, "SGDR: stochastic gradient descent with warm restarts", "ICLR"
        ),
        "loshchilov2019": Reference(
            "Loshchilov, I.; Hutter, F.", 2019, "Decoupled weight decay regularization", "ICLR"
        ),
        "lu2020": Reference(
            "Lu, L.; Shin, Y.; Su, Y.; Karniadakis, G. E.",
            2020,
            "Dying ReLU and initialization: theory and numerical examples",
            "Communications in Computational Physics 28(5), 1671-1706",
        ),
        "maas2013": Reference(
            "Maas, A. L.; Hannun, A. Y.; Ng, A. Y.",
            2013,
            "Rectifier nonlinearities improve neural network acoustic models",
            "ICML Workshop on Deep Learning for Audio, Speech and Language Processing",
        ),
        "machado2009": Reference(
            "Machado, G. M.; Oliveira, M. M.; Fernandes, L. A. F.",
            2009,
            "A physiologically-based model for simulation of color vision deficiency",
            "IEEE Transactions on Visualization and Computer Graphics 15(6), 1291-1298",
        ),
        "mezzadri2007": Reference(
            "Mezzadri, F.",
            2007,
            "How to generate random matrices from the classical compact groups",
            "Notices of the AMS 54(5), 592-604",
        ),
        "micikevicius2018": Reference(
            "Micikevicius, P.; Narang, S.; Alben, J.; Diamos, G.; Elsen, E.; Garcia, D.; Ginsburg, B.; Houston, M.; "
            "Kuchaiev, O.; Venkatesh, G.; Wu, H.",
            2018,
            "Mixed precision training",
            "ICLR",
        ),
        "micikevicius2022": Reference(
            "Micikevicius, P.; Stosic, D.; Burgess, N.; Cornea, M.; Dubey, P.; Grisenthwaite, R.; Ha, S.; "
            "Heinecke, A.; Judd, P.; Kamalu, J.; Mellempudi, N.; Oberman, S.; Shoeybi, M.; Siu, M.; Wu, H.",
            2022,
            "FP8 formats for deep learning",
            "arXiv:2209.05433",
        ),
        "mishkin2016": Reference("Mishkin, D.; Matas, J.", 2016, "All you need is a good init", "ICLR"),
        "nair2010": Reference(
            "Nair, V.; Hinton, G. E.", 2010, "Rectified linear units improve restricted Boltzmann machines", "ICML"
        ),
        "nesterov1983": Reference(
            "Nesterov, Y.",
            1983,
            "A method of solving a convex programming problem with convergence rate O(1/k²)",
            "Soviet Mathematics Doklady 27(2), 372-376",
        ),
        "nielsen2015": Reference(
            "Nielsen, M. A.",
            2015,
            "Neural networks and deep learning, chapter 5: why are deep neural networks hard to train?",
            "Determination Press",
        ),
        "okabe2008": Reference(
            "Okabe, M.; Ito, K.",
            2008,
            "Color universal design: how to make figures and presentations that are friendly to colorblind people",
            "J*FLY Data Depository for Drosophila Researchers",
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
        "pennington2017": Reference(
            "Pennington, J.; Schoenholz, S. S.; Ganguli, S.",
            2017,
            "Resurrecting the sigmoid in deep learning through dynamical isometry: theory and practice",
            "NeurIPS",
        ),
        "polyak1964": Reference(
            "Polyak, B. T.",
            1964,
            "Some methods of speeding up the convergence of iteration methods",
            "USSR Computational Mathematics and Mathematical Physics 4(5), 1-17",
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
        "sen1968": Reference(
            "Sen, P. K.",
            1968,
            "Estimates of the regression coefficient based on Kendall's tau",
            "Journal of the American Statistical Association 63(324), 1379-1389",
        ),
        "sharma2005": Reference(
            "Sharma, G.; Wu, W.; Dalal, E. N.",
            2005,
            "The CIEDE2000 color-difference formula: implementation notes, supplementary test data, and mathematical "
            "observations",
            "Color Research and Application 30(1), 21-30",
        ),
        "sitzmann2020": Reference(
            "Sitzmann, V.; Martel, J. N. P.; Bergman, A. W.; Lindell, D. B.; Wetzstein, G.",
            2020,
            "Implicit neural representations with periodic activation functions",
            "NeurIPS",
        ),
        "srivastava2015": Reference(
            "Srivastava, R. K.; Greff, K.; Schmidhuber, J.", 2015, "Training very deep networks", "NeurIPS"
        ),
        "steele2014": Reference(
            "Steele, G. L.; Lea, D.; Flood, C. H.", 2014, "Fast splittable pseudorandom number generators", "OOPSLA"
        ),
        "sutskever2013": Reference(
            "Sutskever, I.; Martens, J.; Dahl, G.; Hinton, G. E.",
            2013,
            "On the importance of initialization and momentum in deep learning",
            "ICML",
        ),
        "tam2021": Reference(
            "Tam, A.",
            2021,
            "Visualizing the vanishing gradient problem",
            "Machine Learning Mastery",
        ),
        "theil1950": Reference(
            "Theil, H.",
            1950,
            "A rank-invariant method of linear and polynomial regression analysis",
            "Indagationes Mathematicae 12, 85-91",
        ),
        "xiong2020": Reference(
            "Xiong, R.; Yang, Y.; He, D.; Zheng, K.; Zheng, S.; Xing, C.; Zhang, H.; Lan, Y.; Wang, L.; Liu, T.-Y.",
            2020,
            "On layer normalization in the transformer architecture",
            "ICML",
        ),
        "yang2017": Reference(
            "Yang, G.; Schoenholz, S. S.", 2017, "Mean field residual networks: on the edge of chaos", "NeurIPS"
        ),
        "yang2019": Reference(
            "Yang, G.; Pennington, J.; Rao, V.; Sohl-Dickstein, J.; Schoenholz, S. S.",
            2019,
            "A mean field theory of batch normalization",
            "ICLR",
        ),
        "zhang2019": Reference("Zhang, B.; Sennrich, R.", 2019, "Root mean square layer normalization", "NeurIPS"),
        "zhang2019b": Reference(
            "Zhang, H.; Dauphin, Y. N.; Ma, T.",
            2019,
            "Fixup initialization: residual learning without normalization",
            "ICLR",
        ),
        "zhang2023": Reference(
            "Zhang, A.; Lipton, Z. C.; Li, M.; Smola, A. J.",
            2023,
            "Dive into deep learning, section 5.4: numerical stability and initialization",
            "Cambridge University Press",
        ),
    }
)


def cite(keys: Iterable[str]) -> str:
    """Several publications as a sentence names them."""
    return "; ".join(REFERENCES[key].short for key in keys)


def citation() -> str:
    """How vanish itself is cited: in the README, on the page, and in every file that one takes home."""
    return f"The vanish authors (2026). vanish {VERSION}: see, measure and cure vanishing gradients. Software."


def bibliography() -> str:
    """The whole table as a Markdown list, in the order of its keys: the README's section on sources."""
    return "\n".join(f"- {entry.line}" for entry in REFERENCES.values())
