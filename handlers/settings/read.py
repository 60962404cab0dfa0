"""A sentence about what is said unasked, read: a snooze, a topic on or off, quiet hours, leave, a schedule.

What is surely meant for `settings` is so little that no line for another command is taken from it: a topic must be
named in words that it goes by, and days must be all that stands behind a word for leave.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Final, Literal

from handlers.conversation.request import Basis
from handlers.numbers.spans import Span
from handlers.reach.gate import EVERYTHING
from handlers.schedules import rule as rules
from handlers.schedules.read import NotASchedule
from handlers.schedules.read import read as read_rule
from handlers.settings.seen import Chosen, said
from handlers.settings.topics import Topics, one_of
from handlers.settings.when import day_in, span_in, until_in

Kind = Literal["snooze", "off", "on", "quiet", "cap", "leave", "back", "cancel leave", "schedule", "list", "seen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the words want. Which of the fields are given depends on the kind."""

    kind: Kind
    words: str = ""
    """Those that named the topics."""
    topics: tuple[str, ...] = ()
    until: datetime | None = None
    days: Span | None = None
    """Of leave; one day for coming back. None: not said."""
    who: str = ""
    """Somebody else, of leave."""
    quiet: tuple[time, time] | None = None
    cap: int = 0
    rule: str | None = None
    """Of a schedule, in words; None: none any more."""
    unread: str = ""
    """Words that stand where a schedule should, and are none."""
    unit: str = ""
    chosen: Chosen | None = None
    """Who hears of my wins, or whether I am on leaderboards."""
    sure: bool = True


