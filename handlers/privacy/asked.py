"""Reads a question about who sees what: “who can read my check-in?”, “what will my manager see about me?”."""

from __future__ import annotations

import re
from typing import Final

_WHO: Final = (
    r"(?:my |the |our |an? |other )?(?P<who>(?:manager|boss)'s (?:manager|boss)"
    r"|managers?|boss(?:es)?|leaders?|leadership|admins?|administrators?|company"
    r"|others|anybody|anyone|everybody|everyone|somebody|someone|colleagues?|co-?workers?|peers?|team(?:mates?)?|hr|people"
    r"|reps?)(?: else)?"
)
_SEE: Final = r"(?:see|sees|read|reads|view|views|know|knows|look at|looks at|access|accesses)"
_WHAT: Final = (
    r"(?:all |any |everything |of )*(?:(?:my|our) (?:own |last |weekly |private |shared )?"
    r"(?P<what>check[\s-]?ins?|check[\s-]?in answers?|answers?|activit(?:y|ies)|activity logs?|logs?|calls?|visits?"
    r"|emails?|notes?|next steps?|one[\s-]?(?:to|on)[\s-]?ones?|1:1s?|action items?|to[\s-]?dos?|todos?|promises"
    r"|numbers?|figures?|quotas?|targets?|attainment|forecasts?|commits?|deals?|pipeline|commission|rank|ranking|place"
    r"|wins?|kudos|thanks|data|information|info|messages?|mood)"
    r"|(?:the |these |those |a |an )?"
    r"(?P<any>check[\s-]?ins?|check[\s-]?in answers?|notes?|one[\s-]?(?:to|on)[\s-]?ones?))"
)
_ABOUT: Final = r"(?:of me|about me|from me|of mine|that i (?:write|type|say|do|log)|i (?:write|type|say|do|log))"
_TAIL: Final = (
    r"(?: (?:here|in here|now|then|too|exactly|as well|(?:that|which) i (?:write|type|say|log|give|typed|wrote|gave)"
    r"|i (?:write|type|say|log|give)|to you|with you|about me|in pacer))*"
)
_ASIDE: Final = r"(?:(?:so|and|but|hey|hi|wait|ok|okay|please|pacer|tell me)[\s,]+)*"
_PATTERNS: Final = tuple(
    re.compile(rf"{_ASIDE}{pattern}{_TAIL}")
    for pattern in (
        rf"who (?:else )?(?:can |could |may |will |is able to |is allowed to |gets to |all )*(?:else )?{_SEE} {_WHAT}",
        rf"who (?:else )?(?:has access to|gets) {_WHAT}",
        rf"(?:is|are|will|do) {_WHAT} (?:be |stay |remain |kept )?"
        r"(?:private|confidential|visible|secret|public|anonymous|seen by (?:others|anyone|my manager))"
        rf"(?: to {_WHO})?",
        rf"(?:can|could|does|do|will|may|is) {_WHO} (?:able to |going to )?(?:also )?{_SEE} {_WHAT}",
        rf"what (?:can|could|does|do|will|may|is) {_WHO} (?:able to |going to )?{_SEE}(?: {_ABOUT})?",
        rf"what (?:can|could|does|do|will|may) {_WHO} {_SEE} (?:of|in|about) {_WHAT}",
        r"who (?:else )?(?:can |could |may |will )?(?:see|sees|read|reads)"
        r" (?:this|it|that|what i (?:write|type|say|do|log))",
        r"is (?:this|it|that|what i (?:write|type|say|log)) (?:private|confidential|secret|anonymous|public)",
        r"what (?:is|stays|of this is) (?:private|confidential)",
    )
)
_TOPICS: Final = (
    (r"check|answer|commits?\Z|mood", "check-ins"),
    (r"activ|log|call|visit|email", "activities"),
    (r"note|next|one|1:1", "notes"),
    (r"action|to|promis", "action items"),
    (r"number|figure|quota|target|attain|forecast|deal|pipe|commission", "figures"),
    (r"rank|place", "rank"),
    (r"win|kudos|thanks", "wins"),
    (r"message", "messages"),
)
_LONGEST: Final = 120


class Asks(str):
    """What is asked about: a topic of kept.KEPT, “manager”, or empty for all of it."""


def prepare(text: str) -> Asks | None:
    """The question; None for other words."""
    words = " ".join(text.lower().replace("’", "'").split()).strip("/.,:!? ")
    if len(words) > _LONGEST:
        return None
    match = next((found for pattern in _PATTERNS if (found := pattern.fullmatch(words))), None)
    if match is None:
        return None
    groups = match.groupdict()
    what = groups.get("what") or groups.get("any")
    if what is not None:
        return Asks(next((topic for start, topic in _TOPICS if re.match(start, what)), ""))
    return Asks("manager" if groups.get("who") in ("manager", "managers", "boss", "bosses") else "")
