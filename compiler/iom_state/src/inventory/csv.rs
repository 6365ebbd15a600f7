//! Tables: a line of names, then a line for each thing. What stands between quotation marks is taken as it is; blanks around
//! anything else mean nothing, and what is empty is absent.

use std::ops::Range;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};
use rustc_hash::FxHashMap;

use super::address::Addresses;
use crate::document::{
    Action, AttributeFilter, Document, Format, ImportError, Pointer, SourceObject, Wanted,
};
use crate::fault::Fault;
use crate::tape::{Node, NodeIndex, NodeValue, Strings, Symbol};

/// The most columns that a table may have.
const MOST_COLUMNS: usize = 10_000;

/// Reads a table; each line is an object of the type, by which adapters know it: the file's name without its ending.
///
/// # Errors
/// Where a line has more or fewer fields than there are names, a name is missing or stands twice, or a quotation mark is not
/// closed.
pub fn import(
    text: &str,
    source_type: &str,
    wanted: &dyn Wanted,
    strings: &mut Strings,
) -> Result<Document, ImportError> {
    let mut document = Document::of(Format::Csv);
    let located = |fault: Fault| {
        let mut error = fault.locate(text);
        // A pointer of JSON means nothing here.
        error.pointer = None;
        error
    };
    document
        .files
        .push("", text)
        .map_err(|_| located(Fault::malformed(0, "the table is larger than 4 GiB")))?;
    document.lists.push("".into());
    let filter = wanted.attributes(source_type, false);
    Table::read(text, filter, source_type, strings, &mut document).map_err(located)?;
    Ok(document)
}

/// Whether a text looks like a table of two columns or more: the first lines have the same number of fields.
pub fn is_table(text: &str) -> bool {
    const LOOKED_AT: usize = 5;
    let delimiter = delimiter_of(text);
    let mut rows = Rows::new(text, delimiter);
    let mut row = Row::default();
    let mut columns = None;
    for _ in 0..LOOKED_AT {
        match rows.next(&mut row) {
            // The text may be cut anywhere.
            Ok(false) | Err(_) => break,
            Ok(true) if rows.at >= text.len() && columns.is_some() => break,
            Ok(true) => {}
        }
        let count = row.fields.len();
        if count < 2 || columns.is_some_and(|columns| columns != count) {
            return false;
        }
        if columns.is_none() && row.fields.iter().any(|field| !is_column_name(row.text(text, field))) {
            return false;
        }
        columns = Some(count);
    }
    columns.is_some()
}

/// Whether a text could name a column: words, not sentences or code.
fn is_column_name(name: &str) -> bool {
    const LONGEST: usize = 80;
    let is_usual = |letter: char| {
        letter.is_alphanumeric()
            || matches!(letter, ' ' | '_' | '-' | '.' | ':' | '/' | '(' | ')' | '#' | '%')
    };
    !name.is_empty()
        && name.len() <= LONGEST
        && name.chars().all(is_usual)
        && name.contains(char::is_alphabetic)
}

struct Table<'t> {
    text: &'t str,
    columns: Vec<Column>,
}

struct Column {
    key: Symbol,
    is_wanted: bool,
}

