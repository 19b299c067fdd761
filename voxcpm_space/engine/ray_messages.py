"""What the server, its driver and the replicas on a Ray cluster tell each other."""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from voxcpm_space.engine.generation_model import ModelFacts
from voxcpm_space.engine.request import ModelOutput
from voxcpm_space.engine.worker import Job
from voxcpm_space.errors import ModelLostError, StartError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection


@dataclass(frozen=True)
class Facts:
    """What the server has to know of the model, of which it needs no file itself.

    Attributes:
        model: Which it is.
        sample_rate: Of what it generates, in Hz.
        is_ours: Whether the server has deployed it, rather than found it on the cluster.
    """

    model: ModelFacts
    sample_rate: int
    is_ours: bool = False


class Sign(Enum):
    """What is said beside what the model makes."""

    JOINED = "the cluster is there, and its replicas are being started"
    BEGUN = "a replica has begun with a job"
    ENDED = "a job has ended"


Outcome: TypeAlias = ModelOutput | Sign | Exception | type[ModelLostError]
"""What a replica sends of a request. Errors are sent rather than raised: of what is raised, Ray
makes something else where it does not know how to build it anew."""

ToDriver: TypeAlias = Job | int | None
"""A job, the number of one that nobody waits for any more, or that the end has come."""
FromDriver: TypeAlias = Sign | StartError | Facts | int | tuple[int, Outcome]
"""At first that the cluster is joined, what ended the start, or what there is. From then on how
many replicas run, again and again, and the outcomes of jobs by number."""
ToServer: TypeAlias = "Connection[FromDriver, ToDriver]"
