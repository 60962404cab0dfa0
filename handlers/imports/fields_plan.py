"""The columns of files with people, accounts and targets."""

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

PEOPLE: Final = (
    field(
        "name",
        "the person's name",
        "name",
        "name, full name, employee name, display name, person, rep, rep name, sales agent, sales rep, salesperson, "
        "employee, user, owner name, sales representative, seller, agent, team member, member",
    ),
    field("first_name", "the first name", "name", "first name, given name, forename"),
    field("last_name", "the last name", "name", "last name, surname, family name"),
    field(
        "email",
        "the e-mail address",
        "text",
        "email, e mail, email address, work email, mail, user email, e mail address, "
        "user principal name, upn, rep email, "
        "business email, primary email",
        "username, user name, login",
    ),
    field(
        "manager",
        "the manager",
        "name",
        "manager, manager name, reports to, supervisor, line manager, team lead, team leader, sales manager, boss, "
        "reporting manager, reports to name, leader",
    ),
    field(
        "manager_email",
        "the manager's e-mail address",
        "text",
        "manager email, reports to email, manager mail, supervisor email, line manager email",
    ),
    field(
        "unit",
        "the team",
        "text",
        "unit, team, team name, sales team, primary team, main team, group",
        "office, department, division, business unit",
    ),
    field(
        "region",
        "the region, of which the team is a part",
        "text",
        "region, sales region, regional office",
        "territory, area, geo",
    ),
    field(
        "role", "the role", "text", "role, job role, pacer role, sales role", "title, job title, position, user role"
    ),
    field(
        "start",
        "the first day",
        "day",
        "start, start date, hire date, hired, joined, join date, joining date, date of hire, first day, employed since",
    ),
    field(
        "end",
        "the last day",
        "day",
        "end, end date, leave date, left, last day, termination date, leaving date, exit date, left on, "
        "last working day, last day worked, last day of work, last day of employment, separation date, "
        "date of leaving, date of exit, date of separation, date of termination, employment end, employment end date, "
        "end of employment, relieving date, offboarding date, terminated on, date left",
    ),
    field(
        "employment",
        "whether they are here still",
        "text",
        "employment status, employee status, worker status, employment state, hr status, staff status",
    ),
    field(
        "since",
        "the day from which on the row holds",
        "day",
        "since, effective date, effective from, valid from, change date, transfer date, effective as of",
    ),
    field("country", "the country", "text", "country, country code, location country, holiday country"),
    field("subdivision", "the state or province", "text", "subdivision, state, province, state province"),
    field("zone", "the time zone", "text", "zone, time zone, timezone, tz, time zone sid key"),
    field("external_id", "the id in the other system", "text", "id, user id, employee id, external id, person id"),
)

ACCOUNTS: Final = (
    field("name", "the account's name", "text", ACCOUNT_NAMES, "name, " + ACCOUNT_WEAKER),
    field(
        "external_id",
        "the id in the other system",
        "text",
        "id, account id, company id, record id, organization id, organisation id, external id, customer id, "
        "hs object id, account number, customer number",
    ),
    field(
        "owner", "the owner", "name", OWNER_NAMES + ", account owner, company owner, organization owner, contact owner"
    ),
    field("owner_email", "the owner's e-mail address", "text", OWNER_EMAILS + ", company owner email"),
    field("industry", "the industry", "text", "industry, sector, vertical, branch, industry name"),
    field(
        "region",
        "the region",
        "text",
        "region, territory, sales region",
        "state region, area, billing state, billing state province, state",
    ),
    field(
        "country",
        "the country",
        "text",
        "country, billing country, country region, country code, office location, address country, hq country",
    ),
    field("website", "the web address", "text", "website, web site, domain, company domain name, url, website url"),
    field(
        "parent",
        "the parent account",
        "text",
        "parent, parent account, parent company, subsidiary of, parent account name, parent organization",
    ),
    field(
        "size",
        "the number of employees",
        "text",
        "employees, number of employees, size, headcount, company size, employee count, no of employees",
    ),
    field("aliases", "other names", "text", "aliases, alias, also known as, other names, short name, aka, legal name"),
)

TARGETS: Final = (
    field(
        "person",
        "whose target it is",
        "name",
        OWNER_NAMES + ", person, name, full name, user, quota owner, forecasting user, employee name",
        OWNER_WEAKER,
    ),
    field("email", "their e-mail address", "text", OWNER_EMAILS + ", email, e mail, email address, work email"),
    field(
        "unit",
        "the team or region whose target it is",
        "text",
        "unit, team, team name, sales team, region, company, group",
        "territory, regional office, business unit",
    ),
    field("measure", "the measure", "word", "measure, metric, quota type, target type, kpi, goal type, forecast type"),
    field(
        "amount",
        "the target",
        "amount",
        "target, quota, quota amount, target amount, goal, goal amount, quota value, target value",
        "amount, value, number",
    ),
    CURRENCY,
    field(
        "period",
        "the span",
        "period",
        "period, month, quarter, fiscal period, span, fiscal quarter, target period, period start, fiscal month, "
        "forecast period, quota period, month start, quota month",
        "start date, date",
    ),
    field("year", "the year", "period", "year, fiscal year, fy, plan year"),
)

RATES: Final = (
    field(
        "currency",
        "the currency",
        "currency",
        "currency, currency code, currency iso code, iso code, from currency, foreign currency, code, from",
    ),
    field(
        "rate",
        "the rate",
        "rate",
        "rate, exchange rate, conversion rate, plan rate, fx rate, budget rate",
        "value, factor",
    ),
    field(
        "year",
        "the fiscal year",
        "period",
        "fiscal year, year, fy, plan year",
        "period",
    ),
)