_PLEASE: Final = re.compile(
    r"\A(?:(?:hey|hi|ok|okay|please|pls|pacer|can you|could you|would you|i want to|i'd like to|let's)[\s,]+)+|"
    r"[\s,]*(?:please|pls|thanks|thank you)?[\s.!]*\Z",
    re.I,
)
_SNOOZE: Final = re.compile(r"(?P<verb>snooze|pause|mute|silence|hush)(?:\s+(?P<rest>.+))?", re.I)
_HUSH: Final = re.compile(
    r"(?:be quiet|leave me alone|do not disturb(?: me)?|don't disturb(?: me)?|dnd)\s+(?P<rest>.+)", re.I
)
_OFF: Final = re.compile(
    r"(?:stop(?: sending(?: me)?)?|turn off|switch off|disable|no more|unsubscribe(?: me)?(?: from)?|mute"
    r"|don't send(?: me)?)\s+(?P<what>.+)|(?:turn|switch)\s+(?P<between>.+?)\s+off(?P<after>\s+for\s+.+)?",
    re.I,
)
_ON: Final = re.compile(
    r"(?:turn on|switch on|enable|resume|unmute|unsnooze|start(?: sending(?: me)?)?|subscribe(?: me)?(?: to)?)"
    r"\s+(?P<what>.+?)|(?:turn|switch)\s+(?P<between>.+?)\s+(?:back\s+)?on(?:\s+again)?(?P<after>\s+for\s+.+)?",
    re.I,
)
_AGAIN: Final = re.compile(r"\s+(?:back\s+)?(?:on|again)\Z", re.I)
_CLOCK: Final = r"(\d{1,2})(?:[:.]([0-5]\d))?\s*([ap])?(?:\.?m\.?)?"
_QUIET: Final = re.compile(
    r"(?:set )?(?:my )?quiet(?: hours| time)?:?\s+(?:from |between )?"
    rf"{_CLOCK}\s*(?:-|–|—|to|till|until|and)\s*{_CLOCK}",
    re.I,
)
_NO_QUIET: Final = re.compile(r"no quiet hours|(?:turn |switch )?quiet hours off|turn off (?:my )?quiet hours", re.I)
_CAP: Final = re.compile(
    r"(?:at most |max(?:imum)? |no more than |up to |send me (?:at most )?)?(?P<count>\d{1,2}|one|two|three|four|five)"
    r" (?:unprompted )?(?:messages?|nudges?|notifications?)(?: a| per| each| every)? ?day",
    re.I,
)
_ME: Final = (
    r"(?:i'?m|i am|i'?ll be|i will be|i was|i'?m going(?: to be)?|i'?ll take|i take|i'?m taking|i have|i'?ve got"
    r"|i'?ll have|i need)"
)
_KIND_OF: Final = (
    r"(?:annual|parental|maternity|paternity|sick|paid|unpaid|medical|family|compassionate|bereavement|my)"
)
_LEAVE: Final = (
    rf"(?:(?:going )?(?:on |taking |having |for )?(?:{_KIND_OF} )?(?:leave|vacation|holidays?|pto|time off)(?: days?)?"
    r"|(?:a |the )?(?:day|week)s? off|(?:off|out)(?: work| sick| of (?:the )?office)?|ooo|away|sick(?: days?)?|ill"
    r"|unwell|not (?:in|working))"
)
_MINE: Final = re.compile(rf"(?P<me>{_ME}\s+)?(?P<leave>{_LEAVE})(?P<days>[\s,:]+.+)?", re.I)
_THEIRS: Final = re.compile(
    rf"(?P<who>(?!(?:who|what|why|how|when|where|which|is|are|it|i|there|everyone|everybody|nobody|acct)\b)[^\d,;:?!]{{2,60}}?)"
    rf"(?:\s+(?:is|will be|was)|'s|\s+has)\s+(?P<leave>{_LEAVE})(?P<days>[\s,:]+.+)?",
    re.I,
)
_OFF_DAYS: Final = re.compile(rf"(?:{_ME}\s+|i\s+)?(?:taking|take|took|having|have|got)\s+(?P<days>.+?)\s+off", re.I)
"""`taking Friday off`."""
_WORK: Final = (
    r"(?:\s+(?:at work|in(?: the office)?|to work|from (?:leave|vacation|holidays?|pto|sick leave|being sick)))*"
)
_BACK: Final = re.compile(rf"(?P<me>{_ME}\s+)?back{_WORK}(?:[\s,]+(?:on |by )?(?P<day>.+))?", re.I)
_THEY_BACK: Final = re.compile(
    rf"(?P<who>[^\d,;:?!]{{2,60}}?)(?:\s+(?:is|will be)|'s)\s+back{_WORK}(?:[\s,]+(?P<day>.+))?", re.I
)
_CANCEL: Final = re.compile(
    r"(?:cancel|delete|remove|drop|scrap) (?:my |the )?(?:\w+ )?(?:leave|vacation|holidays?|pto|time off)"
    r"(?:\s+(?P<day>.+))?|i'?m not (?:on leave|on vacation|away|sick|off)(?: any ?more| after all)?",
    re.I,
)
_FOR_UNIT: Final = re.compile(r"\s+for\s+(?P<unit>(?!(?:me|myself|now|the time being)\b)[^,]+?)\s*\Z", re.I)
_FOR_ME: Final = re.compile(r"\s+(?:for (?:me|now|good|myself)|from now on|for ever|forever)\Z", re.I)
_SETTING_VERB: Final = re.compile(r"(?:send|move|schedule|change|set|put)\s+", re.I)
_TO_RULE: Final = re.compile(r"(?:(?:to|comes?|goes?(?: out)?|is)\s+)+", re.I)
_RULE_LEADS: Final = re.compile(
    r"(?:on\s+)?(?:every|each|daily|the|last|first|second|third|fourth|fifth|one|two|three|four|five|ten|\d+|(?:mon|tues|wednes|thurs|fri)days)\b",
    re.I,
)
_REPEATS: Final = re.compile(r"(?:on\s+)?(?:every|each|daily)\b", re.I)
_SCHEDULES: Final = frozenset(("schedules", "schedule", "list schedules", "show schedules", "the schedules"))
_NEARLY: Final = re.compile(
    r"(?:(?:set )?(?:my )?quiet (?:hours?|time)\b|snooze\b|(?:i'?m|i am|i'?ll be|i will be) on"
    r" (?:leave|vacation|holidays?|pto)\b).*"
    r"|(?:turn|switch|stop|disable|mute|unmute|resume) .*\b(?:messages?|nudges?|digests?|reminders?|countdowns?"
    r"|notifications?)(?: off| on)?|stop(?: it| this)?|unsubscribe|opt out|mute|be quiet",
    re.I,
)
"""About what is said unasked, whatever it is: nobody else knows better what to answer."""
_ASKS: Final = re.compile(r"\?\s*\Z")


