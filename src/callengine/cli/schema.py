"""`callengine schema`: the flow language for editors."""

from callengine.fsm import scenario_schema


def schema() -> int:
    """Print the JSON Schema of scenario files, for editors that complete and check YAML.

    Name the file it is written to in the first line of a scenario: `# yaml-language-server: $schema=scenario.schema.json`.
    """
    print(scenario_schema(), end="")
    return 0
