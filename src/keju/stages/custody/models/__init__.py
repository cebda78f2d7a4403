"""The tables of custody."""

from keju.stages.custody.models.alarms import Alarm
from keju.stages.custody.models.chain import Container, Holding, Operation, Step
from keju.stages.custody.models.quantities import Confirmation

__all__ = ["Alarm", "Confirmation", "Container", "Holding", "Operation", "Step"]
