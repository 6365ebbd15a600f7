use crate::support::{MANIFEST, folder, iomc};

/// The authority and the break-glass of the language's tour.
const RULES: &str = r#"module auth

resource alice: org.Person { }
resource bob: org.Person { }
resource alice_emergency: org.Person { }
resource sre_lead: org.Person { }
resource payments: org.Team { members: [alice] }
resource security: org.Team { }
resource robot: org.Agent { owner: payments }
resource deployer: org.Pipeline { owner: payments }
resource prod: org.Environment { tier: production }
resource dev: org.Environment { tier: development }

authority storage_changes {
  title: "Who may change storage"
  for change: Change where change.resource is ObjectStore {
    deny when change.action in [delete, replace] and change.resource.environment.tier == production
      else "{change.actor} may not {change.action} {change.resource} in production"
    escalate to security when change.actor is org.Agent
    escalate to change.resource.owner when size(change.blast_radius) > 2
    allow when change.actor in change.resource.owner.members and change.action in [create, update]
  }
}

breakglass inc_4711 {
  identity: alice_emergency
  scope: Resource where .environment == prod and .owner == payments
  opened: "2026-11-21T22:00Z"
  max: 4h
  reason: "INC-4711"
  review: sre_lead due 3d
}
"#;

fn ran(tests: &str, arguments: &[&str]) -> crate::support::Ran {
    let text = format!("{RULES}\n{tests}");
    let folder = folder(&[("iom.toml", MANIFEST), ("auth.iom", &text)]);
    iomc(folder.path(), &[&["test"], arguments].concat())
}

#[test]
fn deny_over_escalate_over_allow() {
    ran(
        r#"test "who may change storage" {
  at: 2026-11-22
  given {
    resource orders: aws.Bucket { owner: payments  environment: prod }
    resource logs: aws.Bucket { owner: payments  environment: dev }
    resource user1: aws.Bucket { logging: logs }
    resource user2: aws.Bucket { logging: logs }
    resource user3: aws.Bucket { logging: user2 }
    resource later: aws.Bucket { owner: payments  environment: unknown }
    resource del: Change { actor: alice  action: delete  resource: orders }
    resource upd: Change { actor: alice  action: update  resource: orders }
    resource stranger: Change { actor: bob  action: update  resource: orders }
    resource agent: Change { actor: robot  action: update  resource: orders }
    resource agent_del: Change { actor: robot  action: delete  resource: orders }
    resource wide: Change { actor: alice  action: update  resource: logs }
    resource perhaps: Change { actor: alice  action: delete  resource: later }
    resource noown: Change { actor: alice  action: update  resource: user1 }
    resource glass: Change { actor: alice_emergency  action: delete  resource: orders }
    resource glass2: Change { actor: alice_emergency  action: delete  resource: logs }
    resource glass3: Change { actor: alice_emergency  action: delete  resource: later }
  }
  expect del.decision == block
  expect del.message == "alice may not delete orders in production"
  expect del.cause == denied
  expect upd.decision == admit and upd.cause == allowed and upd.decided_by == "storage_changes"
  expect stranger.decision == escalate and stranger.cause == no_covering_rule and stranger.approver == payments
  expect agent.decision == escalate and agent.cause == escalating_rule and agent.approver == security
  expect agent_del.decision == block
  expect size(wide.blast_radius) == 3
  expect wide.decision == escalate and wide.approver == payments
  expect perhaps.decision == escalate and perhaps.cause == unknown_value
  expect noown.decision == escalate and noown.cause == no_covering_rule and noown.approver is absent
  expect glass.decision == admit and glass.cause == break_glass and glass.approver == sre_lead
  expect glass2.decision == block and glass2.cause == locked
  expect glass3.decision == escalate
  expect inc_4711 is active
  expect inc_4711 is not locked
  expect decision == block
}"#,
        &[],
    )
    .exits(0);
}

#[test]
fn a_window_is_half_open_and_locks_again() {
    ran(
        r#"test "locks again" {
  at: "2026-11-22T02:00Z"
  given {
    resource orders: aws.Bucket { owner: payments  environment: prod }
    resource glass: Change { actor: alice_emergency  action: update  resource: orders }
    resource upd: Change { actor: alice  action: update  resource: orders }
  }
  expect inc_4711 is locked
  expect glass.decision == block and glass.cause == locked
  expect upd.decision == admit
  expect decision == block
}
test "not open yet" {
  at: "2026-11-21T21:59:59Z"
  given {
    resource orders: aws.Bucket { owner: payments  environment: prod }
    resource glass: Change { actor: alice_emergency  action: update  resource: orders }
  }
  expect inc_4711 is locked
  expect glass.message contains "opens at 2026-11-21T22:00:00Z"
}
test "its first second" {
  at: "2026-11-21T22:00Z"
  given {
    resource orders: aws.Bucket { owner: payments  environment: prod }
    resource glass: Change { actor: alice_emergency  action: delete  resource: orders }
  }
  expect glass.decision == admit
  expect decision == admit
}
"#,
        &[],
    )
    .exits(0);
}

#[test]
fn an_answer_that_is_not_expected_is_shown() {
    let tests = r#"test "wrong" {
  at: "2026-11-22T02:00Z"
  given {
    resource orders: aws.Bucket { owner: payments  environment: prod }
    resource del: Change { actor: alice  action: delete  resource: orders }
    resource agent: Change { actor: robot  action: update  resource: orders }
    resource glass: Change { actor: alice_emergency  action: update  resource: orders }
  }
  expect del.decision == admit
  expect agent.approver == payments
  expect glass.cause == break_glass
  expect inc_4711 is active
  expect decision == escalate
}
"#;
    insta::assert_snapshot!(ran(tests, &["--coverage"]).exits(1).stdout);
}

#[test]
fn an_authority_without_rules_for_a_change_asks_its_owner() {
    let tests = r#"test "no rule" {
  given {
    resource q: aws.KmsKey { owner: payments }
    resource change: Change { actor: alice  action: create  resource: q }
  }
  expect change.decision == escalate and change.cause == no_covering_rule
  expect change.approvers == [payments] and change.decided_by is absent
  expect decision == escalate
}
"#;
    ran(tests, &[]).exits(0);
}
