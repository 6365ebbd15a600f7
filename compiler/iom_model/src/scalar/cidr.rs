//! Sets of IP addresses: one prefix, one address, and every union of them, over both address families.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Addresses as sorted ranges that neither touch nor overlap, so that equal sets are equal values.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct CidrSet {
    v4: Vec<(u32, u32)>,
    v6: Vec<(u128, u128)>,
}

/// Address blocks that are not part of the public internet, after the IANA special-purpose registry.
const NOT_PUBLIC_V4: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
];

/// Public IPv6 addresses are handed out of one block; the documentation and benchmarking blocks in it are not public.
const PUBLIC_V6: &str = "2000::/3";
const NOT_PUBLIC_V6: &[&str] = &["2001:2::/48", "2001:db8::/32", "3fff::/20"];

/// Addresses only reachable from inside: private use, shared, loopback and link-local.
const PRIVATE: &[&str] = &[
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
];

impl CidrSet {
    /// Reads one prefix (`10.0.0.0/8`, `::/0`) or one address. Bits after the prefix are ignored, as clouds do.
    pub fn parse(text: &str) -> Result<CidrSet, String> {
        let text = text.trim();
        let Some((address, prefix)) = text.split_once('/') else {
            return match text.parse::<IpAddr>() {
                Ok(address) => Ok(CidrSet::of(IpNet::from(address))),
                Err(_) => Err(format!("\"{text}\" is no CIDR: write it like 10.0.0.0/8 or 2001:db8::/32")),
            };
        };
        let address: IpAddr =
            address.parse().map_err(|_| format!("\"{text}\" is no CIDR: \"{address}\" is no IP address"))?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = prefix
            .parse::<u8>()
            .ok()
            .filter(|_| prefix.bytes().all(|byte| byte.is_ascii_digit()))
            .ok_or_else(|| {
            format!("\"{text}\" is no CIDR: the prefix \"{prefix}\" is no number up to {most}")
        })?;
        IpNet::new(address, length)
            .map(CidrSet::of)
            .map_err(|_| format!("\"{text}\" is no CIDR: the prefix is at most {most}"))
    }

    /// Reads one address, without a prefix.
    pub fn parse_address(text: &str) -> Result<IpAddr, String> {
        text.trim().parse().map_err(|_| format!("\"{text}\" is no IP address"))
    }

    /// The addresses of one prefix.
    pub fn of(net: IpNet) -> CidrSet {
        match net {
            IpNet::V4(net) => {
                CidrSet { v4: vec![(u32::from(net.network()), u32::from(net.broadcast()))], v6: Vec::new() }
            }
            IpNet::V6(net) => {
                CidrSet { v4: Vec::new(), v6: vec![(u128::from(net.network()), u128::from(net.broadcast()))] }
            }
        }
    }

    /// A single address.
    pub fn of_address(address: IpAddr) -> CidrSet {
        CidrSet::of(IpNet::from(address))
    }

    /// Every address of both families.
    pub fn everything() -> CidrSet {
        CidrSet { v4: vec![(0, u32::MAX)], v6: vec![(0, u128::MAX)] }
    }

    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    pub fn union(&self, other: &CidrSet) -> CidrSet {
        CidrSet {
            v4: joined(self.v4.iter().chain(&other.v4).copied().collect()),
            v6: joined(self.v6.iter().chain(&other.v6).copied().collect()),
        }
    }

