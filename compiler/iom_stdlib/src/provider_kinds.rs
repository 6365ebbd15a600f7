//! The modules `tf` and `tf.data`: a kind for every type of the providers whose schemas are shipped, with the provider's names,
//! `tf.aws_sqs_queue`. Nothing of it is there until a type is named: then the text of its kind is written.

use std::fmt::Write;

use crate::schemas::{Given, Member, Object, Schema, Shape, ShapeKind, schema_of, schemas};

/// Kinds of resources, and of data sources.
pub const MODULES: [&str; 2] = ["tf", "tf.data"];

/// Between the name of a type and that of something in it: `aws_security_group__ingress`.
const INSIDE: &str = "__";

/// Fields that `std.prelude.Resource` gives. A type with another attribute of one of these names is only an element.
const INHERITED: [&str; 3] = ["environment", "owner", "tags"];

/// Positions in one schema are below.
const SCHEMA_BITS: u32 = 24;

/// How many numbers of types there are, at most.
pub const MOST: u32 = 1 << 28;

/// A type of a provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProviderKind {
    /// Its number, the same in every run.
    pub number: u32,
    pub is_data: bool,
    /// `aws_sqs_queue`
    pub name: &'static str,
    schema: Schema,
}

/// The type that declares a name in one of the two modules: its own, or that of something in it.
pub fn declaring(module: &str, name: &str) -> Option<ProviderKind> {
    let is_data = MODULES.iter().position(|known| *known == module)? == 1;
    let name = name.split(INSIDE).next().unwrap_or(name);
    let schema = schema_of(name)?;
    let position = schema.position(is_data, name)?;
    let index = schemas().iter().position(|known| *known == schema)?;
    numbered((u32::try_from(index).ok()? << SCHEMA_BITS) | position)
}

/// The type with a number.
pub fn numbered(number: u32) -> Option<ProviderKind> {
    let schema = *schemas().get((number >> SCHEMA_BITS) as usize)?;
    let (is_data, name) = schema.type_at(number & ((1 << SCHEMA_BITS) - 1))?;
    Some(ProviderKind { number, is_data, name, schema })
}

/// The kinds of a module; some twice, in no order.
pub fn names(module: &str) -> impl Iterator<Item = &'static str> {
    let is_data = MODULES.iter().position(|known| *known == module).map(|position| position == 1);
    is_data
        .into_iter()
        .flat_map(|is_data| schemas().iter().flat_map(move |schema| schema.type_names(is_data)))
}

impl ProviderKind {
    /// `tf/aws_sqs_queue.iom`
    pub fn path(self) -> String {
        format!("{}/{}.iom", self.module().replace('.', "/"), self.name)
    }

    fn module(self) -> &'static str {
        if self.is_data { "tf.data" } else { "tf" }
    }

    /// A file with the kind, and the types of what is in it.
    pub fn text(self) -> String {
        let mut out = format!("module {}\n\n", self.module());
        let what = if self.is_data { "Data source" } else { "Resource" };
        let (provider, version) = (self.schema.provider(), self.schema.version());
        let _ = writeln!(
            out,
            "/// {what} `{}` of the provider {provider}, as version {version} has it.",
            self.name
        );
        let Some(object) = self.schema.find(self.is_data, self.name) else { return out };
        let mut members: Vec<Member> = object.members().collect();
        members.sort_by_key(|member| member.name);
        members.dedup_by_key(|member| member.name);
        let mut types = Types { of: self.name, known: Vec::new() };
        let is_tags = |member: &&Member| {
            member.name == "tags"
                && !member.is_secret
                && matches!(member.shape.kind(), ShapeKind::Map(item) if item.kind() == ShapeKind::Text)
        };
        let is_resource = !self.is_data
            && members
                .iter()
                .filter(|member| INHERITED.contains(&member.name))
                .all(|member| is_tags(&member));
        let of = if is_resource { "Resource" } else { "Element" };
        let _ = writeln!(out, "kind {} : std.prelude.{of} {{", self.name);
        for member in members.iter().filter(|member| !(is_resource && is_tags(member))) {
            types.field(&mut out, member);
        }
        let format = if self.is_data { "terraform data" } else { "terraform" };
        let _ = writeln!(out, "\n  from {format} \"{}\" {{", self.name);
        let keys: Vec<String> = members
            .iter()
            .filter(|member| matches!(member.name, "id" | "arn"))
            .map(|key| format!(".{}", key.name))
            .collect();
        if !keys.is_empty() {
            let _ = writeln!(out, "    key {}", keys.join(", "));
        }
        for member in &members {
            let name = key(member.name);
            let _ = writeln!(out, "    {name}: .{name}");
        }
        out.push_str("  }\n}\n");
        types.declarations(&mut out);
        out
    }
}

/// The types of what is in a type, by what they are made of.
struct Types {
    of: &'static str,
    known: Vec<(Object, String)>,
}

