"""app.yaml: every mistake is named at once, with its place and what was expected, and no secret is ever shown."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.config import GROUPS, ConfigError, Settings, load
from bot.config_model import BUILT_IN_KINDS, ENVIRONMENT, File, Group
from bot.slack.install import SlackInstall
from bot.teams.credentials import LOGIN_URL
from bot.teams.install import TeamsInstall
from bot.teams.keys import METADATA_URL
from handlers.conversation.company import STAGES, StatusLimits

ROOT = Path(__file__).parent.parent
Told = Callable[..., list[str]]

BOT = "xoxb-1111-2222-bot"
APP = "xapp-1-3333-app"
SIGNING = "8f742231b10e8888abcd99yyyzzz85a5"
PASSWORD = "abc8Q~defghijklmnopqrstuvwxyz0123456789A"
TENANT, TEAMS_APP = "1b2c3d4e-5f60-4718-9a2b-3c4d5e6f7081", "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
KEY = "a key of more than 16 characters"
SECRETS = {"SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": SIGNING, "SLACK_APP_TOKEN": APP, "PACER_KEY": KEY}
WHOLE = """\
company:
  name: Acme Ltd
  currency: eur
  zone: europe/berlin
  country: DE
  subdivision: by
  fiscal_year_start: Feb
  undo_minutes: "90"
  draft_hours: 12
admins: [Ops@Acme.example]
domains:
  - Acme.example
command_prefix: px-
activity_kinds:
  call: [Ring, buzz]
  Site Walk: [walked the site]
expectations:
  rep: {call: 40, site walk: 2}
stages: {Discovery: 10, trial: 40%, negotiation: 75}
stage_words:
  trial: [Proof of concept]
  won: [handshake]
stuck_days: 14
quiet_days: 10
status_limits: {ahead: 110, on_pace: 100%, behind: 80}
ramp: [25, 50%, 100]
quota_period: Month
installs:
  - name: main
    platform: slack
    team: T0123
    enterprise: E77
    bot_token: ${SLACK_BOT_TOKEN}
    signing_secret: ${SLACK_SIGNING_SECRET}
    app_token: ${SLACK_APP_TOKEN}
  - name: office
    platform: Teams
    tenant: 1B2C3D4E-5F60-4718-9A2B-3C4D5E6F7081
    app: 0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d
    app_password: ${TEAMS_APP_PASSWORD}
channels:
  wins: {install: main, channel: C0123}
  deals: {install: office, channel: "19:aB-c_9@thread.tacv2"}
  linked: {install: office, channel: 19%3aaB-c_9%40thread.tacv2}
database: postgresql://pacer:${DATABASE_PASSWORD}@db.example/pacer
http: {host: 0.0.0.0, port: 9000}
playground: {port: 4000, database: "sqlite:////var/lib/p.db"}
logs: json
"""
INSTALL = """\
admins: [a@acme.example]
domains: [acme.example]
installs:
  - name: main
    team: T1
    bot_token: ${SLACK_BOT_TOKEN}
    signing_secret: ${SLACK_SIGNING_SECRET}
"""
TENANTS = f"""\
admins: [a@acme.example]
domains: [acme.example]
installs:
  - name: office
    platform: teams
    tenant: {TENANT}
    app: {TEAMS_APP}
    app_password: ${{TEAMS_APP_PASSWORD}}
"""
TEAMS_SECRETS = {"TEAMS_APP_PASSWORD": PASSWORD, "PACER_KEY": KEY}
LOCAL = {**TEAMS_SECRETS, "TEAMS_UNSIGNED_LOCAL": "yes", "TEAMS_SERVICE_URLS": "http://127.0.0.1:56150/"}


@pytest.fixture
def loaded(tmp_path: Path) -> Callable[..., Settings]:
    def read(text: str | bytes, environ: Mapping[str, str] | None = None) -> Settings:
        path = tmp_path / "app.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(path, environ or {})

    return read


@pytest.fixture
def told(loaded: Callable[..., Settings], tmp_path: Path) -> Told:
    """The mistakes as printed, without the folder."""

    def read(text: str | bytes, environ: Mapping[str, str] | None = None) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            loaded(text, environ)
        return str(caught.value).replace(f"{tmp_path}/", "").splitlines()

    return read


# ---------------------------------------------------------------- what is right


def test_the_app_yaml_that_pacer_comes_with_is_the_playground() -> None:
    found = load(ROOT / "app.yaml", {})
    assert found.installs == ()
    assert found.playground_allowed()
    assert found.company.name == "Northstar Supply"
    assert found.company.expectations["rep"]["call"] == 40


def test_its_comments_are_settings_too(loaded: Callable[..., Settings]) -> None:
    """What a newcomer takes the # away from must work as it stands."""
    setting = re.compile(r"^( *)# ((?:- |  )*[a-z_]+:.*)$", re.MULTILINE)
    text = setting.sub(lambda found: found[1] + found[2], (ROOT / "app.yaml").read_text())
    found = loaded(text, {**SECRETS, **TEAMS_SECRETS, "DATABASE_PASSWORD": "p"})
    assert found.slack[0].team_id == "T0123ABCD"
    assert [install.name for install in found.installs] == ["main", "office"]
    assert found.teams[0].app_password == PASSWORD
    assert found.channels["wins"].conversation == "C0123ABCD"
    assert found.company.subdivision == "NY"
    assert found.database_url == "postgresql://pacer:p@db.example.com/pacer"