    /// The union of many sets, in one pass.
    pub fn union_of<'a>(sets: impl IntoIterator<Item = &'a CidrSet>) -> CidrSet {
        let mut all = CidrSet::default();
        for set in sets {
            all.v4.extend_from_slice(&set.v4);
            all.v6.extend_from_slice(&set.v6);
        }
        CidrSet { v4: joined(all.v4), v6: joined(all.v6) }
    }

    /// Every address of `other` is in this set; true for an empty `other`.
    pub fn covers(&self, other: &CidrSet) -> bool {
        covers(&self.v4, &other.v4) && covers(&self.v6, &other.v6)
    }

    /// The two sets have an address in common.
    pub fn overlaps(&self, other: &CidrSet) -> bool {
        overlaps(&self.v4, &other.v4) || overlaps(&self.v6, &other.v6)
    }

    /// The ranges of addresses, both ends inclusive, each with whether it is of IPv6: sorted, without common addresses.
    pub fn ranges(&self) -> impl Iterator<Item = (bool, u128, u128)> + '_ {
        let v4 = self.v4.iter().map(|(low, high)| (false, u128::from(*low), u128::from(*high)));
        v4.chain(self.v6.iter().map(|(low, high)| (true, *low, *high)))
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        self.covers(&CidrSet::of_address(address))
    }

    /// The addresses of this set that are not in `other`.
    pub fn without(&self, other: &CidrSet) -> CidrSet {
        CidrSet { v4: without(&self.v4, &other.v4), v6: without(&self.v6, &other.v6) }
    }

    /// Every address is for private use, shared, loopback or link-local.
    pub fn is_private(&self) -> bool {
        static SET: LazyLock<CidrSet> = LazyLock::new(|| known(PRIVATE));
        SET.covers(self)
    }

    /// `covers internet`: the set has all public addresses of at least one family, in one piece or in several.
    pub fn covers_internet(&self) -> bool {
        let public = public();
        (!self.v4.is_empty() && covers(&self.v4, &public.v4))
            || (!self.v6.is_empty() && covers(&self.v6, &public.v6))
    }

    /// `overlaps internet`: at least one address is public.
    pub fn overlaps_internet(&self) -> bool {
        self.overlaps(public())
    }

    /// The fewest prefixes that make up the set, IPv4 first, in order.
    pub fn prefixes(&self) -> Vec<IpNet> {
        let mut prefixes = Vec::new();
        for &(low, high) in &self.v4 {
            let nets = ipnet::Ipv4Subnets::new(Ipv4Addr::from(low), Ipv4Addr::from(high), 0);
            prefixes.extend(nets.map(|net: Ipv4Net| IpNet::V4(net)));
        }
        for &(low, high) in &self.v6 {
            let nets = ipnet::Ipv6Subnets::new(Ipv6Addr::from(low), Ipv6Addr::from(high), 0);
            prefixes.extend(nets.map(|net: Ipv6Net| IpNet::V6(net)));
        }
        prefixes
    }
}

/// The prefixes, separated by commas; one address keeps its prefix length (`/32`).
impl fmt::Display for CidrSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, prefix) in self.prefixes().iter().enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{prefix}")?;
        }
        Ok(())
    }
}

/// The public addresses of both families.
fn public() -> &'static CidrSet {
    static SET: LazyLock<CidrSet> = LazyLock::new(|| {
        let v4 = known(&["0.0.0.0/0"]).without(&known(NOT_PUBLIC_V4));
        v4.union(&known(&[PUBLIC_V6]).without(&known(NOT_PUBLIC_V6)))
    });
    &SET
}

/// The union of prefixes written in this file; one that does not parse would be left out, and the tests would tell.
fn known(texts: &[&str]) -> CidrSet {
    let sets: Vec<CidrSet> = texts.iter().filter_map(|text| CidrSet::parse(text).ok()).collect();
    CidrSet::union_of(&sets)
}

/// What the range algebra needs of a number: its neighbours, without overflow.
trait Address: Copy + Ord {
    fn next(self) -> Option<Self>;
    fn previous(self) -> Option<Self>;
}

impl Address for u32 {
    fn next(self) -> Option<u32> {
        self.checked_add(1)
    }
    fn previous(self) -> Option<u32> {
        self.checked_sub(1)
    }
}

impl Address for u128 {
    fn next(self) -> Option<u128> {
        self.checked_add(1)
    }
    fn previous(self) -> Option<u128> {
        self.checked_sub(1)
    }
}

fn joined<A: Address>(mut ranges: Vec<(A, A)>) -> Vec<(A, A)> {
    ranges.sort_unstable();
    let mut result: Vec<(A, A)> = Vec::with_capacity(ranges.len());
    for (low, high) in ranges {
        match result.last_mut() {
            // `next` fails only at the last address: everything after it is inside.
            Some(last) if last.1.next().is_none_or(|next| low <= next) => last.1 = last.1.max(high),
            _ => result.push((low, high)),
        }
    }
    result
}

fn covers<A: Address>(ranges: &[(A, A)], others: &[(A, A)]) -> bool {
    others.iter().all(|other| ranges.iter().any(|range| range.0 <= other.0 && other.1 <= range.1))
}

fn overlaps<A: Address>(ranges: &[(A, A)], others: &[(A, A)]) -> bool {
    others.iter().any(|other| ranges.iter().any(|range| range.0 <= other.1 && other.0 <= range.1))
}

