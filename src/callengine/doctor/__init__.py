"""Tries everything that is configured, and says in plain sentences what does not work and how to mend it.

Nothing is called, sent or taken, and no contact is fetched. Services are asked something tiny, which costs what a word costs.
"""

from callengine.doctor.examination import examine
from callengine.doctor.finding import Finding, Sheet, State
from callengine.doctor.patient import Patient

__all__ = ["Finding", "Patient", "Sheet", "State", "examine"]
