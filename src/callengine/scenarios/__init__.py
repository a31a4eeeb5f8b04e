"""The scenario files on disk: found, read, loaded, and read again when they change."""

from callengine.scenarios.files import case_files, read, reason, scenario_files
from callengine.scenarios.folder import Reading, Refusal, ScenarioFolder, load_scenarios

__all__ = ["Reading", "Refusal", "ScenarioFolder", "case_files", "load_scenarios", "read", "reason", "scenario_files"]
