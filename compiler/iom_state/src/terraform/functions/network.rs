//! Addresses and networks.

use std::net::IpAddr;

use ipnet::IpNet;

use super::super::value::Value;
use super::{Computed, Stop, text_of, text_shape, texts, whole_of};

pub(super) fn call(name: &str, arguments: &[Value], offset: u32) -> Option<Computed> {
    Some(match (name, arguments) {
        ("cidrhost", [prefix, number]) => host(prefix, number),
        ("cidrnetmask", [prefix]) => network(prefix).and_then(|network| match network {
            IpNet::V4(network) => text_shape(network.netmask().to_string()),
            IpNet::V6(_) => Err(Stop::Wrong),
        }),
        ("cidrsubnet", [prefix, bits, number]) => network(prefix).and_then(|network| {
            let found = subnet(network, whole_of(bits)?, i128::from(whole_of(number)?))?;
            text_shape(found.to_string())
        }),
        ("cidrsubnets", [prefix, bits @ ..]) => subnets(prefix, bits, offset),
        ("cidrcontains", [outer, inner]) => contains(outer, inner),
        _ => return None,
    })
}

fn network(value: &Value) -> Result<IpNet, Stop> {
    let network: IpNet = text_of(value)?.parse().map_err(|_| Stop::Wrong)?;
    Ok(network.trunc())
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn address(bits: u128, like: IpNet) -> Result<IpAddr, Stop> {
    Ok(match like {
        IpNet::V4(_) => IpAddr::V4(u32::try_from(bits).map_err(|_| Stop::Wrong)?.into()),
        IpNet::V6(_) => IpAddr::V6(bits.into()),
    })
}

/// A negative number counts from the end.
fn host(prefix: &Value, number: &Value) -> Computed {
    let network = network(prefix)?;
    let number = i128::from(whole_of(number)?);
    let free = u32::from(network.max_prefix_len() - network.prefix_len());
    let count = if free >= 127 { i128::MAX } else { 1_i128 << free };
    let number = if number < 0 { count + number } else { number };
    if number < 0 || number >= count {
        return Err(Stop::Wrong);
    }
    let found = bits(network.network()).checked_add(number as u128).ok_or(Stop::Wrong)?;
    text_shape(address(found, network)?.to_string())
}

fn subnet(network: IpNet, more: i64, number: i128) -> Result<IpNet, Stop> {
    let length = i64::from(network.prefix_len()).saturating_add(more);
    let length =
        u8::try_from(length).ok().filter(|length| *length <= network.max_prefix_len()).ok_or(Stop::Wrong)?;
    let fits = (0..126).contains(&more) && number >= 0 && number < 1_i128 << more;
    if !fits {
        return Err(Stop::Wrong);
    }
    let shift = u32::from(network.max_prefix_len() - length);
    let moved = (number as u128).checked_shl(shift).unwrap_or(0);
    let found = address(bits(network.network()) | moved, network)?;
    IpNet::new(found, length).map_err(|_| Stop::Wrong)
}

/// Networks side by side, each with so many bits more.
fn subnets(prefix: &Value, more: &[Value], offset: u32) -> Computed {
    let network = network(prefix)?;
    let mut at = bits(network.network());
    let mut found = Vec::with_capacity(more.len());
    for more in more {
        let length = i64::from(network.prefix_len()).saturating_add(whole_of(more)?);
        let length = u8::try_from(length)
            .ok()
            .filter(|length| *length <= network.max_prefix_len())
            .ok_or(Stop::Wrong)?;
        let size = 1_u128.checked_shl(u32::from(network.max_prefix_len() - length)).ok_or(Stop::Wrong)?;
        let start = at.div_ceil(size).checked_mul(size).ok_or(Stop::Wrong)?;
        let one = IpNet::new(address(start, network)?, length).map_err(|_| Stop::Wrong)?;
        if !network.contains(&one) {
            return Err(Stop::Wrong);
        }
        found.push(one.to_string());
        at = start.checked_add(size).ok_or(Stop::Wrong)?;
    }
    Ok(texts(found, offset))
}

fn contains(outer: &Value, inner: &Value) -> Computed {
    let outer = network(outer)?;
    let inner = text_of(inner)?;
    let is_inside = match (inner.parse::<IpNet>(), inner.parse::<IpAddr>()) {
        (Ok(inner), _) => outer.contains(&inner),
        (_, Ok(inner)) => outer.contains(&inner),
        _ => return Err(Stop::Wrong),
    };
    Ok(super::super::value::Shape::Bool(is_inside))
}
