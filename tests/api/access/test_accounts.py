import pytest

from voxcpm_space.api.access.accounts import Accounts, hash_of
from voxcpm_space.errors import StartError

ANN = f"""
# The first customer.
[ann]
key_sha256 = "{hash_of("ann's key")}"
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "accounts.toml"
    path.write_text(ANN)
    return path


def test_an_account_is_found_by_its_key_and_by_no_other(file):
    accounts = Accounts(file)
    assert accounts.with_key("ann's key")[0] == "ann"
    for wrong in ("", "ann's ke", "ann's key ", hash_of("ann's key"), "\ud800"):
        assert accounts.with_key(wrong) is None


def test_a_change_of_the_file_holds_from_the_next_look_on(file):
    accounts = Accounts(file)
    file.write_text(ANN + "disabled = true\n")
    assert accounts.named("ann").disabled
    file.write_text("")
    assert accounts.named("ann") is None


@pytest.mark.parametrize("broken", ["[ann", "[ann]\n", ANN + "typo = 1\n", "\xff"])
def test_a_broken_change_is_logged_and_leaves_the_accounts_as_they_were(file, caplog, broken):
    accounts = Accounts(file)
    file.write_text(broken, encoding="latin-1")
    assert accounts.with_key("ann's key")[0] == "ann"
    assert str(file) in caplog.text
    file.write_text("")
    assert accounts.with_key("ann's key") is None


def test_without_its_file_the_server_is_closed_until_it_is_back(file, caplog):
    accounts = Accounts(file)
    file.unlink()
    assert accounts.with_key("ann's key") is None
    assert accounts.named("ann") is None
    assert f"{file}" in caplog.text
    file.write_text(ANN)
    assert accounts.with_key("ann's key")[0] == "ann"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[ann", "cannot be read"),
        ("[ann]\n", "ann.key_sha256: Field required"),
        ("[ann]\nkey_sha256 = 'the key itself'", "ann.key_sha256: String should match pattern"),
        (ANN + "operations = ['sing']", "'text-to-speech' or 'voice-cloning'"),
        (ANN + "requests_per_minute = 0", "greater than or equal to 1"),
        (ANN + "colour = 'red'", "ann.colour: Extra inputs are not permitted"),
        (ANN.replace("[ann]", "['ann b']"), "should match pattern"),
    ],
)
def test_a_broken_file_stops_the_start_with_the_place_of_the_fault(tmp_path, content, sentence):
    file = tmp_path / "accounts.toml"
    file.write_text(content)
    with pytest.raises(StartError) as refusal:
        Accounts(file)
    assert str(file) in str(refusal.value)
    assert sentence in str(refusal.value)


def test_a_file_that_is_not_there_stops_the_start_and_says_how_to_make_it(tmp_path):
    with pytest.raises(StartError, match=r"voxcpm_space.api.access add"):
        Accounts(tmp_path / "none.toml")
