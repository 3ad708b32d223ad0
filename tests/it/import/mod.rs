//! Bringing customers in: files on the command line, and rows in a call.

mod ages;
mod bad_files;
mod call;
mod desk;
mod files;
mod hashes;
mod kept_out;
mod kill;
mod update;
mod wrapped;