def test_a_pipeline_of_ones_own_keeps_its_order_and_nothing_said_is_the_products(
    loaded: Callable[..., Settings],
) -> None:
    own = loaded("stages: {lost: 0, zeta: 20, alpha: 60, won: 100}\n").company
    assert list(own.stages.items()) == [("zeta", 20), ("alpha", 60), ("won", 100), ("lost", 0)]
    assert loaded("logs: json\n").company.stages == dict(STAGES)
    assert loaded("ramp: []\nlogs: json\n").company.ramp == ()


def test_every_setting(loaded: Callable[..., Settings]) -> None:
    found = loaded(WHOLE, {**SECRETS, **TEAMS_SECRETS, "DATABASE_PASSWORD": "p@ss/word"})
    company = found.company
    assert (company.name, company.currency, company.zone) == ("Acme Ltd", "EUR", "Europe/Berlin")
    assert (company.country, company.subdivision, company.date_order) == ("DE", "BY", "dmy")
    assert (company.fiscal_year_start, company.undo_minutes, company.draft_hours) == (2, 90, 12)
    assert (company.admins, company.domains) == (frozenset({"ops@acme.example"}), frozenset({"acme.example"}))
    assert company.command_prefix == "px-"
    assert company.kinds == {"call": ("ring", "buzz"), "site walk": ("walked the site",)}
    assert company.expectations == {"rep": {"call": 40, "site walk": 2}}
    assert list(company.stages.items()) == [
        ("discovery", 10),
        ("trial", 40),
        ("negotiation", 75),
        ("won", 100),
        ("lost", 0),
    ]
    assert company.stage_words == {"trial": ("proof of concept",), "won": ("handshake",)}
    assert (company.stuck_days, company.quiet_days, company.quota_period) == (14, 10, "month")
    assert company.status_limits == StatusLimits(110, 100, 80)
    assert company.ramp == (25, 50, 100)
    assert found.slack == (SlackInstall("main", "T0123", "E77", BOT, SIGNING, APP),)
    assert found.teams == (TeamsInstall("office", TENANT, TEAMS_APP, PASSWORD),)
    assert found.installs == (*found.slack, *found.teams)
    assert (found.channels["wins"].install, found.channels["wins"].conversation) == ("main", "C0123")
    assert {found.channels[name].conversation for name in ("deals", "linked")} == {"19:aB-c_9@thread.tacv2"}
    assert found.database_url == "postgresql://pacer:p%40ss%2Fword@db.example/pacer"
    assert (found.http.host, found.http.port) == ("0.0.0.0", 9000)
    assert (found.playground.port, found.playground.database_url) == (4000, "sqlite:////var/lib/p.db")
    assert (found.logs, found.key, found.slack_api_url) == ("json", KEY, "https://slack.com/api/")


def test_nothing_of_it_can_be_changed_and_no_secret_is_in_its_repr(loaded: Callable[..., Settings]) -> None:
    found = loaded(WHOLE, {**SECRETS, **TEAMS_SECRETS, "DATABASE_PASSWORD": "opensesame"})
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.key = "x"  # type: ignore[misc]
    assert not [secret for secret in (*SECRETS.values(), PASSWORD, "opensesame") if secret in repr(found)]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("company: {country: NO}", "country", "NO"),  # YAML 1.1 would say false
        ("company: {country: no}", "country", "NO"),
        ("company: {name: 007}", "name", "007"),
        ("company: {name: yes}", "name", "yes"),
        ("company: {country: GB}", "date_order", "dmy"),
        ("company: {country: US}", "date_order", "mdy"),
        ("company: {date_order: dmy}", "date_order", "dmy"),
        ("company: {fiscal_year_start: 11}", "fiscal_year_start", 11),
        ("company: {fiscal_year_start: november}", "fiscal_year_start", 11),
        ("company:\n  name:\n", "name", "Your company"),
        ("company:\n", "currency", "USD"),
        ("\ufeffcompany: {name: Ünique & Söhne}", "name", "Ünique & Söhne"),
        ("company: {name: 'null'}", "name", "null"),
        ("%YAML 1.1\n---\ncompany: {name: x}\n", "name", "x"),
    ],
)
def test_a_value_is_what_was_typed(loaded: Callable[..., Settings], text: str, name: str, value: object) -> None:
    assert getattr(loaded(text).company, name) == value


def test_the_path_of_a_database_begins_at_app_yaml(loaded: Callable[..., Settings], tmp_path: Path) -> None:
    found = loaded("database: sqlite:///rows/p.db\n")
    assert found.database_url == f"sqlite:///{tmp_path}/rows/p.db"
    assert loaded("database: sqlite:////rows/p.db\n").database_url == "sqlite:////rows/p.db"
    assert loaded("logs: json\n").playground.database_url == f"sqlite:///{tmp_path}/data/playground.db"


def test_the_environment_has_its_own_variables(loaded: Callable[..., Settings]) -> None:
    environ = {"PACER_DATABASE": "postgres://u:p@h/d", "SLACK_API_URL": "http://127.0.0.1:9/api", "PACER_KEY": KEY}
    found = loaded("logs: json\n", environ)
    assert found.database_url == "postgresql://u:p@h/d"
    assert found.slack_api_url == "http://127.0.0.1:9/api/"
    assert found.key == KEY
    assert found.teams_login_url == "https://login.microsoftonline.com"
    assert found.teams_openid_metadata_url == "https://login.botframework.com/v1/.well-known/openidconfiguration"
    assert (found.teams_login_url, found.teams_openid_metadata_url) == (LOGIN_URL, METADATA_URL)
    assert (found.teams_service_urls, found.teams_unsigned_local) == ((), False)


