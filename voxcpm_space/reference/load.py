"""The one way from whatever a front door was given to a prepared clip."""

from voxcpm_space.reference.decode import decode
from voxcpm_space.reference.prepare import Reference, prepare
from voxcpm_space.reference.sources import read_source
from voxcpm_space.reference.targets import parse_targets
from voxcpm_space.settings import Settings


def load_reference(source: object, settings: Settings) -> Reference:
    """Gives the reference clip that `source` names, ready for VoxCPM2's encoder.

    Args:
        source: An http(s) or `data:` URL, an uploaded file or the name of an example clip; see
            `read_source`.
        settings: Give the longest clip to use, and where URLs may lead to.

    Raises:
        InputError: There is none, it cannot be had, or it is not a usable clip.
    """
    content = read_source(source, parse_targets(settings.reference_hosts))
    return prepare(decode(content), settings.max_reference_seconds)
