"""Which account a line about a deal names, where no known name was met as it is written."""

from __future__ import annotations

from typing import Final

from handlers.deals.stages import DOUBT, SMALL
from handlers.language.mentions import another, past_legal_form
from handlers.language.scan import Mark, Mention, Scan
from handlers.language.vocabulary import ORDINARY

_MOST_SEARCHES: Final = 6
_MOST_NAME: Final = 5


class AccountFinder:
    """Looks at the words that nothing else has taken; what it finds is then marked as a name."""

    def __init__(self, scan: Scan) -> None:
        self.scan, self.line = scan, scan.line
        self.words, self.marks, self.count = scan.line.words, scan.marks, scan.line.count

    def weak(self, stop: int) -> Mention | None:
        """A name that is also a common word, where no other stands: `Target won $50k`."""
        for at, mention in sorted(self.scan.weak.items()):
            free = mention.stop <= stop and not any(self.marks[at : mention.stop])
            if free and mention.whole and (self.line.capital(at) or at == 0):
                self.scan.claim(at, mention.stop, Mark.NAME)
                return mention
        return None

    def unknown(self, stop: int) -> Mention | None:
        """A known name misspelt, else the first words that stand for one."""
        runs = self._runs(stop)
        for start, end in runs:
            for at in range(start, end):
                if not self.scan.proper(at) or self.scan.searches >= _MOST_SEARCHES:
                    continue
                self.scan.searches += 1
                found = self.scan.index.near(self.line.keys, at, end)
                if found is None:
                    continue
                mention = Mention(at, at + found.words, found.names, whole=False)
                if another(self.scan, mention) is None:
                    return self._kept(mention)
        named = [run for run in runs if any(self.words[at] not in ORDINARY for at in range(*run))]
        capital = [run for run in named if self.line.capital(run[0])]
        for start, end in [*capital, *named]:
            return self._kept(Mention(start, min(past_legal_form(self.scan, end), stop), (), whole=False))
        return None

    def _kept(self, mention: Mention) -> Mention:
        self.scan.claim(mention.start, mention.stop, Mark.NAME)
        return mention

    def _runs(self, stop: int) -> list[tuple[int, int]]:
        """Free words in a row, without the small ones around them."""
        found, start = [], 0
        while start < stop:
            end = start
            while end < stop and not self.marks[end] and (self.words[end][0].isalnum() or self._glues(end)):
                end += 1
            first, last = start, end
            while first < last and (self.words[first] in SMALL or self.words[first] in DOUBT):
                first += 1
            while last > first and (self.words[last - 1] in SMALL or self.words[last - 1] in DOUBT):
                last -= 1
            if first < last:
                found.append((first, min(last, first + _MOST_NAME)))
            start = max(end, start) + 1
        return found

    def _glues(self, at: int) -> bool:
        return self.words[at] in "&-+'." and 0 < at < self.count - 1
