//! Ports with their protocol, as firewalls and security groups state them.

use std::fmt;

/// The transport a rule is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Protocol {
    /// Port numbers alone, as in `{80, 443}`: any protocol that has ports.
    Unsaid,
    /// Every protocol, which leaves port numbers without meaning: `-1`, `all`.
    Every,
    Tcp,
    Udp,
    /// Type and code stand where other protocols have ports.
    Icmp,
    /// Any other protocol, in lower case: by name or number, as the source writes it.
    Other(String),
}

impl Protocol {
    /// Reads a name or an IANA number, without regard to case.
    pub fn parse(text: &str) -> Protocol {
        let text = text.trim().to_ascii_lowercase();
        match text.as_str() {
            "" | "*" | "any" => Protocol::Unsaid,
            "-1" | "all" => Protocol::Every,
            "tcp" | "6" => Protocol::Tcp,
            "udp" | "17" => Protocol::Udp,
            "icmp" | "1" | "icmpv6" | "icmp6" | "58" => Protocol::Icmp,
            _ => Protocol::Other(text),
        }
    }

    fn name(&self) -> &str {
        match self {
            Protocol::Unsaid => "",
            Protocol::Every => "all",
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
            Protocol::Icmp => "icmp",
            Protocol::Other(name) => name,
        }
    }

    /// Traffic of this protocol is told apart by port numbers.
    fn has_ports(&self) -> bool {
        match self {
            Protocol::Unsaid | Protocol::Every | Protocol::Tcp | Protocol::Udp => true,
            Protocol::Icmp => false,
            Protocol::Other(name) => {
                matches!(name.as_str(), "sctp" | "132" | "dccp" | "33" | "udplite" | "136")
            }
        }
    }

    /// Whether a rule for `self` lets through all that one for `other` does, ports aside.
    fn admits(&self, other: &Protocol) -> bool {
        match self {
            Protocol::Every => true,
            Protocol::Unsaid => *other != Protocol::Every && other.has_ports(),
            _ => self == other,
        }
    }
}

/// What a rule lets through: a protocol and ranges of ports, sorted, neither touching nor overlapping.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ports {
    protocol: Protocol,
    /// Empty for protocols without ports.
    ranges: Vec<(u16, u16)>,
}

const EVERY_PORT: (u16, u16) = (0, u16::MAX);

impl Ports {
    /// Everything: every protocol and every port.
    pub fn everything() -> Ports {
        Ports { protocol: Protocol::Every, ranges: vec![EVERY_PORT] }
    }

    /// One port, of any protocol.
    pub fn single_port(port: u16) -> Ports {
        Ports { protocol: Protocol::Unsaid, ranges: vec![(port, port)] }
    }

    /// Ranges of any protocol.
    pub fn from_ranges(ranges: impl IntoIterator<Item = (u16, u16)>) -> Ports {
        Ports { protocol: Protocol::Unsaid, ranges: joined(ranges.into_iter().collect()) }
    }

    /// As rules of clouds state them: a protocol (name, number, or none), the first and the last port.
    ///
    /// With the protocol `-1` or `all`, the numbers mean nothing and everything is let through. With tcp and udp, `0` to `0`
    /// is port 0 alone, and a port that is not given is no limit at that end; `-1` counts as not given.
    /// Other protocols have no ports.
    pub fn from_rule(protocol: Option<&str>, from: Option<i64>, to: Option<i64>) -> Ports {
        let protocol = protocol.map_or(Protocol::Unsaid, Protocol::parse);
        if protocol == Protocol::Every {
            return Ports::everything();
        }
        if !protocol.has_ports() {
            return Ports { protocol, ranges: Vec::new() };
        }
        let low = from.filter(|&port| port >= 0);
        let high = to.filter(|&port| port >= 0);
        let range = match (low, high) {
            (None, None) => Some(EVERY_PORT),
            (Some(low), None) => port(low).map(|low| (low, if to.is_none() { low } else { u16::MAX })),
            (None, Some(high)) => port(high).map(|high| (0, high)),
            (Some(low), Some(high)) => port(low).map(|low| (low, port(high).unwrap_or(u16::MAX))),
        };
        // Ends the wrong way round let nothing through.
        let ranges = range.into_iter().filter(|(low, high)| low <= high).collect();
        Ports { protocol, ranges }
    }

