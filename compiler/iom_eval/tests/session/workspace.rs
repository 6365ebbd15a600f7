//! A workspace that changes at random: rules in text, servers and zones in a plan.

use std::fmt::Write;

use serde_json::{Value, json};

use super::super::common::Plan;

/// Numbers from a seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % count as u64) as usize
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

#[derive(Clone)]
struct Policy {
    number: usize,
    rule: usize,
    wording: usize,
    mode: usize,
    severity: usize,
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
pub struct Workspace {
    policies: Vec<Policy>,
    exceptions: Vec<(usize, usize, usize)>,
    limit: usize,
    function: usize,
    derive: usize,
    bonus: usize,
    blank_lines: usize,
    servers: Vec<Server>,
    zones: Vec<(usize, usize)>,
    next: usize,
}

/// Rules about servers; `LIMIT` is written anew by edits.
const RULES: &[&str] = &[
    "for s: Server { require any o in Server: o.name == s.peer and o.live == true MESSAGE }",
    "for s: Server { require none o in Server: o.live == true and s.peer == o.name MESSAGE }",
    "for s: Server { require a: s.live == true MESSAGE  require b: s.size > LIMIT MESSAGE }",
    "for s: Server where s.size > 1 { require size(Server where .name == s.peer) < LIMIT MESSAGE }",
    "for s: Server for o in Server where o.name == s.peer { require o.size > limit MESSAGE }",
    "for s: Server { require none o in Server: o.next == s MESSAGE }",
    "for s: Server { require none d in upstream(s): match d { Server t => t.live == false  _ => false } MESSAGE }",
    "for s: Server { require all d in downstream(s): match d { Server t => (t.live ?? true)  _ => true } MESSAGE }",
    "for s: Server { require s.zone.tier == gold or s.weight < LIMIT MESSAGE }",
    "for s: Server { require s.weight < limit MESSAGE }",
    "for s: Server { require fits(s.size, LIMIT) MESSAGE }",
    "for g: Server by .zone { require size(g.items) < LIMIT MESSAGE }",
    "for z: Zone { require size(referrers(z, Server)) < LIMIT MESSAGE }",
    "for z: Zone { require size(Server) < LIMIT and all s in Server: not (s.zone == z) or s.live == true MESSAGE }",
    "for s: Server { require s.next is absent or s.next.name == s.name MESSAGE }",
    "for s: Server { require (Zone named (s.name ?? \"none\")) is absent MESSAGE }",
    "for s: Server { require now < 2026-12-0DAY or s.live == true MESSAGE }",
    "for s: Server { require now - 2026-11-22 < LIMIT0d or s.live == true MESSAGE }",
    "for s: Server { require \"{s.name ?? \"none\"}-x\" != \"nLIMIT-x\" MESSAGE }",
    "for s: Server { require total < LIMIT0 MESSAGE }",
];

const NAMES: usize = 6;

impl Workspace {
    pub fn new(dice: &mut Dice) -> Workspace {
        let mut workspace = Workspace {
            policies: Vec::new(),
            exceptions: Vec::new(),
            limit: 3,
            function: 0,
            derive: 0,
            bonus: 0,
            blank_lines: 0,
            servers: Vec::new(),
            zones: (0..3).map(|number| (number, number % 2)).collect(),
            next: 0,
        };
        (0..6).for_each(|_| workspace.add_policy(dice));
        (0..8).for_each(|_| workspace.add_server(dice));
        workspace
    }

    fn add_policy(&mut self, dice: &mut Dice) {
        self.next += 1;
        let policy = Policy {
            number: self.next,
            rule: dice.below(RULES.len()),
            wording: dice.below(8),
            mode: dice.below(4),
            severity: dice.below(3),
        };
        self.policies.push(policy);
    }

    fn add_server(&mut self, dice: &mut Dice) {
        self.next += 1;
        let mut server = Server {
            number: self.next,
            name: None,
            peer: None,
            live: None,
            size: None,
            next: None,
            zone: None,
            is_unnamed: false,
        };
        (0..6).for_each(|field| self.set(&mut server, field, dice));
        let at = dice.below(self.servers.len() + 1);
        self.servers.insert(at, server);
    }