impl Table<'_> {
    fn read(
        text: &str,
        filter: Option<AttributeFilter<'_>>,
        source_type: &str,
        strings: &mut Strings,
        document: &mut Document,
    ) -> Result<(), Fault> {
        let mut rows = Rows::new(text, delimiter_of(text));
        let mut row = Row::default();
        if !rows.next(&mut row)? {
            return Err(Fault::malformed(0, "the table is empty: its first line names the columns"));
        }
        let table = Table { text, columns: columns(text, &row, filter, strings)? };
        let mut addresses = Addresses::default();
        let (type_symbol, none) = (strings.get_or_intern(source_type), strings.get_or_intern(""));
        let mut position = 0;
        while rows.next(&mut row)? {
            table.check_width(&row)?;
            let name = row.fields.first().map(|field| row.text(text, field)).filter(|name| !name.is_empty());
            let address = addresses.give(source_type, name, position, strings);
            let values = filter.is_some().then(|| table.values(&row, none, document, strings));
            document.objects.push(SourceObject {
                address,
                source_type: type_symbol,
                is_data: false,
                module: none,
                provider: none,
                action: Action::None,
                values,
                pointer: Pointer::Element { list: 0, position: position as u32 },
                offset: row.start() as u32,
                document: None,
                depends_on: 0..0,
            });
            position += 1;
        }
        Ok(())
    }

    fn check_width(&self, row: &Row) -> Result<(), Fault> {
        let (found, wanted) = (row.fields.len(), self.columns.len());
        if found == wanted {
            return Ok(());
        }
        let fields = |count: usize| if count == 1 { "1 field".to_owned() } else { format!("{count} fields") };
        let message = format!(
            "this line has {}, and the first line names {} columns: put what holds a delimiter between quotation marks",
            fields(found),
            wanted
        );
        Err(Fault::malformed(row.start(), message))
    }

    /// Writes the wanted fields of a row; empty ones are left out.
    fn values(&self, row: &Row, no_key: Symbol, document: &mut Document, strings: &mut Strings) -> NodeIndex {
        let first = document.tape.len() as u32;
        let wanted = self.columns.iter().zip(&row.fields).filter(|(column, _)| column.is_wanted);
        for (column, field) in wanted {
            let value = row.text(self.text, field);
            if !value.is_empty() {
                let value = NodeValue::Text(strings.get_or_intern(value));
                document.tape.push(Node { value, offset: field.offset as u32 }, column.key);
            }
        }
        let len = document.tape.len() as u32 - first;
        let value = NodeValue::Object { first: NodeIndex(first), len };
        document.tape.push(Node { value, offset: row.start() as u32 }, no_key)
    }
}

fn columns(
    text: &str,
    row: &Row,
    filter: Option<AttributeFilter<'_>>,
    strings: &mut Strings,
) -> Result<Vec<Column>, Fault> {
    if row.fields.len() > MOST_COLUMNS {
        let message = format!("the first line names more than {MOST_COLUMNS} columns");
        return Err(Fault::malformed(row.start(), message));
    }
    let mut seen: FxHashMap<Symbol, usize> = FxHashMap::default();
    let mut columns = Vec::with_capacity(row.fields.len());
    for (position, field) in row.fields.iter().enumerate() {
        let name = row.text(text, field).trim();
        if name.is_empty() {
            let message = format!("column {} has no name: the first line names the columns", position + 1);
            return Err(Fault::malformed(field.offset, message));
        }
        let key = strings.get_or_intern(name);
        if let Some(first) = seen.insert(key, position) {
            let shown: String = name.chars().take(80).collect();
            let message = format!("columns {} and {} have the same name, `{shown}`", first + 1, position + 1);
            return Err(Fault::malformed(field.offset, message));
        }
        let is_wanted = filter.is_some_and(|filter| filter.keeps(name));
        columns.push(Column { key, is_wanted });
    }
    Ok(columns)
}

/// The delimiter that stands most often in the first line, outside of quotation marks; a comma where none does.
fn delimiter_of(text: &str) -> u8 {
    const DELIMITERS: [u8; 3] = *b",;\t";
    let mut counts = [0_usize; 3];
    let mut is_quoted = false;
    for byte in text.trim_start_matches(['\r', '\n']).bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            other if !is_quoted => {
                for (count, _) in
                    counts.iter_mut().zip(DELIMITERS).filter(|(_, delimiter)| *delimiter == other)
                {
                    *count += 1;
                }
            }
            _ => {}
        }
    }
    let most = counts.iter().zip(DELIMITERS).rev().max_by_key(|(count, _)| **count);
    most.map_or(b',', |(_, delimiter)| delimiter)
}

/// The lines of a table.
struct Rows<'t> {
    text: &'t str,
    reader: Reader,
    at: usize,
    buffer: Vec<u8>,
}

/// One line: its fields, and what of them is not as it is written.
#[derive(Default)]
struct Row {
    fields: Vec<Field>,
    /// Fields between quotation marks, without them.
    unquoted: String,
}

struct Field {
    offset: usize,
    end: usize,
    /// Where in [`Row::unquoted`] it is.
    unquoted: Option<Range<usize>>,
}

impl Row {
    fn start(&self) -> usize {
        self.fields.first().map_or(0, |field| field.offset)
    }

