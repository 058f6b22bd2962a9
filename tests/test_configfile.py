"""Settings come from a file and the environment, or the message says where they went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import Settings
from gateway.configfile import lines, load
from gateway.errors import ConfigError


def written(folder: Path, text: str) -> Path:
    path = folder / "cgw.toml"
    path.write_text(text, "utf-8")
    return path


def problem(folder: Path, text: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(written(folder, text), environ)
    return caught.value.message.replace(f"{folder}/", "")


def problem_in(**environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(None, environ)
    return caught.value.message


def test_without_anything_the_defaults_hold() -> None:
    assert load(None, {"HOME": "/"}) == Settings()


def test_a_file_is_read(tmp_path: Path) -> None:
    found = load(
        written(
            tmp_path,
            """
            only = ["verra"]
            [limits]
            depth = 7
            [registries.verra]
            rate = 2
            headers = { "X-Key" = "k" }
            [registries.other]
            adapter = "verra"
            """,
        ),
        {},
    )
    assert found.limits.depth == 7
    assert found.only == ("verra",)
    assert found.registries["verra"].headers["X-Key"].get_secret_value() == "k"
    assert found.registries["other"].adapter == "verra"


def test_variables_go_over_the_file(tmp_path: Path) -> None:
    environ = {
        "CGW_LIMITS__DEPTH": "9",
        "CGW_SERVER__GRAPHIQL": "true",
        "CGW_SERVER__ALLOWED_ORIGINS": "https://a.example, https://b.example",
        "CGW_REGISTRIES__GOLD_STANDARD__HEADERS__X_API_KEY": "k",
        "CGW_REGISTRIES__GOLD_STANDARD__OPTIONS__PER_CALL": "3",
        "CGW_ONLY": '["verra", "gold-standard"]',
    }
    found = load(written(tmp_path, "[limits]\ndepth = 7\ntokens = 99"), environ)
    assert (found.limits.depth, found.limits.tokens) == (9, 99)
    assert found.server.graphiql
    assert found.server.allowed_origins == ("https://a.example", "https://b.example")
    assert found.registries["gold-standard"].headers["x-api-key"].get_secret_value() == "k"
    assert found.registries["gold-standard"].options == {"per_call": "3"}
    assert found.only == ("verra", "gold-standard")


def test_the_cache_is_turned_off_by_one_word() -> None:
    assert load(None, {"CGW_CACHE": "off"}).cache.backend == "off"


def test_variables_of_kubernetes_are_not_ours() -> None:
    environ = {
        "CGW_SERVICE_HOST": "10.0.0.1",
        "CGW_SERVICE_PORT": "8000",
        "CGW_SERVICE_PORT_HTTP": "8000",
        "CGW_PORT": "tcp://10.0.0.1:8000",
        "CGW_PORT_8000_TCP": "tcp://10.0.0.1:8000",
        "CGW_PORT_8000_TCP_ADDR": "10.0.0.1",
    }
    assert load(None, environ) == Settings()


def test_options_of_the_command_line_are_no_settings() -> None:
    environ = {"CGW_CONFIG": "cgw.toml", "CGW_URL": "http://gw.example"}
    assert load(None, environ) == Settings()


def test_references_are_filled_in(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("pem\n")
    text = """
        cursor_secret = "${env:HALF}${env:HALF}"
        [signing]
        key_pem = "${file:key}"
        [registries.verra.headers]
        authorization = "Bearer ${env:TOKEN} $$5 $x"
    """
    found = load(written(tmp_path, text), {"HALF": "0123456789abcdef", "TOKEN": "t"})
    assert found.signing.key_pem is not None
    assert found.signing.key_pem.get_secret_value() == "pem"
    assert found.cursor_secret is not None
    assert found.cursor_secret.get_secret_value() == "0123456789abcdef" * 2
    header = found.registries["verra"].headers["authorization"]
    assert header.get_secret_value() == "Bearer t $5 $x"


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    found = load(written(tmp_path, '[signing]\nkey_file = "keys/a.pem"\nkeys_dir = "/k"'), {})
    assert found.signing.key_file == str(tmp_path / "keys/a.pem")
    assert found.signing.keys_dir == "/k"


def test_secrets_are_masked_wherever_settings_are_printed(tmp_path: Path) -> None:
    canary = "canary-0123456789-0123456789-0123456789"
    text = f"""
        cursor_secret = "{canary}"
        [signing]
        key_pem = "{canary}"
        [cache]
        redis_url = "redis://:{canary}@cache"
        [registries.verra]
        credential = "{canary}"
        headers = {{ key = "{canary}" }}
    """
    found = load(written(tmp_path, text), {})
    assert canary not in repr(found)
    assert canary not in str(found)
    assert canary not in found.model_dump_json()


def test_errors_never_show_the_value(tmp_path: Path) -> None:
    text = (
        '[registries.verra]\nrate = "canary"\nheaders = "canary"\n[signing]\nkey_pem = ["canary"]'
    )
    assert "canary" not in problem(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[limits\n", "cgw.toml is not TOML: "),
        ("a = \n", "at line 1, column 5"),
        ("[limits]\ndepth = 1", "cgw.toml, line 2: limits.depth: 1 is out of range; it must be 2"),
        ("\n[limits]\ndetph = 1", "line 3: there is no setting limits.detph; did you mean depth?"),
        ("[limits]\nqqq = 1", "there are: body_bytes, body_timeout"),
        ("[registries.verra]\nratte = 1", "registries.verra.ratte; did you mean rate?"),
        ("[lmits]\ndepth = 1", "line 1: there is no setting lmits; did you mean limits?"),
        ("limits.depth = 1", "line 1: limits.depth: 1 is out of range"),
        ('["limits"]\n"depth" = 1', "line 2: limits.depth: 1 is out of range"),
        ("[registries.A]\nrate = 1", "line 1: registries: 'A' is no registry key"),
        ('[registries.a]\nbase_url = "http://x.example"', "set allow_private = true"),
        ('[registries.a]\nbase_url = "ftp://x.example"', "must be an http or https URL"),
        ('[registries.a]\nbase_url = "https://u:p@x.example"', "must not hold credentials"),
        ('[server]\nissuer = "gateway.example"', "must be an origin"),
        ('[server]\nissuer = "https://gateway.example/x"', "must be an origin"),
        ('cursor_secret = "short"', "line 1: cursor_secret: must have at least 32 characters"),
        ('[signing]\nkey_pem = "${env:GONE}"', "line 2: the variable GONE is not set; set it"),
        ('[signing]\nkey_pem = "${file:gone}"', "line 2: the file gone cannot be read: No such"),
        ('[signing]\nkey_pem = "${vault:x}"', "line 2: a reference is ${env:NAME}"),
        ('only = ["${env:GONE}"]', "line 1: the variable GONE is not set"),
        ("a = " + "[" * 5000, "cgw.toml is not TOML"),
    ],
)
def test_a_wrong_file_is_told_with_its_line_and_the_remedy(
    tmp_path: Path, text: str, message: str
) -> None:
    assert message in problem(tmp_path, text)


def test_several_problems_are_told_at_once(tmp_path: Path) -> None:
    found = problem(tmp_path, '[limits]\ndepth = 0\n[server]\nport = "x"')
    assert [line.split(":")[0] for line in found.splitlines()] == [
        "cgw.toml, line 4",
        "cgw.toml, line 2",
    ]


def test_a_wrong_variable_is_told_by_name() -> None:
    assert problem_in(CGW_LIMITS__DEPTH="deep").startswith("CGW_LIMITS__DEPTH: limits.depth: ")
    assert "CGW_<SECTION>__<KEY>" in problem_in(CGW_LIMIT="1")
    assert problem_in(CGW_SERVER__PORT__X="1").startswith("CGW_SERVER__PORT__X: server.port: ")
    assert "did you mean depth?" in problem_in(CGW_LIMITS__DEEP="1", CGW_LIMITS__DEPT="1")
    assert "CGW_ONLY" in problem_in(CGW_ONLY="[1]")
    assert "CGW_CACHE" in problem_in(CGW_CACHE="on")


def test_a_variable_cannot_go_into_a_value(tmp_path: Path) -> None:
    found = problem(tmp_path, "[limits]\ndepth = 4", CGW_LIMITS__DEPTH__X="1")
    assert found == "the variable CGW_LIMITS__DEPTH__X goes into depth, which is not a section"


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load(tmp_path / "gone.toml", {})
    (tmp_path / "latin").write_bytes(b"a = '\xe9'")
    with pytest.raises(ConfigError, match="not UTF-8: bad byte at offset 5"):
        load(tmp_path / "latin", {})
    (tmp_path / "secret").write_bytes(b"\xe9")
    assert "not UTF-8 text" in problem(tmp_path, '[signing]\nkey_pem = "${file:secret}"')


@given(st.text(max_size=200))
def test_finding_lines_never_fails(text: str) -> None:
    for place, number in lines(text):
        assert number >= 1
        assert all(isinstance(part, str) for part in place)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[server]\ndrain = inf\n", "server.drain"),
        ("[limits]\nbody_timeout = nan\n", "limits.body_timeout"),
        ("[registries.verra]\nrate = inf\n", "registries.verra.rate"),
        ('[server]\ncontact = "a\\nb"\n', "server.contact"),
        ('[registries.verra]\nheaders = {"x y" = "z"}\n', "no name of an HTTP header"),
        ('[registries.verra]\nheaders = {x = "a\\r\\nb: c"}\n', "x: must be one line"),
        ('[registries.gold-standard]\ncredential = "k\\n"\n', "credential: must be one line"),
    ],
)
def test_what_could_only_fail_later_fails_at_the_start(
    tmp_path: Path, text: str, message: str
) -> None:
    file = tmp_path / "cgw.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load(file, {})


def test_places_may_be_folders_and_databases_relative_to_the_file(tmp_path: Path) -> None:
    text = """
        manifests = "manifests"
        [registries.uploads]
        base_url = "file:up loads"
        [registries.absolute]
        base_url = "file:///srv/uploads/"
        [registries.lite]
        base_url = "sqlite:registry.sqlite"
        [registries.post]
        base_url = "postgresql://reader@db.internal:5432/registry"
        allow_private = true
        """
    found = load(written(tmp_path, text), {})
    assert found.manifests == f"{tmp_path}/manifests"
    bases = {key: registry.base_url for key, registry in found.registries.items()}
    assert bases == {
        "uploads": f"file://{tmp_path}/up%20loads",
        "absolute": "file:///srv/uploads",
        "lite": f"sqlite://{tmp_path}/registry.sqlite",
        "post": "postgresql://reader@db.internal:5432/registry",
    }


@pytest.mark.parametrize(
    ("base", "told"),
    [
        ("ftp://x.example", "must be an http or https URL, file:///folder, sqlite:///file or"),
        ("file://host/share", "must be a path, such as file:///srv/registry"),
        ("postgresql://u:p@db/x", "must not hold a password, a query or a fragment"),
        ("postgresql://db", "must be an http or https URL"),
        ("postgresql://db/x", "base_url is a database: set allow_private = true"),
        ("sqlite:///srv/x?mode=rw", "must not hold a password, a query"),
    ],
)
def test_a_place_that_cannot_be_is_told(tmp_path: Path, base: str, told: str) -> None:
    message = problem(tmp_path, f'[registries.x]\nbase_url = "{base}"\n')
    assert message.startswith("cgw.toml, line ")
    assert told in message
