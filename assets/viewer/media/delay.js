// How far behind the streamer's camera the picture is, as well as a page can know.

/** Two clocks that are set by the network agree better than this. A delay by clocks that is longer than what the page
 * knows for sure by more than this comes from a clock that is wrong. */
const PLAUSIBLE_S = 5

/** @typedef {import('../wasm/swarm_web.js').MediaSegment} MediaSegment */

/**
 * @typedef {object} DelayNow
 * @property {number} seconds
 * @property {boolean} byClocks whether it is the difference of two clocks that seem to agree; otherwise the true delay is
 *   somewhat longer
 */

export class Delay {
  /** Unix seconds, by the streamer's clock, of the broadcast's media time 0. @type {number | undefined} */
  #zero

  /** @param {MediaSegment} segment the newest */
  add (segment) {
    // Its last frame was captured then.
    this.#zero = segment.capturedAt / 1000 - segment.presentationTime - segment.duration
  }

  /**
   * @param {number} unixNow seconds, by this machine's clock
   * @param {number} playhead media seconds
   * @param {number} edge media seconds of what could be played at the earliest
   * @returns {DelayNow | undefined}
   */
  at (unixNow, playhead, edge) {
    if (this.#zero === undefined) return undefined
    // So long ago it could have been played; it was captured before that.
    const atLeast = Math.max(0, edge - playhead)
    const byClocks = unixNow - this.#zero - playhead
    const agree = byClocks >= atLeast && byClocks < atLeast + PLAUSIBLE_S
    return { seconds: agree ? byClocks : atLeast, byClocks: agree }
  }
}
