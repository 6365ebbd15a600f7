//! Servers and zones that change at random, in a plan and in what is running.

use iom_state::document::Layer;
use serde_json::{Value, json};

use super::super::common::Plan;
use super::files::{Files, SourceFile};

pub const NAMES: usize = 6;

/// Kept by the second source: what it says is stale some days after it was made.
const STAMPS: [&str; 3] = ["2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z", "2026-11-25T12:00:00Z"];

/// Numbers from a seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % count as u64) as usize
    }

    pub fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

#[derive(Clone)]
struct Server {
    number: usize,
    name: Option<usize>,
    peer: Option<usize>,
    live: Option<bool>,
    size: Option<Value>,
    next: Option<usize>,
    zone: Option<usize>,
    /// Its name is not known yet.
    is_unnamed: bool,
}

#[derive(Clone)]
pub struct Estate {
    /// As planned, and as they run.
    servers: [Vec<Server>; 2],
    zones: Vec<(usize, usize)>,
    /// Parts of zones, each with its zone and what it says.
    extras: Vec<(usize, usize)>,
    stamp: usize,
    is_pretty: bool,
    /// Sources say nothing beside their resources.
    is_plain: bool,
    next: usize,
}

impl Estate {
    pub fn new(dice: &mut Dice) -> Estate {
        let mut estate = Estate {
            servers: Default::default(),
            zones: (0..3).map(|number| (number, number % 2)).collect(),
            extras: (0..2).map(|number| (number, number)).collect(),
            stamp: 0,
            is_pretty: true,
            is_plain: true,
            next: 0,
        };
        (0..7).for_each(|_| estate.add(0, dice));
        (0..3).for_each(|_| estate.add(1, dice));
        estate
    }

    fn add(&mut self, source: usize, dice: &mut Dice) {
        // What runs has mostly been planned.
        let known = self.servers[0].get(dice.below(self.servers[0].len().max(1))).map(|server| server.number);
        let is_known =
            |number: &usize| source == 1 && self.servers[1].iter().all(|one| one.number != *number);
        let number = known.filter(is_known).unwrap_or(self.next);
        self.next += 1;
        let mut server = Server {
            number,
            name: None,
            peer: None,
            live: None,
            size: None,
            next: None,
            zone: None,
            is_unnamed: false,
        };
        (0..6).for_each(|field| self.set(&mut server, field, dice));
        let at = dice.below(self.servers[source].len() + 1);
        self.servers[source].insert(at, server);
    }

    fn set(&self, server: &mut Server, field: usize, dice: &mut Dice) {
        let is_said = !dice.chance(5);
        let name = dice.below(NAMES);
        let planned = &self.servers[0];
        match field {
            0 => {
                server.is_unnamed = dice.chance(8);
                server.name = is_said.then_some(name);
            }
            1 => server.peer = is_said.then_some(name),
            2 => server.live = is_said.then_some(dice.chance(2)),
            3 => {
                let sizes = [json!(0), json!(2), json!(5), json!("large"), json!(200)];
                server.size = is_said.then(|| sizes[dice.below(sizes.len())].clone());
            }
            4 => {
                let other = (!planned.is_empty()).then(|| planned[dice.below(planned.len())].number);
                server.next = other.filter(|_| is_said && dice.chance(2));
            }
            _ => server.zone = is_said.then(|| dice.below(4)),
        }
    }

    /// Changes one attribute of one server, or the tier of a zone; gives its source, its address and its values.
    pub fn change_object(&mut self, dice: &mut Dice) -> Option<(usize, String, Value)> {
        if dice.chance(8) {
            let extra = dice.below(self.extras.len());
            self.extras[extra] = (dice.below(4), dice.below(4));
            return Some((0, format!("zone_extra.e{extra}"), extra_values(self.extras[extra])));
        }
        if dice.chance(4) {
            let zone = dice.below(self.zones.len());
            self.zones[zone].1 = dice.below(3);
            return Some((0, format!("zone.z{}", self.zones[zone].0), zone_values(self.zones[zone])));
        }
        let source = usize::from(dice.chance(3));
        if self.servers[source].is_empty() {
            return None;
        }
        let position = dice.below(self.servers[source].len());
        let mut server = self.servers[source][position].clone();
        self.set(&mut server, dice.below(6), dice);
        let changed = (source, format!("server.s{}", server.number), server.values());
        self.servers[source][position] = server;
        Some(changed)
    }

