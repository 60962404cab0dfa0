"""One thing that a column can say, and the names that several kinds of file share."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

Shape = Literal["text", "name", "day", "amount", "currency", "percent", "rate", "yes", "period", "word", "splits"]


class Field(msgspec.Struct, frozen=True):
    """One thing that a column can say."""

    name: str
    """The word for `--map`."""
    meaning: str
    """In the words of a sentence: "the close date"."""
    shape: Shape
    names: tuple[str, ...]
    weaker: tuple[str, ...] = ()


def field(name: str, meaning: str, shape: Shape, names: str, weaker: str = "") -> Field:
    """A field; names are given as one text, with commas between."""
    return Field(name, meaning, shape, tuple(names.split(", ")), tuple(weaker.split(", ")) if weaker else ())


CURRENCY: Final = field(
    "currency",
    "the currency",
    "currency",
    "currency, currency code, currency iso code, amount currency, deal currency, "
    "deal currency code, currency of value, "
    "value currency, transaction currency, iso currency, opportunity currency, currency of amount",
    "währung, währungscode, devise, moneda, divisa, valuta, moeda",
)
OWNER_NAMES: Final = (
    "owner, deal owner, opportunity owner, owner name, owner full name, sales agent, sales rep, salesperson, rep, "
    "rep name, sales representative, account executive, sales person, seller, owning user, opportunity owner name"
)
OWNER_WEAKER: Final = (
    "ae, assigned to, owned by, user name, hubspot owner, sales owner, agent, closed by, employee, "
    "account manager, owner user, "
    "owner full name, owner alias, "
    "vertriebler, vertrieb, vertriebsmitarbeiter, vertriebsmitarbeiterin, verkäufer, verkäuferin, außendienst, "
    "besitzer, inhaber, eigentümer, zuständig, zuständiger, verantwortlich, verantwortlicher, betreuer, "
    "kundenbetreuer, opportunity inhaber, deal inhaber, besitzer der verkaufschance, "
    "commercial, vendeur, propriétaire, responsable, propriétaire de lopportunité, propriétaire de la transaction, "
    "vendedor, comercial, propietario, propietario de la oportunidad, propietario del negocio, "
    "venditore, commerciale, titolare, proprietario, responsabile, titolare opportunità, "
    "verkoper, eigenaar, accountmanager, verantwoordelijke, proprietário, responsável"
)
OWNER_EMAILS: Final = (
    "owner email, opportunity owner email, deal owner email, rep email, sales rep email, salesperson email, "
    "owner mail, sales agent email, seller email, user email"
)
ACCOUNT_NAMES: Final = (
    "account, account name, company, company name, customer, customer name, organization, organisation, "
    "organization name, organisation name, client, client name, potential customer, associated company"
)
ACCOUNT_WEAKER: Final = (
    "lead name, sales account, opportunity account, associated company primary, primary company, business, "
    "contact organization, "
    "kunde, kundenname, firma, firmenname, unternehmen, unternehmensname, accountname, auftraggeber, "
    "potenzieller kunde, client potentiel, compte, nom du compte, nom du client, société, entreprise, "
    "nom de lentreprise, cliente, cuenta, nombre de la cuenta, nombre del cliente, empresa, nombre de la empresa, "
    "cliente potencial, azienda, nome azienda, società, nome account, nome cliente, klant, klantnaam, bedrijf, "
    "bedrijfsnaam, organisatie, nome da empresa, conta, nome da conta"
)
