"""What the Tab key offers to somebody who types in JupyterLab: all that is there, nothing else."""

import pytest
from IPython.core.completer import IPCompleter, provisionalcompleter

import normlib as nl
from normlib import figures


def offered(typed: str, *, jedi: bool) -> set[str]:
    names = {"nl": nl, "dossier": nl.load()}
    completer = IPCompleter(namespace=names, global_namespace=names, use_jedi=jedi)
    completer.jedi_compute_type_timeout = 10_000
    with provisionalcompleter():
        found = list(completer.completions(typed, len(typed)))
    return {one.text.rpartition(".")[2] for one in found}


@pytest.mark.parametrize("jedi", [True, False])
def test_the_library_offers_its_public_names_before_they_are_imported(jedi: bool) -> None:
    assert offered("nl.", jedi=jedi) == set(nl.__all__)
    assert offered("nl.figures.", jedi=jedi) == set(figures.__all__)
    assert "timeline_figure" in offered("nl.figures.time", jedi=jedi)


@pytest.mark.parametrize("jedi", [True, False])
def test_a_dossier_offers_its_tables_beside_what_it_can_do(jedi: bool) -> None:
    assert offered("dossier.ev", jedi=jedi) == {"events"}
    everything = offered("dossier.", jedi=jedi)
    assert {*nl.load().tables, "as_of", "related", "stamp"} <= everything
    assert not [name for name in everything if name.startswith("_")]


def test_whatever_is_offered_is_there() -> None:
    for one in (nl, figures, nl.load()):
        assert dir(one)
        assert all(hasattr(one, name) for name in dir(one))
