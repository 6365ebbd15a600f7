//! A workspace that changes at random: rules in text, and what they are about in sources.

use std::fmt::Write;

use serde_json::Value;

use super::estate::{Dice, Estate, NAMES};
use super::files::Files;

#[derive(Clone)]
struct Policy {
    number: usize,
    rule: usize,
    wording: usize,
    mode: usize,
    severity: usize,
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
    /// A resource that is declared, and how it is amended.
    declared: usize,
    amended: usize,
    estate: Estate,
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
    "for z: Zone { require (z.extra ?? 0) < LIMIT MESSAGE }",
    "for s: Server { require running(s) is absent or running(s)?.live == s.live MESSAGE }",
    "for s: Server { require (built(s)?.size ?? 0) < LIMIT MESSAGE }",
    "for s: Server { require intended(s) is absent or s.name == intended(s)?.name MESSAGE }",
];

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
            declared: 0,
            amended: 0,
            estate: Estate::new(dice),
            next: 0,
        };
        (0..6).for_each(|_| workspace.add_policy(dice));
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

    /// Changes one attribute of one object; gives its source, its address and its values.
    pub fn change_object(&mut self, dice: &mut Dice) -> Option<(usize, String, Value)> {
        self.estate.change_object(dice)
    }

    /// One change of the rules or of the servers; says what it was, and whether of the sources.
    pub fn change(&mut self, dice: &mut Dice) -> (&'static str, bool) {
        let policy = dice.below(self.policies.len());
        match dice.below(21) {
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
                self.declared = dice.below(4);
                ("a declared resource", false)
            }
            16 => {
                self.amended = dice.below(3);
                ("an amendment", false)
            }
            _ => (self.estate.change(dice), true),
        }
    }

    /// The sources.
    pub fn files(&self) -> Files {
        self.estate.files()
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
  from terraform "zone" {{ key .id  part e: "zone_extra" on .zone  name: .name  tier: .tier  extra: e.extra  tags: .tags }}
}}
kind Server : Resource {{
  id: string
  name: string
  peer: string?
  live: bool
  size: int in 0..100
  next: ref Server?
  zone: ref Zone?
  derive weight: int = {weight}
  identity (id)
  from terraform "server" {{
    key .id  id: .id  name: .name  peer: .peer  live: .live  size: .size  next: ref .next  zone: ref .zone  tags: .tags
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
        if self.declared > 0 {
            let (number, declared) = (self.declared % 2, self.declared);
            let _ = writeln!(
                text,
                "resource spare: Server {{ id: \"id{number}\"  name: \"n{declared}\"  live: true  size: {declared} }}",
            );
            let amended = [
                "",
                "amend spare { peer: \"n1\" }\n",
                "amend spare { override live: false because \"test\" until 2026-11-28 }\n",
            ];
            text.push_str(amended[self.amended]);
        }
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
        let layers = ["", "  on: [built]", "", "  on: [running]"][policy.number % 4];
        let _ = write!(
            text,
            "policy p{} {{\n  title: \"{title}\"\n  severity: {severity}{layers}\n  mode: {mode}\n  {rule}\n}}\n",
            policy.number
        );
    }
}