def test_and_some_for_local_work_with_teams(loaded: Callable[..., Settings]) -> None:
    environ = {
        "TEAMS_LOGIN_URL": "http://127.0.0.1:9/",
        "TEAMS_OPENID_METADATA_URL": "https://keys.acme.example/openid",
        "TEAMS_SERVICE_URLS": "http://localhost:56150/, https://bots.acme.example/teams/",
        "TEAMS_UNSIGNED_LOCAL": "Yes",
    }
    found = loaded(TENANTS, {**TEAMS_SECRETS, **environ})
    assert found.teams_login_url == "http://127.0.0.1:9"
    assert found.teams_openid_metadata_url == "https://keys.acme.example/openid"
    assert found.teams_service_urls == ("http://localhost:56150", "https://bots.acme.example/teams")
    assert found.teams_unsigned_local


def test_a_dotenv_file_beside_it_is_read_and_the_environment_wins(
    loaded: Callable[..., Settings], tmp_path: Path
) -> None:
    lines = [f"{name}='{value}'" for name, value in SECRETS.items()]
    (tmp_path / ".env").write_text("# ours\n" + "\n".join(lines) + "\nexport NAME=From the file\nSYMBOL=a$b${c}\n")
    text = INSTALL + "company: {name: '${NAME} ${SYMBOL}'}\n"
    assert loaded(text).slack[0].bot_token == BOT
    assert loaded(text).company.name == "From the file a$b${c}"
    assert loaded(text, {"NAME": "Set"}).company.name == "Set a$b${c}"


# ---------------------------------------------------------------- what is wrong