def read(text: str, basis: Basis, topics: Topics) -> Wish | None:
    """What the words want; None where they are nothing of this kind."""
    text = " ".join(text.replace("’", "'").replace("‘", "'").split())
    if not text or len(text) > 200 or _ASKS.search(text):
        return None
    text = _PLEASE.sub("", text)
    if text.casefold() in _SCHEDULES:
        return Wish(kind="list", sure=False)
    if chosen := said(text):
        return Wish(kind="seen", chosen=chosen)
    return (
        _silence(text, basis, topics)
        or _switch(text, basis, topics)
        or _times(text)
        or _away(text, basis)
        or _schedule(text, basis, topics)
    )


def nearly(text: str) -> bool:
    """Whether words that are nothing that can be read are about these matters all the same: `quiet hours 7 to 26`."""
    text = " ".join(text.replace("’", "'").split())
    return len(text) <= 200 and not _ASKS.search(text) and bool(_NEARLY.fullmatch(_PLEASE.sub("", text)))


def of_somebody_else(text: str) -> bool:
    """“Dana is on leave until Friday”."""
    return bool(_THEIRS.fullmatch(text.strip()) or _THEY_BACK.fullmatch(text.strip())) and not _MINE_FIRST.match(text)


_MINE_FIRST: Final = re.compile(rf"\s*{_ME}\b", re.I)


def _silence(text: str, basis: Basis, topics: Topics) -> Wish | None:
    if match := _HUSH.fullmatch(text):
        until = until_in(match["rest"], basis)
        return Wish(kind="snooze", topics=(EVERYTHING,), until=until) if until is not None else None
    match = _SNOOZE.fullmatch(text)
    if match is None:
        return None
    rest = match["rest"] or ""
    if not rest:
        return Wish(kind="snooze", topics=(EVERYTHING,), sure=match["verb"].casefold() == "snooze")
    ended = _ended(rest, basis, topics)
    if ended is not None:
        return ended
    meant = topics.meant(rest)
    if meant and match["verb"].casefold() not in ("mute", "silence"):
        return Wish(kind="snooze", words=rest, topics=meant)
    return None


def _ended(words: str, basis: Basis, topics: Topics) -> Wish | None:
    """Topics, or none for all of them, and an end: `nudges until Monday`, `today`."""
    said = words.split()
    for cut in range(len(said)):
        until = until_in(" ".join(said[cut:]), basis)
        named = " ".join(said[:cut])
        meant = topics.meant(named) if cut else (EVERYTHING,)
        if until is not None and meant:
            return Wish(kind="snooze", words=named, topics=meant, until=until)
    return None


def _switch(text: str, basis: Basis, topics: Topics) -> Wish | None:
    """On or off: for me, or with `for East` a unit's schedule. Off until some time is a snooze."""
    kind: Kind = "off"
    match = _OFF.fullmatch(text)
    if match is None:
        kind, match = "on", _ON.fullmatch(text)
    if match is None:
        return None
    if kind == "off" and (ended := _ended((match["what"] or match["between"]) + (match["after"] or ""), basis, topics)):
        # “stop today” alone may be a stop at a customer's.
        return replace(ended, sure=bool(ended.words))
    words = _FOR_ME.sub("", (match["what"] or match["between"]) + (match["after"] or ""))
    if kind == "on":
        words = _AGAIN.sub("", words)
    unit = ""
    meant = topics.meant(words)
    if not meant and (behind := _FOR_UNIT.search(words)):
        unit, words = behind["unit"], words[: behind.start()]
        meant = topics.meant(words)
    return Wish(kind=kind, words=words, topics=meant, unit=unit) if meant else None


