"""What `pacer doctor` says of the Slack installs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

import aiohttp

from bot.config import Settings
from bot.config_model import SECRETS
from bot.findings import Asked, Finding, Platform, ask, clock, note, ok, problem
from bot.slack.install import SlackInstall

SLACK = Platform("Slack", "slack.com", "SLACK_API_URL")


def configured(settings: Settings) -> Iterator[Finding]:
    """What app.yaml says of them."""
    for install in settings.slack:
        way = (
            "Socket Mode"
            if install.app_token
            else f"signed requests at {settings.http.host}:{settings.http.port}/slack/events"
        )
        yield ok(f"Slack install {install.name} ({install.team_id or install.enterprise_id}) is configured, by {way}.")


async def reached(settings: Settings, scopes: frozenset[str]) -> list[Finding]:
    """What Slack says of them, asked for all at once. `scopes` are those that the app needs."""
    async with aiohttp.ClientSession(trust_env=True) as session:
        asked = (_install(session, settings.slack_api_url, install, scopes) for install in settings.slack)
        return [finding for findings in await asyncio.gather(*asked) for finding in findings]


async def _install(
    session: aiohttp.ClientSession, base: str, install: SlackInstall, needed: frozenset[str]
) -> list[Finding]:
    name = install.name
    answer, headers, fault = await _call(session, base, "auth.test", install.bot_token)
    if fault:
        return [problem(f"Slack install {name}: {fault}")]
    if not answer.get("ok"):
        return [problem(f"Slack install {name}: {_refusal(str(answer.get('error')), 'bot_token')}")]
    findings = []
    team, enterprise = str(answer.get("team_id") or ""), str(answer.get("enterprise_id") or "")
    if install.team_id and team != install.team_id:
        findings.append(
            problem(
                f"Slack install {name}: the bot token belongs to the workspace {team}, but app.yaml says "
                f"{install.team_id}. Correct one of the two."
            )
        )
    elif install.enterprise_id and enterprise != install.enterprise_id:
        findings.append(
            problem(
                f"Slack install {name}: the bot token belongs to the enterprise {enterprise or 'none'}, but "
                f"app.yaml says {install.enterprise_id}. Correct one of the two."
            )
        )
    else:
        findings.append(
            ok(f"Slack install {name}: Slack answers, as {answer.get('user')} in {answer.get('team') or enterprise}.")
        )
    findings += _scopes(name, headers, needed)
    findings += clock(headers, "Slack")
    if install.app_token:
        opened, _, fault = await _call(session, base, "apps.connections.open", install.app_token)
        if fault:
            findings.append(problem(f"Slack install {name}: {fault}"))
        elif not opened.get("ok"):
            findings.append(problem(f"Slack install {name}: {_refusal(str(opened.get('error')), 'app_token')}"))
        else:
            findings.append(ok(f"Slack install {name}: the app token opens Socket Mode."))
    return findings


async def _call(session: aiohttp.ClientSession, base: str, method: str, token: str) -> Asked:
    return await ask(session, SLACK, "POST", base + method, headers={"Authorization": f"Bearer {token}"})


def _scopes(name: str, headers: Mapping[str, str], needed: frozenset[str]) -> Iterator[Finding]:
    if "x-oauth-scopes" not in headers:
        return
    granted = {scope.strip() for scope in headers["x-oauth-scopes"].split(",")} - {""}
    if missing := sorted(needed - granted):
        yield problem(
            f"Slack install {name}: the app is not granted {' and '.join(missing)}. "
            "Put `pacer manifest slack` into the app's page App Manifest, then install the app to the workspace again."
        )
    else:
        yield ok(f"Slack install {name}: every scope that Pacer uses is granted.")
    if more := sorted(granted - needed) if needed else []:
        yield note(f"Slack install {name}: the app has more scopes than Pacer uses ({', '.join(more)}); they may go.")


def _refusal(code: str, which: str) -> str:
    """Slack's error code as a sentence with a way on."""
    secret = SECRETS[which]
    again = f"Find the current one {secret.found}."
    match code:
        case "invalid_auth" | "not_authed":
            return f"Slack does not know this {which} ({code}). {again}"
        case "account_inactive" | "token_revoked" | "token_expired":
            gone = f"the {which} is no longer valid ({code}): the app was removed, or its token renewed."
            return f"{gone} Install the app again. {again}"
        case "missing_scope" | "not_allowed_token_type":
            return f"this is not the right kind of token for {which} ({code}); {secret.looks}. {again}"
    return f"Slack refused the {which}: {code}. {again}"