MISTAKES = [
    # values
    (
        "company:\n  currency: Dollar",
        'app.yaml:2:13 company.currency: "Dollar" is not a currency; expected an ISO 4217 code such as USD.',
    ),
    ("company: {currency: DEM}", '"DEM" is not a currency'),
    ("company: {currency: €}", "Did you mean EUR?"),
    ("company: {zone: Berlin}", 'company.zone: "Berlin" is not a time zone; expected an IANA name such as'),
    ("company: {zone: Berlin}", "Did you mean Europe/Berlin?"),
    ("company: {zone: New York}", "Did you mean America/New_York?"),
    ("company: {zone: America/New_Yrok}", "Did you mean America/New_York?"),
    ("company: {zone: EST}", '"EST" is not a time zone'),
    ("company: {country: USA}", '"USA" is not a country; expected an ISO 3166 code of two letters such as US.'),
    ("company: {country: DE, subdivision: CA}", 'company.subdivision: "CA" is no subdivision of DE; expected one of'),
    ("company: {undo_minutes: sixty}", '"sixty" is not a whole number from 1 to 1440.'),
    ("company: {undo_minutes: 1.5}", '"1.5" is not a whole number'),
    ("company: {undo_minutes: 0}", '"0" is not a whole number'),
    ("company: {undo_minutes: ٣}", "is not a whole number"),
    ("company: {undo_minutes: [60]}", "company.undo_minutes: is a list; expected a whole number from 1 to 1440."),
    ("company: {date_order: ymd}", '"ymd" is not mdy or dmy.'),
    ("company: {fiscal_year_start: 13}", '"13" is not a month; expected 1 to 12, or its name.'),
    ("company: {name: {first: x}}", "company.name: is a group of settings; expected a text of 1 to 100 characters."),
    ("company: {name: ''}", 'company.name: "" is not a text'),
    ("company: Acme", 'app.yaml:1:10 company: is "Acme"; expected settings of its own, indented below it.'),
    ("admins: a@b.example", 'app.yaml:1:9 admins: is "a@b.example"; expected a list, such as [a@b.example].'),
    ("admins:\n  - a@b.example\n  - bob\n", 'app.yaml:3:5 admins[1]: "bob" is not an e-mail address.'),
    ("admins:\n  -\n", "admins[0]: is empty; expected an e-mail address."),
    ("domains: ['@acme.com']", '"@acme.com" is not an e-mail domain such as example.com.'),
    ("admins: [a@b.example]\ndomains: [c.example]", "is in none of your domains (c.example), so nobody could be it."),
    ("command_prefix: /px", '"/px" is not a prefix of up to 16 lower-case letters'),
    ("activity_kinds: {call: ring}", 'is "ring"; expected a list, such as [ring].'),
    ("activity_kinds: {call: [visit]}", 'activity_kinds.call[0]: "visit" means visit already; a word has one meaning.'),
    ("activity_kinds: {a: [x], b: [X]}", '"x" means a already'),
    ("activity_kinds: {'!': []}", 'activity_kinds.!: "!" is not an activity kind'),
    ("expectations: {reps: {call: 1}}", '"reps" is not rep, manager, leader or admin. Did you mean rep?'),
    ("expectations: {rep: {cal: 1}}", "expectations.rep.cal: is no activity kind. Did you mean call?"),
    ("expectations: {rep: {call: lots}}", '"lots" is not a whole number from 0 to 1000.'),
    ("stages: [a, b]", "stages: is a list; expected settings of its own"),
    ("stages: {proposal: half}", 'stages.proposal: "half" is not a whole number of percent from 0 to 100.'),
    ("stages: {proposal: 101}", 'stages.proposal: "101" is not a whole number of percent from 0 to 100.'),
    ("stages: {proposal: 50, won: 90}", "stages.won: is 90; expected 100, or leave it out: it always exists."),
    ("stages:\n  lost: 0\n", "stages: names no stage of an open deal; expected at least one, such as proposal: 50."),
    ("stages: {'?!': 5}", 'stages.?!: "?!" is not a stage\'s name; expected a word or two such as negotiation.'),
    ("stage_words: {propsal: [offer]}", "stage_words.propsal: is none of the stages. Did you mean proposal?"),
    (
        "stages: {trial: 5}\nstage_words: {proposal: [offer]}",
        "stage_words.proposal: is none of the stages. Expected one of lost, trial, won.",
    ),
    (
        "stage_words: {proposal: [offer], qualified: [Offer]}",
        'app.yaml:1:46 stage_words.qualified[0]: "offer" means proposal already; a word has one meaning.',
    ),
    ("stage_words: {proposal: [negotiation]}", '"negotiation" means negotiation already'),
    ("stuck_days: 0", 'app.yaml:1:13 stuck_days: "0" is not a whole number from 1 to 365.'),
    ("quiet_days: never", '"never" is not a whole number from 1 to 365.'),
    ("status_limits: {ahead: 0.9}", 'status_limits.ahead: "0.9" is not a whole number of percent from 1 to 1000.'),
    ("status_limits: {on_pace: 110}", "on_pace: is 110; expected less than status_limits.ahead, which is 105."),
    ("status_limits: {behind: 95}", "behind: is 95; expected less than status_limits.on_pace, which is 95."),
    ("status_limits: {ahed: 110}", "status_limits.ahed: is no setting. Did you mean ahead?"),
    ("ramp: 50", 'ramp: is "50"; expected a list, such as [50].'),
    ("ramp: [50, most]", 'ramp[1]: "most" is not a whole number of percent from 0 to 100.'),
    (f"ramp: [{', '.join(['50'] * 25)}]", "ramp: has 25 months; expected 24 at most."),
    ("quota_period: quater", '"quater" is not month, quarter, half or year. Did you mean quarter?'),
    ("channels: {wins: {install: main, channel: general}}", '"general" is not a channel\'s id: C… or G… in Slack, 19:'),
    ("channels: {wins: {install: main, channel: C1}}", "names no install of this file; expected one of those (none"),
    ("database: mysql://x/y", '"mysql://x/y" is not a database\'s address such as sqlite:///data/pacer.db'),
    ("database: pacer.db", '"pacer.db" is not a database\'s address'),
    ("http: {port: 0}", '"0" is not a whole number from 1 to 65535.'),
    ("logs: xml", '"xml" is not auto, console or json.'),
    ("logs: jsn", "Did you mean json?"),
    # names
    ("company:\n  curency: USD", "app.yaml:2:3 company.curency: is no setting. Did you mean currency?"),
    ("currency: USD", "app.yaml:1:1 currency: is no setting here. Did you mean company.currency?"),
    ("company: {http: x}", "company.http: is no setting here. Did you mean http?"),
    ("quotas: 3", "quotas: is no setting; expected one of company, admins,"),
    ("PACER_KEY: x", "it is read from the environment"),
    ("key: abc", "key: is no setting of this file; it is read from the environment"),
    ("logs: auto\nhttp:\n  port: 1\nlogs: json", "app.yaml:4:1 logs: stands twice, first in line 1. Keep one"),
    ("? [a, b]\n: c", "a setting's name is one word; a list or a group cannot be one."),
    # YAML itself
    ("company:\n\tname: x", "app.yaml:2:1: a tab stands where YAML wants spaces. Indent with spaces."),
    ("company:\n  name: a: b", "app.yaml:2:10: a colon too many"),
    ("company:\n  name: x\n country: US", "app.yaml:3:2: this line does not fit those above it"),
    ("company\nlogs: json", "app.yaml:2:5: a colon too many"),
    ('company:\n  name: "Acme\n  country: US\n', "app.yaml:2:9: the quote that opens here is never closed."),
    ("admins: [a@b.example\nlogs: json", "a list that opens with [ is not closed with ]."),
    ("http: {port: 1", "a group that opens with { is not closed with }."),
    ("domains: [@acme.com]", "app.yaml:1:11: a value cannot begin with this character unless it is inside quotes."),
    ("logs: json\n---\nlogs: auto", "app.yaml:2:1: a line `---` begins a second document"),
    ("company: &x\n  name: a\nhttp: *x", "http: repeats another part by an alias (*); write it out."),
    ("company: &x {name: *x}", "company.name: repeats another part by an alias"),
    ("company: {name: *boss}", "a value cannot begin with * unless it is inside quotes."),
    ("company: {name: !env X}", "company.name: begins with a tag (!), which has no meaning here"),
    ("company: {name: !!python/name:os.system x}", "begins with a tag (!)"),
    ("- company", "app.yaml:1:1: holds no settings; expected lines such as `company:`"),
    ("just words", "holds no settings"),
    ("", "app.yaml: is empty."),
    ("# only a remark\n", "app.yaml: is empty."),
    ("company: {name: a\x00b}", "app.yaml:1:18: a control character"),
    (b"company:\n  name: \xff\xfe\n", "app.yaml:2:9: is not UTF-8 text. Save it again with the encoding UTF-8."),
    ("company: {name: x}".encode("utf-16"), "app.yaml:1:1: is not UTF-8 text."),
    ("a" * 300_000, "is larger than 256 KB"),
    ("[" * 5000, "is nested too deeply"),
    # installs
    ("installs: main", 'is "main"; expected a list'),
    ("installs: [main]", 'installs[0]: is "main"; expected settings of its own'),
    ("installs: [{platform: slak}]", '"slak" is not slack or teams. Did you mean slack?'),
    ("installs: [{team: general}]", '"general" is not a Slack workspace\'s id; it begins with T.'),
    ("installs: [{}]", "installs[0].name: is missing; expected a name of yours, such as main."),
    ("installs: [{}]", "installs[0].bot_token: is missing; expected ${SLACK_BOT_TOKEN}. Find its value at api"),
    ("installs: [{}]", "installs[0].signing_secret: is missing; expected ${SLACK_SIGNING_SECRET} (or give app_token"),
    ("installs: [{}]", "installs[0].team: is missing; expected the workspace's id, which begins with T"),
    ("installs: [{}]", "admins: is missing; expected at least one e-mail address."),
    ("installs: [{}]", "domains: is missing; expected the domains of your e-mail addresses."),
    ("installs: [{}]", "environment PACER_KEY: is not set, and an install needs it"),
    ("installs:\n- {name: a, team: T1}\n- {name: a, team: T1}", "installs[1].name: is the name of installs[0] too"),
    ("installs:\n- {name: a, team: T1}\n- {name: b, team: T1, enterprise: E1}", "is the workspace of installs[0] too"),
    # … of Teams
    ("installs: [{platform: teams}]", "installs[0].name: is missing; expected a name of yours, such as main."),
    ("installs: [{platform: teams}]", "installs[0].tenant: is missing; expected the id of your Microsoft"),
    ("installs: [{platform: teams}]", "installs[0].app: is missing; expected the bot's app id, a GUID. Find it"),
    ("installs: [{platform: teams}]", "installs[0].app_password: is missing; expected ${TEAMS_APP_PASSWORD}. Find its"),
    ("installs: [{platform: teams}]", "admins: is missing; expected at least one e-mail address."),
    ("installs: [{platform: teams}]", "domains: is missing; expected the domains of your e-mail addresses."),
    ("installs: [{platform: teams}]", "environment PACER_KEY: is not set, and an install needs it"),
    ("installs: [{platform: teams, tenant: acme.onmicrosoft.com}]", '"acme.onmicrosoft.com" is not a tenant\'s id'),
    ("installs: [{platform: teams, tenant: common}]", '"common" is not a tenant\'s id; it is a GUID such as 1b2c3d4e-'),
    ("installs: [{platform: teams, app: 1b2c3d4e-5f60-4718-9a2b-3c4d5e6f708}]", "is not a bot's app id; it is a GUID"),
    (
        "installs:\n  - platform: teams\n    team: T1\n",
        "app.yaml:3:5 installs[0].team: is a setting of Slack, and this install belongs to Microsoft Teams; take",
    ),
    (
        "installs: [{platform: teams, bot_token: '${NOPE}'}]",
        "installs[0].bot_token: is a setting of Slack, and this install belongs to Microsoft Teams; take it out.",
    ),
    (
        "installs: [{platform: slack, app_password: '${NOPE}'}]",
        "installs[0].app_password: is a setting of Microsoft Teams, and this install belongs to Slack; take it out.",
    ),
    ("installs: [{tenant: x}]", "belongs to Slack; write platform: teams into it, or take this out."),
    (
        f"installs:\n- &a {{platform: teams, name: a, tenant: {TENANT}, app: {TEAMS_APP}}}\n"
        f"- {{platform: teams, name: b, tenant: {TENANT.upper()}, app: {TEAMS_APP.upper()}}}",
        "installs[1].app: is the app of installs[0] in the same tenant; each can be listed once.",
    ),
    ("installs:\n- {name: a, team: T1}\n- {platform: teams, name: a}", "[1].name: is the name of installs[0] too"),
    (
        TENANTS + "channels: {wins: {install: office, channel: C0123}}",
        "is the id of a channel in Slack, and office is an install of Microsoft Teams; expected 19:…@thread.tacv2",
    ),
    (
        INSTALL + "channels: {wins: {install: main, channel: '19:a@thread.tacv2'}}",
        "is the id of a channel in Microsoft Teams, and main is an install of Slack; expected C… or G…",
    ),
    (TENANTS + "channels: {wins: {install: office}}", "wins.channel: is missing; expected the channel's id: 19:"),
    ("channels: {wins: {}}", "is missing; expected the channel's id: C… or G… in Slack, 19:…@thread.tacv2 in Teams."),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MISTAKES)
