"""Who is called when: contacts, assignment of scenarios, and the nursery of outbound calls."""

from callengine.dialer.assignment import Assignment, ReadyScenario
from callengine.dialer.attempt import AttemptLife
from callengine.dialer.call_windows import CallWindows, holidays_of
from callengine.dialer.contacts import ContactList, ContactSource
from callengine.dialer.dialer import Dialer, Place
from callengine.dialer.gates import Gate, Gates
from callengine.dialer.hours import CallingHours, Hours
from callengine.dialer.incidents import AlertRules, Incidents
from callengine.dialer.intake import NOT_BEFORE, PRIORITY, SCENARIO, Intake, disarmed
from callengine.dialer.retries import again_at
from callengine.dialer.settlement import Over, Settlement, Unit
from callengine.dialer.stored import StoredContacts

__all__ = [
    "NOT_BEFORE",
    "PRIORITY",
    "SCENARIO",
    "AlertRules",
    "Assignment",
    "AttemptLife",
    "CallWindows",
    "CallingHours",
    "ContactList",
    "ContactSource",
    "Dialer",
    "Gate",
    "Gates",
    "Hours",
    "Incidents",
    "Intake",
    "Over",
    "Place",
    "ReadyScenario",
    "Settlement",
    "StoredContacts",
    "Unit",
    "again_at",
    "disarmed",
    "holidays_of",
]
