"""What `pacer doctor` says of the Teams installs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import aiohttp

from bot.config import Settings
from bot.config_model import SECRETS, TEAMS_LOGIN_URL, TEAMS_OPENID_METADATA_URL
from bot.findings import Finding, Platform, ask, clock, note, ok, problem, warning
from bot.teams.credentials import SCOPE
from bot.teams.install import TeamsInstall

LOGIN = Platform("Microsoft", "login.microsoftonline.com", "TEAMS_LOGIN_URL")
METADATA = Platform("Microsoft", "login.botframework.com", "TEAMS_OPENID_METADATA_URL")

ENDPOINT = "/api/messages"


def configured(settings: Settings) -> Iterator[Finding]:
    """What app.yaml and the environment say of them."""
    http = settings.http
    for install in settings.teams:
        yield ok(
            f"Teams install {install.name} (app {install.app_id} in tenant {install.tenant_id}) is configured; its "
            f"requests are taken at {http.host}:{http.port}{ENDPOINT}."
        )
        if not install.app_password:
            yield note(f"Teams install {install.name} has no app_password: it speaks to a client on this machine only.")
    if not settings.teams:
        return
    if any(install.app_password for install in settings.teams):
        yield note(
            "Whether Teams reaches this machine cannot be seen from here. The Azure Bot's messaging endpoint is to be "
            f"https://YOUR-HOST{ENDPOINT}, with a proxy there that hands it to {http.host}:{http.port} (docs/teams.md)."
        )
    if settings.teams_unsigned_local:
        yield warning(unsigned(settings))
    for variable, address, usual in (
        (LOGIN.variable, settings.teams_login_url, TEAMS_LOGIN_URL),
        (METADATA.variable, settings.teams_openid_metadata_url, TEAMS_OPENID_METADATA_URL),
    ):
        if address != usual:
            yield warning(f"{variable} puts {address} in the place of {usual}. Unset it where Teams is the real one.")
    if settings.teams_service_urls:
        further = ", ".join(settings.teams_service_urls)
        yield note(f"TEAMS_SERVICE_URLS lets messages, and the bot's token with them, go to {further} too.")


def unsigned(settings: Settings) -> str:
    """What it means that requests without a token are taken: for the doctor and for the log."""
    return (
        "TEAMS_UNSIGNED_LOCAL is on: whoever reaches "
        f"{settings.http.host}:{settings.http.port} from this machine can be anyone in Teams, without a token. "
        "It is for the Agents Playground. Unset it before real people are connected, and put no proxy before it."
    )


async def reached(settings: Settings) -> list[Finding]:
    """What Microsoft says of them, asked for all at once."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        asked = [
            _install(session, settings.teams_login_url, install) for install in settings.teams if install.app_password
        ]
        if asked:
            asked.insert(0, _keys(session, settings.teams_openid_metadata_url))
        answers = await asyncio.gather(*asked)
    return [finding for findings in answers for finding in findings]


async def _install(session: aiohttp.ClientSession, base: str, install: TeamsInstall) -> list[Finding]:
    """Whether the login endpoint gives the bot a token. The token is thrown away."""
    form = {
        "grant_type": "client_credentials",
        "client_id": install.app_id,
        "client_secret": install.app_password,
        "scope": SCOPE,
    }
    url = f"{base}/{install.tenant_id}/oauth2/v2.0/token"
    answer, headers, fault = await ask(session, LOGIN, "POST", url, data=form, allow_redirects=False)
    named = f"Teams install {install.name}"
    if fault:
        return [problem(f"{named}: {fault}")]
    if not answer.get("access_token"):
        return [problem(f"{named}: {_refusal(answer, install)}"), *clock(headers, "Microsoft")]
    return [ok(f"{named}: Microsoft gives the bot a token."), *clock(headers, "Microsoft")]


def _refusal(answer: dict[str, Any], install: TeamsInstall) -> str:
    """Microsoft's error as a sentence with a way on. Its numbers are those of Entra's AADSTS error codes."""
    again = f"Find the current one {SECRETS['app_password'].found}."
    found = re.search(r"AADSTS(\d+)", str(answer.get("error_description")))
    code = found[1] if found else ""
    match code:
        case "7000215":
            return (
                f"the client secret is not one of this app's (AADSTS{code}). {again} Take its Value and not its Secret "
                "ID; where the Value is no longer shown, make a new secret."
            )
        case "7000222":
            return (
                f"the client secret has expired (AADSTS{code}). Make a new one at portal.azure.com: App registrations, "
                "your app, Certificates & secrets, and put its Value into the environment."
            )
        case "700016":
            return (
                f"the tenant {install.tenant_id} does not know the app {install.app_id} (AADSTS{code}). Correct tenant "
                "or app in app.yaml; a SingleTenant bot lives in the tenant that it was registered in."
            )
        case "90002" | "900023":
            return (
                f"there is no tenant {install.tenant_id} (AADSTS{code}). Correct tenant in app.yaml: it stands at "
                "entra.microsoft.com under Overview."
            )
        case "7000229":
            return (
                f"the app is registered but is no enterprise application of the tenant (AADSTS{code}). Make it one: "
                f"az ad sp create --id {install.app_id}"
            )
        case "7000112":
            return (
                f"the app is disabled in the tenant (AADSTS{code}). An administrator turns it on at "
                "entra.microsoft.com: Enterprise applications, your app, Properties, Enabled for users to sign-in."
            )
        case "53003":
            return (
                f"a Conditional Access policy of the tenant keeps the bot out (AADSTS{code}). An administrator can "
                "exempt the app, or let this machine's address in."
            )
        case "":
            return f"Microsoft gives no token ({_word(answer)}). docs/teams.md says what each of the settings is."
    return (
        f"Microsoft gives no token (AADSTS{code}). What that means: https://login.microsoftonline.com/error?code={code}"
    )


def _word(answer: dict[str, Any]) -> str:
    said = answer.get("error")
    return said if isinstance(said, str) and re.fullmatch(r"[\w.-]{1,60}", said) else "without saying why"


async def _keys(session: aiohttp.ClientSession, url: str) -> list[Finding]:
    """Whether the keys that prove who sends can be fetched."""
    metadata, _, fault = await ask(session, METADATA, "GET", url, allow_redirects=False)
    where = metadata.get("jwks_uri")
    if not fault and not isinstance(where, str):
        fault = f"{url} names no keys. Is TEAMS_OPENID_METADATA_URL right?"
    if not fault:
        document, _, fault = await ask(session, METADATA, "GET", str(where), allow_redirects=False)
        keys = document.get("keys")
        if not fault and not (isinstance(keys, list) and keys):
            fault = f"{where} holds no keys. Is TEAMS_OPENID_METADATA_URL right?"
    if fault:
        return [problem(f"Teams: without Microsoft's signing keys every request is refused. {fault}")]
    return [ok("Teams: the keys that Microsoft signs its requests with can be fetched.")]
