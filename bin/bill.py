"""The software bill of materials: what a deployment is made of, as CycloneDX, from the lock and the vendored files."""

import importlib.metadata
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
VENDORED = ROOT / "static" / "vendor" / "vendored.json"
BILL = ROOT / ".build" / "sbom.cdx.json"
_PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[^]]*])?==([^\s;\\]+)", re.M)
# An expression of SPDX has only these; what packages write otherwise is a name.
_SPDX = re.compile(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*")


def main() -> None:
    """Write the bill, check it against the schema of CycloneDX 1.6, and say where it is."""
    text = JsonV1Dot6(bill()).output_as_string(indent=1)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong is not None:
        sys.exit(f"The bill of materials does not fit its schema: {wrong}")
    BILL.parent.mkdir(exist_ok=True)
    BILL.write_text(text + "\n")
    print(f"{len(json.loads(text)['components'])} components: {BILL.relative_to(ROOT)}")


def bill() -> Bom:
    """Make the bill: the portal, its packages with what each depends on, and the vendored browser files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    bom = Bom()
    portal = Component(name=project["name"], version=project["version"], type=ComponentType.APPLICATION)
    bom.metadata.component = portal
    packages = {component.name: component for component in python_packages()}
    assets = list(browser_files())
    for component in (*packages.values(), *assets):
        bom.components.add(component)
    direct = {normal(Requirement(line).name) for line in project["dependencies"]}
    bom.register_dependency(portal, [*(packages[name] for name in sorted(direct)), *assets])
    for name, component in packages.items():
        bom.register_dependency(component, [packages[other] for other in needs(name) if other in packages])
    return bom


def python_packages() -> Iterator[Component]:
    """Give each package of the lock with its licence, as far as it is installed here."""
    for name, version in sorted(set(_PIN.findall(LOCK.read_text()))):
        yield Component(
            name=name,
            version=version,
            type=ComponentType.LIBRARY,
            bom_ref=f"pypi/{name}@{version}",
            purl=PackageURL("pypi", None, name, version),
            licenses=list(licences(name)),
        )


def browser_files() -> Iterator[Component]:
    """Give each vendored package with the hashes of its files."""
    listed: list[dict[str, Any]] = json.loads(VENDORED.read_text())
    for entry in listed:
        scope, _slash, name = entry["package"].rpartition("/")
        yield Component(
            name=entry["package"],
            version=entry["version"],
            type=ComponentType.LIBRARY,
            bom_ref=f"npm/{entry['package']}@{entry['version']}",
            purl=PackageURL("npm", scope or None, name, entry["version"]),
            licenses=[licence(entry["licence"])],
            components=[
                Component(
                    name=f"static/{path}",
                    type=ComponentType.FILE,
                    bom_ref=f"file/{path}",
                    hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
                )
                for path, digest in entry["files"].items()
            ],
        )


def licences(name: str) -> Iterator[LicenseExpression | DisjunctiveLicense]:
    """Read a package's licence: its expression, else its classifier, else its own words."""
    try:
        facts = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        # For another system or Python than this one.
        return
    said = first(facts, "License-Expression") or classified(facts.get_all("Classifier") or ())
    said = said or first(facts, "License").strip().partition("\n")[0]
    if said:
        yield licence(said[:200])


def licence(said: str) -> LicenseExpression | DisjunctiveLicense:
    return LicenseExpression(said) if _SPDX.fullmatch(said) else DisjunctiveLicense(name=said)


def first(facts: importlib.metadata.PackageMetadata, name: str) -> str:
    return str((facts.get_all(name) or [""])[0])


def classified(classifiers: Any) -> str:
    found = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License :: ")]
    return found[0] if found else ""


def needs(name: str) -> list[str]:
    """List what a package asks for here, without its extras."""
    try:
        lines = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []
    asked = (Requirement(line) for line in lines)
    return sorted(
        {normal(one.name) for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})}
    )


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
