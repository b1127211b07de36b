"""What no descriptor can say: the rules that hold between rows of the record.

Each rule takes the reading of a package and yields problems. A rule is silent where the tables or
columns that it needs are not there, since that is reported already.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from normlib import edtf
from normlib.affiliation import CONTACT_TYPES
from normlib.checks import Cell, Reading, items
from normlib.errors import Problem
from normlib.package import RawTable


def rule_problems(reading: Reading) -> Iterator[Problem]:
    """Yield the problems of all rules."""
    for rule in (
        _levels_fit_states,
        _nothing_follows_an_end,
        _observations_follow_promises,
        _facts_are_covered,
        _nothing_is_known_before_it_happens,
        _codings_judge_days_of_their_promise,
        _states_have_an_order,
        _sites_lie_in_their_country,
        _links_join_two_sites,
        _descent_does_not_run_in_circles,
        _ranges_rise,
        _claims_have_subjects,
        _nobody_acts_out_of_office,
        _actors_have_places,
    ):
        yield from rule(reading)


def _rows(reading: Reading, table: str, *columns: str) -> Iterator[tuple[int, list[str]]]:
    found = reading.tables.get(table)
    if found is None or not set(columns) <= set(found.header):
        return
    yield from enumerate(map(list, zip(*(found.column(name) for name in columns), strict=True)))


def _cell(reading: Reading, table: str, row: int, name: str) -> Cell:
    found = reading.tables[table]
    return Cell(found, row, name, found.column(name)[row])


def _interval(text: str) -> edtf.Interval | None:
    """Return the days of a date, or None where it is blank or already refused."""
    try:
        return edtf.parse(text) if text else None
    except edtf.EdtfError:
        return None


def _levels_fit_states(reading: Reading) -> Iterator[Problem]:
    for row, (level, state) in _rows(reading, "observations", "level", "state"):
        words = reading.package.resources["observations"].fields["state"].categories
        allowed = words.get(state, {}).get("allowedLevels")
        if allowed is not None and (int(level) if level.isdecimal() else None) not in allowed:
            named = ", ".join("blank" if value is None else str(value) for value in allowed)
            message = f"level '{level or 'blank'}' does not go with state '{state}'"
            remedy = f"With '{state}' the level is {named}."
            cell = _cell(reading, "observations", row, "level")
            yield cell.problem("level-state", message, remedy)


def _nothing_follows_an_end(reading: Reading) -> Iterator[Problem]:
    words = _state_words(reading)
    histories = _by_parent(reading, "observations", "commitment_id", "observed_on", "state")
    for rows in histories.values():
        for (_, state, _), (_, _, after) in pairwise(rows):
            if words.get(state, {}).get("final"):
                message = f"an observation follows the end state '{state}'"
                cell = _cell(reading, "observations", after, "observed_on")
                yield cell.problem("state-order", message, "Correct the date or the earlier state.")


def _observations_follow_promises(reading: Reading) -> Iterator[Problem]:
    promises = _rows(reading, "commitments", "commitment_id", "made_on")
    made = {key: _interval(on) for _, (key, on) in promises}
    for row, (key, on) in _rows(reading, "observations", "commitment_id", "observed_on"):
        promise, seen = made.get(key), _interval(on)
        if promise and seen and promise.earliest and seen.latest < promise.earliest:
            message = f"'{key}' is observed on {on}, before it was made ({promise.text})"
            remedy = "Correct the date, or the commitment's made_on."
            cell = _cell(reading, "observations", row, "observed_on")
            yield cell.problem("observation-before-promise", message, remedy)


def _facts_are_covered(reading: Reading) -> Iterator[Problem]:
    """Refuse facts that happened, or became public, after the last day covered."""
    until = _interval(str(reading.package.descriptor["coversUntil"]))
    for name, column in _clocks(reading) if until else ():
        for row, (text,) in _rows(reading, name, column):
            day = _interval(text)
            if day and day.earliest and until and day.earliest > until.latest:
                message = f"{text} lies after the last day covered ({until.text})"
                remedy = "Correct the day, or move coversUntil; what is planned belongs to targets."
                yield _cell(reading, name, row, column).problem("not-covered", message, remedy)


def _nothing_is_known_before_it_happens(reading: Reading) -> Iterator[Problem]:
    """Refuse facts that were public before the first day that their date can mean."""
    for name, stated in _clocks(reading):
        when = reading.package.tables[name].when or stated
        for row, texts in _rows(reading, name, when, stated):
            date, known = map(_interval, texts)
            if date and date.earliest and known and known.latest < date.earliest:
                message = f"known since {known.text}, before it happened ({date.text})"
                cell = _cell(reading, name, row, stated)
                yield cell.problem("known-before", message, "Leave it blank, or correct the date.")


def _clocks(reading: Reading) -> Iterator[tuple[str, str]]:
    """Tables and their columns that say when a fact happened or since when it was public."""
    for name, resource in reading.package.tables.items():
        for column in (resource.when, resource.descriptor.get("knownSince")):
            if resource.when and column:
                yield name, str(column)


def _codings_judge_days_of_their_promise(reading: Reading) -> Iterator[Problem]:
    until = _interval(str(reading.package.descriptor["coversUntil"]))
    promises = _rows(reading, "commitments", "commitment_id", "made_on")
    made = {key: _interval(on) for _, (key, on) in promises}
    for row, (key, on) in _rows(reading, "codings", "commitment_id", "day"):
        promise, day = made.get(key), _interval(on)
        cell = _cell(reading, "codings", row, "day")
        if day and until and day.latest > until.latest:
            message = f"'{key}' is judged as of {on}, after the last day covered ({until.text})"
            yield cell.problem("coding-day", message, "Judge it as of a day that is covered.")
        elif promise and promise.earliest and day and day.latest < promise.earliest:
            message = f"'{key}' is judged as of {on}, before it was made ({promise.text})"
            yield cell.problem("coding-day", message, "Correct the day.")


def _states_have_an_order(reading: Reading) -> Iterator[Problem]:
    """States of a link must be told in the order in which they began."""
    last: dict[str, tuple[str, str]] = {}
    for row, (link, since) in _rows(reading, "link_states", "link_id", "since"):
        span = _interval(since)
        if span is None:
            continue
        begins = (span.earliest or span.latest).isoformat()
        if link in last and begins < last[link][0]:
            message = f"'{link}' enters a state on {since}, told after {last[link][1]}"
            remedy = "Sort the link's rows by 'since'."
            cell = _cell(reading, "link_states", row, "since")
            yield cell.problem("state-order", message, remedy)
        last[link] = (begins, since)


def _sites_lie_in_their_country(reading: Reading) -> Iterator[Problem]:
    sides = ("west", "south", "east", "north")
    boxes = {
        code: tuple(map(float, box))
        for _, (code, *box) in _rows(reading, "countries", "iso_a3", *sides)
        if all(_is_number(side) for side in box)
    }
    for row, (code, lat, lon) in _rows(reading, "sites", "country", "lat", "lon"):
        if code not in boxes or not (_is_number(lat) and _is_number(lon)):
            continue
        west, south, east, north = boxes[code]
        if abs(float(lat)) > 90 or abs(float(lon)) > 180:
            continue  # refused already
        if west <= float(lon) <= east and south <= float(lat) <= north:
            continue
        swapped = west <= float(lat) <= east and south <= float(lon) <= north
        remedy = "Latitude and longitude seem swapped." if swapped else "Correct point or country."
        message = (
            f"lat {lat}, lon {lon} is outside {code} (lat {south} to {north}, lon {west} to {east})"
        )
        yield _cell(reading, "sites", row, "lat").problem("outside-region", message, remedy)


def _links_join_two_sites(reading: Reading) -> Iterator[Problem]:
    for row, (start, end) in _rows(reading, "links", "from_site", "to_site"):
        if start and start == end:
            cell = _cell(reading, "links", row, "to_site")
            message = f"the link joins '{start}' to itself"
            yield cell.problem("self-loop", message, "Correct one end.")


def _descent_does_not_run_in_circles(reading: Reading) -> Iterator[Problem]:
    """Refuse rows that replace or restate themselves, be it by way of others."""
    for table, key, column, what in (
        ("commitments", "commitment_id", "supersedes", "replacement"),
        ("effects", "effect_id", "restates", "restatement"),
    ):
        rows = list(_rows(reading, table, key, column))
        older = {new: old for _, (new, old) in rows if old}
        for row, (start, _) in rows:
            path = [start]
            while path[-1] in older and older[path[-1]] not in path:
                path.append(older[path[-1]])
            if older.get(path[-1]) == start:
                message = f"{what} runs in a circle: {' > '.join([*path, start])}"
                cell = _cell(reading, table, row, column)
                yield cell.problem("cycle", message, "Break the circle where the order is wrong.")


def _ranges_rise(reading: Reading) -> Iterator[Problem]:
    for table in ("effects", "context"):
        for row, (low, high) in _rows(reading, table, "value_low", "value_high"):
            if _is_number(low) and _is_number(high) and float(low) > float(high):
                cell = _cell(reading, table, row, "value_high")
                message = f"value_low {low} is above value_high {high}"
                yield cell.problem("range-reversed", message, "Swap or correct them.")


def _claims_have_subjects(reading: Reading) -> Iterator[Problem]:
    for row, (name, subject) in _rows(reading, "claims", "subject_table", "subject_id"):
        table = reading.tables.get(name)
        if table is None or not subject:
            continue
        if subject not in _joined_keys(table):
            cell = _cell(reading, "claims", row, "subject_id")
            message = f"'{subject}' is no row of {table.resource.path}"
            yield cell.problem("foreign-key", message, "Name the row that the claim is about.")


def _nobody_acts_out_of_office(reading: Reading) -> Iterator[Problem]:
    """Remark on contacts that name a former office holder, and on targets stated by one.

    An office holder acts on behalf of somebody (``member_of``); others may be named whenever.
    """
    ends = {
        actor: end
        for _, (actor, above, until) in _rows(
            reading, "actors", "actor_id", "member_of", "valid_to"
        )
        if above and (end := _interval(until))
    }
    named = [
        ("events", "actors", row, date, items(actors))
        for row, (kind, date, actors) in _rows(reading, "events", "type", "date", "actors")
        if kind in CONTACT_TYPES
    ]
    stated = _rows(reading, "targets", "stated_on", "stated_by")
    named += [("targets", "stated_by", row, date, items(by)) for row, (date, by) in stated]
    for table, column, row, date, actors in named:
        day = _interval(date)
        for actor in actors:
            end = ends.get(actor)
            if day and day.earliest and end and end.latest < day.earliest:
                message = f"'{actor}' is named on {date}, after the end of the role ({end.text})"
                remedy = (
                    "Correct the date, the names or the actor's valid_to. If the row only concerns "
                    "the actor, leave it: networks do not count who was out of office."
                )
                cell = _cell(reading, table, row, column)
                yield cell.problem("out-of-office", message, remedy, "warning")


def _actors_have_places(reading: Reading) -> Iterator[Problem]:
    """Remark on actors without a row in the table of positions, where the record has one."""
    if "positions" not in reading.tables:
        return
    placed = {actor for _, (actor,) in _rows(reading, "positions", "actor_id")}
    for row, (actor,) in _rows(reading, "actors", "actor_id"):
        if actor and actor not in placed:
            message = f"'{actor}' has no place in the pictures of who meets whom"
            remedy = f"Run: normlib positions {reading.package.folder.name}"
            cell = _cell(reading, "actors", row, "actor_id")
            yield cell.problem("no-position", message, remedy, "warning")


def _joined_keys(table: RawTable) -> set[str]:
    """Keys as claims write them: the columns of the key, joined by '|'."""
    columns = [table.column(name) for name in table.resource.key]
    first = set(columns[0]) if columns else set()
    return first | {"|".join(key) for key in zip(*columns, strict=True)}


def _state_words(reading: Reading) -> dict[str, dict[str, object]]:
    field = reading.package.resources["observations"].fields.get("state")
    return {value: dict(word) for value, word in field.categories.items()} if field else {}


def _by_parent(
    reading: Reading, table: str, parent: str, date: str, word: str
) -> dict[str, list[tuple[str, str, int]]]:
    """Rows of each parent as (first possible day, word, row), in the order of the days."""
    histories: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for row, (key, on, value) in _rows(reading, table, parent, date, word):
        span = _interval(on)
        if span:
            histories[key].append(((span.earliest or span.latest).isoformat(), value, row))
    return {key: sorted(rows) for key, rows in histories.items()}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


__all__ = ["rule_problems"]
