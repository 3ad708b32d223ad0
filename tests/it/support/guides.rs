//! The guides, and their TypeScript, compiled.

use std::{fs, path::Path};

use serde_json::json;
use tempfile::TempDir;

use super::{PUBLIC_URL, node, npm_modules, typescript_compiler};

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The name and the text of each guide.
pub(crate) fn guides() -> Vec<(String, String)> {
    let files = fs::read_dir(repository().join("openapi/guides")).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()))
        .collect()
}

/// The code in one language of a guide that has one block of it.
pub(crate) fn code(guide: &str, language: &str) -> String {
    let (_, text) = guides().into_iter().find(|(name, _)| name == guide).unwrap();
    let (_, rest) = text.split_once(&format!("\n```{language}\n")).unwrap();
    rest.split_once("\n```\n").unwrap().0.to_owned()
}

/// A folder with the client, the code of the guides as one module a guide, and what they import, compiled. Types are
/// not checked here, since that takes long and another test does it.
pub(crate) async fn compiled() -> TempDir {
    let folder = sources();
    compile(folder.path(), &["--noCheck"]).await;
    folder
}

pub(crate) async fn compile(folder: &Path, options: &[&str]) {
    let compiler = typescript_compiler().unwrap();
    node(folder, &[&[compiler.as_str(), "--project", "."], options].concat()).await;
}

pub(crate) fn sources() -> TempDir {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["client.ts", "proof-of-work.ts", "schema.ts"] {
        fs::copy(repository().join("openapi/typescript").join(name), at(name)).unwrap();
    }
    for (name, guide) in guides() {
        let blocks: Vec<&str> =
            guide.split("\n```ts\n").skip(1).map(|rest| rest.split_once("\n```\n").unwrap().0).collect();
        // The address of the service in the guides becomes that of the tests.
        let code = blocks.join("\n").replace("https://identity.example.com", PUBLIC_URL);
        fs::write(at(&format!("{name}.ts")), code).unwrap();
    }
    std::os::unix::fs::symlink(npm_modules(), at("node_modules")).unwrap();
    fs::write(at("package.json"), r#"{"type":"module"}"#).unwrap();
    let settings = json!({
        "extends": repository().join("openapi/typescript/tsconfig.json"),
        "compilerOptions": { "lib": ["es2022", "dom", "dom.iterable"] },
        "files": [],
        "include": ["*.ts"],
    });
    fs::write(at("tsconfig.json"), settings.to_string()).unwrap();
    folder
}
