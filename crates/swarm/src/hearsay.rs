//! What an audience knows of itself though nobody sees all of it: a share of the audience, as an average that peers keep of
//! each other's averages. So the streamer, who sees a few of them, can say whether the audience's upload is enough.

/// How much of the level is what is felt here; the rest is hearsay. With a dozen neighbours each, hearsay mixes over
/// the whole audience within seconds.
const OWN_SHARE: f64 = 0.4;
/// What of the level stays from one update to the next, twice a second: a moment's want is none.
const MEMORY: f64 = 0.7;
/// From here on the audience is short of upload: one stripe in twenty is wanting, or one viewer in twenty stands aside.
const FELT: f64 = 0.05;

/// The share, from 0 (nobody) to 1.
#[derive(Debug, Default)]
pub(crate) struct Hearsay(f64);

impl Hearsay {
    /// Takes in what is so here (`None` for one that does not count, as the streamer) and what neighbours say.
    pub(crate) fn update(&mut self, own: Option<f64>, others: impl Iterator<Item = u8>) {
        let (count, sum) = others.fold((0, 0.0), |(count, sum), level| {
            (count + 1, sum + f64::from(level) / f64::from(u8::MAX))
        });
        let hearsay = if count == 0 {
            None
        } else {
            Some(sum / f64::from(count))
        };
        let now = match (own, hearsay) {
            (Some(own), Some(hearsay)) => own * OWN_SHARE + hearsay * (1.0 - OWN_SHARE),
            (Some(level), None) | (None, Some(level)) => level,
            (None, None) => 0.0,
        };
        self.0 = self.0 * MEMORY + now * (1.0 - MEMORY);
    }

    pub(crate) fn is_felt(&self) -> bool {
        self.0 > FELT
    }

    pub(crate) fn share(&self) -> f64 {
        self.0
    }

    /// For others, in 255ths.
    pub(crate) fn level(&self) -> u8 {
        // Between 0 and 1; `as` saturates.
        (self.0 * f64::from(u8::MAX)).round() as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn want_is_felt_far_away_and_passes() {
        // A line of peers, of whom only the first lacks anything.
        let mut line: Vec<Hearsay> = (0..4).map(|_| Hearsay::default()).collect();
        let mut live = |first: f64| {
            for _ in 0..200 {
                let levels: Vec<u8> = line.iter().map(Hearsay::level).collect();
                for (at, one) in line.iter_mut().enumerate() {
                    let own = if at == 0 { first } else { 0.0 };
                    let others = [at.checked_sub(1), Some(at + 1)];
                    let heard = others.into_iter().flatten();
                    one.update(Some(own), heard.filter_map(|at| levels.get(at).copied()));
                }
            }
            line.iter().map(Hearsay::is_felt).collect::<Vec<bool>>()
        };
        assert_eq!(live(1.0)[..3], [true; 3]);
        assert_eq!(live(0.0), [false; 4]);
    }
}