def test_a_mistake_says_where_and_what_was_expected(told: Told, text: str | bytes, expected: str) -> None:
    lines = told(text)
    assert any(expected in line for line in lines), "\n".join(lines)


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(told: Told) -> None:
    lines = told(
        "company:\n  curency: EUR\n  zone: Berlin\n  undo_minutes: x\nadmins: [bob, '', b@c.example]\n"
        "domains: [d.example]\nexpectations: {rep: {cal: 3}}\ninstalls: [{nam: x, bot_token: '${NOPE}'}]\nhttp: 80\n"
    )
    places = [tuple(map(int, re.findall(r":(\d+)", line.split(" ")[0]))) for line in lines if line.startswith("app")]
    assert places == sorted(places)
    assert [line.split(" ")[1].rstrip(":") for line in lines] == [
        *("company.curency", "company.zone", "company.undo_minutes", "admins[0]", "admins[1]", "admins[2]"),
        *("expectations.rep.cal", "installs[0].name", "installs[0].signing_secret", "installs[0].team"),
        *("installs[0].nam", "installs[0].bot_token", "http", "PACER_KEY"),
    ]


def test_no_word_of_the_tools_reaches_a_person(told: Told) -> None:
    for text, _ in MISTAKES:
        for line in told(text):
            assert not re.search(
                r"pydantic|validat|dict|tuple|NoneType|mapping|scalar|block|token '|Traceback", line
            ), line
            assert line.endswith((".", "?", ')"')), line


