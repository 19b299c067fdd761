"""What the server of forks imports, once for all models and applications that are forked from it.

A fork whose garbage collector looked at these objects would copy the memory that they are in.
"""

import gc

gc.disable()

import voxcpm_space.engine.model
import voxcpm_space.launch  # noqa: F401

gc.freeze()
gc.enable()
