"""A layout of a bank for tests: semicolons, French names of columns, days first; and a row of it."""

from typing import Any

from fraud.rules.translation import document as d

ROW = {
    "No": " A-77 ",
    "Produit": "CC",
    "Canal": "W",
    "Montant": "$5,000.00",
    "Date": "02/03/2026 09:59",
    "Prénom": "Geneviève",
    "Nom": "TREMBLAY",
    "Naissance": "09/04/1988",
    "NAS": "046 454 286",
    "Adresse": "123 rue Principale",
    "App": "app. 5",
    "Ville": "Montréal",
    "Prov": "qc",
    "CP": "h2x1y4",
    "Tel": "(514) 555-0123",
    "Tel2": "",
    "Courriel": "G.Tremblay@example.com",
    "Emploi": "E",
    "Revenu": "4333.33",
    "Inst": "003",
    "Transit": "01234",
    "Compte": "1234567",
    "Co-prénom": "",
    "Co-nom": "",
}


def field(target: str, source: str = "", *steps: dict[str, Any]) -> dict[str, Any]:
    return {"target": target, "source": source, "steps": list(steps)}


FIELDS = [
    field("reference", "No", {"step": "trim"}),
    field("product", "Produit", {"step": "codes", "codes": {"CC": "credit-card", "PP": "loan"}}),
    field("channel", "Canal", {"step": "codes", "codes": {"W": "web"}, "otherwise": "other"}),
    field("amount", "Montant", {"step": "money"}),
    field("submitted_at", "Date", {"step": "date", "format": "dmy-time"}),
    field("parties[0].given_name", "Prénom"),
    field("parties[0].family_name", "Nom", {"step": "trim"}, {"step": "case", "to": "title"}),
    field("parties[0].birth_date", "Naissance", {"step": "date", "format": "dmy"}),
    field("parties[0].national_id", "NAS", {"step": "sin"}),
    field("parties[0].addresses[0].line", "Adresse", {"step": "concat", "sources": ["App"]}),
    field("parties[0].addresses[0].city", "Ville"),
    field("parties[0].addresses[0].province", "Prov", {"step": "case", "to": "upper"}),
    field("parties[0].addresses[0].postal_code", "CP", {"step": "postal-code"}),
    field("parties[0].phones[0].number", "Tel", {"step": "phone"}),
    field("parties[0].phones[0].kind", "", {"step": "constant", "value": "home"}),
    field("parties[0].phones[1].number", "Tel2", {"step": "phone"}),
    field("parties[0].emails[0]", "Courriel", {"step": "case", "to": "lower"}),
    field("parties[0].employment", "Emploi", {"step": "codes", "codes": {"E": "employed"}}),
    field("parties[0].income", "Revenu", {"step": "money", "times": 12}),
    field("parties[0].bank_account.institution", "Inst"),
    field("parties[0].bank_account.transit", "Transit"),
    field("parties[0].bank_account.number", "Compte"),
    field("parties[1].role", "", {"step": "constant", "value": "joint"}),
    field("parties[1].given_name", "Co-prénom"),
    field("parties[1].family_name", "Co-nom"),
]


def document(fields: list[dict[str, Any]] | None = None, **facts: Any) -> d.MappingDocument:
    """Make the bank's mapping document; *fields* replace those with the same target."""
    kept = {each["target"]: each for each in FIELDS} | {each["target"]: each for each in fields or []}
    given = {"layout": {"kind": "csv", "delimiter": ";"}, "time_zone": "America/Toronto"}
    return d.from_builtins(given | {"fields": [each for each in kept.values() if each]} | facts)