def test_no_file_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: there is no such file\. Take the app\.yaml"):
        load(tmp_path / "nowhere.yaml", {})
    with pytest.raises(ConfigError, match="is a folder; expected a file"):
        load(tmp_path, {})
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "file" / "app.yaml", {})


# ---------------------------------------------------------------- secrets

LITERALS = [
    INSTALL.replace("${SLACK_BOT_TOKEN}", BOT),
    INSTALL.replace("${SLACK_BOT_TOKEN}", f"{BOT}${{SLACK_BOT_TOKEN}}"),
    INSTALL.replace("${SLACK_SIGNING_SECRET}", SIGNING),
    INSTALL.replace("main", BOT),
    INSTALL.replace("T1", APP),
    INSTALL + f"company: {{name: {BOT}}}\n",
    INSTALL + f"company: {{name: {SIGNING}}}\n".replace("yyyzzz", "000111"),
    INSTALL + f"expectations: {{rep: {{call: {BOT}}}}}\n",
    INSTALL + "database: postgresql://pacer:opensesame@h/d\n",
    INSTALL + f"logs: [{BOT}]\n",
    INSTALL + f"admins: {BOT}\n",
    INSTALL + f"bot_tken: {BOT}\n",
    TENANTS.replace("${TEAMS_APP_PASSWORD}", PASSWORD),
    TENANTS.replace("${TEAMS_APP_PASSWORD}", "opensesame"),
    TENANTS.replace(TENANT, PASSWORD),
    TENANTS.replace("office", PASSWORD),
    TENANTS + f"logs: [{PASSWORD}]\n",
    TENANTS + f"{PASSWORD}: x\n",
]


@pytest.mark.parametrize("text", LITERALS)
def test_a_secret_in_the_file_is_a_mistake_and_is_not_shown(told: Told, text: str) -> None:
    shown = "\n".join(told(text, {**SECRETS, **TEAMS_SECRETS}))
    assert "stand in this file" in shown or "is no setting" in shown or "stands twice" in shown, shown
    secrets = (BOT, APP, SIGNING, SIGNING.replace("yyyzzz", "000111"), PASSWORD, "opensesame")
    assert not [secret for secret in secrets if secret in shown]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_BOT_TOKEN", APP),
        ("SLACK_BOT_TOKEN", "xoxp-a-user-token"),
        ("SLACK_SIGNING_SECRET", BOT),
        ("SLACK_SIGNING_SECRET", "short"),
        ("SLACK_APP_TOKEN", BOT),
        ("PACER_KEY", "too short"),
        ("PACER_DATABASE", "mysql://root:opensesame@h/d"),
        ("SLACK_API_URL", "nowhere"),
    ],
)
def test_a_variable_with_the_wrong_thing_in_it_is_named_and_not_shown(told: Told, name: str, value: str) -> None:
    lines = told(INSTALL + "    app_token: ${SLACK_APP_TOKEN}\n", {**SECRETS, name: value})
    assert len(lines) == 1
    assert name in lines[0]
    assert value not in lines[0]
    assert "opensesame" not in lines[0]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("TEAMS_APP_PASSWORD", TENANT, "about 40 characters, and not the Secret ID, which is a GUID"),
        ("TEAMS_APP_PASSWORD", BOT, "is set, but not to such a value"),
        ("TEAMS_APP_PASSWORD", "", "the environment variable TEAMS_APP_PASSWORD is not set"),
        ("TEAMS_LOGIN_URL", "http://login.acme.example", "with https, or with http on this machine"),
        ("TEAMS_OPENID_METADATA_URL", "http://keys.acme.example/", "with https, or with http on this machine"),
        ("TEAMS_OPENID_METADATA_URL", "https://me:opensesame@keys.acme.example/", "is not an address"),
        ("TEAMS_SERVICE_URLS", "http://127.0.0.1:1,http://10.0.0.1:56150/", "its part 2 is not an address"),
        ("TEAMS_SERVICE_URLS", "https://me:opensesame@bots.acme.example/", "its part 1 is not an address"),
        ("TEAMS_UNSIGNED_LOCAL", "please", "is not yes or no."),
        ("TEAMS_UNSIGNED_LOCAL", "yes", "does nothing without TEAMS_SERVICE_URLS"),
    ],
)
def test_a_variable_of_teams_with_the_wrong_thing_in_it(told: Told, name: str, value: str, expected: str) -> None:
    (line,) = told(TENANTS, {**TEAMS_SECRETS, name: value})
    assert name in line
    assert expected in line
    assert not value or value not in line.replace("yes or no", "")


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.5", "bot.acme.example", "::"])
def test_requests_without_a_token_are_for_this_machine_alone(told: Told, host: str) -> None:
    (line,) = told(TENANTS + f"http: {{host: '{host}'}}\n", LOCAL)
    assert line.startswith(f"environment TEAMS_UNSIGNED_LOCAL: lets anyone who reaches {host}:8080 be anyone")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.5", "localhost", "::1"])
def test_and_there_they_may_be_taken(loaded: Callable[..., Settings], host: str) -> None:
    assert loaded(TENANTS + f"http: {{host: '{host}'}}\n", LOCAL).teams_unsigned_local


