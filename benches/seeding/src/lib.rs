//! What the seeders and the downloader of the seeding benchmark share (`node benches/seeding.mjs`).

pub mod seeder;
pub mod signalling;
pub mod wire;
