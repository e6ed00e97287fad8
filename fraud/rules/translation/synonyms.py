"""What columns are called, in English and French, without accents and in small letters; and what codes mean."""

from collections.abc import Mapping

# By field with `[]` for any item. The last word of each list is as good as the first.
NAMES: Mapping[str, str] = {
    "reference": (
        "reference, ref, application id, application number, application no, app id, app no, app number, "
        "application reference, file number, no dossier, numero dossier, dossier, no demande, numero demande, "
        "id demande, numero de demande, no de demande, external id, request id, no, id, number, numero"
    ),
    "product": "product, product code, product type, produit, code produit, type produit, type de produit, loan type",
    "channel": "channel, canal, source channel, origination channel, channel code, code canal",
    "amount": (
        "amount, requested amount, amount requested, loan amount, credit limit, limit, requested limit, montant, "
        "montant demande, limite, limite de credit, principal"
    ),
    "currency": "currency, currency code, ccy, devise, code devise, monnaie",
    "submitted_at": (
        "submitted at, submitted, submission date, application date, app date, date, date demande, "
        "date de demande, date de la demande, created at, received at, date recue, timestamp, date heure"
    ),
    "device_id": "device id, device, device fingerprint, appareil, id appareil, fingerprint",
    "ip_address": "ip address, ip, adresse ip, client ip, remote ip",
    "parties[].role": "role, applicant type, party type, type demandeur, role demandeur, party role",
    "parties[].given_name": (
        "given name, first name, firstname, fname, given, forename, prenom, prenoms, first, nom de bapteme"
    ),
    "parties[].middle_name": "middle name, middlename, middle, mname, deuxieme prenom, second prenom, middle initial",
    "parties[].family_name": (
        "family name, last name, lastname, lname, surname, nom, nom de famille, nom famille, last, family"
    ),
    "parties[].birth_date": (
        "birth date, date of birth, dob, birthdate, birthday, naissance, date de naissance, date naissance, ddn"
    ),
    "parties[].national_id": (
        "sin, social insurance number, social insurance, nas, numero assurance sociale, no assurance sociale, "
        "numero d assurance sociale, national id, sin number, no nas"
    ),
    "parties[].addresses[].line": (
        "address, address line, address line 1, address 1, addr, addr 1, street, street address, civic address, "
        "adresse, adresse 1, ligne adresse, rue, line, mailing address"
    ),
    "parties[].addresses[].city": "city, town, municipality, ville, municipalite, localite",
    "parties[].addresses[].province": "province, prov, state, province code, region, etat, code province",
    "parties[].addresses[].postal_code": (
        "postal code, postcode, postal, zip, zip code, code postal, cp, pcode, postalcode"
    ),
    "parties[].addresses[].country": "country, country code, pays, code pays",
    "parties[].phones[].number": (
        "phone, telephone, tel, phone number, home phone, mobile phone, mobile, cell, cell phone, cellular, "
        "cellulaire, telephone domicile, tel domicile, work phone, telephone travail, tel travail, tel bureau, "
        "numero telephone, numero de telephone, no telephone, tel maison, phone home, phone work, phone mobile"
    ),
    "parties[].emails[]": "email, e mail, mail, email address, courriel, adresse courriel, adresse electronique",
    "parties[].employment": (
        "employment, employment status, employment type, emploi, statut emploi, statut d emploi, job status, "
        "situation professionnelle"
    ),
    "parties[].employer": "employer, employer name, company, employeur, nom employeur, nom de l employeur, entreprise",
    "parties[].occupation": "occupation, job title, job, title, profession, poste, metier",
    "parties[].income": (
        "income, annual income, yearly income, gross income, salary, annual salary, revenu, revenu annuel, "
        "revenu brut, salaire, salaire annuel, monthly income, revenu mensuel, salaire mensuel"
    ),
    "parties[].bank_account.institution": (
        "institution, bank institution, institution number, bank code, no institution, numero institution, "
        "institution bancaire, bank number, bank, inst, fi number"
    ),
    "parties[].bank_account.transit": (
        "transit, transit number, branch transit, branch number, no transit, numero transit, succursale, domiciliation"
    ),
    "parties[].bank_account.number": (
        "account number, account, bank account, acct, account no, acct number, compte, no compte, numero compte, "
        "numero de compte, compte bancaire"
    ),
}
# No fields, but what fields are put together from.
FULL_NAME, UNIT, STREET_NUMBER = "full name", "unit", "street number"
PIECES: Mapping[str, str] = {
    FULL_NAME: "full name, name, applicant name, customer name, nom complet, nom et prenom, client name, nom prenom",
    UNIT: "unit, apt, apartment, suite, app, appartement, unite, address line 2, address 2, adresse 2, addr 2",
    STREET_NUMBER: "street number, civic number, house number, no civique, numero civique, street no, civic no",
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words of a name that say whose or which it is, and nothing about what it holds.
SECOND_PARTY = _words(
    "co coapplicant codemandeur coemprunteur conjoint joint second secondary spouse 2 coborrower"
)
FIRST_PARTY = _words(
    "applicant app demandeur emprunteur client customer primary main borrower principal person 1 applicants "
    "parties party demandeurs"
)
PREVIOUS = _words("previous prior prev former precedente ancienne anterieure precedent ancien")
MONTHLY = _words("monthly mensuel mensuelle month mois")
PHONE_KINDS: Mapping[str, str] = {
    **dict.fromkeys(_words("home domicile maison residence res"), "home"),
    **dict.fromkeys(_words("work business office travail bureau wk"), "work"),
    **dict.fromkeys(_words("mobile cell cellular cellulaire cel"), "mobile"),
}
# What senders' codes mean, by field.
CODES: Mapping[str, Mapping[str, str]] = {
    "product": {
        "credit-card": "cc, card, credit card, creditcard, visa, mastercard, carte, carte de credit, crd, mc",
        "loan": "ln, loan, pl, personal loan, pret, pret personnel, auto loan, pp, term loan, installment loan",
        "line-of-credit": "loc, line of credit, heloc, marge, mc marge, marge de credit, ligne de credit, credit line",
    },
    "channel": {
        "branch": "branch, br, b, succursale, in branch, store",
        "web": "web, w, online, internet, en ligne, site web",
        "mobile": "mobile, m, app, application mobile, mob",
        "phone": "phone, p, telephone, call centre, call center, t, tel",
        "partner": "partner, broker, dealer, partenaire, courtier, concessionnaire",
        "other": "other, autre, o",
    },
    "parties[].role": {
        "main": "main, primary, applicant, p, principal, demandeur, m",
        "joint": "joint, co applicant, coapplicant, j, codemandeur, conjoint, c, secondary, co borrower",
        "guarantor": "guarantor, g, cosigner, caution, endosseur, garant",
    },
    "parties[].employment": {
        "employed": "employed, e, full time, ft, part time, pt, salarie, employe, temps plein, emp, temps partiel",
        "self-employed": "self employed, se, selfemployed, travailleur autonome, autonome, s",
        "student": "student, etudiant, etudiante, st, etu",
        "retired": "retired, r, retraite, retraitee, ret",
        "unemployed": "unemployed, u, sans emploi, chomage, chomeur, ne",
        "other": "other, o, autre",
    },
}