def test_and_need_no_secret(loaded: Callable[..., Settings], told: Told) -> None:
    text = TENANTS.replace("    app_password: ${TEAMS_APP_PASSWORD}\n", "")
    local = {name: value for name, value in LOCAL.items() if name != "TEAMS_APP_PASSWORD"}
    assert loaded(text, local).teams == (TeamsInstall("office", TENANT, TEAMS_APP, ""),)
    (line,) = told(text, {**local, "TEAMS_UNSIGNED_LOCAL": "no"})
    assert "installs[0].app_password: is missing" in line


def test_nor_where_slack_reaches_the_same_listener(told: Told, loaded: Callable[..., Settings]) -> None:
    both = INSTALL + TENANTS.partition("installs:\n")[2]
    (line,) = told(both, {**SECRETS, **LOCAL})
    assert "main has Slack's requests sent to it from outside" in line
    by_socket = both.replace("signing_secret: ${SLACK_SIGNING_SECRET}", "app_token: ${SLACK_APP_TOKEN}")
    assert loaded(by_socket, {**SECRETS, **LOCAL}).teams_unsigned_local


def test_a_variable_that_is_not_set_is_named_with_where_to_get_its_value(told: Told) -> None:
    for name, value in SECRETS.items():
        environ = {other: given for other, given in SECRETS.items() if other != name}
        for rest in ({}, {name: ""}):
            (line,) = told(INSTALL + "    app_token: ${SLACK_APP_TOKEN}\n", {**environ, **rest})
            assert name in line
            assert value not in line
            assert "Find its value at api.slack.com/apps: your app, " in line or "Make one: python3 -c" in line


@pytest.mark.parametrize(
    "written", ["$SLACK_BOT_TOKEN", "${SLACK_BOT_TOKEN:-x}", "${ SLACK_BOT_TOKEN }", "SLACK_BOT_TOKEN"]
)
def test_another_way_of_naming_a_variable_is_corrected(told: Told, written: str) -> None:
    (line,) = told(INSTALL.replace("${SLACK_BOT_TOKEN}", f"'{written}'"), SECRETS)
    assert "${SLACK_BOT_TOKEN}" in line


def test_a_variables_content_is_not_shown_where_it_is_no_secret_either(told: Told) -> None:
    (line,) = told("company: {currency: '${CURRENCY}'}", {"CURRENCY": "opensesame"})
    assert (
        line
        == 'app.yaml:1:21 company.currency: "${CURRENCY}" is not a currency; expected an ISO 4217 code such as USD.'
    )


# ---------------------------------------------------------------- FAULT 34


def test_the_playground_starts_beside_no_platform(loaded: Callable[..., Settings]) -> None:
    found = loaded(INSTALL, SECRETS)
    assert not found.playground_allowed()
    assert "lists main under installs" in found.playground_refusal()
    found = loaded(TENANTS, TEAMS_SECRETS)
    assert not found.playground_allowed()
    assert "lists office under installs" in found.playground_refusal()


@pytest.mark.parametrize(
    "environ",
    [
        {"SLACK_BOT_TOKEN": BOT},
        {"SLACK_SIGNING_SECRET": SIGNING},
        {"ANYTHING": APP},
        {"TEAMS_APP_PASSWORD": PASSWORD},
    ],
)
def test_nor_beside_a_platforms_credentials(loaded: Callable[..., Settings], environ: dict[str, str]) -> None:
    found = loaded("logs: json\n", environ)
    assert not found.playground_allowed()
    assert f"the environment holds {next(iter(environ))}" in found.playground_refusal()
    assert next(iter(environ.values())) not in found.playground_refusal()


def test_a_credential_is_no_ones_where_its_platform_has_no_install(loaded: Callable[..., Settings]) -> None:
    assert loaded(INSTALL, {**SECRETS, **TEAMS_SECRETS}).stray_credentials == ("TEAMS_APP_PASSWORD",)
    assert loaded(TENANTS, {**TEAMS_SECRETS, "SLACK_BOT_TOKEN": BOT}).stray_credentials == ("SLACK_BOT_TOKEN",)
    assert loaded(INSTALL, SECRETS).stray_credentials == ()


def test_socket_mode_needs_no_signing_secret(loaded: Callable[..., Settings]) -> None:
    text = INSTALL.replace("signing_secret: ${SLACK_SIGNING_SECRET}", "app_token: ${SLACK_APP_TOKEN}")
    (install,) = loaded(text, SECRETS).slack
    assert (install.signing_secret, install.app_token) == ("", APP)


# ---------------------------------------------------------------- whatever stands there


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b"a: &a [*a, *a]\n")
@example(b"company: {name: \xe2\x80\xa8}\n")
@example(b"installs: [[[]]]\nchannels: {a: [], B c: {}}\n")
@example(b"company: {name: ${}}\nhttp: {port: '${A'}\n")
def test_any_file_is_settings_or_sentences(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(content)
    with contextlib.suppress(ConfigError):
        load(path, {})


KEYS = st.sampled_from([*File.model_fields, *(name for group in GROUPS.values() for name in group.model_fields), "x"])
LEAVES = (
    st.none()
    | st.integers()
    | st.text(max_size=12)
    | st.sampled_from(["${X}", "slack", "teams", "T1", TENANT, "call", "a@b.co"])
)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(KEYS, TREES, max_size=6))
def test_any_shape_is_settings_or_sentences(tmp_path: Path, tree: dict[str, object]) -> None:
    path = tmp_path / "any.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    with contextlib.suppress(ConfigError):
        load(path, {"X": "y"})


# ---------------------------------------------------------------- docs/settings.md


