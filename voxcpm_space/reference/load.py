"""The one way from whatever a front door was given to a checked waveform."""

from voxcpm_space.audio import ENCODER_SAMPLE_RATE, Waveform
from voxcpm_space.errors import InputError
from voxcpm_space.reference.decode import decode
from voxcpm_space.reference.prepare import check
from voxcpm_space.reference.sources import read_source
from voxcpm_space.reference.targets import parse_targets
from voxcpm_space.settings import Settings


def load_reference(source: object, settings: Settings) -> Waveform:
    """Gives the reference clip that `source` names, ready for VoxCPM2's encoder.

    Args:
        source: An http(s) or `data:` URL, an uploaded file or the name of an example clip; see
            `read_source`.
        settings: Give the longest clip allowed, and where URLs may lead to.

    Returns:
        Mono samples at 16 kHz, shape (samples,), at least 1 s long.

    Raises:
        InputError: There is none, it cannot be had, or it is not a usable clip.
    """
    content = read_source(source, parse_targets(settings.reference_hosts))
    samples = decode(content).samples
    check(samples)
    if len(samples) > settings.max_reference_seconds * ENCODER_SAMPLE_RATE:
        raise InputError(
            f"The reference clip is longer than {settings.max_reference_seconds:g} s. "
            "Please cut it; 5 to 20 s of clear speech are best."
        )
    return samples
