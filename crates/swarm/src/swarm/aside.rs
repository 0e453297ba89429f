//! What is wanting in the audience, and who goes without where there is not enough upload for everybody.
//!
//! Were it left to chance, nearly all would get most of the stream and hardly anybody all of it. So those who pass little on
//! and have lacked something for long stand aside, one after the other and each by its own decision, until the others lack
//! nothing. Who passes less on goes sooner and comes back later, so that as many as can watch. They stay connected, say so,
//! and come back when there is room around them. Who passes on at least as much as it gets never stands aside: it adds to
//! what others can have.

use std::time::Duration;

use rand::RngExt;

use super::Swarm;
use super::supply::Supply;
use crate::store::Store;
use crate::wire::Stripes;
use crate::{BroadcastState, Role, Time};

/// A stripe that has been wanting for so long is felt: more neighbours are called for.
const WANTING: Duration = Duration::from_millis(700);
/// One that has been for so long will not come by itself; sooner where others stand aside already. An audience that has just
/// come finds out what its uplinks carry within this.
const LACKING: Duration = Duration::from_secs(22);
const LACKING_WITH_OTHERS: Duration = Duration::from_secs(4);
/// Which part of the stream must be wanting around us that we stand aside for others: less than that is a matter of finding
/// the right parent.
const WANT_OF_OTHERS: f64 = 0.05;
/// And how little before we come back; and how little where there is room.
const WANT_BEFORE_RETURN: f64 = 0.03;
const WANT_BESIDE_ROOM: f64 = 0.08;
/// Where so little is wanting there is enough, seen from here or not.
const NO_WANT: f64 = 0.01;
/// For fewer others it is not worth it.
const OTHERS: usize = 3;
/// How likely one that lacks something and passes nothing on stands aside at each look, twice a second: few enough at once
/// that it shows in time that they are enough.
const LEAVING: f64 = 0.15;
/// The same for coming back, where there is room.
const RETURNING: f64 = 0.15;
/// And where none is seen.
const TRYING: f64 = 0.04;
/// What of that is left for one that passes nothing on, while others want a little.
const LEAST_PREFERRED: f64 = 0.1;
/// How long one stands aside at least; for twice as long each time that it had to again.
const SHORTEST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(120);
/// Who has watched for so long after coming back has come back for good.
const FOR_GOOD: Duration = Duration::from_secs(20);

/// Whether we stand aside.
#[derive(Debug, Default)]
pub(super) struct Aside {
    since: Option<Time>,
    /// When we last came back, and how often that was in vain.
    back_at: Option<Time>,
    in_vain: u32,
}

impl Swarm {
    /// Whether this viewer goes without, so that others get everything.
    pub fn stands_aside(&self) -> bool {
        self.aside.since.is_some()
    }

    /// Whether the audience cannot carry the stream to all of it.
    pub(super) fn is_short_of_upload(&self) -> bool {
        self.hunger.is_felt() || self.others_aside.is_felt()
    }

    /// Whether some stripe has been wanting for a while.
    pub(super) fn is_hungry(&self) -> bool {
        self.wanting_for(WANTING) > 0
    }

    fn wanting_for(&self, long: Duration) -> usize {
        let (Some(on_air), false) = (&self.on_air, self.stands_aside()) else {
            return 0;
        };
        let wanting = |supply: &&Supply| {
            let since = supply.wanting_since;
            since.is_some_and(|since| since + long <= self.now)
        };
        on_air.supplies.iter().filter(wanting).count()
    }

    /// Takes in what is wanting here and around, and stands aside or comes back.
    pub(super) fn heed_want(&mut self) {
        self.feel_want();
        let is_live = self
            .on_air
            .as_ref()
            .is_some_and(|on_air| on_air.description.state == BroadcastState::Live);
        if self.role() == Role::Streamer || !is_live {
            self.aside = Aside::default();
        } else if let Some(since) = self.aside.since {
            let rested = SHORTEST * 2_u32.pow(self.aside.in_vain.min(8));
            let rested = since + rested.min(LONGEST) <= self.now;
            let chance = self.chance_to_return();
            if rested && self.rng.random_bool(chance) {
                self.come_back();
            }
        } else if self.lacks_for_good() {
            let chance = self.chance_to_leave();
            if self.rng.random_bool(chance) {
                self.stand_aside();
            }
        }
    }

