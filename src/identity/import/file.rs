//! The rows of a file of any length.

use super::{
    batches::Importer,
    options::{ImportOptions, OnRejection},
    report::{ImportReport, Watcher},
    row::{ReadRow, SourceFailed},
};
use crate::{
    app::App,
    identity::{
        refusal::{IdentityError, Refusal},
        transaction::Tx,
    },
    store::{
        StoreError,
        audit_events::Event,
        imports::{self, Import},
    },
    types::{Fault, ImportId, RequestContext},
};

/// The rows of a file, read one after the other.
pub struct FileSource<Rows> {
    /// The rows.
    pub rows: Rows,
    /// The file's digest with all that decides how its rows are read; `None` where the file cannot be read twice. By it
    /// an import that was killed goes on where it stopped.
    pub identity: Option<String>,
}

/// Why an import has ended early. What was committed stays, and the same command goes on behind it.
#[derive(Debug, thiserror::Error)]
pub enum ImportFailed {
    /// The file cannot be read to its end.
    #[error(transparent)]
    Source(#[from] SourceFailed),
    /// The service has failed.
    #[error("the rows could not be written")]
    Fault(#[source] Fault),
    /// An account was made meanwhile for a number of the file, or another process imports the same file.
    #[error("something else has changed the same accounts meanwhile; run the command again")]
    Overtaken,
}

impl From<StoreError> for ImportFailed {
    fn from(error: StoreError) -> Self {
        if error.is_unique_violation() { Self::Overtaken } else { Self::Fault(error.into()) }
    }
}

impl From<IdentityError> for ImportFailed {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Fault(fault) => Self::Fault(fault),
            // The only refusal of a batch.
            IdentityError::Refused(_) => Self::Overtaken,
        }
    }
}

/// Imports the rows of a file. Where a rejected row keeps the others out, all of them are one transaction. Otherwise
/// each batch is, and is noted with it; a second call with the same file goes on behind the last one.
pub async fn import_file<Rows, W>(
    app: &App,
    context: &RequestContext,
    source: FileSource<Rows>,
    options: ImportOptions,
    watcher: W,
) -> Result<ImportReport, ImportFailed>
where
    Rows: Iterator<Item = Result<ReadRow, SourceFailed>> + Send + 'static,
    W: Watcher + 'static,
{
    let FileSource { rows, identity } = source;
    let importer = Importer::new(app, options, rows, watcher);
    if options.dry_run {
        return look(app, importer).await;
    }
    match options.on_rejection {
        OnRejection::KeepOut => import_all(app, context, importer).await,
        OnRejection::GoOn => import_in_batches(app, context, importer, identity).await,
    }
}

/// Says what would be.
async fn look<R, W>(app: &App, mut importer: Importer<R, W>) -> Result<ImportReport, ImportFailed>
where
    R: Iterator<Item = Result<ReadRow, SourceFailed>> + Send + 'static,
    W: Watcher + 'static,
{
    while let Some(batch) = importer.next_batch()? {
        importer = app.database.query(move |tx| importer.look(tx, batch).map(|()| importer)).await?;
        importer.tell();
    }
    Ok(importer.report)
}

/// How a transaction of all rows ends.
enum Ended {
    /// Rows are rejected, so nothing is committed.
    KeptOut(ImportReport),
    Failed(ImportFailed),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<SourceFailed> for Ended {
    fn from(failed: SourceFailed) -> Self {
        Self::Failed(failed.into())
    }
}

async fn import_all<R, W>(
    app: &App,
    context: &RequestContext,
    mut importer: Importer<R, W>,
) -> Result<ImportReport, ImportFailed>
where
    R: Iterator<Item = Result<ReadRow, SourceFailed>> + Send + 'static,
    W: Watcher + 'static,
{
    let ended = app
        .transact_long(context, move |tx| -> Result<ImportReport, Ended> {
            while let Some(batch) = importer.next_batch()? {
                // Once a row is rejected, the others are only read, for the report.
                if importer.report.rejected == 0 {
                    importer.write(tx, batch)?;
                } else {
                    importer.look(tx, batch)?;
                }
                importer.tell();
            }
            let report = importer.report;
            if report.rejected > 0 {
                return Err(Ended::KeptOut(ImportReport { created: 0, changed: 0, kept_out: true, ..report }));
            }
            let mut import = begin(tx, None);
            note(&mut import, &report, tx);
            import.finished_at = Some(tx.now);
            imports::insert(tx, &import)?;
            append_to_trail(tx, &import)?;
            Ok(report)
        })
        .await;
    match ended {
        Ok(report) | Err(Ended::KeptOut(report)) => Ok(report),
        Err(Ended::Failed(failed)) => Err(failed),
    }
}

async fn import_in_batches<R, W>(
    app: &App,
    context: &RequestContext,
    mut importer: Importer<R, W>,
    identity: Option<String>,
) -> Result<ImportReport, ImportFailed>
where
    R: Iterator<Item = Result<ReadRow, SourceFailed>> + Send + 'static,
    W: Watcher + 'static,
{
    let mut import = app.transact(context, move |tx| Ok(go_on_or_begin(tx, identity.as_deref())?)).await?;
    importer.skip(&import)?;
    loop {
        let batch = importer.next_batch()?;
        let is_last = batch.is_none();
        let mut next = import.clone();
        let committed = app
            .transact(context, move |tx| {
                importer.write(tx, batch.unwrap_or_default())?;
                note(&mut next, &importer.report, tx);
                if is_last {
                    next.finished_at = Some(tx.now);
                    append_to_trail(tx, &next)?;
                }
                if !imports::set_progress(tx, &next, import.rows_done)? {
                    return Err(Refusal::CustomerNumberTaken.into());
                }
                Ok((importer, next))
            })
            .await;
        (importer, import) = committed?;
        importer.tell();
        if is_last {
            return Ok(importer.report);
        }
    }
}

/// Finds the import of the same file that has rows left, or begins one.
fn go_on_or_begin(tx: &mut Tx<'_>, identity: Option<&str>) -> Result<Import, StoreError> {
    let import = begin(tx, identity);
    if let Some(unfinished) = imports::find_unfinished(tx, &import.source_hash)? {
        return Ok(unfinished);
    }
    imports::insert(tx, &import)?;
    Ok(import)
}

fn begin(tx: &Tx<'_>, identity: Option<&str>) -> Import {
    let id = ImportId::mint();
    let source_hash = match identity {
        Some(identity) => tx.app.keyring.fingerprint("import", identity.as_bytes()),
        None => format!("once {id}"),
    };
    Import {
        id,
        source_hash,
        actor: tx.context.actor.name(),
        started_at: tx.now,
        updated_at: tx.now,
        finished_at: None,
        rows_done: 0,
        created: 0,
        changed: 0,
        rejected: 0,
    }
}

fn note(import: &mut Import, report: &ImportReport, tx: &Tx<'_>) {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    import.updated_at = tx.now;
    import.rows_done = count(report.rows);
    import.created = count(report.created);
    import.changed = count(report.changed);
    import.rejected = count(report.rejected);
}

fn append_to_trail(tx: &mut Tx<'_>, import: &Import) -> Result<(), StoreError> {
    let Import { created, changed, rejected, .. } = import;
    let detail = format!("{created} created, {changed} changed, {rejected} rejected");
    tx.entry(Event::AccountsImported).detail(&detail).append(tx)
}
