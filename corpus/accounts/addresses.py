"""Where requests come from, as far as addresses tell."""

from ipaddress import IPv6Address, ip_address


def loops_back(address: str) -> bool:
    """Whether an address leads from this machine to this machine only, whatever a name server says."""
    if address == "localhost":
        return True
    try:
        found = ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (mapped or found).is_loopback


def network(address: str) -> str:
    """Whoever may have an address: itself, or the /64 around one of IPv6, for a subscriber has all of that."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:60]
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        found = IPv6Address(int(found) >> 64 << 64)
    return str(found)