    fn feel_want(&mut self) {
        let wants = self.on_air.is_some() && self.role() == Role::Viewer;
        let wanting = self.wanting_for(WANTING) as f64 / f64::from(Stripes::COUNT);
        let wanting = (wants && !self.stands_aside()).then_some(wanting);
        let aside = wants.then_some(if self.stands_aside() { 1.0 } else { 0.0 });
        // Those who stand aside would tell each other for ever what was wanting when the last of them still watched.
        let watching = self
            .peers
            .viewers()
            .filter(|peer| !peer.standing.stands_aside);
        let hunger = watching.map(|peer| peer.standing.hunger);
        self.hunger.update(wanting, hunger);
        let others_aside = self.peers.viewers().map(|peer| peer.standing.aside);
        self.others_aside.update(aside, others_aside);
    }

    fn lacks_for_good(&self) -> bool {
        let long = if self.others_aside.is_felt() {
            LACKING_WITH_OTHERS
        } else {
            LACKING
        };
        self.wanting_for(long) > 0
            && self.peers.viewers().count() >= OTHERS
            && self.hunger.share() > WANT_OF_OTHERS
            && !self.standing().is_worthy()
    }

    /// How likely to stand aside now: the sooner, the less we give back.
    fn chance_to_leave(&self) -> f64 {
        LEAVING * (1.0 - self.gives_back()).powi(2)
    }

    /// How likely to come back now: sooner where neighbours have room for a whole stream, and a stripe each on average,
    /// which would have been taken were it not enough for all. Where it is not seen, those sooner who pass on more.
    fn chance_to_return(&self) -> f64 {
        let (neighbours, spare) = self.peers.viewers().fold((0, 0), |(count, spare), peer| {
            (count + 1, spare + usize::from(peer.standing.spare))
        });
        let has_room = spare >= neighbours.max(Stripes::COUNT as usize);
        let preferred = LEAST_PREFERRED + (1.0 - LEAST_PREFERRED) * self.gives_back();
        match self.hunger.share() {
            want if want < NO_WANT || has_room && want < WANT_BESIDE_ROOM => RETURNING,
            want if want < WANT_BEFORE_RETURN => TRYING * preferred,
            _ => 0.0,
        }
    }

    /// Which part of a stream we can pass on, from 0 to 1.
    fn gives_back(&self) -> f64 {
        (self.slots() as f64 / f64::from(Stripes::COUNT)).min(1.0)
    }

    fn stand_aside(&mut self) {
        let back_at = self.aside.back_at;
        let soon_again = back_at.is_some_and(|at| at + FOR_GOOD > self.now);
        self.aside.in_vain = if soon_again {
            self.aside.in_vain + 1
        } else {
            0
        };
        self.aside.since = Some(self.now);
        self.drop_supplies();
        self.comes = Stripes::NONE;
        self.tell_standing();
    }

    fn come_back(&mut self) {
        self.aside.since = None;
        self.aside.back_at = Some(self.now);
        if let Some(on_air) = &mut self.on_air {
            // Of what was played before nothing is left to go on from.
            on_air.store = Store::new(self.config.window);
            on_air.playhead.begin_again();
        }
        self.drop_supplies();
    }

    /// Forgets who pushes what to us: nobody does any more, or does again.
    fn drop_supplies(&mut self) {
        let now = self.now;
        if let Some(on_air) = &mut self.on_air {
            on_air.supplies = std::array::from_fn(|_| Supply::new(now));
            on_air.asked.clear();
        }
        for peer in self.peers.values_mut() {
            peer.asked = 0;
        }
        self.subscribe();
    }
}
