"""Figures, tables and sentences: one family a file, drawn from the results of the analysis."""

from importlib import import_module
from typing import Any

_FAMILIES: dict[str, tuple[str, ...]] = {
    "tables": ("Link", "Note", "Notes", "Table"),
    "common": ("cited", "coverage_note", "sources_table"),
    "timeline": (
        "phases_note",
        "phases_table",
        "rounds_note",
        "rounds_table",
        "timeline_figure",
        "timeline_note",
        "timeline_table",
    ),
    "rhythm": (
        "activity_figure",
        "activity_note",
        "contact_note",
        "recent_note",
        "silences_figure",
        "silences_note",
        "silences_table",
    ),
    "commitments": (
        "change_note",
        "change_table",
        "focus_note",
        "index_figure",
        "index_note",
        "index_table",
        "ledger_note",
        "ledger_table",
        "outstanding_note",
        "scale_note",
        "silence_note",
        "slippage_note",
    ),
    "durations": (
        "batches_note",
        "comparison_figure",
        "comparison_note",
        "comparison_table",
        "durations_figure",
        "durations_note",
        "durations_table",
        "ended_since_note",
        "endings_figure",
        "endings_note",
        "shares_note",
    ),
    "levels": ("levels_figure",),
    "targets": ("targets_figure", "targets_table"),
    "claims": ("contradictions_note", "contradictions_table"),
    "actors": (
        "adjacency_table",
        "centrality_note",
        "centrality_table",
        "contact_phases_note",
        "contact_phases_table",
        "contacts_since_note",
        "measures_table",
        "network_note",
        "participation_note",
        "partners_table",
        "roster_table",
        "states_network_note",
        "ties_table",
    ),
    "network": ("contact_phases_figure", "network_figure", "network_nodes"),
    "connectivity": ("states_figure", "what_if_figure"),
    "linkmaps": ("border_strip_figure", "connectivity_figure", "route_map_figure"),
    "linknotes": (
        "context_note",
        "exceptions_note",
        "links_note",
        "permissions_note",
        "redundancy_note",
        "since_note",
        "transfers_note",
        "what_if_note",
    ),
    "linktables": (
        "legs_table",
        "link_states_table",
        "links_table",
        "routes_table",
        "sites_table",
        "spans_table",
        "transfers_table",
    ),
    "changes": (
        "changes_note",
        "due_note",
        "due_table",
        "evidence_table",
        "happened_note",
        "happened_table",
        "learned_note",
        "learned_table",
        "moved_levels_figure",
        "moved_levels_note",
        "moved_levels_table",
        "moved_links_note",
        "moved_links_table",
        "newcomers_note",
        "newcomers_table",
        "restated_note",
        "restated_table",
        "silent_table",
    ),
    "brief": (
        "brief_contradictions_notes",
        "brief_due_notes",
        "brief_events_note",
        "brief_events_table",
        "brief_lead",
        "brief_ledger_table",
        "brief_links_notes",
        "brief_promises_note",
        "brief_rest",
        "brief_silence_note",
    ),
}

_HOMES = {name: family for family, names in _FAMILIES.items() for name in names}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    """Import a family when one of its names is asked for."""
    if name in _HOMES:
        return getattr(import_module(f"normlib.figures.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'normlib.figures' has no attribute '{name}'")