    /// Reads `80`, `80-90`, `22,80-90`, `tcp/80`, `all`, `*`.
    pub fn parse(text: &str) -> Result<Ports, String> {
        let text = text.trim();
        match text.to_ascii_lowercase().as_str() {
            "all" | "-1" => return Ok(Ports::everything()),
            "*" | "any" => return Ok(Ports::from_ranges([EVERY_PORT])),
            _ => {}
        }
        let (protocol, numbers) = match text.split_once(['/', ':']) {
            Some((protocol, numbers)) => (Protocol::parse(protocol), numbers),
            None => (Protocol::Unsaid, text),
        };
        if !protocol.has_ports() {
            return Err(format!("\"{text}\" is no ports: {} has none", protocol.name()));
        }
        let mut ranges = Vec::new();
        for part in numbers.split(',') {
            let part = part.trim();
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            let (low, high) = (parse_port(low.trim(), text)?, parse_port(high.trim(), text)?);
            if low > high {
                return Err(format!("\"{text}\" is no ports: {low} is greater than {high}"));
            }
            ranges.push((low, high));
        }
        Ok(Ports { protocol, ranges: joined(ranges) })
    }

    pub fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// Ranges of ports, sorted, both ends inclusive. None for protocols without ports.
    pub fn ranges(&self) -> &[(u16, u16)] {
        &self.ranges
    }

    /// The port, where there is exactly one.
    pub fn single(&self) -> Option<u16> {
        match self.ranges[..] {
            [(low, high)] if low == high => Some(low),
            _ => None,
        }
    }

    /// No traffic at all: only a range whose ends are the wrong way round.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty() && self.protocol.has_ports()
    }

    /// Every port of the protocol: `-1`, or 0 to 65535 (1 to 65535 as well, nothing listens on port 0).
    pub fn is_all(&self) -> bool {
        matches!(self.ranges[..], [(low, u16::MAX)] if low <= 1)
    }

    /// Every protocol, whatever the port.
    pub fn is_every_protocol(&self) -> bool {
        self.protocol == Protocol::Every
    }

    /// Lets this port through, by any protocol.
    pub fn contains(&self, port: u16) -> bool {
        self.overlaps_range(port, port)
    }

    /// Lets a port from `low` to `high` through, by any protocol.
    pub fn overlaps_range(&self, low: u16, high: u16) -> bool {
        self.ranges.iter().any(|range| range.0 <= high && low <= range.1)
    }

    /// Lets every port from `low` to `high` through.
    pub fn covers_range(&self, low: u16, high: u16) -> bool {
        self.ranges.iter().any(|range| range.0 <= low && high <= range.1)
    }

    /// Some traffic is in both.
    pub fn overlaps(&self, other: &Ports) -> bool {
        let protocols = self.protocol.admits(&other.protocol) || other.protocol.admits(&self.protocol);
        let without_ports = !self.protocol.has_ports() || !other.protocol.has_ports();
        protocols && (without_ports || other.ranges.iter().any(|&(low, high)| self.overlaps_range(low, high)))
    }

    /// All that this lets through is let through by `other` too. A protocol without ports, and every protocol at once, is
    /// never within a set of port numbers.
    pub fn within(&self, other: &Ports) -> bool {
        other.protocol.admits(&self.protocol)
            && (other.protocol == Protocol::Every
                || self.ranges.iter().all(|&(low, high)| other.covers_range(low, high)))
    }
}

/// `tcp 80-90`, `443`, `all`, `icmp`.
impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.protocol == Protocol::Every || self.protocol == Protocol::Unsaid && self.is_all() {
            return f.write_str("all");
        }
        f.write_str(self.protocol.name())?;
        let mut separator = if self.protocol == Protocol::Unsaid { "" } else { " " };
        for (low, high) in &self.ranges {
            f.write_str(separator)?;
            separator = ", ";
            if low == high {
                write!(f, "{low}")?;
            } else {
                write!(f, "{low}-{high}")?;
            }
        }
        Ok(())
    }
}

