"""Offsets for buffers with sizes, alignments and lifetimes: integers in, integers out, and no IR.

>>> from irpass.packing import Buffer, pack
>>> layout = pack([Buffer(64, 0, 2), Buffer(32, 1, 4), Buffer(64, 3, 5)])
>>> layout.offsets, layout.peak, layout.optimal
((0, 64, 0), 96, True)
"""

from irpass.packing.bounds import lower_bound
from irpass.packing.budget import Progress
from irpass.packing.model import Buffer, Packing
from irpass.packing.solve import EFFORTS, pack
from irpass.packing.validate import Breach, validate

__all__ = ["EFFORTS", "Breach", "Buffer", "Packing", "Progress", "lower_bound", "pack", "validate"]