def reference(group: type[Group], prefix: str = "") -> list[str]:
    """The table's rows that docs/settings.md must hold."""
    rows = []
    for name, field in group.model_fields.items():
        if field.description is None:
            continue
        default = field.default
        default = list(default) if isinstance(default, tuple) else default
        shown = "" if default in ("", [], {}) else f"`{default}`"
        rows.append(f"| `{prefix}{name}` | {shown} | {field.description} |")
    return rows


PREFIXES = {
    "installs": "installs[].",
    "channels": "channels.NAME.",
    "imports": "imports.NAME.",
    "checkins": "checkins.TEAM[].",
    "wins.routes": "wins.routes[].",
    "values": "values[].",
}


def test_the_page_of_settings_and_the_model_say_the_same() -> None:
    rows = reference(File)
    for name, group in GROUPS.items():
        prefix = PREFIXES.get(name, f"{name}.")
        rows += reference(group, prefix)
    rows += [f"| `{name}` | {meaning} |" for name, meaning in ENVIRONMENT.items()]
    page = (ROOT / "docs" / "settings.md").read_text()
    written = [line for line in page.splitlines() if line.startswith("| `")]
    assert sorted(written) == sorted(rows), "docs/settings.md should hold:\n" + "\n".join(rows)


def test_the_built_in_kinds_are_those_that_the_page_and_app_yaml_name() -> None:
    words = yaml.safe_load((ROOT / "handlers" / "log" / "words.yaml").read_text())
    assert tuple(words["kinds"]) == BUILT_IN_KINDS
    listed = ", ".join(BUILT_IN_KINDS)
    assert listed in (ROOT / "docs" / "settings.md").read_text()
    assert listed in (ROOT / "app.yaml").read_text()


# ---------------------------------------------------------------- docs/teams.md


def test_the_settings_that_the_page_on_teams_shows_are_settings(loaded: Callable[..., Settings]) -> None:
    page = (ROOT / "docs" / "teams.md").read_text()
    real, local = map(textwrap.dedent, re.findall(r"```yaml\n(.*?)```", page, re.DOTALL))
    assert loaded(real, TEAMS_SECRETS).teams[0].app_password == PASSWORD
    environ = {"PACER_KEY": KEY, **dict(re.findall(r"(TEAMS_[A-Z_]+)=(\S+)", page.partition("pacer run --config")[0]))}
    found = loaded(local, environ)
    assert (found.teams_unsigned_local, found.teams_service_urls) == (True, ("http://localhost:56150",))
    people = yaml.safe_load((ROOT / "docs" / "agents-playground.yml").read_text())
    assert (people["tenantId"], people["bot"]["id"]) == (found.teams[0].tenant_id, found.teams[0].app_id)
    assert people["currentUser"]["email"] in found.company.admins
    assert {one["email"].partition("@")[2] for one in people["users"]} == found.company.domains
    assert len(people["users"]) >= 5
    assert len(people["team"]["channels"]) == 1


# ---------------------------------------------------------------- questions of a check-in


def test_questions_of_a_check_in_are_read_by_team(tmp_path: Path) -> None:
    path = tmp_path / "app.yaml"
    path.write_text(
        "checkins:\n  East:\n    - {name: mood, ask: 'How are you?', kind: rating}\n"
        "    - {name: help, ask: 'What would help?', when: mood <= 2, optional: true}\n"
    )
    mood, wanted = load(path, {}).company.checkins["East"]
    assert (mood.name, mood.kind, wanted.when, wanted.optional) == ("mood", "rating", "mood <= 2", True)


@pytest.mark.parametrize(
    ("questions", "sentence"),
    [
        ("[{ask: Who}]", "is missing"),
        ("[{name: a, ask: A}, {name: a, ask: B}]", '"a" is another question\'s already'),
        ("[{name: a, ask: A, when: b}]", '"b" is no question before this one'),
        ("[{name: a, ask: A}, {name: b, ask: B, when: a <= 2}]", '"a" is no rating'),
        ("[]", "has 0 questions; expected 1 to 8"),
        ("[{name: a, ask: A, kind: essay}]", "is not text, commit, best case or rating"),
    ],
)
def test_questions_that_will_not_do_are_named(tmp_path: Path, questions: str, sentence: str) -> None:
    path = tmp_path / "app.yaml"
    path.write_text(f"checkins:\n  East: {questions}\n")
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert any(sentence in str(mistake) for mistake in caught.value.mistakes), caught.value.mistakes


# ---------------------------------------------------------------- kudos


def test_values_and_the_channel_for_kudos(tmp_path: Path) -> None:
    path = tmp_path / "app.yaml"
    path.write_text("values:\n- {tag: bold, name: Be bold, about: We try.}\nkudos: {monthly: 3}\n")
    company = load(path, {}).company
    assert [(one.key, one.name, one.about) for one in company.values] == [("bold", "Be bold", "We try.")]
    assert (company.kudos.monthly, company.kudos.conversation) == (3, "")
    path.write_text("kudos:\n")
    assert next(one.key for one in load(path, {}).company.values) == "customer-first"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("kudos: {channel: thanks}", "kudos.channel: names no channel of this file"),
        ("values: [{tag: Über, name: A}]", "is not up to 40 lower-case letters"),
        ("values: [{tag: a}]", "values[0].name: is missing."),
        ("values: [{tag: a, name: A}, {tag: a, name: B}]", '"a" is another value\'s already'),
    ],
)
def test_values_that_cannot_be_are_said(tmp_path: Path, written: str, sentence: str) -> None:
    path = tmp_path / "app.yaml"
    path.write_text(written)
    with pytest.raises(ConfigError) as refused:
        load(path, {})
    assert sentence in str(refused.value)
