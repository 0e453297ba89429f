// How regularly segments arrive.
//
// A segment's transit is the local time of its arrival less the media time of its end. Only differences of transits mean
// anything, so no two clocks need agree. The shortest transit of late is how fast the swarm can be; what a segment takes
// longer is its lateness.

/** Transits older than this are forgotten, so that a path that has become longer for good is soon taken as it is. */
const WINDOW_S = 8
/** A segment that is later than this does not measure the path: something had stopped. */
const MAX_LATENESS_S = 3

export class Arrivals {
  /** Segments of the last `WINDOW_S`, none of which a newer and faster one has outdone. @type {{ at: number, transit: number }[]} */
  #transits = []

  /**
   * A segment has arrived.
   * @param {number} at local seconds
   * @param {number} end media seconds of its end
   * @returns {number} its lateness in seconds
   */
  add (at, end) {
    const transit = at - end
    const lateness = this.#transits.length === 0 ? 0 : Math.max(0, transit - this.#fastest)
    if (lateness > MAX_LATENESS_S) this.#transits = []
    this.#transits = this.#transits.filter(each => each.at > at - WINDOW_S && each.transit < transit)
    this.#transits.push({ at, transit })
    return lateness > MAX_LATENESS_S ? 0 : lateness
  }

  /**
   * What could be played at the earliest.
   * @param {number} now local seconds
   * @returns {number | undefined} media seconds; undefined before anything has arrived
   */
  edge (now) {
    return this.#transits.length === 0 ? undefined : now - this.#fastest
  }

  get #fastest () {
    return this.#transits[0].transit
  }
}