    /// One change of the sources; says what it was.
    pub fn change(&mut self, dice: &mut Dice) -> &'static str {
        match dice.below(8) {
            0 => {
                let source = usize::from(dice.chance(3));
                if dice.chance(2) {
                    self.add(source, dice);
                } else if !self.servers[source].is_empty() {
                    let at = dice.below(self.servers[source].len());
                    self.servers[source].remove(at);
                }
                "a server more or less"
            }
            1 => {
                if dice.chance(3) {
                    self.is_plain = !self.is_plain;
                } else {
                    self.is_pretty = !self.is_pretty;
                }
                "how files are laid out"
            }
            2 => {
                self.stamp = dice.below(STAMPS.len());
                "when a source was made"
            }
            3..5 => {
                (0..3).for_each(|_| drop(self.change_object(dice)));
                "several objects"
            }
            _ => {
                self.change_object(dice);
                "an object"
            }
        }
    }

    pub fn files(&self) -> Files {
        let mut planned = self.plan(0);
        for zone in &self.zones {
            planned = planned.resource(&format!("zone.z{}", zone.0), zone_values(*zone));
        }
        for (number, extra) in self.extras.iter().enumerate() {
            planned = planned.resource(&format!("zone_extra.e{number}"), extra_values(*extra));
        }
        let mut running = self.plan(1).json();
        running["timestamp"] = json!(STAMPS[self.stamp]);
        let mut planned = planned.json();
        if self.is_plain {
            [&mut planned, &mut running].into_iter().for_each(plain);
        }
        let text = |plan: &Value| {
            let text =
                if self.is_pretty { serde_json::to_vec_pretty(plan) } else { serde_json::to_vec(plan) };
            text.expect("a plan")
        };
        let mut files = Files::of_plan(text(&planned));
        let mut second = SourceFile::new("running.json", Layer::Running, text(&running));
        second.fresh_for = Some(iom_model::Duration { months: 0, milliseconds: 5 * 86_400_000 });
        files.sources.push(second);
        files
    }

    fn plan(&self, source: usize) -> Plan {
        self.servers[source].iter().fold(Plan::new(), |plan, server| {
            let unknown = if server.is_unnamed { json!({ "name": true }) } else { json!({}) };
            plan.unknown(&format!("server.s{}", server.number), server.values(), unknown, json!({}))
        })
    }
}

/// Takes everything out of a plan beside its resources: such files are read piece by piece, and compared entry by entry when they
/// are written anew.
fn plain(plan: &mut Value) {
    let parts = plan.as_object_mut().expect("a plan");
    ["resource_changes", "configuration", "timestamp"].iter().for_each(|part| drop(parts.remove(*part)));
    let resources = plan["planned_values"]["root_module"]["resources"].as_array_mut().expect("a list");
    let addresses: Vec<Value> = resources.iter().map(|resource| resource["address"].clone()).collect();
    for (position, resource) in resources.iter_mut().enumerate().skip(1).step_by(2) {
        resource["depends_on"] = json!([addresses[position - 1]]);
    }
}

fn zone_values((number, tier): (usize, usize)) -> Value {
    let tier = ["gold", "silver", "lead"][tier];
    json!({ "id": format!("zone{number}"), "name": format!("n{number}"), "tier": tier })
}

fn extra_values((zone, extra): (usize, usize)) -> Value {
    json!({ "zone": format!("zone{zone}"), "extra": extra })
}

impl Server {
    /// What is known of it.
    fn values(&self) -> Value {
        let mut values = json!({ "id": format!("id{}", self.number) });
        let mut say = |field: &str, value: Option<Value>| {
            if let Some(value) = value {
                values[field] = value;
            }
        };
        say("name", self.name.filter(|_| !self.is_unnamed).map(|name| json!(format!("n{name}"))));
        say("peer", self.peer.map(|peer| json!(format!("n{peer}"))));
        say("live", self.live.map(Value::from));
        say("size", self.size.clone());
        say("next", self.next.map(|next| json!(format!("id{next}"))));
        say("zone", self.zone.map(|zone| json!(format!("zone{zone}"))));
        values
    }
}