/// Reads a port number, 0 to 65535.
pub fn parse_port(number: &str, whole: &str) -> Result<u16, String> {
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("\"{whole}\" is no port: write a number from 0 to 65535"));
    }
    number.parse().map_err(|_| format!("\"{whole}\" is no port: the greatest is 65535"))
}

fn port(number: i64) -> Option<u16> {
    u16::try_from(number).ok()
}

fn joined(mut ranges: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    ranges.sort_unstable();
    let mut result: Vec<(u16, u16)> = Vec::with_capacity(ranges.len());
    for (low, high) in ranges {
        match result.last_mut() {
            Some(last) if u32::from(low) <= u32::from(last.1) + 1 => last.1 = last.1.max(high),
            _ => result.push((low, high)),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(protocol: &str, from: i64, to: i64) -> Ports {
        Ports::from_rule(Some(protocol), Some(from), Some(to))
    }

    #[test]
    fn zero_to_zero_is_everything_only_with_every_protocol() {
        assert!(rule("-1", 0, 0).is_all());
        assert!(rule("-1", 0, 0).contains(22));
        assert!(rule("all", 443, 443).contains(22));
        assert!(!rule("tcp", 0, 0).contains(22));
        assert_eq!(rule("tcp", 0, 0).single(), Some(0));
        assert!(rule("tcp", 0, 65535).is_all());
        assert!(!rule("tcp", 0, 65535).is_every_protocol());
        assert!(rule("6", 1, 65535).is_all());
    }

    #[test]
    fn icmp_has_types_not_ports() {
        let ping = rule("icmp", 8, 0);
        assert!(!ping.contains(8));
        assert!(!ping.is_all());
        assert!(!ping.is_empty());
        assert!(!ping.within(&Ports::from_ranges([(80, 80)])));
        assert_eq!(ping.to_string(), "icmp");
    }

    #[test]
    fn ports_that_are_not_given_are_no_limit() {
        assert!(Ports::from_rule(Some("tcp"), None, None).is_all());
        assert!(Ports::from_rule(None, None, None).is_all());
        assert!(rule("tcp", -1, -1).is_all());
        assert_eq!(Ports::from_rule(Some("tcp"), Some(22), None).single(), Some(22));
        assert!(rule("tcp", 90, 80).is_empty());
        assert!(rule("tcp", 70000, 70000).is_empty());
    }

    #[test]
    fn algebra() {
        let web = Ports::parse("80,443").unwrap();
        assert!(rule("tcp", 80, 80).within(&web));
        assert!(!rule("tcp", 79, 81).within(&web));
        assert!(!rule("-1", 0, 0).within(&web));
        assert!(rule("tcp", 442, 444).overlaps(&web));
        assert!(rule("-1", 0, 0).overlaps(&web));
        assert!(!rule("icmp", 8, 0).overlaps(&web));
        assert!(rule("udp", 53, 53).within(&Ports::everything()));
        assert!(!rule("udp", 53, 53).within(&rule("tcp", 53, 53)));
        assert!(rule("tcp", 8000, 9000).overlaps_range(8999, 9999));
    }

    #[test]
    fn reads_and_prints() {
        for (text, shown) in [
            ("80", "80"),
            ("80-90", "80-90"),
            ("443, 80", "80, 443"),
            ("80,81", "80-81"),
            ("tcp/22", "tcp 22"),
        ] {
            assert_eq!(Ports::parse(text).unwrap().to_string(), shown);
        }
        assert_eq!(Ports::parse("all").unwrap().to_string(), "all");
        assert_eq!(rule("tcp", 20, 22).to_string(), "tcp 20-22");
        assert_eq!(Ports::parse("70000").unwrap_err(), "\"70000\" is no port: the greatest is 65535");
        assert_eq!(Ports::parse("90-80").unwrap_err(), "\"90-80\" is no ports: 90 is greater than 80");
        assert!(Ports::parse("").is_err());
        assert!(Ports::parse("icmp/8").is_err());
    }
}
