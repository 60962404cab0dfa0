"""The columns of files with deals, revenue and cost."""

from __future__ import annotations

from typing import Final

from handlers.imports.field import (
    ACCOUNT_NAMES,
    ACCOUNT_WEAKER,
    CURRENCY,
    OWNER_EMAILS,
    OWNER_NAMES,
    OWNER_WEAKER,
    field,
)

DEALS: Final = (
    field(
        "external_id",
        "the id in the other system",
        "text",
        "opportunity id, deal id, id, record id, external id, hs object id, opportunity number, deal number, opp id",
        "opportunity 18 digit id, opportunity id 18, do not modify opportunity, case safe id, "
        "case safe opportunity id, key, number, reference"
        ", vorgangsnummer, datensatz id, deal nummer, opportunity nummer, opportunity kennung",
    ),
    field(
        "name",
        "the deal's name",
        "text",
        "deal name, opportunity name, name, deal title, title, topic, opp name, opportunity title",
        "deal, opportunity, subject"
        ", verkaufschance, name der verkaufschance, opportunityname, dealname, chance, bezeichnung, thema, "
        "opportunité, nom de lopportunité, affaire, nom de laffaire, nom de la transaction, transaction, "
        "oportunidad, nombre de la oportunidad, nombre del negocio, negocio, nombre del trato, "
        "opportunità, nome opportunità, nome trattativa, verkoopkans, naam deal, naam verkoopkans, "
        "oportunidade, nome da oportunidade, nome do negócio",
    ),
    field("account", "the account", "text", ACCOUNT_NAMES, ACCOUNT_WEAKER),
    field(
        "account_id",
        "the account's id",
        "text",
        "account id, company id, organization id, account name id",
        "associated company ids",
    ),
    field("owner", "the owner", "name", OWNER_NAMES, OWNER_WEAKER),
    field("owner_email", "the owner's e-mail address", "text", OWNER_EMAILS),
    field(
        "owner_id", "the owner's id", "text", "owner id, deal owner id, hubspot owner id, opportunity owner id, user id"
    ),
    field(
        "amount",
        "the amount",
        "amount",
        "amount, deal amount, deal value, opportunity amount, value, close value, deal size, opportunity value",
        "total amount, total value, contract value, total contract value, tcv, est revenue, "
        "estimated revenue, estimated value, net amount, sum, price, acv, annual contract value, arr"
        ", auftragswert, auftragssumme, auftragsvolumen, auftragsbetrag, betrag, summe, wert, volumen, umsatz, "
        "nettobetrag, netto, angebotswert, angebotssumme, dealwert, geschätzter umsatz, "
        "montant, montant ht, valeur, chiffre daffaires, valeur de laffaire, "
        "importe, monto, valor, cantidad, importe neto, ingresos estimados, "
        "importo, valore, ammontare, ricavo stimato, bedrag, waarde, dealwaarde, omzet, geschatte omzet, montante",
    ),
    field(
        "amount_converted",
        "the amount in the company's currency",
        "amount",
        "amount converted, amount in company currency, amount in home currency, hs amount in home currency, "
        "amount base, est revenue base, actual revenue base, converted amount, estimated value base, value converted",
    ),
    field(
        "amount_won",
        "the amount for which it was won",
        "amount",
        "actual revenue, actual value, won amount, amount won, closed amount",
    ),
    CURRENCY,
    field(
        "currency_converted",
        "the company's currency",
        "currency",
        "amount converted currency, converted currency, company currency, home currency",
    ),
    field(
        "stage",
        "the stage",
        "word",
        "stage, deal stage, stage name, sales stage, opportunity stage, pipeline stage, status label",
        "pipeline phase, phase, stage label"
        ", verkaufsphase, vertriebsphase, dealphase, deal phase, vertriebsstufe, étape, étape de la transaction, "
        "phase de vente, etapa, etapa del negocio, fase, fase de venta, fase di vendita, verkoopfase",
    ),
    field(
        "status",
        "the status (open, won, lost)",
        "word",
        "status, deal status, status type, opportunity status",
        "state, outcome, result, status reason, ergebnis, statut, état, estado, stato, resultado, esito",
    ),
    field("is_won", "whether it is won", "yes", "is won, won, hs is closed won, is closed won"),
    field("is_closed", "whether it is closed", "yes", "is closed, closed, hs is closed"),
    field(
        "created",
        "the day on which it began",
        "day",
        "created, create date, created date, created on, created at, date created, deal created, engage date, "
        "creation date, created time, opportunity created date",
        "add time, open date, opened, opened date, start date, entered on, date entered, date opened"
        ", erstellt, erstellt am, erstelldatum, erstellungsdatum, angelegt am, angelegt, anlagedatum, "
        "date de création, créé le, création, fecha de creación, creado, creado el, "
        "data di creazione, data creazione, creato il, aanmaakdatum, gemaakt op, aangemaakt op, data de criação",
    ),
    field(
        "close",
        "the close date",
        "day",
        "close date, closing date, expected close date, est close date, estimated close date, expected close, "
        "expected closing, forecast close date, target close date, projected close date, expected closing date",
        "close, close on, date"
        ", abschlussdatum, abschluss, abschluss am, voraussichtliches abschlussdatum, erwartetes abschlussdatum, "
        "geplantes abschlussdatum, geschätztes abschlussdatum, schlusstermin, auftragsdatum, datum, "
        "date de clôture, date de fermeture, date de signature, date de clôture prévue, date de fermeture prévue, "
        "fecha de cierre, cierre, fecha cierre, fecha de cierre prevista, fecha prevista de cierre, fecha, "
        "data di chiusura, data chiusura, data di chiusura prevista, data, sluitingsdatum, afsluitdatum, "
        "verwachte sluitingsdatum, data de fechamento",
    ),
    field(
        "closed",
        "the day on which it was closed",
        "day",
        "actual close date, deal closed on, closed on, closed at, close time, date closed, actual closing date",
        "closed date"
        ", tatsächliches abschlussdatum, abgeschlossen am, geschlossen am, date de clôture réelle, "
        "fecha de cierre real",
    ),
    field("won_on", "the day on which it was won", "day", "won time, won date, date won, won on"),
    field("lost_on", "the day on which it was lost", "day", "lost time, lost date, date lost, lost on"),
    field("type", "the deal type", "word", "type, deal type, opportunity type", "business type, opp type, sale type"),
    field(
        "product",
        "the product",
        "text",
        "product, product name, primary product",
        "products, product line, product family, line item, item"
        ", produkt, produktname, artikel, produit, producto, prodotto, produto",
    ),
    field(
        "loss_reason",
        "the reason for the loss",
        "text",
        "loss reason, lost reason, closed lost reason, reason for loss, reason lost, reason won lost, why lost",
        "closed won lost reason, close reason"
        ", verlustgrund, grund für verlust, raison de la perte, motif de perte, motivo de pérdida, motivo di perdita",
    ),
    field(
        "probability",
        "the probability",
        "percent",
        "probability, deal probability, win probability, close probability",
        "confidence, wahrscheinlichkeit, probabilité, probabilidad, probabilità, probabilidade",
    ),
    field(
        "forecast",
        "the forecast call",
        "word",
        "forecast category, forecast, forecast call",
        "commit, forecast category name",
    ),
    field("splits", "how the credit is split", "splits", "splits, split, credit split, credits, opportunity splits"),
    field("next_step", "the next step", "text", "next step, next steps", "next activity"),
)

