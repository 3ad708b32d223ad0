//! `schema.rs`, which diesel relies on, agrees with what the migrations make of each database.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use syn::{
    Ident, Item, Token, Type, braced, parenthesized,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

use crate::support::{Column, Engine, TABLES, TestDatabase, columns_of, engine_tests, plain_tests};

engine_tests![schema_rs_has_the_columns_of_the_migrated_tables, the_dump_of_the_tests_holds_every_table];
plain_tests![the_comparison_sees_every_kind_of_difference];

/// A table as `diesel::table!` declares it: `accounts (id) { id -> Text, … }`.
struct Table {
    name: Ident,
    key: BTreeSet<String>,
    columns: Punctuated<TableColumn, Token![,]>,
}

struct TableColumn {
    name: Ident,
    kind: Type,
}

impl Parse for Table {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        let (key, columns);
        parenthesized!(key in input);
        braced!(columns in input);
        let key = Punctuated::<Ident, Token![,]>::parse_terminated(&key)?;
        let key = key.iter().map(Ident::to_string).collect();
        Ok(Self { name, key, columns: Punctuated::parse_terminated(&columns)? })
    }
}

impl Parse for TableColumn {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        input.parse::<Token![->]>()?;
        Ok(Self { name, kind: input.parse()? })
    }
}

/// The properties of a column that are compared.
#[derive(PartialEq, Eq)]
struct Facts {
    kind: String,
    is_nullable: bool,
    is_key: bool,
}

impl fmt::Display for Facts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = if self.is_key { ", key" } else { "" };
        if self.is_nullable {
            write!(formatter, "Nullable<{}>{key}", self.kind)
        } else {
            write!(formatter, "{}{key}", self.kind)
        }
    }
}

/// The columns by table and name.
type Columns = BTreeMap<(String, String), Facts>;

fn in_schema(text: &str) -> Columns {
    let mut columns = Columns::new();
    for item in syn::parse_file(text).unwrap().items {
        let Item::Macro(item) = item else { continue };
        if item.mac.path.segments.last().unwrap().ident != "table" {
            continue;
        }
        let table: Table = item.mac.parse_body().unwrap();
        for column in table.columns {
            let name = column.name.to_string();
            let facts = facts_of(&column.kind, table.key.contains(&name));
            columns.insert((table.name.to_string(), name), facts);
        }
    }
    columns
}

/// The properties of a column from its type, such as `Text` or `Nullable<Text>`.
fn facts_of(kind: &Type, is_key: bool) -> Facts {
    let Type::Path(path) = kind else { panic!("a column's type is a path") };
    let segment = path.path.segments.last().unwrap();
    let name = segment.ident.to_string();
    match &segment.arguments {
        syn::PathArguments::AngleBracketed(inner) if name == "Nullable" => {
            let syn::GenericArgument::Type(kind) = inner.args.first().unwrap() else {
                panic!("Nullable has a type")
            };
            Facts { is_nullable: true, ..facts_of(kind, is_key) }
        }
        _ => Facts { kind: name, is_nullable: false, is_key },
    }
}

/// Diesel's name for a database's type.
fn kind_of(engine: Engine, type_name: &str, is_key: bool) -> String {
    let kind = match (engine, type_name) {
        // An INTEGER PRIMARY KEY is the row's number, of 64 bits.
        (Engine::Sqlite, "INTEGER") if is_key => "BigInt",
        (Engine::Sqlite, "TEXT") | (Engine::Postgres, "text") => "Text",
        (Engine::Sqlite, "INTEGER") | (Engine::Postgres, "integer") => "Integer",
        (Engine::Sqlite, "BIGINT") | (Engine::Postgres, "bigint") => "BigInt",
        (Engine::Sqlite, "BOOLEAN") | (Engine::Postgres, "boolean") => "Bool",
        (Engine::Sqlite, "TIMESTAMP") | (Engine::Postgres, "timestamp without time zone") => "Timestamp",
        _ => return format!("the unknown type {type_name}"),
    };
    kind.to_owned()
}

fn in_database(engine: Engine, tables: BTreeMap<String, Vec<Column>>) -> Columns {
    let columns = tables.into_iter().flat_map(|(table, columns)| {
        columns.into_iter().map(move |column| ((table.clone(), column.name.clone()), column))
    });
    let facts = |column: &Column| Facts {
        kind: kind_of(engine, &column.type_name, column.is_key),
        is_nullable: column.is_nullable,
        is_key: column.is_key,
    };
    columns.map(|(place, column)| (place, facts(&column))).collect()
}

fn differences(schema: &Columns, database: &Columns) -> Vec<String> {
    let places: BTreeSet<_> = schema.keys().chain(database.keys()).collect();
    let say = |facts: Option<&Facts>| facts.map_or("missing".to_owned(), ToString::to_string);
    let different = places.into_iter().filter(|place| schema.get(place) != database.get(place));
    different
        .map(|place| {
            let (table, column) = place;
            format!(
                "{table}.{column}: {} in schema.rs, {} in the database",
                say(schema.get(place)),
                say(database.get(place))
            )
        })
        .collect()
}

async fn schema_rs_has_the_columns_of_the_migrated_tables(engine: Engine) {
    let schema = in_schema(include_str!("../../../src/store/schema.rs"));
    let database = in_database(engine, columns_of(&TestDatabase::migrated(engine).url));
    assert_eq!(differences(&schema, &database), [""; 0]);
    assert!(schema.len() > 100, "only {} columns were seen", schema.len());
}

/// The tests that look for secrets at rest read a dump.
async fn the_dump_of_the_tests_holds_every_table(engine: Engine) {
    let made: BTreeSet<_> = columns_of(&TestDatabase::migrated(engine).url).into_keys().collect();
    let dumped: BTreeSet<_> = TABLES.iter().map(|table| (*table).to_owned()).collect();
    assert_eq!(dumped, made);
}

fn the_comparison_sees_every_kind_of_difference() {
    let schema = |columns: &str| in_schema(&format!("diesel::table! {{ jobs (id) {{ {columns} }} }}"));
    let before = schema("id -> Text, run_at -> Timestamp, note -> Nullable<Text>,");
    for (after, difference) in [
        (
            schema("id -> Text, run_at -> Timestamp,"),
            "jobs.note: Nullable<Text> in schema.rs, missing in the database",
        ),
        (
            schema("id -> Text, run_at -> Timestamp, note -> Text,"),
            "jobs.note: Nullable<Text> in schema.rs, Text in the database",
        ),
        (
            schema("id -> Text, run_at -> BigInt, note -> Nullable<Text>,"),
            "jobs.run_at: Timestamp in schema.rs, BigInt in the database",
        ),
        (
            schema("id -> Text, run_at -> Timestamp, note -> Nullable<Text>, more -> Bool,"),
            "jobs.more: missing in schema.rs, Bool in the database",
        ),
    ] {
        assert_eq!(differences(&before, &after), [difference]);
    }
    let other_key =
        in_schema("table! { jobs (id, run_at) { id -> Text, run_at -> Timestamp, note -> Nullable<Text> } }");
    assert_eq!(
        differences(&before, &other_key),
        ["jobs.run_at: Timestamp in schema.rs, Timestamp, key in the database"]
    );
    assert_eq!(differences(&before, &before), [""; 0]);
}
