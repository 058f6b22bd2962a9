"""Documents that are small and were dear: one function for each kind, by how often it repeats.

Each is a text that a client could send. None of them asks a registry more than an ordinary
question does; what they cost, if anything, is the reading.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

Bomb = Callable[[int], str]


def one_field(n: int) -> str:
    """One field, over and over: each is compared with each."""
    return "{ projects(first: 1) { nodes { " + "projectName " * n + "} } }"


def one_field_inline(n: int) -> str:
    """The same, each in an inline fragment of its own."""
    return "{ projects(first: 1) { nodes { " + "... { id } " * n + "} } }"


def one_field_with_arguments(n: int) -> str:
    """Arguments have to be compared too."""
    one = 'projects(first: 1, where: { country: { in: ["KE", "BR"] } }) { nodes { id } } '
    return "{ " + one * n + "}"


def nested_repeats(n: int) -> str:
    """Fields of one name whose selections hold fields of one name."""
    inner = "units(first: 1) { nodes { " + "id " * n + "} } "
    return "{ projects(first: 1) { nodes { " + inner * n + "} } }"


def spread_fan(n: int) -> str:
    """Many fragments in one selection: each is compared with each."""
    spreads = " ".join(f"...F{i}" for i in range(n))
    parts = " ".join(f"fragment F{i} on Project {{ id }}" for i in range(n))
    return f"{{ projects(first: 1) {{ nodes {{ {spreads} }} }} }} {parts}"


def spread_chain(n: int) -> str:
    """Each fragment spreads the next."""
    parts = [f"fragment F{i} on Project {{ id ...F{i + 1} }}" for i in range(n)]
    last = f"fragment F{n} on Project {{ id }}"
    return "{ projects(first: 1) { nodes { ...F0 } } } " + " ".join([*parts, last])


def spread_doubling(n: int) -> str:
    """Each fragment spreads the next twice: written out there is no end of it."""
    inner = (
        "a: units(first: 1) {{ nodes {{ ...U{0} }} }} b: units(first: 1) {{ nodes {{ ...U{0} }} }}"
    )
    parts = [f"fragment U{i} on Unit {{ project {{ {inner.format(i + 1)} }} }}" for i in range(n)]
    return "{ units(first: 1) { nodes { ...U0 } } } " + " ".join(
        [*parts, f"fragment U{n} on Unit {{ id }}"]
    )


def one_spread(n: int) -> str:
    """One fragment, spread over and over."""
    return "{ projects(first: 1) { nodes { " + "...F " * n + "} } } fragment F on Project { id }"


def unused_fragments(n: int) -> str:
    """What is not asked for is validated all the same."""
    parts = [
        f"fragment F{i} on Query {{ projects(first: 1) {{ nodes {{ {'id ' * 10}}} }} }}"
        for i in range(n)
    ]
    return "{ registries { key } } " + " ".join(parts)


def unused_operations(n: int) -> str:
    """Operations that are not asked for, each of which reaches the same fragments."""
    parts = [f"query Q{i}($id: ID!) {{ node(id: $id) {{ ...F0 }} }}" for i in range(n)]
    shared = [f"fragment F{i} on Node {{ ...F{i + 1} }}" for i in range(n)]
    last = f"fragment F{n} on Node {{ id }}"
    return " ".join(["query Asked { registries { key } }", *parts, *shared, last])


def directives(n: int) -> str:
    """One directive on each of many fields."""
    fields = " ".join(f"a{i}: id @include(if: true)" for i in range(n))
    return f"{{ projects(first: 1) {{ nodes {{ {fields} }} }} }}"


def directives_on_one(n: int) -> str:
    """Many directives on one field."""
    return "{ registries { key " + "@include(if: true) " * n + "} }"


def aliases(n: int) -> str:
    """One question under many names."""
    return "{ " + " ".join(f"a{i}: registries {{ key }}" for i in range(n)) + " }"


def arguments(n: int) -> str:
    """Many arguments that do not exist."""
    given = " ".join(f"a{i}: {i}" for i in range(n))
    return f"{{ projects({given}) {{ nodes {{ id }} }} }}"


def literals(n: int) -> str:
    """A long list of literals."""
    return "{ nodes(ids: [" + '"a" ' * n + "]) { id } }"


def objects(n: int) -> str:
    """One key of an object, over and over."""
    return "{ projects(where: { " + 'country: { eq: "KE" } ' * n + "}) { nodes { id } } }"


def deep_lists(n: int) -> str:
    """A list in a list in a list."""
    return "{ nodes(ids: " + "[" * n + "]" * n + ") { id } }"


def deep_objects(n: int) -> str:
    """An object in an object."""
    return "{ projects(where: " + "{ a: " * n + "1" + " }" * n + ") { nodes { id } } }"


def deep_types(n: int) -> str:
    """A variable whose type is a list of lists."""
    return f"query Asked($v: {'[' * n}ID{']' * n}) {{ nodes(ids: $v) {{ id }} }}"


def deep_selections(n: int) -> str:
    """Inline fragments in one another."""
    return "{ " + "... { " * n + "registries { key }" + " }" * n + " }"


def many_variables(n: int) -> str:
    """Many variables, each used once."""
    declared = " ".join(f"$v{i}: ID!" for i in range(n))
    used = " ".join(f"$v{i}" for i in range(n))
    return f"query Asked({declared}) {{ nodes(ids: [{used}]) {{ id }} }}"


def unused_variables(n: int) -> str:
    """Many variables that nothing uses."""
    declared = " ".join(f"$v{i}: ID" for i in range(n))
    return f"query Asked({declared}) {{ registries {{ key }} }}"


def long_names(n: int) -> str:
    """A response key that comes back with every record."""
    return "{ projects(first: 1) { nodes { " + "x" * n + ": id } } }"


def wrong_names(n: int) -> str:
    """Names that are nearly right, each of which is compared with those that exist."""
    return "{ projects { nodes { " + " ".join(f"projectNames{i}" for i in range(n)) + " } } }"


def long_strings(n: int) -> str:
    """One long text."""
    return '{ nodes(ids: ["' + "x" * n + '"]) { id } }'


def block_strings(n: int) -> str:
    """A block string of many lines, whose indentation has to be found."""
    lines = "\n".join(" " * (i % 7) + "x" for i in range(n))
    return '{ nodes(ids: ["""' + lines + '"""]) { id } }'


def comments(n: int) -> str:
    """Nothing but comments."""
    return "#x\n" * n + "{ registries { key } }"


def commas(n: int) -> str:
    """Nothing but what is ignored."""
    return "{ registries { key" + "," * n + " } }"


def introspection_loop(n: int) -> str:
    """Types of fields of types of fields."""
    return "{ __schema { types { " + "fields { type { " * n + "name" + " } }" * n + " } } }"


def introspection_aliases(n: int) -> str:
    """The schema under many names."""
    one = "__schema {{ types {{ name fields {{ name args {{ name type {{ name }} }} }} }} }}"
    return "{ " + " ".join(f"a{i}: {one.format()}" for i in range(n)) + " }"


BOMBS: Mapping[str, Bomb] = {
    made.__name__: made
    for made in (
        one_field,
        one_field_inline,
        one_field_with_arguments,
        nested_repeats,
        spread_fan,
        spread_chain,
        spread_doubling,
        one_spread,
        unused_fragments,
        unused_operations,
        directives,
        directives_on_one,
        aliases,
        arguments,
        literals,
        objects,
        deep_lists,
        deep_objects,
        deep_types,
        deep_selections,
        many_variables,
        unused_variables,
        long_names,
        wrong_names,
        long_strings,
        block_strings,
        comments,
        commas,
        introspection_loop,
        introspection_aliases,
    )
}
# Ordinary documents name no operation; those that hold several, or need one, say which.
NAMED = frozenset({"unused_operations", "deep_types", "many_variables", "unused_variables"})


def sized(make: Bomb, chars: int) -> str:
    """The largest document of the kind within so many characters."""
    low, high = 1, 2
    while len(make(high)) <= chars:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if len(make(middle)) <= chars else (low, middle)
    return make(low)