def _times(text: str) -> Wish | None:
    if _NO_QUIET.fullmatch(text):
        return Wish(kind="quiet", quiet=(time(0), time(0)))
    if match := _QUIET.fullmatch(text):
        hours = [(int(match[at]), match[at + 1], (match[at + 2] or "").casefold()) for at in (1, 4)]
        bare = not any(half for _, _, half in hours) and all(hour < 12 for hour, _, _ in hours)
        first, last = _clock(*hours[0], evening=bare), _clock(*hours[1])
        return Wish(kind="quiet", quiet=(first, last)) if first is not None and last is not None else None
    if match := _CAP.fullmatch(text):
        numbers = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
        said = match["count"].casefold()
        return Wish(kind="cap", cap=numbers.get(said) or int(said))
    return None


def _clock(hour: int, minute: str | None, half: str, *, evening: bool = False) -> time | None:
    """`evening`: an hour below 12 that says no half of the day is one of the evening (quiet from 7 to 8)."""
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    elif evening:
        hour += 12
    return time(hour % 24, int(minute or 0)) if hour <= 24 else None


def _away(text: str, basis: Basis) -> Wish | None:
    if match := _CANCEL.fullmatch(text):
        said = match["day"]
        day = day_in(said, basis) if said else None
        if said and day is None:
            return None
        return Wish(kind="cancel leave", days=Span(day, day) if day else None)
    if match := _BACK.fullmatch(text):
        return _back(match, basis, sure=bool(match["me"]))
    if match := _MINE.fullmatch(text):
        return _leave(match, basis, sure=bool(match["me"]))
    if match := _OFF_DAYS.fullmatch(text):
        days = span_in(match["days"], basis)
        return Wish(kind="leave", days=days) if days is not None else None
    if match := _THEY_BACK.fullmatch(text):
        found = _back(match, basis, sure=False)
        return replace(found, who=match["who"], sure=False) if found is not None else None
    if match := _THEIRS.fullmatch(text):
        theirs = _leave(match, basis, sure=False)
        return replace(theirs, who=match["who"], sure=False) if theirs is not None and theirs.days else None
    return None


def _back(match: re.Match[str], basis: Basis, *, sure: bool) -> Wish | None:
    if not match["day"]:
        today = basis.now.date()
        return Wish(kind="back", days=Span(today, today), sure=sure)
    day = day_in(match["day"], basis)
    return Wish(kind="back", days=Span(day, day)) if day is not None else None


def _leave(match: re.Match[str], basis: Basis, *, sure: bool) -> Wish | None:
    said, today = match["days"], basis.now.date()
    if said:
        days = span_in(said, basis)
        return Wish(kind="leave", days=days) if days is not None else None
    ill = re.match(r"sick|ill|unwell|(?:off|out) sick|not ", match["leave"], re.I)
    return Wish(kind="leave", days=Span(today, today) if ill else None, sure=sure)


def _schedule(text: str, basis: Basis, topics: Topics) -> Wish | None:
    """`weekly nudge every Tuesday at 10:00 for East`."""
    verb = _SETTING_VERB.match(text)
    words = text[verb.end() :].split() if verb else text.split()
    unread: Wish | None = None
    for cut in range(1, min(len(words), 7)):
        named = " ".join(words[:cut])
        meant = topics.meant(named)
        if not meant or EVERYTHING in meant:
            continue
        rest, unit = " ".join(words[cut:]), ""
        if behind := _FOR_UNIT.search(rest):
            rest, unit = rest[: behind.start()], behind["unit"]
        rest = _TO_RULE.sub("", rest, count=1) if _TO_RULE.match(rest) else rest
        if not (verb or _RULE_LEADS.match(rest)):
            # “next steps Friday” is no schedule.
            continue
        try:
            rule = read_rule(rest, today=basis.now.date())
        except NotASchedule:
            if cut > 1 and one_of(meant) and _REPEATS.match(rest):
                unread = Wish(kind="schedule", words=named, topics=meant, unread=rest)
            continue
        return Wish(kind="schedule", words=named, topics=meant, rule=rules.words(rule), unit=unit, sure=one_of(meant))
    return unread