    fn set(&self, server: &mut Server, field: usize, dice: &mut Dice) {
        let is_said = !dice.chance(5);
        let name = dice.below(NAMES);
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
                let other =
                    (!self.servers.is_empty()).then(|| self.servers[dice.below(self.servers.len())].number);
                server.next = other.filter(|_| is_said && dice.chance(2));
            }
            _ => server.zone = is_said.then(|| dice.below(4)),
        }
    }

    /// Changes one attribute of one server; gives its address and its values.
    pub fn change_server(&mut self, dice: &mut Dice) -> Option<(String, Value)> {
        if self.servers.is_empty() {
            return None;
        }
        let position = dice.below(self.servers.len());
        let mut server = self.servers[position].clone();
        self.set(&mut server, dice.below(6), dice);
        let address = format!("server.s{}", server.number);
        let values = server.values();
        self.servers[position] = server;
        Some((address, values))
    }

    /// Changes the tier of one zone; gives its address and its values.
    pub fn change_zone(&mut self, dice: &mut Dice) -> (String, Value) {
        let zone = dice.below(self.zones.len());
        self.zones[zone].1 = dice.below(3);
        (format!("zone.z{}", self.zones[zone].0), zone_values(self.zones[zone]))
    }

    /// One change of the rules or of the servers; says what it was, and whether of the sources.
    pub fn change(&mut self, dice: &mut Dice) -> (&'static str, bool) {
        let policy = dice.below(self.policies.len());
        match dice.below(19) {
            0..3 => {
                self.policies[policy].rule = dice.below(RULES.len());
                ("a rule", false)
            }
            3..5 => {
                self.policies[policy].wording = dice.below(8);
                ("a message", false)
            }
            5..7 => {
                self.policies[policy].mode = dice.below(4);
                ("a mode", false)
            }
            7 => {
                self.policies[policy].severity = dice.below(3);
                ("a severity", false)
            }
            8..10 => {
                let number = self.policies[policy].number;
                self.exceptions.retain(|(_, policy, _)| *policy != number);
                if dice.chance(2) {
                    self.next += 1;
                    self.exceptions.push((self.next, number, dice.below(NAMES)));
                }
                ("an exception", false)
            }
            10 => {
                self.limit = dice.below(9);
                ("a constant", false)
            }
            11 => {
                self.function = dice.below(4);
                self.bonus = dice.below(3);
                ("a function", false)
            }
            12 => {
                if dice.chance(2) {
                    self.add_policy(dice);
                } else if self.policies.len() > 2 {
                    let gone = self.policies.remove(policy);
                    self.exceptions.retain(|(_, policy, _)| *policy != gone.number);
                }
                ("a policy more or less", false)
            }
            13 => {
                self.blank_lines = dice.below(3);
                ("a blank line", false)
            }
            14 => {
                self.derive = dice.below(3);
                ("a computed field", false)
            }
            15 => {
                if dice.chance(2) {
                    self.add_server(dice);
                } else if !self.servers.is_empty() {
                    let at = dice.below(self.servers.len());
                    self.servers.remove(at);
                }
                ("a server more or less", true)
            }
            16 => {
                self.change_zone(dice);
                ("a zone", true)
            }
            _ => {
                self.change_server(dice);
                ("a server", true)
            }
        }
    }

    pub fn rules(&self) -> String {
        let mut text = "\n".repeat(self.blank_lines);
        let weight = [".size * 2", "(.size + bonus) * 2", ".size + (.zone?.extra ?? 0)"][self.derive];
        let fits = ["a < b", "a < b + limit", "a > b", "a < twice(b)"][self.function];
        let _ = write!(
            text,
            r#"
const limit: int = {limit}
const bonus: int = {bonus}
const total: int = sum([for s in Server: s.size ?? 0])
fn twice(n: int): int = n * 2
fn fits(a: int, b: int): bool = {fits}
kind Zone : Resource {{
  name: string
  tier: gold | silver | bronze
  extra: int?
  identity (name)
  from terraform "zone" {{ key .id  name: .name  tier: .tier  extra: .extra  tags: .tags }}
}}
kind Server : Resource {{
  name: string
  peer: string?
  live: bool
  size: int in 0..100
  next: ref Server?
  zone: ref Zone?
  derive weight: int = {weight}
  from terraform "server" {{
    key .id  name: .name  peer: .peer  live: .live  size: .size  next: ref .next  zone: ref .zone  tags: .tags
  }}
}}
"#,
            limit = self.limit,
            bonus = self.bonus,
        );
        for policy in &self.policies {
            self.policy(policy, &mut text);
        }
        for (number, policy, name) in &self.exceptions {
            let _ = write!(
                text,
                "exception e{number} {{\n  policy: p{policy}\n  target: Server where .name == \"n{name}\"\n  \
                 reason: \"r{name}\"\n  approved_by: [ciso]\n  opened: 2026-10-01\n  expires: 2026-12-0{}\n}}\n",
                name + 1,
            );
        }
        text.push_str("resource ciso: org.Person {  }\n");
        text
    }

    fn policy(&self, policy: &Policy, text: &mut String) {
        let message = ["", "else \"{SUBJECT} is wrong\"", "else \"no\"", "else \"limit is {limit}\""]
            [policy.wording % 4];
        let subject = match RULES[policy.rule].as_bytes()[4] {
            b'z' => "z",
            b'g' => "limit",
            _ => "s",
        };
        let message = message.replace("SUBJECT", subject);
        let rule = RULES[policy.rule].replace("MESSAGE", &message);
        let number = format!("{}", policy.number % 5 + 1);
        let rule = rule.replace("LIMIT", &number).replace("DAY", &number);
        let title = if policy.wording < 4 { "One" } else { "Another" };
        let mode = ["enforce", "advise", "advise until 2026-12-05 then enforce", "off"][policy.mode];
        let severity = ["low", "high", "critical"][policy.severity];
        let _ = write!(
            text,
            "policy p{} {{\n  title: \"{title}\"\n  severity: {severity}\n  mode: {mode}\n  {rule}\n}}\n",
            policy.number
        );
    }

    pub fn plan(&self) -> Plan {
        let mut plan = Plan::new();
        for server in &self.servers {
            let unknown = if server.is_unnamed { json!({ "name": true }) } else { json!({}) };
            plan = plan.unknown(&format!("server.s{}", server.number), server.values(), unknown, json!({}));
        }
        for zone in &self.zones {
            plan = plan.resource(&format!("zone.z{}", zone.0), zone_values(*zone));
        }
        plan
    }
}

fn zone_values((number, tier): (usize, usize)) -> Value {
    let tier = ["gold", "silver", "lead"][tier];
    json!({ "id": format!("zone{number}"), "name": format!("n{number}"), "tier": tier })
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
