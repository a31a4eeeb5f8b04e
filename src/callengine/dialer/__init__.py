"""Who is called when: contacts, assignment of scenarios, and the nursery of outbound calls."""

from callengine.dialer.assignment import Assignment, ReadyScenario
from callengine.dialer.attempt import AttemptLife
from callengine.dialer.contacts import ContactFile, ContactList, ContactSource, open_contacts
from callengine.dialer.dialer import Dialer, Place
from callengine.dialer.gates import Gate, Gates
from callengine.dialer.hours import CallingHours
from callengine.dialer.incidents import AlertRules, Incidents
from callengine.dialer.settlement import Over, Settlement, Unit
from callengine.dialer.stored import StoredContacts

__all__ = [
    "AlertRules",
    "Assignment",
    "AttemptLife",
    "CallingHours",
    "ContactFile",
    "ContactList",
    "ContactSource",
    "Dialer",
    "Gate",
    "Gates",
    "Incidents",
    "Over",
    "Place",
    "ReadyScenario",
    "Settlement",
    "StoredContacts",
    "Unit",
    "open_contacts",
]