    fn text<'r>(&'r self, text: &'r str, field: &Field) -> &'r str {
        match &field.unquoted {
            Some(range) => self.unquoted.get(range.clone()).unwrap_or_default(),
            None => text.get(field.offset..field.end).unwrap_or_default(),
        }
    }
}

impl<'t> Rows<'t> {
    fn new(text: &'t str, delimiter: u8) -> Rows<'t> {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Rows { text, reader, at: 0, buffer: vec![0; 256] }
    }

    /// Reads the next line that is not empty; false at the end.
    fn next(&mut self, row: &mut Row) -> Result<bool, Fault> {
        row.fields.clear();
        row.unquoted.clear();
        loop {
            let start = self.at;
            let mut length = 0;
            let is_last = loop {
                let input = self.text.as_bytes().get(self.at..).unwrap_or_default();
                let output = self.buffer.get_mut(length..).unwrap_or_default();
                let (result, read, written) = self.reader.read_field(input, output);
                self.at += read;
                length += written;
                match result {
                    ReadFieldResult::OutputFull => {
                        let larger = self.buffer.len() * 2;
                        self.buffer.resize(larger, 0);
                    }
                    ReadFieldResult::Field { record_end } => break record_end,
                    ReadFieldResult::End => return Ok(false),
                    // All input is there: what is asked for next is the end.
                    ReadFieldResult::InputEmpty => {}
                }
            };
            self.field(start, length, row)?;
            if is_last {
                let is_blank =
                    |field: &Field| row.text(self.text, field).is_empty() && field.unquoted.is_none();
                if row.fields.len() == 1 && row.fields.iter().all(is_blank) {
                    row.fields.clear();
                    continue;
                }
                return Ok(true);
            }
        }
    }

    /// Adds the field that was read from `start` on.
    fn field(&mut self, start: usize, length: usize, row: &mut Row) -> Result<(), Fault> {
        let read = self.text.get(start..self.at).unwrap_or_default();
        // Line ends before the line and what ends the field belong to nobody.
        let skipped =
            if row.fields.is_empty() { read.len() - read.trim_start_matches(['\r', '\n']).len() } else { 0 };
        let (start, read) = (start + skipped, read.get(skipped..).unwrap_or_default());
        if read.starts_with('"') {
            let value = self.buffer.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
            if read.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
                return Err(Fault::malformed(start, "the quotation mark that stands here is not closed"));
            }
            let from = row.unquoted.len();
            row.unquoted.push_str(value.unwrap_or_default());
            let unquoted = Some(from..row.unquoted.len());
            row.fields.push(Field { offset: start, end: self.at, unquoted });
            return Ok(());
        }
        let written = read.get(..length.min(read.len())).unwrap_or(read);
        let leading = written.len() - written.trim_start().len();
        let trimmed = written.trim();
        let offset = start + leading;
        row.fields.push(Field { offset, end: offset + trimmed.len(), unquoted: None });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Everything;

    /// Each object: address, line and column, and its values.
    fn read(text: &str) -> Vec<String> {
        let mut strings = Strings::default();
        let document = match import(text, "hosts", &Everything, &mut strings) {
            Ok(document) => document,
            Err(error) => return vec![error.to_string()],
        };
        let objects = document.objects.iter().map(|object| {
            let place = document.files.place(object.offset);
            let values = object.values.map(|values| document.tape.members(values)).into_iter().flatten();
            let values: Vec<String> = values
                .map(|(key, value)| {
                    let node = document.tape.node(value);
                    let place = document.files.place(node.offset);
                    let NodeValue::Text(text) = node.value else { return "?".to_owned() };
                    format!(
                        "{}={:?}@{}:{}",
                        strings.resolve(&key),
                        strings.resolve(&text),
                        place.line,
                        place.column
                    )
                })
                .collect();
            format!(
                "{} {}:{} {}",
                strings.resolve(&object.address),
                place.line,
                place.column,
                values.join(" ")
            )
        });
        objects.collect()
    }

    #[test]
    fn lines_are_objects_and_what_is_empty_is_absent() {
        assert_eq!(
            read("name, owner ,cpu\nweb-1,alice, 4 \r\n\n\nweb-2,,8\nweb-1,\"a, \"\"b\"\"\",\"\"\n"),
            [
                "hosts[\"web-1\"] 2:1 name=\"web-1\"@2:1 owner=\"alice\"@2:7 cpu=\"4\"@2:14",
                "hosts[\"web-2\"] 5:1 name=\"web-2\"@5:1 cpu=\"8\"@5:8",
                "hosts[2] 6:1 name=\"web-1\"@6:1 owner=\"a, \\\"b\\\"\"@6:7",
            ]
        );
    }

    #[test]
    fn the_delimiter_is_the_one_of_the_first_line() {
        assert_eq!(read("a;b\n1,5;x\n"), ["hosts[\"1,5\"] 2:1 a=\"1,5\"@2:1 b=\"x\"@2:5"]);
        assert_eq!(read("a\tb\n\ty"), ["hosts[0] 2:1 b=\"y\"@2:2"]);
        assert_eq!(read("\"a;b;c\",d\n1,2"), ["hosts[\"1\"] 2:1 a;b;c=\"1\"@2:1 d=\"2\"@2:3"]);
        assert_eq!(read("only\nx\n"), ["hosts[\"x\"] 2:1 only=\"x\"@2:1"]);
    }

    #[test]
    fn a_field_may_go_over_several_lines() {
        assert_eq!(
            read("a,b\n\"x\ny\",1\nz,2"),
            ["hosts[0] 2:1 a=\"x\\ny\"@2:1 b=\"1\"@3:4", "hosts[\"z\"] 4:1 a=\"z\"@4:1 b=\"2\"@4:3"]
        );
    }

    #[test]
    fn mistakes_have_a_line() {
        let wide = "this line has 3 fields, and the first line names 2 columns: put what holds a delimiter between quotation marks, line 3 column 1";
        assert_eq!(read("a,b\n1,2\n1,2,3\n"), [wide]);
        let narrow = "this line has 1 field, and the first line names 2 columns: put what holds a delimiter between quotation marks, line 2 column 1";
        assert_eq!(read("a,b\n1\n"), [narrow]);
        assert_eq!(
            read("a,,c\n"),
            ["column 2 has no name: the first line names the columns, line 1 column 3"]
        );
        assert_eq!(read("a,b, a\n"), ["columns 1 and 3 have the same name, `a`, line 1 column 6"]);
        assert_eq!(
            read("a,b\n1,\"2\n3,4\n"),
            ["the quotation mark that stands here is not closed, line 2 column 3"]
        );
        assert_eq!(read("\n\r\n"), ["the table is empty: its first line names the columns, line 1 column 1"]);
        assert_eq!(read("a,b\n"), [""; 0]);
    }

    #[test]
    fn tables_are_told_from_other_text() {
        assert!(is_table("name,owner\nweb,alice\n"));
        assert!(is_table("name;owner;x y\nweb;alice;\"1\n2\"\ncut off"));
        for other in [
            "",
            "name\nx\n",
            "kind: Pod\nmetadata: {a, b}\n",
            "a, b\n1\n2\n",
            "resource \"a\" \"b\" {\n  x = [1, 2]\n",
            "Hello, dear reader! How are you?\n",
        ] {
            assert!(!is_table(other), "{other}");
        }
    }

    #[test]
    fn what_is_not_wanted_is_not_kept() {
        struct OnlyOwner;
        impl Wanted for OnlyOwner {
            fn attributes(&self, source_type: &str, _: bool) -> Option<AttributeFilter<'_>> {
                static NAMES: std::sync::LazyLock<Vec<String>> =
                    std::sync::LazyLock::new(|| vec!["owner".to_owned()]);
                (source_type == "hosts").then_some(AttributeFilter::These(&NAMES))
            }
        }
        let text = "name,owner\nweb-1,alice\n";
        let mut strings = Strings::default();
        let nothing = import(text, "other", &OnlyOwner, &mut strings).unwrap();
        assert_eq!((nothing.objects.len(), nothing.tape.len()), (1, 0));
        let owners = import(text, "hosts", &OnlyOwner, &mut strings).unwrap();
        assert_eq!(owners.tape.len(), 2);
    }
}
