"""A helper model that is there at once."""

from voxcpm_space.reference.lazy_model import LazyModel


def loaded_model(model):
    lazy = LazyModel("The model", lambda: model)
    lazy.get(30)
    return lazy
