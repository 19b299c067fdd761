import pytest

from voxcpm_space.reference.targets import is_public, parse_targets

PUBLIC = ["93.184.216.34"]


def admits(hosts, host, port=443, addresses=PUBLIC):
    return any(target.admits(host, port, addresses) for target in parse_targets(hosts))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "127.0.0.1", "0.0.0.0"],
        *["100.64.0.1", "100.100.100.200", "100.127.255.255", "169.254.169.254", "168.63.129.16"],
        *["192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"],
        *["224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"],
        *["::1", "::", "::7f00:1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254"],
        *["fec0::1", "ff02::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1"],
        *["::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:0:7f00:1", "64:ff9b::a00:1"],
        *["64:ff9b::808:808", "64:ff9b:1::a00:1", "2002:a00:1::1", "2001:0:a00:1::1"],
    ],
)
def test_addresses_of_somebody_s_own_network(address):
    assert not is_public(address)


def test_by_default_every_public_host_is_open_on_the_ports_of_the_web():
    assert admits("*", "example.com", 443)
    assert admits("*", "example.com", 80)
    assert not admits("*", "example.com", 8080)
    assert not admits("*", "example.com", 443, ["10.0.0.1"])


def test_a_list_restricts_to_its_hosts():
    assert admits("cdn.example, Media.Example", "media.example")
    assert not admits("cdn.example", "other.example")
    assert not admits("cdn.example", "evil.cdn.example")


def test_a_port_is_opened_by_naming_it():
    assert admits("cdn.example:8080", "cdn.example", 8080)
    assert not admits("cdn.example:8080", "cdn.example", 443)
    assert admits("cdn.example:*", "cdn.example", 1)


def test_loopback_is_opened_by_name_and_other_networks_by_address():
    assert admits("*, localhost:9000", "localhost", 9000, ["127.0.0.1", "::1"])
    assert not admits("*, localhost:9000", "localhost", 9000, ["10.0.0.1"])
    assert admits("10.0.0.5", "10.0.0.5", 80, ["10.0.0.5"])
    assert admits("[::1]:9000", "::1", 9000, ["::1"])
    assert admits("[::1]", "::1", 80, ["::1"])


def test_a_listed_name_that_a_name_server_points_inward_stays_closed():
    assert not admits("cdn.example", "cdn.example", 443, ["10.0.0.1"])
    assert not admits("cdn.example, 10.0.0.1", "cdn.example", 443, ["10.0.0.1"])
