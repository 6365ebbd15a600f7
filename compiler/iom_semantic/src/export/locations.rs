use std::sync::Arc;

use iom_base::Lines;
use iom_model::{
    AuthorityStep, ExpectationKind, Location, Operand, OriginRole, ResourceDeclaration, SettingOrigin, Step,
};
use iom_syntax::ast::NodeId;
use smol_str::SmolStr;

use crate::check::{Checked, ClauseNodes, ELSEWHERE, Lowered, ONLY_HERE};
use crate::db::Db;
use crate::input::SourceFile;
use crate::items::{Item, Place, span_map, span_of};
use crate::names::file_by_id;

#[salsa::tracked]
pub(crate) fn lines(db: &dyn Db, file: SourceFile) -> Arc<Lines> {
    Arc::new(Lines::new(file.text(db)))
}

/// Replaces node ids by places, and quotes the clauses' text.
pub(crate) fn put_in<'db>(db: &'db dyn Db, item: Item<'db>, lowered: &mut Lowered, checked: &Checked) {
    let placer = Placer { db, item, lines: lines(db, item.file(db)), places: &checked.aside().places };
    let clauses = &checked.aside().clauses;
    match lowered {
        Lowered::Nothing
        | Lowered::Apply(_)
        | Lowered::Type(_)
        | Lowered::Trait(_)
        | Lowered::Constant(_)
        | Lowered::Function(_)
        | Lowered::Catalog(_) => {}
        Lowered::Kind(kind) => {
            placer.place(&mut kind.location);
            kind.transitions.iter_mut().for_each(|transition| placer.place(&mut transition.location));
        }
        Lowered::Extension(extension) => placer.place(&mut extension.location),
        Lowered::Data(data) => placer.place(&mut data.location),
        Lowered::Resource(resource) => placer.resource(resource),
        Lowered::Bind(bind) => placer.place(&mut bind.location),
        Lowered::Tolerance(tolerance) => placer.place(&mut tolerance.location),
        Lowered::Policy(policy) => {
            placer.place(&mut policy.location);
            for rule in &mut policy.rules {
                placer.steps(&mut rule.steps, clauses);
            }
        }
        Lowered::Group(group) => placer.place(&mut group.location),
        Lowered::Blueprint(blueprint) => {
            placer.place(&mut blueprint.location);
            for part in &mut blueprint.parts {
                placer.resource(&mut part.declaration);
                part.fixed.iter_mut().for_each(|field| placer.place(&mut field.location));
            }
            placer.steps(&mut blueprint.steps, clauses);
            for rule in &mut blueprint.judges {
                placer.steps(&mut rule.steps, clauses);
            }
        }
        Lowered::Exception(exception) => placer.place(&mut exception.location),
        Lowered::Authority(authority) => {
            placer.place(&mut authority.location);
            for rule in &mut authority.rules {
                placer.authority_steps(&mut rule.steps, clauses);
            }
        }
        Lowered::BreakGlass(window) => placer.place(&mut window.location),
        Lowered::Evidence(evidence) => placer.place(&mut evidence.location),
        Lowered::Test(test) => {
            placer.place(&mut test.location);
            test.given.iter_mut().for_each(|resource| placer.resource(resource));
            test.sources.iter_mut().for_each(|source| placer.place(&mut source.location));
            for expectation in &mut test.expectations {
                let node = NodeId(expectation.location.line);
                expectation.source = placer.text(node, node);
                placer.place(&mut expectation.location);
                if let ExpectationKind::Condition { compared, operands, .. } = &mut expectation.kind {
                    let sides = compared.iter_mut().flat_map(|one| [&mut one.left, &mut one.right]);
                    sides.chain(operands).for_each(|operand| placer.operand(operand));
                }
            }
        }
    }
}

/// Where a node stands, as reports show it.
pub(crate) fn location_of<'db>(db: &'db dyn Db, item: Item<'db>, node: NodeId) -> Location {
    let placer = Placer { db, item, lines: lines(db, item.file(db)), places: &[] };
    let mut location = crate::check::unplaced(node);
    placer.place(&mut location);
    location
}

struct Placer<'db> {
    db: &'db dyn Db,
    item: Item<'db>,
    lines: &'db Lines,
    /// Places of other declarations.
    places: &'db [Place],
}

impl<'db> Placer<'db> {
    fn place(&self, location: &mut Location) {
        if location.column == ELSEWHERE {
            *location = self.place_elsewhere(location.line).unwrap_or_default();
            return;
        }
        let span = self.item.span(self.db, NodeId(location.line));
        let at = self.lines.line_column(span.start());
        *location = Location {
            file: self.item.file(self.db).path(self.db).clone(),
            line: at.line,
            column: at.column,
        };
    }

    fn place_elsewhere(&self, number: u32) -> Option<Location> {
        let span = span_of(self.db, self.places.get(number as usize)?)?;
        let file = file_by_id(self.db, span.file)?;
        let at = lines(self.db, file).line_column(span.start());
        Some(Location { file: file.path(self.db).clone(), line: at.line, column: at.column })
    }

    fn resource(&self, resource: &mut ResourceDeclaration) {
        self.place(&mut resource.location);
        for field in &mut resource.fields {
            let is_only_origin = field.location.column == ONLY_HERE;
            self.place(&mut field.location);
            field.origins.iter_mut().for_each(|origin| self.place(&mut origin.location));
            if is_only_origin {
                let location = field.location.clone();
                field.origins =
                    vec![SettingOrigin { path: Vec::new(), role: OriginRole::Body, location, change: None }];
            }
        }
    }

    fn operand(&self, operand: &mut Operand) {
        let node = NodeId(operand.location.line);
        operand.source = self.text(node, node);
        self.place(&mut operand.location);
    }

    fn authority_steps(&self, steps: &mut [AuthorityStep], clauses: &[ClauseNodes]) {
        for step in steps {
            match step {
                AuthorityStep::Let { .. } => {}
                AuthorityStep::For { steps, .. } => self.authority_steps(steps, clauses),
                AuthorityStep::Clause(clause) => {
                    self.place(&mut clause.location);
                    if let Some(nodes) = clauses.iter().find(|nodes| nodes.clause == clause.number) {
                        clause.source = self.text(nodes.condition, nodes.condition);
                    }
                }
            }
        }
    }

    fn steps(&self, steps: &mut [Step], clauses: &[ClauseNodes]) {
        for step in steps {
            match step {
                Step::Let { .. } => {}
                Step::For { steps, .. } => self.steps(steps, clauses),
                Step::Require(require) => {
                    self.place(&mut require.location);
                    let Some(nodes) = clauses.iter().find(|nodes| nodes.clause == require.clause) else {
                        continue;
                    };
                    require.source = self.text(nodes.condition, nodes.condition);
                    require.fix_source = nodes.fix.map(|(first, last)| self.text(first, last));
                }
            }
        }
    }

    /// The source from one node to another, white space folded.
    fn text(&self, first: NodeId, last: NodeId) -> SmolStr {
        let spans = span_map(self.db, self.item);
        let range = spans.range(first).cover(spans.range(last)) + self.item.offset(self.db);
        let text: &str = self.item.file(self.db).text(self.db);
        let text = text.get(usize::from(range.start())..usize::from(range.end())).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ").into()
    }
}
