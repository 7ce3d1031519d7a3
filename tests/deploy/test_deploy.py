"""What ``deploy/`` holds, as far as it can be checked without an engine to run it.

The linters come with the dependency group ``deploy``; without it their tests are skipped, and say so.
"""

import json
import pathlib
import re
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from services.operations.metrics import metric_names
from services.settings import Settings
from tests.docs.configuration import variables
from tests.tools import WITHOUT, run, tool

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = sorted(path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path.name != "kustomization.yaml")
OURS = re.compile(r"\brequite_[a-z_]+|\bup\b")
EXPOSURE_AT_MOST = 20
"""What systemd thinks of a unit, from 0 (nothing exposed) to 100."""


def load(path: pathlib.Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def alerts() -> list[dict[str, Any]]:
    return [rule for group in load(DEPLOY / "prometheus" / "alerts.yaml")["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DEPLOY / "grafana" / "dashboards" / "requite.json").read_text("utf-8"))
    return found


def expressions() -> Iterator[str]:
    yield from (alert["expr"] for alert in alerts())
    for panel in dashboard()["panels"]:
        yield from (target["expr"].replace("$__rate_interval", "5m") for target in panel["targets"])


def test_the_dockerfile() -> None:
    run(tool("hadolint"), DEPLOY / "Dockerfile")
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    final = text.rpartition("\nFROM ")[2]
    assert "USER 10001:10001" in final
    assert "HEALTHCHECK" in final
    assert "pip" not in final
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*"
    for source in re.findall(r"^COPY (?!--)(.+) \S+$", text, flags=re.MULTILINE):
        for path in source.split():
            assert (ROOT / path).exists(), path
            assert f"!{path}" in ignored


@pytest.mark.parametrize("folder", [DEPLOY, DEPLOY / "citus"], ids=["one machine", "citus"])
def test_compose(folder: pathlib.Path) -> None:
    run(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", folder / "compose.yaml")
    services = load(folder / "compose.yaml")["services"]
    for name, service in services.items():
        for volume in service.get("volumes", ()):
            if volume.startswith("./"):
                assert (folder / volume.partition(":")[0]).exists(), volume
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name
        assert "latest" not in service["image"]
        if "build" in service:
            assert (folder / service["build"]["context"] / service["build"]["dockerfile"]).exists()
    given = (folder / "example.env").read_text(encoding="utf-8")
    named = set(re.findall(r"\$\{([A-Z_]+)", (folder / "compose.yaml").read_text(encoding="utf-8")))
    assert named == set(re.findall(r"^([A-Z_]+)=", given, flags=re.MULTILINE))


def test_citus_has_a_coordinator_and_the_workers_that_join_it() -> None:
    services = load(DEPLOY / "citus" / "compose.yaml")["services"]
    nodes = {name for name, service in services.items() if service["image"].startswith("citusdata/citus:")} - {"join"}
    joined = re.findall(r"citus_(?:set_coordinator_host|add_node)\('(\w+)'", "".join(services["join"]["command"]))
    assert sorted(joined) == sorted(nodes)
    assert {service["image"] for name, service in services.items() if name != "requite"} == {"citusdata/citus:13.2.0"}
    assert "@coordinator:" in services["requite"]["environment"]["DATABASE_URL"]


@pytest.mark.parametrize("path", KUBERNETES, ids=lambda path: path.stem)
def test_kubernetes(path: pathlib.Path) -> None:
    schemas = pytest.importorskip("kubernetes_validate", reason=WITHOUT)
    schemas.validate(load(path), schemas.latest_version().rpartition(".")[0], strict=True)


def test_the_pods() -> None:
    listed = load(DEPLOY / "kubernetes" / "kustomization.yaml")["resources"]
    assert sorted(listed) == [path.name for path in KUBERNETES]
    spec = load(DEPLOY / "kubernetes" / "deployment.yaml")["spec"]
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert not container["securityContext"]["allowPrivilegeEscalation"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    literals = load(DEPLOY / "kubernetes" / "kustomization.yaml")["configMapGenerator"][0]["literals"]
    given = dict(literal.split("=") for literal in literals)
    assert pod["terminationGracePeriodSeconds"] >= int(given["REQUITE_DRAIN_SECONDS"]) + 40
    Settings.from_environment(given)


def test_every_variable_is_one_of_ours() -> None:
    files = [path for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".json"]
    named = {name for path in files for name in re.findall(r"\bREQUITE_[A-Z_]+\b", path.read_text(encoding="utf-8"))}
    assert named <= variables()


def test_systemd(tmp_path: pathlib.Path) -> None:
    unit = DEPLOY / "systemd" / "requite.service"
    text = unit.read_text(encoding="utf-8")
    assert "ExecStart=/opt/requite/bin/requite serve\n" in text
    analyze = tool("systemd-analyze")
    here = tmp_path / unit.name
    here.write_text(text.replace("/opt/requite/bin/requite", sys.executable), encoding="utf-8")
    run(analyze, "verify", here)
    run(analyze, "security", "--offline=true", f"--threshold={EXPOSURE_AT_MOST}", here)


def test_expressions_can_be_read() -> None:
    promql = pytest.importorskip("promql_parser", reason=WITHOUT)
    for expression in expressions():
        promql.parse(expression)


def test_rules() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not here; Debian's package 'prometheus' has it")
    run(promtool, "check", "rules", DEPLOY / "prometheus" / "alerts.yaml")
    run(promtool, "check", "config", "--syntax-only", DEPLOY / "prometheus" / "prometheus.yaml")


def test_every_metric_is_there() -> None:
    known = {*metric_names(), "up"}
    named = {name for expression in expressions() for name in OURS.findall(expression)}
    assert len(named) > 15
    assert named <= known, named - known


def test_every_alert_says_what_to_do() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    sections = re.findall(r"^### (\w+)$", page, flags=re.MULTILINE)
    assert sections == [alert["alert"] for alert in alerts()]
    for alert in alerts():
        assert alert["labels"]["severity"] in {"page", "ticket"}
        assert alert["annotations"]["runbook"] == f"docs/operations.md#{alert['alert'].lower()}"


def test_panels_have_places_of_their_own() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(places) == len({*places})
    assert max(x for x, _ in places) < 24