impl Types {
    fn field(&mut self, out: &mut String, member: &Member) {
        let shape = self.shape(member.shape, member.name);
        let kind = member.shape.kind();
        let empty = match kind {
            ShapeKind::List(_) => Some("[]"),
            ShapeKind::Map(_) => Some("{}"),
            _ => None,
        };
        // What nobody wrote is nothing. What the provider fills in is another thing: that stays absent.
        let empty =
            empty.filter(|_| !member.is_secret && (member.is_block || member.given == Given::Optional));
        let secret = if member.is_secret { "secret " } else { "" };
        let name = key(member.name);
        let _ = match (member.given, empty) {
            (Given::Required, _) => writeln!(out, "  {name}: {secret}{shape}"),
            (_, Some(empty)) => writeln!(out, "  {name}: {shape} = {empty}"),
            (_, None) => writeln!(out, "  {name}: {secret}{shape}?"),
        };
    }

    /// A type as it is written. Lists of lists end where the schema's line does.
    fn shape(&mut self, shape: Shape, name: &str) -> String {
        match shape.kind() {
            ShapeKind::Text => "string".to_owned(),
            ShapeKind::Number => "decimal".to_owned(),
            ShapeKind::Bool => "bool".to_owned(),
            ShapeKind::Any => "json".to_owned(),
            ShapeKind::List(item) => format!("list<{}>", self.shape(item, name)),
            ShapeKind::Map(item) => format!("map<string, {}>", self.shape(item, name)),
            ShapeKind::Object(object) => self.named(object, name),
        }
    }

    /// The name of an object's type: that of the first member that holds one.
    fn named(&mut self, object: Object, name: &str) -> String {
        if let Some((_, known)) = self.known.iter().find(|(known, _)| known.body() == object.body()) {
            return known.clone();
        }
        let wanted = format!("{}{INSIDE}{}", self.of, name.replace('-', "_"));
        let is_free = |wanted: &String| self.known.iter().all(|(_, known)| known != wanted);
        let mut numbered = (2_usize..).map(|number| format!("{wanted}_{number}"));
        let own = Some(wanted.clone()).filter(is_free).or_else(|| numbered.find(is_free)).unwrap_or(wanted);
        self.known.push((object, own.clone()));
        own
    }

    /// Types of what is in the type, and of what is in that.
    fn declarations(&mut self, out: &mut String) {
        let mut written = 0;
        while let Some((object, name)) = self.known.get(written).cloned() {
            let _ = writeln!(out, "\ntype {name} = {{");
            let mut members: Vec<Member> = object.members().collect();
            members.sort_by_key(|member| member.name);
            members.iter().for_each(|member| self.field(out, member));
            out.push_str("}\n");
            written += 1;
        }
    }
}

/// Names of providers are names of iom, but for those with a hyphen.
fn key(name: &str) -> String {
    if name.contains('-') { format!("\"{name}\"") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_written_with_what_is_in_it() {
        let queue = declaring("tf", "aws_sqs_queue").unwrap().text();
        assert!(
            queue.starts_with("module tf\n\n/// Resource `aws_sqs_queue` of the provider hashicorp/aws"),
            "{queue}"
        );
        for part in [
            "kind aws_sqs_queue : std.prelude.Resource {",
            "  arn: string?\n",
            "  delay_seconds: decimal?\n",
            "    key .arn, .id\n",
            "    tags: .tags\n",
        ] {
            assert!(queue.contains(part), "no {part} in {queue}");
        }
        assert!(!queue.contains("  tags: map"), "{queue}");
        let function = declaring("tf", "aws_lambda_function").unwrap().text();
        for part in [
            "kind aws_lambda_function : std.prelude.Element {",
            "  environment: list<aws_lambda_function__environment> = []\n",
            "  role: string\n",
            "  tags: map<string, string> = {}\n",
            "type aws_lambda_function__environment = {\n  variables: map<string, string> = {}\n}\n",
        ] {
            assert!(function.contains(part), "no {part} in {function}");
        }
        let database = declaring("tf", "aws_db_instance").unwrap().text();
        assert!(database.contains("  password: secret string?\n"), "{database}");
        let document = declaring("tf.data", "aws_iam_policy_document").unwrap().text();
        assert!(document.contains("from terraform data \"aws_iam_policy_document\" {"), "{document}");
    }

    #[test]
    fn every_type_has_a_number_and_can_be_found_by_it() {
        let mut count = 0;
        for module in MODULES {
            for name in names(module) {
                let found = declaring(module, name).unwrap_or_else(|| panic!("{name}"));
                assert_eq!(found.name, name);
                assert!(found.number < MOST);
                assert_eq!(numbered(found.number), Some(found));
                count += 1;
            }
        }
        assert!(count > 1_800, "{count}");
        assert_eq!(declaring("tf", "aws_wafv2_web_acl__rule").unwrap().name, "aws_wafv2_web_acl");
        assert_eq!(declaring("tf", "aws_sqs_queu"), None);
        assert_eq!(declaring("aws", "aws_sqs_queue"), None);
        assert_eq!(numbered(7), None);
        assert_eq!(numbered(u32::MAX), None);
    }
}