_LEDGER: Final = (
    field(
        "external_id",
        "the id in the other system",
        "text",
        "id, invoice, invoice id, invoice number, document number, entry id, external id, transaction id, record id, "
        "invoice no, number",
    ),
    field("deal_id", "the deal's id", "text", "deal id, opportunity id, opp id"),
    field("deal", "the deal", "text", "deal, deal name, opportunity, opportunity name"),
    field("account", "the account", "text", ACCOUNT_NAMES, ACCOUNT_WEAKER),
    field("owner", "the owner", "name", OWNER_NAMES + ", person", OWNER_WEAKER),
    field("owner_email", "the owner's e-mail address", "text", OWNER_EMAILS + ", email"),
    CURRENCY,
    field("product", "the product", "text", "product, product name, item, line item, product line"),
    field("note", "the note", "text", "note, notes, description, memo, comment, category, text"),
)

REVENUE: Final = (
    field(
        "amount",
        "the revenue",
        "amount",
        "revenue, recognized revenue, recognised revenue, revenue amount, invoice amount, "
        "invoiced amount, net revenue, "
        "recognized amount, recognised amount, invoiced, billed amount, revenue recognized, revenue recognised",
        "amount, value, total, net amount, sum, umsatz, rechnungsbetrag, nettobetrag, betrag, erlös, "
        "chiffre daffaires, montant facturé, facturación, ingresos, importe facturado, fatturato, ricavi, "
        "omzet, factuurbedrag",
    ),
    field(
        "day",
        "the day or month of the revenue",
        "period",
        "date, day, month, period, invoice date, revenue date, recognition date, posting date, revenue month, "
        "recognized on, recognised on, booking date, period start, recognition month",
        "datum, rechnungsdatum, buchungsdatum, belegdatum, monat, date de facture, mois, fecha, fecha de factura, mes, "
        "data fattura, mese, factuurdatum, maand",
    ),
    *_LEDGER,
)

COST: Final = (
    field(
        "amount",
        "the cost",
        "amount",
        "cost, costs, cost amount, cogs, total cost, cost of goods sold, expense, expense amount, cost of sales, "
        "direct cost, cost value",
        "amount, value, total, net amount, sum, kosten, kostenbetrag, coût, coûts, coste, costes, costo, costi",
    ),
    field(
        "day",
        "the day or month of the cost",
        "period",
        "date, day, month, period, cost date, posting date, cost month, expense date, invoice date, booking date, "
        "period start",
        "datum, buchungsdatum, belegdatum, monat, mois, fecha, mes, mese, maand",
    ),
    *_LEDGER,
)
