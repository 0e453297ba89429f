//! What each run of the program draws at random: its name among peers, and the seed of its swarm.

use swarm::PeerId;

/// A peer id that nobody else has, and a seed for [`swarm::Swarm`].
///
/// # Errors
///
/// When the operating system gives no random numbers.
pub fn fresh_identity() -> Result<(PeerId, [u8; 32]), getrandom::Error> {
    let (mut name, mut seed) = ([0; 12], [0; 32]);
    getrandom::fill(&mut name)?;
    getrandom::fill(&mut seed)?;
    Ok((PeerId::from_random(name), seed))
}
