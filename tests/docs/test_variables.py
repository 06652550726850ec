"""What can be set is told."""

import yaml

from loaders.settings import PROJECT_DIR


def test_every_variable_of_the_models_is_documented() -> None:
    variables = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text())["vars"]
    page = (PROJECT_DIR / "docs" / "configuration.md").read_text()

    assert [name for name in variables if f"| `{name}` |" not in page] == []
