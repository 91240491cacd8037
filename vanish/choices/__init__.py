"""What one can choose: one table a file, an entry a choice."""

from vanish.choices.activations import ACTIVATIONS, Activation
from vanish.choices.blocks import BLOCKS
from vanish.choices.cells import CELLS, Cell
from vanish.choices.clippings import CLIPPINGS, clip_by_norm, clip_by_value
from vanish.choices.datasets import DATASETS, Dataset
from vanish.choices.initializers import INITIALIZERS, Initializer
from vanish.choices.inputs import INPUTS, example_inputs
from vanish.choices.losses import LOSSES
from vanish.choices.norm_places import NORM_PLACES
from vanish.choices.normalizations import NORMALIZATIONS
from vanish.choices.number_formats import NUMBER_FORMATS, NumberFormat, round_to
from vanish.choices.optimizers import OPTIMIZERS
from vanish.choices.recurrent_initializers import RECURRENT_INITIALIZERS, RecurrentInitializer
from vanish.choices.residuals import RESIDUALS
from vanish.choices.schedules import SCHEDULES
from vanish.choices.tasks import TASKS, SequenceBatch, Task

__all__ = [
    "ACTIVATIONS",
    "BLOCKS",
    "CELLS",
    "CLIPPINGS",
    "DATASETS",
    "INITIALIZERS",
    "INPUTS",
    "LOSSES",
    "NORMALIZATIONS",
    "NORM_PLACES",
    "NUMBER_FORMATS",
    "OPTIMIZERS",
    "RECURRENT_INITIALIZERS",
    "RESIDUALS",
    "SCHEDULES",
    "TASKS",
    "Activation",
    "Cell",
    "Dataset",
    "Initializer",
    "NumberFormat",
    "RecurrentInitializer",
    "SequenceBatch",
    "Task",
    "clip_by_norm",
    "clip_by_value",
    "example_inputs",
    "round_to",
]