fn without<A: Address>(ranges: &[(A, A)], others: &[(A, A)]) -> Vec<(A, A)> {
    let mut result = Vec::new();
    for &(low, high) in ranges {
        let mut start = Some(low);
        for &(cut_low, cut_high) in others {
            let Some(from) = start else { break };
            if cut_high < from || cut_low > high {
                continue;
            }
            if let Some(end) = cut_low.previous()
                && from <= end
            {
                result.push((from, end));
            }
            start = cut_high.next();
        }
        if let Some(from) = start
            && from <= high
        {
            result.push((from, high));
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(texts: &[&str]) -> CidrSet {
        CidrSet::union_of(&texts.iter().map(|text| CidrSet::parse(text).unwrap()).collect::<Vec<_>>())
    }

    #[test]
    fn reasons_are_in_plain_words() {
        for (text, reason) in [
            ("10.0.0.0/33", "\"10.0.0.0/33\" is no CIDR: the prefix is at most 32"),
            ("::/129", "\"::/129\" is no CIDR: the prefix is at most 128"),
            ("10.0.0/8", "\"10.0.0/8\" is no CIDR: \"10.0.0\" is no IP address"),
            ("10.0.0.0/x", "\"10.0.0.0/x\" is no CIDR: the prefix \"x\" is no number up to 32"),
            ("anywhere", "\"anywhere\" is no CIDR: write it like 10.0.0.0/8 or 2001:db8::/32"),
        ] {
            assert_eq!(CidrSet::parse(text).unwrap_err(), reason);
        }
    }

    #[test]
    fn the_tables_of_this_file_parse() {
        for table in [NOT_PUBLIC_V4, NOT_PUBLIC_V6, PRIVATE, &[PUBLIC_V6]] {
            for text in table {
                CidrSet::parse(text).unwrap();
            }
        }
    }

    #[test]
    fn the_internet_is_covered_whole_or_in_pieces() {
        assert!(set(&["0.0.0.0/0"]).covers_internet());
        assert!(set(&["::/0"]).covers_internet());
        assert!(set(&["0.0.0.0/1", "128.0.0.0/1"]).covers_internet());
        assert!(set(&["10.0.0.0/8", "::/0"]).covers_internet());
        assert!(!set(&["0.0.0.0/1"]).covers_internet());
        assert!(!set(&["10.0.0.0/8", "192.168.0.0/16"]).covers_internet());
        assert!(!CidrSet::default().covers_internet());
        // Everything but the private ranges is still everything public.
        let public = set(&["0.0.0.0/0"]).without(&set(&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]));
        assert!(public.covers_internet());
        assert!(!public.without(&set(&["8.8.8.0/24"])).covers_internet());
        assert!(set(&["2000::/3"]).covers_internet());
    }

    #[test]
    fn algebra() {
        assert!(set(&["10.0.0.0/8"]).covers(&set(&["10.1.0.0/16", "10.2.3.4"])));
        assert!(!set(&["10.0.0.0/8"]).covers(&set(&["11.0.0.0/8"])));
        assert!(set(&["10.0.0.0/8"]).overlaps(&set(&["10.255.255.255"])));
        assert!(!set(&["0.0.0.0/0"]).overlaps(&set(&["::/0"])));
        assert!(set(&["10.0.0.0/8"]).contains("10.9.9.9".parse().unwrap()));
        assert_eq!(set(&["10.0.0.0/9", "10.128.0.0/9"]), set(&["10.0.0.0/8"]));
        assert_eq!(set(&["0.0.0.0/0", "255.255.255.255"]), set(&["0.0.0.0/0"]));
        assert_eq!(set(&["::/0"]).without(&set(&["::/0"])), CidrSet::default());
    }

    #[test]
    fn private_means_every_address() {
        assert!(set(&["10.1.0.0/16", "fd00::/8"]).is_private());
        assert!(!set(&["10.1.0.0/16", "8.8.8.8"]).is_private());
        assert!(!set(&["172.0.0.0/8"]).is_private());
        assert!(set(&["10.1.0.0/16", "8.8.8.8"]).overlaps_internet());
    }

    #[test]
    fn shown_as_prefixes() {
        assert_eq!(set(&["10.0.0.5/8"]).to_string(), "10.0.0.0/8");
        assert_eq!(set(&["0.0.0.0/0", "::/0"]).to_string(), "0.0.0.0/0, ::/0");
        assert_eq!(set(&["10.0.0.1", "10.0.0.2"]).to_string(), "10.0.0.1/32, 10.0.0.2/32");
    }
}
