"""What Pacer understands: the table of contents.

A new command is a file (or a folder) beside these and one word in FEATURES. Routing, help, the manifests, the
playground's menu and the test that walks every command are derived from COMMANDS.
"""

from handlers import hello
from handlers.actions import command as actions
from handlers.checkins import astray, prompts, talk_command, talk_told, told, whom
from handlers.checkins import command as checkins
from handlers.conversation.command import Listener
from handlers.conversation.facts import DealReversed, DealWon, PersonArrived, TargetsImported, WinChanged, WinTold
from handlers.conversation.job import JobKind
from handlers.deals import command as deals
from handlers.deals import win as told_win
from handlers.export import command as export
from handlers.help import help_command
from handlers.home import home_command
from handlers.imports import command as imports
from handlers.imports.chat_jobs import JOBS as IMPORT_JOBS
from handlers.imports.watched import JOB as WATCHED_IMPORT
from handlers.kudos import command as kudos
from handlers.kudos import told as kudos_told
from handlers.leaderboard import command as leaderboard
from handlers.log import command as log
from handlers.meetings import command as meetings
from handlers.meetings import ics_feed, ics_file
from handlers.meetings import reminders as meeting_reminders
from handlers.meetings import topics as meeting_topics
from handlers.nudges import countdown, midweek, morning, old_data, team, units, weekly
from handlers.people import command as people
from handlers.people import leaving, newcomers, unreached
from handlers.plan import command as plan
from handlers.plan import imported as imported_targets
from handlers.privacy import command as privacy
from handlers.privacy import erase, mine, retention
from handlers.privacy import job as erasure
from handlers.quota import command as quota
from handlers.reach.topic import Topic
from handlers.settings.command import settings_command
from handlers.undo import undo_command
from handlers.wins import listening as wins
from handlers.wins import told as win_topic
from handlers.wins.command import win_command

UNDOABLE = (log.COMMAND, deals.COMMAND, kudos.COMMAND)

HOME = (
    quota.COMMAND,
    plan.COMMAND,
    people.COMMAND,
    imports.COMMAND,
    checkins.COMMAND,
    actions.COMMAND,
    meetings.COMMAND,
    deals.COMMAND,
    log.COMMAND,
)
"""What a person's own page shows, in this order: my number, what waits for me, my week."""

TOPICS: tuple[Topic, ...] = (
    morning.TOPIC,
    weekly.TOPIC,
    midweek.TOPIC,
    team.TOPIC,
    units.TOPIC,
    countdown.TOPIC,
    countdown.LAST_WEEK,
    old_data.TOPIC,
    prompts.TOPIC,
    prompts.OF_MANAGERS,
    prompts.REMINDER,
    told.ARRIVED,
    told.ANSWERED,
    astray.TOPIC,
    talk_told.NEWS,
    whom.TOPIC,
    kudos_told.TOPIC,
    win_topic.TOPIC,
    *meeting_topics.ALL,
    ics_feed.TOPIC,
)
"""What Pacer speaks about unasked."""

FEATURES = (
    *UNDOABLE,
    undo_command((*UNDOABLE, actions.COMMAND)),
    win_command(told_win.handle, told_win.prepare),
    quota.COMMAND,
    leaderboard.COMMAND,
    plan.COMMAND,
    checkins.COMMAND,
    talk_command.COMMAND,
    actions.COMMAND,
    meetings.COMMAND,
    home_command(HOME),
    export.COMMAND,
    imports.COMMAND,
    hello.COMMAND,
    people.COMMAND,
    settings_command(TOPICS),
    privacy.COMMAND,
    erase.COMMAND,
)

COMMANDS = (*FEATURES, help_command(FEATURES))

JOBS: tuple[JobKind, ...] = (
    export.JOB,
    *IMPORT_JOBS,
    WATCHED_IMPORT,
    ics_file.JOB,
    ics_feed.JOB,
    mine.JOB,
    erasure.JOB,
)

DUE = (leaving.due, meeting_reminders.due, unreached.due, retention.due, astray.due)
"""What the clock asks for every hour: each settles what a day that is over brings, and says who is told."""

LISTENERS = (
    Listener(PersonArrived, hello.welcome),
    Listener(PersonArrived, newcomers.tell_admins),
    Listener(TargetsImported, imported_targets.tell),
    Listener(WinTold, wins.told),
    Listener(DealWon, wins.won),
    Listener(WinChanged, wins.changed),
    Listener(DealReversed, wins.reversed_),
)
