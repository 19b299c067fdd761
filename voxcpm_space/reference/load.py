"""The one way from whatever a front door was given to a prepared clip with its words."""

from dataclasses import replace

from voxcpm_space.cache import SingleFlightCache
from voxcpm_space.examples import clips
from voxcpm_space.messages import N_
from voxcpm_space.reference.decode import Decoded, decode
from voxcpm_space.reference.denoise import Denoiser
from voxcpm_space.reference.prepare import Reference, prepare
from voxcpm_space.reference.sources import Source, find_clip
from voxcpm_space.reference.targets import parse_targets
from voxcpm_space.reference.transcribe import Recognizer
from voxcpm_space.settings import Settings

KEEP_SECONDS = 300.0
"""From looking at a clip on the page, over correcting its transcript, to the request."""

_MAX_BYTES = 128 * 2**20
"""Six clips of 5 minutes, or a hundred of 20 s."""


class ReferenceLoader:
    """Gets, decodes, prepares and transcribes reference clips.

    A clip that was asked for in the last 5 minutes is not downloaded, decoded or prepared again.
    """

    def __init__(
        self,
        settings: Settings,
        denoiser: Denoiser | None = None,
        recognizer: Recognizer | None = None,
    ) -> None:
        """Prepares; the helper models are loaded when first asked for.

        Args:
            settings: Give the longest clip to use, where URLs may lead to, and the recognizer.
            denoiser: Another than VoxCPM's.
            recognizer: Another than that of the settings.
        """
        self._settings = settings
        self._targets = parse_targets(settings.reference_hosts)
        self._decoded: SingleFlightCache[Decoded] = SingleFlightCache(
            _MAX_BYTES, KEEP_SECONDS, size_of=lambda decoded: decoded.samples.nbytes
        )
        self._prepared: SingleFlightCache[Reference] = SingleFlightCache(
            _MAX_BYTES, KEEP_SECONDS, size_of=lambda reference: reference.nbytes
        )
        self._denoiser = denoiser or Denoiser(keep_seconds=settings.keep_seconds)
        self._recognizer = recognizer or Recognizer(
            settings.asr_model, settings.keep_seconds, settings.device
        )

    def load(
        self,
        source: object,
        *,
        start: float | None = None,
        denoise: bool = False,
        transcript: str = "",
        transcribe: bool = False,
    ) -> Reference:
        """Gives the reference clip that `source` names, ready for VoxCPM2's encoder.

        Args:
            source: An http(s) or `data:` URL, an uploaded file or the name of an example clip;
                see `find_clip`.
            start: Where in a long clip the part to use begins, in seconds; None lets us choose.
            denoise: Whether noise is removed.
            transcript: What is said in the clip, where that is known.
            transcribe: Whether it is recognized where it is not known.

        Raises:
            InputError: There is none, it cannot be had, or it is not a usable clip.
            BusyError: Too many clips are being fetched or decoded.
        """
        found = find_clip(source, self._targets)  # also whether it may be read, every time
        reference = self._prepared.get(
            (found.key, start, denoise), lambda: self._prepare(found, start, denoise=denoise)
        )
        if transcript and reference.is_part and start is None:
            unused = N_(
                "The transcript is not used: it is that of the whole clip, not of this part."
            )
            reference = replace(reference, warnings=(*reference.warnings, unused))
        elif transcript:
            return replace(reference, transcript=transcript, origin="given")
        return self._transcribed(reference, source) if transcribe else reference

    def _prepare(self, found: Source, start: float | None, *, denoise: bool) -> Reference:
        decoded = self._decoded.get(found.key, lambda: decode(found.read()))
        limit = self._settings.max_reference_seconds
        return prepare(decoded, limit, start, self._denoiser if denoise else None)

    def _transcribed(self, reference: Reference, source: object) -> Reference:
        example = next((clip for clip in clips() if clip.voice == source), None)
        if example and not reference.is_part:
            return replace(reference, transcript=example.transcript, origin="given")
        heard, missed = self._recognizer.transcribe(reference.samples)
        if heard:
            return replace(reference, transcript=heard, origin="recognized")
        return replace(reference, warnings=(*reference.warnings, *missed))
