//! The limits, the proof of work, and simulated attacks.

mod hash_lanes;
mod limits;
mod mail_budget;
mod proof_of_work;
mod proof_of_work_script;
mod shared_mailbox;
mod simulation;
mod without_proof;
